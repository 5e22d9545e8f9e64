/** Web Push subscriptions of one feed, one file each. The endpoint is a capability: who knows it may take it out again. */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isThere, namesIn, readIfThere, writeWhole } from './files.js';

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

/** Anybody may subscribe, so there is an end to it: 256 folders with at most this many each. */
const perFolder = 1_000;

export function subscriptionId(endpoint: string): string {
  return createHash('sha256').update(endpoint).digest('hex');
}

function fileOf(folder: string, id: string): string {
  return join(folder, 'subscriptions', id.slice(0, 2), `${id}.json`);
}

/** @returns false if no more are taken. The same endpoint again only renews its keys. */
export async function addSubscription(folder: string, subscription: Subscription): Promise<boolean> {
  const id = subscriptionId(subscription.endpoint);
  const file = fileOf(folder, id);
  if (!(await isThere(file)) && (await namesIn(join(folder, 'subscriptions', id.slice(0, 2)))).length >= perFolder)
    return false;
  await writeWhole(file, JSON.stringify(subscription));
  return true;
}

export async function removeSubscription(folder: string, endpoint: string): Promise<void> {
  await rm(fileOf(folder, subscriptionId(endpoint)), { force: true });
}

export async function* subscriptions(folder: string): AsyncGenerator<Subscription> {
  for (const shard of await namesIn(join(folder, 'subscriptions'))) {
    for (const name of await namesIn(join(folder, 'subscriptions', shard))) {
      const text = await readIfThere(join(folder, 'subscriptions', shard, name));
      const parsed = subscriptionSchema.safeParse(text && JSON.parse(text.toString('utf8')));
      if (parsed.success) yield parsed.data;
    }
  }
}
