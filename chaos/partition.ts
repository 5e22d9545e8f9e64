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
import { openDesk, signers } from './desk.js';
import { rest } from './judge.js';
import { judgeAll, type JudgedAll } from './judge-all.js';
import { loseHosts } from './loss.js';
import { hostNames, layNetwork, refusal, runApart, type HostName } from './network.js';
import { isBreak, isOrder, lineOf, planOf, type Act } from './partition-plan.js';
import { openPlatforms, type Platforms } from './platforms.js';
import { giveUntilTaken } from './store-away.js';
import { sum } from './verdict.js';
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
  /** Nothing breaks but this host, or each of them by turns, for a minute: what it costs. */
  lose: z
    .enum([...hostNames, 'each'])
    .exclude(['desk'])
    .optional(),
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
  if (given.lose === 'store' && given.store === 'file')
    throw new Error('--lose store takes --store wire: a file lies on no host');
  if (given.lose !== undefined)
    for (const name of ['runs', 'accounts', 'seed'] as const)
      if (args.some((word) => word.startsWith(`--${name}`))) throw new Error(`--lose takes no --${name}`);
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
  const { runs, store, lose, seed = Math.floor(Math.random() * 1_000_000) } = given;
  const network = layNetwork();
  const platforms = await openPlatforms(network.address('platforms'));
  const { world, close } = await openHosts(network, platforms.urls, { store, folder, log: given.log });
  console.error(`种子 seed ${seed} · 存储 store ${store}`);
  try {
    await makeUnit(world.hub);
    await makeSigners(world);
    const breaks = openBreaks(network, world, platforms);
    if (lose !== undefined) return await loseHosts({ world, platforms, breaks }, lostOnes(lose, store));
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

/** One of each kind, where it is each: of the servers and the publishers there are two alike. */
function lostOnes(lose: NonNullable<Options['lose']>, store: Options['store']): HostName[] {
  if (lose !== 'each') return [lose];
  const each: HostName[] = ['server-1', 'publish-1', 'record', 'clock', 'redis', 'platforms'];
  return store === 'wire' ? [...each, 'store'] : each;
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

interface Ground extends Pick<Options, 'accounts' | 'store'> {
  world: World;
  platforms: Platforms;
  breaks: Breaks;
  number: number;
  seed: number;
}

interface Result extends JudgedAll {
  seconds: number;
  /** From the last healing until all had come to rest. */
  settled: number;
}

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
  const plan = planOf(ground.seed, ground.store);
  console.error(`\n  run ${number + 1}, seed ${ground.seed}\n${plan.map(lineOf).join('\n')}`);
  await platforms.enough();
  const accounts = await newAccounts(ground);
  const since = platforms.taken.length;
  const desk = openDesk(world.hub, number, tagOf(number), accounts);
  const began = Date.now();
  const atItsTime = async <A extends Act>(acts: readonly A[], does: (act: A) => Promise<void>): Promise<void> => {
    for (const act of acts) {
      await pause(Math.max(0, began + act.at * 1_000 - Date.now()));
      await does(act);
    }
  };
  await Promise.all([
    atItsTime(plan.filter(isOrder), (order) => giveUntilTaken(desk, order)),
    atItsTime(plan.filter(isBreak), breaks.begin),
  ]);
  await breaks.over();
  await platforms.calm();
  await platforms.enough();
  const healed = Date.now();
  await rest(world, desk);
  const rested = Date.now();
  const judged = await judgeAll(world, desk, accounts, number, platforms.taken.slice(since));
  return {
    ...judged,
    seconds: Math.round((rested - began) / 1_000),
    settled: Math.round((rested - healed) / 1_000),
  };
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
