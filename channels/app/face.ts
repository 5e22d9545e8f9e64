/**
 * What the public reads from the app's feeds, under `/feeds`:
 *
 *   GET /<feed>/feed.json, /<feed>/feed.atom   the feed documents
 *   GET /<feed>/items/<id>                     the article page; 410 after its withdrawal
 *   GET /<feed>/media/<name>                   pictures and attachments
 *   GET /<feed>/vapid-public-key               what a browser needs to subscribe
 *   POST, DELETE /<feed>/subscriptions         a browser's Web Push subscription, as `PushSubscription.toJSON()` gives it
 */
import { z } from 'zod';
import type { PublicAnswer, PublicFace, PublicRequest, Said } from '../channel.js';
import { drawArticle, drawFeed, etagOf, type Drawn } from './drawing.js';
import { mediumName, mediumShown } from './feed.js';
import { feedLog } from './log.js';
import { absencePage } from './pages.js';
import { feedSlug, vapidKey } from './settings.js';
import { addSubscription, removeSubscription, subscriptionSchema } from './subscriptions.js';

const itemName = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Nothing here is a program: pages may show their own pictures and styles and no more, attachments are downloaded. */
const pagePolicy =
  "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
const types: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  mp4: 'video/mp4',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
};

/** `now` is the clock by which a warning is in force; the machine's unless told. */
type FeedRequest = PublicRequest & { now?(): Date };

export const publicFace = { at: '/feeds', handle } satisfies PublicFace;

async function handle(request: FeedRequest): Promise<PublicAnswer> {
  const [, slug = '', part = '', name, ...more] = request.path.split('/');
  // Only names of these exact shapes are looked for.
  if (!feedSlug.test(slug) || more.length) return missing();
  if (part === 'subscriptions' && name === undefined) return subscribe(request, slug);
  if (request.method === 'OPTIONS') return preflight();
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return { status: 405, headers: { allow: 'GET, HEAD, OPTIONS' }, body: '' };
  const now = request.now?.() ?? new Date();
  if (name === undefined) {
    switch (part) {
      case 'feed.json':
        return show(request, await drawFeed(request.records, request.hubUrl, slug, 'json', now), {
          'content-type': 'application/feed+json; charset=utf-8',
        });
      case 'feed.atom':
        return show(request, await drawFeed(request.records, request.hubUrl, slug, 'atom', now), {
          'content-type': 'application/atom+xml; charset=utf-8',
        });
      case 'vapid-public-key':
        return showKey(request, slug, now);
      default:
        return missing();
    }
  }
  if (part === 'items' && itemName.test(name)) return showPage(request, slug, name, now);
  if (part === 'media' && mediumName.test(name)) return serveMedium(request, slug, name);
  return missing();
}

async function showPage(request: PublicRequest, slug: string, id: string, now: Date): Promise<PublicAnswer> {
  const drawn = await drawArticle(request.records, request.hubUrl, slug, id, now);
  if (drawn === 'withdrawn') return page(410, absencePage('withdrawn'));
  return show(request, drawn, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': pagePolicy,
    'referrer-policy': 'no-referrer',
  });
}

function show(request: PublicRequest, drawn: Drawn | undefined, headers: Record<string, string>): PublicAnswer {
  return drawn ? answer(request, drawn.text, drawn, { ...headers, 'cache-control': 'no-cache' }) : missing();
}

async function showKey(request: PublicRequest, slug: string, now: Date): Promise<PublicAnswer> {
  const key = await request.records.get(vapidKey(slug));
  if (key === undefined) return missing();
  // No date tells when it was changed for another.
  const drawn = { text: key, etag: etagOf(key), changed: now };
  return show(request, drawn, { 'content-type': 'text/plain; charset=utf-8' });
}

/** Nothing but what an item shows now. */
async function serveMedium(request: PublicRequest, slug: string, name: string): Promise<PublicAnswer> {
  const shown = mediumShown(await feedLog(request.records, slug).read(), name);
  if (!shown) return missing();
  const [hash = '', extension = ''] = name.split('.');
  const { bytes } = await request.media.read(hash, shown.variant);
  const mime = types[extension];
  return answer(
    request,
    bytes,
    { etag: etagOf(name), changed: shown.since },
    {
      'content-type': mime ?? 'application/octet-stream',
      'cache-control': 'public, max-age=86400',
      ...(!mime && { 'content-disposition': 'attachment', 'content-security-policy': "default-src 'none'; sandbox" }),
    },
  );
}

/** With the validators that let a phone ask "anything new?" for the price of a header. */
function answer(
  request: PublicRequest,
  body: Buffer | string,
  { etag, changed }: { etag: string; changed: Date },
  headers: Record<string, string>,
): PublicAnswer {
  const all = { ...open, ...headers, etag, 'last-modified': changed.toUTCString() };
  if (isFresh(request, etag, changed)) return { status: 304, headers: all, body: '' };
  return { status: 200, headers: all, body: request.method === 'HEAD' ? '' : body };
}

/** RFC 9110 13.2.2: where If-None-Match is given, the date does not count. */
function isFresh({ headers }: PublicRequest, etag: string, changed: Date): boolean {
  const tags = headers['if-none-match'];
  if (tags !== undefined)
    return tags.trim() === '*' || tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return Math.floor(changed.getTime() / 1000) * 1000 <= since;
}

/** The feeds are for anybody's reader, in an app or on another site. */
const open = { 'access-control-allow-origin': '*', 'x-content-type-options': 'nosniff' };

function preflight(): PublicAnswer {
  return {
    status: 204,
    headers: {
      ...open,
      'access-control-allow-methods': 'GET, HEAD, POST, DELETE, OPTIONS',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '86400',
    },
    body: '',
  };
}

function page(status: number, body: string): PublicAnswer {
  return {
    status,
    headers: {
      ...open,
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy': pagePolicy,
    },
    body,
  };
}

function missing(): PublicAnswer {
  return page(404, absencePage('missing'));
}

async function subscribe(request: PublicRequest, slug: string): Promise<PublicAnswer> {
  if (request.method === 'OPTIONS') return preflight();
  if (request.method !== 'POST' && request.method !== 'DELETE')
    return { status: 405, headers: { ...open, allow: 'POST, DELETE, OPTIONS' }, body: '' };
  const { records } = request;
  if (!(await feedLog(records, slug).read()).head) return missing();
  if (request.body.length > 8_192) return refusal(413, { zh: '订阅信息过大。', en: 'The subscription is too large.' });
  if (request.method === 'DELETE') {
    const parsed = z.object({ endpoint: z.string() }).safeParse(readJson(request.body));
    if (!parsed.success)
      return refusal(400, {
        zh: '请在正文中给出要取消的订阅地址（endpoint）。',
        en: 'Name the endpoint to unsubscribe in the body.',
      });
    await removeSubscription(records, slug, parsed.data.endpoint);
    return { status: 204, headers: open, body: '' };
  }
  const parsed = subscriptionSchema.safeParse(readJson(request.body));
  if (!parsed.success)
    return refusal(400, {
      zh: '订阅信息不完整或不合法，请使用浏览器给出的 PushSubscription。',
      en: 'The subscription is not complete; send the PushSubscription the browser gave.',
    });
  if (!(await addSubscription(records, slug, parsed.data)))
    return refusal(503, {
      zh: '订阅人数已满，请稍后再试。',
      en: 'No more subscriptions are taken now; try again later.',
    });
  return { status: 201, headers: { ...open, 'content-type': 'application/json; charset=utf-8' }, body: '{}' };
}

function refusal(status: number, message: Said): PublicAnswer {
  return {
    status,
    headers: { ...open, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ message }),
  };
}

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
