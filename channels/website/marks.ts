/** The marks by which the post of a release, and the order whose text it holds, are known on a site that speaks Micropub. */
import { createHash } from 'node:crypto';
import type { StepCall } from '../channel.js';

function hashOf(name: string, length: number): string {
  return createHash('sha256').update(name).digest('hex').slice(0, length);
}

/** Short, and safe in any address; the same for every attempt and every revision of a release. */
export function slugOf(release: string): string {
  return `r-${hashOf(release, 20)}`;
}

/** Which release, which order of it, and which step. */
export function uidOf({ key, seq, release }: Pick<StepCall, 'key' | 'seq' | 'release'>): string {
  return `${slugOf(release.release)}-${seq}-${hashOf(key, 12)}`;
}

/** Whether the mark is that of a step, whatever its order was. */
export function isOfStep(uid: string, key: string): boolean {
  return uid.endsWith(`-${hashOf(key, 12)}`);
}

/** Which order a mark names; undefined for one that no hub has made. */
export function orderOf(uid: string): number | undefined {
  const seq = /^r-[0-9a-f]{20}-(\d{1,15})-[0-9a-f]{12}$/.exec(uid)?.[1];
  return seq === undefined ? undefined : Number(seq);
}
