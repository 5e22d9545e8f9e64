/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';

/** In the order in which a hub comes to life. */
export const stepNames = ['units', 'people', 'accounts', 'release'] as const;
/** GET /first-steps: what an empty hub still lacks, as far as the caller may see. */
export const firstSteps = z.object({
  steps: z.array(
    z.object({
      name: z.enum(stepNames),
      done: z.boolean(),
      /** The caller may take it. */
      mine: z.boolean(),
    }),
  ),
});
export type FirstSteps = z.infer<typeof firstSteps>;
