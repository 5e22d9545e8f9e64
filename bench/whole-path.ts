/** Our way, all of it: order → placements → Redis → adapter → sandbox → stream → ledger, until every row is written. */
import { availableParallelism } from 'node:os';
import { openHub, type Hub } from '../core/hub/hub.js';
import { newId } from '../core/ids.js';
import { openOrders } from '../core/placements/orders.js';
import { openOwnWord } from '../core/placements/own-word.js';
import { openQueries } from '../core/placements/queries.js';
import type { Ground, ReadyAccount } from './ground.js';
import { connectAccounts, makeUnit, writeRelease } from './release.js';

export interface WholePath {
  /** Seconds from the order to the last row written as accepted, and what a meter begun with it says then. Accounts by channel. */
  run(
    accounts: Readonly<Record<string, readonly ReadyAccount[]>>,
    words: string,
    meter: () => () => Record<string, number>,
  ): Promise<{ seconds: number; ledger: number; cpu: Record<string, number> }>;
  close(): Promise<void>;
}

export async function openWholePath(ground: Ground): Promise<WholePath> {
  const hub = await openHub(ground.config, 'bench');
  await makeUnit(hub);
  // As in a small data centre: a publisher for each core, and nothing of ours in the process that measures. No clock:
  // reading back begins a second after the first post, and the bare loop beside it reads nothing back.
  const publishers = Array.from({ length: availableParallelism() }, () => ground.role('publish'));
  await Promise.all([...publishers, ground.role('record,dispatch')]);
  const orders = openOwnWord(hub.store, openOrders(hub));
  const queries = openQueries(hub.store);

  return {
    async run(accounts, words, meter) {
      const tag = newId('t');
      // Alone in the hub: each round stands for itself.
      await hub.store.accounts.deleteMany({});
      for (const [channel, those] of Object.entries(accounts)) await connectAccounts(hub, those, [tag], channel);
      const total = Object.values(accounts).reduce((sum, those) => sum + those.length, 0);
      const { release, revision } = await writeRelease(hub, words);
      const cpu = meter();
      const began = performance.now();
      await orders.publish({ release, revision, audience: { tags: [tag] }, lane: 'routine', by: 'bench' });
      for (;;) {
        const counts = (await queries.counts([release])).get(release) ?? [];
        const out = counts.filter(({ state }) => state === 'published' || state === 'accepted');
        const done = out.reduce((sum, { count }) => sum + count, 0);
        if (done === total) return { seconds: (performance.now() - began) / 1_000, ledger: done, cpu: cpu() };
        const lost = counts.filter((count) => count.state === 'failed' || count.state === 'needs_action');
        if (lost.length > 0)
          throw new Error(`placements went wrong: ${JSON.stringify(lost)} ${await firstCause(hub, release)}`);
        // Asking costs the store something too, so it is asked often only towards the end.
        await new Promise((wait) => setTimeout(wait, done < 0.8 * total ? 1_000 : 100));
      }
    },
    close: () => hub.close(),
  };
}

async function firstCause({ store }: Hub, release: string): Promise<string> {
  const row = await store.placements.findOne({ release, state: { $in: ['failed', 'needs_action'] } }).lean();
  return JSON.stringify(row?.recent.at(-1));
}
