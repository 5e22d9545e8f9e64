/** What is walked: which texts are wanted in turn, on which kind of platform, with which mishaps. */
import type { Wanted } from '../../core/model/placement.js';

/**
 * `anew`: every publishing makes a post of its own. `in-place`: there is a page, and it is changed. `once`: as anew, but
 * a key that was seen is refused. `blind`: as anew, and nobody can ask what is there.
 */
export type Kind = 'anew' | 'in-place' | 'once' | 'blind';

/** How often each may happen. */
export interface Mishaps {
  /** The clock hands out again what somebody is at. */
  early: number;
  /** A publisher dies; its job is handed out again. */
  crash: number;
  /** A publisher seems dead and is not: its job is handed out beside it. */
  stall: number;
  /** The platform did it, and its answer never arrives. */
  lostAnswer: number;
  /** The platform surely does not do it, this time. */
  refused: number;
  /** The platform surely does it, and refuses what goes with it. */
  owed: number;
  /** What was taken is refused by the review. */
  rejected: number;
  /** A request outlives its time-out. */
  late: number;
  dispatcherDies: number;
  /** Redis comes back empty. */
  redisLost: number;
  /** Redis comes back as it was a moment ago. */
  redisTail: number;
  /** Somebody freezes. It is thawed again in the end. */
  freeze: number;
  /** The same while the ledger cannot be written: it is entered later. */
  freezeUnwritten: number;
  /** The end comes that was signed with an order. */
  end: number;
}

export interface Scenario {
  /**
   * The revision that each order wants; nothing, where it wants nothing to stand. An update lets stay what it goes on from;
   * a cancel is for where something stands; `stops`: it is taken out.
   */
  orders: readonly (string | { update: string } | { cancel: string } | { stops: true } | undefined)[];
  kind: Kind;
  mishaps: Partial<Mishaps>;
  /** The first order was carried out before the walk begins. */
  stands?: true;
  /** What is taken is not public at once. */
  reviews?: true;
  /** The order that was signed with an end, from which on it may not go out. */
  ends?: number;
  /** The order that ends the release everywhere: it is told at the door before it is put on the row. */
  callsOff?: number;
  /** Publishers may stand still between the door and the network. */
  pauses?: true;
}

const correction = ['r1', 'r2'];

export const scenarios = {
  correction: { orders: correction, kind: 'anew', mishaps: { lostAnswer: 1, stall: 1 } },
  crash: { orders: correction, kind: 'anew', mishaps: { crash: 1, lostAnswer: 1 } },
  redisLost: { orders: correction, kind: 'anew', mishaps: { redisLost: 1 } },
  dispatcherDies: { orders: correction, kind: 'anew', mishaps: { dispatcherDies: 1, redisLost: 1 } },
  withdraw: { orders: ['r1', undefined], kind: 'anew', mishaps: { lostAnswer: 1, crash: 1 } },
  calledOff: {
    orders: ['r1', undefined],
    kind: 'anew',
    mishaps: { lostAnswer: 1, crash: 1, dispatcherDies: 1 },
    callsOff: 2,
  },
  inPlace: { orders: correction, kind: 'in-place', mishaps: { lostAnswer: 1, stall: 1 } },
  threeOrders: { orders: ['r1', 'r2', undefined], kind: 'anew', mishaps: { lostAnswer: 1 } },
  pausedPastDoor: { orders: correction, kind: 'anew', mishaps: { stall: 1 }, pauses: true },
  pausedOnce: { orders: correction, kind: 'once', mishaps: { stall: 1 }, pauses: true },
  late: { orders: correction, kind: 'anew', mishaps: { late: 1, crash: 1 } },
  blind: { orders: correction, kind: 'blind', mishaps: { lostAnswer: 1, crash: 1 } },
  blindPaused: { orders: correction, kind: 'blind', mishaps: { stall: 1 }, pauses: true },
  blindRedisLost: { orders: correction, kind: 'blind', mishaps: { redisLost: 1 } },
  redisTail: { orders: correction, kind: 'anew', mishaps: { redisTail: 1 } },
  refused: { orders: correction, kind: 'anew', mishaps: { refused: 1, stall: 1 } },
  owed: { orders: correction, kind: 'in-place', mishaps: { owed: 1, stall: 1 } },
  clockTooEarly: { orders: correction, kind: 'anew', mishaps: { early: 1, lostAnswer: 1 } },
  blindRedisTail: { orders: correction, kind: 'blind', mishaps: { redisTail: 1 } },
  reviewed: { orders: correction, kind: 'anew', mishaps: { rejected: 1, lostAnswer: 1 }, reviews: true },
  wantedAgain: { orders: ['r1', undefined, 'r1'], kind: 'anew', mishaps: {} },
  frozen: { orders: correction, kind: 'anew', mishaps: { freeze: 1 } },
  frozenStall: { orders: ['r1'], kind: 'anew', mishaps: { freeze: 1, stall: 1, crash: 1 } },
  frozenRedisLost: { orders: ['r1'], kind: 'anew', mishaps: { freeze: 1, redisLost: 1 } },
  frozenRedisTail: { orders: ['r1'], kind: 'anew', mishaps: { freeze: 1, redisTail: 1 } },
  frozenUnwritten: { orders: ['r1'], kind: 'anew', mishaps: { freezeUnwritten: 1, stall: 1 } },
  frozenUnwrittenCrash: { orders: ['r1'], kind: 'anew', mishaps: { freezeUnwritten: 1, crash: 1 } },
  frozenUnwrittenCorrection: { orders: correction, kind: 'anew', mishaps: { freezeUnwritten: 1 } },
  frozenInPlace: { orders: correction, kind: 'in-place', mishaps: { freeze: 1, stall: 1 }, stands: true },
  updated: { orders: ['r1', 'r2', { update: 'r3' }], kind: 'anew', mishaps: { lostAnswer: 1 } },
  ends: { orders: ['r1'], kind: 'anew', mishaps: { end: 1, lostAnswer: 1, stall: 1, crash: 1 }, ends: 1 },
  endsCorrected: {
    orders: correction,
    kind: 'anew',
    mishaps: { end: 1, lostAnswer: 1, stall: 1 },
    ends: 2,
    stands: true,
  },
  endsEarlier: { orders: correction, kind: 'anew', mishaps: { end: 1, lostAnswer: 1 }, ends: 1 },
  takenBackAndAgain: { orders: ['r1', undefined, 'r2'], kind: 'in-place', mishaps: { stall: 1 }, stands: true },
  takenOut: { orders: ['r1', { stops: true }], kind: 'anew', mishaps: { lostAnswer: 1, stall: 1 } },
  takenOutStanding: { orders: [...correction, { stops: true }], kind: 'in-place', mishaps: { crash: 1 }, stands: true },
  takenOutCancelled: {
    orders: ['r1', { stops: true }, { cancel: 'r2' }],
    kind: 'anew',
    mishaps: { lostAnswer: 1, refused: 1 },
  },
  takenOutRefused: { orders: ['r1', { stops: true }], kind: 'anew', mishaps: { refused: 1, crash: 1, lostAnswer: 1 } },
  takenOutFrozen: { orders: ['r1', { stops: true }], kind: 'anew', mishaps: { freeze: 1 } },
  cancelled: { orders: ['r1', { cancel: 'r2' }], kind: 'anew', mishaps: { lostAnswer: 1, stall: 1 } },
} satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof scenarios;

export function wantedBy({ orders }: Scenario, seq: number): Wanted {
  const order = orders[seq - 1];
  if (typeof order === 'object' && 'stops' in order) return { seq, stops: true };
  if (typeof order === 'object' && 'cancel' in order) return { seq, revision: order.cancel, over: true };
  if (typeof order === 'object') return { seq, revision: order.update, keeps: true };
  return { seq, ...(order !== undefined && { revision: order }) };
}

/** Texts that may stand beside the one that an order wants: those it goes on from, back to the last that goes on from none. */
export function mayStay(scenario: Scenario, seq: number): string[] {
  const { keeps } = wantedBy(scenario, seq);
  const before = wantedBy(scenario, seq - 1).revision;
  return keeps && before !== undefined ? [...mayStay(scenario, seq - 1), before] : [];
}

/** A pause between the door and the network, and a request that outlives its time-out, can only be found and taken back. */
export function isPreventable({ pauses, mishaps }: Scenario): boolean {
  return !pauses && mishaps.late === undefined;
}
