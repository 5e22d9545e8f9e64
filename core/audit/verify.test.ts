import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wholeStores, type WholeStore } from '../../test/support/whole-stores.js';
import { createVault } from '../accounts/vault.js';
import { openStore } from '../store/store.js';
import { anchorFolder, keepAnchors, keepDay, raise, readAnchors, type Anchor, type AnchorPlace } from './anchors.js';
import { act } from './book.js';
import { fill, mutations } from './fixtures/mutations.js';
import { verifyBook, type Verdict } from './verify.js';

const entries = 24;

describe.each(wholeStores)('the check of the book on the $name store', ({ open }) => {
  let opened: WholeStore;
  let place: AnchorPlace;
  beforeEach(async () => {
    opened = await open();
    place = { folder: anchorFolder(opened.dataFolder), vault: createVault(randomBytes(32)) };
  });
  afterEach(async () => {
    await opened.end();
  });
  const check = (anchors = () => readAnchors(place)): Promise<Verdict> => verifyBook(opened.store, { anchors });

  it.each(mutations)('$name', async ({ apply, says }) => {
    await fill(opened.store, entries);
    await raise(opened.store, place);
    await apply(opened.store);
    const verdict = await check();
    if (verdict.state === 'broken') expect(says).toContainEqual({ at: verdict.at, what: verdict.what });
    else expect({ state: verdict.state, says }).toEqual({ state: 'intact', says: [] });
  });

  it('says the number of entries and the head of a book that is intact', async () => {
    await fill(opened.store, entries);
    const { hub, n, hash } = (await opened.store.auditHead.findById('head').lean()) ?? { n: 0 };
    expect(await check()).toEqual({ state: 'intact', entries, head: { hub, n, hash }, anchors: 0 });
  });

  it('says of an empty book without kept heads that it could not be checked', async () => {
    expect(await check()).toMatchObject({ state: 'unchecked' });
  });

  it('finds what differs from the head of any day that was kept', async () => {
    await fill(opened.store, 10);
    const head = (await opened.store.auditHead.findById('head').lean()) ?? { hub: '', n: 0, hash: '' };
    const day: Anchor = { hub: head.hub, n: 10, hash: head.hash, at: new Date().toISOString() };
    await keepDay(place, day);
    await keepDay(place, { ...day, n: 9, hash: 'a'.repeat(64) });
    await fill(opened.store, 10);
    expect(await check()).toMatchObject({ state: 'broken', at: 9, what: 'rewritten' });
  });

  it('goes on while others act, and counts what came meanwhile', async () => {
    await fill(opened.store, entries);
    const [verdict] = await Promise.all([check(), fill(opened.store, 30)]);
    expect(verdict.state).toBe('intact');
  });

  it('reads more than one page', async () => {
    const rows = 1_050;
    await fill(opened.store, 1);
    for (let turn = 1; turn < rows; turn += 1)
      await act(opened.store, { act: 'test.turn', outcome: 'done', who: 'clock', on: {} }, async () => undefined);
    expect(await check()).toMatchObject({ state: 'intact', entries: rows });
    await opened.store.auditEntries.collection.updateOne({ n: 1_020 }, { $set: { act: 'other' } } as never);
    expect(await check()).toMatchObject({ state: 'broken', at: 1_020, what: 'changed' });
  });

  describe('the heads that are kept elsewhere', () => {
    it('are raised by whoever acts, at most once in a short while, and once more on close', async () => {
      const kept = keepAnchors(opened.store, place, (error) => {
        throw error;
      });
      await fill(opened.store, 5);
      await kept.close();
      expect(await readAnchors(place)).toMatchObject([{ n: 5 }]);
      expect(readdirSync(place.folder)).toHaveLength(1);
    });

    it('only ever go up, and are not overwritten by a line that does not hold them', async () => {
      await fill(opened.store, 20);
      await raise(opened.store, place);
      const before = await readAnchors(place);
      await mutations.find(({ name }) => name === 'truncate-and-grow')?.apply(opened.store);
      await fill(opened.store, 5);
      await expect(raise(opened.store, place)).rejects.toThrow('entry 20');
      expect(await readAnchors(place)).toEqual(before);
    });

    it.each([
      ['sealed by another secret', (): AnchorPlace => ({ ...place, vault: createVault(randomBytes(32)) })],
      [
        'changed',
        (): AnchorPlace => {
          const file = join(place.folder, readdirSync(place.folder)[0] ?? '');
          writeFileSync(file, readFileSync(file, 'utf8').replace('"n":24', '"n":23'));
          return place;
        },
      ],
      [
        'half written',
        (): AnchorPlace => {
          appendFileSync(join(place.folder, 'days.jsonl'), '{"hub":"h');
          return place;
        },
      ],
    ])('leave the book unchecked where one is %s, never intact', async (_, change) => {
      await fill(opened.store, entries);
      await raise(opened.store, place);
      const other = change();
      expect(await check(() => readAnchors(other))).toMatchObject({ state: 'unchecked' });
    });
  });

  it('says that it could not be checked where the entries cannot be read', async () => {
    await fill(opened.store, entries);
    await raise(opened.store, place);
    const closed = await open();
    await closed.end();
    expect(await verifyBook(closed.store, { anchors: () => readAnchors(place) })).toMatchObject({ state: 'unchecked' });
  });

  it('stays intact when the line moves to another store and back: times, numbers and Unicode survive', async () => {
    await fill(opened.store, entries);
    await raise(opened.store, place);
    const other = await (wholeStores.at(-1) ?? { open }).open();
    for (const [from, to] of [
      [opened.store, other.store],
      [other.store, opened.store],
    ] as const) {
      const dump = JSON.stringify({
        rows: await from.auditEntries.find({}).lean(),
        head: await from.auditHead.findById('head').lean(),
      });
      const { rows, head } = JSON.parse(dump) as { rows: { at: string }[]; head: object };
      await to.auditEntries.deleteMany({});
      await to.auditHead.deleteMany({});
      await to.auditEntries.insertMany(rows.map((row) => ({ ...row, at: new Date(row.at) })));
      await to.auditHead.create(head);
      expect(await verifyBook(to, { anchors: () => readAnchors(place) })).toMatchObject({ state: 'intact', entries });
    }
    await other.end();
  });

  it('reads what the first format wrote, and goes on from there', async () => {
    const chain = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/chain-format-1.json'), 'utf8')) as {
      head: object;
      rows: { at: string }[];
    };
    await opened.store.auditHead.create(chain.head);
    await opened.store.auditEntries.insertMany(chain.rows.map((row) => ({ ...row, at: new Date(row.at) })));
    expect(await check()).toMatchObject({ state: 'intact', entries: 8 });
    await fill(opened.store, 3);
    expect(await check()).toMatchObject({ state: 'intact', entries: 11 });
  });
});

it('stays intact when the hub is opened again', async () => {
  const dataFolder = mkdtempSync(join(process.env['TMPDIR'] ?? '/tmp', 'lianfa-audit-'));
  const first = await openStore({ dataFolder });
  await fill(first, entries);
  await first.close();
  const again = await openStore({ dataFolder });
  expect(await verifyBook(again, { anchors: async () => [] })).toMatchObject({ state: 'intact', entries });
  await again.close();
  rmSync(dataFolder, { recursive: true });
});
