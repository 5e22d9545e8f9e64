/**
 * `npm run chaos -- election`: MongoDB's primary goes away again and again while one release is sent to 420 accounts and a
 * person writes releases all the while. The wire server cannot elect, so its connections are cut (mongo-proxy.ts).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { newId } from '../core/ids.js';
import { roles } from '../core/model/roles.js';
import { addPerson } from '../core/people/add.js';
import { createApiKey } from '../core/people/api-keys.js';
import { connect, makeUnit, type ChaosAccount } from './accounts.js';
import { openDesk } from './desk.js';
import { openMongoProxy, type MongoProxy } from './mongo-proxy.js';
import { readBack, standingOnce, twoOfEach } from './mongodb.js';
import { openPlatforms } from './platforms.js';
import { fetchWireServer, startWireServer } from './wire-server.js';
import { openWorld, type World } from './world.js';

/** Of twenty accounts each. */
const rounds = 21;
/** Seconds for all of it to be read back. */
const longest = 600;
/** ms without a primary, and of silence, in turn. */
const blows = [3_000, 8_000, 14_000];

/** Answers whether each text stands once and was read back, and everybody who was answered was told the truth. */
export async function election(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'lianfa-election-'));
  const server = await startWireServer(fetchWireServer(folder), true);
  const proxy = await openMongoProxy(server.uri);
  const platforms = await openPlatforms();
  const world = await openWorld(platforms.urls, { parts: twoOfEach, mongoUri: proxy.uri });
  try {
    await makeUnit(world.hub);
    await platforms.control('weibo', 'budgets', { callsPerDay: 100_000, postsPerHour: 1_000 });
    const accounts: ChaosAccount[] = [];
    for (let round = 0; round < rounds; round += 1)
      accounts.push(...(await connect(world.hub, platforms, round, 'all')));
    const writer = await openWriter(world);
    const desk = openDesk(world.hub, 0, 'all', accounts);
    await desk.order({ does: 'publish', release: 'A', half: false });
    const [release = ''] = desk.releases().map(({ id }) => id);
    await putOnAccounts(world, release);
    const blowing = strike(proxy);
    const verified = await readBack(world, release, accounts.length, longest);
    await blowing;
    const written = await writer.end();
    const once = await standingOnce(platforms, release, accounts);
    const figures = { ...proxy.counts(), accounts: accounts.length, verified, once, ...written };
    console.log(JSON.stringify(figures));
    const { otherwise, missing, twice, untrue } = written;
    return verified === accounts.length && once === accounts.length && otherwise + missing + twice + untrue === 0;
  } finally {
    await world.close();
    await platforms.close();
    await proxy.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Rows that are inserted again, where an earlier try was carried out, are what that server gets wrong by itself (wire.ts). */
async function putOnAccounts({ hub }: World, release: string): Promise<void> {
  while ((await hub.store.orders.findOne({ release }).lean())?.state !== 'done') await pause(50);
}

async function strike(proxy: MongoProxy): Promise<void> {
  for (const ms of blows) {
    proxy.lose(10);
    await pause(1_500);
    await proxy.elect(ms);
    await pause(2_000);
    await proxy.silence(ms / 2);
  }
}

interface Written {
  /** Releases that somebody asked to be made; answered yes; asked to come again; told that nobody knows; anything else. */
  asked: number;
  made: number;
  again: number;
  unknown: number;
  otherwise: number;
  /** Longest that anybody waited for an answer, s. */
  longestS: number;
  /** Answered yes, and not there; there more often than asked; told that surely nothing was done, and there. */
  missing: number;
  twice: number;
  untrue: number;
}

/** A person who writes one release after the other. */
async function openWriter(world: World): Promise<{ end(): Promise<Written> }> {
  const { hub } = world;
  const person = await addPerson(hub, { name: 'writer', displayName: '值班', password: newId('p'), roles });
  const key = await createApiKey(hub, 'chaos', person._id);
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const titles = new Map<string, 'made' | 'again' | 'unknown'>();
  const count = { asked: 0, made: 0, again: 0, unknown: 0, otherwise: 0 };
  let longest = 0;
  let open = true;

  async function write(): Promise<void> {
    const title = newId('t');
    const body = { title, source: '示例省', body: { format: 'text', content: title } };
    const began = Date.now();
    count.asked += 1;
    titles.set(title, 'unknown');
    const answer = await fetch(`${hub.config.url}/api/v1/releases`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    }).catch(() => undefined);
    longest = Math.max(longest, Date.now() - began);
    const said = (await answer?.json().catch(() => undefined)) as { error?: { code: string } } | undefined;
    const comesAgain = answer?.status === 503 && Number(answer.headers.get('retry-after')) > 0;
    if (answer?.status === 201) {
      titles.set(title, 'made');
      count.made += 1;
    } else if (comesAgain && said?.error?.code === 'outcome_unknown') count.unknown += 1;
    else if (comesAgain) {
      titles.set(title, 'again');
      count.again += 1;
    } else {
      count.otherwise += 1;
      process.stderr.write(`\n${answer?.status ?? 'no answer'} ${JSON.stringify(said)}\n`);
    }
  }

  const writing = (async () => {
    while (open) {
      await write();
      await pause(200);
    }
  })();
  return {
    async end() {
      open = false;
      await writing;
      const rows = await hub.store.revisions.find({}, { title: 1 }).lean();
      const times = (title: string): number => rows.filter((row) => row.title === title).length;
      return {
        ...count,
        longestS: Math.round(longest / 100) / 10,
        missing: [...titles].filter(([title, told]) => told === 'made' && times(title) === 0).length,
        untrue: [...titles].filter(([title, told]) => told === 'again' && times(title) > 0).length,
        twice: [...titles.keys()].filter((title) => times(title) > 1).length,
      };
    },
  };
}
