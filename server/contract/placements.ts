/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { type PlacementRow } from '../../core/placements/report.js';
import { states } from '../../core/model/states.js';
import { pageQuery } from './pages.js';

export const placementQuery = pageQuery.extend({
  channel: z.string().optional(),
  state: z.enum(states).optional(),
  q: z.string().trim().max(100).optional(),
});
export interface PlacementPage {
  items: PlacementRow[];
  next?: string | undefined;
}
