/** One look at a feed or a folder: what it is given, and what it brings. */
import type { Outbound } from '../../channels/outbound.js';
import type { AlertInlet } from '../../core/model/alert-inlet.js';
import type { Store } from '../../core/store/store.js';

export interface PollMeans {
  store: Store;
  http: Outbound;
  config: { inbox: string };
}

/** What a look has brought: what is written of it, and when the next is due. */
export interface Looked {
  set: Partial<AlertInlet>;
  unset?: readonly (keyof AlertInlet)[];
  /** There is more to do than one look may take. */
  again?: boolean;
}

/** What one look is told of its turn. */
export interface Turn {
  now: () => Date;
  /** The process ends. */
  signal: AbortSignal;
  /** Says that somebody is still at it. @throws Lost where another has it, or its settings were changed */
  keep(): Promise<void>;
}
