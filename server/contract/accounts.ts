/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { id, instant } from '../../core/ids.js';
import { accountRow } from '../../core/accounts/input.js';
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
  exercise: z.literal(true).optional().describe('made for drills; no public reads it / 演练账号'),
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
/** POST /accounts: one account, as a row of an import. */
export const newAccount = accountRow.omit({ cells: true });
/** PUT /accounts/:id: what is left out stays; settings and credentials are given whole. */
export const accountChange = newAccount.omit({ channel: true }).partial();
/** POST /accounts/:id/disable */
export const switchingOff = z.object({ reason: z.string().trim().min(1).max(500) });
export type AccountBody = z.infer<typeof account>;
export type AuthorisationBody = z.infer<typeof authorisation>;
