/** Records one page at a time, for whoever keeps more than may be read at once. */
import type { KeptUnder, Records } from './channel.js';

/** Those whose key begins with `prefix`, in the order of their keys, from behind `after` on; no page is empty. */
export async function* recordPages(
  records: Records,
  prefix: string,
  { after, limit = 500 }: { after?: string | undefined; limit?: number } = {},
): AsyncGenerator<KeptUnder[]> {
  for (let last = after; ;) {
    const page = await records.list(prefix, { limit, ...(last !== undefined && { after: last }) });
    if (page.length > 0) yield page;
    if (page.length < limit) return;
    last = page.at(-1)?.key;
  }
}
