import type { Model } from 'mongoose';
import { isDuplicate } from './duplicates.js';

/**
 * Inserts what is not there yet and returns the ids that were new.
 * @throws what the store says, unless that is only that a row is there already
 */
export async function insertMissing<R extends { _id: string }>(
  model: Model<R>,
  rows: readonly R[],
): Promise<Set<string>> {
  const fresh = new Set(rows.map((row) => row._id));
  if (rows.length === 0) return fresh;
  try {
    await model.collection.insertMany(rows as never[], { ordered: false });
  } catch (error) {
    // Of a single row there is nothing else that could be there already, however the server words it.
    if (rows.length === 1 && isDuplicate(error)) return new Set();
    const { writeErrors } = error as { writeErrors?: unknown };
    const failed = (Array.isArray(writeErrors) ? writeErrors : []) as { index: number; code: number }[];
    if (failed.length === 0 || failed.some(({ code }) => code !== 11_000)) throw error;
    for (const { index } of failed) fresh.delete(rows[index]?._id ?? '');
  }
  return fresh;
}
