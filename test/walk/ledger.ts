/** What happens to the row besides dispatch: record writes events into it, the clock hands out again, what is done is read back. */
import type { Stands } from '../../core/model/placement.js';
import type { Known } from '../../core/placements/protocol.js';
import type { Decisions } from './decisions.js';
import { standsAs } from './platform.js';
import { confirmed, sorted } from './redis.js';
import { isPreventable, mayStay, wantedBy } from './scenarios.js';
import { shown, there, type Job, type Post, type Row, type RowState, type State, type Told } from './state.js';
import { faults, mayHappen, mishap, newestOf, withJob, withRedis, type Move, type World } from './world.js';

export function ledgerMoves(state: State, world: World): Move[] {
  const { row, redis } = state;
  if (!row) return [];
  const [event] = redis.events;
  if (event) {
    const after = { ...state, row: recorded(row, event, world.decisions), redis: confirmed(redis) };
    return [{ name: `record writes ${inWords(event)}`, to: after }, ...earlyMoves(state, row)];
  }
  return [...calmMoves(state, row, world), ...earlyMoves(state, row)];
}

function calmMoves(state: State, row: Row, world: World): Move[] {
  switch (row.state) {
    case 'todo':
      return clockMoves(state, row);
    case 'unseen':
    case 'accepted':
      return readBack(state, row, world);
    case 'verified':
      return readAgain(state, row, world);
    case 'person':
      return [];
  }
}

export function stateOf(row: Known, decisions: Decisions): RowState {
  const states = { todo: 'todo', unseen: 'unseen', doubt: 'person', twice: 'person', done: 'accepted' } as const;
  return states[decisions.concluded(row)];
}

function inWords(event: Told): string {
  return 'seq' in event ? `${event.is} of ${event.seq}` : event.is;
}

function recorded(row: Row, event: Told, decisions: Decisions): Row {
  if (event.is === 'person') return event.seq === newestOf(row) ? { ...row, state: 'person' } : row;
  const next = { ...row };
  decisions.happen(next, event);
  const known = inOrder(next);
  if (event.asks && event.is === 'nothing' && event.seq === newestOf(row)) return { ...known, state: 'person' };
  // Somebody at work does not take a question back from a person; what came of it does.
  return { ...known, state: row.state === 'person' && event.is === 'sending' ? 'person' : stateOf(known, decisions) };
}

/** Lists of orders are sets: two that hold the same are one. */
function inOrder(row: Row): Row {
  return { ...row, open: sorted(row.open), doubted: sorted(row.doubted), unsure: sorted(row.unsure) };
}

function earlyMoves(state: State, row: Row): Move[] {
  if (row.state !== 'todo' || !mayHappen(state, 'early')) return [];
  const job: Job = { seq: newestOf(row), fresh: false, again: false, run: state.redis.run };
  return [mishap('early', 'the clock queues too early', withRedis(state, withJob(state.redis, job)))];
}

/** What is to be done and in nobody's hands is handed out again. */
function clockMoves(state: State, row: Row): Move[] {
  const { redis, dispatches, publishers } = state;
  const isComing = redis.jobs.length > 0 || dispatches.some(({ at }) => at === 'fence' || at === 'queue');
  if (isComing || publishers.some(({ at }) => at !== 'rest')) return [];
  const job: Job = { seq: newestOf(row), fresh: false, again: false, run: redis.run };
  return [{ name: 'the clock queues again', to: withRedis(state, withJob(redis, job)) }];
}

function readBack(state: State, row: Row, { scenario, decisions }: World): Move[] {
  const known = there(state.platform);
  const found = ({ remote, revision }: Stands): Post | undefined =>
    known.find(({ id, post }) => id === remote.id && post.revision === revision)?.post;
  // Only what is wanted is read; what is to go is taken away, whether it is there or not.
  const { revision: text, stops } = wantedBy(scenario, newestOf(row));
  // Where it was taken out, all that stands is; of what lies over one another at one place, the newest.
  const isUnder = ({ seq, remote }: Stands): boolean =>
    row.standing.some((other) => other.seq > seq && other.remote.id === remote.id);
  const isRead = (entry: Stands): boolean => (stops ? !isUnder(entry) : entry.revision === text);
  const mustBe = (entry: Stands): boolean => isRead(entry) || !(scenario.reviews || stops);
  const standing = row.standing.filter((entry) => !mustBe(entry) || found(entry));
  if (standing.length < row.standing.length) {
    const name = 'read back: something is not there';
    // The platform has refused it after all: what it was to replace stands still.
    if (scenario.reviews) return [{ name, to: { ...state, row: { ...row, standing, state: 'person' } } }];
    // While an answer is still to come, the row may yet learn of it.
    const isQuiet = state.publishers.every(({ at }) => at === 'rest');
    const fault = isQuiet && isPreventable(scenario) ? faults.notThere : undefined;
    return [{ name, to: { ...state, row: { ...row, standing, state: 'todo' } }, fault }];
  }
  if (standing.some((entry) => isRead(entry) && found(entry)?.pending)) return [];
  const seen: Row = {
    ...row,
    standing: standing.map((entry) => (isRead(entry) ? { ...entry, seen: 'published' } : entry)),
  };
  const now = stateOf(seen, decisions);
  if (now !== 'accepted')
    return [{ name: 'read back: the new text is public', to: { ...state, row: { ...seen, state: now } } }];
  const beside = mayStay(scenario, newestOf(row));
  const mayBe = (id: string, revision: string): boolean =>
    beside.includes(revision) || (stops === true && standing.some(({ remote }) => remote.id === id));
  const visible = shown(state.platform).filter(({ id, post }) => !mayBe(id, post.revision));
  const wanted = text === undefined ? 0 : 1;
  const fault = visible.length > wanted && isPreventable(scenario) ? faults.besideAnother : undefined;
  return [{ name: 'read back', to: { ...state, row: { ...seen, state: 'verified' } }, fault }];
}

/** Orders that were closed by a look alone are asked for again, wherever the platform can be asked. */
function readAgain(state: State, row: Row, { scenario, decisions }: World): Move[] {
  if (scenario.kind === 'blind' || !decisions.has('reread')) return [];
  const found = there(state.platform)
    .filter(({ id, post }) => row.unsure.includes(post.seq) && !row.standing.some(({ remote }) => remote.id === id))
    .map(({ id, post }) => standsAs(id, post));
  if (found.length === 0) return [];
  const looked: Told = { is: 'looked', seq: newestOf(row), asked: [], found, settles: false };
  return [{ name: 'read again: another text stands there', to: { ...state, row: recorded(row, looked, decisions) } }];
}
