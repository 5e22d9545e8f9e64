/** A data folder of an older version is refused with a sentence, and nothing in it is changed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../core/store/store.js';

it('refuses a store that holds deliveries of 0.1.0, and says what to do', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'lianfa-older-'));
  try {
    const fresh = await openStore({ dataFolder });
    await fresh.connection.collection('deliveries').insertOne({ _id: 'v1-a1', state: 'verified' } as never);
    await fresh.close();
    await expect(openStore({ dataFolder })).rejects.toThrow(/0\.1\.0 版写入.*new data folder/s);
  } finally {
    rmSync(dataFolder, { recursive: true, force: true });
  }
});
