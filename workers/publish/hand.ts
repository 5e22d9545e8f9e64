/** A placement in a publisher's hand, and how a hand-out of it ends: with an outcome, in doubt, or as it was found. */
import { newId } from '../../core/ids.js';
import type { FreezeTarget } from '../../core/freezes/frozen.js';
import type { Lane, Placement, PlacementEvent } from '../../core/model/placement.js';
import { newestWords } from '../../core/placements/history.js';
import { seconds, type EventFrame } from '../../core/placements/outcomes.js';
import type { HandOut, Known } from '../../core/placements/protocol.js';
import type { Outcome } from '../../core/queue/claims.js';
import type { Sealed } from '../../core/signatures/seals.js';
import type { Owner } from './errand.js';
import type { Judgement } from './judge.js';
import type { PublishMeans } from './means.js';

/** A placement in hand: claimed. */
export interface Hand {
  placement: string;
  lane: Lane;
  token: string;
  handOut: HandOut;
  /** The row as it was read under the claim, or as dispatch made it. */
  row: Known & { attempts: number; frozen?: string };
  /** It needs no look: surely the first of a new placement. */
  first: boolean;
  /** Nothing that left before is under way after this: what a claim is given back with. */
  underWayUntil: Date;
  /** The earliest moment at which "absent" can be believed: by then the platform shows what landed at the very last. */
  settledAt: Date;
  /** What the platform was asked and answered: told together with a sure outcome, or not at all. */
  saw: PlacementEvent[];
}

/** The same, its account opened, and what was signed. */
export interface InHand extends Hand {
  owner: Owner;
  sealed: Sealed;
  /** Where it is in the tree, by which a freeze may hold it. */
  at: FreezeTarget;
}

/** What becomes of a hand-out, to be told in one step; nothing where it is somebody else's. */
export type Told = Outcome[];

const mostAttempts = 12;
/** Our own bug is no better the fourth time. */
const mostOfOurs = 3;
/** Quotas may take days, but not for ever. */
const mostWaits = 60;

export function frameOf({ handOut, token }: Hand): EventFrame {
  return { id: newId('e'), at: new Date(), by: 'publish', seq: handOut.seq, try: token };
}

/** The claim ends, and this order has left nothing but what is told; of what was asked nothing is under way either. */
export function ended(hand: Hand, event: PlacementEvent): Told {
  const { placement, token, saw, handOut } = hand;
  const asked = saw.flatMap((one) => (one.is === 'looked' ? one.asked : []));
  const last: Outcome = { placement, token, event, ends: { closes: [handOut.seq, ...asked], settle: 0 } };
  return [...saw.map((one) => ({ placement, token, event: one })), last];
}

/** The claim ends, and something of it may be under way for a while yet. */
export function endedInDoubt(hand: Hand, event: PlacementEvent, { settle }: PublishMeans): Told {
  return [{ placement: hand.placement, token: hand.token, event, ends: { closes: [], settle } }];
}

/** The claim ends as it was found: nothing left under it, and what may have left before is no clearer. */
export function endedUnseen(hand: Hand, event: PlacementEvent): Told {
  // Neither later nor from now on: each look would put off again what it waits for.
  const settle = (hand.underWayUntil.getTime() - Date.now()) / 1_000;
  return [{ placement: hand.placement, token: hand.token, event, ends: { closes: [], settle } }];
}

/** A job came twice, and the machine is done with the placement: the try ends, and the row stays as it is, in its own words. */
export function endedAtRest(hand: Hand, row: Placement, halt: NonNullable<Placement['halt']>): Told {
  const { recent, past, parked, dueAt } = row;
  // Not what its own claim says, which is nothing.
  const words = newestWords({ recent: recent.filter((event) => event.try !== hand.token), ...(past && { past }) });
  const as = { ...words, ...(parked && { parked }), ...(dueAt && { dueAt }) };
  return ended(hand, { is: 'nothing', then: halt, ...as, ...frameOf(hand) });
}

/** No class of trouble repeats for ever, but for the silence of our own storage. */
export function isWornOut({ row }: Hand, judgement: Judgement): boolean {
  if (judgement.pause) return false;
  const tries = row.attempts + 1;
  if (judgement.class === 'wait') return tries >= mostWaits;
  return tries >= (judgement.ours ? mostOfOurs : mostAttempts);
}

export function tooOften({ row }: Hand): NonNullable<PlacementEvent['todo']> {
  const tries = row.attempts + 1;
  return {
    zh: `已自动尝试 ${tries} 次，请检查平台、网络或联系运维，然后手动重试。`,
    en: `Tried ${tries} times; check the platform or network, or call operations, then retry.`,
  };
}

export function said({ cause, platform }: { cause?: PlacementEvent['cause']; platform?: PlacementEvent['platform'] }): {
  cause?: NonNullable<PlacementEvent['cause']>;
  platform?: NonNullable<PlacementEvent['platform']>;
} {
  return { ...(cause && { cause }), ...(platform && { platform }) };
}

/** Doubling from `base` seconds, at most ten minutes, spread so that a thousand accounts do not come back together. */
export function later({ row }: Hand, atLeast: number, base: number): Date {
  const wait = Math.min(600, base * 2 ** row.attempts) * (0.75 + Math.random() * 0.5);
  return seconds(new Date(), Math.max(atLeast, wait));
}

export const lookYourself = {
  zh: '请到平台上查看是否已发出：已发出选“已发布”，确认没有发出选“未发布，重新发送”。',
  en: 'Look on the platform: choose "published" if it is there, "not published" to send it again.',
};
