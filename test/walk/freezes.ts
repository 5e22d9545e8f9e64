/**
 * Freezing and thawing: the ledger first, then the mark in Redis, under the run that was looked at before. Whoever is at
 * the door with other freezes than the mark's does the same as the commander: run, ledger, mark. That all publishers
 * have confirmed adds nothing at the door: it holds from the mark on, and what had left before is only counted.
 */
import type { FreezeMark } from '../../core/placements/protocol.js';
import type { Scenario } from './scenarios.js';
import { freezesIn, type Commander, type Place, type Publisher, type Request, type State } from './state.js';
import { mayHappen, mishap, withPublisher, type Move, type World } from './world.js';

/** What goes into the door. Where nobody freezes, everybody knows. */
export function freezesAt(
  { redis }: State,
  { mishaps }: Scenario,
  knows: number,
  { does }: Request,
): { mark: FreezeMark | undefined; freezes: number; frozen: boolean } {
  const mark = mishaps.freeze === undefined ? { version: knows, run: redis.run } : redis.mark;
  return { mark, freezes: knows, frozen: knows === 1 && does !== 'withdraw' };
}

type Stale = Extract<Publisher, { at: 'stale' | 'stale-half' | 'raise' }>;

export function staleMove(state: State, { decisions }: World, place: Place, stale: Stale): Move {
  const { job, door } = stale;
  const { run } = state.redis;
  const version = freezesIn(state);
  const name = `publisher ${place + 1}`;
  switch (stale.at) {
    case 'stale': {
      const half: Publisher = {
        at: 'stale-half',
        door,
        job,
        ...(decisions.has('runBeforeFreezes') ? { run } : { version }),
      };
      return {
        name: `${name} looks ${half.run === undefined ? 'at the freezes' : 'which run Redis is'}`,
        to: withPublisher(state, place, half),
      };
    }
    case 'stale-half': {
      const both: Publisher = { at: 'raise', door, job, run: stale.run ?? run, version: stale.version ?? version };
      return { name: `${name} knows both`, to: withPublisher(state, place, both) };
    }
    case 'raise': {
      const mark = decisions.raised(state.redis.mark, { version: stale.version, run: stale.run, runNow: run });
      const next: Publisher = mark ? { ...door, knows: stale.version } : { at: 'stale', door, job };
      const raised = mark ? { ...state, redis: { ...state.redis, mark } } : state;
      return { name: `${name} says that it goes by ${stale.version}`, to: withPublisher(raised, place, next) };
    }
  }
}

export function commanderMoves(state: State, { decisions }: World): Move[] {
  const { commander, redis } = state;
  const next = (to: Commander, more: Partial<State> = {}): State => ({ ...state, commander: to, ...more });
  switch (commander.at) {
    case 'rest':
      return mayHappen(state, 'freeze') ? [mishap('freeze', 'somebody freezes', next({ at: 'written' }))] : [];
    case 'written':
    case 'thawed':
      return [
        { name: 'the commander looks which run Redis is', to: next({ at: `${commander.at}-run`, run: redis.run }) },
      ];
    case 'written-run':
    case 'thawed-run': {
      const isFreeze = commander.at === 'written-run';
      const mark = decisions.raised(redis.mark, { version: freezesIn(state), run: commander.run, runNow: redis.run });
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
