/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { id, instant } from '../../core/ids.js';
import { said } from '../../core/said.js';

export const freezeScope = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('everything') }),
  z.object({ kind: z.literal('region'), region: z.string().regex(/^\d{6}$/) }),
  z.object({ kind: z.literal('organization'), organization: id }),
  z.object({ kind: z.literal('channel'), channel: id }),
  z.object({ kind: z.literal('account'), account: id }),
  z.object({ kind: z.literal('release'), release: id }),
]);
export type FreezeScopeBody = z.infer<typeof freezeScope>;

const reason = z.string().trim().min(2).max(500);

/** POST /freezes. `emergencyToo`: the emergency lane is held as well, by name. */
export const freezeOrder = z.object({ scope: freezeScope, emergencyToo: z.boolean().default(false), reason });
/** POST /freezes/:id/thaw, the first person's; POST /freezes/:id/thaw/confirm, the second's, takes no body. */
export const thawOrder = z.object({ reason });

const who = z.object({ id, name: z.string() });
export const freeze = z.object({
  id,
  scope: freezeScope,
  /** What is frozen, in words. */
  said,
  emergencyToo: z.boolean(),
  reason: z.string(),
  by: who,
  at: instant,
  /** In force, and not in the ledger yet, which could not be written: it cannot be thawed before it is. */
  unwritten: z.literal(true).optional(),
  /** It was in force before it came into the ledger, at this instant. */
  recordedAt: instant.optional(),
  /** Placements that wait for its thaw, counted up to 100,000; absent with what is thawed. */
  held: z.int().optional(),
  asked: z.object({ by: who, at: instant, reason: z.string() }).optional(),
  thawed: z.object({ by: who, at: instant }).optional(),
});
export type FreezeBody = z.infer<typeof freeze>;

/** A publishing process. `silent`: not heard for 5 s; the door holds for it all the same. */
const publisher = z.object({
  name: z.string(),
  host: z.string(),
  pid: z.int(),
  state: z.enum(['confirmed', 'asked', 'silent']),
  confirmedAt: instant,
  inFlight: z.int(),
  remaining: z.int(),
  silentFor: z.int(),
});
export type PublisherBody = z.infer<typeof publisher>;

export const acknowledgement = z.object({
  acknowledged: z.boolean(),
  inFlight: z.int(),
  remaining: z.int(),
  milliseconds: z.int(),
  processes: z.array(publisher),
});
export type AcknowledgementBody = z.infer<typeof acknowledgement>;

/** The answer to POST /freezes. Without `acknowledgement` Redis could not be reached: nothing leaves without it. */
export const frozen = z.object({ freeze, acknowledgement: acknowledgement.optional() });
export type FrozenBody = z.infer<typeof frozen>;

/** GET /freezes: newest first. `processes` for whoever may freeze, absent where Redis does not answer. */
export const freezeList = z.object({ items: z.array(freeze), processes: z.array(publisher).optional() });
export type FreezeList = z.infer<typeof freezeList>;
