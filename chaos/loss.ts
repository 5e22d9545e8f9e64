/**
 * `npm run chaos -- partition --lose HOST`: nothing breaks but one host, gone for a minute while a release goes out every few
 * seconds. Seconds until deliveries go on, and what is left to people; counted where the platforms take the texts.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { connect, type ChaosAccount } from './accounts.js';
import type { Breaks } from './breaks.js';
import { openDesk, type Desk } from './desk.js';
import { rest } from './judge.js';
import { judgeAll, type JudgedAll } from './judge-all.js';
import { delaysOf, wentOn, type Delays, type Wave } from './loss-delays.js';
import type { HostName } from './network.js';
import type { Platforms, Taken } from './platforms.js';
import { isStoreAway } from './store-away.js';
import { sum } from './verdict.js';
import type { World } from './world.js';

/** Seconds. */
const between = 3;
const goneAt = 10;
const gone = 60;
const last = 85;
/** Of twenty accounts each: they take the waves in turn, for Weibo shows the newest five posts of one alone. */
const groups = 6;

interface Ground {
  world: World;
  platforms: Platforms;
  breaks: Breaks;
}

interface Group {
  desk: Desk;
  accounts: readonly ChaosAccount[];
}

interface Loss extends JudgedAll, Delays {
  host: HostName;
  /** Orders whose sender was told to come again, or that nobody knows what became of them. */
  refused: number;
  /** s from the return of the host until all had come to rest. */
  restedS: number;
}

/** Answers whether nothing was doubled, overtaken, lost or stuck by any of them. */
export async function loseHosts(ground: Ground, hosts: readonly HostName[]): Promise<boolean> {
  const losses: Loss[] = [];
  for (const [number, host] of hosts.entries()) losses.push(tell(await loseHost(ground, host, number)));
  const total = sum(losses.map(({ counts }) => counts));
  const figures = losses.map(({ host, deliveries, onS, longestS, restedS, refused, people }) => ({
    ...{ host, deliveries, onS, longestS, restedS, refused, people },
  }));
  console.log(JSON.stringify({ hosts: figures, ...total }));
  return losses.every(wentOn) && Object.values(total).every((count) => count === 0);
}

async function loseHost({ world, platforms, breaks }: Ground, host: HostName, number: number): Promise<Loss> {
  await platforms.enough();
  const all: Group[] = [];
  for (let place = 0; place < groups; place += 1) {
    const tag = `loss-${number}-${place}`;
    const accounts = await connect(world.hub, platforms, number * groups + place, tag);
    all.push({ accounts, desk: openDesk(world.hub, number, tag, accounts) });
  }
  const since = platforms.taken.length;
  const began = Date.now();
  const backAt = began + (goneAt + gone) * 1_000;
  const losing = pause(goneAt * 1_000).then(() => breaks.begin({ does: 'alone', host, seconds: gone }));
  const { waves, refused } = await sendWaves(all, began);
  await losing;
  await breaks.over();
  const desk = { releases: () => all.flatMap((group) => group.desk.releases()) };
  await rest(world, desk);
  const restedS = Math.round((Date.now() - backAt) / 1_000);
  const log = platforms.taken.slice(since);
  const accounts = all.flatMap((group) => group.accounts);
  const judged = await judgeAll(world, desk, accounts, number, log);
  const delays = delaysOf(waves, firstTakes(log), began + goneAt * 1_000);
  return { ...judged, ...delays, host, refused, restedS };
}

/** Each at its time, whatever becomes of the others. */
async function sendWaves(all: readonly Group[], began: number): Promise<{ waves: Wave[]; refused: number }> {
  const waves: Wave[] = [];
  let refused = 0;
  async function send({ desk }: Group, place: number): Promise<void> {
    await pause(began + place * between * 1_000 - Date.now());
    const wave = { name: `波${place}`, askedAt: Date.now() };
    try {
      await desk.order({ does: 'publish', release: wave.name, half: false });
      waves.push(wave);
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      refused += 1;
    }
  }
  const turns = Math.ceil(last / between / all.length);
  const places = Array.from({ length: turns }, () => all).flat();
  await Promise.all(places.map(send));
  return { waves, refused };
}

/** When each text was first taken on each account. A site that the hub builds is no platform, and not among them. */
function firstTakes(log: readonly Taken[]): { name: string; at: number }[] {
  const takes = new Map<string, { name: string; at: number }>();
  for (const { at, channel, account, subject } of log) {
    const name = /轮(波\d+)通知/.exec(subject)?.[1];
    const key = `${channel} ${account} ${name}`;
    if (name !== undefined && !takes.has(key)) takes.set(key, { name, at: Date.parse(at) });
  }
  return [...takes.values()];
}

function tell(loss: Loss): Loss {
  const { host, counts, deliveries, takenOver, people, causes, traces, onS, longestS, restedS, refused } = loss;
  const cells = { host, deliveries, 'on after s': onS, 'longest s': longestS, 'rested after s': restedS };
  console.error(
    Object.entries({ ...cells, refused, 'taken over': takenOver, people, ...counts })
      .map(([name, count]) => `  ${name} ${count}`)
      .join(' │'),
  );
  for (const cause of causes) console.error(`         · ${cause}`);
  for (const trace of traces) console.error(trace);
  return loss;
}
