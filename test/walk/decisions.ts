/**
 * The product's decisions, each a call of core/placements/protocol.ts. Where a rule is taken away, what goes into that
 * call or comes out of it is as if the product did not know the rule.
 */
import type { Stands, Wanted } from '../../core/model/placement.js';
import {
  actsAtOnce,
  blindly,
  claimVerdict,
  concluded,
  doorVerdict,
  goesTo,
  happen,
  leavesUntil,
  mayBegin,
  nextStep,
  raisedMark,
  sightOf,
  suspectsOf,
  want,
  type Claim,
  type ClaimVerdict,
  type Conclusion,
  type DoorVerdict,
  type FreezeMark,
  type HandOut,
  type Known,
  type Sight,
  type Step,
} from '../../core/placements/protocol.js';
import type { Rule } from './rules.js';
import type { Kind } from './scenarios.js';
import type { Happened, Job, Row } from './state.js';

/** The one moment of a walk: a claim that is held runs until after it, one that ran out ended before it. */
export const now = 1;
export const held = 2;
export const ranOut = 0;

type Asked = Parameters<typeof doorVerdict>[1];

export class Decisions {
  private readonly without: Rule | undefined;

  constructor(without: Rule | undefined) {
    this.without = without;
  }

  has(rule: Rule): boolean {
    return rule !== this.without;
  }

  claim(claim: Claim | undefined, seq: number): ClaimVerdict {
    const seen = claim && !this.has('claimByPlacement') ? { ...claim, token: '' } : claim;
    return claimVerdict(seen, { seq, now });
  }

  until(step: Step, expires: number | undefined): number | undefined {
    return this.has('takingBackPasses') ? leavesUntil(step, { expires, lifts: false }) : expires;
  }

  door(claim: Claim | undefined, asked: Omit<Asked, 'now'>): DoorVerdict {
    const seen = claim && {
      ...claim,
      ...(!this.has('doorToken') && { token: asked.token, until: held }),
      ...(!this.has('doorFence') && { fence: asked.seq }),
    };
    const run = this.has('doorRun') ? asked.run : asked.claimedRun;
    const calledOff = this.has('doorCalledOff') ? asked.calledOff : 0;
    const until = this.has('doorExpires') ? asked.until : undefined;
    return doorVerdict(seen, { ...asked, run, calledOff, until, mark: this.markSeen(asked, run), now });
  }

  /** `run`: the Redis that the door is told of. */
  private markSeen({ mark, freezes, edition, run: now }: Omit<Asked, 'now'>, run: string): FreezeMark | undefined {
    if (!this.has('doorFreezes')) return { version: freezes, edition, run };
    const seen = mark && { ...mark, ...(!this.has('doorBeside') && { edition }) };
    return seen && (seen.run === now || !this.has('markOfRun')) ? { ...seen, run } : seen;
  }

  raised(mark: FreezeMark | undefined, read: Parameters<typeof raisedMark>[1]): FreezeMark | undefined {
    return raisedMark(this.has('markGrows') ? mark : undefined, read);
  }

  /** The Redis run that a job names: `began` as dispatch did, `queued` as it was queued. */
  jobRun(began: string, queued: string): string {
    return this.has('firstSameRun') ? began : queued;
  }

  actsAtOnce(handOut: HandOut): boolean {
    return actsAtOnce(handOut);
  }

  sight(row: Known, handOut: HandOut): Sight {
    const sight = sightOf(this.rowSeen(row, handOut), this.handOutSeen(handOut));
    return sight === 'ask' && !this.has('findFirst') ? 'sure' : sight;
  }

  suspects(row: Known, seq: number): Wanted[] {
    const suspects = suspectsOf(row, seq);
    return suspects
      .filter((order) => this.has('findEarlier') || order.seq === seq)
      .filter((order) => this.has('takingBackAsked') || order.revision !== undefined);
  }

  blindly(row: Known, handOut: HandOut): 'person' | { doubt: number[] } {
    const verdict = blindly(this.rowSeen(row, handOut), handOut);
    return verdict === 'person' || this.has('doubtTold') ? verdict : { doubt: [] };
  }

  nextStep(standing: readonly Stands[], wanted: Wanted, kind: Kind): Step {
    return nextStep(this.standingSeen(standing), this.wantedSeen(wanted), kind === 'in-place' ? 'in-place' : 'anew');
  }

  concluded(row: Known): Conclusion {
    const known = { ...row, standing: this.standingSeen(row.standing) };
    return concluded(this.has('ownOutcome') ? known : { ...known, settled: Infinity });
  }

  happen(row: Known, event: Happened): void {
    // Its answer ends the order, and where the text is nobody keeps.
    const forgets = event.is === 'accepted' && event.late && !this.has('lateKept');
    if (!this.has('newerKept')) row.standing = row.standing.filter(({ remote }) => remote.id !== placeIn(event));
    happen(row, forgets ? { is: 'withdrawn', seq: event.seq, remote: '' } : event);
    if (event.is === 'looked' && !this.has('ownStaysOpen')) row.open = row.open.filter((seq) => seq !== event.seq);
  }

  mayBegin(wanted: Wanted, walking: readonly number[]): boolean {
    return !this.has('updateWaits') || mayBegin(wanted, walking);
  }

  want(row: Row, wanted: Wanted, run: string): Row | undefined {
    const rests = row.state !== 'todo' && (row.state !== 'person' || row.standing.length === 0);
    const seen = this.has('firstSettled') ? row : { ...row, settled: Infinity };
    const next = want(seen, wanted, run, rests || !this.has('doneWhereNobodyIs'));
    return next && { ...next, settled: next.settled === wanted.seq ? wanted.seq : row.settled };
  }

  goesTo(row: Row, wanted: Wanted): boolean {
    const orders = this.has('takenOutMayStand') ? row.orders : row.orders.map(({ stops: _stops, ...order }) => order);
    return goesTo({ ...row, orders }, row.state === 'todo', wanted);
  }

  private wantedSeen({ stops, ...wanted }: Wanted): Wanted {
    return { ...wanted, ...(stops && this.has('takenOutStays') && { stops }) };
  }

  private standingSeen(standing: readonly Stands[]): Stands[] {
    return standing.map(({ late, ...entry }) => ({
      ...entry,
      ...(late && this.has('lateIsWrong') && { late }),
      ...(!this.has('seenBeforeAway') && { seen: 'published' as const }),
    }));
  }

  private rowSeen(row: Known, { seq, run }: HandOut): Known {
    return {
      ...row,
      ...(!this.has('rowAfterClaim') && { orders: row.orders.filter((order) => order.seq <= seq) }),
      ...(!this.has('firstSettled') && { settled: Infinity }),
      ...(!this.has('rowKnowsRun') && { run, oldestRun: run }),
    };
  }

  private handOutSeen(handOut: HandOut): HandOut {
    const { before } = handOut;
    return before && !this.has('rowFresh') ? { ...handOut, before: { ...before, pending: 0 } } : handOut;
  }
}

/** Where something stands no more by this event. */
function placeIn(event: Happened): string | undefined {
  if (event.is === 'withdrawn') return event.remote;
  return event.is === 'accepted' ? event.replaces : undefined;
}

export function handOutOf({ seq, fresh, again, run: jobRun }: Job, run: string, before: HandOut['before']): HandOut {
  return { seq, fresh, again, jobRun, run, before };
}
