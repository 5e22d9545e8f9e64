/** Part of the HTTP API, as zod schemas: a release in mid-flight. */
import { z } from 'zod';
import { regionCode } from '../../core/command/board.js';
import { wheres } from '../../core/command/wheres.js';
import { id, instant } from '../../core/ids.js';
import { audience, proofFields } from '../../core/placements/report.js';
import { acknowledgement, freeze } from './freezes.js';
import { pageQuery } from './pages.js';

const reason = z.string().trim().min(2).max(500);

/** POST /releases/:id/pause, and /resume: the first person asks, another one's press confirms. */
export const pausing = z.object({ reason });
export const paused = z.object({ freeze, acknowledgement: acknowledgement.optional() });
/** `resumed`: nothing pauses it any more. Else somebody else must press, too. */
export const resumed = z.object({ freezes: z.array(freeze), resumed: z.boolean() });

/** POST /releases/:id/narrow: what is public stays; to have it taken away as well, withdraw from the same audience. */
export const narrowing = z.object({ audience, reason, ...proofFields });

const counts = z.record(z.enum(wheres), z.int());
const part = z.object({ id: z.string(), name: z.string(), counts });
/** GET /releases/:id/out?region */
export const out = z.object({
  release: id,
  /** When the counting began. */
  at: instant,
  total: z.int(),
  counts,
  older: z
    .int()
    .describe('show an earlier message and not the newest; counted where the newest is / 仍显示较早一版的账号'),
  channels: z.array(part),
  regions: z.array(part),
  paused: z.array(freeze),
  /** Orders that took accounts out, newest first. `accounts`: how many it named. */
  narrowed: z.array(z.object({ id, at: instant, by: z.string(), reason: z.string(), audience, accounts: z.int() })),
});
/** GET /releases/:id/out/accounts */
export const outQuery = z.object({ region: regionCode.optional() });
export const outAccountsQuery = pageQuery.extend({
  where: z.enum(wheres),
  channel: z.string().max(60).optional(),
  region: regionCode.optional(),
});

/** POST /releases/:id/resend */
export const resending = z.object({
  anew: z.boolean().default(false).describe('all under a new signature / 全部重新签发'),
});
export const resent = z.object({
  retried: z.int(),
  submitted: z.int(),
  review: id.optional(),
  unknown: z.int(),
  left: z.int(),
});

export type OutBody = z.infer<typeof out>;
export type PausedBody = z.infer<typeof paused>;
export type ResumedBody = z.infer<typeof resumed>;
export type ResentBody = z.infer<typeof resent>;
