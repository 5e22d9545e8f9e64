import { wholeStores, type WholeStore } from '../../test/support/whole-stores.js';
import { createVault } from '../accounts/vault.js';
import { anchorFolder, raise, readAnchors, type AnchorPlace } from './anchors.js';
import { checkBook, lastCheck } from './checking.js';
import { closeDay, publishedDays } from './days.js';
import { fill, mutations } from './fixtures/mutations.js';

describe.each(wholeStores)('a hub on the $name store', ({ open }) => {
  let opened: WholeStore;
  let place: AnchorPlace;
  beforeEach(async () => {
    opened = await open();
    place = { folder: anchorFolder(opened.dataFolder), vault: createVault(Buffer.alloc(32, 7)) };
  });
  afterEach(() => opened.end());
  const change = (name: string): Promise<void> =>
    mutations.find((one) => one.name === name)?.apply(opened.store) ?? Promise.reject(new Error(name));

  it('keeps in the book who checked it, when, and what came of it', async () => {
    const { store } = opened;
    expect(await lastCheck(store)).toBeUndefined();
    await fill(store, 24);
    await checkBook(store, place, { person: 'u9', role: 'auditor' });
    expect(await lastCheck(store)).toMatchObject({ n: 25, by: 'u9', finding: { state: 'intact', entries: 24 } });
    await change('edit-actor: another person');
    await checkBook(store, place, 'clock');
    expect(await lastCheck(store)).toMatchObject({ by: 'clock', finding: { state: 'broken', at: 5, what: 'changed' } });
    await checkBook(store, place, 'clock');
    expect(await store.notices.find({}).lean()).toMatchObject([{ level: 'urgent' }]);
  });

  it('publishes the head of each day once, when it is over in Beijing, and keeps it for ever', async () => {
    const { store } = opened;
    const late = new Date('2026-11-28T16:30:00Z');
    expect(await closeDay(store, place, late)).toBe(false);
    await fill(store, 3);
    expect(await closeDay(store, place, late)).toBe(true);
    await fill(store, 2);
    expect(await closeDay(store, place, new Date('2026-11-29T15:59:59Z'))).toBe(false);
    expect(await closeDay(store, place, new Date('2026-11-29T16:00:00Z'))).toBe(true);
    expect(await publishedDays(store)).toMatchObject([
      { day: '2026-11-29', n: 5 },
      { day: '2026-11-28', n: 3, at: late.toISOString() },
    ]);
    expect((await readAnchors(place)).map(({ n }) => n)).toEqual([3, 5, 5]);
  });

  it('does not publish the head of a line that no longer holds what was kept of it', async () => {
    const { store } = opened;
    await fill(store, 24);
    await raise(store, place);
    await change('truncate-and-grow');
    await expect(closeDay(store, place)).rejects.toThrow('entry 24');
    expect(await publishedDays(store)).toEqual([]);
  });
});
