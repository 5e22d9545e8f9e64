/** Who orders, and remembers what was ordered where: the judgement goes by this memory and not by the ledger. */
import { openOrders } from '../core/placements/orders.js';
import { openOwnWord } from '../core/placements/own-word.js';
import { composeContent } from '../core/releases/compose.js';
import { releaseInput } from '../core/releases/input.js';
import { createRelease, updateRelease } from '../core/releases/revisions.js';
import type { Hub } from '../core/hub/hub.js';
import type { ChaosAccount } from './accounts.js';
import type { Order } from './plan.js';
import type { Ordered } from './verdict.js';

export interface Release {
  id: string;
  /** What it is called in the plan and in its titles. */
  name: string;
  /** Newest revision, and how many there are. */
  revision: string;
  revisions: number;
  /** What was ordered on each account, by the account's id. */
  ordered: Map<string, Ordered[]>;
}

export interface Desk {
  order(order: Order): Promise<void>;
  releases(): Release[];
}

/** Who orders, and who signs a warning besides. */
export const signers = ['chaos', 'chaos-2'] as const;

export function openDesk(hub: Hub, run: number, tag: string, accounts: readonly ChaosAccount[]): Desk {
  const { store } = hub;
  const orders = openOwnWord(store, openOrders(hub));
  const releases = new Map<string, Release>();

  async function contentOf(name: string, number: number, of?: { release: string; change: 'correction' | 'update' }) {
    const title = titleOf(run, name, number);
    const body = { format: 'text' as const, content: `${title}：请按要求执行。` };
    const input = releaseInput.parse({ title, kind: 'notice', source: '示例省人民政府办公室', body });
    return (await composeContent(store, input, undefined, of)).content;
  }

  function remember(release: Release, half: boolean, what: Ordered): void {
    for (const account of accounts) {
      if (half && !account.half) continue;
      const before = release.ordered.get(account.id);
      if (before) before.push(what);
      // Where nothing was ordered there is nothing to take back.
      else if (what.text !== undefined) release.ordered.set(account.id, [what]);
    }
  }

  async function publish(release: Release, half: boolean, what: Ordered): Promise<void> {
    const audience = { tags: [half ? `${tag}-half` : tag] };
    await orders.publish({ release: release.id, revision: release.revision, audience, by: 'chaos' });
    remember(release, half, what);
  }

  /** The first text of a warning, or the next. It leaves when its countdown is over. */
  async function warn(name: string): Promise<void> {
    const before = releases.get(name);
    const number = (before?.revisions ?? 0) + 1;
    const input = releaseInput.parse(warning(titleOf(run, name, number), before?.id));
    const { content } = await composeContent(store, input, undefined, before && { release: before.id });
    const by = { by: { person: 'chaos' } };
    const { release, revision } = before
      ? await updateRelease(store, before.id, before.revision, content, by)
      : await createRelease(store, content, by);
    const ordered = before?.ordered ?? new Map<string, Ordered[]>();
    const made = { id: release._id, name, revision: revision._id, revisions: number, ordered };
    releases.set(name, made);
    const asked = { release: made.id, revision: made.revision, audience: { tags: [tag] }, by: 'chaos' };
    await orders.broadcast(asked, signers[1]);
    remember(made, false, { text: number });
  }

  async function first(name: string, half: boolean): Promise<void> {
    const { release, revision } = await createRelease(store, await contentOf(name, 1), { by: { person: 'chaos' } });
    const made = { id: release._id, name, revision: revision._id, revisions: 1, ordered: new Map<string, Ordered[]>() };
    releases.set(name, made);
    await publish(made, half, { text: 1 });
  }

  async function revise(release: Release, change: 'correction' | 'update'): Promise<void> {
    const number = release.revisions + 1;
    const content = await contentOf(release.name, number, { release: release.id, change });
    const { revision } = await updateRelease(store, release.id, release.revision, content, { by: { person: 'chaos' } });
    Object.assign(release, { revision: revision._id, revisions: number });
    await publish(release, false, { text: number, ...(change === 'update' && { keeps: true as const }) });
  }

  return {
    releases: () => [...releases.values()],
    async order(order) {
      if (order.does === 'publish') return first(order.release, order.half);
      if (order.does === 'warn' || order.does === 'warn-again') return warn(order.release);
      const release = releases.get(order.release);
      if (!release) throw new Error(`${order.release} was not published yet`);
      if (order.does !== 'withdraw') return revise(release, order.does);
      const audience = order.half ? { audience: { tags: [`${tag}-half`] } } : {};
      await orders.withdraw({ release: release.id, ...audience, reason: '演练', by: 'chaos' });
      remember(release, order.half, {});
    },
  };
}

function warning(title: string, of: string | undefined): object {
  return {
    title,
    kind: 'emergency',
    source: '示例省应急指挥中心',
    body: { format: 'text', content: `${title}：请停止户外活动。` },
    emergency: {
      msgType: of === undefined ? 'Alert' : 'Update',
      level: 'red',
      event: '台风',
      areas: [{ name: '示例省', code: '350000' }],
      onset: new Date().toISOString(),
      expires: new Date(Date.now() + 12 * 3_600_000).toISOString(),
      instruction: '停止户外活动。',
      ...(of !== undefined && { references: [{ release: of }] }),
    },
  };
}

/** By which a text is known wherever it appears. */
export function titleOf(run: number, name: string, number: number): string {
  return `第${run}轮${name}通知第${number}稿`;
}

/** The numbers of a release's texts that are named in a page or a log, in their order. */
export function textsIn(page: string, run: number, name: string): number[] {
  return [...page.matchAll(new RegExp(`第${run}轮${name}通知第(\\d+)稿`, 'g'))].map(([, number]) => Number(number));
}
