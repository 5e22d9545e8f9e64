/** One row of what otherwise comes in as a file: the same checks, and a refusal is an error of its field. */
import { LianfaError } from './errors.js';
import { givenOf, type Given } from './import-given.js';
import type { ImportResult } from './import-result.js';
import type { z } from 'zod';

/** @throws LianfaError field_invalid, naming the field at fault */
export async function importOne<T>(
  row: unknown,
  schema: z.ZodType<T>,
  take: (given: Given<T>) => Promise<ImportResult>,
): Promise<void> {
  const { refused } = await take(await givenOf([row], schema));
  const [refusal] = refused;
  if (refusal) throw new LianfaError('field_invalid', { field: refusal.field, reason: refusal.message });
}
