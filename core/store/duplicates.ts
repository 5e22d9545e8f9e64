/** What a unique index says, alike on both stores. */

const duplicateKey = 11_000;

export function isDuplicate(error: unknown): boolean {
  return (error as { code?: unknown }).code === duplicateKey;
}

/** The places in an unordered batch that a unique index refused; the others are written. @throws what is anything else */
export async function refusedWrites(batch: () => Promise<unknown>): Promise<number[]> {
  try {
    await batch();
    return [];
  } catch (error) {
    const { writeErrors } = error as { writeErrors?: unknown };
    const list = (Array.isArray(writeErrors) ? writeErrors : [writeErrors]) as { code?: unknown; index?: unknown }[];
    if (!isDuplicate(error) || list.some((one) => !isDuplicate(one))) throw error;
    return list.map(({ index }) => Number(index));
  }
}
