/** Our way, all of it: order → deliveries → Redis → adapter → sandbox → stream → ledger, until every row is written. */
import { availableParallelism } from 'node:os';
import { openOrders } from '../core/deliveries/orders.js';
import { openQueries } from '../core/deliveries/queries.js';
import { openHub, type Hub } from '../core/hub/hub.js';
import { newId } from '../core/ids.js';
import type { Ground, WeiboAccount } from './ground.js';

const organization = 'bench';

export interface WholePath {
  /** Seconds from the order to the last row written as published. */
  run(accounts: readonly WeiboAccount[], words: string): Promise<{ seconds: number; ledger: number }>;
  close(): Promise<void>;
}

export async function openWholePath(ground: Ground): Promise<WholePath> {
  const hub = await openHub(ground.config, 'bench');
  await hub.store.organizations.create({
    _id: organization,
    name: '示例省',
    path: `${organization}/`,
    region: '350000',
  });
  // As in a small data centre: a publisher for each core, and nothing of ours in the process that measures.
  const publishers = Array.from({ length: availableParallelism() }, () => ground.role('publish'));
  await Promise.all([...publishers, ground.role('record,dispatch')]);
  const orders = openOrders(hub);
  const queries = openQueries(hub.store);

  return {
    async run(accounts, words) {
      const tag = newId('t');
      await connectAccounts(hub, accounts, tag);
      const { release, revision } = await writeRelease(hub, words);
      const began = performance.now();
      await orders.publish({ release, revision, audience: { tags: [tag] }, lane: 'routine', by: 'bench' });
      for (;;) {
        const counts = (await queries.counts([release])).get(release) ?? [];
        const published = counts.find((count) => count.state === 'published')?.count ?? 0;
        if (published === accounts.length) return { seconds: (performance.now() - began) / 1_000, ledger: published };
        const lost = counts.filter((count) => count.state === 'failed' || count.state === 'needs_action');
        if (lost.length > 0)
          throw new Error(`deliveries went wrong: ${JSON.stringify(lost)} ${await firstCause(hub, release)}`);
        // Asking costs the store something too, so it is asked often only towards the end.
        await new Promise((wait) => setTimeout(wait, published < 0.8 * accounts.length ? 1_000 : 100));
      }
    },
    close: () => hub.close(),
  };
}

/** Alone in the hub: each round stands for itself. */
async function connectAccounts({ store, vault }: Hub, accounts: readonly WeiboAccount[], tag: string): Promise<void> {
  await store.accounts.deleteMany({});
  const rows = accounts.map(({ name, settings, credentials }) => {
    const id = newId('a');
    return {
      _id: id,
      channel: 'weibo',
      name: `${name} ${tag}`,
      organization,
      path: `${organization}/`,
      region: '350000',
      tags: [tag],
      enabled: true,
      settings,
      sealed: vault.seal(id, credentials),
      credential: { state: 'unchecked' as const },
      createdAt: new Date(),
    };
  });
  for (let at = 0; at < rows.length; at += 1_000)
    await store.accounts.collection.insertMany(rows.slice(at, at + 1_000) as never[]);
}

async function writeRelease({ store }: Hub, words: string): Promise<{ release: string; revision: string }> {
  const [release, revision, now] = [newId('r'), newId('v'), new Date()];
  await store.revisions.create({
    _id: revision,
    release,
    number: 1,
    kind: 'notice',
    language: 'zh-Hans',
    title: words,
    summary: '请按要求执行。',
    body: '<p>请按要求执行。</p>',
    source: '示例省人民政府办公室',
    columns: [],
    keywords: [],
    pictures: [],
    attachments: [],
    createdBy: 'bench',
    createdAt: now,
    hash: 'bench',
  });
  await store.releases.create({
    _id: release,
    title: words,
    kind: 'notice',
    revision,
    revisions: 1,
    createdBy: 'bench',
    createdAt: now,
    updatedAt: now,
  });
  return { release, revision };
}

async function firstCause({ store }: Hub, release: string): Promise<string> {
  const row = await store.deliveries.findOne({ release, state: { $in: ['failed', 'needs_action'] } }).lean();
  return JSON.stringify(row?.events.at(-1));
}
