/** Walks breadth first, so that the first fault found is the shortest. */
import type { Stands } from '../../core/model/placement.js';
import { concluded, nextStep } from '../../core/placements/protocol.js';
import { Decisions } from './decisions.js';
import { movesFrom } from './moves.js';
import type { Rule } from './rules.js';
import { isPreventable, mayStay, wantedBy, type Scenario } from './scenarios.js';
import { Numbering, shown, start, type Platform, type Row, type State } from './state.js';
import type { World } from './world.js';

export interface Walked {
  states: number;
  /** The first fault, and the shortest way to it. */
  fault?: string;
  trace?: string[];
}

interface Seen {
  state: State;
  /** How it was reached first. */
  from: number;
  name: string;
}

export function walk(scenario: Scenario, without?: Rule): Walked {
  const world: World = { scenario, decisions: new Decisions(without) };
  const numbering = new Numbering();
  const first = numbering.oneForm(start(scenario));
  const seen: Seen[] = [{ state: first.state, from: -1, name: '' }];
  const known = new Map([[first.key, 0]]);
  const ways = new Ways();
  const broken = (fault: string, at: number, last?: string): Walked => ({
    states: seen.length,
    fault,
    trace: traceTo(seen, at, last),
  });

  for (let at = 0; at < seen.length; at += 1) {
    const { state } = seen[at] as Seen;
    const moves = movesFrom(state, world);
    if (moves.every(({ mishap }) => mishap)) {
      const fault = atRest(state, scenario);
      if (fault) return broken(fault, at);
      ways.ends(at);
    }
    for (const move of moves) {
      if (move.fault !== undefined) return broken(move.fault, at, move.name);
      const to = numbering.oneForm(move.to);
      let place = known.get(to.key);
      if (place === undefined) {
        place = seen.push({ state: to.state, from: at, name: move.name }) - 1;
        known.set(to.key, place);
      }
      if (!move.mishap) ways.leads(at, place);
    }
  }
  const lost = ways.firstWithoutEnd(seen.length);
  return lost === undefined ? { states: seen.length } : broken('it goes round for ever', lost);
}

function traceTo(seen: readonly Seen[], at: number, last?: string): string[] {
  const trace = last === undefined ? [] : [last];
  for (let place = at; place > 0;) {
    const { from, name } = seen[place] as Seen;
    trace.unshift(name);
    place = from;
  }
  return trace;
}

/** Nothing will happen any more by itself: then what the ledger says must be what the public sees. */
function atRest({ row, platform, over }: State, scenario: Scenario): string | undefined {
  if (row?.state === 'person') {
    const isRefused = scenario.reviews && concluded(row) === 'todo' && isWhole(row.standing, platform);
    const mayAsk =
      isRefused ||
      (over && isOver(row, platform, scenario)) ||
      scenario.kind === 'blind' ||
      (concluded(row) === 'twice' && !isPreventable(scenario));
    return mayAsk ? undefined : 'a person is asked although the platform can tell';
  }
  if (row?.state === 'verified' && row.standing.some(({ owed }) => owed)) return 'verified, but something is owed';
  if (row?.state !== 'verified') return `stuck in ${row?.state ?? 'nothing'}`;
  const { revision, over: cancels, stops } = wantedBy(scenario, row.orders.at(-1)?.seq ?? 0);
  const last = wantedBy(scenario, scenario.orders.length);
  if (last.over && shown(platform).some(({ post }) => post.revision !== last.revision)) return notCancelled;
  if (stops) return isWhole(row.standing, platform) ? undefined : 'taken out, but the public sees more than is known';
  const beside = mayStay(scenario, row.orders.at(-1)?.seq ?? 0);
  const seen = shown(platform).map(({ post }) => post.revision);
  if (cancels && seen.length === 0) return undefined;
  if (seen.filter((text) => !beside.includes(text)).join() === (revision ?? '')) return undefined;
  return `verified, but the public sees ${seen.join(' and ') || 'nothing'} where ${revision ?? 'nothing'} is wanted`;
}

/** What a walk is told of that ends with a text that was cancelled and is public still. */
export const notCancelled = 'a cancel has not gone where the text is public';

/** The end of its newest order has come before that went out: all that is left to do is to put it out. */
function isOver(row: Row, platform: Platform, scenario: Scenario): boolean {
  const wanted = wantedBy(scenario, row.orders.at(-1)?.seq ?? 0);
  const next = nextStep(row.standing, wanted, scenario.kind === 'in-place' ? 'in-place' : 'anew');
  return (
    wanted.seq === scenario.ends &&
    (next.does === 'create' || next.does === 'update') &&
    isWhole(row.standing, platform)
  );
}

/** The row knows of everything that the public sees. */
function isWhole(standing: readonly Stands[], platform: Platform): boolean {
  return shown(platform).every(({ id }) => standing.some(({ remote }) => remote.id === id));
}

/** Which states lead to which without a mishap, and which of them are ends: from each there must be a way to an end. */
class Ways {
  private readonly from: number[] = [];
  private readonly to: number[] = [];
  private readonly atEnd: number[] = [];

  leads(from: number, to: number): void {
    this.from.push(from);
    this.to.push(to);
  }

  ends(at: number): void {
    this.atEnd.push(at);
  }

  firstWithoutEnd(states: number): number | undefined {
    const arrives = new Uint8Array(states);
    for (const at of this.atEnd) arrives[at] = 1;
    // Most ways lead from an earlier state to a later one, so few rounds are needed when they are gone through backwards.
    for (let more = true; more;) {
      more = false;
      for (let way = this.from.length - 1; way >= 0; way -= 1) {
        const from = this.from[way] ?? 0;
        if (arrives[from] === 0 && arrives[this.to[way] ?? 0] === 1) {
          arrives[from] = 1;
          more = true;
        }
      }
    }
    const lost = arrives.indexOf(0);
    return lost < 0 ? undefined : lost;
  }
}
