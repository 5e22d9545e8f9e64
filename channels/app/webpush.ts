/**
 * Web Push (RFC 8030, encrypted by RFC 8291, signed by RFC 8292) to every subscription of a feed.
 *
 * A subscriber is a stranger's browser: whatever its push service answers, the release itself is public and stays so.
 * 404 and 410 drop the subscription, and so does 400 where its service took the same message for others; 429 and 503 wait as told; anything else is counted and left.
 */
import { retryAfter } from '../retry-after.js';
import { createECDH, createHash } from 'node:crypto';
import webPush from 'web-push';
import { z } from 'zod';
import type { StepCall } from '../channel.js';
import { recordPages } from '../record-pages.js';
import { TransportError, type OutboundAnswer } from '../outbound.js';
import { cutToFit } from './budget.js';
import { WaitError } from './errors.js';
import type { Notice } from './payload.js';
import type { PushPlace } from './pushes.js';
import type { VapidKeys } from './settings.js';
import { removeSubscription, subscriptionId, subscriptions, type Subscription } from './subscriptions.js';

/** A push service takes 4096 encrypted bytes; encryption adds about 100, and some services take less. */
const payloadBytes = 3_000;
const inFlight = 16;
const lifetimeSeconds = 86_400;
/** A push service that keeps us waiting longer than this after the first try has had its chance. */
const patienceSeconds = 3_600;

export interface WebNotice extends Notice {
  url: string;
  /** The item's: of one release, a browser keeps the last notification only. */
  id: string;
  language: string;
}

export interface WebPushOutcome {
  sent: number;
  gone: number;
  failed: number;
}

/** Whether the two halves of a VAPID key belong together. */
export function vapidPairFits(keys: VapidKeys): boolean {
  const curve = createECDH('prime256v1');
  try {
    curve.setPrivateKey(Buffer.from(keys.vapidPrivateKey, 'base64url'));
  } catch {
    return false;
  }
  return curve.getPublicKey('base64url') === keys.vapidPublicKey;
}

/** What the app's service worker receives. `tag` makes a browser replace, not repeat, a notification it already shows. */
export function webPayload(notice: WebNotice): string {
  const build = (body: string) => ({
    title: notice.title,
    body,
    url: notice.url,
    tag: notice.id,
    lang: notice.language,
    requireInteraction: notice.urgent,
  });
  return JSON.stringify(build(cutToFit(notice.text, payloadBytes, build)));
}

type TellCall = Pick<StepCall, 'http' | 'signal' | 'now' | 'leave'>;

/**
 * Tells each subscription once for this step. Who has been told is kept, so a second attempt goes on where the first one
 * stopped. @throws WaitError if push services asked us to wait; everybody else has been told by
 * then. DoorClosed once all that had left have their answer.
 */
export async function tellSubscribers(
  place: PushPlace,
  notice: WebNotice,
  keys: VapidKeys,
  call: TellCall,
): Promise<WebPushOutcome> {
  const { records, slug } = place;
  const book = await openBook(place, call.now());
  const payload = webPayload(notice);
  const outcome: WebPushOutcome = { sent: book.told.size, gone: 0, failed: 0 };
  /** Services that took the message, and those subscriptions that were called wrong. */
  const takers = new Set<string>();
  const wrong: string[] = [];
  let waitUntil: Date | undefined;
  let waiting = 0;

  const tell = async (subscription: Subscription): Promise<void> => {
    const result = await tellOne(subscription, payload, notice, keys, call);
    switch (result.kind) {
      case 'sent':
        outcome.sent += 1;
        book.told.add(subscriptionId(subscription.endpoint));
        takers.add(new URL(subscription.endpoint).origin);
        return;
      case 'gone':
        outcome.gone += 1;
        await removeSubscription(records, slug, subscription.endpoint);
        return;
      case 'wrong':
        wrong.push(subscription.endpoint);
        return;
      case 'failed':
        outcome.failed += 1;
        return;
      case 'wait': {
        waiting += 1;
        const until = new Date(call.now().getTime() + result.seconds * 1000);
        if (!waitUntil || until > waitUntil) waitUntil = until;
      }
    }
  };

  let batch: Promise<void>[] = [];
  const end = async (): Promise<void> => {
    await Promise.allSettled(batch);
    // Who has been told is kept before anything else comes of it.
    await book.keep();
    await Promise.all(batch);
    batch = [];
  };
  for await (const subscription of subscriptions(records, slug)) {
    if (book.told.has(subscriptionId(subscription.endpoint))) continue;
    batch.push(tell(subscription));
    if (batch.length === inFlight) await end();
  }
  await end();
  // Where nobody's was taken the fault may be ours, and all the readers would be lost by it.
  for (const endpoint of wrong) {
    const itsOwn = takers.has(new URL(endpoint).origin);
    if (itsOwn) await removeSubscription(records, slug, endpoint);
    outcome[itsOwn ? 'gone' : 'failed'] += 1;
  }
  if (waitUntil && call.now().getTime() - book.began.getTime() < patienceSeconds * 1000) {
    throw new WaitError(waitUntil, {
      zh: `内容已在应用内发布；还有 ${waiting} 个订阅的推送服务要求稍候，到时自动继续。`,
      en: `The content is public in the app; the push services of ${waiting} subscriptions ask us to wait, and it goes on by itself.`,
    });
  }
  return { ...outcome, failed: outcome.failed + waiting };
}

type Told = { kind: 'sent' | 'gone' | 'wrong' | 'failed' } | { kind: 'wait'; seconds: number };

async function tellOne(
  subscription: Subscription,
  payload: string,
  notice: WebNotice,
  keys: VapidKeys,
  call: TellCall,
): Promise<Told> {
  let request: webPush.RequestDetails;
  try {
    request = webPush.generateRequestDetails(subscription, payload, {
      vapidDetails: { subject: keys.vapidSubject, publicKey: keys.vapidPublicKey, privateKey: keys.vapidPrivateKey },
      TTL: lifetimeSeconds,
      urgency: notice.urgent ? 'high' : 'normal',
      topic: topicOf(notice.id),
    });
  } catch (error) {
    // The key is no point on the curve: no browser made it, and nothing can ever be sent to it.
    if (isNoPoint(error)) return { kind: 'gone' };
    throw error;
  }
  const headers = Object.fromEntries(
    Object.entries(request.headers)
      .filter(([name]) => name !== 'Content-Length')
      .map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  await call.leave();
  try {
    return meaning(
      await call.http.request(subscription.endpoint, {
        method: 'POST',
        headers,
        body: request.body,
        signal: call.signal,
        maxBytes: 64 * 1024,
      }),
      call.now(),
    );
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    if (call.signal.aborted) throw error;
    return { kind: 'failed' };
  }
}

function meaning(answer: OutboundAnswer, now: Date): Told {
  if (answer.status >= 200 && answer.status < 300) return { kind: 'sent' };
  if (answer.status === 404 || answer.status === 410) return { kind: 'gone' };
  if (answer.status === 400) return { kind: 'wrong' };
  if (answer.status === 429 || (answer.status === 503 && answer.headers['retry-after'] !== undefined))
    return { kind: 'wait', seconds: retryAfter(answer.headers['retry-after'], now, patienceSeconds) ?? 60 };
  return { kind: 'failed' };
}

/** At most 32 base64url characters. */
function topicOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url').slice(0, 32);
}

/** By its code alone: the class of a system error differs between realms. */
function isNoPoint(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY'
  );
}

/** When the step began, and which subscriptions it has told: `told:<feed>:<step>:`, a record for each that were told together. */
async function openBook(
  { records, slug, step }: PushPlace,
  now: Date,
): Promise<{ began: Date; told: Set<string>; keep(): Promise<void> }> {
  const prefix = `told:${slug}:${step}:`;
  const began = await records.first(`${prefix}began`, now.toISOString());
  const told = new Set<string>();
  let pages = 0;
  for await (const kept of recordPages(records, `${prefix}n`)) {
    for (const { value } of kept) for (const id of z.array(z.string()).parse(JSON.parse(value))) told.add(id);
    pages += kept.length;
  }
  const kept = new Set(told);
  return {
    began: new Date(began),
    told,
    async keep() {
      const fresh = JSON.stringify([...told].filter((id) => !kept.has(id)));
      for (const id of told) kept.add(id);
      if (fresh === '[]') return;
      while ((await records.first(`${prefix}n${String(pages).padStart(6, '0')}`, fresh)) !== fresh) pages += 1;
      pages += 1;
    },
  };
}
