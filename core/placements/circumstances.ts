/** What is so now of a planned order: of its text, its signers, its accounts. */
import { LianfaError } from '../errors.js';
import type { Order } from '../model/order.js';
import { placementIds } from '../model/placement.js';
import { signerStates } from '../plans/signers.js';
import type { Circumstances } from '../plans/verdict.js';
import type { Store } from '../store/store.js';
import { holdsAny, selectionOf } from './selection.js';

export interface PlanningMeans {
  store: Store;
  channels: ReadonlyMap<string, unknown>;
}

export async function circumstancesOf({ store, channels }: PlanningMeans, order: Order): Promise<Circumstances> {
  const revision = await store.revisions.findById(order.revision ?? '', { signed: 1, emergency: 1 }).lean();
  const { signed, emergency } = revision ?? {};
  const ends = emergency?.msgType === 'Cancel' ? undefined : emergency?.expires;
  // Whoever signed the text, and whoever signed that it goes out.
  const signers = [...new Set([...(signed ? [signed.by] : []), order.by])];
  return {
    signed: signed !== undefined,
    signers: [...(await signerStates(store, signers)).values()],
    warningEnds: ends === undefined ? undefined : new Date(ends),
    reachable: await isReachable(store, [...channels.keys()], order),
  };
}

async function isReachable(
  store: Store,
  channels: string[],
  { release, audience, place, reach }: Order,
): Promise<boolean> {
  if (!reach.audience) return (await store.placements.exists({ _id: placementIds(release) })) !== null;
  // A unit of the audience may be gone by now.
  const selection = await selectionOf(store, audience, place).catch((error: unknown) => {
    if (error instanceof LianfaError) return undefined;
    throw error;
  });
  return selection !== undefined && holdsAny(store, selection, { channel: { $in: channels } });
}
