import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from './store.js';

it('lets nobody but its owner read the embedded database, whatever the folder and an older file allow', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'lianfa-store-'));
  writeFileSync(join(dataFolder, 'lianfa.sqlite'), '', { mode: 0o644 });
  const store = await openStore({ dataFolder });
  await store.records.create({ _id: 'a', value: 'b', at: new Date() });
  const files = readdirSync(dataFolder).filter((name) => name.startsWith('lianfa.sqlite'));
  expect(files.length).toBeGreaterThan(1);
  for (const name of files) expect([name, statSync(join(dataFolder, name)).mode & 0o077]).toEqual([name, 0]);
  await store.close();
  rmSync(dataFolder, { recursive: true });
});

it('lets a single row in between the pieces of a bulk write of another process, and writes that whole', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'lianfa-store-'));
  const [large, small] = [await openStore({ dataFolder }), await openStore({ dataFolder })];
  const rows = Array.from({ length: 1_000 }, (_, n) => ({ _id: `row ${n}`, value: 'x', at: new Date() }));
  await large.records.create({ _id: 'first', value: 'x', at: new Date() });
  // By a clock on which every look takes a millisecond.
  let now = 0;
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => (now += 1));
  const ended: string[] = [];
  await Promise.all([
    large.records.collection.insertMany(rows as never[]).then(() => ended.push('bulk')),
    small.records.collection.insertOne({ _id: 'urgent', value: 'x' } as never).then(() => ended.push('row')),
  ]);
  clock.mockRestore();
  expect(ended).toEqual(['row', 'bulk']);
  expect(await small.records.countDocuments({})).toBe(rows.length + 2);
  await Promise.all([large.close(), small.close()]);
  rmSync(dataFolder, { recursive: true });
});
