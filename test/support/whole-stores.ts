/** The product's own store, empty: the embedded one always, MongoDB where MONGODB_URI names one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '../../core/store/store.js';
import { ownDatabase } from './own-database.js';

export interface WholeStore {
  store: Store;
  dataFolder: string;
  /** What another process opens it by. */
  uri: string | undefined;
  end(): Promise<void>;
}

async function open(server?: string): Promise<WholeStore> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'lianfa-whole-'));
  const uri = server === undefined ? undefined : ownDatabase(server);
  const store = await openStore({ uri, dataFolder });
  return {
    store,
    dataFolder,
    uri,
    async end() {
      // A server that only speaks the protocol (chaos/wire-server.ts) cannot; what is left there has a name of its own.
      if (uri !== undefined) await store.connection.dropDatabase().catch(() => undefined);
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
