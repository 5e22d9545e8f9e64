/**
 * `npm run chaos -- partition [--runs 8] [--seed S]`: every part of the hub on a host of its own, and hosts that lose each
 * other while releases, changes and a warning go out; counted where the public is, when they have found each other again.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { insertPerson } from '../core/people/write.js';
import { connect, makeUnit, perKind, type ChaosAccount } from './accounts.js';
import { openBreaks, type Breaks } from './breaks.js';
import { openDesk, signers, type Desk } from './desk.js';
import { judge, rest, rowsOf, type Judged } from './judge.js';
import { hostNames, layNetwork, refusal, runApart } from './network.js';
import { isOrder, lineOf, planOf } from './partition-plan.js';
import { openPlatforms, type Platforms } from './platforms.js';
import { sum, wasTakenOver, type Counts } from './verdict.js';
import { fetchWireServer } from './wire-server.js';
import type { World } from './world.js';
import { openHosts } from './world-on-hosts.js';

const options = z.object({
  runs: z.coerce.number().int().min(1).max(100).default(8),
  seed: z.coerce.number().int().min(0).max(4_294_967_295).optional(),
  /** A fifth of them of each kind. */
  accounts: z.coerce.number().int().min(20).max(2_000).default(40),
  /** What all share: a file on a disk of all hosts, or a server on a host of its own. */
  store: z.enum(['file', 'wire']).default('file'),
  /** Nothing breaks but this host, for a minute: what it costs. */
  lose: z.enum(hostNames).exclude(['desk']).optional(),
  /** File for what the processes have to say; else it goes with them. */
  log: z.string().optional(),
  /** Set where it runs once more, alone: the folder of what was fetched before. */
  alone: z.string().optional(),
});
type Options = z.output<typeof options>;

const words = { type: 'string' } as const;

export async function partition(args: string[]): Promise<boolean> {
  const known = { runs: words, seed: words, accounts: words, store: words, lose: words, log: words, alone: words };
  const given = options.parse(parseArgs({ args, options: known }).values);
  if (given.alone !== undefined) return onHosts(given, given.alone);
  const refused = refusal();
  if (refused !== undefined) {
    console.error(refused);
    process.exit(2);
  }
  return (await runApart(['partition', ...args, '--alone', given.store === 'wire' ? fetched() : ''])) === 0;
}

/** Fetched while there is a network that leads out. Whoever has started it takes the folder away; so does the end of this process. */
function fetched(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lianfa-partition-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  fetchWireServer(folder);
  return folder;
}

async function onHosts(given: Options, folder: string): Promise<boolean> {
  const { runs, store, seed = Math.floor(Math.random() * 1_000_000) } = given;
  const network = layNetwork();
  const platforms = await openPlatforms(network.address('platforms'));
  const { world, close } = await openHosts(network, platforms.urls, { store, folder, log: given.log });
  console.error(`种子 seed ${seed} · 存储 store ${store}`);
  try {
    await makeUnit(world.hub);
    await makeSigners(world);
    const breaks = openBreaks(network, world, platforms);
    const results: Result[] = [];
    for (let number = 0; number < runs; number += 1) {
      const ground = { ...given, world, platforms, breaks, number, seed: (seed + number) >>> 0 };
      results.push(tell(number, await oneRun(ground)));
    }
    const total = sum(results.map(({ counts }) => counts));
    const people = results.reduce((all, one) => all + one.people, 0);
    const { doubles, overtaken, lost, stuck } = total;
    console.log(JSON.stringify({ runs, ...{ doubles, overtaken, lost, stuck, people } }));
    return Object.values(total).every((count) => count === 0);
  } finally {
    await close();
    await platforms.close();
  }
}

/** A warning is signed by two who exist, also when its countdown is over. */
async function makeSigners({ hub }: World): Promise<void> {
  for (const name of signers)
    await insertPerson(hub, {
      _id: name,
      name,
      displayName: name,
      path: '',
      rights: 1,
      createdAt: new Date(),
      enabled: true,
    });
}

interface Ground extends Pick<Options, 'accounts' | 'store' | 'lose'> {
  world: World;
  platforms: Platforms;
  breaks: Breaks;
  number: number;
  seed: number;
}

interface Result {
  counts: Counts;
  deliveries: number;
  /** Deliveries that were taken over from a publisher that had not ended them. */
  takenOver: number;
  people: number;
  seconds: number;
  /** From the last healing until all had come to rest. */
  settled: number;
  causes: string[];
  traces: string[];
}

/** What Weibo lets one account do is not what is tried here. */
const enough = (platforms: Platforms): Promise<void> =>
  platforms.control('weibo', 'budgets', { callsPerDay: 1_000_000, postsPerHour: 1_000 });

const tagOf = (run: number): string => `run-${run}`;

/** New ones for each run: Weibo shows the newest five posts of one, and what is behind them it cannot be asked for. */
async function newAccounts({ world, platforms, number, accounts }: Ground): Promise<ChaosAccount[]> {
  const rounds = Math.ceil(accounts / (5 * perKind));
  const made: ChaosAccount[] = [];
  for (let round = 0; round < rounds; round += 1)
    made.push(...(await connect(world.hub, platforms, number * rounds + round, tagOf(number))));
  return made;
}

async function oneRun(ground: Ground): Promise<Result> {
  const { world, platforms, breaks, number } = ground;
  const plan = planOf(ground.seed, ground.store, ground.lose);
  console.error(`\n  run ${number + 1}, seed ${ground.seed}\n${plan.map(lineOf).join('\n')}`);
  await enough(platforms);
  const accounts = await newAccounts(ground);
  const since = platforms.taken.length;
  const desk = openDesk(world.hub, number, tagOf(number), accounts);
  const began = Date.now();
  for (const act of plan) {
    await pause(Math.max(0, began + act.at * 1_000 - Date.now()));
    await (isOrder(act) ? desk.order(act) : breaks.begin(act));
  }
  await breaks.over();
  await platforms.calm();
  await enough(platforms);
  const healed = Date.now();
  await rest(world, desk);
  const rested = Date.now();
  const judged = await judgeAll(ground, desk, accounts, since);
  return {
    ...judged,
    seconds: Math.round((rested - began) / 1_000),
    settled: Math.round((rested - healed) / 1_000),
  };
}

async function judgeAll(
  { world, platforms, number }: Ground,
  desk: Desk,
  accounts: readonly ChaosAccount[],
  since: number,
): Promise<Omit<Result, 'seconds' | 'settled'>> {
  const rows = await rowsOf(world, desk);
  const log = platforms.taken.slice(since);
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

async function orderLines({ hub }: World, desk: Desk): Promise<string[]> {
  const names = new Map(desk.releases().map(({ id, name }) => [id, name]));
  const orders = await hub.store.orders.find({ release: { $in: [...names.keys()] } }).lean();
  return orders.map(({ _id, release, action, state, at }) =>
    ['order', names.get(release), action, at.toISOString(), state, _id].join(' '),
  );
}

function tell(number: number, result: Result): Result {
  const { counts, deliveries, takenOver, people, seconds, settled, causes, traces } = result;
  const cells = { run: number + 1, s: seconds, settled, deliveries, 'taken over': takenOver, people, ...counts };
  console.error(
    Object.entries(cells)
      .map(([name, count]) => `  ${name} ${count}`)
      .join(' │'),
  );
  for (const cause of causes) console.error(`         · ${cause}`);
  for (const trace of traces) console.error(trace);
  return result;
}
