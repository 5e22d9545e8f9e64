/** From the order of an emergency to its first request at the platform: idle, and beside what else goes on. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { startSandboxChild } from '../cli/sandbox-child.js';
import { openHub, type Hub } from '../core/hub/hub.js';
import type { Lane } from '../core/model/placement.js';
import { openOrders } from '../core/placements/orders.js';
import { openOwnWord } from '../core/placements/own-word.js';
import { percentile, round1, round2 } from './figures.js';
import { openGround, program, weiboAccounts, type Ground, type WeiboAccount } from './ground.js';
import { connectAccounts, makeUnit, writeRelease } from './release.js';

/** Accounts of one emergency, and of the large order beside a tenth of whose hosts hang. */
const few = 10;
const large = 1_200;
const hangingHosts = 12;
const samples: Readonly<Record<Load, number>> = { idle: 100, waiting: 60, dispatching: 60, hanging: 10 };

/** What goes on beside an emergency. */
type Load = 'idle' | 'waiting' | 'dispatching' | 'hanging';
const all: readonly Load[] = ['idle', 'waiting', 'dispatching', 'hanging'];

/** ms from the order to the first request at the platform. */
export interface Start {
  p50: number;
  p99: number;
}

/** `args`: how many routine placements wait, or are being dispatched by each of two orders; 20,000 unless told. */
export async function lane(args: string[]): Promise<void> {
  const routine = z.coerce.number().int().min(1_000).max(200_000).default(20_000).parse(args[0]);
  const { idle, waiting, dispatching, hanging } = await starts(routine, all);
  console.log(
    JSON.stringify({
      idleP99Ms: idle.p99,
      waitingP99Ms: waiting.p99,
      dispatchingP99Ms: dispatching.p99,
      hangingP99Ms: hanging.p99,
      timesIdle: round2(Math.max(waiting.p99, dispatching.p99) / idle.p99),
    }),
  );
}

/** Of an emergency beside each of these loads, one after the other; what is not asked for is not a number. */
export async function starts(routine: number, loads: readonly Load[]): Promise<Record<Load, Start>> {
  const hanging = await openHangingHosts();
  // The emergency goes to a platform of its own, so that nothing but the hub stands in its way.
  const other = await startSandboxChild(program);
  const quick = other.platforms.find((one) => one.platform === 'weibo');
  if (!quick) throw new Error('there is no weibo sandbox');
  const ground = await openGround([quick.url, ...hanging.urls]);
  const none = { p50: Number.NaN, p99: Number.NaN };
  const found: Record<Load, Start> = { idle: none, waiting: none, dispatching: none, hanging: none };
  try {
    const desk = await openDesk(ground, quick.control, hanging, { routine, loads });
    for (const load of loads) found[load] = await desk.measure(load);
    await desk.close();
    return found;
  } finally {
    other.stop();
    hanging.close();
    await ground.close();
  }
}

interface Desk {
  measure(load: Load): Promise<Start>;
  close(): Promise<void>;
}

async function openDesk(
  ground: Ground,
  quick: string,
  hanging: HangingHosts,
  { routine, loads }: { routine: number; loads: readonly Load[] },
): Promise<Desk> {
  const hub = await openHub(ground.config, 'bench');
  await makeUnit(hub);
  const orders = openOwnWord(hub.store, openOrders(hub));
  const budgets = { callsPerDay: 1e8, postsPerHour: 1e8 };
  await ground.control('weibo', '/budgets', budgets);
  await fetch(`${quick}/budgets`, { method: 'POST', body: JSON.stringify(budgets) });
  await connectAccounts(hub, unbounded(await ground.accounts(0, routine)), ['routine-1']);
  if (loads.includes('dispatching'))
    await connectAccounts(hub, unbounded(await ground.accounts(routine, routine)), ['routine-2']);
  const wide = unbounded(await ground.accounts(2 * routine, large)).map((account, n) =>
    n % 10 === 0 ? elsewhere(account, hanging.urls[(n / 10) % hangingHosts] ?? '') : account,
  );
  await connectAccounts(hub, wide, ['large']);
  const total = loads.reduce((sum, load) => sum + samples[load], 0);
  /** Of each emergency, so that nobody takes the last post of one for the first of the next. */
  const uids: ReadonlySet<string>[] = [];
  for (let n = 0; n < total; n += 1) {
    const accounts = unbounded(await quickAccounts(quick, n * few));
    uids.push(new Set(accounts.map(({ settings }) => settings.uid)));
    await connectAccounts(hub, accounts, [`few-${n}`]);
  }
  // As on one machine: the emergency lane in processes of its own.
  const publishers = Array.from({ length: availableParallelism() }, () => ground.role('publish --lane routine'));
  const others = ['record,dispatch --lane routine', 'publish --lane emergency', 'record,dispatch --lane emergency'];
  await Promise.all([...publishers, ...others.map((roles) => ground.role(roles))]);
  let sample = 0;

  /** Answers when it was ordered: what is signed is written long before. */
  async function order(tag: string, lane: Lane): Promise<number> {
    const written = await writeRelease(hub, `通知 ${tag} ${sample}`, lane === 'emergency' ? 'emergency' : 'notice');
    const at = Date.now();
    await orders.publish({ ...written, audience: { tags: [tag] }, lane, by: 'bench' });
    return at;
  }

  /** Each sees to it that its load is there; called before every sample. */
  const beside: Readonly<Record<Load, { words: string; keep(): Promise<boolean> }>> = {
    idle: { words: '空闲 idle', keep: () => Promise.resolve(true) },
    waiting: {
      words: `${routine} 条常规待发 routine waiting`,
      async keep() {
        if ((await batches(hub, 'routine')) * 100 > routine / 4) return true;
        await order('routine-1', 'routine');
        return until(async () => (await running(hub)) === 0);
      },
    },
    dispatching: {
      words: `两道 ${routine} 的发布令正在派发 being dispatched`,
      async keep() {
        // Asked for before each sample: where one has just ended, both begin anew together.
        if ((await running(hub)) >= 2) return true;
        await Promise.all([order('routine-1', 'routine'), order('routine-2', 'routine')]);
        return true;
      },
    },
    hanging: {
      words: '十分之一的主机无响应 a tenth of the hosts hanging',
      async keep() {
        if (hanging.open() >= hangingHosts) return true;
        // Beside nothing else.
        await until(async () => (await batches(hub, 'routine')) === 0);
        await order('large', 'emergency');
        return until(() => Promise.resolve(hanging.open() >= hangingHosts));
      },
    },
  };

  return {
    async measure(load) {
      const { words, keep } = beside[load];
      const times: number[] = [];
      const stored: number[] = [];
      for (let n = 0; n < samples[load]; n += 1, sample += 1) {
        if (!(await keep())) throw new Error(`the load is not there: ${words}`);
        // The rest of the one before is not to stand in its way.
        await pause(150);
        const at = await order(`few-${sample}`, 'emergency');
        stored.push(Date.now() - at);
        times.push((await firstAt(quick, uids[sample] ?? new Set())) - at);
      }
      const p99 = percentile(times, 0.99);
      const [p50 = Number.NaN, kept] = [percentile(times, 0.5), percentile(stored, 0.5)].map(round1);
      console.error(
        `${words}: p50 ${p50} ms（其中存下发布令 of it storing the order ${kept}） · p99 ${round1(p99)} ms · ${times.length} 次 times`,
      );
      return { p50, p99: round1(p99) };
    },
    close: () => hub.close(),
  };
}

async function batches(hub: Hub, lane: Lane): Promise<number> {
  const depths = await hub.queues.depths();
  return [...depths].reduce((sum, [name, jobs]) => (name.startsWith(`publish-${lane}-`) ? sum + jobs : sum), 0);
}

async function running(hub: Hub): Promise<number> {
  return (await hub.store.orders.find({ state: 'running' }, { lane: 1 }).lean()).filter((row) => row.lane === 'routine')
    .length;
}

async function until(condition: () => Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + 120_000; Date.now() < end; await pause(20)) if (await condition()) return true;
  return false;
}

/** When the platform took the first post of one of these accounts, in ms; at most three minutes from now. */
async function firstAt(control: string, uids: ReadonlySet<string>): Promise<number> {
  const log = z.object({ entries: z.array(z.object({ at: z.iso.datetime(), account: z.string() })) });
  for (const end = Date.now() + 180_000; Date.now() < end; await pause(5)) {
    const { entries } = log.parse(await (await fetch(`${control}/accepted?limit=${few}`)).json());
    const first = entries.find(({ account }) => uids.has(account));
    if (first) return Date.parse(first.at);
  }
  throw new Error('no request came within three minutes');
}

async function quickAccounts(control: string, from: number): Promise<WeiboAccount[]> {
  return weiboAccounts.parse(await (await fetch(`${control}/accounts?from=${from}&count=${few}`)).json()).entries;
}

function elsewhere(account: WeiboAccount, endpoint: string): WeiboAccount {
  return { ...account, settings: { ...account.settings, endpoint } };
}

/** The same accounts post more often here than the platform allows in an hour. */
function unbounded(accounts: readonly WeiboAccount[]): WeiboAccount[] {
  const budget = { addressCallsPerHour: 100_000_000, postsPerHour: 100_000, callsPerDay: 1_000_000 };
  return accounts.map((account) => ({ ...account, settings: { ...account.settings, budget } }));
}

interface HangingHosts {
  urls: string[];
  /** Requests that wait for an answer. */
  open(): number;
  close(): void;
}

/** Hosts that take a request and never answer. */
async function openHangingHosts(): Promise<HangingHosts> {
  let open = 0;
  const servers: Server[] = [];
  for (let n = 0; n < hangingHosts; n += 1) {
    const server = createServer((_request, answer) => {
      open += 1;
      answer.once('close', () => {
        open -= 1;
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    servers.push(server);
  }
  return {
    urls: servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    open: () => open,
    close() {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}
