/** How files with many rows come in over HTTP: the bytes as they are, read by core/tables; or the same as JSON. */
import type { Response } from 'express';
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

/** An empty table with these columns, marked so that spreadsheets open it as UTF-8. */
export function sendTemplate(response: Response, name: string, columns: readonly string[]): void {
  response
    .type('text/csv; charset=utf-8')
    .attachment(`${name}.csv`)
    .send(`\ufeff${columns.join(',')}\r\n`);
}
