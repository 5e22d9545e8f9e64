/** Asks the platform what stands, where that is not sure: for every order that may have left something. */
import type { Finding } from '../../channels/channel.js';
import type { PlacementEvent, Stands, Wanted } from '../../core/model/placement.js';
import { seconds } from '../../core/placements/outcomes.js';
import { blindly, happen, suspectsOf } from '../../core/placements/protocol.js';
import { errandFor, type Errand } from './errand.js';
import {
  endedUnseen,
  frameOf,
  isWornOut,
  later,
  lookYourself,
  said,
  tooOften,
  type InHand,
  type Told,
} from './hand.js';
import { judge, type Judgement } from './judge.js';
import type { PublishMeans } from './means.js';

type Answers = {
  found: Stands[];
  asked: number[];
  mute: number[];
  cause?: PlacementEvent['cause'];
};

/** Asks the platform for every order that may have left something. What then stands, or why there is no going on. */
export async function ask(
  hand: InHand,
  means: PublishMeans,
): Promise<{ standing: Stands[]; saw: PlacementEvent[] } | { stop: Told }> {
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
  const seen = { ...hand.row };
  const { asked, found } = answers;
  happen(seen, { is: 'looked', seq: hand.handOut.seq, asked, found, settles: false });
  return { standing: seen.standing, saw };
}

/** Adds to `answers`; returns an outcome where this hand-out must stop. */
async function askFor(hand: InHand, order: Wanted, answers: Answers, means: PublishMeans): Promise<Told | undefined> {
  if (order.revision === undefined) return absent(hand, order, answers);
  const about = { seq: order.seq, revision: order.revision };
  const standing = [...hand.row.standing, ...answers.found];
  const errand = await errandFor(hand.owner, hand.placement, { ...about, lane: hand.lane }, standing, means);
  const finding = await look(errand);
  if ('class' in finding) return notAsked(hand, finding);
  switch (finding.outcome) {
    case 'found': {
      const found: Stands = { ...about, remote: finding.remote, seen: finding.state };
      // Of what nobody waits for any more nothing is owed.
      if (finding.unfinished && order.seq === hand.handOut.seq) {
        if (isEarly(hand)) return tooEarly(hand);
        found.owed = true;
      }
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
      if (isEarly(hand)) return tooEarly(hand);
      answers.mute.push(order.seq);
      answers.cause = cause;
      return undefined;
    }
  }
}

/** "Absent" counts only when nothing can be under way any more. */
function absent(hand: InHand, order: Wanted, answers: Answers): Told | undefined {
  if (isEarly(hand)) return tooEarly(hand);
  answers.asked.push(order.seq);
  return undefined;
}

/** Whoever was at it before may still be at it. */
function isEarly({ settledAt }: InHand): boolean {
  return settledAt.getTime() > Date.now();
}

function tooEarly(hand: InHand): Told {
  return endedUnseen(hand, { is: 'unanswered', cause: notThereYet, dueAt: hand.settledAt, ...frameOf(hand) });
}

export async function look({ channel, account, rendition, call }: Errand): Promise<Finding | Judgement> {
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

const notThereYet = {
  zh: '平台上尚未查到，稍后再核实一次再发。',
  en: 'Not there yet; it is looked for once more before sending.',
};
const olderMayStand = {
  zh: '平台无法查询：新内容已继续发布，但较早的一版可能仍在公开。',
  en: 'The platform cannot be asked: the newer text goes out, but an older one may still stand.',
};
const takeOldAway = {
  zh: '请到平台上查看：若旧版仍在，请手工删除，然后选“已发布”。',
  en: 'Look on the platform: if the older text is there, delete it, then choose "published".',
};
