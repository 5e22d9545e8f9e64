/** Dispatch: a process for each order. The row is written first, then the fence raised, then the job queued. */
import type { Wanted } from '../../core/model/placement.js';
import { stateOf } from './ledger.js';
import { fenced } from './redis.js';
import { wantedBy, type Scenario } from './scenarios.js';
import type { Decisions } from './decisions.js';
import type { Dispatch, Job, Row, State } from './state.js';
import { mayHappen, mishap, newestOf, withJob, type Move, type World } from './world.js';

export function dispatchMoves(state: State, world: World): Move[] {
  return state.dispatches.flatMap((dispatch, place) => movesOf(state, world, dispatch, place + 1));
}

function movesOf(state: State, { scenario, decisions }: World, dispatch: Dispatch, seq: number): Move[] {
  const { redis } = state;
  const next = (to: Dispatch, more: Partial<State> = {}): State => {
    const dispatches = state.dispatches.map((each, place) => (place === seq - 1 ? to : each));
    return { ...state, dispatches, ...more };
  };
  switch (dispatch.at) {
    case 'start':
      // Orders are numbered as they come; their dispatchers may overtake one another.
      if (state.dispatches[seq - 2]?.at === 'start') return [];
      return [{ name: `order ${seq} is given`, to: given(state, scenario, seq, next({ at: 'row', run: redis.run })) }];
    case 'row':
      if (!decisions.mayBegin(wantedBy(scenario, seq), walking(state))) return [];
      // One that goes where the release stands is put on a new placement by whoever makes that.
      if (!state.row && goesWhereItStands(scenario, seq)) return [];
      return [writeRow(state, { scenario, decisions }, dispatch.run, seq, next)];
    case 'fence': {
      const more = {
        redis: fenced(redis, seq, decisions.has('fenceGrows')),
        fenced: Math.max(state.fenced, seq),
      };
      const to = next({ at: 'queue', run: dispatch.run, fresh: false }, more);
      return [{ name: `dispatch raises the fence to ${seq}`, to }, ...death(state, seq, next)];
    }
    case 'queue': {
      const job: Job = { seq, fresh: dispatch.fresh, again: false, run: decisions.jobRun(dispatch.run, redis.run) };
      const to = next({ at: 'end' }, { redis: withJob(redis, job) });
      return [{ name: `dispatch queues ${seq}`, to }, ...death(state, seq, next)];
    }
    case 'end':
      return [];
  }
}

/** Whoever gave it is answered when the door knows: from then on nothing older leaves. */
function given({ redis, fenced: before }: State, { callsOff }: Scenario, seq: number, to: State): State {
  return callsOff === seq ? { ...to, redis: { ...redis, calledOff: seq }, fenced: Math.max(before, seq) } : to;
}

/** Orders that have been given and are not put on the row yet. */
function walking({ dispatches }: State): number[] {
  return dispatches.flatMap(({ at }, place) => (at === 'row' ? [place + 1] : []));
}

type Next = (to: Dispatch, more?: Partial<State>) => State;

function writeRow({ row }: State, { scenario, decisions }: World, run: string, seq: number, next: Next): Move {
  const name = `dispatch writes order ${seq} into the row`;
  const wanted = wantedBy(scenario, seq);
  if (!row) return { name, to: next({ at: 'queue', run, fresh: true }, { row: newRow(wanted, run) }) };
  if (goesWhereItStands(scenario, seq) && !decisions.goesTo(row, wanted))
    return { name: `order ${seq} does not go there`, to: next({ at: 'end' }) };
  const after = decisions.want(row, wanted, run);
  if (!after) return { name: `dispatch finds order ${seq} overtaken`, to: next({ at: 'end' }) };
  return { name, to: next({ at: 'fence', run }, { row: { ...after, state: stateAfter(row, after, decisions) } }) };
}

/** What is done as it is written leaves what is public as it was known. */
function stateAfter(row: Row, after: Row, decisions: Decisions): Row['state'] {
  const isDone = after.settled === newestOf(after);
  return isDone && after.standing.length > 0 ? row.state : stateOf(after, decisions);
}

function goesWhereItStands(scenario: Scenario, seq: number): boolean {
  const { over, stops } = wantedBy(scenario, seq);
  return over === true || stops === true;
}

function death(state: State, seq: number, next: Next): Move[] {
  return mayHappen(state, 'dispatcherDies')
    ? [mishap('dispatcherDies', `dispatcher ${seq} dies`, next({ at: 'end' }))]
    : [];
}

function newRow(wanted: Wanted, run: string): Row {
  return {
    orders: [wanted],
    settled: 0,
    open: [],
    doubted: [],
    unsure: [],
    standing: [],
    run,
    oldestRun: run,
    state: 'todo',
  };
}
