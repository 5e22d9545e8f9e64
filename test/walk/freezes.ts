/**
 * Freezing and thawing: the ledger first, then the mark in Redis, under the run that was looked at before. Whoever is at
 * the door with other freezes than the mark's does the same as the commander: run, ledger, mark. That all publishers
 * have confirmed adds nothing at the door: it holds from the mark on, and what had left before is only counted. A freeze
 * that the ledger cannot take is laid beside it; whoever reads looks there before the ledger.
 */
import type { FreezeMark } from '../../core/placements/protocol.js';
import type { Decisions } from './decisions.js';
import type { Scenario } from './scenarios.js';
import {
  freezesIn,
  nothingBeside,
  type Beside,
  type Commander,
  type FreezesRead,
  type Place,
  type Publisher,
  type Redis,
  type Request,
  type State,
} from './state.js';
import { mayHappen, mishap, withPublisher, type Move, type World } from './world.js';

/** What goes into the door. Where nobody freezes, everybody knows. */
export function freezesAt(
  { redis }: State,
  { mishaps }: Scenario,
  { knows, beside = nothingBeside }: { knows: number; beside?: Beside },
  { does }: Request,
): { mark: FreezeMark | undefined; freezes: number; edition: string; frozen: boolean } {
  const { edition, laid } = beside;
  const isAnybody = mishaps.freeze !== undefined || mishaps.freezeUnwritten !== undefined;
  const mark = isAnybody ? redis.mark : { version: knows, edition, run: redis.run };
  // What lies there and in the ledger is one freeze, and is thawed there.
  const isFrozen = knows === 1 || (laid && knows === 0);
  return { mark, freezes: knows, edition, frozen: isFrozen && does !== 'withdraw' };
}

/** Nothing may leave that is not let through by name. */
export function isAcknowledged({ commander: { at } }: State): boolean {
  return at === 'laid' || at === 'laid-written' || at === 'raised';
}

type Stale = Extract<Publisher, { at: 'stale' | 'raise' }>;

export function staleMove(state: State, { decisions, scenario }: World, place: Place, stale: Stale): Move {
  const { job, door, read } = stale;
  const { run, beside } = state.redis;
  const name = `publisher ${place + 1}`;
  if (stale.at === 'raise') {
    const { version } = stale.read;
    const mark = decisions.raised(state.redis.mark, { version, run: stale.read.run, ...now(state.redis) });
    const known = { knows: version, ...(read.beside && { beside: read.beside }) };
    const next: Publisher = mark ? { ...door, ...known } : { at: 'stale', door, job, read: {} };
    const raised = mark ? { ...state, redis: { ...state.redis, mark } } : state;
    return { name: `${name} says that it goes by ${version}`, to: withPublisher(raised, place, next) };
  }
  const [what, more] = unread(decisions, scenario).filter((each) => read[each] === undefined);
  const seen = { run, beside, version: freezesIn(state) };
  const all: FreezesRead = { ...read, ...(what && { [what]: seen[what] }) };
  const { run: ofRun = '', version = 0 } = all;
  const next: Publisher = more
    ? { at: 'stale', door, job, read: all }
    : { at: 'raise', door, job, read: { ...all, run: ofRun, version } };
  return { name: `${name} reads of the freezes: ${what}`, to: withPublisher(state, place, next) };
}

/** In this order. Where nothing is ever laid beside the ledger, nobody looks there. */
function unread(decisions: Decisions, { mishaps }: Scenario): (keyof FreezesRead)[] {
  const freezes: (keyof FreezesRead)[] = decisions.has('besideBeforeLedger')
    ? ['beside', 'version']
    : ['version', 'beside'];
  const looked = freezes.filter((each) => each !== 'beside' || mishaps.freezeUnwritten !== undefined);
  return decisions.has('runBeforeFreezes') ? ['run', ...looked] : [...looked, 'run'];
}

function now({ run, beside }: Redis): { runNow: string; edition: string } {
  return { runNow: run, edition: beside.edition };
}

export function commanderMoves(state: State, { decisions }: World): Move[] {
  const { commander, redis } = state;
  const next = (to: Commander, more: Partial<State> = {}): State => ({ ...state, commander: to, ...more });
  switch (commander.at) {
    case 'rest': {
      const moves: Move[] = [];
      if (mayHappen(state, 'freeze')) moves.push(mishap('freeze', 'somebody freezes', next({ at: 'written' })));
      const laid = { redis: withBeside(redis, { edition: 'laid', laid: true }) };
      if (mayHappen(state, 'freezeUnwritten'))
        moves.push(mishap('freezeUnwritten', 'somebody freezes beside the ledger', next({ at: 'laid' }, laid)));
      return moves;
    }
    case 'laid':
      return [{ name: 'the freeze is entered', to: next({ at: 'laid-written' }) }];
    case 'laid-written': {
      const taken = { redis: withBeside(redis, { edition: 'taken', laid: false }) };
      return [{ name: 'the freeze lies beside the ledger no more', to: next({ at: 'raised' }, taken) }];
    }
    case 'written':
    case 'thawed':
      return [
        { name: 'the commander looks which run Redis is', to: next({ at: `${commander.at}-run`, run: redis.run }) },
      ];
    case 'written-run':
    case 'thawed-run': {
      const isFreeze = commander.at === 'written-run';
      const mark = decisions.raised(redis.mark, { version: freezesIn(state), run: commander.run, ...now(redis) });
      if (!mark) return [{ name: 'Redis is another by now', to: next({ at: isFreeze ? 'written' : 'thawed' }) }];
      const to = next({ at: isFreeze ? 'raised' : 'over' }, { redis: { ...redis, mark } });
      return [{ name: isFreeze ? 'the freeze is acknowledged' : 'the thaw is known', to }];
    }
    case 'raised':
      return [{ name: 'it is thawed', to: next({ at: 'thawed' }) }];
    case 'over':
      return [];
  }
}

/** What changes there changes the mark with it. */
function withBeside(redis: Redis, beside: Beside): Redis {
  const { mark, run } = redis;
  return { ...redis, beside, mark: mark?.run === run ? { ...mark, edition: beside.edition } : mark };
}
