/** Runs `work` over the items, at most `limit` at a time. The first failure is thrown after all have ended. */
export async function sideBySide<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const failures: unknown[] = [];
  async function runner(): Promise<void> {
    for (let item = items[next++]; item !== undefined; item = items[next++])
      await work(item).catch((error: unknown) => {
        failures.push(error);
      });
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, runner));
  if (failures.length > 0) throw failures[0];
}
