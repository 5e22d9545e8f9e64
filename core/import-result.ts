/** What became, or with a dry run would become, of a file with many rows. */
import { z } from 'zod';
import { said } from './said.js';

const refusal = z.object({ row: z.int(), field: z.string(), message: said });
export type Refusal = z.infer<typeof refusal>;

/** Every row is counted once: created + updated + unchanged + refused. `row` is the number that a spreadsheet shows; in a JSON list it counts from 1. */
export const importResult = z.object({
  /** Nothing was stored: this is what would be. */
  dryRun: z.boolean(),
  created: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  /** Blank rows, skipped. */
  blank: z.int(),
  /** What is new, and what changed in which fields. */
  changes: z.array(
    z.object({ row: z.int(), is: z.enum(['created', 'updated']), name: z.string(), fields: z.array(z.string()) }),
  ),
  /** A row that is refused does not stop the others. */
  refused: z.array(refusal),
  /** Of the file as a whole: its encoding, columns not used, the rule for empty cells. */
  told: z.array(said),
});
export type ImportResult = z.infer<typeof importResult>;
