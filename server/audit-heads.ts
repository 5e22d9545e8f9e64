/** The heads of days as an Atom feed (RFC 4287) for anybody, so that readers and archives of others hold them. */
import { Router } from 'express';
import { publishedDays, type Day } from '../core/audit/days.js';
import type { Services } from './services.js';

const feed = '/audit/heads.atom';
/** Open to programs. */
export const headsAddresses = [feed, '/api/v1/audit/heads'];
/** Days in the feed; all of them are in the JSON. */
const recent = 60;

export function headsFeed({ store, config }: Pick<Services, 'store' | 'config'>): Router {
  const router = Router();
  router.get(feed, async (_, response) => {
    const days = (await publishedDays(store)).slice(0, recent);
    response.type('application/atom+xml').set('Cache-Control', 'public, max-age=300').send(atomOf(days, config.url));
  });
  return router;
}

/** Ids, numbers and hashes are the hub's own; nothing here needs escaping but the address. */
function atomOf(days: readonly Day[], url: string): string {
  const address = url.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  const hub = days[0]?.hub ?? 'none';
  const entries = days.map(
    ({ day, hub: of, n, hash, root, at }) => `  <entry>
    <id>urn:lianfa:audit:${of}:${day}</id>
    <title>${day} 审计链头 第 ${String(n)} 条</title>
    <updated>${at}</updated>
    <link rel="alternate" href="${address}/api/v1/audit/heads"/>
    <content type="text">${of} ${String(n)} ${hash} ${root}</content>
  </entry>\n`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN">
  <id>urn:lianfa:audit:${hub}</id>
  <title>联发 每日审计链头</title>
  <updated>${days[0]?.at ?? '1970-01-01T00:00:00.000Z'}</updated>
  <author><name>联发 Lianfa</name></author>
  <link rel="self" href="${address}${feed}"/>
${entries.join('')}</feed>
`;
}
