/**
 * One hand-out of one placement, under its claim: see what may stand, ask where that is not sure, do the one next step
 * through the door. What to do is decided in core/placements/protocol.ts; here it is done, and told as events.
 */
import { DoorClosed, type Acceptance, type Finding, type StepCall } from '../../channels/channel.js';
import { newId } from '../../core/ids.js';
import type { PlacementEvent, Stands, Wanted } from '../../core/model/placement.js';
import { eventOfAcceptance, seconds, type EventFrame } from '../../core/placements/outcomes.js';
import {
  blindly,
  isSame,
  nextStep,
  sightOf,
  suspectsOf,
  type HandOut,
  type Known,
  type Step,
} from '../../core/placements/protocol.js';
import type { DoorAnswer, Outcome } from '../../core/queue/claims.js';
import { errandFor, lease, type Errand, type Owner } from './errand.js';
import { judge, type Judgement } from './judge.js';
import type { PublishMeans } from './means.js';

/** A placement in hand: claimed, its account opened. */
export interface InHand {
  placement: string;
  owner: Owner;
  token: string;
  handOut: HandOut;
  /** The row as it was read under the claim, or as dispatch made it. */
  row: Known & { attempts: number };
  /** It needs no look: surely the first of a new placement. */
  first: boolean;
  /** Nothing that left before is under way after this: what a claim is given back with. */
  underWayUntil: Date;
  /** The earliest moment at which "absent" can be believed: by then the platform shows what landed at the very last. */
  settledAt: Date;
  /** What the platform was asked and answered: told together with a sure outcome, or not at all. */
  saw: PlacementEvent[];
}

/** What becomes of a hand-out, to be told in one step; nothing where it is somebody else's. */
export type Told = Outcome[];

const mostAttempts = 12;
/** Our own bug is no better the fourth time. */
const mostOfOurs = 3;
/** Quotas may take days, but not for ever. */
const mostWaits = 60;

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
      return act({ ...hand, saw: asked.saw }, asked.standing, means, asked.unfinished);
    }
  }
}

function wantedIn({ row, handOut }: InHand): Wanted {
  const wanted = row.orders.find(({ seq }) => seq === handOut.seq);
  if (!wanted) throw new Error(`no order ${handOut.seq} on this placement`);
  return wanted;
}

function frameOf({ handOut, token }: InHand): EventFrame {
  return { id: newId('e'), at: new Date(), by: 'publish', seq: handOut.seq, try: token };
}

/** The claim ends, and this order has left nothing but what is told; of what was asked nothing is under way either. */
function ended(hand: InHand, event: PlacementEvent): Told {
  const { placement, token, saw, handOut } = hand;
  const asked = saw.flatMap((one) => (one.is === 'looked' ? one.asked : []));
  const last: Outcome = { placement, token, event, ends: { closes: [handOut.seq, ...asked], settle: 0 } };
  return [...saw.map((one) => ({ placement, token, event: one })), last];
}

/** The claim ends, and something of it may be under way for a while yet. */
function endedInDoubt(hand: InHand, event: PlacementEvent, { settle }: PublishMeans): Told {
  return [{ placement: hand.placement, token: hand.token, event, ends: { closes: [], settle } }];
}

/** The claim ends as it was found: nothing left under it, and what may have left before is no clearer. */
function endedUnseen(hand: InHand, event: PlacementEvent): Told {
  // Neither later nor from now on: each look would put off again what it waits for.
  const settle = (hand.underWayUntil.getTime() - Date.now()) / 1_000;
  return [{ placement: hand.placement, token: hand.token, event, ends: { closes: [], settle } }];
}

type Answers = {
  found: Stands[];
  asked: number[];
  mute: number[];
  cause?: PlacementEvent['cause'];
  /** What this order put there, where something that goes with it is still owed. */
  unfinished?: Stands;
};

/** Asks the platform for every order that may have left something. What then stands, or why there is no going on. */
async function ask(
  hand: InHand,
  means: PublishMeans,
): Promise<{ standing: Stands[]; saw: PlacementEvent[]; unfinished: Stands | undefined } | { stop: Told }> {
  const answers: Answers = { found: [], asked: [], mute: [] };
  for (const order of suspectsOf(hand.row, hand.handOut.seq)) {
    const stop = await askFor(hand, order, answers, means);
    if (stop) return { stop };
  }
  const doubt = blindly(hand.row, hand.handOut);
  if (answers.mute.includes(hand.handOut.seq) && doubt === 'person')
    return { stop: endedUnseen(hand, { is: 'person', ...said(answers), todo: lookYourself, ...frameOf(hand) }) };
  const earlier = answers.mute.filter((seq) => seq !== hand.handOut.seq);
  const about = doubt === 'person' ? earlier : earlier.filter((seq) => doubt.doubt.includes(seq));
  const saw: PlacementEvent[] = [];
  if (answers.asked.length > 0)
    saw.push({ is: 'looked', asked: answers.asked, found: answers.found, ...frameOf(hand) });
  if (about.length > 0) saw.push({ is: 'doubt', about, cause: olderMayStand, todo: takeOldAway, ...frameOf(hand) });
  const isKnown = (entry: Stands): boolean =>
    hand.row.standing.some((one) => one.revision === entry.revision && isSame(one.remote, entry.remote));
  const fresh = answers.found.filter((entry) => !isKnown(entry));
  return { standing: [...hand.row.standing, ...fresh], saw, unfinished: answers.unfinished };
}

/** Adds to `answers`; returns an outcome where this hand-out must stop. */
async function askFor(hand: InHand, order: Wanted, answers: Answers, means: PublishMeans): Promise<Told | undefined> {
  if (order.revision === undefined) return absent(hand, order, answers);
  const about = { seq: order.seq, revision: order.revision };
  const standing = [...hand.row.standing, ...answers.found];
  const errand = await errandFor(hand.owner, hand.placement, about, standing, means);
  const finding = await look(errand);
  if ('class' in finding) return notAsked(hand, finding);
  switch (finding.outcome) {
    case 'found': {
      const found: Stands = { ...about, remote: finding.remote, seen: finding.state };
      const isOwed = finding.unfinished === true && order.seq === hand.handOut.seq;
      if (isOwed && hand.settledAt.getTime() > Date.now()) return tooEarly(hand);
      if (isOwed) answers.unfinished = found;
      answers.asked.push(order.seq);
      answers.found.push(found);
      return undefined;
    }
    case 'absent':
      return absent(hand, order, answers);
    case 'unknown': {
      const { again, cause } = finding;
      if (again !== undefined)
        return endedUnseen(hand, { is: 'unanswered', cause, dueAt: seconds(new Date(), again), ...frameOf(hand) });
      if (hand.settledAt.getTime() > Date.now()) return tooEarly(hand);
      answers.mute.push(order.seq);
      answers.cause = cause;
      return undefined;
    }
  }
}

/** "Absent" counts only when nothing can be under way any more. */
function absent(hand: InHand, order: Wanted, answers: Answers): Told | undefined {
  if (hand.settledAt.getTime() > Date.now()) return tooEarly(hand);
  answers.asked.push(order.seq);
  return undefined;
}

/** Whoever was at it before may still be at it. */
function tooEarly(hand: InHand): Told {
  return endedUnseen(hand, { is: 'unanswered', cause: notThereYet, dueAt: hand.settledAt, ...frameOf(hand) });
}

async function look({ channel, account, rendition, call }: Errand): Promise<Finding | Judgement> {
  try {
    return await channel.find(account, rendition, call);
  } catch (error) {
    return judge(channel, error, false);
  }
}

/** Not being able to look says nothing about what is there: the next hand-out must look again. */
function notAsked(hand: InHand, judgement: Judgement): Told {
  const event = { ...said(judgement), ...frameOf(hand) };
  if (isWornOut(hand, judgement)) return endedUnseen(hand, { is: 'person', todo: tooOften(hand), ...event });
  switch (judgement.class) {
    case 'action':
    case 'permanent': {
      const parked = 'credential' in judgement && { parked: true as const };
      return endedUnseen(hand, { is: 'person', todo: judgement.todo, ...parked, ...event });
    }
    case 'wait':
      return endedUnseen(hand, { is: 'unanswered', dueAt: judgement.until, ...event });
    case 'retry':
      return endedUnseen(hand, { is: 'unanswered', dueAt: later(hand, judgement.delay, 1), ...event });
    case 'refresh':
    case 'duplicate':
    case 'unknown':
      return endedUnseen(hand, { is: 'unanswered', dueAt: later(hand, 0, 2), ...event });
  }
}

async function act(hand: InHand, standing: readonly Stands[], means: PublishMeans, unfinished?: Stands): Promise<Told> {
  const wanted = wantedIn(hand);
  const next = nextStep(standing, wanted, hand.owner.channel.replaces(hand.owner.account));
  const step: Step = next.does === 'nothing' && unfinished ? { does: 'update', over: unfinished } : next;
  if (step.does === 'nothing') {
    const found = [...standing];
    return ended(hand, { is: 'looked', asked: [hand.handOut.seq], found, settles: true, ...frameOf(hand) });
  }
  const door = doorOf(hand, means);
  const about = aboutOf(step, wanted);
  const errand = await errandFor(hand.owner, hand.placement, about, standing, means, door.leave);
  try {
    return await through(hand, step, errand);
  } catch (error) {
    if (error instanceof DoorClosed) return afterDoor(hand, error, door, means);
    const judgement = judge(errand.channel, error, door.left());
    return judgement.class === 'refresh' && errand.channel.refresh
      ? renewed(hand, step, errand, door, means)
      : afterError(hand, step, errand, judgement, means);
  }
}

/** Which revision the channel is told of: what is put out, or what is taken back. */
function aboutOf(step: Exclude<Step, { does: 'nothing' }>, wanted: Wanted): { seq: number; revision: string } {
  if (step.does === 'withdraw') return { seq: step.what.seq, revision: step.what.revision };
  if (wanted.revision === undefined) throw new Error('nothing is wanted, so nothing is put out');
  return { seq: wanted.seq, revision: wanted.revision };
}

interface Door {
  leave: StepCall['leave'];
  /** Something has left in this step. */
  left(): boolean;
  /** What the door itself answered last; a channel may close it too, where it sees something newer with its own eyes. */
  answer(): DoorAnswer | undefined;
}

function doorOf({ placement, token, handOut }: InHand, { claims }: PublishMeans): Door {
  let left = false;
  let answer: DoorAnswer | undefined;
  return {
    async leave() {
      answer = await claims.door({ placement, token, seq: handOut.seq, run: handOut.run }, lease);
      if (answer !== 'open') throw new DoorClosed(answer);
      left = true;
    },
    left: () => left,
    answer: () => answer,
  };
}

type Doing = Exclude<Step, { does: 'nothing' }>;

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
  words: ReturnType<typeof said> = {},
): Told {
  const over = step.does === 'update' ? step.over.remote.id : undefined;
  const event = eventOfAcceptance(acceptance, errand.call.release.revision, over, frameOf(hand));
  return ended(hand, { ...event, ...words });
}

/** The door was closed. Where nothing had left, nothing did; where something had, its outcome is open. */
function afterDoor(hand: InHand, { reason }: DoorClosed, door: Door, means: PublishMeans): Told {
  if (reason === 'lost') return [];
  if (door.left()) return endedInDoubt(hand, { is: 'unanswered', dueAt: later(hand, 1, 2), ...frameOf(hand) }, means);
  if (reason === 'run')
    return ended(hand, { is: 'nothing', then: 'waiting', dueAt: seconds(new Date(), 1), ...frameOf(hand) });
  if (door.answer() !== 'overtaken')
    return ended(hand, { is: 'nothing', then: 'needs_action', cause: newerThere, todo: lookAtNewer, ...frameOf(hand) });
  const asked = [hand.handOut.seq];
  return ended(hand, { is: 'looked', asked, found: [], settles: true, cause: superseded, ...frameOf(hand) });
}

/** Renews the credential, then once more. */
async function renewed(hand: InHand, step: Doing, errand: Errand, door: Door, means: PublishMeans): Promise<Told> {
  const { channel, account, call } = errand;
  try {
    await channel.refresh?.(account, call);
  } catch (error) {
    const judgement = judge(channel, error, door.left());
    // Whatever the renewal is refused for, without it nothing can be sent.
    const refused: Judgement = judgement.class === 'action' ? { ...judgement, credential: true } : judgement;
    return afterError(hand, step, errand, refused, means);
  }
  try {
    return await through(hand, step, errand);
  } catch (error) {
    if (error instanceof DoorClosed) return afterDoor(hand, error, door, means);
    return afterError(hand, step, errand, judge(channel, error, door.left()), means);
  }
}

async function afterError(
  hand: InHand,
  step: Doing,
  errand: Errand,
  judgement: Judgement,
  means: PublishMeans,
): Promise<Told> {
  const event = { ...said(judgement), ...frameOf(hand) };
  if (judgement.class === 'unknown' || judgement.class === 'duplicate')
    return afterDoubt(hand, step, errand, judgement, means);
  if (isWornOut(hand, judgement))
    return ended(hand, { is: 'nothing', then: 'needs_action', ...event, todo: tooOften(hand) });
  switch (judgement.class) {
    case 'retry':
      return ended(hand, { is: 'nothing', then: 'waiting', dueAt: later(hand, judgement.delay, 1), ...event });
    case 'wait':
      return ended(hand, { is: 'nothing', then: 'waiting', dueAt: judgement.until, ...event });
    case 'refresh':
      return ended(hand, {
        is: 'nothing',
        then: 'needs_action',
        parked: true,
        todo: stillRefused(errand.account.name),
        ...event,
      });
    case 'action':
      return ended(hand, {
        is: 'nothing',
        then: 'needs_action',
        todo: judgement.todo,
        ...(judgement.credential && { parked: true }),
        ...event,
      });
    case 'permanent':
      return ended(hand, { is: 'nothing', then: 'failed', todo: judgement.todo, ...event });
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

/** No class of trouble repeats for ever. */
function isWornOut({ row }: InHand, judgement: Judgement): boolean {
  const tries = row.attempts + 1;
  if (judgement.class === 'wait') return tries >= mostWaits;
  return tries >= (judgement.ours ? mostOfOurs : mostAttempts);
}

function tooOften({ row }: InHand): NonNullable<PlacementEvent['todo']> {
  const tries = row.attempts + 1;
  return {
    zh: `已自动尝试 ${tries} 次，请检查平台、网络或联系运维，然后手动重试。`,
    en: `Tried ${tries} times; check the platform or network, or call operations, then retry.`,
  };
}

function said({ cause, platform }: { cause?: PlacementEvent['cause']; platform?: PlacementEvent['platform'] }): {
  cause?: NonNullable<PlacementEvent['cause']>;
  platform?: NonNullable<PlacementEvent['platform']>;
} {
  return { ...(cause && { cause }), ...(platform && { platform }) };
}

/** Doubling from `base` seconds, at most ten minutes, spread so that a thousand accounts do not come back together. */
function later({ row }: InHand, atLeast: number, base: number): Date {
  const wait = Math.min(600, base * 2 ** row.attempts) * (0.75 + Math.random() * 0.5);
  return seconds(new Date(), Math.max(atLeast, wait));
}

function stillRefused(name: string): NonNullable<PlacementEvent['todo']> {
  return {
    zh: `账号“${name}”的授权更新后仍被拒绝，请重新授权后重试。`,
    en: `Account "${name}" is still refused after renewal: authorise it again, then retry.`,
  };
}

const lookYourself = {
  zh: '请到平台上查看是否已发出：已发出选“已发布”，确认没有发出选“未发布，重新发送”。',
  en: 'Look on the platform: choose "published" if it is there, "not published" to send it again.',
};
const notThereYet = {
  zh: '平台上尚未查到，稍后再核实一次再发。',
  en: 'Not there yet; it is looked for once more before sending.',
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
const olderMayStand = {
  zh: '平台无法查询：新内容已继续发布，但较早的一版可能仍在公开。',
  en: 'The platform cannot be asked: the newer text goes out, but an older one may still stand.',
};
const takeOldAway = {
  zh: '请到平台上查看：若旧版仍在，请手工删除，然后选“已发布”。',
  en: 'Look on the platform: if the older text is there, delete it, then choose "published".',
};
