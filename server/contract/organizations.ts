/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { id } from '../../core/ids.js';

// GET /organizations (whole tree, at most 5,000 nodes a page by `after`), POST /organizations/import
export const organization = z.object({ id, name: z.string(), parent: id.optional(), region: z.string() });
export type OrganizationBody = z.infer<typeof organization>;
