/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { id, instant } from '../../core/ids.js';
import { ways } from '../../core/model/duty.js';

/** GET /duty?organization&after&limit */
export const dutyQuery = z.object({
  organization: id.optional(),
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const dutyLine = z.object({
  id,
  step: z.int(),
  name: z.string(),
  person: id.optional(),
  phone: z.string().optional(),
  mail: z.string().optional(),
  /** The host alone: the rest of the address may be a secret. */
  webhook: z.string().optional(),
  told: z.array(z.object({ by: z.enum(ways), after: z.int() })).optional(),
  required: z.boolean(),
  from: instant.optional(),
  until: instant.optional(),
  instead: z.string().optional(),
  /** Disabled or erased since: told nothing. */
  gone: z.boolean(),
});

/** One unit's roster. `gaps`: within the next seven days. */
export const dutyUnit = z.object({
  organization: id,
  name: z.string(),
  /** Until the next step is told. */
  minutes: z.object({ emergency: z.int(), routine: z.int() }),
  lines: z.array(dutyLine),
  now: z.array(z.object({ step: z.int(), names: z.array(z.string()) })),
  gaps: z.array(z.object({ from: instant, until: instant, step: z.int().optional() })),
  /** The unit above that is told where this one does not answer, or has nobody. */
  superior: z.string().optional(),
});

/** PUT /organizations/:id/duty-rule */
export const dutyRule = z.object({ emergency: z.int().min(1).max(1_440), routine: z.int().min(1).max(1_440) });

export type DutyLineBody = z.infer<typeof dutyLine>;
export type DutyUnitBody = z.infer<typeof dutyUnit>;
