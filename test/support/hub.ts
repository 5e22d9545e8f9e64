/** A whole hub inside a test: real store, real Redis under a prefix of its own, every worker, and the toy channel's sandbox. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Change } from '../../channels/channel.js';
import { startSandbox, type RunningSandbox } from '../../channels/sandbox.js';
import { readConfig } from '../../core/hub/config.js';
import type { Audience, Order } from '../../core/model/order.js';
import type { Sealed } from '../../core/signatures/seals.js';
import { lanes, type HistoryEntry, type Lane, type Placement } from '../../core/model/placement.js';
import { historyOf } from '../../core/placements/history.js';
import { openOrders, type Orders } from '../../core/placements/orders.js';
import { openOwnWord, type OwnWord } from '../../core/placements/own-word.js';
import { openQueries, type Queries } from '../../core/placements/queries.js';
import { composeContent } from '../../core/releases/compose.js';
import { releaseInput } from '../../core/releases/input.js';
import { createRelease, updateRelease } from '../../core/releases/revisions.js';
import { isFinal } from '../../core/model/states.js';
import { openHub, type Hub } from '../../core/hub/hub.js';
import { newId } from '../../core/ids.js';
import { ownDatabase } from './own-database.js';
import { startChecker } from '../../workers/check/checker.js';
import { startPublisher } from '../../workers/publish/publisher.js';
import { startWorker, type WorkerRole } from '../../workers/roles.js';
import { dataFolder } from './data-folder.js';

export interface TestHub {
  hub: Hub;
  orders: Orders & OwnWord;
  queries: Queries;
  sandbox: RunningSandbox;
  /** Connects toy accounts `from` … and returns their ids. */
  connect(
    from: number,
    count: number,
    change?: (n: number) => {
      settings?: Record<string, unknown>;
      credentials?: Record<string, unknown>;
      tags?: string[];
    },
  ): Promise<string[]>;
  /** A stored, signed release. */
  write(title: string): Promise<{ release: string; revision: string }>;
  /** Its next revision, not signed. */
  draft(release: string, title: string, change?: Change): Promise<string>;
  /** Its next revision, signed and ordered. */
  revise(release: string, title: string, change?: Change, audience?: Audience): Promise<string>;
  publish(title: string, audience?: Audience, lane?: Lane): Promise<string>;
  /** `publish` alone leaves out the checks of accounts that go with it: that is `check`. */
  start(...roles: (WorkerRole | 'check')[]): void;
  stopWorkers(): Promise<void>;
  control(path: string, body: unknown): Promise<void>;
  /** What was signed with the order. */
  sealed(order: Order): Promise<Sealed>;
  rows(release: string): Promise<Placement[]>;
  /** All that happened to the first of them. */
  history(release: string): Promise<HistoryEntry[]>;
  /** Until every placement of the release is final or needs a person; at most a minute. */
  settled(release: string, placements: number): Promise<Placement[]>;
  until(what: string, condition: () => Promise<boolean>): Promise<void>;
  close(): Promise<void>;
}

/** `reachable`: further addresses of this machine that the hub may reach. */
export async function openTestHub(reachable: readonly string[] = []): Promise<TestHub> {
  const folder = dataFolder('hub');
  const channels = join(__dirname, '..', 'fixtures', 'channels');
  const { channel } = await import('../fixtures/channels/toy/adapter.js');
  const sandbox = await startSandbox(channel.sandbox());
  const hub = await openHub(
    readConfig({
      LIANFA_DATA: folder,
      LIANFA_LOG: 'silent',
      LIANFA_CHANNELS: channels,
      LIANFA_ALLOW_INNER: [sandbox.url, ...reachable].join(','),
      REDIS_URL: process.env['TEST_REDIS_URL'],
      LIANFA_REDIS_PREFIX: newId('t'),
      LIANFA_PORT: '1',
      MONGODB_URI: ownDatabase(),
    }),
    'test',
  );
  await hub.store.organizations.create({ _id: 'province', name: '示例省', path: 'province/', region: '350000' });
  const ordering = openOrders(hub);
  const orders = { ...ordering, ...openOwnWord(hub.store, ordering) };
  const queries = openQueries(hub.store);
  let workers: { close(): Promise<void> }[] = [];
  const rows = (release: string) => hub.store.placements.find({ release }).sort({ _id: 1 }).lean();

  async function history(release: string): Promise<HistoryEntry[]> {
    const [first] = await rows(release);
    return first ? historyOf(hub.store, first) : [];
  }

  async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
    // How long a busy machine takes must not decide.
    for (const end = Date.now() + 60_000; Date.now() < end;) {
      if (await condition()) return;
      await new Promise((wait) => setTimeout(wait, 50));
    }
    throw new Error(`waited in vain for ${what}`);
  }

  async function contentOf(title: string, of?: { release: string; change?: Change | undefined }) {
    const body = { format: 'text' as const, content: title };
    const input = releaseInput.parse({ title, kind: 'notice', source: '示例省', body });
    return (await composeContent(hub.store, input, undefined, of)).content;
  }

  async function write(title: string): Promise<{ release: string; revision: string }> {
    const { release, revision } = await createRelease(hub.store, await contentOf(title), { by: { person: 'u1' } });
    await orders.sign(release._id, revision._id, 'u1');
    return { release: release._id, revision: revision._id };
  }

  async function draft(release: string, title: string, change?: Change): Promise<string> {
    const before = await hub.store.releases.findById(release).lean();
    const content = await contentOf(title, { release, change });
    const { revision } = await updateRelease(hub.store, release, before?.revision ?? '', content, {
      by: { person: 'u1' },
    });
    return revision._id;
  }

  return {
    hub,
    orders,
    queries,
    sandbox,
    async sealed(order) {
      const checked = await hub.seals.check(order);
      if (!checked.holds) throw new Error(checked.fault.said.en);
      return checked.is;
    },
    rows,
    history,
    until,
    write,
    draft,
    async revise(release, title, change, audience = {}) {
      const revision = await draft(release, title, change);
      await orders.publish({ release, revision, audience, by: 'u1' });
      return revision;
    },
    async connect(from, count, change = () => ({})) {
      const ids: string[] = [];
      for (let n = from; n < from + count; n += 1) {
        const ready = sandbox.account(n);
        const { settings = {}, credentials = ready.credentials, tags = [] } = change(n);
        const id = newId('a');
        ids.push(id);
        await hub.store.accounts.create({
          _id: id,
          channel: 'toy',
          name: ready.name,
          organization: 'province',
          path: 'province/',
          region: '350000',
          tags,
          enabled: true,
          settings: { ...ready.settings, ...settings },
          sealed: hub.vault.seal(id, credentials),
          credential: { state: 'unchecked' },
          createdAt: new Date(),
        });
      }
      return ids;
    },
    async publish(title, audience = {}, lane = 'routine') {
      const written = await write(title);
      await orders.publish({ ...written, audience, lane, by: 'u1' });
      return written.release;
    },
    start(...roles) {
      const queue = { connection: hub.redis, settings: hub.settings };
      for (const role of roles) {
        // Nothing settles in a test by waiting half a minute.
        if (role === 'publish') workers.push(startPublisher({ ...hub, settle: 1 }, queue, lanes, () => undefined));
        else
          workers.push(role === 'check' ? startChecker(hub, queue, () => undefined) : startWorker(role, hub, 'test'));
      }
    },
    async stopWorkers() {
      await Promise.all(workers.map((worker) => worker.close()));
      workers = [];
    },
    async control(path, body) {
      const answer = await fetch(`${sandbox.controlUrl}${path}`, { method: 'POST', body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(await answer.text());
    },
    async settled(release, placements) {
      await until(`${placements} placements of ${release}`, async () => {
        const list = await rows(release);
        return list.length === placements && list.every((row) => isFinal(row.state) || row.state === 'needs_action');
      });
      return rows(release);
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      const keys = await hub.redis.keys(`{${hub.settings.prefix}}*`);
      if (keys.length > 0) await hub.redis.del(...keys);
      await hub.close();
      await sandbox.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
