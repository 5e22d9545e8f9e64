/** The whole way on a real cluster of three masters: a command that crossed slots would be refused here. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { commandsOf, startCluster, type Servers } from '../bench/redis-servers.js';
import { openFreezeDesk } from '../core/freezes/desk.js';
import { addPerson } from '../core/people/add.js';
import { awaitRedis } from '../core/queue/fitness.js';
import { openMemory } from '../core/queue/memory.js';
import { composeContent } from '../core/releases/compose.js';
import { releaseInput } from '../core/releases/input.js';
import { createRelease } from '../core/releases/revisions.js';
import { Desk } from './support/desk.js';

jest.setTimeout(90_000);

const perChannel = 3;
const channels = ['weibo', 'wechat', 'website', 'app'];
const by = { by: { person: 'u1' } };

let folder: string;
let cluster: Servers;
let desk: Desk;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lianfa-cluster-'));
  cluster = await startCluster(folder, 3, 0);
  await awaitRedis({ url: cluster.url, prefix: 'lianfa' }, () => undefined);
  desk = await Desk.open(cluster.url);
  for (const channel of channels) for (let n = 0; n < perChannel; n += 1) await desk.connect(channel, n, 'all');
});
afterAll(async () => {
  await desk.close();
  cluster.close();
  rmSync(folder, { recursive: true, force: true });
});

async function contentOf(title: string) {
  const body = { format: 'text' as const, content: `${title}：请按要求执行。` };
  const input = releaseInput.parse({ title, kind: 'notice', source: '示例省人民政府办公室', body });
  return (await composeContent(desk.hub.store, input, undefined)).content;
}

it('publishes to four channels and freezes, and no master has all of the work', async () => {
  const { store } = desk.hub;
  const before = await commandsOf(cluster.servers);
  const { release } = await createRelease(store, await contentOf('第一稿'), by);
  await desk.order(release._id, { tags: ['all'] });
  await desk.verified(release._id, perChannel * channels.length);
  const spent = (await commandsOf(cluster.servers)).map((count, place) => count - (before[place] ?? 0));
  const all = spent.reduce((sum, count) => sum + count, 0);
  for (const count of spent) expect(count / all).toBeLessThan(0.8);

  await addPerson(
    desk.hub,
    { name: 'commander', displayName: '指挥', password: 'of the cluster', roles: ['commander'] },
    'c1',
  );
  const freezes = openFreezeDesk(desk.hub, desk.hub.connect('producer'), desk.hub.settings);
  const scope = { kind: 'everything' } as const;
  const frozen = await freezes.freeze({ scope, emergencyToo: true, reason: '演练' }, { person: 'c1' });
  expect(frozen.acknowledgement?.acknowledged).toBe(true);
  const held = await createRelease(store, await contentOf('冻结之后'), by);
  await desk.order(held.release._id, { tags: ['all'] });
  await desk.until('all of it is held', async () => {
    const now = await desk.rows(held.release._id);
    return now.length === perChannel * channels.length && now.every((row) => row.frozen === frozen.freeze._id);
  });
});

it('remembers and counts side by side, whichever masters have what', async () => {
  const memory = openMemory(desk.hub.connect('worker', true), desk.hub.settings, 'wechat', desk.hub.vault);
  const names = Array.from({ length: 60 }, (_, n) => `token:${n}`);
  const counters = (name: string) => [
    { key: 'a-day', of: name, limit: 9, ttl: 60 },
    { key: 'an-hour', of: name, limit: 9, ttl: 60 },
  ];
  await Promise.all(names.map(async (name) => memory.set(name, name, 60)));
  const [spent, values] = await Promise.all([
    Promise.all(names.map(async (name) => memory.spend(counters(name)))),
    // What is spent goes with the next turn: with it goes what is asked there.
    nextTurn().then(async () => Promise.all(names.map(async (name) => memory.get(name)))),
    Promise.all(names.map(async (name) => memory.lock(name, 5, () => memory.set(`${name}:done`, 'x', 60)))),
  ]);
  expect(values).toEqual(names);
  expect(spent).toEqual(names.map(() => undefined));
});
