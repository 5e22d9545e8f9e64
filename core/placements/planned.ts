/**
 * A planned order from its making to its start. One a release: whatever is ordered of the whole release later takes its
 * place. Each move's condition stands in its write, so that of two clocks, or of a clock and a person, one moves it.
 */
import type { ClientSession } from 'mongoose';
import { LianfaError } from '../errors.js';
import { pendingStates, type Hold, type Order } from '../model/order.js';
import { placementIds } from '../model/placement.js';
import { notify } from '../notices/notices.js';
import { beijingMinute } from '../../channels/beijing-calendar.js';
import { sayHeld } from '../plans/held.js';
import { sayInstant } from '../plans/planned-time.js';
import { signerStates } from '../plans/signers.js';
import { holdOf, verdictOf, type Circumstances } from '../plans/verdict.js';
import type { Store } from '../store/store.js';
import { audienceFilter } from './audience.js';

/** Inside the transaction that stores `by`: the plan that it takes the place of never leaves. A withdrawal from some accounts leaves the plan alone, and wins on those. */
export async function replacePlan(store: Store, by: Order, session: ClientSession): Promise<void> {
  const partly =
    by.action === 'withdraw' && Object.values(by.audience).some((list: string[] | undefined) => list?.length);
  if (partly) return;
  const earlier = await store.orders
    .find({ release: by.release, state: { $in: [...pendingStates] } }, { _id: 1 }, { session })
    .lean();
  for (const { _id } of earlier)
    await store.orders.updateOne(
      { _id, state: { $in: [...pendingStates] } },
      { $set: { state: 'unscheduled', unscheduled: { by: by.by, at: by.at, instead: by._id } } },
      { session },
    );
}

/** What is so now of the order: of its text, its signers, its accounts. */
export async function circumstancesOf(
  { store, channels }: { store: Store; channels: ReadonlyMap<string, unknown> },
  order: Order,
): Promise<Circumstances> {
  const revision = await store.revisions.findById(order.revision ?? '', { signed: 1, emergency: 1 }).lean();
  const { signed, emergency } = revision ?? {};
  const ends = emergency?.msgType === 'Cancel' ? undefined : emergency?.expires;
  return {
    signed: signed !== undefined,
    signers: [...(await signerStates(store, signed ? [signed.by] : [])).values()],
    warningEnds: ends === undefined ? undefined : new Date(ends),
    reachable: await isReachable(store, [...channels.keys()], order),
  };
}

async function isReachable(store: Store, channels: string[], { release, audience, reach }: Order): Promise<boolean> {
  if (!reach.audience) return (await store.placements.exists({ _id: placementIds(release) })) !== null;
  // A unit of the audience may be gone by now.
  const filter = await audienceFilter(store, audience).catch((error: unknown) => {
    if (error instanceof LianfaError) return undefined;
    throw error;
  });
  return (
    filter !== undefined && (await store.accounts.exists({ $and: [filter, { channel: { $in: channels } }] })) !== null
  );
}

/** From `from` to `running`, and the release counts as sent from now on. False where somebody else has moved it. */
export async function startPlanned(
  store: Store,
  { _id, release }: Pick<Order, '_id' | 'release'>,
  from: 'planned' | 'held',
  now: Date,
  more: Partial<Order> = {},
): Promise<boolean> {
  return store.connection.transaction(async (session) => {
    const { matchedCount } = await store.orders.updateOne(
      { _id, state: from },
      { $set: { ...more, state: 'running', startedAt: now }, $unset: { held: 1 } },
      { session },
    );
    if (matchedCount === 0) return false;
    const unsent = { _id: release, publishedAt: { $exists: false } };
    await store.releases.updateOne(unsent, { $set: { publishedAt: now } }, { session });
    return true;
  });
}

/** Holds an order and tells it, once. False where somebody else has moved it. */
export async function holdPlanned(
  store: Store,
  order: Order,
  from: 'planned' | 'running',
  held: Hold,
): Promise<boolean> {
  const { title } = (await store.revisions.findById(order.revision ?? '', { title: 1 }).lean()) ?? {
    title: order.release,
  };
  const { said, todo } = sayHeld(held);
  const at = order.notBefore
    ? {
        zh: `，排定于 ${sayInstant(order.notBefore)}`,
        en: `, planned for ${beijingMinute(order.notBefore)} Beijing time`,
      }
    : { zh: '', en: '' };
  return store.connection.transaction(async (session) => {
    const still = { _id: order._id, state: from, begun: { $exists: false } };
    const { matchedCount } = await store.orders.updateOne(still, { $set: { state: 'held', held } }, { session });
    if (matchedCount === 0) return false;
    const notice = {
      level: 'urgent' as const,
      said: {
        zh: `《${title}》（${order.release}${at.zh}）：${said.zh}`,
        en: `"${title}" (${order.release}${at.en}): ${said.en}`,
      },
      todo,
      key: `held ${order._id} ${held.reason} ${held.at.toISOString()}`,
    };
    await notify(store, notice, held.at, session);
    return true;
  });
}

/**
 * Marks the first page of a planned order as begun. Where it is later than it may be (the hub stopped between its start
 * and its first page), or nothing can come of it any more, it is held instead. True where it may go on.
 */
export async function beginPlanned(
  means: { store: Store; channels: ReadonlyMap<string, unknown> },
  order: Order,
  now: Date,
): Promise<boolean> {
  if (order.begun || (!order.notBefore && !order.expires)) return true;
  const { store } = means;
  const verdict = verdictOf(order, now, await circumstancesOf(means, order));
  if (verdict.is === 'hold') {
    await holdPlanned(store, order, 'running', holdOf(verdict, now));
    return false;
  }
  const { matchedCount } = await store.orders.updateOne(
    { _id: order._id, state: 'running' },
    { $set: { begun: true } },
  );
  return matchedCount > 0;
}
