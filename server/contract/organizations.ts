/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { id, instant } from '../../core/ids.js';
import { unitRow } from '../../core/organizations/input.js';

// GET /organizations (whole tree, at most 5,000 nodes a page by `after`), POST /organizations/import
export const organization = z.object({
  id,
  name: z.string(),
  parent: id.optional(),
  region: z.string(),
  position: z.object({ lat: z.number(), lon: z.number() }).optional(),
  closedAt: instant.optional(),
});
/** POST /organizations: an id is made where none is given. */
export const newOrganization = unitRow.partial({ id: true }).required({ name: true, region: true });
/** PUT /organizations/:id: what is left out stays; a parent of null takes it to the top. */
export const organizationChange = unitRow.omit({ id: true });
export const closing = z.object({ reason: z.string().trim().min(1).max(500) });
export type OrganizationBody = z.infer<typeof organization>;
