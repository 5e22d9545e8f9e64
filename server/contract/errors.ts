/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { said } from '../../core/said.js';

export const errorBody = z.object({
  error: z.object({ code: z.string(), field: z.string().optional(), message: said, todo: said }),
});
export type ErrorBody = z.infer<typeof errorBody>;
