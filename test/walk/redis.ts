/** What the scripts of core/queue do to claims and stream, each in one step. */
import type { Claim } from '../../core/placements/protocol.js';
import { held, ranOut } from './decisions.js';
import type { Redis, Told } from './state.js';

/** The claim is granted: it raises the fence, and `sending` is written with it. */
export function granted(redis: Redis, token: string, seq: number): Redis {
  const claim: Claim = { ...(redis.claim ?? freeClaim(seq)), fence: seq, token, until: held };
  return { ...redis, claim, events: [...redis.events, { is: 'sending', seq }] };
}

/** The door was opened: from now on something of this order may have left. */
export function opened(redis: Redis, seq: number): Redis {
  const claim = redis.claim ?? freeClaim(0);
  return { ...redis, claim: { ...claim, left: sorted([...claim.left, seq]) } };
}

/** `grows`: only a higher order raises it. */
export function fenced(redis: Redis, seq: number, grows: boolean): Redis {
  const claim = redis.claim ?? freeClaim(seq);
  return { ...redis, claim: { ...claim, fence: grows ? Math.max(claim.fence, seq) : seq } };
}

/** Writes what a publisher saw or did. */
export function said(redis: Redis, events: readonly Told[]): Redis {
  const claim = redis.claim ?? freeClaim(0);
  return {
    ...redis,
    claim: { ...claim, pending: claim.pending + events.length },
    events: [...redis.events, ...events],
  };
}

/** The claim ends, where it is still this one: of these orders nothing left but what is told. */
export function ended(redis: Redis, token: string, closes: readonly number[]): Redis {
  const { claim } = redis;
  if (claim?.token !== token) return redis;
  const left = claim.left.filter((seq) => !closes.includes(seq));
  return { ...redis, claim: { ...claim, token: '', until: ranOut, left } };
}

export function outran({ claim, ...redis }: Redis): Redis {
  return { ...redis, claim: claim && { ...claim, until: ranOut } };
}

/** Record has written the oldest event to the ledger. */
export function confirmed(redis: Redis): Redis {
  const [event, ...events] = redis.events;
  const { claim } = redis;
  if (!claim || event?.is === 'sending') return { ...redis, events };
  return { ...redis, events, claim: { ...claim, pending: Math.max(0, claim.pending - 1) } };
}

function freeClaim(fence: number): Claim {
  return { fence, token: '', until: ranOut, pending: 0, left: [] };
}

export function sorted(seqs: readonly number[]): number[] {
  return [...new Set(seqs)].sort((a, b) => a - b);
}
