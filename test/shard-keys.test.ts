/**
 * On a sharded MongoDB a question that does not carry its collection's shard key goes to every shard. What the hub asks is
 * noted at the one place where both stores are asked, while a whole desk works and every page of its face is read.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Change } from '../channels/channel.js';
import { builtinSettings } from '../channels/website/fixtures/ground.js';
import { writeEvidence } from '../core/evidence/pack.js';
import { openFreezeDesk } from '../core/freezes/desk.js';
import type { Lane } from '../core/model/placement.js';
import { addPerson } from '../core/people/add.js';
import { composeContent } from '../core/releases/compose.js';
import { releaseInput } from '../core/releases/input.js';
import { createRelease, updateRelease } from '../core/releases/revisions.js';
import {
  asksWhole,
  carriesKey,
  keyed,
  keyedOperation,
  keyedPipeline,
  sharded,
  unsharded,
} from '../core/store/mongodb/shards.js';
import { isPlainObject, type Document } from '../core/store/embedded/values.js';
import { rebuild } from '../workers/clock/rebuild.js';
import { Desk } from './support/desk.js';

jest.setTimeout(120_000);

interface Question {
  collection: string;
  method: string;
  filter: unknown;
}

let desk: Desk;
let folder: string;
const questions: Question[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lianfa-shapes-'));
  desk = await Desk.open();
  desk.hub.store.connection.on('operation-start', ({ collectionName, method, params }: Operation) => {
    if (collectionName in sharded) questions.push(...asked(collectionName, method, params));
  });
  await work();
});
afterAll(async () => {
  await desk.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Operation {
  collectionName: string;
  method: string;
  params: readonly unknown[];
}

/** What an operation asks for, as MongoDB would be asked; nothing of what only adds, which carries its key as it is. */
function asked(collection: string, method: string, [first]: readonly unknown[]): Question[] {
  const of = (filter: unknown): Question => ({ collection, method, filter });
  switch (method) {
    case 'insertOne':
    case 'insertMany':
    case 'createIndex':
      return [];
    case 'aggregate':
      return [of((keyedPipeline(collection, first) as Document[])[0]?.['$match'])];
    case 'bulkWrite':
      return (first as unknown[])
        .map((one) => Object.entries(keyedOperation(collection, one) as Document)[0])
        .filter((entry) => entry?.[0] !== 'insertOne')
        .map((entry) => of((entry?.[1] as Document)['filter']));
    default:
      return [of(keyed(collection, first))];
  }
}

const by = { by: { person: 'u1' } };
const tags = { tags: ['all'] };

async function contentOf(title: string, of?: { release: string; change: Change }) {
  const body = { format: 'text' as const, content: `${title}：请按要求执行。` };
  const input = releaseInput.parse({ title, kind: 'notice', source: '示例省人民政府办公室', body });
  return (await composeContent(desk.hub.store, input, undefined, of)).content;
}

async function publish(title: string, lane: Lane = 'routine'): Promise<string> {
  const { release, revision } = await createRelease(desk.hub.store, await contentOf(title), by);
  await desk.orders.publish({ release: release._id, revision: revision._id, audience: tags, lane, by: 'u1' });
  return release._id;
}

const atRest = (release: string, is: (states: readonly string[]) => boolean) =>
  desk.until('all at rest', async () => {
    const states = (await desk.rows(release)).map(({ state }) => state);
    return states.length > 0 && is(states);
  });
const settled = (states: readonly string[]): boolean =>
  states.every((state) => ['verified', 'needs_action', 'withdrawn', 'cancelled'].includes(state));

/** A release, its correction, an emergency, a taking out, a withdrawal, a freeze and its thaw, a rebuilding, the evidence; then every page. */
async function work(): Promise<void> {
  const { hub, orders } = desk;
  const { store } = hub;
  const site = await desk.connect('website', 0, 'all', builtinSettings);
  await desk.connect('relay', 1, 'all');
  for (const [_id, roles] of [
    ['c1', ['commander']],
    ['c2', ['commander']],
  ] as const)
    await addPerson(hub, { name: _id, displayName: _id, password: 'of the shards', roles: [...roles] }, _id);
  // One that has been there for long is looked for among those that nothing was published on.
  await store.accounts.updateMany({}, { $set: { createdAt: new Date(Date.now() - 60 * 86_400_000) } });

  const release = await publish('停水通知');
  await atRest(release, settled);
  const content = await contentOf('停水更正', { release, change: 'correction' });
  const row = await store.releases.findById(release).lean();
  const { revision } = await updateRelease(store, release, row?.revision ?? '', content, by);
  await orders.publish({ release, revision: revision._id, audience: tags, by: 'u1' });
  await atRest(release, settled);
  const emergency = await publish('台风预警', 'emergency');
  await atRest(emergency, settled);
  await orders.narrow({ release: emergency, audience: { accounts: [site] }, reason: '这里雨已停', by: 'u1' });
  await orders.withdraw({ release: emergency, reason: '发错了', by: 'u1' });

  const freezes = openFreezeDesk(hub, hub.connect('producer'), hub.settings);
  const scope = { kind: 'everything' } as const;
  const { freeze } = await freezes.freeze({ scope, emergencyToo: true, reason: '停一停' }, { person: 'c1' });
  const held = await publish('冻结之后');
  await atRest(held, (states) => states.length === 2);
  await desk.until('it is held', async () => (await desk.rows(held)).some(({ frozen }) => frozen === freeze._id));
  await readAll(release, site);
  await freezes.askThaw(freeze._id, '可以了', { person: 'c1' });
  await freezes.confirmThaw(freeze._id, { person: 'c2' });
  await atRest(held, settled);
  await rebuild(hub);
  await writeEvidence(hub, release, join(folder, 'evidence.zip'), { person: 'c1', from: undefined });
  await store.accounts.updateOne({ _id: site }, { $set: { 'credential.state': 'dead', settleAt: new Date() } });
  await desk.until('the dead credential is told', async () => {
    const account = await store.accounts.findById(site).lean();
    return account?.told?.state === 'dead';
  });
}

/** Every page that is read by GET, of the release, one of its placements and an account. */
async function readAll(release: string, account: string): Promise<void> {
  const { url } = desk.hub.config;
  const headers = { authorization: `Bearer ${desk.key}` };
  const document = (await (await fetch(`${url}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { 'x-needs'?: { over?: string } }>>;
  };
  const ids: Record<string, string> = { release, account, placement: `${release}-${account}` };
  for (const [path, { get }] of Object.entries(document.paths)) {
    if (!get || path.endsWith('/events')) continue;
    const id = ids[get['x-needs']?.over ?? ''] ?? '-';
    const answer = await fetch(`${url}${path.replaceAll(/\{\w+\}/g, id)}`, { headers });
    await answer.arrayBuffer();
  }
  for (const query of ['state=verified', 'channel=website', 'q=内置', 'state=needs_action&channel=relay'])
    await (await fetch(`${url}/api/v1/releases/${release}/placements?${query}`, { headers })).arrayBuffer();
}

it('carries the shard key with every question about a collection that is divided, but for those that are of all of it', () => {
  const lacking = questions.filter(
    ({ collection, filter }) => !carriesKey(collection, filter) && !asksWhole(collection, filter),
  );
  expect(lacking).toEqual([]);
});

it('was asked in every way in which the hub asks', () => {
  const ways = new Set(questions.map(({ collection, method }) => `${collection} ${method}`));
  expect([...ways].sort()).toEqual([
    'events find',
    ...['aggregate', 'bulkWrite', 'countDocuments', 'find', 'findOne'].map((way) => `placements ${way}`),
    ...['bulkWrite', 'find'].map((way) => `records ${way}`),
  ]);
  for (const [collection, { whole }] of Object.entries(sharded))
    for (const field of whole)
      expect(
        questions.some((one) => one.collection === collection && isPlainObject(one.filter) && field in one.filter) ||
          field,
      ).toBe(true);
});

it('divides a collection or says that it is small, and of what is divided nothing is unique but its id', () => {
  const models = Object.values(desk.hub.store.connection.models);
  expect(models.map(({ collection }) => collection.name).sort()).toEqual(
    [...Object.keys(sharded), ...unsharded].sort(),
  );
  const unique = models
    .filter(({ collection }) => collection.name in sharded)
    .flatMap(({ schema }) => schema.indexes().filter(([, options]) => options.unique === true));
  expect(unique).toEqual([]);
});
