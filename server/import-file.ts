/** How files with many rows come in over HTTP: the bytes as they are, read by core/tables; or the same as JSON. */
import { z } from 'zod';
import { bounds } from '../core/tables/table.js';
import type { Endpoint } from './endpoint.js';

export const importQuery = z.object({
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .describe('true stores nothing and says what would be / 只核对，不保存'),
});

export function importFile(json: z.ZodType): NonNullable<Endpoint['bytes']> {
  const types = ['text/csv', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'];
  return { limit: bounds.bytes, types, json };
}
