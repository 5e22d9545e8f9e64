/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { id, instant } from '../../core/ids.js';
import { said } from '../../core/said.js';
import { pageQuery } from './pages.js';

// GET /accounts?channel&organization&credential&after&limit, POST /accounts/import, POST /accounts/:id/check
export const credentialStates = ['unchecked', 'ok', 'dead'] as const;
export const account = z.object({
  id,
  channel: z.string(),
  name: z.string(),
  organization: id,
  organizationName: z.string(),
  region: z.string(),
  tags: z.array(z.string()),
  enabled: z.boolean(),
  settings: z.record(z.string(), z.unknown()),
  credential: z.object({
    state: z.enum(credentialStates),
    checkedAt: instant.optional(),
    daysLeft: z.number().optional(),
    cause: said.optional(),
    todo: said.optional(),
  }),
});
// POST /accounts/:id/authorise, GET /authorisations/:id
export const authorisationAddress = z.object({ address: z.url() });
export const authorisationOutcomes = ['done', 'unproven', 'refused', 'stale', 'failed'] as const;
/** What became of an authorisation. `unproven`: stored, but the check that followed did not pass. The last three changed nothing. */
export const authorisation = z.object({
  outcome: z.enum(authorisationOutcomes),
  account: id.optional(),
  said,
  todo: said.optional(),
});
export const accountQuery = pageQuery.extend({
  channel: z.string().optional(),
  organization: id.optional(),
  credential: z.enum(credentialStates).optional(),
});
export type AccountBody = z.infer<typeof account>;
export type AuthorisationBody = z.infer<typeof authorisation>;
