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
