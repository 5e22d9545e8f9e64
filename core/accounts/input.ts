/** Accounts as they are handed in. */
import { z } from 'zod';
import { id } from '../ids.js';

export const accountImport = z.object({
  accounts: z
    .array(
      z.object({
        channel: z.string().min(1),
        name: z.string().trim().min(1).max(100),
        organization: id,
        tags: z.array(z.string().trim().min(1).max(40)).max(20).default([]),
        settings: z.record(z.string(), z.unknown()).default({}),
        credentials: z.record(z.string(), z.unknown()).default({}),
      }),
    )
    .min(1)
    .max(5_000),
});
