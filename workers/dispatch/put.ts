/** Puts an order upon placements: new ones are inserted, those that are there get it under their version. */
import type { AccountRow } from '../../core/model/account.js';
import type { Order } from '../../core/model/order.js';
import { placementId, wantedOf, type Placement, type Wanted } from '../../core/model/placement.js';
import { deadlines, isTodo } from '../../core/model/states.js';
import { firstKnown, want } from '../../core/placements/protocol.js';
import { takenOut } from '../../core/placements/why.js';
import { replaceRows } from '../../core/placements/write.js';
import { grouped } from '../../core/grouped.js';
import type { RedisSettings } from '../../core/queue/connection.js';
import { claimsKey } from '../../core/queue/keys.js';
import { batchSize, type BatchJob } from '../../core/queue/queues.js';
import { runFor } from '../../core/queue/run.js';
import { insertMissing } from '../../core/store/insert-missing.js';
import { pieces, queueSteps } from '../hand-outs.js';
import { keptRows } from '../kept-rows.js';
import type { DispatchMeans } from './means.js';

export type Destination = Pick<AccountRow, '_id' | 'channel' | 'organization' | 'region'>;

/** Those of the accounts' placements that were not there, now inserted but not yet queued, and those that were. */
export async function insertOn(
  order: Order,
  accounts: readonly Destination[],
  run: string,
  { store, settings }: DispatchMeans,
): Promise<{ fresh: Placement[]; old: Placement[] }> {
  const rows = accounts.map((account) => newPlacement(order, account, run, settings));
  const inserted = await insertMissing(store.placements, rows);
  const fresh = rows.filter((row) => inserted.has(row._id));
  keptRows(store).keep(fresh);
  const old = fresh.length === rows.length ? [] : rows.filter((row) => !inserted.has(row._id)).map((row) => row._id);
  return {
    fresh,
    old: old.length === 0 ? [] : await store.placements.find({ _id: { $in: old } }).lean(),
  };
}

/** Fences first, then queues: whoever dies in between has let nothing older out, and the clock finds the rest. */
export async function putOnRows(
  order: Order,
  rows: readonly Placement[],
  run: string,
  means: DispatchMeans,
): Promise<number> {
  const put = await writeWanted(order, rows, run, means);
  await means.claims.fence(put.map((row) => ({ placement: row._id, seq: order.seq })));
  // A run may have died between writing and queueing: what is still untouched is queued again.
  const stranded = walksOnce(order) ? rows.filter((row) => isUntouched(row, order)) : [];
  await queueSteps(
    means.queues,
    [...put, ...stranded].filter(({ state }) => isTodo(state)),
    run,
  );
  return put.length;
}

/** A later walk of the order meets what an earlier one has just queued. */
function walksOnce({ walk, reach }: Order): boolean {
  return walk === 'audience' || !reach.audience;
}

function isUntouched(row: Placement, order: Order): boolean {
  return wantedOf(row).seq === order.seq && row.state === 'queued';
}

async function writeWanted(
  order: Order,
  rows: readonly Placement[],
  run: string,
  means: Pick<DispatchMeans, 'store' | 'settings'>,
): Promise<Placement[]> {
  const { store, settings } = means;
  const next = rows.flatMap((row) => ordered(row, order, runFor(settings, run, row._id)) ?? []);
  if (next.length === 0) return [];
  if (await replaceRows(store, next)) return next;
  // Record was quicker on some row: those that do not want it yet are read and asked again.
  const now = await store.placements.find({ _id: { $in: next.map((row) => row._id) } }).lean();
  const done = now.filter((row) => wantedOf(row).seq === order.seq);
  const left = now.filter((row) => wantedOf(row).seq < order.seq);
  return [...done, ...(await writeWanted(order, left, run, means))];
}

/** The row with the order upon it; undefined where it changes nothing. */
function ordered(row: Placement, order: Order, run: string): Placement | undefined {
  const before = wantedOf(row);
  const same = order.revision !== undefined && before.revision === order.revision;
  if (same && row.state !== 'failed' && row.state !== 'cancelled') return undefined;
  // What a person was asked about stands or may stand: that is looked at once more.
  const rests = !isTodo(row.state) && (row.halt === undefined || row.standing.length === 0);
  const next = want(row, wantedBy(order), run, rests);
  if (!next) return undefined;
  if (next.settled === order.seq) return carriedOut(next, order);
  const { halt: _halt, parked: _parked, frozen: _frozen, evidence: _evidence, why: _why, ...plain } = next;
  return {
    ...plain,
    lane: order.lane,
    state: 'queued',
    since: order.at,
    // Whoever is at the earlier order holds the claim, and this order's job goes away again: were that process dead, only
    // the clock would bring it back.
    dueAt: row.state === 'sending' || row.open.length > 0 ? after('sending') : after('queued'),
    attempts: 0,
    version: row.version + 1,
  };
}

/** Nothing was to be done, so that nobody needs to come: what is public stays as it is known; the rest is called off, and why it lay there is kept. */
function carriedOut(next: Placement, order: Order): Placement {
  const version = next.version + 1;
  if (next.standing.length > 0) return { ...next, version };
  const { halt: _halt, parked: _parked, frozen: _frozen, dueAt: _dueAt, ...plain } = next;
  const why = order.action === 'narrow' ? takenOut : next.why;
  return { ...plain, state: 'cancelled', since: order.at, version, ...(why !== undefined && { why }) };
}

function newPlacement(
  order: Order,
  { _id: account, channel, organization, region }: Destination,
  run: string,
  settings: RedisSettings,
): Placement {
  const _id = placementId(order.release, account);
  return {
    _id,
    release: order.release,
    channel,
    account,
    organization,
    region,
    lane: order.lane,
    state: 'queued',
    since: order.at,
    dueAt: after('queued'),
    attempts: 0,
    recent: [],
    version: 0,
    ...firstKnown(wantedBy(order), runFor(settings, run, _id)),
  };
}

export function wantedBy({ seq, revision, keeps, over, action }: Order): Wanted {
  return {
    seq,
    ...(revision !== undefined && { revision }),
    ...(keeps && { keeps }),
    ...(over && { over }),
    ...(action === 'narrow' && { stops: true as const }),
  };
}

function after(deadline: 'queued' | 'sending'): Date {
  return new Date(Date.now() + (deadlines[deadline] ?? 0) * 1_000);
}

/**
 * A fresh batch carries what its rows hold, so that publish need not read them. The first page of an order goes before the
 * later pages of others: an order of ten accounts does not stand behind one of ten thousand.
 */
export async function queueFresh(
  order: Order,
  rows: readonly Placement[],
  run: string,
  { queues, settings }: DispatchMeans,
): Promise<void> {
  for (const [channel, those] of grouped(rows, (row) => row.channel)) {
    // What lies in one shard of Redis is claimed, asked for at the door and told in one command.
    const byShard = [...grouped(those, (row) => claimsKey(settings, row._id)).values()].flat();
    const jobs: BatchJob[] = pieces(byShard, batchSize).map((part) => ({
      run,
      fresh: {
        release: order.release,
        channel,
        lane: order.lane,
        wanted: wantedBy(order),
        to: part.map(({ account, organization, region }) => ({ account, organization, region })),
      },
    }));
    await queues.addBatches('publish', order.lane, channel, jobs, order.cursor === undefined ? 'next' : 'after');
  }
}
