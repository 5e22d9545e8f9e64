/**
 * `npm run chaos -- rolling [--deliveries 4000]`: two hosts with a process of every role, behind haproxy; each process is
 * replaced in the middle of deliveries, while somebody asks the API and others follow the event stream. Counted where the
 * public is, and where the client is.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { freePort } from '../core/free-port.js';
import { addPerson } from '../core/people/add.js';
import { createApiKey } from '../core/people/api-keys.js';
import { roles } from '../core/model/roles.js';
import { redisKey } from '../core/queue/keys.js';
import type { News } from '../core/queue/changes.js';
import { connect, makeUnit, perKind, type ChaosAccount } from './accounts.js';
import { askAllTheWhile, type Asker, type Client } from './client.js';
import { openDesk, type Desk } from './desk.js';
import { judge, rest, rowsOf } from './judge.js';
import { openPlatforms, type Platforms } from './platforms.js';
import { startBalancer } from './balancer.js';
import { sum, type Counts } from './verdict.js';
import { openViewer, type Viewer } from './viewer.js';
import { openWorld, type World } from './world.js';

const options = z.object({ deliveries: z.coerce.number().int().min(120).max(100_000).default(4_000) });

const processes = ['server', 'publish', 'record', 'dispatch', 'clock', 'media'] as const;
const hosts = [1, 2] as const;
const parts = hosts.flatMap((host) => processes.map((role) => ({ name: `${role}-${host}`, roles: role })));

/** Deliveries an account: two releases go out together, and a correction of the first on its heels. */
const each = 3;
/** Of each wave's release, those who watch it live. */
const viewersEach = 2;
/** ms until the balancer believes a server that has come back. */
const believed = 3_000;

interface Wave {
  desk: Desk;
  accounts: ChaosAccount[];
  number: number;
  viewers: { release: string; viewer: Viewer }[];
}

interface Replaced {
  part: string;
  status: number | string;
  seconds: number;
}

export async function rolling(args: string[]): Promise<boolean> {
  const { values } = parseArgs({ args, options: { deliveries: { type: 'string' } } });
  const { deliveries } = options.parse(values);
  const folder = mkdtempSync(join(tmpdir(), 'lianfa-rolling-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const ports = [await freePort(), await freePort()] as const;
  const platforms = await openPlatforms();
  const balancer = await startBalancer(folder, ports);
  const world = await openWorld(platforms.urls, {
    parts: parts.map((part) => {
      const port = part.roles === 'server' ? ports[Number(part.name.at(-1)) - 1] : undefined;
      return { ...part, ...(port !== undefined && { port }) };
    }),
    url: balancer.url,
    env: balancer.env,
  });
  try {
    await balancer.ready();
    await pause(believed);
    await makeUnit(world.hub);
    await platforms.enough();
    for (const channel of ['weibo', 'wechat', 'website', 'app'])
      await platforms.control(channel, 'latency', { ms: 1_500, spread: 1_000 });
    const asker = await askerOf(world);
    const { key } = asker;
    const client = await askAllTheWhile(balancer.url, asker);
    const news = collectNews(world);
    const replaced: Replaced[] = [];
    const waves: Wave[] = [];
    for (const [number, { name }] of parts.entries()) {
      const rounds = Math.ceil(deliveries / parts.length / each / (5 * perKind));
      const wave = await begin(world, platforms, number, rounds, balancer.url, key);
      waves.push(wave);
      const part = await replaceIn(wave, name, world, platforms);
      replaced.push(part);
      tell(part, client);
      if (name.startsWith('server')) await pause(believed);
    }
    const counts = await judgeAll(world, platforms, waves);
    await client.close();
    const watched = await judgeViewers(await news.close(), waves);
    return answer(replaced, client, counts, watched);
  } finally {
    balancer.close();
    await world.close();
    await platforms.close();
  }
}

async function askerOf({ hub }: World): Promise<Asker> {
  const who = { name: 'client', password: 'of-the-client' };
  const person = await addPerson(hub, { ...who, displayName: '客户端', roles });
  return { ...who, key: await createApiKey(hub, 'client', person._id) };
}

/** Two releases on new accounts, watched live. */
async function begin(
  world: World,
  platforms: Platforms,
  number: number,
  rounds: number,
  url: string,
  key: string,
): Promise<Wave> {
  const tag = `wave-${number}`;
  const accounts: ChaosAccount[] = [];
  for (let round = 0; round < rounds; round += 1)
    accounts.push(...(await connect(world.hub, platforms, number * rounds + round, tag)));
  const desk = openDesk(world.hub, number, tag, accounts);
  for (const release of ['甲', '乙']) await desk.order({ does: 'publish', release, half: false });
  const viewers = desk
    .releases()
    .flatMap(({ id: release }) =>
      Array.from({ length: viewersEach }, () => ({ release, viewer: openViewer(url, release, key) })),
    );
  return { desk, accounts, number, viewers };
}

/** When a tenth has left; and the correction, while it is being replaced. */
async function replaceIn(
  { desk, accounts }: Wave,
  part: string,
  world: World,
  { taken }: Platforms,
): Promise<Replaced> {
  const since = taken.length;
  for (const end = Date.now() + 30_000; taken.length - since < accounts.length / 10 && Date.now() < end;)
    await pause(20);
  const replacing = world.replace(part);
  await desk.order({ does: 'correction', release: '甲' });
  return { part, ...(await replacing) };
}

function tell({ part, status, seconds }: Replaced, client: Client): void {
  const { requests, failed } = client.counts();
  const cells = [part.padEnd(12), String(status).padStart(6), `${seconds.toFixed(1)} s`.padStart(8)];
  console.error(`${cells.join('')} │${String(requests).padStart(8)}${String(failed.length).padStart(8)}`);
}

interface Judged {
  counts: Counts;
  people: number;
  placements: number;
  traces: string[];
}

async function judgeAll(world: World, platforms: Platforms, waves: readonly Wave[]): Promise<Judged> {
  await platforms.calm();
  await platforms.enough();
  const all: Counts[] = [];
  const traces: string[] = [];
  let [people, placements] = [0, 0];
  for (const { desk, accounts, number } of waves) {
    await rest(world, desk);
    const rows = await rowsOf(world, desk);
    for (const release of desk.releases())
      for (const account of accounts) {
        const judged = await judge(release, account, number, rows, platforms.taken);
        all.push(judged.counts);
        placements += release.ordered.get(account.id)?.length ?? 0;
        if (judged.told) people += 1;
        if (judged.told || Object.values(judged.counts).some((count) => count > 0)) traces.push(judged.trace);
      }
  }
  return { counts: sum(all), people, placements, traces };
}

interface Watched {
  missed: number;
  twice: number;
  whole: number;
  opened: number;
  viewers: number;
}

/** All the news there were, for Redis forgets the older ones. */
function collectNews({ hub }: World): { close(): Promise<News[]> } {
  const all: News[] = [];
  let open = true;
  async function read(): Promise<void> {
    const after = all.at(-1)?.id;
    const from = after === undefined ? '-' : `(${after}`;
    for (const [id, [, release = '', , ids]] of await hub.redis.xrange(redisKey(hub.settings, 'changes'), from, '+'))
      all.push({ id, release, ids: ids?.split(' ').filter(Boolean) });
  }
  async function run(): Promise<void> {
    for (; open; await pause(250)) await read();
    await read();
  }
  const running = run();
  return {
    async close() {
      open = false;
      await running;
      return all;
    },
  };
}

async function judgeViewers(news: readonly News[], waves: readonly Wave[]): Promise<Watched> {
  const watched: Watched = { missed: 0, twice: 0, whole: 0, opened: 0, viewers: 0 };
  for (const { viewers } of waves)
    for (const { release, viewer } of viewers) {
      await viewer.close();
      const { missed, twice, whole } = viewer.judged(
        news.filter((piece) => 'release' in piece && piece.release === release),
      );
      watched.missed += missed;
      watched.twice += twice;
      watched.whole += whole;
      watched.opened += viewer.opened();
      watched.viewers += 1;
    }
  return watched;
}

function answer(replaced: readonly Replaced[], client: Client, judged: Judged, watched: Watched): boolean {
  const { requests, failed } = client.counts();
  const { overtaken, doubles, lost, stuck } = judged.counts;
  console.error(
    `  deliveries ${judged.placements} · people ${judged.people} · overtaken ${overtaken} · stuck ${stuck}`,
  );
  console.error(
    `  viewers ${watched.viewers}, streams ${watched.opened} · missed ${watched.missed} · twice ${watched.twice} · told everything ${watched.whole}`,
  );
  for (const one of failed.slice(0, 10)) console.error(`  ${one}`);
  for (const trace of judged.traces.slice(0, 5)) console.error(trace.slice(0, 2_000));
  const line = {
    replaced: replaced.length,
    requests,
    failed: failed.length,
    eventsMissed: watched.missed,
    doubles,
    lost,
  };
  console.log(JSON.stringify(line));
  const unclean = replaced.filter(({ status }) => status !== 0).length;
  return failed.length + watched.missed + watched.twice + doubles + lost + overtaken + stuck + unclean === 0;
}
