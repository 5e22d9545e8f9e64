/** A withdrawal walks the deliveries themselves: what is out is withdrawn, what is not yet out is called off. */
import type { QueryFilter } from 'mongoose';
import { audienceFilter } from '../../core/deliveries/audience.js';
import type { Delivery } from '../../core/model/delivery.js';
import type { Dispatch } from '../../core/model/dispatch.js';
import { newId } from '../../core/ids.js';
import { insertMissing, newDelivery, queueRows, type DispatchMeans, type Page } from './rows.js';

const pageSize = 500;
/** Higher than any attempt: a claim at this number is never taken again. */
const never = 1_000_000;

export async function withdrawPage(dispatch: Dispatch, means: DispatchMeans): Promise<Page> {
  const filter: QueryFilter<Delivery> = { release: dispatch.release };
  if (dispatch.cursor !== undefined) filter._id = { $gt: dispatch.cursor };
  const page = await means.store.deliveries.find(filter).sort({ _id: 1 }).limit(pageSize).lean();
  const rows = (await inAudience(page, dispatch, means)).filter((row) => row.action === 'publish');
  const calledOff = await callOff(
    rows.filter(
      (row) => row.state === 'queued' || row.state === 'waiting' || (row.state === 'needs_action' && !row.remote),
    ),
    dispatch,
    means,
  );
  const out = rows.filter(
    (row) =>
      !calledOff.has(row._id) &&
      ['sending', 'accepted', 'published', 'verified', 'needs_action', 'queued', 'waiting'].includes(row.state),
  );
  const made = out.map((row) => newDelivery(dispatch, row));
  await queueRows(dispatch, made, await insertMissing(means.store, made), means);
  const last = page.at(-1);
  return page.length < pageSize || !last ? { made: made.length } : { made: made.length, cursor: last._id };
}

async function inAudience(page: Delivery[], dispatch: Dispatch, { store }: DispatchMeans): Promise<Delivery[]> {
  if (Object.values(dispatch.audience).every((list: string[] | undefined) => !list?.length)) return page;
  const filter = {
    $and: [
      await audienceFilter(store, dispatch.audience),
      { _id: { $in: [...new Set(page.map((row) => row.account))] } },
    ],
  };
  const accounts = new Set((await store.accounts.find(filter, { _id: 1 }).lean()).map((account) => account._id));
  return page.filter((row) => accounts.has(row.account));
}

/** Takes the claims for good, so that no worker can publish any more; what a worker is at already cannot be called off. */
async function callOff(rows: readonly Delivery[], dispatch: Dispatch, { claims }: DispatchMeans): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const taken = await claims.claim(
    `off-${dispatch._id}`,
    rows.map((row) => ({ delivery: row._id, attempt: never })),
    90,
  );
  const off = rows.filter((_, place) => taken.claims[place] === 'clean');
  await claims.finish(
    off.map((row) => ({
      delivery: row._id,
      attempt: never,
      event: {
        id: newId('e'),
        to: 'cancelled',
        at: new Date(),
        by: dispatch.by,
        cause: {
          zh: `尚未发出，已取消：${dispatch.reason ?? ''}`,
          en: `Called off before it was sent: ${dispatch.reason ?? ''}`,
        },
      },
    })),
  );
  return new Set(off.map((row) => row._id));
}
