/** What waits for a person. Whoever keeps tasks registers here, so that leaving hands them over in the same act. */
import type { ClientSession } from 'mongoose';
import type { Store } from '../store/store.js';

export interface Waiting {
  /** What kind of task: `review`, `sign` … */
  kind: string;
  id: string;
  title: string;
  /** Of the unit whose it is. */
  path: string;
}

/** Who hands over, and the places of what they may give to others. */
export interface HandingOver {
  by: string;
  over: readonly string[];
}

export interface TaskKeeper {
  /** Tasks that wait for this person by name. */
  of(store: Store, person: string, session?: ClientSession): Promise<Waiting[]>;
  /** Gives them to `to` where that person may take them, else frees them for whoever else may. Returns how many. */
  handOver(
    store: Store,
    person: string,
    to: string | undefined,
    session: ClientSession,
    handing: HandingOver,
  ): Promise<number>;
}
