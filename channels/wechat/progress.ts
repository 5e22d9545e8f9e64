/**
 * How far a delivery has come on the platform, kept under its key, so that a process that takes over after a crash
 * knows. The intent to submit is written before the request leaves: without it nothing can have been published.
 */
import { z } from 'zod';
import type { Call, StepCall } from '../channel.js';
import { scopeOf, type WeChatAccount } from './account.js';

const progress = z.discriminatedUnion('stage', [
  /** A draft may have been added that we know no id of. */
  z.object({ stage: z.literal('drafting'), at: z.number() }),
  z.object({ stage: z.literal('drafted'), at: z.number(), draft: z.string(), dropped: z.number() }),
  /** The publish request may have reached the platform. */
  z.object({ stage: z.literal('submitting'), at: z.number(), draft: z.string(), dropped: z.number() }),
  z.object({
    stage: z.literal('accepted'),
    at: z.number(),
    remote: z.object({ id: z.string(), url: z.string().optional(), extra: z.record(z.string(), z.string()) }),
  }),
]);
export type Progress = z.infer<typeof progress>;

/** The platform takes a submitted draft out of the box within this time, as far as anybody reports. Milliseconds. */
export const settled = 10 * 60_000;

const month = 30 * 24 * 3600;

const progressKey = (account: WeChatAccount, call: StepCall) => `delivery:${scopeOf(account)}:${call.key}`;

export async function recall(account: WeChatAccount, call: StepCall): Promise<Progress | undefined> {
  const text = await call.memory.get(progressKey(account, call));
  return text === undefined ? undefined : progress.parse(JSON.parse(text));
}

export async function remember(account: WeChatAccount, call: StepCall, step: Progress): Promise<void> {
  await call.memory.set(progressKey(account, call), JSON.stringify(step), month);
}

export async function forget(account: WeChatAccount, call: StepCall): Promise<void> {
  await call.memory.delete(progressKey(account, call));
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
