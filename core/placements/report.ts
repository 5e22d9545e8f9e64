/** What people order of deliveries, and what is told of them. */
import { z } from 'zod';
import { lanes } from '../model/delivery.js';
import { actions, states } from '../model/states.js';
import { id, instant } from '../ids.js';
import { said } from '../said.js';

export const count = z.object({ channel: z.string(), state: z.enum(states), count: z.int() });
export const audience = z.object({
  channels: z.array(z.string()).max(50).optional(),
  regions: z
    .array(z.string().regex(/^\d{6}$/))
    .max(1_000)
    .optional(),
  organizations: z.array(id).max(1_000).optional(),
  tags: z.array(z.string()).max(100).optional(),
  accounts: z.array(id).max(5_000).optional(),
});
/** POST /audience: how many accounts a selector holds now, by channel. */
export const audienceSize = z.object({ total: z.int(), byChannel: z.record(z.string(), z.int()) });
/** POST /releases/:id/publish signs the revision and orders its delivery. 202 once the order is stored. */
/** Without a lane, an emergency takes its own and everything else the routine one. */
export const publishOrder = z.object({ revision: id, audience, lane: z.enum(lanes).optional() });
/** POST /releases/:id/withdraw: from every account it went to, or from those of `audience`. */
export const withdrawOrder = z.object({ audience: audience.optional(), reason: z.string().trim().min(1).max(500) });
export const dispatch = z.object({
  id,
  action: z.enum(actions),
  lane: z.enum(lanes),
  state: z.enum(['running', 'done']),
  deliveries: z.int(),
  at: instant,
  by: z.string(),
});
/**
 * GET /releases/:id/status: what `lianfa status` and the top of the release page show. `counts` and `total`: where it was
 * to be published; `withdrawal`: how far taking it back is. `finished`: every row of both final, all dispatches done.
 */
export const releaseStatus = z.object({
  release: id,
  counts: z.array(count),
  total: z.int(),
  withdrawal: z.array(count),
  finished: z.boolean(),
  dispatches: z.array(dispatch),
});
export const platformWords = z.object({ code: z.string(), words: z.string(), requestId: z.string().optional() });
export const deliveryEvent = z.object({
  id,
  to: z.enum(states),
  at: instant,
  attempt: z.int().optional(),
  by: z.string(),
  cause: said.optional(),
  todo: said.optional(),
  platform: platformWords.optional(),
  url: z.string().optional(),
  dueAt: instant.optional(),
  ignored: z.boolean().optional(),
});
/** GET /releases/:id/deliveries?channel&state&action&q&after&limit */
export const deliveryRow = z.object({
  id,
  release: id,
  action: z.enum(actions),
  channel: z.string(),
  account: id,
  accountName: z.string(),
  organization: id,
  organizationName: z.string(),
  region: z.string(),
  lane: z.enum(lanes),
  state: z.enum(states),
  since: instant,
  dueAt: instant.optional(),
  attempts: z.int(),
  url: z.string().optional(),
  /** Of the newest event. */
  cause: said.optional(),
  todo: said.optional(),
  platform: platformWords.optional(),
});
/** GET /deliveries/:id */
export const delivery = deliveryRow.extend({ events: z.array(deliveryEvent) });
/** POST /deliveries/:id/retry needs no body: failed and needs_action go back to the queue (asking the platform first). */
/** POST /deliveries/:id/resolve: a person says what happened. */
export const resolveOrder = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('published'),
    url: z.url({ protocol: /^https?$/ }).optional(),
    note: z.string().trim().min(1).max(500),
  }),
  z.object({ outcome: z.literal('not_published'), note: z.string().trim().min(1).max(500) }),
  z.object({ outcome: z.literal('cancelled'), note: z.string().trim().min(1).max(500) }),
]);
export type Count = z.infer<typeof count>;
export type AudienceSize = z.infer<typeof audienceSize>;
export type DispatchBody = z.infer<typeof dispatch>;
export type ReleaseStatus = z.infer<typeof releaseStatus>;
export type DeliveryRow = z.infer<typeof deliveryRow>;
export type DeliveryBody = z.infer<typeof delivery>;
export type ResolveOrder = z.infer<typeof resolveOrder>;
