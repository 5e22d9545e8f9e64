/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { type DeliveryRow } from '../../core/deliveries/report.js';
import { actions, states } from '../../core/model/states.js';
import { pageQuery } from './pages.js';

export const deliveryQuery = pageQuery.extend({
  channel: z.string().optional(),
  state: z.enum(states).optional(),
  action: z.enum(actions).optional(),
  q: z.string().trim().max(100).optional(),
});
export type DeliveryQuery = z.infer<typeof deliveryQuery>;
export interface DeliveryPage {
  items: DeliveryRow[];
  next?: string | undefined;
}
