/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { regionCode } from '../../core/command/board.js';
import { id } from '../../core/ids.js';
import { askedWhy } from '../../core/placements/why.js';
import { pageQuery } from './pages.js';

export type { Board, CauseGroup, OnDutyBody, Tile, Troubles } from '../../core/command/board.js';

const channel = z.string().max(60).optional();
const why = z.string().max(200).optional();

/** GET /releases/:id/board?region&channel; without a region, the smallest that holds every account of the release. */
export const boardQuery = z.object({ region: regionCode.optional(), channel });
/** GET /releases/:id/troubles?state&channel&region&organization&why&after&limit */
export const troublesQuery = pageQuery.extend({
  state: z.enum(askedWhy).optional(),
  channel,
  region: regionCode.optional(),
  organization: id.optional(),
  why,
});
/** POST /releases/:id/retry: up to `limit` rows of a group at a time; `next` is the `after` of those that are left. */
export const retryOrder = z.object({
  state: z.enum(['failed', 'needs_action']),
  channel,
  region: regionCode.optional(),
  organization: id.optional(),
  why,
  after: z.string().max(200).optional(),
  limit: z.int().min(1).max(1_000).default(500),
});
export const retried = z.object({ retried: z.int(), next: z.string().optional() });
export type Retried = z.infer<typeof retried>;
export type RetryOrder = z.input<typeof retryOrder>;
