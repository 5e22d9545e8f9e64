/** One run: orders and faults as planned, then calm, then the judgement at the platforms. */
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from './accounts.js';
import { openDesk } from './desk.js';
import { openTrouble } from './faults.js';
import { judge, rest, rowsOf, type Judged } from './judge.js';
import { planOf, wordsOf, type Act, type Order } from './plan.js';
import type { Platforms } from './platforms.js';
import { sum, type Counts } from './verdict.js';
import type { World } from './world.js';

export interface RunResult {
  counts: Counts;
  orders: number;
  faults: number;
  placements: number;
  /** Placements that a person has in hand, or that failed for good: told, so not counted. */
  told: number;
  seconds: number;
  /** What they were told. */
  words: string[];
  /** What went wrong, with all that is known of it. */
  traces: string[];
}

export async function run(
  world: World,
  platforms: Platforms,
  number: number,
  seed: number,
  perKind: number,
): Promise<RunResult> {
  const began = Date.now();
  const since = platforms.taken.length;
  const tag = `run-${number}`;
  const plan = planOf(seed);
  const accounts = await connect(world.hub, platforms, number, tag);
  const desk = openDesk(world.hub, number, tag, accounts);
  const trouble = openTrouble(world, platforms, number * perKind);
  for (const act of plan) {
    await pause(Math.max(0, began + act.at * 1_000 - Date.now()));
    await (isOrder(act) ? desk.order(act) : trouble.begin(act));
  }
  await trouble.over();
  await platforms.calm();
  await rest(world, desk);
  const rows = await rowsOf(world, desk);
  const all = platforms.taken.slice(since);
  const never = trouble.neverPublished(all);
  const log = all.filter((entry) => !never.has(entry));
  const judged: Judged[] = [];
  for (const release of desk.releases())
    for (const account of accounts)
      if (release.ordered.has(account.id)) judged.push(await judge(release, account, number, rows, log));
  const faulty = judged.filter(({ counts }) => Object.values(counts).some((count) => count > 0));
  return {
    counts: sum(judged.map(({ counts }) => counts)),
    orders: plan.filter(isOrder).length,
    faults: plan.filter((act) => !isOrder(act)).length,
    placements: judged.length,
    told: judged.filter(({ told }) => told).length,
    words: judged.filter(({ told }) => told).map(({ words }) => words),
    seconds: Math.round((Date.now() - began) / 1_000),
    traces: faulty.length === 0 ? [] : [plan.map(wordsOf).join('\n'), ...faulty.map(({ trace }) => trace)],
  };
}

function isOrder(act: Act): act is Act & Order {
  return ['publish', 'correction', 'update', 'withdraw', 'warn', 'warn-again'].includes(act.does);
}
