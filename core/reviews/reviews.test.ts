/** Chains, decisions and signing at the store itself, on both stores: what two people press at once, and what was written by hand. */
import { createVault } from '../accounts/vault.js';
import { wholeStores, type WholeStore } from '../../test/support/whole-stores.js';
import { boardChannel } from '../../test/support/board-channel.js';
import type { Channel } from '../../channels/channel.js';
import { newId } from '../ids.js';
import type { ChainStep } from '../model/chain.js';
import type { Role } from '../model/roles.js';
import { addPerson } from '../people/add.js';
import { changePerson, insertGrant } from '../people/write.js';
import { openOrders } from '../placements/orders.js';
import type { ClaimBook } from '../queue/claims.js';
import type { Queues } from '../queue/queues.js';
import { composeContent } from '../releases/compose.js';
import { releaseInput } from '../releases/input.js';
import { createRelease, updateRelease } from '../releases/revisions.js';
import { openSeals } from '../signatures/seals.js';
import { setChain } from './chains.js';
import { approve, giveBack } from './decide.js';
import { stuckAt } from './list.js';
import { prove } from './proof.js';
import { passOn, readReview, submit } from './reviews.js';
import { sign, withdraw } from './sign.js';
import type { SignMeans } from './signing.js';
import { setSolo } from './solo.js';

const step = (id: string, role: ChainStep['role'], persons?: string[]): ChainStep => ({
  id,
  name: { zh: id, en: id },
  role,
  ...(persons && { persons }),
});
const three = [step('first', 'reviewer'), step('second', 'reviewer'), step('sign', 'signer')];
const code = (name: string) => ({ code: name });

describe.each(wholeStores)('reviews on the $name store', ({ open }) => {
  let opened: WholeStore;
  let means: SignMeans;
  const password = 'a-long-enough-password';
  const as = (person: string) => ({ person });

  const proves = (by: string, secret = password) =>
    prove(means, as(by), { password: secret }, { act: 'review.sign', on: {} });

  async function person(name: string, ...held: Role[]): Promise<string> {
    const unit = { organization: 'city', path: 'province/city/' };
    const row = await addPerson(means, { name, displayName: name, password, roles: held, unit }, name);
    return row._id;
  }

  beforeEach(async () => {
    opened = await open();
    const { store } = opened;
    const vault = createVault(Buffer.alloc(32, 7));
    const channels: ReadonlyMap<string, Channel> = new Map([['board', boardChannel]]);
    const queues = { addDispatch: () => Promise.resolve() } as unknown as Queues;
    const orders = openOrders({
      store,
      vault,
      channels,
      queues,
      config: { channelFolders: [] },
      claims: { callOff: () => Promise.resolve() } as unknown as ClaimBook,
    });
    means = { store, vault, orders, channels, config: { channelFolders: [] } };
    const units = [
      { _id: 'province', name: '省', path: 'province/', region: '350000' },
      { _id: 'city', name: '市', parent: 'province', path: 'province/city/', region: '350100' },
      { _id: 'county', name: '县', parent: 'city', path: 'province/city/county/', region: '350101' },
    ];
    await store.organizations.insertMany(units);
    await store.accounts.insertMany(
      [units[1], units[2]].map((unit, n) => ({
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
      })),
    );
    await person('w', 'writer');
    await person('w2', 'writer', 'signer');
    await person('r1', 'reviewer');
    await person('r2', 'reviewer');
    await person('s', 'signer');
    await person('c', 'commander');
  });
  afterEach(() => opened.end());

  const contentOf = async (title: string, kind = 'notice', of?: { release: string }) =>
    (
      await composeContent(
        means.store,
        releaseInput.parse({ title, kind, source: '市政府', body: { format: 'text', content: `${title}。` } }),
        undefined,
        of,
      )
    ).content;

  async function written(title = '通知', by = 'w', kind = 'notice'): Promise<{ release: string; revision: string }> {
    const unit = { organization: 'city', path: 'province/city/' };
    const { release, revision } = await createRelease(means.store, await contentOf(title, kind), { by: as(by), unit });
    return { release: release._id, revision: revision._id };
  }

  async function edited(release: string, title: string, by = 'w'): Promise<string> {
    const row = await means.store.releases.findById(release).lean();
    const saved = await updateRelease(means.store, release, row?.revision ?? '', await contentOf(title), {
      by: as(by),
    });
    return saved.revision._id;
  }

  const submitted = async (of?: { release: string; revision: string }, by = 'w', more = {}) =>
    submit(
      means,
      { ...(of ?? (await written())), audience: { organizations: ['city'] }, again: true, ...more },
      as(by),
    );
  const pass = (review: string, at: string, by: string) => approve(means, { review, step: at }, as(by));
  const signed = async (review: string, by: string, accounts?: number) =>
    sign(means, { review, accounts }, as(by), await proves(by));
  const chainOf = (steps: ChainStep[], more = {}) => setChain(means, { unit: 'city', steps, ...more }, as('ad'));
  const entries = async (act: string) => means.store.auditEntries.find({ act }).lean();
  async function lose(name: string): Promise<void> {
    const row = await means.store.people.findById(name).lean();
    if (!row) throw new Error(name);
    await means.store.connection.transaction((session) => changePerson(means, row, { enabled: false }, session));
  }

  it('passes a text through its steps, each by another person, and the last makes one sealed order', async () => {
    await chainOf(three);
    const { _id, release, revision } = await submitted();
    await pass(_id, 'first', 'r1');
    await pass(_id, 'second', 'r2');
    const done = await signed(_id, 's', 2);
    expect(done).toMatchObject({ state: 'signed', step: 2, ended: { by: 's' } });
    const order = await means.store.orders.findOne({ release }).lean();
    if (!order) throw new Error('no order');
    const checked = await openSeals({ store: means.store, vault: createVault(Buffer.alloc(32, 7)) }).check(order);
    expect(checked).toMatchObject({
      holds: true,
      is: { statement: { decisions: [{ person: 'r1' }, { person: 'r2' }], signers: [{ person: 's' }], writer: 'w' } },
    });
    expect(await means.store.revisions.findById(revision).lean()).toMatchObject({ signed: { by: 's' } });
    expect(await means.store.releases.findById(release).lean()).toMatchObject({ signed: revision, orders: 1 });
  });

  it.each([
    ['who wrote it', async () => submitted(await written('通知', 'w2'), 'w'), 'own_text'],
    ['who submitted it', async () => submitted(undefined, 'w2'), 'own_text'],
    [
      'who changed an earlier revision that nobody signed',
      async () => {
        const { release } = await written('通知', 'w2');
        return submitted({ release, revision: await edited(release, '改过') });
      },
      'own_text',
    ],
    ['who has no such role', async () => submitted(), 'forbidden'],
  ])('lets nobody sign %s', async (_, make, refused) => {
    const { _id } = await make();
    const by = refused === 'forbidden' ? 'r1' : 'w2';
    await expect(signed(_id, by)).rejects.toMatchObject(code(refused));
    expect(await means.store.orders.countDocuments({})).toBe(0);
    expect(await entries('review.sign')).toMatchObject([{ outcome: 'refused', person: by }]);
    await expect(signed(_id, 's')).resolves.toMatchObject({ state: 'signed' });
  });

  it('counts an author no longer once what they wrote was signed', async () => {
    const { release, revision } = await written('通知', 'w2');
    await signed((await submitted({ release, revision }, 'w'))._id, 's');
    const next = await edited(release, '更正后');
    await expect(signed((await submitted({ release, revision: next }))._id, 'w2')).resolves.toMatchObject({
      state: 'signed',
      occasion: 'correct',
    });
  });

  it('lets nobody take two steps of one chain', async () => {
    await chainOf(three);
    await person('both', 'reviewer', 'signer');
    const { _id } = await submitted();
    await pass(_id, 'first', 'both');
    await expect(pass(_id, 'second', 'both')).rejects.toMatchObject(code('decided_before'));
    await pass(_id, 'second', 'r1');
    await expect(signed(_id, 'both')).rejects.toMatchObject(code('decided_before'));
  });

  it('lets nobody decide whose grant has ended, or who was disabled, a moment ago', async () => {
    await chainOf(three);
    const { _id } = await submitted();
    await means.store.grants.deleteMany({ person: 'r1' });
    await expect(pass(_id, 'first', 'r1')).rejects.toMatchObject(code('forbidden'));
    await lose('r2');
    await expect(pass(_id, 'first', 'r2')).rejects.toMatchObject(code('sign_in_required'));
    expect(await readReview(means, _id)).toMatchObject({ state: 'open', step: 0, decisions: [] });
  });

  it('gives a role written by hand no say, nor a row of another person', async () => {
    const { _id } = await submitted();
    const grant = { person: 'r1', role: 'signer' as const, organization: 'city', path: 'province/city/', by: 'x' };
    await means.store.grants.create({ _id: 'g-forged', ...grant, at: new Date(), seal: 'x' });
    await expect(signed(_id, 'r1')).rejects.toMatchObject(code('forbidden'));
  });

  it('makes one decision and one entry of twenty presses by one reviewer', async () => {
    await chainOf(three);
    const { _id } = await submitted();
    await Promise.all(Array.from({ length: 20 }, () => pass(_id, 'first', 'r1')));
    expect((await readReview(means, _id)).decisions).toHaveLength(1);
    expect(await entries('review.approve')).toHaveLength(1);
  });

  it('lets one of two reviewers win, and tells the other who and when', async () => {
    await chainOf(three);
    const { _id } = await submitted();
    const both = await Promise.allSettled(['r1', 'r2'].map((by) => pass(_id, 'first', by)));
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const [lost] = both.flatMap((one) => (one.status === 'rejected' ? [one.reason as { message: string }] : []));
    expect(lost).toMatchObject({ code: 'review_decided' });
    expect(lost?.message).toMatch(/r[12] was first, at \d{4}-\d\d-\d\d \d\d:\d\d/);
    expect((await readReview(means, _id)).decisions).toHaveLength(1);
  });

  it('lets one of two signers win, with one order', async () => {
    const { _id, release } = await submitted();
    await person('s2', 'signer');
    const both = await Promise.allSettled(['s', 's2'].map((by) => signed(_id, by)));
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'review_decided' } });
    expect(await means.store.orders.countDocuments({ release })).toBe(1);
  });

  it.each([
    ['one letter', async (of: { release: string }) => ({ revision: await edited(of.release, '通知改') })],
    ['the audience', async (of: { revision: string }) => ({ revision: of.revision, audience: { accounts: ['a0'] } })],
    ['the lane', async (of: { revision: string }) => ({ revision: of.revision, lane: 'emergency' as const })],
  ])('carries no approval over when %s is changed', async (_, change) => {
    await chainOf(three);
    const of = await written();
    const first = await submitted(of);
    await pass(first._id, 'first', 'r1');
    const changed = await change(of);
    const second = await submit(means, { release: of.release, audience: {}, again: true, ...changed }, as('w'));
    expect(second).toMatchObject({ state: 'open', step: 0, decisions: [] });
    expect(await readReview(means, first._id)).toMatchObject({ state: 'overtaken' });
    await expect(pass(first._id, 'second', 'r2')).rejects.toMatchObject(code('revision_stale'));
    await expect(signed(first._id, 's')).rejects.toMatchObject(code('revision_stale'));
  });

  it('leaves the chain where it is when a save changes nothing, signed or not', async () => {
    await chainOf(three);
    const of = await written();
    const { _id } = await submitted(of);
    await pass(_id, 'first', 'r1');
    expect(await edited(of.release, '通知')).toBe(of.revision);
    expect(await readReview(means, _id)).toMatchObject({ state: 'open', step: 1 });
    await pass(_id, 'second', 'r2');
    await signed(_id, 's');
    const content = { ...(await contentOf('通知', 'notice', of)) };
    const again = await updateRelease(means.store, of.release, of.revision, content, { by: as('w') });
    expect(again.revision._id).toBe(of.revision);
    expect(await submitted(of)).toMatchObject({ occasion: 'publish' });
  });

  it('takes the same submission twice as one, and a submission of an older revision not at all', async () => {
    const of = await written();
    const [one, other] = [await submitted(of), await submitted(of)];
    expect(other._id).toBe(one._id);
    expect(await entries('review.submit')).toHaveLength(1);
    await edited(of.release, '新');
    await expect(submitted(of)).rejects.toMatchObject(code('revision_stale'));
  });

  it('follows the chain that it began with, whatever becomes of it, and new texts the new one', async () => {
    await chainOf(three);
    const old = await submitted();
    await chainOf([step('only', 'signer')]);
    const next = await submitted();
    expect([old.chain.version, next.chain.version]).toEqual([1, 2]);
    await expect(signed(old._id, 's')).rejects.toMatchObject(code('not_yet_signing'));
    await pass(old._id, 'first', 'r1');
    await signed(next._id, 's');
    await chainOf([]);
    expect((await submitted()).chain.id).toBe('standard');
    await pass(old._id, 'second', 'r2');
    await expect(signed(old._id, 's')).resolves.toMatchObject({ state: 'signed' });
  });

  it('lets a unit below be stricter alone, and goes by the one above where that has grown stricter since', async () => {
    const own = { unit: 'county' };
    await chainOf(three);
    await expect(setChain(means, { ...own, steps: three.slice(1) }, as('ad'))).rejects.toMatchObject({
      code: 'chain_looser',
      details: { step: three[1]?.name },
    });
    const strict = [step('legal', 'reviewer'), ...three];
    await setChain(means, { ...own, steps: strict }, as('ad'));
    const unit = { organization: 'county', path: 'province/city/county/' };
    const make = async () => {
      const { release, revision } = await createRelease(means.store, await contentOf('县'), { by: as('w'), unit });
      return submitted({ release: release._id, revision: revision._id });
    };
    expect((await make()).chain.id).toBe('county||');
    await chainOf([
      ...three.slice(0, 2),
      step('third', 'reviewer'),
      step('fourth', 'reviewer'),
      step('sign', 'signer'),
    ]);
    expect((await make()).chain.id).toBe('city||');
  });

  it('counts a chain for nothing that was written into the database by hand', async () => {
    const row = await chainOf(three);
    const { _id } = await submitted();
    await means.store.chains.create({ ...row, _id: 'city||@2', version: 2, steps: [step('sign', 'signer')] });
    expect((await submitted()).chain.version).toBe(1);
    await means.store.chains.updateOne({ _id: row._id }, { $set: { steps: [step('sign', 'signer')] } });
    await expect(signed(_id, 's')).rejects.toMatchObject(code('chain_unknown'));
    expect((await submitted()).chain.id).toBe('standard');
  });

  it('signs nothing on a decision that was written into the database by hand', async () => {
    await chainOf(three.slice(1));
    const { _id } = await submitted();
    const forged = { step: 'second', person: 'r1', role: 'reviewer' as const, at: new Date() };
    await means.store.reviews.updateOne({ _id }, { $set: { decisions: [forged], step: 1 } });
    await expect(signed(_id, 's')).rejects.toMatchObject(code('decision_unsigned'));
    expect(await means.store.orders.countDocuments({})).toBe(0);
  });

  it('signs no text that was changed in the database after it was submitted', async () => {
    const { _id, revision } = await submitted();
    await means.store.revisions.updateOne({ _id: revision }, { $set: { body: '<p>另一段话</p>' } });
    await expect(signed(_id, 's')).rejects.toMatchObject(code('text_changed'));
  });

  it('says which step is held up by persons who left, and an admin passes that on with a reason', async () => {
    await chainOf([step('first', 'reviewer', ['r1']), step('sign', 'signer')]);
    const { _id } = await submitted();
    await expect(pass(_id, 'first', 'r2')).rejects.toMatchObject(code('step_of_others'));
    await expect(passOn(means, _id, '休假', as('ad'))).rejects.toMatchObject(code('step_open'));
    expect(await stuckAt(means, await readReview(means, _id))).toEqual([]);
    await lose('r1');
    expect(await stuckAt(means, await readReview(means, _id))).toEqual(['first']);
    await passOn(means, _id, '已离职', as('ad'));
    await pass(_id, 'first', 'r2');
    expect(await readReview(means, _id)).toMatchObject({ step: 1, passedOn: [{ by: 'ad', reason: '已离职' }] });
    expect(await entries('review.pass-on')).toHaveLength(1);
  });

  it('keeps who decided under a lasting id when the person is gone', async () => {
    await chainOf(three.slice(1));
    const { _id } = await submitted();
    await pass(_id, 'second', 'r1');
    await lose('r1');
    await means.store.people.deleteOne({ _id: 'r1' });
    await expect(signed(_id, 's')).resolves.toMatchObject({ state: 'signed', decisions: [{ person: 'r1' }] });
  });

  it('returns a text with its reason; the writer saves and submits anew', async () => {
    await chainOf(three);
    const of = await written();
    const { _id } = await submitted(of);
    const anchor = { block: 0, quote: '通知', prefix: '', suffix: '。' };
    const back = { review: _id, step: 'first', reason: '请核对', comments: [{ anchor, words: '<script>😀' }] };
    expect(await giveBack(means, back, as('r1'))).toMatchObject({ state: 'returned', reason: '请核对' });
    expect(await giveBack(means, back, as('r1'))).toMatchObject({ state: 'returned' });
    expect(await means.store.comments.countDocuments({ release: of.release })).toBe(1);
    await expect(pass(_id, 'first', 'r2')).rejects.toMatchObject(code('review_decided'));
    expect((await entries('review.return')).map(({ body }) => (JSON.parse(body) as { note: string }).note)).toEqual([
      '请核对',
    ]);
    expect(await submitted({ release: of.release, revision: await edited(of.release, '已改') })).toMatchObject({
      state: 'open',
    });
  });

  it('lets a named person sign alone, marked, through all steps; never an emergency to others, nor over a chain from above', async () => {
    await person('duty', 'writer', 'signer', 'commander');
    await chainOf(three);
    const own = async (kind?: string, audience: object = { organizations: ['city'] }) =>
      submitted(await written(newId('t'), 'duty', kind), 'duty', { audience });
    await expect(signed((await own())._id, 'duty')).rejects.toMatchObject(code('not_yet_signing'));
    await setSolo(means, { unit: 'city', persons: ['duty'], reach: 'province/city/' }, as('ad'));
    const { _id, release } = await own();
    expect(await signed(_id, 'duty')).toMatchObject({ state: 'signed', solo: true, decisions: [{}, {}] });
    const order = await means.store.orders.findOne({ release }).lean();
    if (!order) throw new Error('no order');
    expect(JSON.parse(order.statement ?? '')).toMatchObject({ solo: true });
    expect(await openSeals({ store: means.store, vault: createVault(Buffer.alloc(32, 7)) }).check(order)).toMatchObject(
      {
        holds: true,
      },
    );
    await expect(signed((await own('emergency'))._id, 'duty')).rejects.toMatchObject(code('solo_emergency'));
    await expect(signed((await own('emergency', { accounts: ['a0'] }))._id, 'duty')).resolves.toMatchObject({
      solo: true,
    });
    await chainOf([]);
    await setChain(means, { unit: 'province', steps: three }, as('ad'));
    await expect(signed((await own())._id, 'duty')).rejects.toMatchObject(code('not_yet_signing'));
  });

  it('signs for the number of accounts that the signer saw, and no other', async () => {
    const { _id } = await submitted();
    await expect(signed(_id, 's', 1)).rejects.toMatchObject(code('audience_changed'));
    await expect(signed(_id, 's', 2)).resolves.toMatchObject({ state: 'signed' });
  });

  it('signs only with the password, as long as it is still that one', async () => {
    const { _id } = await submitted();
    await expect(proves('s', 'wrong')).rejects.toMatchObject(code('proof_failed'));
    const proof = await proves('s');
    const row = await means.store.people.findById('s').lean();
    if (!row) throw new Error('no signer');
    await means.store.connection.transaction((session) => changePerson(means, row, { passwordHash: 'x' }, session));
    await expect(sign(means, { review: _id }, as('s'), proof)).rejects.toMatchObject(code('sign_in_required'));
  });

  it('withdraws at once by one signer, their own text too, and by nobody else', async () => {
    const { release } = await written('通知', 'w2');
    const proof = await proves('w2');
    await expect(withdraw(means, { release, reason: '有误' }, as('r1'), await proves('r1'))).rejects.toMatchObject(
      code('forbidden'),
    );
    expect(await withdraw(means, { release, reason: '有误' }, as('w2'), proof)).toMatchObject({ action: 'withdraw' });
    expect(await means.store.releases.findById(release).lean()).toHaveProperty('withdrawnAt');
    expect(await entries('release.withdraw')).toHaveLength(1);
  });

  it('lets a commander take a signer’s step on the emergency way alone', async () => {
    await expect(signed((await submitted())._id, 'c')).rejects.toMatchObject(code('forbidden'));
    await expect(
      signed((await submitted(undefined, 'w', { lane: 'emergency', audience: { accounts: ['a0'] } }))._id, 'c'),
    ).resolves.toMatchObject({
      state: 'signed',
    });
  });

  it('lets a deputy decide while the deputed grant lasts', async () => {
    const [grant] = await means.store.grants.find({ person: 's' }).lean();
    await person('deputy');
    const place = { organization: 'city', path: 'province/city/' };
    await insertGrant(means, {
      _id: 'g-deputy',
      person: 'deputy',
      role: 'signer',
      ...place,
      deputyOf: grant?._id ?? '',
      by: 's',
      at: new Date(),
    });
    await expect(signed((await submitted())._id, 'deputy')).resolves.toMatchObject({ state: 'signed' });
    await means.store.grants.deleteOne({ _id: grant?._id ?? '' });
    await expect(signed((await submitted())._id, 'deputy')).rejects.toMatchObject(code('forbidden'));
  });
});
