/** The check of a data folder from outside: without a running hub, and without making or changing anything there. */
import { z } from 'zod';
import { createVault, presentSecret } from '../accounts/vault.js';
import type { Config } from './config.js';
import { hasStore, openStoreAsFound, type Store } from '../store/store.js';
import { anchor, anchorFolder, readAnchors, type Anchor } from '../audit/anchors.js';
import { unchecked, verifyBook, type Against, type Verdict } from '../audit/verify.js';

type Place = Pick<Config, 'dataFolder' | 'mongoUri' | 'secret'>;

/** What a hub publishes of its days, as it answers it and as a stranger may have kept it. */
export const headsDocument = z.object({
  hub: z.string().optional(),
  heads: z.array(anchor.extend({ day: z.string() })),
});

/** Never throws. `heads`: what a stranger holds, read when the check begins. */
export async function verifyFolder(
  place: Place,
  { heads, progress }: { heads?: (() => Promise<Anchor[]>) | undefined; progress?: Against['progress'] } = {},
): Promise<Verdict> {
  let store: Store | undefined;
  try {
    store = await openedAsFound(place);
    const folder = anchorFolder(place.dataFolder);
    const anchors = async (): Promise<Anchor[]> => [
      ...(await readAnchors({ folder, vault: createVault(await presentSecret(place)) })),
      ...((await heads?.()) ?? []),
    ];
    return await verifyBook(store, { anchors, ...(progress && { progress }) });
  } catch (error) {
    return unchecked(error);
  } finally {
    await store?.close();
  }
}

/** @throws Error where there is no database, or it cannot be opened */
export async function openedAsFound({ dataFolder, mongoUri }: Place): Promise<Store> {
  const place = { uri: mongoUri, dataFolder };
  if (!hasStore(place)) throw new Error(`there is no database in ${dataFolder}`);
  return openStoreAsFound(place);
}
