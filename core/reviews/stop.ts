/**
 * Stopping a broadcast: either who signed it, or a commander over the place, without a proof, for it makes nothing public.
 * Until its first page has begun it just never leaves; after that, as long as nothing was handed over, it is withdrawn.
 */
import { act } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import type { Actor } from '../model/actor.js';
import type { Order } from '../model/order.js';
import { isWithin } from '../model/organization.js';
import { placementIds, type Placement } from '../model/placement.js';
import { forbidden } from '../people/forbidden.js';
import { rolesOf } from '../people/read.js';
import { moveOrder, unitAt } from '../placements/move-order.js';
import { stateWords } from '../plans/held.js';
import { readStatement, type Statement } from '../signatures/statement.js';
import { chainFor } from './chains.js';
import { authorityOf, type SignMeans } from './signing.js';

/**
 * @throws LianfaError not_found, forbidden, plan_settled where it was stopped or replaced, or is no broadcast, broadcast_out where something was handed over
 */
export async function stop(means: SignMeans, id: string, by: Actor, now = new Date()): Promise<Order> {
  const { store } = means;
  const order = await orderOf(means, id);
  const statement = order.statement === undefined ? undefined : readStatement(order.statement);
  if (!statement?.broadcast) throw new LianfaError('plan_settled', { state: stateWords[order.state] });
  await requireStopper(means, order, statement, by.person);
  const unscheduled = { by: by.person, at: now };
  const moved = await moveOrder(store, order, {
    act: 'order.stop',
    who: by,
    from: ['planned', 'held', 'running'],
    update: { $set: { state: 'unscheduled', unscheduled } },
    after: { state: 'unscheduled' },
  });
  if (!moved) await stopBegun(means, await orderOf(means, id), by);
  return orderOf(means, id);
}

/** It is on its way through the hub. A withdrawal goes before everything that the door has not let out. */
async function stopBegun(means: SignMeans, order: Order, by: Actor): Promise<void> {
  const { store } = means;
  if (order.state === 'unscheduled' || order.state === 'refused' || !order.begun)
    throw new LianfaError('plan_settled', { state: stateWords[order.state] });
  const out = await countOut(means, order.release);
  if (out > 0) throw new LianfaError('broadcast_out', { out: String(out) });
  const reason = '停止联动发布：尚未送出';
  const prepared = await means.orders.withdrawal({ release: order.release, reason, by: by.person });
  const entry = { act: 'order.stop', outcome: 'done', who: by, unit: unitAt(order.place) } as const;
  const withdrawal = await act(
    store,
    (made: Order) => ({ ...entry, on: { order: order._id, release: order.release, instead: made._id } }),
    async (session) => {
      const release = await store.releases.findById(order.release, { kind: 1 }, { session }).lean();
      const chain = await chainFor(means, order.place, release?.kind ?? 'emergency', 'withdraw', session);
      // Whoever may stop it may, whomever the chain names for a withdrawal: nothing of it is public yet.
      return prepared.place(
        authorityOf(chain, [], () => undefined),
        session,
      );
    },
  );
  await prepared.start(withdrawal);
}

/** Accounts of the release to which something was handed over, or may have been. */
async function countOut({ store }: SignMeans, release: string): Promise<number> {
  let out = 0;
  for await (const row of store.placements
    .find({ _id: placementIds(release) })
    .lean()
    .cursor())
    if (isOut(row)) out += 1;
  return out;
}

function isOut({ standing, open, unsure }: Placement): boolean {
  return standing.length > 0 || open.length > 0 || unsure.length > 0;
}

/** @throws LianfaError forbidden */
async function requireStopper(means: SignMeans, order: Order, statement: Statement, person: string): Promise<void> {
  const signed = [...statement.signers, ...(order.second ? [order.second] : [])].map((one) => one.person);
  if (signed.includes(person)) return;
  const held = await rolesOf(means, person);
  if (held.some(({ role, path }) => role === 'commander' && isWithin(order.place, path))) return;
  throw forbidden('releases.withdraw');
}

async function orderOf({ store }: SignMeans, id: string): Promise<Order> {
  const order = await store.orders.findById(id).lean();
  if (!order) throw new LianfaError('not_found', { what: id });
  return order;
}
