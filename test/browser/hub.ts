/**
 * A whole hub for a browser test file: the server with the built dashboard, the embedded store, Redis under a prefix of
 * its own, and everybody who writes into the ledger. Nobody publishes: what a platform answered the tests say, into the
 * stream that the publishers write to.
 */
import { rmSync } from 'node:fs';
import { startSandbox, type RunningSandbox } from '../../channels/sandbox.js';
import { channel as weiboChannel } from '../../channels/weibo/adapter.js';
import { freePort } from '../../core/free-port.js';
import { readConfig } from '../../core/hub/config.js';
import { openHub, type Hub } from '../../core/hub/hub.js';
import { newId } from '../../core/ids.js';
import { announce } from '../../core/queue/changes.js';
import { wantedOf, type Placement, type PlacementEvent } from '../../core/model/placement.js';
import type { Revision } from '../../core/model/release.js';
import { openOrders, type Orders } from '../../core/placements/orders.js';
import { openOwnWord, type OwnWord } from '../../core/placements/own-word.js';
import { readRelease } from '../../core/releases/revisions.js';
import type { Store } from '../../core/store/store.js';
import { serve, type RunningServer } from '../../server/serve.js';
import { startWorker } from '../../workers/roles.js';
import { addPerson } from '../../core/people/add.js';
import { roles } from '../../core/model/roles.js';
import { prove } from '../../core/reviews/proof.js';
import { sign } from '../../core/reviews/sign.js';
import { submit, type Submission } from '../../core/reviews/reviews.js';
import { Seed, user, password } from './seed.js';
import { dataFolder } from '../support/data-folder.js';

const signer = {
  _id: 'desk-signer',
  name: 'desk-signer',
  displayName: '值班签发',
  password: 'sign',
  roles: ['signer' as const],
};

type Distributed<E> = E extends PlacementEvent ? Omit<E, 'id' | 'at' | 'seq' | 'by'> & { by?: string } : never;
/** What a test says of a placement; who and when are filled in. */
export type Happening = Distributed<PlacementEvent>;

export interface DeskHub {
  url: string;
  dataFolder: string;
  store: Store;
  vault: Hub['vault'];
  orders: Orders & OwnWord;
  seed: Seed;
  /** The platform behind the Weibo accounts, under another host name than the hub's: to the browser another site, as it is. */
  weibo: { url: string; sandbox: RunningSandbox };
  /** Says what happened to a placement, as a worker does, for the order that is newest now. */
  tell(placement: string, ...happened: Happening[]): Promise<void>;
  /** As a platform that takes the wanted text and shows it: the placement becomes verified, whatever it was. */
  land(...placements: string[]): Promise<void>;
  placement(id: string): Promise<Placement>;
  /** The newest revision. */
  revision(release: string): Promise<Revision>;
  /** The release that was made last. */
  newest(): Promise<string>;
  /** Until every order of the release has been worked off. */
  dispatched(release: string): Promise<void>;
  /** Submits a revision as somebody; answers the review's id. */
  submit(submission: Submission, by: string): Promise<string>;
  /** Signs the review of a release that is under way, as another person. */
  sign(release: string): Promise<void>;
  /** Tells the open pages that the release itself has changed, as a server does. */
  news(release: string): Promise<void>;
  /** Takes up the pictures that were uploaded. */
  preparePictures(): void;
  /** Ends every line and answers nobody, until `mend`. */
  stopServing(): Promise<void>;
  mend(): Promise<void>;
  close(): Promise<void>;
}

export async function openDeskHub(): Promise<DeskHub> {
  const folder = dataFolder('desk');
  const sandbox = await startSandbox(weiboChannel.sandbox());
  const weibo = { url: sandbox.url.replace('127.0.0.1', 'localhost'), sandbox };
  const hub = await openHub(
    readConfig({
      LIANFA_DATA: folder,
      LIANFA_LOG: 'silent',
      LIANFA_SECOND_FACTOR: 'optional',
      LIANFA_ALLOW_INNER: weibo.url,
      REDIS_URL: process.env['TEST_REDIS_URL'],
      LIANFA_REDIS_PREFIX: newId('t'),
      LIANFA_PORT: String(await freePort()),
      MONGODB_URI: process.env['MONGODB_URI'],
    }),
    'test',
  );
  const { store, claims } = hub;
  await addPerson(hub, { ...user, password, roles }, user._id);
  let server: RunningServer | undefined = await serve(hub);
  const workers = [startWorker('record', hub, 'test'), startWorker('dispatch', hub, 'test')];
  const seed = new Seed(hub, weibo);

  async function placement(id: string): Promise<Placement> {
    const row = await store.placements.findById(id).lean();
    if (!row) throw new Error(`no placement ${id}`);
    return row;
  }

  function eventsOf(row: Placement, happened: readonly Happening[]): { placement: string; event: PlacementEvent }[] {
    const at = new Date();
    return happened.map((event) => ({
      placement: row._id,
      event: { id: newId('e'), at, by: 'publish', seq: wantedOf(row).seq, ...event } as PlacementEvent,
    }));
  }

  async function tellAll(rows: readonly { row: Placement; happened: readonly Happening[] }[]): Promise<void> {
    for (const lane of ['emergency', 'routine'] as const)
      await claims
        .on(lane)
        .tell(rows.flatMap(({ row, happened }) => (row.lane === lane ? eventsOf(row, happened) : [])));
  }

  return {
    url: hub.config.url,
    dataFolder: folder,
    store,
    vault: hub.vault,
    orders: { ...openOrders(hub), ...openOwnWord(store, openOrders(hub)) },
    seed,
    weibo,
    placement,
    tell: async (id, ...happened) => tellAll([{ row: await placement(id), happened }]),
    async land(...ids) {
      const rows = await store.placements.find({ _id: { $in: ids } }).lean();
      await tellAll(rows.map((row) => ({ row, happened: seed.landing(row) })));
    },
    revision: async (release) => (await readRelease(store, release)).revision,
    async newest() {
      const [row] = await store.releases.find({}).sort({ _id: -1 }).limit(1).lean();
      return row?._id ?? '';
    },
    async dispatched(release) {
      for (;;) {
        const orders = await store.orders.find({ release }).lean();
        if (orders.every(({ state }) => state === 'done')) return;
        await new Promise((wait) => setTimeout(wait, 20));
      }
    },
    async submit(submission, by) {
      const review = await submit({ ...hub, orders: openOrders(hub) }, submission, { person: by });
      return review._id;
    },
    async sign(release) {
      const review = await store.reviews.findOne({ release, state: 'open' }).lean();
      const by = (await store.people.findById(signer._id).lean()) ?? (await addPerson(hub, signer, signer._id));
      const means = { ...hub, orders: openOrders(hub) };
      await sign(
        means,
        { review: review?._id ?? '' },
        { person: by._id },
        await prove(hub, { person: by._id }, { password: signer.password }, { act: 'review.sign', on: {} }),
      );
    },
    news: (release) => announce(hub.redis, hub.settings, [{ release, ids: [] }]),
    preparePictures() {
      workers.push(startWorker('media', hub, 'test'));
    },
    async stopServing() {
      await server?.close();
      server = undefined;
    },
    async mend() {
      server = await serve(hub);
    },
    async close() {
      await server?.close();
      await Promise.all(workers.map((worker) => worker.close()));
      await forgetKeys(hub);
      await hub.close();
      await sandbox.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function forgetKeys({ redis, settings }: Hub): Promise<void> {
  const keys = await redis.keys(`{${settings.prefix}}*`);
  if (keys.length > 0) await redis.del(...keys);
}
