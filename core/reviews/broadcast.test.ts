/** Broadcasts at the store itself, on both stores: who signs, what they must have done before, and what stops it. */
import { boardChannel } from '../../test/support/board-channel.js';
import { wholeStores, type WholeStore } from '../../test/support/whole-stores.js';
import type { Channel } from '../../channels/channel.js';
import { createVault } from '../accounts/vault.js';
import { look } from '../broadcasts/looks.js';
import type { Role } from '../model/roles.js';
import { addPerson } from '../people/add.js';
import { openOrders, type Orders } from '../placements/orders.js';
import { firstKnown } from '../placements/protocol.js';
import { placementId } from '../model/placement.js';
import { startPlanned } from '../placements/planned.js';
import { composeContent } from '../releases/compose.js';
import { releaseInput, type ReleaseInput } from '../releases/input.js';
import { createRelease, updateRelease } from '../releases/revisions.js';
import { openSeals } from '../signatures/seals.js';
import { readStatement } from '../signatures/statement.js';
import type { ClaimBook } from '../queue/claims.js';
import type { Queues } from '../queue/queues.js';
import { setChain } from './chains.js';
import { giveBack } from './decide.js';
import { lookInto, openGlass } from './glass.js';
import { takersOf } from './takers.js';
import { prove } from './proof.js';
import { readReview, submit } from './reviews.js';
import { sign } from './sign.js';
import { type Signing, type SignMeans } from './signing.js';
import { setSolo } from './solo.js';
import { stop } from './stop.js';

const code = (name: string) => ({ code: name });
const day = new Date('2026-12-01T02:00:00Z');
const late = new Date('2026-11-30T20:45:00Z');

const warning = {
  level: 'red',
  event: '台风',
  areas: [{ code: '350000', name: '福建省' }],
  onset: '2026-12-01T00:00:00Z',
  expires: '2099-12-02T00:00:00Z',
  instruction: '立即转移到安全地带。',
};

function inputOf(more: object, emergency: object): ReleaseInput {
  return releaseInput.parse({
    title: '台风红色预警',
    kind: 'emergency',
    source: '市政府',
    body: { format: 'text', content: '台风将登陆。' },
    emergency: { ...warning, ...emergency },
    ...more,
  });
}

describe.each(wholeStores)('broadcasts on the $name store', ({ open }) => {
  let opened: WholeStore;
  let means: SignMeans;
  let dispatched: string[];
  const password = 'a-long-enough-password';
  const as = (person: string) => ({ person });
  const proves = (by: string) => prove(means, as(by), { password }, { act: 'review.sign', on: {} });

  async function person(name: string, displayName: string, ...held: Role[]): Promise<void> {
    const unit = { organization: 'city', path: 'city/' };
    await addPerson(means, { name, displayName, password, roles: held, unit }, name);
  }

  beforeEach(async () => {
    opened = await open();
    dispatched = [];
    const { store } = opened;
    const vault = createVault(Buffer.alloc(32, 7));
    const channels: ReadonlyMap<string, Channel> = new Map([['board', boardChannel]]);
    const queues = { addDispatch: (id: string) => Promise.resolve(dispatched.push(id)) } as unknown as Queues;
    const config = { channelFolders: [] };
    const orders: Orders = openOrders({
      store,
      vault,
      channels,
      queues,
      config,
      claims: { callOff: () => Promise.resolve() } as unknown as ClaimBook,
    });
    means = { store, vault, orders, channels, config };
    const units = [
      { _id: 'city', name: '市', path: 'city/', region: '350100' },
      { _id: 'county', name: '县', parent: 'city', path: 'city/county/', region: '350101' },
    ];
    await store.organizations.insertMany(units);
    for (const [n, unit] of [units[0], units[1], units[1]].entries())
      await store.accounts.create({
        _id: `a${n}`,
        channel: 'board',
        name: `账号${n}`,
        organization: unit?._id ?? '',
        path: unit?.path ?? '',
        region: '350100',
        tags: [],
        enabled: true,
        settings: { site: 'https://board.example' },
        sealed: vault.seal(`a${n}`, { token: 'x' }),
        credential: { state: 'unchecked' as const },
        createdAt: new Date(),
      });
    await person('w', '撰稿', 'writer', 'signer');
    await person('s', '甲', 'signer');
    await person('t', '乙', 'signer');
    await person('c', '指挥', 'commander');
    await person('namesake', ' 撰 稿', 'signer');
  });
  afterEach(() => opened.end());

  async function written(more: object = {}, emergency: object = {}): Promise<{ release: string; revision: string }> {
    const { content } = await composeContent(means.store, inputOf(more, emergency), undefined, undefined);
    const unit = { organization: 'city', path: 'city/' };
    const { release, revision } = await createRelease(means.store, content, { by: as('w'), unit });
    return { release: release._id, revision: revision._id };
  }

  const submitted = async (of: Awaited<ReturnType<typeof written>>, more = {}) =>
    submit(means, { ...of, audience: { organizations: ['city'] }, again: true, ...more }, as('w'));
  const looks = async (review: string, by: string) =>
    look(means, await readReview(means, review), { channel: 'board' }, by);
  const signs = async (review: string, by: string, more: Partial<Signing> = {}, now = day) =>
    sign(means, { review, accounts: 3, ...more }, as(by), await proves(by), now);
  async function looksAndSigns(review: string, by: string, more: Partial<Signing> = {}, now = day) {
    await looks(review, by);
    return signs(review, by, more, now);
  }
  async function both(more: object = {}) {
    const review = await submitted(await written(), more);
    await looksAndSigns(review._id, 's');
    const signed = await looksAndSigns(review._id, 't');
    const order = signed.state === 'signed' ? await means.store.orders.findById(signed.order).lean() : null;
    if (!order) throw new Error('no order');
    return { review: signed, order };
  }
  const sealOf = (order: Parameters<ReturnType<typeof openSeals>['check']>[0]) => openSeals(means).check(order);

  it('are emergencies that reach accounts of other units; within its own unit, or routine, one signer orders', async () => {
    const of = await written();
    expect(await submitted(of)).toMatchObject({ broadcast: true });
    expect((await submitted(of, { audience: { accounts: ['a0'] } })).broadcast).toBeUndefined();
    const notice = await written({ kind: 'notice', title: '通知', emergency: undefined });
    expect((await submitted(notice)).broadcast).toBeUndefined();
    expect(await submitted(notice, { lane: 'emergency' })).toMatchObject({ broadcast: true });
  });

  it('order nothing with one signature, and with the second one order under both, which waits out its countdown', async () => {
    const review = await submitted(await written());
    await looksAndSigns(review._id, 's');
    expect(await means.store.orders.countDocuments({})).toBe(0);
    expect((await means.store.revisions.findById(review.revision).lean())?.signed).toBeUndefined();
    const before = Date.now();
    await looksAndSigns(review._id, 't');
    const [order] = await means.store.orders.find({}).lean();
    expect(order).toMatchObject({ state: 'planned', by: 't', second: { person: 't' } });
    expect((order?.notBefore?.getTime() ?? 0) - before).toBeGreaterThanOrEqual(5_000);
    expect(order?.signatures).toHaveLength(2);
    expect(readStatement(order?.statement ?? '')).toMatchObject({
      signers: [{ person: 's', step: 'sign' }],
      broadcast: { accounts: 3, countdown: 5 },
      accounts: { number: 3 },
    });
    expect(dispatched).toEqual([]);
    expect(order && (await sealOf(order)).holds).toBe(true);
    const first = (await readReview(means, review._id)).first;
    const revision = await means.store.revisions.findById(review.revision).lean();
    // What the public reads as its date, and machines as `sent`, is the first signature's and stays.
    expect(revision?.signed).toMatchObject({ by: 's' });
    expect(revision?.signed?.at.toISOString()).toBe(readStatement(first?.statement ?? '').revision?.dated);
  });

  it.each([
    [
      'the second signature is gone',
      (order: { signatures?: string[] }) => ({ ...order, signatures: order.signatures?.slice(0, 1) }),
    ],
    [
      'the second signer is gone',
      (order: { signatures?: string[] }) => ({
        ...order,
        second: undefined,
        signatures: order.signatures?.slice(0, 1),
      }),
    ],
    [
      'the first signed twice',
      (order: { signatures?: string[] }) => ({
        ...order,
        second: { person: 's', key: 's.1', at: new Date() },
        signatures: [order.signatures?.[0] ?? '', order.signatures?.[0] ?? ''],
      }),
    ],
    [
      'the second is said to be another',
      (order: object) => ({ ...order, second: { person: 'c', key: 't.1', at: new Date() } }),
    ],
    ['it may leave at once', (order: object) => ({ ...order, notBefore: new Date(0) })],
  ])('hold no seal where %s', async (_, change) => {
    const { order } = await both();
    const changed = change(order) as typeof order;
    expect((await sealOf(changed)).holds).toBe(false);
  });

  it('let whoever wrote it sign first and never second, by whatever road', async () => {
    await setSolo(means, { unit: 'city', persons: ['w', 's'], reach: '' }, as('ad'));
    const review = await submitted(await written());
    await looksAndSigns(review._id, 'w');
    for (const by of ['w', 'namesake']) {
      await looks(review._id, by);
      if (by === 'w') expect(await signs(review._id, by)).toMatchObject({ state: 'open' });
      else await expect(signs(review._id, by)).rejects.toMatchObject(code('same_person'));
    }
    const other = await submitted(await written({ title: '又一次' }));
    await looksAndSigns(other._id, 's');
    await looks(other._id, 'w');
    await expect(signs(other._id, 'w')).rejects.toMatchObject(code('solo_emergency'));
    const takers = await takersOf(means, await readReview(means, other._id), [
      { id: 'second-signature', name: { zh: '', en: '' }, role: 'signer' },
    ]);
    expect(takers.get('second-signature')?.includes('w')).toBe(false);
    expect(await means.store.orders.countDocuments({})).toBe(0);
  });

  it('take both signatures where a unit’s own chain has two, and do not ask for a third', async () => {
    const name = { zh: '', en: '' };
    const steps = [
      { id: 'one', name, role: 'signer' as const },
      { id: 'two', name, role: 'commander' as const },
    ];
    await setChain(means, { unit: 'city', steps }, as('ad'));
    const review = await submitted(await written());
    await looksAndSigns(review._id, 's');
    await looks(review._id, 't');
    await expect(signs(review._id, 't')).rejects.toMatchObject(code('forbidden'));
    expect(await looksAndSigns(review._id, 'c')).toMatchObject({ state: 'signed' });
  });

  it('are refused to whoever has not opened each channel’s text as it is now', async () => {
    const review = await submitted(await written());
    await expect(signs(review._id, 's')).rejects.toMatchObject(code('not_looked_at'));
    await looks(review._id, 's');
    // What it showed then is not what would go out now.
    await means.store.looks.updateOne({ review: review._id, person: 's' }, { $set: { hash: 'f'.repeat(64) } });
    await expect(signs(review._id, 's')).rejects.toMatchObject(code('not_looked_at'));
    await looksAndSigns(review._id, 's');
    await expect(signs(review._id, 't')).rejects.toMatchObject(code('not_looked_at'));
    // What the first one opened is not what the second one has.
    await looks(review._id, 's');
    await expect(signs(review._id, 't')).rejects.toMatchObject(code('not_looked_at'));
  });

  it('are refused for another number of accounts than they go to, or none, and where that has changed', async () => {
    const review = await submitted(await written());
    await looks(review._id, 's');
    for (const accounts of [undefined, 2, 4])
      await expect(signs(review._id, 's', { accounts })).rejects.toMatchObject(code('number_wrong'));
    await signs(review._id, 's');
    await looks(review._id, 't');
    await expect(signs(review._id, 't', { accounts: 2 })).rejects.toMatchObject(code('number_wrong'));
    await means.store.accounts.updateOne({ _id: 'a2' }, { $set: { enabled: false } });
    await expect(signs(review._id, 't')).rejects.toMatchObject(code('audience_changed'));
  });

  it('ask for a yes of its own at night, for words that may be misread, and for a live drill', async () => {
    const review = await submitted(await written({ summary: '本信息仅供测试。' }));
    await looks(review._id, 's');
    await expect(signs(review._id, 's', {}, late)).rejects.toMatchObject(code('consent_missing'));
    await expect(signs(review._id, 's', { consents: ['night'] }, late)).rejects.toMatchObject(code('consent_missing'));
    const signed = await signs(review._id, 's', { consents: ['night', 'words'] }, late);
    expect(readStatement(signed.first?.statement ?? '').broadcast?.consents).toEqual(['night', 'words']);
    await looks(review._id, 't');
    await expect(signs(review._id, 't', { consents: ['night'] })).rejects.toMatchObject(code('consent_missing'));
    await signs(review._id, 't', { consents: ['words'] });
    const drill = await written({ title: '演练' }, { status: 'Exercise' });
    await expect(submitted(drill)).rejects.toMatchObject(code('drill_real_account'));
    const live = await submitted(drill, { live: true });
    await looks(live._id, 's');
    await expect(signs(live._id, 's')).rejects.toMatchObject(code('consent_missing'));
    const lively = await signs(live._id, 's', { consents: ['live'] });
    expect(readStatement(lively.first?.statement ?? '')).toMatchObject({ exercise: 'live' });
    // Also where it stays within its own unit.
    const own = await submitted(drill, { live: true, audience: { accounts: ['a0'] } });
    expect(own).toMatchObject({ broadcast: true });
  });

  it('of a drill planned before dawn ask for a yes to the night, and say to which channels it goes', async () => {
    await means.store.accounts.updateMany({ channel: 'board' }, { $set: { exercise: true } });
    const dawn = new Date(day.getTime());
    dawn.setUTCDate(dawn.getUTCDate() + 1);
    dawn.setUTCHours(20, 45, 0, 0);
    const drill = await written({ title: '凌晨演练' }, { status: 'Exercise' });
    const audience = { channels: ['board'], regions: ['350000'] };
    const review = await submitted(drill, { notBefore: dawn, audience });
    await looks(review._id, 's');
    await expect(signs(review._id, 's')).rejects.toMatchObject(code('consent_missing'));
    const signed = await signs(review._id, 's', { consents: ['night'] });
    const said = readStatement(signed.first?.statement ?? '');
    expect(said).toMatchObject({ audience, broadcast: { consents: ['night'] } });
    expect(Object.keys(said.renditions ?? {})).toEqual(['board']);
  });

  it('of a drill ask for a yes to files on which its mark cannot be drawn', async () => {
    await means.store.accounts.updateMany({ channel: 'board' }, { $set: { exercise: true } });
    const { store } = means;
    const hash = 'ab'.repeat(32);
    const file = { name: '预案.pdf', mime: 'application/pdf', bytes: 9, createdBy: 'w', createdAt: day };
    await store.media.create({ _id: hash, ...file, units: ['city'], variants: [], state: 'ready' });
    const drill = await written({ attachments: [{ hash, name: '预案.pdf' }] }, { status: 'Exercise' });
    const review = await submitted(drill);
    await looks(review._id, 's');
    await expect(signs(review._id, 's')).rejects.toMatchObject(code('consent_missing'));
    const signed = await signs(review._id, 's', { consents: ['files'] });
    expect(readStatement(signed.first?.statement ?? '').broadcast?.consents).toEqual(['files']);
  });

  it('as a drill go to accounts that were made for it, and a real one that came in between stops the second signature', async () => {
    await means.store.accounts.updateMany({ channel: 'board' }, { $set: { exercise: true } });
    const review = await submitted(await written({ title: '台风演练' }, { status: 'Exercise' }));
    await looksAndSigns(review._id, 's');
    await means.store.accounts.updateOne({ _id: 'a1' }, { $unset: { exercise: 1 } });
    await looks(review._id, 't');
    await expect(signs(review._id, 't')).rejects.toMatchObject(code('drill_real_account'));
    // Nor is anybody let off the second person, for it is only a drill.
    await means.store.accounts.updateOne({ _id: 'a1' }, { $set: { exercise: true } });
    const own = await submitted(await written({ title: '又一次演练' }, { status: 'Exercise' }));
    await looksAndSigns(own._id, 'w');
    for (const by of ['w', 'namesake']) {
      await looks(own._id, by);
      if (by === 'w') expect(await signs(own._id, by)).toMatchObject({ state: 'open' });
      else await expect(signs(own._id, by)).rejects.toMatchObject(code('same_person'));
    }
  });

  it('take a second click of either signer for the same signature', async () => {
    const review = await submitted(await written());
    await looks(review._id, 's');
    const two = await Promise.allSettled([signs(review._id, 's'), signs(review._id, 's')]);
    expect(two.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    expect(await signs(review._id, 's')).toMatchObject({ state: 'open', step: 1 });
    await looks(review._id, 't');
    await Promise.allSettled([signs(review._id, 't'), signs(review._id, 't')]);
    expect(await signs(review._id, 't')).toMatchObject({ state: 'signed' });
    expect(await means.store.orders.countDocuments({})).toBe(1);
    const entries = await means.store.auditEntries.find({ act: { $in: ['review.sign', 'review.sign-first'] } }).lean();
    expect(entries.filter(({ outcome }) => outcome === 'done')).toHaveLength(2);
  });

  it('have one outcome where one signs and another returns it at once', async () => {
    const outcomes = new Set<string>();
    for (let n = 0; n < 6; n += 1) {
      const review = await submitted(await written({ title: `第${n}次` }));
      await looksAndSigns(review._id, 's');
      await looks(review._id, 't');
      const acts = [
        () => signs(review._id, 't'),
        () => giveBack(means, { review: review._id, step: 'second-signature', reason: '不对' }, as('c')),
      ];
      const done = await Promise.allSettled((n % 2 === 0 ? acts : acts.reverse()).map((one) => one()));
      expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const { state, release } = await readReview(means, review._id);
      outcomes.add(state);
      expect(await means.store.orders.countDocuments({ release })).toBe(state === 'signed' ? 1 : 0);
    }
    expect([...outcomes].every((state) => state === 'signed' || state === 'returned')).toBe(true);
  });

  it('fall with the first signature where another order came in between', async () => {
    const review = await submitted(await written());
    await looksAndSigns(review._id, 's');
    await means.store.releases.updateOne({ _id: review.release }, { $set: { orders: 1 } });
    await looks(review._id, 't');
    await expect(signs(review._id, 't')).rejects.toMatchObject(code('broadcast_changed'));
    expect(await means.store.orders.countDocuments({})).toBe(0);
    expect((await means.store.revisions.findById(review.revision).lean())?.signed).toBeUndefined();
  });

  it('are stopped in their countdown by either signer or a commander, and by nobody else', async () => {
    for (const by of ['s', 't', 'c']) {
      const { order } = await both();
      await expect(stop(means, order._id, as('namesake'))).rejects.toMatchObject(code('forbidden'));
      expect(await stop(means, order._id, as(by))).toMatchObject({ state: 'unscheduled', unscheduled: { by } });
      // The clock comes too late.
      expect(await startPlanned(means.store, order, new Date())).toBe(false);
      await expect(stop(means, order._id, as(by))).rejects.toMatchObject(code('plan_settled'));
    }
    expect(dispatched).toEqual([]);
  });

  it('are stopped after the countdown too, as long as nothing was begun; and begun, while nothing was handed over', async () => {
    const { order } = await both();
    expect(await startPlanned(means.store, order, new Date())).toBe(true);
    expect(await stop(means, order._id, as('s'))).toMatchObject({ state: 'unscheduled' });
    const begun = (await both()).order;
    await startPlanned(means.store, begun, new Date());
    await means.store.orders.updateOne({ _id: begun._id }, { $set: { begun: true } });
    await stop(means, begun._id, as('t'));
    const withdrawal = await means.store.orders.findOne({ release: begun.release, action: 'withdraw' }).lean();
    expect(withdrawal).toMatchObject({ state: 'running', by: 't', seq: 2 });
    expect(withdrawal && (await sealOf(withdrawal)).holds).toBe(true);
    expect(dispatched).toEqual([withdrawal?._id]);
  });

  it('are sent by one person only where an admin has named them; everybody is told and somebody else looks into it', async () => {
    const review = await submitted(await written());
    await looks(review._id, 's');
    await expect(signs(review._id, 's', { glass: '只有我在' })).rejects.toMatchObject(code('glass_closed'));
    await setSolo(means, { unit: 'city', persons: ['s'], reach: '', kind: 'glass' }, as('ad'));
    const signed = await signs(review._id, 's', { glass: '只有我在' });
    expect(signed).toMatchObject({ state: 'signed', solo: true, glass: { by: 's', reason: '只有我在' } });
    const [order] = await means.store.orders.find({}).lean();
    expect(order).toMatchObject({ state: 'planned', by: 's' });
    expect(order && (await sealOf(order)).holds).toBe(true);
    expect(readStatement(order?.statement ?? '').broadcast).toMatchObject({ glass: '只有我在' });
    expect(await means.store.notices.find({ path: 'city/', level: 'urgent' }).lean()).toHaveLength(1);
    expect((await openGlass(means, ['city/'])).map(({ _id }) => _id)).toEqual([review._id]);
    for (const by of ['s', 'w'])
      await expect(lookInto(means, review._id, '属实', as(by))).rejects.toMatchObject(code('own_text'));
    const [one, two] = await Promise.allSettled([
      lookInto(means, review._id, '属实', as('t')),
      lookInto(means, review._id, '属实', as('c')),
    ]);
    expect([one.status, two.status].sort()).toEqual(['fulfilled', 'rejected']);
    expect(await openGlass(means, ['city/'])).toEqual([]);
  });

  it('are followed by an all-clear under two signatures again, which goes where they went', async () => {
    const { order } = await both();
    const { store } = means;
    await startPlanned(store, order, new Date());
    for (const n of [1, 2])
      await store.placements.create({
        ...{ _id: placementId(order.release, `a${n}`), release: order.release, account: `a${n}`, channel: 'board' },
        ...{ organization: 'county', region: '350101', lane: 'emergency', state: 'verified', since: new Date() },
        ...{ attempts: 1, recent: [], version: 0 },
        ...firstKnown({ seq: 1, revision: order.revision ?? '' }, 'run'),
      });
    const { revision } = (await store.releases.findById(order.release).lean()) ?? { revision: '' };
    const references = [{ release: order.release }];
    const lifted = inputOf({ title: '台风红色预警解除' }, { msgType: 'Cancel', references });
    const { content } = await composeContent(store, lifted, undefined, { release: order.release });
    const saved = await updateRelease(store, order.release, revision, content, { by: as('w') });
    const review = await submitted({ release: order.release, revision: saved.revision._id });
    expect(review).toMatchObject({ broadcast: true, occasion: 'correct' });
    await looksAndSigns(review._id, 's');
    expect(await looksAndSigns(review._id, 't')).toMatchObject({ state: 'signed' });
    const all = await store.orders.find({ release: order.release }).sort({ seq: 1 }).lean();
    expect(all.map(({ reach, state }) => [reach, state])).toEqual([
      [{ audience: true, standing: false }, 'running'],
      [{ audience: false, standing: true }, 'planned'],
    ]);
  });
});
