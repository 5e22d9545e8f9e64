/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import type { z } from 'zod';
import { order } from '../../core/placements/report.js';
import { review, reviewRow } from './reviews.js';

/** GET /broadcasts */
export const broadcastRow = reviewRow.extend({
  glass: review.shape.glass,
  /** Once both have signed: how far its order is. */
  signedOrder: order.optional(),
});
export type BroadcastRow = z.infer<typeof broadcastRow>;
