/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { id } from '../../core/ids.js';

/**
 * GET /events?release=ID (SSE), also of several: `release=A&release=B`. Without `release`, or with `list=yes`, `releases`
 * events for the list. Of several, those that one may not know of are left out.
 *   event: status      data: releaseStatus                     at once and whenever counts change, at most 4 a second
 *   event: placements  data: {"release":…,"ids":[…]}           rows that changed since the last one (at most 200 ids; else {"ids":null}: reload)
 *   event: release     data: {"release":…}                     the release itself: it was signed
 *   event: releases    data: {"ids":[…]}                       releases whose row in the list changed
 */
export const eventsQuery = z.object({
  release: z.union([id, z.array(id).min(1).max(50)]).optional(),
  list: z.literal('yes').optional(),
});
