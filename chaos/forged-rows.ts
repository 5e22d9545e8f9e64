/** Rows as the hub itself would write them, for whoever forges to change. */
import type { Hub } from '../core/hub/hub.js';
import type { Order } from '../core/model/order.js';
import { placementId, type Lane, type Placement, type Wanted } from '../core/model/placement.js';
import { openOrders } from '../core/placements/orders.js';
import { openOwnWord } from '../core/placements/own-word.js';
import { firstKnown } from '../core/placements/protocol.js';
import type { BatchJob } from '../core/queue/queues.js';
import { composeContent } from '../core/releases/compose.js';
import { releaseInput } from '../core/releases/input.js';
import { createRelease } from '../core/releases/revisions.js';
import type { ChaosAccount } from './accounts.js';

/** A release of one signed revision. */
export async function writeSigned(hub: Hub, title: string): Promise<{ release: string; revision: string }> {
  const body = { format: 'text' as const, content: `${title}：请按要求执行。` };
  const input = releaseInput.parse({ title, kind: 'notice', source: '示例省人民政府办公室', body });
  const { content } = await composeContent(hub.store, input);
  const { release, revision } = await createRelease(hub.store, content, { by: { person: 'chaos' } });
  await openOwnWord(hub.store, openOrders(hub)).sign(release._id, revision._id, 'chaos');
  return { release: release._id, revision: revision._id };
}

/** A genuine order that dispatch has not heard of yet. */
export async function stored(hub: Hub, title: string, tag: string): Promise<Order> {
  const { release, revision } = await writeSigned(hub, title);
  const queues = { ...hub.queues, addDispatch: () => Promise.resolve() };
  const audience = { tags: [tag] };
  return openOwnWord(hub.store, openOrders({ ...hub, queues })).publish({
    release,
    revision,
    audience,
    by: 'chaos',
    again: true,
  });
}

/** A genuine broadcast, signed by two, whose countdown is over. */
export async function storedBroadcast(hub: Hub, title: string, tag: string): Promise<Order> {
  const { release, revision } = await writeSigned(hub, title);
  const asked = { release, revision, audience: { tags: [tag] }, lane: 'emergency' as const, by: 'chaos', again: true };
  const order = await openOwnWord(hub.store, openOrders(hub)).broadcast(asked, 'second');
  const at = new Date(Date.now() - 60_000);
  const second = { person: 'second', key: 'second.1', ...order.second, at };
  return { ...order, second, notBefore: new Date(at.getTime() + 5_000), state: 'running' };
}

/** Lets dispatch hear of it. */
export async function hand(hub: Hub, order: Pick<Order, '_id' | 'lane'>): Promise<void> {
  await hub.queues.addDispatch(order._id, order.lane);
}

/** What belongs on an account by the order of this number, as dispatch would write it. */
export async function rowFor(
  hub: Hub,
  account: ChaosAccount,
  release: string,
  wanted: Wanted,
  change: Partial<Placement> = {},
): Promise<Placement> {
  const row = await hub.store.accounts.findById(account.id).lean();
  const now = new Date();
  return {
    ...{ _id: placementId(release, account.id), release, channel: account.channel, account: account.id },
    ...{ organization: row?.organization ?? '', region: row?.region ?? '', lane: 'routine', state: 'queued' },
    ...{ since: now, dueAt: new Date(now.getTime() + 600_000), attempts: 0, recent: [], version: 0 },
    ...firstKnown(wanted, await hub.queues.run()),
    ...change,
  };
}

/** A job as dispatch makes it for a row that it has just written. */
export async function freshJob(
  hub: Hub,
  row: Placement,
  change: { lane?: Lane; channel?: string } = {},
): Promise<void> {
  const { release, account, organization, region, orders } = row;
  const { lane, channel } = { lane: row.lane, channel: row.channel, ...change };
  const [wanted] = orders;
  if (!wanted) throw new Error('a row without an order');
  const job: BatchJob = {
    run: await hub.queues.run(),
    fresh: { release, channel, lane, wanted, to: [{ account, organization, region }] },
  };
  await hub.queues.addBatches('publish', lane, channel, [job]);
}

/** A job as the clock makes it. */
export async function laterJob(hub: Hub, { _id, lane, channel, orders }: Placement): Promise<void> {
  const steps = [{ placement: _id, seq: orders.at(-1)?.seq ?? 0 }];
  await hub.queues.addBatches('publish', lane, channel, [{ run: await hub.queues.run(), channel, steps }]);
}
