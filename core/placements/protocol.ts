/**
 * The protocol of a placement: every decision about it, as pure functions without clock, store or Redis. The program
 * calls them, and test/walk walks every interleaving of publishers, dispatchers, record, clock and platform
 * through them, then takes each rule away to see it fail. A change of protocol is made here first.
 */
import type { DoorAnswer } from '../queue/claims.js';
import type { Remote, Replacing } from '../../channels/channel.js';
import type { Placement, Stands, Wanted } from '../model/placement.js';

/** What the protocol looks at of a placement. */
export type Known = Pick<
  Placement,
  'orders' | 'settled' | 'open' | 'doubted' | 'unsure' | 'standing' | 'run' | 'oldestRun'
>;

/** What is known of a placement that its first order makes. */
export function firstKnown(wanted: Wanted, run: string): Known {
  const nothing = { open: [], doubted: [], unsure: [], standing: [] };
  return { orders: [wanted], settled: 0, ...nothing, run, oldestRun: run };
}

/** The claim on a placement as Redis holds it. */
export interface Claim {
  /** Only a higher order raises it. */
  fence: number;
  /** Whose it is; empty where nobody holds it. */
  token: string;
  /** Held: until then. Free: nothing that left under it can be under way after that. Milliseconds, Redis' clock. */
  until: number;
  /** Outcomes written to the stream that record has not confirmed. */
  pending: number;
  /** Orders for which the door was opened under a claim that never said how it ended. */
  left: number[];
}

export type ClaimVerdict = 'granted' | 'busy' | 'overtaken';

/** One claim a placement, whatever the order; the fence only grows, whoever raises it. */
export function claimVerdict(claim: Claim | undefined, asked: { seq: number; now: number }): ClaimVerdict {
  if (!claim) return 'granted';
  if (claim.fence > asked.seq) return 'overtaken';
  return claim.token !== '' && claim.until > asked.now ? 'busy' : 'granted';
}

/** In the words of Redis' own door. */
export type DoorVerdict = DoorAnswer;

/** The version of the freezes as Redis holds it, the edition of those that no ledger holds yet, and the run in which that was written. */
export interface FreezeMark {
  version: number;
  edition: string;
  run: string;
}

/**
 * Right before each request: is the claim still mine, is mine the newest order, was the release not called off since, is
 * this still the same Redis, may it still leave, and is nothing frozen, by freezes of which there are no newer ones? A mark of another run, or none, says
 * nothing.
 */
export function doorVerdict(
  claim: Claim | undefined,
  asked: {
    token: string;
    seq: number;
    now: number;
    run: string;
    claimedRun: string;
    /** The newest order that nothing of the release may stand, as soon as it is given; 0 where there is none. */
    calledOff: number;
    /** From then on nothing leaves, milliseconds as `now`: see `leavesUntil`. */
    until: number | undefined;
    mark: FreezeMark | undefined;
    /** The version and the edition that the asker has loaded, and what follows from them. */
    freezes: number;
    edition: string;
    frozen: boolean;
  },
): DoorVerdict {
  if (!claim || claim.token !== asked.token || claim.until <= asked.now) return 'lost';
  if (claim.fence !== asked.seq) return 'overtaken';
  if (asked.calledOff > asked.seq) return 'called_off';
  if (asked.run !== asked.claimedRun) return 'run';
  if (asked.until !== undefined && asked.until <= asked.now) return 'expired';
  const { mark } = asked;
  if (mark?.run !== asked.run || mark.version !== asked.freezes || mark.edition !== asked.edition) return 'stale';
  return asked.frozen ? 'frozen' : 'open';
}

/**
 * The mark after somebody has read this version in the ledger, having seen the run before. Only upward within a run, and
 * nothing where Redis is another by now: `undefined`, to be read again. `edition`: of what lies in Redis at that moment.
 */
export function raisedMark(
  mark: FreezeMark | undefined,
  read: { version: number; run: string; runNow: string; edition: string },
): FreezeMark | undefined {
  const { version, run, runNow, edition } = read;
  if (run !== runNow) return undefined;
  return { version: mark?.run === run ? Math.max(mark.version, version) : version, edition, run };
}

/** A hand-out: what the job says, and what claiming found. */
export interface HandOut {
  seq: number;
  /** Dispatch made the placement together with this job. */
  fresh: boolean;
  /** The job was handed out before. */
  again: boolean;
  /** Redis run in which dispatch began, before it wrote the row. */
  jobRun: string;
  /** Redis run that granted the claim. */
  run: string;
  /** The claim as it was before; absent where there never was one. */
  before: Pick<Claim, 'pending' | 'left'> | undefined;
}

/** Surely the first of a new placement: it acts without reading the row. */
export function actsAtOnce({ fresh, again, jobRun, run, before }: HandOut): boolean {
  return fresh && !again && jobRun === run && before === undefined;
}

export type Sight =
  /** Newer is wanted: leave it alone. */
  | 'overtaken'
  /** Outcomes of this placement are still on their way into the row. */
  | 'behind'
  /** Nothing can be out or under way but what stands: act. */
  | 'sure'
  /** The platform must be asked, for every order so far. */
  | 'ask';

/** What whoever is not surely first sees in the row, read after claiming. */
export function sightOf(row: Known, handOut: HandOut): Sight {
  const [newest, before] = [row.orders.at(-1), row.orders.at(-2)];
  if (!newest || newest.seq > handOut.seq) return 'overtaken';
  if ((handOut.before?.pending ?? 0) > 0) return 'behind';
  const sameRun = [handOut.jobRun, row.run, row.oldestRun].every((run) => run === handOut.run);
  const nothingOpen = (handOut.before?.left.length ?? 0) === 0 && row.open.every((seq) => seq === handOut.seq);
  const surelyFirst = sameRun && nothingOpen && row.settled >= (before?.seq ?? 0);
  return surelyFirst ? 'sure' : 'ask';
}

/**
 * Whether a hand-out that finds the machine done with the placement may say that nothing of its order is under way: in
 * this Redis from the first on, the claim would know what had left under any earlier one.
 */
export function leftNothing(row: Known, { jobRun, run, before }: HandOut): boolean {
  const sameRun = [jobRun, row.run, row.oldestRun].every((one) => one === run);
  return sameRun && before !== undefined && before.pending === 0 && before.left.length === 0;
}

/**
 * Orders of which something may have left or be under way, up to this one. A text is asked for; of an order that
 * nothing stands there is nothing to find, but it counts as asked only when it, too, can be under way no more: else it
 * stays open for ever, or takes away what a later order has put out.
 */
export function suspectsOf(row: Known, seq: number): Wanted[] {
  return row.orders.filter((order) => order.seq <= seq);
}

/** Where the platform cannot be asked: whether only a person can tell, else the earlier orders left in doubt. */
export function blindly(row: Known, handOut: HandOut): 'person' | { doubt: number[] } {
  const left = new Set([...(handOut.before?.left ?? []), ...row.open.filter((seq) => seq !== handOut.seq)]);
  if (handOut.jobRun !== handOut.run || row.run !== handOut.run || left.has(handOut.seq)) return 'person';
  const earlier = row.orders.filter(({ seq }) => seq < handOut.seq).map(({ seq }) => seq);
  return { doubt: row.oldestRun === handOut.run ? earlier.filter((seq) => left.has(seq)) : earlier };
}

export type Step =
  { does: 'nothing' } | { does: 'create' } | { does: 'update'; over: Stands } | { does: 'withdraw'; what: Stands };

/** Two tidings of one thing. */
export function isSame(one: Remote, other: Remote): boolean {
  if (one.id === other.id || (one.url !== undefined && one.url === other.url)) return true;
  const names = [one.id, one.alias].filter((name) => name !== undefined);
  return names.some((name) => name === other.id || name === other.alias);
}

function isSameText(one: Stands, other: Stands): boolean {
  return one.revision === other.revision && isSame(one.remote, other.remote);
}

export interface Judged {
  right: Stands | undefined;
  /** Stands although it should not. */
  wrong: Stands[];
  /** The right text once more: which of the two to take back is for a person to say. */
  twice: Stands[];
}

export function judged(standing: readonly Stands[], wanted: Wanted): Judged {
  if (wanted.stops) return left(standing);
  const isRight = (entry: Stands): boolean => entry.revision === wanted.revision && !entry.changed && !entry.late;
  const right = standing.find(isRight);
  const mayStay = ({ seq }: Stands): boolean =>
    wanted.keeps === true && seq < wanted.seq && seq >= (wanted.keepsFrom ?? 0);
  const others = standing.filter((entry) => entry !== right && !mayStay(entry));
  const isTwice = (entry: Stands): boolean =>
    right !== undefined && isRight(entry) && !isSame(entry.remote, right.remote);
  return { right, wrong: others.filter((entry) => !isTwice(entry)), twice: others.filter(isTwice) };
}

/** Where a placement is taken out, what is public is right as it is. A draft that waits for a hand is not public, and never is to be. */
function left(standing: readonly Stands[]): Judged {
  const isPublic = ({ seen }: Stands): boolean => seen !== 'held';
  const right = standing.filter(isPublic).sort((one, other) => other.seq - one.seq)[0];
  return { right, wrong: standing.filter((entry) => !isPublic(entry)), twice: [] };
}

/** The one thing to do next so that what stands becomes what is wanted. */
export function nextStep(standing: readonly Stands[], wanted: Wanted, replacing: Replacing): Step {
  if (wanted.stops) {
    const [draft] = judged(standing, wanted).wrong;
    return draft ? { does: 'withdraw', what: draft } : { does: 'nothing' };
  }
  if (replacing === 'in-place') return inPlace(standing, wanted);
  const { right, wrong } = judged(standing, wanted);
  const [first] = wrong;
  if (wanted.revision === undefined || (wanted.over && standing.length === 0))
    return first ? { does: 'withdraw', what: first } : { does: 'nothing' };
  // The new text first, then the old one away, and only when the new one is public: at no time is there nothing.
  if (!right) return { does: 'create' };
  if (first) return right.seen === 'published' ? { does: 'withdraw', what: first } : { does: 'nothing' };
  return right.owed ? { does: 'update', over: right } : { does: 'nothing' };
}

/**
 * The instant from which a step may not leave any more, of its order's `expires`. What takes something back may leave at
 * any time, and so may the word that a warning is over: there a late one is better than none.
 */
export function leavesUntil<T>(
  { does }: Step,
  { expires, lifts }: { expires: T | undefined; lifts: boolean },
): T | undefined {
  return does === 'withdraw' || lifts ? undefined : expires;
}

function inPlace(standing: readonly Stands[], wanted: Wanted): Step {
  const [first] = standing;
  if (!first) return wanted.revision === undefined || wanted.over ? { does: 'nothing' } : { does: 'create' };
  if (wanted.revision === undefined) return { does: 'withdraw', what: first };
  const page = standing.find((entry) => entry.revision === wanted.revision) ?? first;
  const same = standing.filter((entry) => isSame(entry.remote, page.remote));
  const elsewhere = standing.find((entry) => !same.includes(entry) && entry.revision !== wanted.revision);
  if (same.some((entry) => entry.revision !== wanted.revision || entry.changed || entry.late || entry.owed))
    return { does: 'update', over: page };
  return elsewhere ? { does: 'withdraw', what: elsewhere } : { does: 'nothing' };
}

/**
 * `todo`: standing does not follow wanted yet, or not surely. `unseen`: the new text is with the platform but not yet
 * public, so the old one stays until it is. For a person: `doubt`, it does, but an older text may stand beside it; `twice`,
 * it does, two times.
 */
export type Conclusion = 'todo' | 'unseen' | 'doubt' | 'twice' | 'done';

/** What the ledger concludes from what it knows. */
export function concluded(row: Known): Conclusion {
  const wanted = row.orders.at(-1);
  if (!wanted) return 'done';
  const { right, wrong, twice } = judged(row.standing, wanted);
  const mayBeNothing = wanted.revision === undefined || (wanted.over === true && row.standing.length === 0);
  const stays = right !== undefined && !wanted.stops && staysUntilSeen(wrong, right);
  const standsRight = (wrong.length === 0 || stays) && (mayBeNothing || right !== undefined);
  if (!standsRight || (right?.owed && !wanted.stops) || row.settled < wanted.seq) return 'todo';
  if (row.open.length === 0 && stays) return 'unseen';
  if (row.open.length === 0) return wanted.revision !== undefined && twice.length > 0 ? 'twice' : 'done';
  return row.open.every((seq) => row.doubted.includes(seq)) ? 'doubt' : 'todo';
}

/** Old texts elsewhere wait for the new one; what may lie over it at its own place does not. */
function staysUntilSeen(wrong: readonly Stands[], right: Stands): boolean {
  return wrong.length > 0 && right.seen !== 'published' && !wrong.some(({ remote }) => isSame(remote, right.remote));
}

/**
 * Whether dispatch may begin with an order. An update goes on from the order before it: put on a placement ahead of a
 * correction, it would let stay what that was to put right. Every other order leaves nothing of the earlier ones standing,
 * so it overtakes them. `walking`: sequences of the orders of the release that have not been put on all placements yet.
 */
export function mayBegin({ seq, keeps }: Wanted, walking: readonly number[]): boolean {
  return !keeps || walking.every((other) => other >= seq);
}

/**
 * An order put upon a placement: only a newer one is; `undefined` where nothing changes by it. `run`: Redis, as dispatch
 * began. `rests`: the machine is not at the placement. Where nothing is under way there either, an order that asks for
 * nothing is carried out as it is written.
 */
export function want<R extends Known>(row: R, wanted: Wanted, run: string, rests = false): R | undefined {
  const newest = row.orders.at(-1);
  if (newest && newest.seq >= wanted.seq) return undefined;
  const allSettled = !newest || row.settled >= newest.seq;
  const goesOn = wanted.keeps || wanted.stops;
  const next = goesOn && newest ? { ...wanted, keepsFrom: keptFrom(newest) } : wanted;
  const settled = rests && row.open.length === 0 && asksNothing(row.standing, next) ? next.seq : row.settled;
  return { ...row, orders: [...row.orders, next], settled, run, oldestRun: allSettled ? run : row.oldestRun };
}

/** Nothing would be put out there, nor taken away. */
function asksNothing(standing: readonly Stands[], wanted: Wanted): boolean {
  if (wanted.stops) return judged(standing, wanted).wrong.length === 0;
  return (wanted.over === true || wanted.revision === undefined) && standing.length === 0;
}

/**
 * Whether an order that goes where the release stands goes to this placement: where something is out, may be, or is about
 * to be. What was taken back on purpose is not brought back by a correction that did not name it; where it was taken out,
 * what is there all the same is corrected, cancelled and taken back. Whatever ends it (an all-clear, a withdrawal, a
 * taking out) goes to where it lies still, too: nobody may send the old text from there afterwards. `acts`: something is
 * still to be done by the machine.
 */
export function goesTo(row: Known, acts: boolean, order: Pick<Wanted, 'revision' | 'over' | 'stops'>): boolean {
  const wanted = row.orders.at(-1);
  if (!wanted) return false;
  const ends = order.over === true || order.revision === undefined;
  const isText = (seq: number): boolean => row.orders.some((one) => one.seq === seq && one.revision !== undefined);
  const isOut = row.standing.length > 0 || row.open.length > 0 || row.unsure.some(isText) || acts;
  if (wanted.revision !== undefined) return isOut || ends;
  if (wanted.stops) return isOut && !order.stops;
  return isOut && order.revision === undefined && !order.stops && row.standing.length > 0;
}

/** An update goes on from the order before it, not from what that had put right but not yet taken away. */
function keptFrom(newest: Wanted): number {
  return newest.keeps || newest.stops ? (newest.keepsFrom ?? 0) : newest.seq;
}

/** What changes of a row by what happened, as far as the protocol is concerned. */
export type Happening =
  | { is: 'sending'; seq: number }
  | { is: 'accepted'; seq: number; stands: Stands; replaces?: string | undefined }
  | { is: 'withdrawn'; seq: number; remote: string }
  | { is: 'looked'; seq: number; asked: readonly number[]; found: readonly Stands[]; settles: boolean }
  | { is: 'nothing'; seq: number }
  | { is: 'doubt'; about: readonly number[] };

/** Applies one happening in place. */
export function happen(row: Known, event: Happening): void {
  switch (event.is) {
    case 'sending':
      row.open = withAll(row.open, [event.seq]);
      return;
    case 'accepted': {
      close(row, [event.seq], event.seq);
      const { replaces } = event;
      const isLate = event.seq < row.settled;
      // What a look has found there meanwhile is better known.
      if (isLate && row.standing.some((entry) => isSameText(entry, event.stands))) return;
      const stands = isLate ? { ...event.stands, late: true as const } : event.stands;
      // A newer text at the same place stays in the row: which of the two landed last nobody knows, so it is set right.
      const isHere = ({ remote }: Stands): boolean => remote.id === replaces || isSame(remote, stands.remote);
      row.standing = row.standing.filter((entry) => !isHere(entry) || entry.seq > event.seq);
      add(row, stands);
      return;
    }
    case 'withdrawn':
      close(row, [event.seq], event.seq);
      // What a newer order has put there meanwhile is not what was taken back.
      row.standing = row.standing.filter((entry) => entry.remote.id !== event.remote || entry.seq > event.seq);
      return;
    case 'looked':
      row.unsure = withAll(
        row.unsure,
        event.asked.filter((seq) => row.open.includes(seq)),
      );
      // The try that looks stays open until its own outcome.
      close(
        row,
        event.settles ? event.asked : event.asked.filter((seq) => seq !== event.seq),
        event.settles ? event.seq : 0,
      );
      for (const entry of event.found) add(row, entry);
      return;
    case 'nothing':
      close(row, [event.seq], 0);
      return;
    case 'doubt':
      row.open = withAll(row.open, event.about);
      row.doubted = withAll(row.doubted, event.about);
      return;
  }
}

function close(row: Known, seqs: readonly number[], settles: number): void {
  row.open = row.open.filter((seq) => !seqs.includes(seq));
  row.doubted = row.doubted.filter((seq) => !seqs.includes(seq));
  row.settled = Math.max(row.settled, settles);
}

/** The same text at the same place is one thing, under the newer of its orders. */
function add(row: Known, stands: Stands): void {
  const same = row.standing.find((entry) => isSameText(entry, stands));
  if (!same) row.standing = [...row.standing, stands];
  // That it is there says nothing about what a reading found wrong with it.
  else if (stands.seq >= same.seq)
    row.standing = row.standing.map((entry) => (entry === same ? { ...stands, ...changedAs(same) } : entry));
}

function changedAs({ changed }: Stands): { changed?: true } {
  return changed ? { changed } : {};
}

function withAll(list: readonly number[], more: readonly number[]): number[] {
  return [...new Set([...list, ...more])];
}
