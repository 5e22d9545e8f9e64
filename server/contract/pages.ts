/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';

export function pageOf<T extends z.ZodType>(item: T) {
  /** `next` is the `after` of the following page; absent on the last. */
  return z.object({ items: z.array(item), next: z.string().optional() });
}
export const pageQuery = z.object({
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
