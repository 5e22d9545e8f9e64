/** Nothing leaves without a signature behind it: what is written by hand into the store or Redis is counted at the boards. */
import { createVault } from '../core/accounts/vault.js';
import { accountListOf } from '../core/model/account-list.js';
import type { Order } from '../core/model/order.js';
import { placementId } from '../core/model/placement.js';
import { firstKnown } from '../core/placements/protocol.js';
import type { BatchJob } from '../core/queue/queues.js';
import { newId } from '../core/ids.js';
import { newKeyPair, signText } from '../core/signatures/ed25519.js';
import { renewKey } from '../core/signatures/keys.js';
import { contentHash } from '../core/signatures/renditions.js';
import { readStatement, statementText, type Statement } from '../core/signatures/statement.js';
import { openTestHub, type TestHub } from './support/hub.js';

let test: TestHub;

beforeEach(async () => {
  test = await openTestHub();
});
afterEach(() => test.close());

const all = ['dispatch', 'publish', 'record', 'clock'] as const;

async function orderOf(release: string): Promise<Order & { statement: string; signatures: string[] }> {
  const order = await test.hub.store.orders.findOne({ release }).sort({ seq: -1 }).lean();
  if (!order?.statement || !order.signatures) throw new Error('a sealed order was stored');
  return { ...order, statement: order.statement, signatures: order.signatures };
}

/** The first order of the release, changed in the store before anybody works it off; it must come to rest refused. */
async function refused(release: string, change: object): Promise<string> {
  const { store } = test.hub;
  await store.orders.collection.updateOne({ release }, { $set: change });
  test.start(...all);
  await test.until(
    'the order rests',
    async () => (await store.orders.findOne({ release }).lean())?.state === 'refused',
  );
  expect(await test.rows(release)).toEqual([]);
  expect(test.sandbox.accepted()).toEqual([]);
  return (await store.orders.findOne({ release }).lean())?.refused?.en ?? '';
}

async function notices(): Promise<string[]> {
  return (await test.hub.store.notices.find({}).sort({ _id: 1 }).lean()).map(({ key }) => key);
}

/** A statement as whoever has a key of their own would sign it. */
function signedBy(pair: { privateKey: string }, statement: Statement): Pick<Order, 'statement' | 'signatures'> {
  const text = statementText(statement);
  return { statement: text, signatures: [signText(text, pair.privateKey)] };
}

describe('dispatch', () => {
  it('refuses an order without a signature, says why, and tells whoever runs the hub', async () => {
    await test.connect(0, 2);
    const release = await test.publish('没有签名');
    const words = await refused(release, { statement: null });
    expect(words).toBe('The order bears no signature.');
    expect(await notices()).toEqual([`seal ${(await storedOf(release))._id}`]);
    expect((await test.queries.status(release)).orders).toMatchObject([{ state: 'refused', refused: { en: words } }]);
  });

  it('refuses a wider audience than was signed', async () => {
    await test.connect(0, 1, () => ({ tags: ['甲'] }));
    await test.connect(1, 1);
    const release = await test.publish('只给甲', { tags: ['甲'] });
    expect(await refused(release, { audience: {} })).toContain('audience');
  });

  it('refuses a list of accounts that is not the one that was signed', async () => {
    const [, second = ''] = await test.connect(0, 2, (n) => ({ tags: n === 0 ? ['甲'] : [] }));
    const release = await test.publish('只给甲', { tags: ['甲'] });
    const { accounts } = readStatement((await orderOf(release)).statement);
    const forged = accountListOf([second]);
    await test.hub.store.accountLists.updateOne(
      { _id: accounts?.digest ?? '' },
      { $set: { accounts: forged.accounts } },
    );
    expect(await refused(release, { placements: 0 })).toContain('list of accounts');
  });

  it('refuses a text that was changed after it was signed, with its hash put right', async () => {
    await test.connect(0, 1);
    const release = await test.publish('原文');
    const { store } = test.hub;
    const row = await store.revisions.findOne({ release }).lean();
    const hash = row ? contentHash({ ...row, title: '改过' }) : '';
    await store.revisions.updateOne({ release }, { $set: { title: '改过', hash } });
    expect(await refused(release, { placements: 0 })).toContain('text was changed');
  });

  it('refuses a key that was put into the store by hand', async () => {
    await test.connect(0, 1);
    const release = await test.publish('冒名');
    const { store } = test.hub;
    const pair = newKeyPair();
    const key = { _id: 'u1.2', person: 'u1', number: 2, publicKey: pair.publicKey, createdAt: new Date() };
    await store.signingKeys.create({ ...key, sealed: 'x', seal: 'x' });
    const statement = readStatement((await orderOf(release)).statement);
    const forged = { ...statement, signers: [{ step: 'sign', person: 'u1', key: 'u1.2' }] };
    expect(await refused(release, signedBy(pair, forged))).toContain('not one that this hub registered');
  });

  it('refuses what another hub has signed, though that hub knows the same people', async () => {
    await test.connect(0, 1);
    const release = await test.publish('另一个系统');
    const vault = createVault(Buffer.alloc(32, 9));
    const pair = newKeyPair();
    const seal = vault.mark('signing key', ['u1.2', 'u1', 2, pair.publicKey, 0, null]);
    const key = { _id: 'u1.2', person: 'u1', number: 2, publicKey: pair.publicKey, createdAt: new Date(0) };
    await test.hub.store.signingKeys.create({ ...key, sealed: vault.seal('x', pair.privateKey), seal });
    const statement = readStatement((await orderOf(release)).statement);
    const forged = { ...statement, signers: [{ step: 'sign', person: 'u1', key: 'u1.2' }] };
    expect(await refused(release, signedBy(pair, forged))).toContain('not one that this hub registered');
  });

  it('reaches none that came into the audience after it was signed, and tells how many', async () => {
    const [first = '', second = ''] = await test.connect(0, 2, () => ({ tags: ['甲'] }));
    const release = await test.publish('签发时的范围', { tags: ['甲'] });
    await test.connect(2, 3, () => ({ tags: ['甲'] }));
    await test.hub.store.accounts.updateOne({ _id: second }, { $set: { enabled: false } });
    test.start(...all);
    await test.settled(release, 1);
    expect((await test.rows(release)).map(({ account }) => account)).toEqual([first]);
    const order = await storedOf(release);
    await test.until('it is told', async () => (await notices()).includes(`audience ${order._id}`));
    const notice = await test.hub.store.notices.findOne({ key: `audience ${order._id}` }).lean();
    expect(notice?.said.en).toMatch(/1 accounts are no longer in it.*3 came into it later/);
  });
});

async function storedOf(release: string): Promise<Order> {
  const order = await test.hub.store.orders.findOne({ release }).lean();
  if (!order) throw new Error('no order');
  return order;
}

describe('publish', () => {
  /** A job as dispatch makes it, and as anybody who reaches Redis can. */
  async function freshJob(
    release: string,
    account: string,
    change: Partial<Extract<BatchJob, { fresh: unknown }>['fresh']> = {},
  ): Promise<void> {
    const { queues, store } = test.hub;
    const { revision = '' } = await storedOf(release);
    const row = await store.accounts.findById(account).lean();
    const { organization = '', region = '' } = row ?? {};
    const to = [{ account, organization, region }];
    const fresh = { release, channel: 'toy', lane: 'routine' as const, wanted: { seq: 1, revision }, to, ...change };
    await queues.addBatches('publish', fresh.lane, 'toy', [{ run: await queues.run(), fresh }]);
  }

  /** A row as dispatch makes it, and as anybody who reaches the store can. */
  async function row(release: string, account: string, wanted: { seq: number; revision: string }): Promise<string> {
    const id = placementId(release, account);
    const now = new Date();
    await test.hub.store.placements.create({
      ...{ _id: id, release, channel: 'toy', account, organization: 'province', region: '350000', lane: 'routine' },
      ...{ state: 'queued', since: now, dueAt: now, attempts: 0, recent: [], version: 0 },
      ...firstKnown(wanted, await test.hub.queues.run()),
    });
    return id;
  }

  async function stopped(release: string, words: string): Promise<void> {
    await test.until('a person is asked', async () => {
      const rows = await test.rows(release);
      return rows.length > 0 && rows.every(({ state }) => state === 'needs_action');
    });
    for (const one of await test.rows(release))
      expect(one.recent.findLast(({ cause }) => cause)?.cause?.en).toContain(words);
    expect(test.sandbox.accepted()).toEqual([]);
  }

  it('sends nothing of a release that nobody ordered, whatever row and job say', async () => {
    const [account = ''] = await test.connect(0, 1);
    const { release, revision } = await test.write('没有发布令');
    await row(release, account, { seq: 1, revision });
    test.start('publish', 'record', 'clock');
    await stopped(release, 'No order asks for this');
    expect(await notices()).toEqual([`seal ${release} no_order`]);
  });

  it('sends nothing to an account outside the audience', async () => {
    const [, outside = ''] = await test.connect(0, 2, (n) => ({ tags: n === 0 ? ['甲'] : [] }));
    const release = await test.publish('只给甲', { tags: ['甲'] });
    const { revision = '' } = await storedOf(release);
    await row(release, outside, { seq: 1, revision });
    await freshJob(release, outside);
    test.start('publish', 'record', 'clock');
    await stopped(release, 'outside the audience');
  });

  it('sends no other revision than the order’s, and on no other lane', async () => {
    const [first = '', second = ''] = await test.connect(0, 2);
    const release = await test.publish('已签发');
    const other = await test.write('另一件');
    await row(release, first, { seq: 1, revision: other.revision });
    await row(release, second, { seq: 1, revision: (await storedOf(release)).revision ?? '' });
    await test.hub.store.placements.updateOne({ _id: placementId(release, second) }, { $set: { lane: 'emergency' } });
    test.start('publish', 'record', 'clock');
    await stopped(release, 'is not what the signed order says');
    const causes = (await test.rows(release)).map((one) => one.recent.findLast(({ cause }) => cause)?.cause?.en);
    expect(causes.some((cause) => cause?.includes('“revision”'))).toBe(true);
    expect(causes.some((cause) => cause?.includes('“lane”'))).toBe(true);
  });

  it('sends no text that was changed while the deliveries waited, and sends it once it is put right', async () => {
    const [account = ''] = await test.connect(0, 1);
    const release = await test.publish('原文');
    const { store } = test.hub;
    // Dispatch has done its part.
    test.start('dispatch');
    await test.until('dispatched', async () => (await storedOf(release)).state === 'done');
    await store.revisions.updateOne({ release }, { $set: { title: '改过' } });
    test.start('publish', 'record', 'clock');
    await stopped(release, 'text was changed');
    await store.revisions.updateOne({ release }, { $set: { title: '原文' } });
    await test.orders.retry(placementId(release, account), 'u1');
    await test.until('it is out', async () => (await test.rows(release))[0]?.state === 'verified');
    expect(test.sandbox.accepted()).toHaveLength(1);
  });

  it('sends no rendition that was not signed: the settings of an account were changed since', async () => {
    const [account = ''] = await test.connect(0, 1);
    const channel = test.hub.channels.get('toy');
    if (!channel) throw new Error('no toy');
    const { render, renditionKey } = channel;
    const textOf = (settings: unknown): string => JSON.stringify(settings);
    channel.renditionKey = ({ settings }) => textOf(settings);
    channel.render = (content, profile) => ({
      ...render.call(channel, content, profile),
      payload: { text: textOf(profile.settings) },
    });
    try {
      const release = await test.publish('渠道稿');
      await test.hub.store.accounts.updateOne({ _id: account }, { $set: { 'settings.bell': true } });
      test.start('dispatch', 'publish', 'record', 'clock');
      await stopped(release, 'would show is not what was signed');
    } finally {
      channel.render = render;
      if (renditionKey) channel.renditionKey = renditionKey;
    }
  });

  it('does again what was signed by a key renewed since: retry, rebuild, correction, withdrawal', async () => {
    const accounts = await test.connect(0, 2, (n) => ({ tags: n === 0 ? ['甲'] : [] }));
    test.start(...all);
    const release = await test.publish('第一稿');
    await test.settled(release, 2);
    const { store, vault } = test.hub;
    await store.connection.transaction((session) => renewKey({ store, vault }, 'u1', session));
    await test.stopWorkers();
    // Another process, which knows nothing of the order yet, is asked to do the step again.
    const id = placementId(release, accounts[0] ?? '');
    await store.placements.updateOne({ _id: id }, { $set: { state: 'waiting', dueAt: new Date() } });
    test.start(...all);
    await test.settled(release, 2);
    // A correction to one account goes where the release stands, too; so does the withdrawal.
    await test.revise(release, '更正', 'correction', { tags: ['甲'] });
    await test.until('corrected', async () => {
      const rows = await test.rows(release);
      return rows.every(({ state, orders }) => state === 'verified' && orders.at(-1)?.seq === 2);
    });
    await test.orders.withdraw({ release, reason: '撤', by: 'u1' });
    await test.until('withdrawn', async () => (await test.rows(release)).every(({ state }) => state === 'withdrawn'));
    const orders = await store.orders.find({ release }).sort({ seq: 1 }).lean();
    expect(orders.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    expect(orders.map(({ statement = '' }) => readStatement(statement).signers[0]?.key)).toEqual([
      'u1.1',
      'u1.2',
      'u1.2',
    ]);
  });
});

it('takes back nothing that nobody signed for', async () => {
  await test.connect(0, 1);
  test.start(...all);
  const release = await test.publish('不许撤');
  await test.settled(release, 1);
  const before = test.sandbox.accepted().length;
  const { statement: _statement, signatures: _signatures, revision: _revision, ...order } = await orderOf(release);
  const forged = { _id: newId('d'), seq: 2, action: 'withdraw' as const, reach: { audience: false, standing: true } };
  await test.hub.store.orders.create({ ...order, ...forged, state: 'running', walk: 'standing', reason: '假' });
  await test.hub.queues.addDispatch(forged._id, 'routine');
  await test.until(
    'refused',
    async () => (await test.hub.store.orders.findById(forged._id).lean())?.state === 'refused',
  );
  expect((await test.rows(release))[0]?.state).toBe('verified');
  expect(test.sandbox.accepted()).toHaveLength(before);
});
