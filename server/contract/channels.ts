/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { said } from '../../core/said.js';

// GET /channels
export const channelInfo = z.object({
  name: z.string(),
  label: said,
  settings: z.record(z.string(), z.unknown()).describe("JSON Schema of an account's settings"),
  credentials: z.record(z.string(), z.unknown()).describe("JSON Schema of an account's credentials"),
  /** An account's keeper can authorise it on the platform, from the dashboard. */
  authorisable: z.boolean(),
});
export type ChannelInfo = z.infer<typeof channelInfo>;
