/** One release over four channels on a cluster of three masters, beside the same on a single Redis: who has how much of the commands, and what a delivery costs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { commandsOf, startCluster, type Servers } from './redis-servers.js';
import { openHub, type Hub } from '../core/hub/hub.js';
import { openOrders } from '../core/placements/orders.js';
import { openOwnWord } from '../core/placements/own-word.js';
import { accountsOf, tookOf } from './audience.js';
import { round2 } from './figures.js';
import { openGround, type Ground } from './ground.js';
import { connectAccounts, makeUnit, writeRelease } from './release.js';

const roles = ['publish', 'publish', 'record,dispatch'];
/** Seconds until all of it must be out. */
const longest = 900;

interface Measured {
  /** Of all commands, what each master had. */
  shares: number[];
  /** Microseconds of the processor a delivery, by part: the roles and Redis. */
  parts: Record<string, number>;
  doubles: number;
}

export async function spread(args: string[]): Promise<void> {
  const deliveries = z.coerce.number().int().min(400).max(200_000).default(20_000).parse(args[0]);
  const folder = mkdtempSync(join(tmpdir(), 'lianfa-spread-'));
  const cluster = await startCluster(folder, 3, 0);
  try {
    const single = await measured(deliveries);
    const over = await measured(deliveries, cluster);
    const words = over.shares.map((share) => `${Math.round(share * 100)} %`).join(' · ');
    console.error(`  三个主节点 masters: ${words}`);
    for (const [part, each] of Object.entries(single.parts))
      console.error(`  ${part}: ${Math.round(each)} µs → ${Math.round(over.parts[part] ?? 0)} µs`);
    const [alone, spreadOut] = [costOf(single), costOf(over)];
    console.error(`  每次投递 a delivery: ${Math.round(alone)} µs → ${Math.round(spreadOut)} µs`);
    console.log(
      JSON.stringify({
        masters: over.shares.length,
        shareMax: round2(Math.max(...over.shares)),
        timesSingle: round2(spreadOut / alone),
        doubles: single.doubles + over.doubles,
      }),
    );
  } finally {
    cluster.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function measured(deliveries: number, cluster?: Servers): Promise<Measured> {
  const ground = await openGround([], cluster);
  const hub = await openHub(ground.config, 'bench');
  try {
    await makeUnit(hub);
    await ground.control('weibo', '/budgets', { callsPerDay: 1e8, postsPerHour: 1e8 });
    for (const [channel, those] of Object.entries(await accountsOf(ground, 0, deliveries)))
      await connectAccounts(hub, those, ['all'], channel);
    for (const role of roles) await ground.role(role);
    const before = [ground.cpu(), await commandsOf(cluster?.servers ?? [])] as const;
    const written = await writeRelease(hub, '通知');
    const orders = openOwnWord(hub.store, openOrders(hub));
    await orders.publish({ ...written, audience: { tags: ['all'] }, by: 'bench' });
    await allOut(hub, written.release, deliveries);
    const commands = (await commandsOf(cluster?.servers ?? [])).map((count, place) => count - (before[1][place] ?? 0));
    const all = commands.reduce((sum, count) => sum + count, 0);
    return {
      shares: commands.map((count) => count / all),
      parts: Object.fromEntries(
        Object.entries(ground.cpu())
          .filter(([part]) => part !== 'sandbox')
          .map(([part, seconds]) => [part, ((seconds - (before[0][part] ?? 0)) * 1e6) / deliveries]),
      ),
      doubles: await doublesOf(ground),
    };
  } finally {
    await hub.close();
    await ground.close();
  }
}

function costOf({ parts }: Measured): number {
  return Object.values(parts).reduce((sum, part) => sum + part, 0);
}

/** Until each has been handed in, and the ledger knows. */
async function allOut(hub: Hub, release: string, deliveries: number): Promise<void> {
  for (const end = Date.now() + longest * 1_000; Date.now() < end; await pause(250)) {
    const out = await hub.store.placements.countDocuments({
      release,
      state: { $in: ['accepted', 'published', 'verified'] },
    });
    if (out >= deliveries) return;
  }
  throw new Error('not all of it went out');
}

async function doublesOf(ground: Ground): Promise<number> {
  return [...(await tookOf(ground)).values()].reduce((sum, took) => sum + took.length - 1, 0);
}
