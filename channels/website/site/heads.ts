/**
 * The heads of days of the hub's book of acts, as a site shows them: at `audit/` for people, `audit/heads.json` for
 * `lianfa audit verify`, `audit/heads.atom` for whoever follows them, and the newest in the site's own feed. They are the
 * same on every site of the hub, so they are kept once, and a site that is new or lost shows all of them at once.
 */
import { z } from 'zod';
import type { DayHead, Records } from '../../channel.js';
import { loadTemplate } from '../../templates.js';
import { drawPage } from './draw.js';
import { rootOf, type Site } from './look.js';
import { element, line } from './xml.js';

const headSchema = z.object({
  hub: z.string(),
  day: z.string(),
  n: z.number(),
  hash: z.string(),
  root: z.string(),
  at: z.string(),
});

/** No site has a name with a colon, so these are none of a site's. `newest` for itself: it is read with each publication. */
const keys = { all: 'heads:all', newest: 'heads:newest' };
/** Days in the JSON, and on the page and in their feed: each head covers all entries before it. */
const most = { json: 400, page: 60 };

const template = loadTemplate<Record<string, unknown>>('website', 'heads');

/** Keeps them, the newest first. */
export async function keepHeads(records: Records, heads: readonly DayHead[]): Promise<void> {
  const text = JSON.stringify(heads.slice(0, most.json).map((head) => headSchema.parse(head)));
  if ((await records.get(keys.all)) === text) return;
  // First, so that what a crash leaves undone is done again.
  if (heads[0]) await records.set(keys.newest, JSON.stringify(headSchema.parse(heads[0])));
  await records.set(keys.all, text);
}

export async function readHeads(records: Records): Promise<DayHead[]> {
  const text = await records.get(keys.all);
  return text === undefined ? [] : z.array(headSchema).parse(JSON.parse(text));
}

export async function newestHead(records: Records): Promise<DayHead | undefined> {
  const text = await records.get(keys.newest);
  return text === undefined ? undefined : headSchema.parse(JSON.parse(text));
}

/** Where they are for ever. */
export function headsAddress({ address }: Site): { page: string; json: string; feed: string } {
  return { page: `${address}/audit/`, json: `${address}/audit/heads.json`, feed: `${address}/audit/heads.atom` };
}

/** The same id wherever the hub publishes the day: a reader of two sites has it once, and no later drawing changes it. */
export function headEntry(site: Site, { hub, day, n, hash, root, at }: DayHead): string {
  return element(
    'entry',
    {},
    [
      line('id', `urn:lianfa:audit:${hub}:${day}`),
      line('title', `${day} 审计链头 第 ${n} 条`),
      line('updated', at),
      element('author', {}, line('name', site.settings.sponsor ?? site.organization)),
      element('link', { rel: 'alternate', type: 'text/html', href: headsAddress(site).page }),
      line('content', `${hub} ${n} ${hash} ${root}`, { type: 'text' }),
    ].join(''),
  );
}

/** As `lianfa audit verify --heads` and the verifier of an evidence pack read it. */
export function headsJson(heads: readonly DayHead[]): string {
  return JSON.stringify({ ...(heads[0] && { hub: heads[0].hub }), heads });
}

export function newestOnPage(heads: readonly DayHead[]): readonly DayHead[] {
  return heads.slice(0, most.page);
}

export function headsPage(site: Site, heads: readonly DayHead[]): string {
  const { json, feed } = headsAddress(site);
  return drawPage(site, {
    title: `审计链头_${site.settings.siteName}`,
    canonical: headsAddress(site).page,
    metas: [{ name: 'description', content: `${site.settings.siteName}：发布系统每日审计链头，供公众留存和比对。` }],
    alternate: { type: 'application/atom+xml', title: '审计链头', href: feed },
    main: template({ root: rootOf(site), json, feed, days: most.json, heads: newestOnPage(heads), hub: heads[0]?.hub }),
  });
}
