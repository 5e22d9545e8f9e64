/** What became of a table of people. */
import { z } from 'zod';
import { importResult } from '../import-result.js';
import { said } from '../said.js';

/** Every record is counted once: created + unchanged (the duplicates) + refused + blank. */
export const peopleImportResult = importResult.extend({
  duplicates: z.array(z.object({ row: z.int(), message: said })),
  /** Shown once, for each person that was made. */
  links: z.array(
    z.object({ row: z.int(), name: z.string(), address: z.string(), link: z.string(), until: z.iso.datetime() }),
  ),
});
export type PeopleImportResult = z.infer<typeof peopleImportResult>;
