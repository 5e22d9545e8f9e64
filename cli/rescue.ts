/** Opens the store of this machine's hub and makes a way back for an admin. */
import { createVault, readSecret } from '../core/accounts/vault.js';
import { readConfig } from '../core/hub/config.js';
import { rescue } from '../core/people/rescue.js';
import { openStore } from '../core/store/store.js';

export async function rescueHere(name: string, env = process.env): Promise<{ name: string; password: string }> {
  const config = readConfig(env);
  const store = await openStore({ uri: config.mongoUri, dataFolder: config.dataFolder });
  try {
    return await rescue({ store, vault: createVault(await readSecret(config)) }, name.trim().toLowerCase());
  } finally {
    await store.close();
  }
}
