/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { id } from '../../core/ids.js';

/**
 * GET /events?release=ID (SSE). Without `release`: `releases` events for the list.
 *   event: status      data: releaseStatus        at once and whenever counts change, at most 4 a second
 *   event: placements  data: {"ids":[…]}          rows that changed since the last one (at most 200 ids; else {"ids":null}: reload)
 *   event: releases    data: {"ids":[…]}          releases whose row in the list changed
 */
export const eventsQuery = z.object({ release: id.optional() });
