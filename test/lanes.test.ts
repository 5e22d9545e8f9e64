/** What hangs costs its own share only, and nothing routine stands in front of an emergency. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openChangeFeed } from '../core/queue/changes.js';
import { openEventStream } from '../core/queue/events.js';
import { startWorker } from '../workers/roles.js';
import { openTestHub, type TestHub } from './support/hub.js';
import { siteAccount } from './support/site-account.js';

let test: TestHub;
let silent: Server;
let silentUrl: string;
/** Requests that the silent host has taken, and those that were given up. */
let taken = 0;
let givenUp = 0;

beforeEach(async () => {
  [taken, givenUp] = [0, 0];
  silent = createServer((_request, answer) => {
    taken += 1;
    answer.once('close', () => {
      givenUp += 1;
    });
  });
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
  silentUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  test = await openTestHub([silentUrl]);
});
afterEach(async () => {
  // Before the hub, whose publishers wait for it.
  silent.closeAllConnections();
  await Promise.all([test.close(), new Promise((done) => silent.close(done))]);
});

const hangs = { settings: { endpoint: '' } };

it('sends to every healthy account while the requests to a silent host still hang', async () => {
  hangs.settings.endpoint = silentUrl;
  await test.connect(0, 600, (n) => (n % 10 === 0 ? hangs : {}));
  test.start('dispatch', 'publish', 'record');
  await test.publish('十分之一的主机没有回音');
  await test.until('the healthy ones', () => Promise.resolve(test.sandbox.accepted().length === 540));
  expect(taken).toBeGreaterThan(0);
  expect(givenUp).toBe(0);
});

it('serves a channel beside another whose only host is silent', async () => {
  hangs.settings.endpoint = silentUrl;
  await test.connect(0, 400, () => hangs);
  await connectSite();
  test.start('dispatch', 'publish', 'record');
  await test.publish('公告栏没有回音', { channels: ['toy'] });
  await test.until('some hang', () => Promise.resolve(taken > 100));
  const release = await test.publish('网站照常', { channels: ['website'] });
  await test.until('the site has it', async () => (await test.rows(release))[0]?.state === 'published');
  expect(givenUp).toBe(0);
});

it('sends an order of few accounts before the later pages of a large one that came earlier', async () => {
  await test.connect(0, 900, (n) => ({ tags: [n < 890 ? 'many' : 'few'] }));
  const few = new Set(
    (await test.hub.store.accounts.find({ tags: 'few' }).lean()).map(({ settings }) => settings['board']),
  );
  test.start('dispatch', 'record');
  for (const tag of ['many', 'few']) {
    const release = await test.publish(`发给 ${tag}`, { tags: [tag] });
    const ordered = () => test.hub.store.orders.exists({ release, state: 'done' });
    await test.until('it is dispatched', async () => (await ordered()) !== null);
  }
  test.start('publish');
  await test.until('all of them', () => Promise.resolve(test.sandbox.accepted().length === 900));
  const places = test.sandbox.accepted().flatMap(({ account }, place) => (few.has(account) ? [place] : []));
  expect(places).toHaveLength(10);
  // Behind the first page of the large order, and at most the batch that was taken with it.
  expect(Math.max(...places)).toBeLessThan(500);
});

it('records what came of an emergency before what is routine, although it came later', async () => {
  await test.connect(0, 40, (n) => ({ tags: [n < 30 ? 'routine' : 'emergency'] }));
  test.start('dispatch', 'publish');
  const routine = await test.publish('常规', { tags: ['routine'] });
  await test.until('the routine posts', () => Promise.resolve(test.sandbox.accepted().length === 30));
  const emergency = await test.publish('应急', { tags: ['emergency'] }, 'emergency');
  await test.until('the emergency', () => Promise.resolve(test.sandbox.accepted().length === 40));
  const streams = (['emergency', 'routine'] as const).map((lane) =>
    openEventStream(test.hub.redis, test.hub.settings, lane),
  );
  await test.stopWorkers();
  for (const stream of streams) expect(await stream.length()).toBeGreaterThan(0);

  const { redis, settings } = test.hub;
  const feed = await openChangeFeed(test.hub.connect('worker'), redis, settings, () => undefined);
  const told: string[] = [];
  feed.follow({
    told: (news) => told.push(...news.flatMap((piece) => ('release' in piece ? [piece.release] : []))),
    anew: () => undefined,
  });
  // The routine one is there first.
  const recorders = (['routine', 'emergency'] as const).map((lane) => startWorker('record', test.hub, 'test', [lane]));
  await test.until('both', () => Promise.resolve(told.includes(routine) && told.includes(emergency)));
  expect(told.indexOf(emergency)).toBeLessThan(told.indexOf(routine));
  await Promise.all(recorders.map((recorder) => recorder.close()));
  await feed.close();
});

async function connectSite(): Promise<void> {
  const row = siteAccount(test.hub, 'province', { name: '示例省人民政府', credential: { state: 'unchecked' } });
  await test.hub.store.accounts.create(row);
}
