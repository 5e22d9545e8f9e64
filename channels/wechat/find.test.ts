import type { StepCall } from '../channel.js';
import { channel } from './adapter.js';
import { failing, openDesk, settled, type Desk } from './fixtures/desk.js';
import { specimen } from './fixtures/samples.js';

let desk: Desk;
let next = 0;

beforeAll(async () => {
  desk = await openDesk();
  await desk.control('delay', { ms: 40 });
});
afterAll(() => desk.close());
beforeEach(async () => {
  await desk.control('reset', {});
  desk.asked.length = 0;
  next += 1;
});

const errand = (
  settings: Record<string, unknown> = {},
  release = specimen({ release: `r${next}`, revision: `v${next}`, title: `第${next}号通知` }),
  step: Partial<StepCall> = {},
) => desk.errand(desk.account(next, settings), release, step);
const posts = (appId: string) => desk.sandbox.accepted().filter((entry) => entry.account === appId);

describe('finding an earlier attempt', () => {
  it('is certain without asking that nothing has left where no draft was recorded', async () => {
    const one = errand();
    expect(await channel.find(one.account, one.rendition, one.call)).toEqual({ outcome: 'absent' });
    expect(desk.asked).toEqual([]);
  });

  it('says absent where a process died before submitting, and then publishes once', async () => {
    const one = errand();
    await desk.control('script', { call: 'freepublish/submit', code: '-1' });
    await failing(channel.publish(one.account, one.rendition, one.call));
    expect(await channel.find(one.account, one.rendition, one.call)).toEqual({ outcome: 'absent' });
    await channel.publish(one.account, one.rendition, one.call);
    expect(posts(one.account.settings.appId)).toHaveLength(1);
  });

  it('says at once what the ledger knows, under the id that it knows it by', async () => {
    const one = errand();
    const { remote = { id: '' } } = await channel.publish(one.account, one.rendition, one.call);
    desk.asked.length = 0;
    const standing = [{ seq: 1, revision: one.call.release.revision, remote }];
    expect(await channel.find(one.account, one.rendition, { ...one.call, standing })).toEqual({
      outcome: 'found',
      state: 'accepted',
      remote,
    });
    expect(desk.asked).toEqual([]);
  });

  it('recognises an article by title and text where the account has no site address', async () => {
    const one = errand({ linkTemplate: undefined });
    const { remote } = await channel.publish(one.account, one.rendition, one.call);
    await settled(one, remote);
    expect(await channel.find(one.account, one.rendition, one.call)).toMatchObject({ outcome: 'found' });
    // The same text again, under a later order, is not the one that stands.
    const verification = await settled(one, remote);
    if (verification.outcome !== 'verified') throw new Error(verification.outcome);
    const standing = [{ seq: 1, revision: one.call.release.revision, remote: verification.remote }];
    const again = desk.errand(one.account, one.call.release, { seq: 2, standing });
    await desk.control('drop', { call: 'freepublish/submit' });
    await failing(channel.publish(one.account, again.rendition, again.call));
    const finding = await channel.find(one.account, again.rendition, again.call);
    expect(finding.outcome).toBe('found');
    if (finding.outcome === 'found')
      expect(finding.remote.extra?.['articleId']).not.toBe(verification.remote.extra?.['articleId']);
  });

  it('leaves it to a person where the draft has gone and the account may not list', async () => {
    const one = errand({ mode: 'draft' });
    await desk.control('rights', { appid: one.account.settings.appId, publish: false });
    await channel.publish(one.account, one.rendition, one.call);
    expect(await channel.find(one.account, one.rendition, one.call)).toEqual({ outcome: 'absent' });
    await desk.control('hand', { appid: one.account.settings.appId, does: 'publish' });
    const finding = await channel.find(one.account, one.rendition, one.call);
    expect(finding.outcome).toBe('unknown');
    expect(finding).not.toHaveProperty('again');
  });

  it('never says absent where the draft has gone: it asks again within seconds, ever more seldom, and then a person', async () => {
    const one = errand();
    await desk.control('script', { call: 'freepublish/submit', code: '502' });
    await failing(channel.publish(one.account, one.rendition, one.call));
    await desk.control('hand', { appid: one.account.settings.appId, does: 'delete' });
    const after = async (seconds: number) =>
      channel.find(one.account, one.rendition, { ...one.call, now: () => new Date(Date.now() + seconds * 1000) });
    expect(await after(0)).toMatchObject({ outcome: 'unknown', again: 3 });
    expect(await after(100)).toMatchObject({ outcome: 'unknown', again: 50 });
    const last = await after(660);
    expect(last.outcome).toBe('unknown');
    expect(last).not.toHaveProperty('again');
  });

  it('learns the message of a mass send whose answers were all lost', async () => {
    const one = errand({ mode: 'mass' });
    await desk.control('delay', { appid: one.account.settings.appId, ms: 0 });
    await desk.control('drop', { call: 'message/mass/sendall', times: 2 });
    expect(await failing(channel.publish(one.account, one.rendition, one.call))).toMatchObject({ class: 'unknown' });
    expect(await channel.find(one.account, one.rendition, one.call)).toMatchObject({
      outcome: 'found',
      state: 'accepted',
      remote: { extra: { kind: 'mass' } },
    });
    expect(posts(one.account.settings.appId)).toHaveLength(1);
  });

  it('repeats a mass send that is still under way under its client id, which sends nothing twice', async () => {
    const one = errand({ mode: 'mass' });
    await desk.control('delay', { appid: one.account.settings.appId, ms: 60_000 });
    await desk.control('drop', { call: 'message/mass/sendall', times: 2 });
    await failing(channel.publish(one.account, one.rendition, one.call));
    expect(await channel.find(one.account, one.rendition, one.call)).toEqual({ outcome: 'absent' });
    expect(await channel.publish(one.account, one.rendition, one.call)).toMatchObject({ outcome: 'accepted' });
    expect(posts(one.account.settings.appId)).toHaveLength(1);
  });
});

describe('a submit that was not answered', () => {
  it('sends that same draft again, seconds later, where it never arrived', async () => {
    const one = errand();
    await desk.control('script', { call: 'freepublish/submit', code: '502' });
    expect(await failing(channel.publish(one.account, one.rendition, one.call))).toMatchObject({ class: 'unknown' });
    // Redis may be lost in between.
    desk.memory.clear();
    expect(await channel.find(one.account, one.rendition, one.call)).toEqual({ outcome: 'absent' });
    expect(await channel.publish(one.account, one.rendition, one.call)).toMatchObject({ outcome: 'accepted' });
    expect(desk.asked.filter((path) => path === 'draft/add')).toHaveLength(1);
    expect(posts(one.account.settings.appId)).toHaveLength(1);
  });

  it('is found by its marker, behind other pages, although Redis was lost', async () => {
    const one = errand();
    for (let before = 0; before < 23; before += 1) {
      const other = desk.errand(one.account, specimen({ release: `before${before}`, title: '同名' }));
      await channel.publish(other.account, other.rendition, other.call);
    }
    await desk.control('drop', { call: 'freepublish/submit' });
    expect(await failing(channel.publish(one.account, one.rendition, one.call))).toMatchObject({ class: 'unknown' });
    desk.memory.clear();
    const finding = await channel.find(one.account, one.rendition, one.call);
    expect(finding).toMatchObject({ outcome: 'found', state: 'published' });
    if (finding.outcome === 'found') expect(await settled(one, finding.remote)).toMatchObject({ outcome: 'verified' });
    // Whoever publishes without asking gets nowhere: the draft has left the box.
    expect(await failing(channel.publish(one.account, one.rendition, one.call))).toMatchObject({ class: 'unknown' });
    expect(posts(one.account.settings.appId)).toHaveLength(24);
  });

  it('is the same publish where the platform takes the draft a second time while the first is under way', async () => {
    const one = errand();
    const { appId: appid } = one.account.settings;
    await desk.control('delay', { appid, ms: 60_000 });
    await desk.control('drop', { call: 'freepublish/submit' });
    await failing(channel.publish(one.account, one.rendition, one.call));
    expect(await channel.find(one.account, one.rendition, one.call)).toEqual({ outcome: 'absent' });
    expect(await channel.publish(one.account, one.rendition, one.call)).toMatchObject({ outcome: 'accepted' });
    expect(posts(appid)).toHaveLength(1);
  });

  it.each([53503, 53501, 40035, 99999])(
    'is waited for where the platform refuses the draft a second time with %i, and found when it is public',
    async (code) => {
      const one = errand();
      const { appId: appid } = one.account.settings;
      await desk.control('second-submit', { appid, answer: 'refused', code });
      await desk.control('delay', { appid, ms: 60_000 });
      await desk.control('drop', { call: 'freepublish/submit' });
      await failing(channel.publish(one.account, one.rendition, one.call));
      const look = () => channel.find(one.account, one.rendition, one.call);
      const again = () => failing(channel.publish(one.account, one.rendition, one.call));
      expect(await look()).toEqual({ outcome: 'absent' });
      // Too often is the account's matter: it is simply tried again.
      const told = code === 53501 ? { class: 'retry' } : { class: 'unknown' };
      expect(await again()).toMatchObject(told);
      expect(await look()).toMatchObject(code === 53501 ? { outcome: 'absent' } : { outcome: 'unknown', again: 3 });
      await desk.control('finish', { appid });
      expect(await look()).toMatchObject({ outcome: 'found', state: 'published' });
      expect(await again()).toMatchObject({ class: 'unknown' });
      expect(posts(appid)).toHaveLength(1);
      expect(await desk.publicTitles(one.account)).toHaveLength(1);
    },
  );

  it('comes to a person at once where the account has lost its right meanwhile', async () => {
    const one = errand();
    await desk.control('script', { call: 'freepublish/submit', code: '502' });
    await failing(channel.publish(one.account, one.rendition, one.call));
    await desk.control('script', { call: 'freepublish/submit', code: '48001' });
    expect(await channel.publish(one.account, one.rendition, one.call)).toMatchObject({ outcome: 'action' });
  });

  it('comes to a person where the draft itself is what is refused, again and again', async () => {
    const one = errand();
    await desk.control('script', { call: 'freepublish/submit', code: '502' });
    await failing(channel.publish(one.account, one.rendition, one.call));
    await desk.control('script', { call: 'freepublish/submit', code: '53503', times: 2 });
    expect(await failing(channel.publish(one.account, one.rendition, one.call))).toMatchObject({ class: 'unknown' });
    expect(await channel.find(one.account, one.rendition, one.call)).toMatchObject({ outcome: 'unknown', again: 3 });
    const later = { ...one.call, now: () => new Date(Date.now() + 11 * 60_000) };
    expect(await channel.find(one.account, one.rendition, later)).toEqual({ outcome: 'absent' });
    expect(await channel.publish(one.account, one.rendition, later)).toMatchObject({
      outcome: 'action',
      platform: { code: '53503' },
    });
  });
});
