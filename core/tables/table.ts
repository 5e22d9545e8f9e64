/** A table out of a file, as people see it in their spreadsheet: rows under the numbers that it shows. */
import type { Said } from '../../channels/channel.js';

/** A cell's text; or why the file's own program has lost what stood there. */
export type Cell = string | { lost: Said };

export interface Line {
  /** As the spreadsheet shows it: the first line of the file is 1, blank ones count. */
  row: number;
  cells: Cell[];
}

/** What a format's own reader hands on. */
export interface Sheet {
  lines: Line[];
  /** What is to be known of the file as a whole: its encoding, further sheets. */
  told: Said[];
}

/** A file is refused beyond these; a table of every unit of a province has fewer. */
export const bounds = { bytes: 20 * 1024 * 1024, rows: 50_000, columns: 200, cell: 10_000 };

/** Lets the process answer others for a moment: a long table is read in pieces. */
export function breathe(): Promise<void> {
  return new Promise((go) => setImmediate(go));
}
