/** All that a desk has ordered, judged on each account when it has come to rest, with the whole story of what went wrong. */
import type { ChaosAccount } from './accounts.js';
import type { Desk } from './desk.js';
import { judge, rowsOf, type Judged } from './judge.js';
import type { Taken } from './platforms.js';
import { sum, wasTakenOver, type Counts } from './verdict.js';
import type { World } from './world.js';

export interface JudgedAll {
  counts: Counts;
  deliveries: number;
  /** Deliveries that were taken over from a publisher that had not ended them. */
  takenOver: number;
  /** Deliveries that a person has in hand. */
  people: number;
  causes: string[];
  traces: string[];
}

/** `number`: of the run, as its titles name it; `log`: what the platforms took in it. */
export async function judgeAll(
  world: World,
  desk: Pick<Desk, 'releases'>,
  accounts: readonly ChaosAccount[],
  number: number,
  log: readonly Taken[],
): Promise<JudgedAll> {
  const rows = await rowsOf(world, desk);
  const judged: Judged[] = [];
  for (const release of desk.releases())
    for (const account of accounts)
      if (release.ordered.has(account.id)) judged.push(await judge(release, account, number, rows, log));
  const faulty = judged.filter(({ counts }) => Object.values(counts).some((count) => count > 0));
  const told = judged.filter((one) => one.told);
  return {
    counts: sum(judged.map(({ counts }) => counts)),
    deliveries: judged.length,
    takenOver: [...rows.values()].filter(({ events }) => wasTakenOver(events)).length,
    people: told.length,
    causes: [...new Set(told.map((one) => one.words))],
    traces: faulty.length === 0 ? [] : [...(await orderLines(world, desk)), ...faulty.map(({ trace }) => trace)],
  };
}

async function orderLines({ hub }: World, desk: Pick<Desk, 'releases'>): Promise<string[]> {
  const names = new Map(desk.releases().map(({ id, name }) => [id, name]));
  const orders = await hub.store.orders.find({ release: { $in: [...names.keys()] } }).lean();
  return orders.map(({ _id, release, action, state, at }) =>
    ['order', names.get(release), action, at.toISOString(), state, _id].join(' '),
  );
}
