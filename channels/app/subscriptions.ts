/** Web Push subscriptions of one feed, in records `sub:<feed>:<id>`. The endpoint is a capability: who knows it may take it out again. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Records } from '../channel.js';
import { recordPages } from '../record-pages.js';

const base64url = /^[A-Za-z0-9_-]+={0,2}$/;
const decodedBytes = (value: string) => Buffer.from(value, 'base64url').length;

/** As a browser's `PushSubscription.toJSON()` gives it. Keys by RFC 8291: an uncompressed P-256 point and 16 bytes. */
export const subscriptionSchema = z.object({
  endpoint: z.url({ protocol: /^https?$/ }).max(2_048),
  keys: z.object({
    p256dh: z
      .string()
      .max(200)
      .regex(base64url)
      .refine((key) => decodedBytes(key) === 65),
    auth: z
      .string()
      .max(100)
      .regex(base64url)
      .refine((key) => decodedBytes(key) >= 16),
  }),
});
export type Subscription = z.output<typeof subscriptionSchema>;

/** Anybody may subscribe, so there is an end to it: of ids that begin with the same two digits, at most this many. */
const mostAlike = 1_000;

export function subscriptionId(endpoint: string): string {
  return createHash('sha256').update(endpoint).digest('hex');
}

const keyOf = (slug: string, id: string): string => `sub:${slug}:${id}`;

/** @returns false if no more are taken. The same endpoint again only renews its keys. */
export async function addSubscription(records: Records, slug: string, subscription: Subscription): Promise<boolean> {
  const id = subscriptionId(subscription.endpoint);
  const key = keyOf(slug, id);
  const alike = await records.list(keyOf(slug, id.slice(0, 2)), { limit: mostAlike });
  if (alike.length >= mostAlike && (await records.get(key)) === undefined) return false;
  await records.set(key, JSON.stringify(subscription));
  return true;
}

export async function removeSubscription(records: Records, slug: string, endpoint: string): Promise<void> {
  await records.delete(keyOf(slug, subscriptionId(endpoint)));
}

export async function* subscriptions(records: Records, slug: string): AsyncGenerator<Subscription> {
  for await (const page of recordPages(records, keyOf(slug, '')))
    for (const { value } of page) {
      const parsed = subscriptionSchema.safeParse(JSON.parse(value));
      if (parsed.success) yield parsed.data;
    }
}
