/** A whole desk inside a test: a hub with every role and its public face, over the sandboxes of all channels. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadChannels } from '../../channels/registry.js';
import { startSandbox, type RunningSandbox } from '../../channels/sandbox.js';
import { importAccounts } from '../../core/accounts/import.js';
import { accountRow } from '../../core/accounts/input.js';
import { givenOf } from '../../core/import-given.js';
import { freePort } from '../../core/free-port.js';
import { readConfig } from '../../core/hub/config.js';
import { openHub, type Hub } from '../../core/hub/hub.js';
import { newId } from '../../core/ids.js';
import { addPerson } from '../../core/people/add.js';
import { createApiKey } from '../../core/people/api-keys.js';
import { roles } from '../../core/model/roles.js';
import type { Audience } from '../../core/model/order.js';
import type { Placement } from '../../core/model/placement.js';
import { openOrders } from '../../core/placements/orders.js';
import { openOwnWord, type OwnWord } from '../../core/placements/own-word.js';
import { serve } from '../../server/serve.js';
import { startWorker, workerRoles } from '../../workers/roles.js';
import { ownDatabase } from './own-database.js';
import { dataFolder } from './data-folder.js';

export class Desk {
  readonly hub: Hub;
  readonly orders: OwnWord;
  readonly sandboxes: ReadonlyMap<string, RunningSandbox>;
  /** Of somebody who may do everything that a key may. */
  readonly key: string;
  private readonly endings: (() => unknown)[];

  private constructor(
    hub: Hub,
    sandboxes: ReadonlyMap<string, RunningSandbox>,
    key: string,
    endings: (() => unknown)[],
  ) {
    this.hub = hub;
    this.orders = openOwnWord(hub.store, openOrders(hub));
    this.sandboxes = sandboxes;
    this.key = key;
    this.endings = endings;
  }

  /** `redisUrl`: another Redis than that of the test run; `env`: further settings. */
  static async open(
    redisUrl = process.env['TEST_REDIS_URL'],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Desk> {
    const folder = dataFolder('desk');
    const channels = await loadChannels([join(__dirname, '..', '..', 'channels')]);
    const sandboxes = new Map(
      await Promise.all(
        Array.from(channels, async ([name, channel]) => [name, await startSandbox(channel.sandbox())] as const),
      ),
    );
    const hub = await openHub(
      readConfig({
        LIANFA_DATA: folder,
        LIANFA_LOG: 'silent',
        LIANFA_ALLOW_INNER: Array.from(sandboxes.values(), ({ url }) => url).join(),
        REDIS_URL: redisUrl,
        LIANFA_REDIS_PREFIX: newId('t'),
        LIANFA_PORT: String(await freePort()),
        MONGODB_URI: ownDatabase(),
        ...env,
      }),
      'test',
    );
    const server = await serve(hub);
    const workers = workerRoles.map((role) => startWorker(role, hub, 'test'));
    await hub.store.organizations.create({ _id: 'province', name: '示例省', path: 'province/', region: '350000' });
    const everybody = { name: 'everybody', displayName: '全员', password: newId('p'), roles };
    const key = await createApiKey(hub, 'desk', (await addPerson(hub, everybody))._id);
    return new Desk(hub, sandboxes, key, [
      () => Promise.all(workers.map((worker) => worker.close())),
      () => server.close(),
      () => hub.close(),
      () => Promise.all(Array.from(sandboxes.values(), (sandbox) => sandbox.close())),
      () => rmSync(folder, { recursive: true, force: true }),
    ]);
  }

  async close(): Promise<void> {
    const keys = await this.hub.redis.keys(`{${this.hub.settings.prefix}}*`);
    for (const [place, end] of this.endings.entries()) {
      if (place === 2 && keys.length > 0) await this.hub.redis.del(...keys);
      await end();
    }
  }

  sandbox(channel: string): RunningSandbox {
    const found = this.sandboxes.get(channel);
    if (!found) throw new Error(`no sandbox of ${channel}`);
    return found;
  }

  /** The n-th account of the channel's sandbox, tagged; or one with these settings. Returns its id. */
  async connect(
    channel: string,
    n: number,
    tag: string,
    settings?: Record<string, unknown>,
    credentials: Record<string, unknown> = {},
  ): Promise<string> {
    const ready = this.sandbox(channel).account(n);
    const name = settings ? `内置站 ${n}` : ready.name;
    const account = settings ? { name, settings, credentials } : ready;
    const result = await importAccounts(
      this.hub,
      await givenOf([{ ...account, channel, organization: 'province', tags: [tag] }], accountRow),
    );
    expect(result.refused).toEqual([]);
    const row = await this.hub.store.accounts.findOne({ channel, name }).lean();
    return row?._id ?? '';
  }

  async order(release: string, audience: Audience): Promise<void> {
    const row = await this.hub.store.releases.findById(release).lean();
    // Every scenario says the same words.
    await this.orders.publish({ release, revision: row?.revision ?? '', audience, again: true, by: 'u1' });
    await this.until('the order is worked off', async () =>
      (await this.hub.store.orders.find({ release }).lean()).every(({ state }) => state === 'done'),
    );
  }

  rows(release: string): Promise<Placement[]> {
    return this.hub.store.placements.find({ release }).sort({ _id: 1 }).lean();
  }

  /** Until what stands is the last word on so many accounts, read back; beside what was taken back. */
  async verified(release: string, placements: number): Promise<Placement[]> {
    let standing: Placement[] = [];
    await this.until(`${placements} verified`, async () => {
      standing = (await this.rows(release)).filter(({ state }) => state !== 'withdrawn');
      return standing.length === placements && standing.every(({ state }) => state === 'verified');
    });
    return standing;
  }

  async until(what: string, condition: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + 60_000; Date.now() < end;) {
      if (await condition()) return;
      await new Promise((wait) => setTimeout(wait, 50));
    }
    throw new Error(`waited in vain for: ${what}`);
  }
}
