/** What became of a file with many rows. */
import { z } from 'zod';
import { said } from './said.js';

/** A row that is refused does not stop the others. `row` counts from 1. */
export const importResult = z.object({
  created: z.int(),
  updated: z.int(),
  refused: z.array(z.object({ row: z.int(), field: z.string(), message: said })),
});
export type ImportResult = z.infer<typeof importResult>;
