import type { Said } from '../../channels/channel.js';

/** `{name}` in a sentence is filled from the error's details; a detail that differs by language is a `Said`. */
export interface Entry {
  status: number;
  said: Said;
  todo: Said;
}
