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
 * The last event of each piece bears an id: the place in the news up to which all is told. Whoever opens the stream again,
 * at any server, with it as `Last-Event-ID` or as `after`, is told what was missed and not the state; where nobody knows
 * any more what came after it, everything.
 */
export const eventsQuery = z.object({
  release: z.union([id, z.array(id).min(1).max(50)]).optional(),
  list: z.literal('yes').optional(),
  after: z.string().max(100).optional(),
});
