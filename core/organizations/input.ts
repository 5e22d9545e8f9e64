/** Units as they are handed in. */
import { z } from 'zod';
import { id } from '../ids.js';

export const organizationImport = z.object({
  organizations: z
    .array(
      z.object({
        id: id.regex(/^[a-z0-9-]+$/),
        name: z.string().trim().min(1).max(100),
        parent: id.optional(),
        region: z.string().regex(/^\d{6}$/),
      }),
    )
    .min(1)
    .max(5_000),
});
