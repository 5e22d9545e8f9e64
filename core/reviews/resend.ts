/**
 * Sends again to exactly those whom a release has not reached. Where the order that they have still serves, it is carried
 * out once more (the platform is asked first); where it does not, the same text is submitted for them alone.
 */
import { troubled } from '../command/causes.js';
import { announceAct } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import type { Actor } from '../model/actor.js';
import { wantedOf, type Placement } from '../model/placement.js';
import type { Review } from '../model/review.js';
import type { Orders } from '../placements/orders.js';
import type { Seals } from '../signatures/seals.js';
import { submit, type SubmitMeans } from './reviews.js';

export interface ResendMeans extends SubmitMeans {
  orders: Pick<Orders, 'check' | 'retry'>;
  seals: Pick<Seals, 'find'>;
}

export interface Resent {
  /** Tried again under the order that they have. */
  retried: number;
  /** Submitted anew, and for how many. */
  review?: Review;
  submitted: number;
  /** Of these nobody knows whether something is out: a person says so first. */
  unknown: number;
  /** More than one act takes: ask again when these are done. */
  left: number;
}

/** Accounts that one submission may name. */
const most = 5_000;

/** `anew`: all of them under a new signature. @throws LianfaError not_found, resend_nobody, and what `submit` throws */
export async function resend(
  means: ResendMeans,
  { release: id, anew = false }: { release: string; anew?: boolean | undefined },
  by: Actor,
): Promise<Resent> {
  const { store } = means;
  const release = await store.releases.findById(id).lean();
  if (!release) throw new LianfaError('not_found', { what: id });
  if (release.withdrawnAt) throw new LianfaError('already_withdrawn');
  const { rows, unknown, left } = await notReached(means, id);
  if (rows.length === 0) throw new LianfaError('resend_nobody');
  const served = anew ? new Set<number>() : await serving(means, id, rows);
  const again = rows.filter((row) => served.has(wantedOf(row).seq));
  const accounts = rows.filter((row) => !served.has(wantedOf(row).seq)).map(({ account }) => account);
  const review =
    accounts.length === 0
      ? undefined
      : await submit(means, { ...(await asBefore(means, id)), release: id, audience: { accounts }, again: true }, by);
  await announceAct(store, {
    ...{ act: 'release.resend', outcome: 'done', who: by, unit: release.organization },
    on: { release: id, ...(review && { review: review._id }) },
    after: { retried: again.length, submitted: accounts.length, unknown },
  });
  let retried = 0;
  for (const { _id } of again) if (await retriedOne(means, _id, by.person)) retried += 1;
  return { retried, submitted: accounts.length, unknown, left, ...(review && { review }) };
}

/** Failed, or for a person, and surely nothing of what is wanted is out. */
async function notReached(
  { store }: ResendMeans,
  release: string,
): Promise<{ rows: Placement[]; unknown: number; left: number }> {
  const all: Placement[] = [];
  for (const state of ['failed', 'needs_action'] as const)
    all.push(
      ...(await store.placements
        .find(troubled(release, { state }))
        .sort({ _id: 1 })
        .limit(most + 1)
        .lean()),
    );
  const wanting = all.filter((row) => wantedOf(row).revision !== undefined);
  const nothing = wanting.filter(({ standing, open }) => standing.length === 0 && open.length === 0);
  return {
    rows: nothing.slice(0, most),
    unknown: wanting.length - nothing.length,
    left: Math.max(0, nothing.length - most),
  };
}

/** Sequences of the orders whose seal holds and whose end has not come. */
async function serving({ seals }: ResendMeans, release: string, rows: readonly Placement[]): Promise<Set<number>> {
  const seqs = [...new Set(rows.map((row) => wantedOf(row).seq))];
  const now = new Date().toISOString();
  const found = await Promise.all(seqs.map((seq) => seals.find(release, seq)));
  return new Set(
    seqs.filter((_, place) => {
      const checked = found[place];
      return checked?.holds === true && (checked.is.times.expires === undefined || checked.is.times.expires > now);
    }),
  );
}

/** The text and the way by which the newest order took it out. */
async function asBefore(
  { store, seals }: ResendMeans,
  release: string,
): Promise<{ revision: string; lane: Placement['lane']; live?: true }> {
  const orders = await store.orders.find({ release }).sort({ seq: -1 }).lean();
  const order = orders.find(({ revision }) => revision !== undefined);
  if (order?.revision === undefined) throw new LianfaError('resend_nobody');
  const checked = await seals.find(release, order.seq);
  const live = checked.holds && checked.is.statement.exercise === 'live';
  return { revision: order.revision, lane: order.lane, ...(live && { live: true as const }) };
}

/** Somebody else may have been quicker: then there is nothing to do. */
async function retriedOne({ orders }: ResendMeans, placement: string, by: string): Promise<boolean> {
  try {
    await orders.retry(placement, by);
    return true;
  } catch (error) {
    if (error instanceof LianfaError && error.code === 'move_forbidden') return false;
    throw error;
  }
}
