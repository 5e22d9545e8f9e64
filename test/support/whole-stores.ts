/** The product's own store, empty: the embedded one always, MongoDB where MONGODB_URI names one. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '../../core/store/store.js';

export interface WholeStore {
  store: Store;
  dataFolder: string;
  /** What another process opens it by. */
  uri: string | undefined;
  end(): Promise<void>;
}

async function open(server?: string): Promise<WholeStore> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'lianfa-whole-'));
  const address = server === undefined ? undefined : new URL(server);
  if (address) address.pathname = `/lianfa_test_${randomBytes(6).toString('hex')}`;
  const uri = address?.href;
  const store = await openStore({ uri, dataFolder });
  return {
    store,
    dataFolder,
    uri,
    async end() {
      if (uri !== undefined) await store.connection.dropDatabase();
      await store.close();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

const server = process.env['MONGODB_URI'];
export const wholeStores: readonly { name: string; open: () => Promise<WholeStore> }[] = [
  { name: 'embedded', open: () => open() },
  ...(server ? [{ name: 'mongodb', open: () => open(server) }] : []),
];
