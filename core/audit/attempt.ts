/** An act that stands in the book also where it is refused: what nobody may do is what an auditor looks for. */
import type { ClientSession } from 'mongoose';
import { LianfaError } from '../errors.js';
import type { Store } from '../store/store.js';
import { act, announceAct, type Entry } from './book.js';

export type Attempted = Omit<Entry, 'outcome' | 'code'>;

/**
 * Does `work` as `act` does. What is known of the act only while it is worked on, `tell` adds to its entry. A refusal (a
 * LianfaError) is kept with its code by an entry of its own, and comes out as it is.
 */
export async function attempt<T>(
  store: Store,
  entry: Attempted,
  work: (session: ClientSession, tell: (more: Partial<Attempted>) => void) => Promise<T>,
): Promise<T> {
  let told: Partial<Attempted> = {};
  try {
    return await act(
      store,
      () => ({ ...entry, ...told, outcome: 'done' }),
      (session) => {
        told = {};
        return work(session, (more) => Object.assign(told, more));
      },
    );
  } catch (error) {
    if (error instanceof LianfaError && error.status < 500) await refused(store, { ...entry, ...told }, error);
    throw error;
  }
}

/** Keeps an act that was refused before anything was tried. */
export async function refused(store: Store, entry: Attempted, { code }: LianfaError): Promise<void> {
  await announceAct(store, { ...entry, outcome: 'refused', code });
}
