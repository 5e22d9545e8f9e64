/** A data folder of another version is refused with a sentence where it cannot be read, and nothing in it is changed. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from '../core/format.js';
import { openStore, type Store } from '../core/store/store.js';
import { markFormat } from '../core/store/upgrade.js';

let dataFolder: string;
let fresh: Store;

beforeEach(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'lianfa-upgrade-'));
  fresh = await openStore({ dataFolder });
});
afterEach(async () => {
  await fresh.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

it('refuses a store that holds deliveries of 0.1.0, and says what to do', async () => {
  await fresh.connection.collection('deliveries').insertOne({ _id: 'v1-a1', state: 'verified' } as never);
  await fresh.close();
  const file = join(dataFolder, 'lianfa.sqlite');
  const before = readFileSync(file);
  await expect(openStore({ dataFolder })).rejects.toThrow(/0\.1\.0 版写入.*new data folder/s);
  // The step back: 0.1.0 finds its folder as it left it.
  expect(readFileSync(file).equals(before)).toBe(true);
});

it('opens a store of its own format or an older one, and none that a newer version has marked', async () => {
  await (await openStore({ dataFolder })).close();
  await markFormat(fresh.connection);
  await (await openStore({ dataFolder })).close();
  await markFormat(fresh.connection, format + 1);
  await expect(openStore({ dataFolder })).rejects.toMatchObject({ code: 'newer_version' });
  // Nobody marks it down again.
  await markFormat(fresh.connection);
  await expect(openStore({ dataFolder })).rejects.toMatchObject({ code: 'newer_version' });
});
