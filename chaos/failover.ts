/**
 * `npm run chaos -- failover [--runs 6] [--seed S] [--cluster] [--deliveries 2000]`: the Redis that all stand on is replaced
 * in the middle of that many deliveries; counted where the public is.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { placementId, type Placement } from '../core/model/placement.js';
import { isFinal } from '../core/model/states.js';
import { connect, makeUnit, perKind, type ChaosAccount } from './accounts.js';
import { openDesk, textsIn, type Desk } from './desk.js';
import { openDice, type Dice } from './dice.js';
import { openPlatforms, type Platforms } from './platforms.js';
import {
  askSentinel,
  mastersOf,
  once,
  password,
  startCluster,
  startSentinels,
  type Server,
  type Servers,
} from '../bench/redis-servers.js';
import { sum, verdict, type Counts } from './verdict.js';
import { openWorld, type World } from './world.js';

const options = z.object({
  runs: z.coerce.number().int().min(1).max(100).default(6),
  seed: z.coerce.number().int().min(0).max(4_294_967_295).optional(),
  cluster: z.boolean().default(false),
  deliveries: z.coerce.number().int().min(60).max(20_000).default(2_000),
});

/** Two releases go out together, and a correction of the first on its heels: so many deliveries an account. */
const each = 3;
const parts = ['publish-1', 'publish-2', 'record,dispatch', 'clock,media', 'server'];
/** Seconds until all must have come to rest. */
const longest = 420;
/** ms in which what had left before the fault still arrives. */
const underWay = 1_500;

type Blow = 'kill' | 'stop' | 'cut';

interface Ground {
  world: World;
  platforms: Platforms;
  redis: Redis;
  /** Of accounts, in a run. */
  rounds: number;
}

/** The Redis under attack. */
interface Redis extends Servers {
  /** Does it to a master, and waits until another has taken over; then what stood still or was cut off comes back. Answers when it was done. */
  strike(blow: Blow, dice: Dice): Promise<number>;
  blows: readonly Blow[];
}

export async function failover(args: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: 'string' },
      seed: { type: 'string' },
      deliveries: { type: 'string' },
      cluster: { type: 'boolean' },
    },
  });
  const { runs, cluster, deliveries, seed = Math.floor(Math.random() * 1_000_000) } = options.parse(values);
  const folder = mkdtempSync(join(tmpdir(), 'lianfa-failover-'));
  const redis = cluster ? await clusterUnder(folder) : await sentinelsUnder(folder);
  // After the servers, which end at the exit too.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const platforms = await openPlatforms();
  const world = await openWorld(platforms.urls, {
    parts: parts.map((name) => ({ name, roles: name.replace(/-\d$/, '') })),
    redis: { REDIS_URL: redis.url, ...(!cluster && { REDIS_SENTINEL_PASSWORD: password }) },
  });
  const kind = cluster ? 'cluster' : 'sentinel';
  console.error(`种子 seed ${seed} · ${kind}`);
  try {
    await makeUnit(world.hub);
    await platforms.enough();
    const ground = { world, platforms, redis, rounds: Math.ceil(deliveries / each / (5 * perKind)) };
    const results: Result[] = [];
    console.error('  run  blow      s  resumed s  people │ overtaken  doubles  lost  stuck');
    for (let number = 0; number < runs; number += 1) {
      const result = await oneRun(ground, number, openDice((seed + number) >>> 0));
      results.push(result);
      tell(number, result);
    }
    return answer(kind, results);
  } finally {
    await world.close();
    await platforms.close();
    redis.close();
  }
}

interface Result {
  blow: Blow;
  counts: Counts;
  people: number;
  seconds: number;
  /** From the blow until the first post that had not left before it. */
  resumed: number;
  traces: string[];
}

function tell(number: number, { blow, counts, people, seconds, resumed, traces }: Result): void {
  const { overtaken, doubles, lost, stuck } = counts;
  const left = [number + 1, blow, seconds, resumed.toFixed(1), people].map((cell, place) =>
    String(cell).padStart([5, 6, 7, 11, 8][place] ?? 0),
  );
  const right = [overtaken, doubles, lost, stuck].map((count, place) =>
    String(count).padStart([10, 9, 6, 7][place] ?? 0),
  );
  console.error(`${left.join('')} │${right.join('')}`);
  for (const trace of traces.slice(0, 3)) console.error(trace.slice(0, 600));
}

function answer(kind: string, results: readonly Result[]): boolean {
  const total = sum(results.map(({ counts }) => counts));
  const resumed = results.map((one) => one.resumed).sort((a, b) => a - b);
  const resumedP95S = Math.round((resumed[Math.ceil(resumed.length * 0.95) - 1] ?? 0) * 10) / 10;
  const people = results.reduce((all, one) => all + one.people, 0);
  console.log(JSON.stringify({ runs: results.length, kind, ...total, people, resumedP95S }));
  return Object.values(total).every((count) => count === 0);
}

const tagOf = (run: number): string => `run-${run}`;

/** A run has accounts of its own: Weibo shows the newest five posts of one, and what is behind them it cannot be asked for. */
async function newAccounts({ world, platforms, rounds }: Ground, run: number): Promise<ChaosAccount[]> {
  const accounts: ChaosAccount[] = [];
  for (let round = 0; round < rounds; round += 1)
    accounts.push(...(await connect(world.hub, platforms, run * rounds + round, tagOf(run))));
  return accounts;
}

async function oneRun(ground: Ground, number: number, dice: Dice): Promise<Result> {
  const { world, platforms, redis } = ground;
  const accounts = await newAccounts(ground, number);
  const began = Date.now();
  const since = platforms.taken.length;
  for (const channel of ['weibo', 'wechat', 'website', 'app'])
    await platforms.control(channel, 'latency', { ms: 300, spread: 200 });
  const desk = openDesk(world.hub, number, tagOf(number), accounts);
  await desk.order({ does: 'publish', release: '甲', half: false });
  await desk.order({ does: 'publish', release: '乙', half: false });
  const half = dice.between(10, 60) / 100;
  while (platforms.taken.length - since < accounts.length * half) await pause(20);
  await desk.order({ does: 'correction', release: '甲' });
  const blow = redis.blows[number % redis.blows.length] ?? 'kill';
  const at = await redis.strike(blow, dice);
  await platforms.calm();
  await platforms.enough();
  const rows = await rested(world, desk, accounts);
  const later = platforms.taken.slice(since).find((entry) => Date.parse(entry.at) > at + underWay);
  const judged = await judge({ platforms, accounts, number, desk, rows, since });
  return {
    blow,
    ...judged,
    seconds: Math.round((Date.now() - began) / 1_000),
    resumed: later ? (Date.parse(later.at) - at) / 1_000 : longest,
  };
}

async function rowsOf({ hub }: World, desk: Desk): Promise<Map<string, Placement>> {
  const ids = desk.releases().map(({ id }) => id);
  const rows: Placement[] = await hub.store.placements.find({ release: { $in: ids } }).lean();
  return new Map(rows.map((row) => [row._id, row]));
}

function rests(row: Placement | undefined): boolean {
  return row !== undefined && (isFinal(row.state) || row.state === 'needs_action');
}

/** The rows when nothing is on its way, or when it has lasted too long. */
export async function rested(
  world: World,
  desk: Desk,
  accounts: readonly ChaosAccount[],
): Promise<Map<string, Placement>> {
  for (const end = Date.now() + longest * 1_000; ; await pause(500)) {
    const rows = await rowsOf(world, desk);
    const ids = desk.releases().flatMap(({ id }) => accounts.map((account) => placementId(id, account.id)));
    if (Date.now() > end || ids.every((id) => rests(rows.get(id)))) return rows;
  }
}

export interface Ended {
  platforms: Platforms;
  accounts: readonly ChaosAccount[];
  number: number;
  desk: Desk;
  rows: ReadonlyMap<string, Placement>;
  /** Of what the platforms took, where the run began. */
  since: number;
}

/** What became of it, at the platforms and on the public pages. `people`: placements that a person has in hand. */
export async function judge(ended: Ended): Promise<Pick<Result, 'counts' | 'people' | 'traces'>> {
  const { platforms, accounts, number, desk, rows, since } = ended;
  const log = platforms.taken.slice(since);
  const all: Counts[] = [];
  const traces: string[] = [];
  let people = 0;
  for (const account of accounts) {
    const own = log.filter((entry) => entry.channel === account.channel && entry.account === account.name);
    for (const { id, name, ordered } of desk.releases()) {
      const row = rows.get(placementId(id, account.id));
      const page = textsIn(await account.read(id), number, name);
      // One page names its text more than once.
      const shown = account.inPlace || account.channel === 'weibo' ? [...new Set(page)] : page;
      const taken = own.flatMap(({ subject }) => textsIn(subject, number, name).slice(0, 1));
      const told = row?.state === 'needs_action' || row?.state === 'failed' || row?.halt !== undefined;
      if (told) people += 1;
      const wanted = ordered.get(account.id) ?? [];
      const counts = verdict({ ordered: wanted, taken, shown, inPlace: account.inPlace, told, atRest: rests(row) });
      all.push(counts);
      if (told || Object.values(counts).some((count) => count > 0))
        traces.push(
          `    ${account.channel} ${account.name} ${name}: ${JSON.stringify({ counts, wanted, taken, shown })} ${row?.state ?? ''} ${JSON.stringify(row?.recent.slice(-4) ?? [])}`,
        );
    }
  }
  return { counts: sum(all), people, traces };
}

/** Three Sentinels, a master, two replicas. */
async function sentinelsUnder(folder: string): Promise<Redis> {
  const servers = await startSentinels(folder, 2);
  const [watcher] = servers.sentinels;
  const masterNow = async (): Promise<number> => Number((await askSentinel(watcher?.port ?? 0)).get('port'));
  return {
    ...servers,
    blows: ['kill', 'stop', 'cut'],
    async strike(blow, dice) {
      const port = await masterNow();
      const master = serverAt(servers.servers, port);
      const at = Date.now();
      await hit(master, blow);
      await waitFor(async () => (await masterNow()) !== port, 'another master');
      // What comes back believes for a while that it is the master still.
      await pause(dice.between(0, 4_000));
      await heal(master, blow);
      await waitFor(async () => (await askSentinel(watcher?.port ?? 0)).get('num-slaves') === '2', 'its return');
      return at;
    },
  };
}

/** Three masters with a replica each. */
async function clusterUnder(folder: string): Promise<Redis> {
  const servers = await startCluster(folder, 3, 1);
  return {
    ...servers,
    // A cluster talks over a port of its own, so there is nothing to refuse its peers.
    blows: ['kill', 'stop'],
    async strike(blow, dice) {
      const masters = await mastersOf(servers.servers);
      const port = dice.pick(masters);
      const master = serverAt(servers.servers, port);
      const others = servers.servers.filter((one) => one !== master);
      const at = Date.now();
      await hit(master, blow);
      await waitFor(async () => {
        const now = await mastersOf(others);
        return now.length === 3 && !now.includes(port);
      }, 'another master');
      await pause(dice.between(0, 4_000));
      await heal(master, blow);
      return at;
    },
  };
}

function serverAt(servers: readonly Server[], port: number): Server {
  const found = servers.find((one) => one.port === port);
  if (!found) throw new Error(`no Redis at ${port}`);
  return found;
}

async function hit(master: Server, blow: Blow): Promise<void> {
  if (blow === 'cut') await peers(master, 'off');
  else master.signal(blow === 'kill' ? 'SIGKILL' : 'SIGSTOP');
}

async function heal(master: Server, blow: Blow): Promise<void> {
  if (blow === 'cut') await peers(master, 'on');
  else if (blow === 'stop') master.signal('SIGCONT');
  else await master.start();
}

/** Replicas and Sentinels are cut off from it; whoever publishes is not, and it still believes that it is the master. */
async function peers({ port }: Server, turn: 'on' | 'off'): Promise<void> {
  const redis = once(port, password);
  await redis.connect();
  await redis.call('ACL', 'SETUSER', 'peer', turn);
  if (turn === 'off') await redis.call('CLIENT', 'KILL', 'USER', 'peer');
  redis.disconnect();
}

async function waitFor(condition: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + 90_000; Date.now() < end; await pause(100)) if (await condition()) return;
  throw new Error(`Redis: waited in vain for ${what}`);
}
