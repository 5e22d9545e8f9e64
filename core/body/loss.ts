import type { Said } from '../../channels/channel.js';

/** One kind of loss, and what is said of it. */
export interface Loss {
  /** The text says something else without it. */
  stops?: true;
  say(name: string, count: number): Said;
}
