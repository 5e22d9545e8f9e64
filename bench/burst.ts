/** One broadcast as the night of it would be: a desk's processes, two people's acts, 200 viewers, somebody who clicks about. */
import { setTimeout as pause } from 'node:timers/promises';
import { desk } from '../cli/supervisor.js';
import { openHub, type Hub } from '../core/hub/hub.js';
import { grouped } from '../core/grouped.js';
import { newId } from '../core/ids.js';
import type { Placement } from '../core/model/placement.js';
import { addPerson } from '../core/people/add.js';
import { createApiKey } from '../core/people/api-keys.js';
import { answerTime } from './answer-time.js';
import { accountsOf, channels, requireAll, tookOf } from './audience.js';
import { percentile, round1 } from './figures.js';
import { openGround, type Ground, type Took } from './ground.js';
import { each, meter } from './meter.js';
import { connectAccounts, makeUnit } from './release.js';
import { openTwoPeople, type Sent, type TwoPeople, type Written } from './two-people.js';
import { lagFrom, watch, type Lag } from './viewers.js';

/** Not counted: by the end of it the processes run compiled code. */
const warmUp = 2_000;
export const viewers = 200;
/** Milliseconds between two clicks of somebody who looks around. */
const apart = 500;
/** Seconds that a broadcast may take. */
const longest = 900;
/** Of the changes, how many are followed to each viewer. */
const followed = 2_000;

export interface Burst {
  accounts: number;
  ledger: number;
  doubles: number;
  outOfOrder: number;
  /** Seconds from the end of the countdown. */
  attempted99: number;
  verified99: number;
  verifiedAll: number;
  /** ms from the end of the countdown until the order was begun. */
  begunAfter: number;
  /** The same by channel: the first account, 99 % of them, and 99 % read back. */
  channels: Record<string, { first: number; attempted99: number; read99: number }>;
  /** Seconds of the two people's acts: from submitting to the second signature. */
  acts: number;
  /** Microseconds of the processor for one delivery, by part. */
  cpu: Record<string, number>;
  /** MB at most, by part. */
  memory: Record<string, number>;
  /** ms */
  screen: Record<'counts' | 'page' | 'timeline', { p50: number; p95: number }>;
  /** From a reading back to each viewer's event with it. */
  lag: Lag;
}

/** What is beside it: `latency` of every platform, ms. */
interface Circumstances {
  latency?: { ms: number; spread: number };
}

/** On ground of its own, so that no size bears what another has left behind. */
export async function burst(accounts: number, { latency }: Circumstances = {}): Promise<Burst> {
  const ground = await openGround();
  const hub = await openHub(ground.config, 'bench');
  try {
    await makeUnit(hub);
    await connectAll(hub, ground, 0, warmUp, ['warm']);
    await connectAll(hub, ground, warmUp, accounts, ['all']);
    await Promise.all(desk.map((roles) => ground.role(roles)));
    const people = await openTwoPeople(hub, ground.config.url);
    const keys = await readers(hub);
    const warm = await people.broadcast(await people.write('预热：台风红色预警'), { tags: ['warm'] });
    await allVerified(people, warm.release);
    await ground.reset();
    if (latency) await slowDown(ground, latency);
    return await measured({ ground, hub, people, keys }, accounts);
  } finally {
    await hub.close();
    await ground.close();
  }
}

interface Night {
  ground: Ground;
  hub: Hub;
  people: TwoPeople;
  keys: string[];
}

/** Every tenth bears a tag of its own: to those more is said later. */
async function connectAll(hub: Hub, ground: Ground, from: number, count: number, tags: string[]): Promise<void> {
  for (const [channel, those] of Object.entries(await accountsOf(ground, from, count))) {
    const tenth = those.filter((_, n) => n % 10 === 0);
    await connectAccounts(hub, tenth, [...tags, `tenth-${tags[0] ?? ''}`], channel);
    await connectAccounts(
      hub,
      those.filter((_, n) => n % 10 !== 0),
      tags,
      channel,
    );
  }
}

async function readers(hub: Hub): Promise<string[]> {
  const keys: string[] = [];
  for (const name of ['reader-1', 'reader-2']) {
    const person = { name, displayName: name, password: newId('p'), roles: ['reviewer'] as const };
    keys.push(await createApiKey(hub, name, (await addPerson(hub, person))._id));
  }
  return keys;
}

async function slowDown(ground: Ground, latency: { ms: number; spread: number }): Promise<void> {
  for (const channel of ['weibo', 'wechat', 'website', 'app']) await ground.control(channel, '/latency', latency);
}

async function measured(night: Night, accounts: number): Promise<Burst> {
  const { ground, hub, people, keys } = night;
  const written = await people.write('台风红色预警第1报');
  const heard = Array.from({ length: viewers }, (): Heard[] => []);
  const watching = await watch(ground.config.url, written.release, keys, viewers, (viewer, verified) => {
    heard[viewer]?.push({ at: Date.now(), verified });
  });
  const began = Date.now();
  const sent = await people.broadcast(written, { tags: ['all'] });
  const cpu = meter(ground);
  const clicks = openClicks(ground.config.url, written.release, keys[0] ?? '');
  await allVerified(people, written.release, clicks.once);
  const used = cpu();
  const memory = ground.memory();
  // What the last readings changed is on its way to the viewers.
  await pause(1_000);
  watching.stop();
  const took = await tookOf(ground);
  requireAll(took, accounts);
  const read = await readingsOf(hub, written.release);
  const after = await onTheHeels(night, took);
  const { self: _measuring, ...parts } = each(used, accounts);
  const since = (at: number): number => round1((at - sent.leavesAt) / 1_000);
  const [watcher = []] = heard;
  return {
    accounts,
    ledger: await hub.store.placements.countDocuments({ release: written.release }),
    ...after,
    attempted99: since(
      percentile(
        [...took.values()].map(([first]) => first?.at ?? Number.NaN),
        0.99,
      ),
    ),
    verified99: since(watcher.find(({ verified }) => verified >= 0.99 * accounts)?.at ?? Number.NaN),
    verifiedAll: since(watcher.find(({ verified }) => verified === accounts)?.at ?? Number.NaN),
    begunAfter: await begunAfter(hub, sent),
    channels: Object.fromEntries(
      channels.map((channel) => {
        const at = [...took].flatMap(([name, [first]]) => (name.startsWith(`${channel} `) && first ? [first.at] : []));
        return [
          channel,
          {
            first: since(Math.min(...at)),
            attempted99: since(percentile(at, 0.99)),
            read99: since(percentile(read.get(channel) ?? [], 0.99)),
          },
        ];
      }),
    ),
    acts: round1((sent.signedAt - began) / 1_000),
    cpu: parts,
    memory,
    screen: clicks.times(),
    lag: lagFrom(lagsOf(ascending([...read.values()].flat()), heard)),
  };
}

async function begunAfter({ store }: Hub, { order, leavesAt }: Sent): Promise<number> {
  return ((await store.orders.findById(order).lean())?.startedAt?.getTime() ?? Number.NaN) - leavesAt;
}

/** Looks every half second, as a person would. Throws where it ends otherwise. */
async function allVerified(people: TwoPeople, release: string, look?: () => Promise<void>): Promise<void> {
  for (const end = Date.now() + longest * 1_000; Date.now() < end; await pause(apart)) {
    await look?.();
    const { counts, total, finished, orders } = await people.status(release);
    // One that is counted down is not under way.
    if (!finished || total === 0 || orders.some(({ state }) => state === 'planned')) continue;
    const others = counts.filter(({ state }) => state !== 'verified');
    if (others.length > 0) throw new Error(`not all were verified: ${JSON.stringify(others)}`);
    return;
  }
  throw new Error(`${release}: ${JSON.stringify((await people.status(release)).counts)} after ${longest} s`);
}

interface Clicks {
  once(): Promise<void>;
  times(): Burst['screen'];
}

/** The counts, a page of the list and one timeline, one after the other. */
function openClicks(url: string, release: string, key: string): Clicks {
  const times = { counts: [] as number[], page: [] as number[], timeline: [] as number[] };
  const at = `${url}/api/v1/releases/${release}`;
  let row: string | undefined;
  return {
    async once() {
      times.counts.push(await answerTime(`${at}/status`, key));
      times.page.push(await answerTime(`${at}/placements?limit=50`, key));
      row ??= await firstRow(`${at}/placements?limit=1`, key);
      if (row !== undefined) times.timeline.push(await answerTime(`${url}/api/v1/placements/${row}`, key));
    },
    times() {
      const of = (ms: readonly number[]) => ({ p50: round1(percentile(ms, 0.5)), p95: round1(percentile(ms, 0.95)) });
      return { counts: of(times.counts), page: of(times.page), timeline: of(times.timeline) };
    },
  };
}

async function firstRow(url: string, key: string): Promise<string | undefined> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
  const { items } = (await answer.json()) as { items: { id: string }[] };
  return items[0] && encodeURIComponent(items[0].id);
}

interface Heard {
  at: number;
  verified: number;
}

/** When each account was read back and found right, by channel. */
async function readingsOf({ store }: Hub, release: string): Promise<Map<string, number[]>> {
  const rows = await store.placements.find({ release }, { evidence: 1, channel: 1 }).lean();
  const of = ({ evidence }: Pick<Placement, 'evidence'>): number => evidence?.at.getTime() ?? Number.NaN;
  return new Map(
    Array.from(
      grouped(rows, ({ channel }) => channel),
      ([channel, those]) => [channel, those.map(of)],
    ),
  );
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((one, other) => one - other);
}

/** The n-th reading is on a viewer's screen with the first count of at least n. */
function lagsOf(readAt: readonly number[], heard: readonly (readonly Heard[])[]): number[] {
  const step = Math.max(1, Math.floor(readAt.length / followed));
  const lags: number[] = [];
  for (const events of heard) {
    let place = 0;
    for (let n = step; n <= readAt.length; n += step) {
      while (place < events.length && (events[place]?.verified ?? 0) < n) place += 1;
      const event = events[place];
      if (event) lags.push(event.at - (readAt[n - 1] ?? event.at));
    }
  }
  return lags;
}

/** A second warning and its two updates to every tenth account, each on the heels of the one before: what was taken twice, and what an older text followed. */
async function onTheHeels(
  { ground, people }: Night,
  before: ReadonlyMap<string, Took[]>,
): Promise<{ doubles: number; outOfOrder: number }> {
  let last: Written | undefined;
  for (const report of [1, 2, 3]) {
    last = await people.write(`暴雨红色预警第${report}报`, last);
    await people.broadcast(last, { tags: ['tenth-all'] });
  }
  await allVerified(people, last?.release ?? '');
  const after = await tookOf(ground);
  requireAll(after, before.size);
  let [doubles, outOfOrder] = [0, 0];
  for (const took of after.values()) {
    const texts = took.map(({ subject }) => /(?:台风|暴雨)红色预警第\d报/.exec(subject)?.[0] ?? subject);
    doubles += texts.length - new Set(texts).size;
    const reports = texts.filter((text) => text.startsWith('暴雨'));
    if (reports.some((report, place) => report < (reports[place - 1] ?? ''))) outOfOrder += 1;
  }
  return { doubles, outOfOrder };
}
