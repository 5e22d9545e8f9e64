/**
 * What must be known of a step after any crash, and after the loss of Redis: its draft. The draft is recorded before the
 * request that publishes it, so whoever takes over submits that same one (a published draft leaves the box, and cannot be
 * published again); and where there is no record, nothing can have left. That is one durable write for a step. That it
 * was accepted need not be kept here: the ledger says what stands.
 *
 * Pictures and covers uploaded before are kept in shared memory: lost, they are uploaded again.
 */
import { z } from 'zod';
import type { Call, StepCall } from '../channel.js';
import { scopeOf, type WeChatAccount, type WeChatProfile } from './account.js';

const progress = z.discriminatedUnion('stage', [
  /** A draft may have been added that we know no id of. */
  z.object({ stage: z.literal('drafting') }),
  z.object({
    stage: z.literal('drafted'),
    draft: z.string(),
    /** Pictures left out of it. */
    dropped: z.number(),
    /** Since when the platform does not show what has become of it, milliseconds. */
    doubtSince: z.number().optional(),
  }),
]);
export type Progress = z.infer<typeof progress>;
export type Drafted = Extract<Progress, { stage: 'drafted' }>;

/** What the platform has not shown within this time it will not show any more, as far as anybody reports. Milliseconds. */
const patience = 10 * 60_000;

const month = 30 * 24 * 3600;

const progressKey = (account: WeChatProfile, key: string) => `draft:${scopeOf(account)}:${key}`;

export async function recall(account: WeChatProfile, call: Call, key: string): Promise<Progress | undefined> {
  const text = await call.records.get(progressKey(account, key));
  return text === undefined ? undefined : progress.parse(JSON.parse(text));
}

export async function remember(account: WeChatProfile, call: StepCall, step: Progress): Promise<void> {
  await call.records.set(progressKey(account, call.key), JSON.stringify(step));
}

/** Nothing of the step stands any more. */
export async function forget(account: WeChatProfile, call: Call, key: string): Promise<void> {
  await call.records.delete(progressKey(account, key));
}

/**
 * How long to wait before the platform is asked again what has become of a draft: seconds, first three, then growing.
 * Nothing where it has been waited for long enough. The first doubt is recorded; no certain step writes it.
 */
export async function doubt(account: WeChatProfile, call: StepCall, drafted: Drafted): Promise<number | undefined> {
  const now = call.now().getTime();
  const since = drafted.doubtSince ?? now;
  if (drafted.doubtSince === undefined) await remember(account, call, { ...drafted, doubtSince: since });
  const age = now - since;
  return age < patience ? Math.max(3, Math.round(age / 2_000)) : undefined;
}

/** Runs `upload` once for each name and account; the answer is kept for half a year. */
export async function uploadedOnce(
  account: WeChatAccount,
  call: Call,
  name: string,
  upload: () => Promise<string>,
): Promise<string> {
  const known = await uploaded(account, call, name);
  if (known !== undefined) return known;
  const fresh = await upload();
  await call.memory.set(uploadKey(account, name), fresh, 6 * month);
  return fresh;
}

export function uploaded(account: WeChatAccount, call: Call, name: string): Promise<string | undefined> {
  return call.memory.get(uploadKey(account, name));
}

export function forgetUpload(account: WeChatAccount, call: Call, name: string): Promise<void> {
  return call.memory.delete(uploadKey(account, name));
}

const uploadKey = (account: WeChatAccount, name: string) => `upload:${scopeOf(account)}:${name}`;
