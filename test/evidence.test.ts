/** The evidence of a release that was really published: whole it fits, and a byte changed anywhere is told with its place. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import yauzl from 'yauzl';
import { createOutbound } from '../channels/outbound.js';
import { act } from '../core/audit/book.js';
import { readAnchors } from '../core/audit/anchors.js';
import { verifyBook } from '../core/audit/verify.js';
import { addPerson } from '../core/people/add.js';
import { disablePerson, erasePerson } from '../core/people/persons.js';
import { closeDay, publishedDays } from '../core/audit/days.js';
import { writeEvidence } from '../core/evidence/pack.js';
import { retireKey } from '../core/signatures/keys.js';
import { openTestHub, type TestHub } from './support/hub.js';

let test: TestHub;
let folder: string;
let release: string;

beforeAll(async () => {
  test = await openTestHub();
  folder = mkdtempSync(join(tmpdir(), 'lianfa-evidence-'));
  const { store, anchors } = test.hub;
  await test.connect(0, 3);
  test.start('dispatch', 'publish', 'record', 'clock');
  release = await test.publish('关于做好防汛工作的通知');
  await test.settled(release, 3);
  await entered('release.publish');
  await act(
    store,
    { act: 'person.leave', outcome: 'done', who: { person: 'MARKER-other' }, on: {} },
    async () => undefined,
  );
  await closeDay(store, anchors);
  await entered('release.read');
  await test.stopWorkers();
  await pack('whole');
});
afterAll(async () => {
  await test.close();
  rmSync(folder, { recursive: true, force: true });
});

async function pack(name: string): Promise<string> {
  const http = createOutbound([test.sandbox.url]);
  const file = join(folder, `${name}.zip`);
  await writeEvidence({ ...test.hub, http }, release, file, { person: 'u1' });
  await http.close();
  await unpack(file, join(folder, name));
  return join(folder, name);
}

function entered(name: string): Promise<void> {
  const who = { person: 'u1', from: { ip: '192.0.2.1', agent: 'Edge' } };
  return act(test.hub.store, { act: name, outcome: 'done', who, on: { release } }, async () => undefined);
}

function unpack(file: string, into: string): Promise<void> {
  return new Promise((done, fail) => {
    yauzl.open(file, { lazyEntries: true }, (failure, zip) => {
      if (failure) return fail(failure);
      zip.on('end', done).on('error', fail);
      zip.on('entry', (entry: yauzl.Entry) => {
        zip.openReadStream(entry, (error, stream) => {
          if (error) return fail(error);
          const parts: Buffer[] = [];
          stream.on('data', (part: Buffer) => parts.push(part));
          stream.on('end', () => {
            const path = join(into, entry.fileName);
            mkdirSync(dirname(path), { recursive: true });
            writeFileSync(path, Buffer.concat(parts));
            zip.readEntry();
          });
        });
      });
      zip.readEntry();
    });
  });
}

const whole = (): string => join(folder, 'whole');
const names = (at: string): string[] =>
  readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name).slice(at.length + 1));

function verified(at: string, ...args: string[]): { status: number | null; out: string } {
  // The folder of a stranger: none of our packages is near.
  const { status, stdout, stderr } = spawnSync(process.execPath, ['verify.mjs', ...args], {
    cwd: at,
    encoding: 'utf8',
  });
  return { status, out: stdout + stderr };
}

/** A copy in which one file is other than it was. */
function changed(name: string, change: (bytes: Buffer) => Buffer | undefined): string {
  const at = mkdtempSync(join(folder, 'changed-'));
  for (const one of names(whole())) {
    mkdirSync(dirname(join(at, one)), { recursive: true });
    copyFileSync(join(whole(), one), join(at, one));
  }
  const path = join(at, name);
  const bytes = change(existsSync(path) ? readFileSync(path) : Buffer.alloc(0));
  if (bytes) writeFileSync(path, bytes);
  else rmSync(path);
  return at;
}

it('holds the revisions, renditions, orders with their signatures, keys, deliveries, public copies and the audit', () => {
  const { status, out } = verified(whole());
  expect([status, out]).toEqual([0, expect.stringContaining('Everything fits')]);
  const rows = (name: string): Record<string, unknown>[] =>
    readFileSync(join(whole(), 'data', `${name}.jsonl`), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rows('revisions')).toMatchObject([{ title: '关于做好防汛工作的通知' }]);
  expect(rows('orders')).toMatchObject([{ seq: 1, signatures: [expect.any(String)] }]);
  expect(rows('signing_keys')).toMatchObject([{ person: 'u1', publicKey: expect.any(String) }]);
  expect(rows('signing_keys')[0]).not.toHaveProperty('sealed');
  expect(rows('placements')).toHaveLength(3);
  expect(rows('renditions').length).toBeGreaterThan(0);
  expect(rows('accounts')[0]).not.toHaveProperty('sealed');
  expect(rows('copies').length).toBeGreaterThan(0);
  expect(rows('audit').map(({ act: name }) => name)).toEqual(
    expect.arrayContaining(['release.publish', 'release.read']),
  );
});

it('stands when a person with a hundred entries is erased: they stay and verify, and an old pack opens as it was', async () => {
  const { store, anchors } = test.hub;
  const means = test.hub;
  const id = 'p-gone';
  for (const [name, roles] of [
    [id, ['writer']],
    ['the admin', ['admin']],
  ] as const)
    await addPerson(means, { name, displayName: `${name} 甲`, password: 'a long enough one', roles }, name);
  for (let n = 0; n < 100; n += 1)
    await act(
      store,
      { act: 'release.read', outcome: 'done', who: { person: id }, on: { release } },
      async () => undefined,
    );
  const old = await pack('before the person went');
  const mine = () => store.auditEntries.find({ person: id }).sort({ n: 1 }).lean();
  const before = await mine();
  const admin = { person: 'the admin' };
  await disablePerson(means, admin, id, { keepers: [] });
  await erasePerson(means, admin, id);
  expect((await mine()).slice(0, before.length)).toEqual(before);
  expect(before.length).toBeGreaterThanOrEqual(100);
  expect(JSON.stringify(await store.people.find({}).lean())).not.toContain('p-gone 甲');
  expect(await verifyBook(store, { anchors: () => readAnchors(anchors) })).toMatchObject({ state: 'intact' });
  for (const at of [old, await pack('after the person went')])
    expect(verified(at)).toMatchObject({ status: 0, out: expect.stringContaining('Everything fits') as string });
});

it('tells nothing of what others did', () => {
  for (const name of names(whole()))
    expect([name, readFileSync(join(whole(), name), 'utf8').includes('MARKER-other')]).toEqual([name, false]);
});

it('says where, for a byte at the beginning, in the middle and at the end of every file', () => {
  for (const name of names(whole())) {
    const { length } = readFileSync(join(whole(), name));
    for (const place of new Set([0, Math.floor(length / 3), Math.floor(length / 2), length - 2, length - 1])) {
      if (place < 0 || place >= length) continue;
      const at = changed(name, (bytes) => {
        bytes[place] = (bytes[place] ?? 0) ^ 1;
        return bytes;
      });
      const { status, out } = verified(at);
      // The verifier itself may no longer run at all: then it says so in its own way.
      if (name === 'verify.mjs') expect([place, status === 0 && out.startsWith('✓')]).toEqual([place, false]);
      else {
        expect([name, place, status, out]).toEqual([name, place, 3, expect.stringContaining(name)]);
        const line = readFileSync(join(whole(), name)).subarray(0, place).toString().split('\n').length;
        if (name.endsWith('.jsonl')) expect(out).toContain(`${name}, line ${String(line)}`);
      }
      rmSync(at, { recursive: true });
    }
  }
}, 240_000);

it.each([
  ['is missing', 'data/orders.jsonl', () => undefined],
  ['does not belong', 'data/more.jsonl', () => Buffer.from('{}\n')],
])('says that a file %s', (words, name, change) => {
  const { status, out } = verified(changed(name, change));
  expect([status, out]).toEqual([3, expect.stringContaining(`${name}: ${words}`)]);
});

/** Who has hands on the database and makes a pack of what they wrote there. */
describe('of rows that were changed by hand', () => {
  const order = () => test.hub.store.orders.collection;
  const set = async (rows: { updateOne: (...given: never[]) => unknown }, fields: object): Promise<void> => {
    await rows.updateOne({ release } as never, { $set: fields } as never);
  };
  const statement = async (change: (text: string) => string): Promise<void> => {
    const row = await test.hub.store.orders.findOne({ release }).lean();
    await set(order(), { statement: change(row?.statement ?? '') });
  };
  it.each<[string, string, () => Promise<unknown>]>([
    ['an order without signatures', 'does not fit', () => set(order(), { signatures: [] })],
    [
      'an order that nobody signed',
      'bears no signature',
      () => order().updateOne({ release }, { $unset: { statement: 1 } }),
    ],
    ['another lane', 'does not fit', () => statement((text) => text.replace('"lane":"routine"', '"lane":"emergency"'))],
    [
      'a statement of another order',
      'was signed as another order',
      () => statement((text) => text.replace(/"order":"d/, '"order":"e')),
    ],
    ['another text', 'does not have the hash', () => set(test.hub.store.revisions.collection, { body: '<p>改</p>' })],
    [
      'another text with its own hash',
      'is not the one that was signed',
      () => set(test.hub.store.revisions.collection, { hash: 'a'.repeat(64) }),
    ],
    [
      'a key that the hub did not write',
      'is not here',
      () => test.hub.store.signingKeys.updateMany({}, { $set: { publicKey: 'A'.repeat(43) + '=' } }),
    ],
    [
      'a key retired before',
      'was retired before',
      async () => {
        await test.hub.store.connection.transaction((session) => retireKey(test.hub, 'u1', session, new Date(0)));
      },
    ],
    [
      'another list of accounts',
      'the list of accounts',
      () => test.hub.store.accountLists.updateMany({}, { $set: { accounts: 'a1' } }),
    ],
  ])('says so of %s', async (name, words, change) => {
    const { store } = test.hub;
    const kept = await Promise.all(
      [store.orders, store.revisions, store.signingKeys, store.accountLists].map(async (model) => ({
        rows: model.collection,
        before: await model.collection.find({}).toArray(),
      })),
    );
    await change();
    const { status, out } = verified(await pack(name));
    for (const { rows, before } of kept) for (const row of before) await rows.replaceOne({ _id: row._id }, row);
    expect([status, out]).toEqual([3, expect.stringContaining(words)]);
  });
});

describe('with the heads that a stranger has kept', () => {
  const heads = async (change: (root: string) => string): Promise<string> => {
    const days = (await publishedDays(test.hub.store)).map((day) => ({ ...day, root: change(day.root) }));
    const file = join(folder, `heads-${String(Math.random())}.json`);
    writeFileSync(file, JSON.stringify({ heads: days }));
    return file;
  };

  it('says that they agree', async () => {
    const { status, out } = verified(whole(), '--heads', await heads((root) => root));
    expect([status, out]).toEqual([0, expect.stringContaining('1 head(s) that you hold agree')]);
  });

  it('says that history was written anew', async () => {
    const { status, out } = verified(
      whole(),
      '--heads',
      await heads((root) => root.replace(/^./, (sign) => (sign === '0' ? '1' : '0'))),
    );
    expect([status, out]).toEqual([3, expect.stringContaining('history was written anew')]);
  });

  it('says that it cannot tell where they are of other days', () => {
    const file = join(folder, 'none.json');
    writeFileSync(file, '{"heads":[]}');
    expect(verified(whole(), '--heads', file)).toMatchObject({
      status: 4,
      out: expect.stringContaining('Could not be checked'),
    });
  });
});
