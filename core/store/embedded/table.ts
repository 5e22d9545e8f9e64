/** One collection as a table: its columns, its indexes, and the statements that were made for it. */
import type { Statement } from './binding.js';
import type { Document } from './values.js';

export interface Index {
  name: string;
  key: Record<string, 1 | -1>;
  unique: boolean;
  sparse: boolean;
  partial?: Document;
}

export interface Table {
  collection: string;
  /** `collection`, quoted. */
  sql: string;
  /** Indexed paths beside `_id`, in the order of the columns. */
  paths: readonly string[];
  /** The same and `_id`. */
  columns: ReadonlySet<string>;
  /** Paths of lists whose elements are indexed (see lists.ts). */
  lists: ReadonlySet<string>;
  indexes: readonly Index[];
  /** Statements by what they are for: to build and look up their text for each row would cost more than to run them. */
  statements: Map<string, Statement>;
  /** Which columns the last guarded replacement changed, as bits: most likely the next one changes the same. */
  lastChanged: number;
}
