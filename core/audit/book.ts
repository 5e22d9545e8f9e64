/**
 * Writing the book of acts. Whoever changes something does it through `act`: the entry and the change are one commit, so
 * nothing happens without a record and nothing is recorded that did not happen.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ClientSession } from 'mongoose';
import { LianfaError } from '../errors.js';
import type { AuditHead } from '../model/audit-entry.js';
import { tellOfAct } from '../notices/told-acts.js';
import { isDuplicate } from '../store/duplicates.js';
import { patience } from '../store/mongodb/decided.js';
import { outageOf } from '../store/mongodb/outage.js';
import type { Store } from '../store/store.js';
import { newId } from '../ids.js';
import { nothing, rowOf, type Entry } from './entry.js';

export type { Doer, Entry } from './entry.js';

type Place = Pick<AuditHead, 'hub' | 'n' | 'hash'>;

/**
 * Does `work` and writes its entry: both or neither. The place in the line is taken first, so acts happen one after
 * another on either store, and what `work` reads holds until it is committed. On MongoDB `work` may run again.
 * `entry` may be told from what `work` returns. What `work` throws comes out as it is, and nothing was recorded.
 * @throws LianfaError `audit_unavailable` where the entry cannot be written: nothing was done
 */
export async function act<T>(
  store: Store,
  entry: Entry | ((result: T) => Entry),
  work: (session: ClientSession) => Promise<T>,
): Promise<T> {
  const result = await (store.kind === 'mongodb'
    ? inLine(store, () => repeated(store, entry, work))
    : once(store, entry, work));
  tell(store);
  noticing.getStore()?.done();
  return result;
}

/** Writes an entry by itself: of what changes nothing here, was refused, or is too much for one commit, as the rows of a file are. @throws LianfaError `audit_unavailable` */
export function announceAct(store: Store, entry: Entry): Promise<void> {
  return act(store, entry, () => Promise.resolve());
}

/**
 * Writes an entry inside the caller's transaction.
 * @throws LianfaError `audit_unavailable`, which ends the transaction; what the store asks to repeat comes out as it is
 */
export async function append(store: Store, entry: Entry, session: ClientSession): Promise<void> {
  try {
    await write(store, entry, await takePlace(store, session), session);
  } catch (error) {
    throw unwritten(error);
  }
  tell(store);
}

/** What whoever answers for a piece of work must know of it. */
export interface Noticing {
  /** It has entered a refusal, so nobody need enter it again. */
  refused(): void;
  /** An act of it is committed: whatever fails after that, “nothing was done” is not true. */
  done(): void;
}

const noticing = new AsyncLocalStorage<Noticing>();

export function noticingActs<T>(heard: Noticing, work: () => Promise<T>): Promise<T> {
  return noticing.run(heard, work);
}

const listeners = new WeakMap<Store, Set<() => void>>();

/** Calls `listener` when something was written through this store, here in this process. Returns the way to stop. */
export function afterActs(store: Store, listener: () => void): () => void {
  const all = listeners.get(store) ?? new Set();
  listeners.set(store, all.add(listener));
  return () => all.delete(listener);
}

function tell(store: Store): void {
  for (const listener of listeners.get(store) ?? []) listener();
}

async function repeated<T>(
  store: Store,
  entry: Entry | ((result: T) => Entry),
  work: (session: ClientSession) => Promise<T>,
): Promise<T> {
  try {
    return await once(store, entry, work);
  } catch (error) {
    if (!(error instanceof FirstTaken)) throw error;
    return once(store, entry, work);
  }
}

async function once<T>(
  store: Store,
  entry: Entry | ((result: T) => Entry),
  work: (session: ClientSession) => Promise<T>,
): Promise<T> {
  let failed: { by: unknown } | undefined;
  try {
    return await store.connection.transaction(async (session) => {
      failed = undefined;
      const place = await takePlace(store, session);
      const result = await work(session).catch((error: unknown) => {
        failed = { by: error };
        throw error;
      });
      // What was done may have appended entries of its own.
      const end = (await store.auditHead.findById('head', null, { session }).lean()) ?? place;
      await write(store, typeof entry === 'function' ? entry(result) : entry, end, session);
      return result;
    });
  } catch (error) {
    throw failed?.by === error ? error : unwritten(error);
  }
}

/** Another process made the very first entry at the same moment. */
class FirstTaken extends Error {}

/** Writes the head, which keeps everybody else from it until the commit, and returns where the line ends. */
async function takePlace(store: Store, session: ClientSession): Promise<Place> {
  const turn = newId('t');
  await store.auditHead.updateOne({ _id: 'head' }, { $set: { turn } }, { session });
  const head = await store.auditHead.findById('head', null, { session }).lean();
  if (head) return head;
  const first: AuditHead = { _id: 'head', hub: newId('h'), n: 0, hash: nothing, turn };
  try {
    await store.auditHead.create([first], { session });
  } catch (error) {
    throw isDuplicate(error) ? new FirstTaken() : error;
  }
  return first;
}

async function write(store: Store, entry: Entry, place: Place, session: ClientSession): Promise<void> {
  const unit =
    entry.unit === undefined ? null : await store.organizations.findById(entry.unit, { path: 1 }, { session }).lean();
  const row = rowOf(entry, place, new Date(), unit?.path);
  await store.auditEntries.create([row], { session });
  await store.auditHead.updateOne({ _id: 'head' }, { $set: { n: row.n, hash: row._id } }, { session });
  await tellOfAct(store, entry, session);
  if (entry.outcome === 'refused') noticing.getStore()?.refused();
}

/** What MongoDB's driver is to repeat must reach it as it is; so must what says more of what became of the act. */
function unwritten(error: unknown): unknown {
  if (error instanceof FirstTaken || saysItself(error)) return error;
  return new LianfaError('audit_unavailable', {}, { cause: error });
}

/** “Nothing was done” is less than it says, or not true: of an election nobody knows whether the commit came before it. */
function saysItself(error: unknown): boolean {
  if (error instanceof LianfaError) return error.code === 'audit_unavailable' || error.code === 'outcome_unknown';
  return outageOf(error) !== undefined;
}

const lines = new WeakMap<Store, Promise<unknown>>();

/**
 * One at a time in this process: on MongoDB, those who write the head at once undo each other's work and begin anew. The
 * embedded store has a queue of its own. Who has not had their turn while a whole act may take goes without.
 * @throws LianfaError store_unavailable: surely nothing was done
 */
async function inLine<T>(store: Store, work: () => Promise<T>): Promise<T> {
  const before = lines.get(store) ?? Promise.resolve();
  let waiting = true;
  const begin = async (): Promise<T> => {
    if (!waiting) throw new LianfaError('store_unavailable');
    waiting = false;
    return work();
  };
  const mine = before.then(begin, begin);
  lines.set(
    store,
    mine.catch(() => undefined),
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => {
      if (!waiting) return;
      waiting = false;
      fail(new LianfaError('store_unavailable'));
    }, patience.transaction);
  });
  return Promise.race([mine, late]).finally(() => clearTimeout(timer));
}
