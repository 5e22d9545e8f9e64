/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';

// POST /media: the bytes as body, header X-File-Name (percent-encoded). GET /media/:hash shows the cleaned original.
export const medium = z.object({
  hash: z.string(),
  name: z.string(),
  mime: z.string(),
  bytes: z.int(),
  width: z.int().optional(),
  height: z.int().optional(),
  state: z.enum(['preparing', 'ready', 'refused']),
  /** Share of the channels' variants that are made, 0 to 1. */
  prepared: z.number().min(0).max(1).optional(),
});
export type MediumBody = z.infer<typeof medium>;
