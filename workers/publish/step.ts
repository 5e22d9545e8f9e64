/**
 * One hand-out of one placement, under its claim: see what may stand, ask where that is not sure, do the one next step
 * through the door. What to do is decided in core/placements/protocol.ts; here it is done, and told as events.
 */
import { beijingMinute } from '../../channels/beijing-calendar.js';
import {
  DoorClosed,
  PartlyPublic,
  type Acceptance,
  type Finding,
  type Remote,
  type StepCall,
} from '../../channels/channel.js';
import { frozenSaid } from '../../core/freezes/frozen.js';
import type { Freeze } from '../../core/model/freeze.js';
import type { Stands, Wanted, PlacementEvent } from '../../core/model/placement.js';
import { eventOfAcceptance, seconds } from '../../core/placements/outcomes.js';
import { endedAt, isLifting } from '../../core/releases/emergency.js';
import { loadText } from '../../core/signatures/renditions.js';
import { takenOutSaid } from '../../core/placements/why.js';
import { isSame, leavesUntil, nextStep, sightOf, type Step } from '../../core/placements/protocol.js';
import { ask, look } from './ask.js';
import { doorOf, type Door } from './door.js';
import { errandFor, type Allow, type Errand } from './errand.js';
import {
  ended,
  endedInDoubt,
  frameOf,
  isWornOut,
  later,
  lookYourself,
  said,
  tooOften,
  type Hand,
  type InHand,
  type Told,
} from './hand.js';
import { judge, type Judgement } from './judge.js';
import type { PublishMeans } from './means.js';
import { requireRendition, requireText } from './sealed.js';

/** Never throws for what a channel does: whatever happens becomes events. */
export async function takeStep(hand: InHand, means: PublishMeans): Promise<Told> {
  const sight = hand.first ? 'sure' : sightOf(hand.row, hand.handOut);
  switch (sight) {
    case 'overtaken':
    case 'behind':
      await means.claims.release(hand.token, [hand.placement]);
      return [];
    case 'sure':
      return act(hand, hand.row.standing, means);
    case 'ask': {
      const asked = await ask(hand, means);
      if ('stop' in asked) return asked.stop;
      return act({ ...hand, saw: asked.saw }, asked.standing, means);
    }
  }
}

function wantedIn({ row, handOut }: InHand): Wanted {
  const wanted = row.orders.find(({ seq }) => seq === handOut.seq);
  if (!wanted) throw new Error(`no order ${handOut.seq} on this placement`);
  return wanted;
}

async function act(hand: InHand, standing: readonly Stands[], means: PublishMeans): Promise<Told> {
  const wanted = wantedIn(hand);
  const step = nextStep(standing, wanted, hand.owner.channel.replaces(hand.owner.account));
  if (step.does === 'nothing') return nothingLeft(hand, wanted);
  const door = doorOf(hand, { takesBack: step.does === 'withdraw', until: await endOf(step, hand, means) }, means);
  try {
    return await actThrough(door, step, hand, standing, means);
  } finally {
    door.end();
  }
}

/** It was taken out, nothing of it is under way, and no draft lies there. */
export function isSurelyTakenOut(hand: Hand, { stops }: Wanted): boolean {
  if (!stops || (!hand.first && sightOf(hand.row, hand.handOut) !== 'sure')) return false;
  return hand.row.standing.every(({ seen }) => seen !== 'held');
}

/** Nothing is to be done. What stands is in the row, and what was seen is told with this: the row may know better than it did as it was read. */
export function nothingLeft(hand: Hand, { stops }: Wanted): Told {
  const about = { asked: [hand.handOut.seq], found: [], settles: true as const };
  return ended(hand, { is: 'looked', ...about, ...(stops && { cause: takenOutSaid }), ...frameOf(hand) });
}

async function actThrough(
  door: Door,
  step: Doing,
  hand: InHand,
  standing: readonly Stands[],
  means: PublishMeans,
): Promise<Told> {
  // What is frozen is not even prepared: no picture is uploaded, no draft is made.
  const closed = await door.ahead();
  if (closed) return afterDoor(hand, new DoorClosed(closed), door, means);
  const about = { lane: hand.lane, ...aboutOf(step, wantedIn(hand)) };
  // What is taken back need not be what this order has signed.
  const allow = step.does === 'withdraw' ? undefined : allowedBy(hand);
  const errand = await errandFor(hand.owner, hand.placement, about, standing, means, door.leave, allow);
  const { emergency } = errand.call.release;
  const endedWhile = hand.row.frozen !== undefined && step.does !== 'withdraw' && emergency && endedAt(emergency);
  if (endedWhile) return ended(hand, overWhileFrozen(endedWhile, hand));
  return tryOnce(hand, step, errand, door, means, errand.channel.refresh !== undefined);
}

/** Until when it may leave. Of most orders it is not said, and nothing is read. */
async function endOf(step: Doing, { sealed }: InHand, { store }: PublishMeans): Promise<number | undefined> {
  const { expires, revision } = sealed.statement;
  if (expires === undefined) return undefined;
  const lifts = revision !== undefined && isLifting((await loadText(store, revision.id)).content.emergency);
  return leavesUntil(step, { expires: Date.parse(expires), lifts });
}

function allowedBy({ sealed, owner: { channel } }: InHand): Allow {
  return {
    text: (text) => requireText(sealed, text),
    rendition: (rendition) => requireRendition(sealed, channel.name, rendition),
  };
}

/** What waited for a thaw and is over by now is not sent late: a person says what becomes of it. */
function overWhileFrozen(minute: string, hand: InHand): PlacementEvent {
  const cause = {
    zh: `冻结期间，这条预警已于 ${minute} 失效，没有再发出。`,
    en: `While it was frozen the warning ended, at ${minute}; it was not sent any more.`,
  };
  return { is: 'nothing', then: 'needs_action', cause, todo: sendOrNot, ...frameOf(hand) };
}

/** `mayRenew`: a stale credential is renewed, and it is tried once more. */
async function tryOnce(
  hand: InHand,
  step: Doing,
  errand: Errand,
  door: Door,
  means: PublishMeans,
  mayRenew: boolean,
): Promise<Told> {
  try {
    return await through(hand, step, errand);
  } catch (thrown) {
    const isPartly = thrown instanceof PartlyPublic;
    const error = isPartly ? thrown.cause : thrown;
    if (error instanceof DoorClosed) return afterDoor(hand, error, door, means);
    const judgement = judge(errand.channel, error, door.left());
    const refused = judgement.class === 'refresh' && mayRenew ? await renewalRefused(errand, door) : judgement;
    if (!refused) return tryOnce(hand, step, errand, door, means, false);
    if (refused.class === 'unknown' || refused.class === 'duplicate')
      return afterDoubt(hand, step, errand, refused, means);
    return ended(hand, refusedAs(hand, step, errand, refused, isPartly ? thrown.remote : undefined));
  }
}

/** Renews the credential. Whatever that is refused for, without it nothing can be sent. */
async function renewalRefused({ channel, account, call }: Errand, door: Door): Promise<Judgement | undefined> {
  try {
    await channel.refresh?.(account, call);
    return undefined;
  } catch (error) {
    const judgement = judge(channel, error, door.left());
    return judgement.class === 'action' ? { ...judgement, credential: true } : judgement;
  }
}

type Doing = Exclude<Step, { does: 'nothing' }>;

/** Which revision the channel is told of: what is put out, or what is taken back. */
function aboutOf(step: Doing, wanted: Wanted): { seq: number; revision: string; over?: Stands } {
  if (step.does === 'withdraw') return { seq: step.what.seq, revision: step.what.revision };
  if (wanted.revision === undefined) throw new Error('nothing is wanted, so nothing is put out');
  return { seq: wanted.seq, revision: wanted.revision, ...(step.does === 'update' && { over: step.over }) };
}

async function through(hand: InHand, step: Doing, errand: Errand): Promise<Told> {
  const { channel, account, rendition, call } = errand;
  if (step.does === 'withdraw') {
    const { remote } = step.what;
    const withdrawal = await channel.withdraw(account, remote, call);
    const platform = withdrawal.platform && { platform: withdrawal.platform };
    if (withdrawal.outcome === 'withdrawn')
      return ended(hand, { is: 'withdrawn', remote: remote.id, ...platform, ...frameOf(hand) });
    const { cause, todo } = withdrawal;
    return ended(hand, { is: 'nothing', then: 'needs_action', cause, todo, ...platform, ...frameOf(hand) });
  }
  const acceptance = await channel.publish(account, rendition, call);
  return acceptedAs(hand, step, errand, acceptance);
}

function acceptedAs(
  hand: InHand,
  step: Doing,
  errand: Errand,
  acceptance: Acceptance,
  words?: ReturnType<typeof said>,
): Told {
  const { release, standing } = errand.call;
  const { replaces } = replacedBy(step, acceptance.remote, standing);
  const event = eventOfAcceptance(acceptance, release.revision, replaces, frameOf(hand));
  return ended(hand, words ? { ...event, ...words } : event);
}

/** What was to be replaced stands on where the channel has put the text over something else that was known to stand. */
function replacedBy(step: Step, at: Remote | undefined, standing: StepCall['standing']): { replaces?: string } {
  if (step.does !== 'update') return {};
  const { remote } = step.over;
  const elsewhere = at && !isSame(at, remote) && standing.some((entry) => isSame(entry.remote, at));
  return elsewhere ? {} : { replaces: remote.id };
}

/** The door was closed. Where nothing had left, nothing did; where something had, its outcome is open. */
function afterDoor(hand: InHand, { reason }: DoorClosed, door: Door, means: PublishMeans): Told {
  if (reason === 'lost') return [];
  if (door.left()) return endedInDoubt(hand, { is: 'unanswered', dueAt: later(hand, 1, 2), ...frameOf(hand) }, means);
  // The withdrawal comes to this placement by itself, and has a job of its own.
  if (reason === 'called_off')
    return ended(hand, {
      is: 'nothing',
      then: 'waiting',
      dueAt: later(hand, 2, 1),
      cause: calledOff,
      ...frameOf(hand),
    });
  if (reason === 'run')
    return ended(hand, { is: 'nothing', then: 'waiting', dueAt: seconds(new Date(), 1), ...frameOf(hand) });
  if (reason === 'stale')
    return ended(hand, { is: 'nothing', then: 'waiting', dueAt: later(hand, 2, 5), cause: unread, ...frameOf(hand) });
  if (reason === 'expired') return ended(hand, overItsEnd(hand));
  const freeze = door.heldBy();
  if (reason === 'frozen' && freeze) return ended(hand, heldUntilThawed(freeze, hand));
  if (door.answer() !== 'overtaken')
    return ended(hand, { is: 'nothing', then: 'needs_action', cause: newerThere, todo: lookAtNewer, ...frameOf(hand) });
  const asked = [hand.handOut.seq];
  return ended(hand, { is: 'looked', asked, found: [], settles: true, cause: superseded, ...frameOf(hand) });
}

/** Whoever signed it said until when it may go out. Only a new signature can say otherwise, so no retry is left. */
function overItsEnd(hand: InHand): PlacementEvent {
  const minute = beijingMinute(hand.sealed.statement.expires ?? '');
  const cause = {
    zh: `签发时定的截止时间（${minute}）已过，没有再发出。`,
    en: `The end that was signed with it, ${minute} Beijing time, has passed; it was not sent any more.`,
  };
  return { is: 'nothing', then: 'failed', cause, todo: signAnew, ...frameOf(hand) };
}

/** It is handed out when it is thawed; the time is for where that fails. */
function heldUntilThawed(freeze: Freeze, hand: InHand): PlacementEvent {
  const dueAt = seconds(new Date(), lookAgain * (0.75 + Math.random() * 0.5));
  return { is: 'nothing', then: 'waiting', frozen: freeze._id, cause: frozenSaid(freeze), dueAt, ...frameOf(hand) };
}

type Refusal = Exclude<Judgement, { class: 'unknown' | 'duplicate' }>;

/** Surely refused. `out`: what had become public before; it stands, whatever comes of the rest. */
function refusedAs(
  hand: InHand,
  step: Doing,
  { account, call }: Errand,
  refusal: Refusal,
  out: Remote | undefined,
): PlacementEvent {
  const words = { ...nextAfter(hand, account.name, refusal), ...said(refusal), ...frameOf(hand) };
  if (!out) return { is: 'nothing', ...words };
  const { revision } = call.release;
  const then = words.then === 'waiting' ? 'waiting' : 'needs_action';
  return {
    is: 'owed',
    revision,
    remote: out,
    seen: 'published',
    ...replacedBy(step, out, call.standing),
    ...words,
    then,
  };
}

type Next =
  | { then: 'waiting'; dueAt: Date }
  | { then: 'failed' | 'needs_action'; todo: NonNullable<PlacementEvent['todo']>; parked?: true };

function nextAfter(hand: InHand, account: string, refusal: Refusal): Next {
  if (isWornOut(hand, refusal)) return { then: 'needs_action', todo: tooOften(hand) };
  switch (refusal.class) {
    case 'retry':
      return { then: 'waiting', dueAt: later(hand, refusal.delay, 1) };
    case 'wait':
      return { then: 'waiting', dueAt: refusal.until };
    case 'refresh':
      return { then: 'needs_action', parked: true, todo: stillRefused(account) };
    case 'action':
      return { then: 'needs_action', todo: refusal.todo, ...(refusal.credential && { parked: true as const }) };
    case 'permanent':
      return { then: 'failed', todo: refusal.todo };
  }
}

/** Sent, and no trustworthy answer, or "it is there already": look at once, for some platforms can be asked only now. */
async function afterDoubt(
  hand: InHand,
  step: Doing,
  errand: Errand,
  judgement: Judgement & { class: 'unknown' | 'duplicate' },
  means: PublishMeans,
): Promise<Told> {
  const event = { ...said(judgement), ...frameOf(hand) };
  if (step.does === 'withdraw') {
    if (judgement.class === 'duplicate') return ended(hand, { is: 'withdrawn', remote: step.what.remote.id, ...event });
    return endedInDoubt(hand, { is: 'unanswered', dueAt: later(hand, 0, 5), ...event }, means);
  }
  const remote = 'remote' in judgement ? judgement.remote : undefined;
  const finding: Finding | Judgement = remote
    ? { outcome: 'found', state: remote.url === undefined ? 'accepted' : 'published', remote }
    : await look(errand);
  if ('outcome' in finding && finding.outcome === 'found' && !finding.unfinished) {
    const acceptance: Acceptance = { outcome: finding.state, remote: finding.remote, checkAfter: 1 };
    return acceptedAs(hand, step, errand, acceptance, said(judgement));
  }
  if (judgement.class === 'duplicate' || isWornOut(hand, judgement))
    return endedInDoubt(hand, { is: 'person', todo: lookYourself, ...event }, means);
  return endedInDoubt(hand, { is: 'unanswered', dueAt: later(hand, 0, 5), ...event }, means);
}

function stillRefused(name: string): NonNullable<PlacementEvent['todo']> {
  return {
    zh: `账号“${name}”的授权更新后仍被拒绝，请重新授权后重试。`,
    en: `Account "${name}" is still refused after renewal: authorise it again, then retry.`,
  };
}

/** Seconds. */
const lookAgain = 3_600;

const unread = {
  zh: '暂时读不到账本，无法确认是否已冻结，没有发出；稍后自动再看。',
  en: 'The ledger cannot be read, so nobody can tell whether this is frozen; nothing was sent, and it is looked at again by itself.',
};
const sendOrNot = {
  zh: '仍要发布的，请点“重试”，或改好有效期后重新签发；不再发布的，选“不再发布”。',
  en: 'To send it all the same choose "retry", or set a new end and sign it again; else choose "give up".',
};
const signAnew = {
  zh: '仍要发布的，请重新提交并签发，另定截止时间；不再发布的，不必处理。',
  en: 'To send it all the same submit and sign it again, with another end; else there is nothing to do.',
};
const calledOff = {
  zh: '全文已撤回，没有再发出；等待撤回令办到这里。',
  en: 'The whole release was withdrawn; this was not sent, and waits for the withdrawal to come here.',
};
const superseded = {
  zh: '已有更新的内容要求发布，本次没有发出。',
  en: 'Something newer is wanted; this was not sent.',
};
const newerThere = {
  zh: '该账号上已是更新的内容，没有用较早的一版覆盖。',
  en: 'Something newer stands on this account already; the older text was not put over it.',
};
const lookAtNewer = {
  zh: '请打开该账号核对；若要以本版为准，请保存为新的版本并重新签发。',
  en: 'Look at the account. If this text is to stand, save it as a new revision and sign it.',
};
