/** An order reaches the accounts of its audience, and the placements on which the release stands or may stand. */
import type { Order } from '../../core/model/order.js';
import { placementIds, wantedOf, type Placement } from '../../core/model/placement.js';
import { isTodo } from '../../core/model/states.js';
import { goesTo } from '../../core/placements/protocol.js';
import { located, selectionOf } from '../../core/placements/selection.js';
import type { Sealed } from '../../core/signatures/seals.js';
import type { DispatchMeans } from './means.js';
import { insertOn, putOnRows, queueFresh, wantedBy } from './put.js';

export interface Page {
  /** Placements whose wanted this page has set. */
  put: number;
  /** Where the next page begins; absent after the last. */
  cursor?: string;
  /** As in the order, with this page. */
  met?: NonNullable<Order['met']>;
}

/** Accounts in a page. The first is small, so that the first requests leave at once. */
const pageSize = { first: 200, next: 1_000 };

export async function audiencePage(order: Order, sealed: Sealed, run: string, means: DispatchMeans): Promise<Page> {
  const { filter, standing } = await selectionOf(means.store, order.audience, order.place);
  const most = order.cursor === undefined ? pageSize.first : pageSize.next;
  const after = order.cursor === undefined ? filter : { $and: [filter, { _id: { $gt: order.cursor } }] };
  const page = await means.store.accounts
    .find(after, { channel: 1, organization: 1, exercise: 1, credential: 1, ...located })
    .sort({ _id: 1 })
    .limit(most)
    .lean();
  // Only what was there when it was signed, whatever has come under the selector since.
  const held = page.filter((row) => standing(row) === 'in');
  const signed = held.filter(({ _id }) => sealed.accounts?.has(_id));
  // An account that was made for drills when it was signed may have become a real one since.
  const drills = sealed.statement.exercise === 'test';
  const accounts = drills ? signed.filter(({ exercise }) => exercise === true) : signed;
  const before = order.met ?? { signed: 0, later: 0 };
  // What was dead as it was signed stood in the survey.
  const dead = accounts.filter(
    ({ credential: { state, checkedAt } }) => state === 'dead' && checkedAt && checkedAt > order.at,
  ).length;
  const unmarked = signed.length - accounts.length;
  const met = {
    signed: before.signed + signed.length,
    later: before.later + held.length - signed.length,
    ...(unmarked + (before.unmarked ?? 0) > 0 && { unmarked: unmarked + (before.unmarked ?? 0) }),
    ...(dead + (before.dead ?? 0) > 0 && { dead: dead + (before.dead ?? 0) }),
  };
  const { fresh, old } = await insertOn(order, accounts, run, means);
  const put = fresh.length + (await putOnRows(order, old, run, means));
  const passed = await putLater(order, [...fresh, ...old], run, means);
  await queueFresh(
    order,
    fresh.filter((row) => !passed.has(row._id)),
    run,
    means,
  );
  const last = page.at(-1);
  return page.length < most || !last ? { put, met } : { put, met, cursor: last._id };
}

/**
 * A later order that reaches where the release stands, a withdrawal above all, may have walked by before these rows were
 * there: it is put upon them too. One that is stored only after this has looked will find them. Returns the ids of those
 * that want something later now.
 */
async function putLater(
  order: Order,
  rows: readonly Placement[],
  run: string,
  means: DispatchMeans,
): Promise<Set<string>> {
  const { store } = means;
  const newer = { release: order.release, seq: { $gt: order.seq } };
  const later = (await store.orders.find(newer).sort({ seq: 1 }).lean())
    .filter(hasStarted)
    .filter(({ reach }) => reach.standing);
  if (later.length === 0) return new Set();
  const now = (): Promise<Placement[]> => store.placements.find({ _id: { $in: rows.map((row) => row._id) } }).lean();
  for (const one of later) {
    const checked = await means.seals.check(one);
    // Its own dispatch refuses it and says so.
    if (!checked.holds) continue;
    await putOnRows(one, await reachedBy(one, checked.is, await now(), means), run, means);
  }
  return new Set((await now()).filter((row) => wantedOf(row).seq > order.seq).map((row) => row._id));
}

/** What is planned for later reaches nobody before it starts. */
function hasStarted({ state }: Order): boolean {
  return state === 'running' || state === 'done';
}

export async function standingPage(order: Order, sealed: Sealed, run: string, means: DispatchMeans): Promise<Page> {
  const filter = { _id: placementIds(order.release, order.cursor) };
  const page = await means.store.placements.find(filter).sort({ _id: 1 }).limit(pageSize.next).lean();
  const put = await putOnRows(order, await reachedBy(order, sealed, page, means), run, means);
  const last = page.at(-1);
  return page.length < pageSize.next || !last ? { put } : { put, cursor: last._id };
}

/** Those of the placements that an order reaches because of what the release does there. */
async function reachedBy(
  order: Order,
  sealed: Sealed,
  rows: Placement[],
  { seals }: DispatchMeans,
): Promise<Placement[]> {
  const standing = rows.filter((row) => isMeant(row, order));
  const reached = await Promise.all(standing.map((row) => seals.reaches(sealed, row.account)));
  return standing.filter((_, place) => reached[place]);
}

/** Those reached already count, so that a broken run is finished. */
function isMeant(row: Placement, order: Order): boolean {
  return wantedOf(row).seq === order.seq || goesTo(row, isTodo(row.state), wantedBy(order));
}
