/** `npm run chaos -- mongodb`: the hub over MongoDB's protocol, two of each role, counted where the public is. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LianfaError } from '../core/errors.js';
import { openStore } from '../core/store/store.js';
import { connect, makeUnit, type ChaosAccount } from './accounts.js';
import { openDesk, textsIn } from './desk.js';
import { openPlatforms, type Platforms } from './platforms.js';
import { fetchWireServer, startWireServer } from './wire-server.js';
import { openWorld, type Shape, type World } from './world.js';

/** Of twenty accounts each. */
const rounds = 21;
/** Seconds for all of it to be read back. */
const longest = 180;

export const twoOfEach: Shape['parts'] = [
  ...['publish', 'record', 'dispatch', 'clock,media'].flatMap((roles) =>
    [1, 2].map((n) => ({ name: `${roles}-${n}`, roles })),
  ),
  { name: 'server', roles: 'server' },
];

/** Answers whether a server by itself was refused, and each text stands once on each account and was read back. */
export async function mongodb(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'lianfa-mongodb-'));
  try {
    const program = fetchWireServer(folder);
    const standalone = (await refusesStandalone(program, folder)) ? 'refused' : 'taken';
    const counts = await publishTo(program);
    console.log(JSON.stringify({ standalone, ...counts }));
    const { accounts, verified, once } = counts;
    return standalone === 'refused' && accounts === verified && accounts === once;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function refusesStandalone(program: string, dataFolder: string): Promise<boolean> {
  const server = await startWireServer(program, false);
  try {
    await (await openStore({ uri: server.uri, dataFolder })).close();
    return false;
  } catch (error) {
    return error instanceof LianfaError && error.code === 'store_unfit';
  } finally {
    await server.stop();
  }
}

async function publishTo(program: string): Promise<{ accounts: number; verified: number; once: number }> {
  const server = await startWireServer(program, true);
  const platforms = await openPlatforms();
  const world = await openWorld(platforms.urls, { parts: twoOfEach, mongoUri: server.uri });
  try {
    await makeUnit(world.hub);
    await platforms.control('weibo', 'budgets', { callsPerDay: 100_000, postsPerHour: 1_000 });
    const tag = 'all';
    const accounts: ChaosAccount[] = [];
    for (let round = 0; round < rounds; round += 1) accounts.push(...(await connect(world.hub, platforms, round, tag)));
    const desk = openDesk(world.hub, 0, tag, accounts);
    await desk.order({ does: 'publish', release: 'A', half: false });
    const [release = ''] = desk.releases().map(({ id }) => id);
    const verified = await readBack(world, release, accounts.length);
    const once = await standingOnce(platforms, release, accounts);
    return { accounts: accounts.length, verified, once };
  } finally {
    await world.close();
    await platforms.close();
    await server.stop();
  }
}

/** How many were, when all were or the time was over. */
export async function readBack({ hub }: World, release: string, all: number, seconds = longest): Promise<number> {
  for (const end = Date.now() + seconds * 1_000; ; await pause(500)) {
    // The store may be away, where that is what is tried.
    const rows = await hub.store.placements
      .find({ release })
      .lean()
      .catch(() => []);
    const verified = rows.filter(({ state }) => state === 'verified').length;
    process.stderr.write(`\r  已核验 verified ${verified}/${all}`);
    if (verified >= all || Date.now() > end) {
      process.stderr.write('\n');
      return verified;
    }
  }
}

/** Accounts whose platform took the text once, or whose own page shows it. */
export async function standingOnce(
  platforms: Platforms,
  release: string,
  accounts: readonly ChaosAccount[],
): Promise<number> {
  let count = 0;
  for (const account of accounts) {
    const page = await account.read(release);
    const taken = platforms.taken.filter(
      (entry) => entry.channel === account.channel && entry.account === account.name,
    );
    if (textsIn(page, 0, 'A').length > 0 && taken.length <= 1) count += 1;
  }
  return count;
}
