import type { StepCall } from '../channel.js';
import { recordsInProcess } from '../records-in-process.js';
import { channel } from './adapter.js';
import { failing, openDesk, settled, type Desk } from './fixtures/desk.js';
import { specimen, withPictures } from './fixtures/samples.js';

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

describe('reading back', () => {
  async function published(release = withPictures('核对')) {
    const one = errand({}, release);
    const acceptance = await channel.publish(one.account, one.rendition, one.call);
    const verification = await settled(one, acceptance.remote);
    if (verification.outcome !== 'verified') throw new Error(verification.outcome);
    return { ...one, remote: verification.remote };
  }
  const change = (what: Record<string, unknown>) => async (appid: string) => {
    await desk.control('tamper', { appid, ...what });
  };

  it.each([
    ['an empty text', change({ content: '' }), '空'],
    ['a text cut short', change({ content: '<p>核对</p>' }), '不完整'],
    ['another text', change({ content: '<p>别的内容</p>' }), '不同'],
    ['another title', change({ title: '别的标题' }), '标题'],
    ['an article that the platform took away', (appid: string) => desk.control('ban', { appid }), '平台'],
  ])('notices %s', async (_, work, words) => {
    const one = await published();
    await work(one.account.settings.appId);
    const verification = await channel.verify(one.account, one.remote, one.rendition, one.call);
    expect(verification.outcome).toBe('mismatch');
    if (verification.outcome === 'mismatch') expect(verification.cause.zh).toContain(words);
  });

  it('notices a missing picture', async () => {
    const one = await published();
    await desk.control('tamper', {
      appid: one.account.settings.appId,
      content: '<p>核对</p><p>完。</p><p>来源：示例市人民政府办公室</p>',
    });
    const verification = await channel.verify(one.account, one.remote, one.rendition, one.call);
    expect(verification).toMatchObject({ outcome: 'mismatch', cause: { zh: expect.stringContaining('图片') } });
  });

  it("asks the platform's own record where the page is not an article to machines", async () => {
    const one = await published();
    await desk.control('script', { call: 'page', code: 'garbage' });
    desk.asked.length = 0;
    expect(await channel.verify(one.account, one.remote, one.rendition, one.call)).toMatchObject({
      outcome: 'verified',
    });
    expect(desk.asked).toEqual(['page', 'freepublish/getarticle']);
  });

  it.each([
    [2, '原创'],
    [3, '失败'],
    [4, '审核'],
  ] as const)('says why the platform refused it with status %i', async (status, words) => {
    const one = errand();
    await desk.control('outcome', { appid: one.account.settings.appId, status });
    const acceptance = await channel.publish(one.account, one.rendition, one.call);
    expect(await settled(one, acceptance.remote)).toMatchObject({
      outcome: 'rejected',
      cause: { zh: expect.stringContaining(words) },
    });
  });

  it.each(['publish', 'mass'])(
    'needs nothing but what the ledger holds, in mode %s: Redis may be lost',
    async (mode) => {
      const one = errand({ mode }, { ...withPictures('台风'), kind: 'emergency' });
      await desk.control('delay', { appid: one.account.settings.appId, ms: 0 });
      const { remote = { id: '' } } = await channel.publish(one.account, one.rendition, one.call);
      desk.memory.clear();
      const bare = { ...one.call, key: 'another', records: recordsInProcess() };
      const reading = await channel.verify(one.account, remote, one.rendition, bare);
      // Of a mass send the address comes by callback only.
      expect(reading).toMatchObject({ outcome: mode === 'mass' ? 'published' : 'verified', remote: { id: remote.id } });
    },
  );

  it('knows from the record what was left out, where a callback brought the ids alone', async () => {
    const one = await published({ ...withPictures('暴雨'), kind: 'emergency' });
    const { publishId = '', articleId = '' } = one.remote.extra ?? {};
    const told = { ...one.remote, extra: { kind: 'publish', publishId, articleId } };
    expect(await channel.verify(one.account, told, one.rendition, one.call)).toMatchObject({ outcome: 'verified' });
  });

  it('asks ever more seldom, and stops short of the hundred calls a day', async () => {
    const one = errand();
    await desk.control('delay', { appid: one.account.settings.appId, ms: 3_600_000 });
    const { remote } = await channel.publish(one.account, one.rendition, one.call);
    const later = { ...one.call, now: () => new Date(Date.now() + 1000_000) };
    expect(await channel.verify(one.account, remote ?? { id: '' }, one.rendition, later)).toMatchObject({
      outcome: 'pending',
      again: 700,
    });
    desk.asked.length = 0;
    for (let look = 0; look < 95; look += 1)
      await channel.verify(one.account, remote ?? { id: '' }, one.rendition, one.call);
    expect(desk.asked.filter((path) => path === 'freepublish/get').length).toBeLessThanOrEqual(90);
  });
});

describe('a mass send', () => {
  async function sent(takes = 40) {
    const one = errand({ mode: 'mass' });
    await desk.control('delay', { appid: one.account.settings.appId, ms: takes });
    const { remote = { id: '' } } = await channel.publish(one.account, one.rendition, one.call);
    const after = (seconds: number) => ({ ...one.call, now: () => new Date(Date.now() + seconds * 1000) });
    return { ...one, remote, after };
  }

  it("waits an hour for its callback, and then settles on the platform's own word, which says what was not read", async () => {
    const { account, remote, rendition, after } = await sent();
    await new Promise((wait) => setTimeout(wait, 60));
    expect(await channel.verify(account, remote, rendition, after(600))).toMatchObject({
      outcome: 'published',
      again: 420,
    });
    expect(await channel.verify(account, remote, rendition, after(3_700))).toMatchObject({
      outcome: 'verified',
      evidence: { zh: expect.stringContaining('未能回读') },
    });
  });

  it('stays open as long as the platform is still sending', async () => {
    const { account, remote, rendition, after } = await sent(86_400_000);
    expect(await channel.verify(account, remote, rendition, after(7 * 3600))).toMatchObject({
      outcome: 'pending',
      platform: { words: 'SENDING' },
    });
  });

  it('is asked some forty times on its first day, and with all others of the account no more than ninety times a day', async () => {
    const { account, remote, rendition, after } = await sent(86_400_000);
    desk.asked.length = 0;
    await desk.control('quota', { appid: account.settings.appId, call: 'message/mass/get', perDay: 1_000 });
    for (let seconds = 2; seconds < 86_400;) {
      const verification = await channel.verify(account, remote, rendition, after(seconds));
      seconds += verification.outcome === 'pending' ? verification.again : 86_400;
    }
    expect(desk.asked.filter((path) => path === 'message/mass/get').length).toBeLessThanOrEqual(40);
    desk.asked.length = 0;
    for (let look = 0; look < 95; look += 1) await channel.verify(account, remote, rendition, after(0));
    expect(desk.asked.filter((path) => path === 'message/mass/get').length).toBeLessThanOrEqual(90);
    expect(await channel.verify(account, remote, rendition, after(0))).toMatchObject({ outcome: 'pending' });
  });
});

describe('a draft that a person publishes', () => {
  it('is waited for, and read back once it is public', async () => {
    const one = errand({ mode: 'draft' });
    const { remote = { id: '' } } = await channel.publish(one.account, one.rendition, one.call);
    expect(await channel.verify(one.account, remote, one.rendition, one.call)).toMatchObject({
      outcome: 'pending',
      again: 600,
    });
    await desk.control('hand', { appid: one.account.settings.appId, does: 'publish' });
    expect(await channel.verify(one.account, remote, one.rendition, one.call)).toMatchObject({
      outcome: 'verified',
      remote: { url: expect.stringContaining('/s/') },
    });
  });

  it('is reported where it was deleted instead', async () => {
    const one = errand({ mode: 'draft' });
    const { remote = { id: '' } } = await channel.publish(one.account, one.rendition, one.call);
    await desk.control('hand', { appid: one.account.settings.appId, does: 'delete' });
    expect(await channel.verify(one.account, remote, one.rendition, one.call)).toMatchObject({ outcome: 'mismatch' });
  });
});

describe('withdrawing', () => {
  it('deletes what is public, and says so again when asked twice', async () => {
    const one = errand();
    const acceptance = await channel.publish(one.account, one.rendition, one.call);
    const verification = await settled(one, acceptance.remote);
    const remote = verification.outcome === 'verified' ? verification.remote : { id: '' };
    expect(await channel.withdraw(one.account, remote, one.call)).toMatchObject({ outcome: 'withdrawn' });
    expect(await channel.withdraw(one.account, remote, one.call)).toMatchObject({ outcome: 'withdrawn' });
    expect(await channel.verify(one.account, remote, one.rendition, one.call)).toMatchObject({ outcome: 'mismatch' });
  });

  it('waits where the article is still being published', async () => {
    const one = errand();
    await desk.control('delay', { appid: one.account.settings.appId, ms: 60_000 });
    const { remote } = await channel.publish(one.account, one.rendition, one.call);
    expect(await failing(channel.withdraw(one.account, remote ?? { id: '' }, one.call))).toMatchObject({
      class: 'retry',
    });
  });

  it('removes a draft, or what a person has made of it, where the account may', async () => {
    const one = errand({ mode: 'draft' });
    const { remote = { id: '' } } = await channel.publish(one.account, one.rendition, one.call);
    await desk.control('hand', { appid: one.account.settings.appId, does: 'publish' });
    expect(await desk.publicTitles(one.account)).toHaveLength(1);
    const another = { ...one.call, key: 'the-withdrawal' };
    expect(await channel.withdraw(one.account, remote, another)).toMatchObject({ outcome: 'withdrawn' });
    expect(await desk.publicTitles(one.account)).toEqual([]);
  });

  it('tells a person where a draft has been published by hand and the account may not list', async () => {
    const one = errand({ mode: 'draft' });
    await desk.control('rights', { appid: one.account.settings.appId, publish: false });
    const { remote = { id: '' } } = await channel.publish(one.account, one.rendition, one.call);
    await desk.control('hand', { appid: one.account.settings.appId, does: 'publish' });
    expect(await channel.withdraw(one.account, remote, one.call)).toMatchObject({ outcome: 'action' });
  });

  it('takes away one of two names of an article, and the article with the last', async () => {
    const one = errand();
    const { remote: late = { id: '' } } = await channel.publish(one.account, one.rendition, one.call);
    await settled(one, late);
    const finding = await channel.find(one.account, one.rendition, one.call);
    if (finding.outcome !== 'found') throw new Error(finding.outcome);
    const entry = { seq: 1, revision: one.call.release.revision };
    const names = [finding.remote, late].map((remote) => ({ ...entry, remote }));
    expect(new Set(names.map(({ remote }) => remote.id)).size).toBe(2);
    const both = { ...one.call, standing: names };
    expect(await channel.withdraw(one.account, late, both)).toMatchObject({ outcome: 'withdrawn' });
    expect(await desk.publicTitles(one.account)).toHaveLength(1);
    expect(await channel.withdraw(one.account, finding.remote, both)).toMatchObject({ outcome: 'withdrawn' });
    expect(await desk.publicTitles(one.account)).toEqual([]);
  });

  it('waits where a mass send is still under way', async () => {
    const one = errand({ mode: 'mass' });
    await desk.control('delay', { appid: one.account.settings.appId, ms: 60_000 });
    const { remote } = await channel.publish(one.account, one.rendition, one.call);
    expect(await failing(channel.withdraw(one.account, remote ?? { id: '' }, one.call))).toMatchObject({
      class: 'retry',
    });
  });

  it('asks again where a deletion was not answered', async () => {
    const one = errand();
    await desk.control('delay', { appid: one.account.settings.appId, ms: 0 });
    const { remote = { id: '' } } = await channel.publish(one.account, one.rendition, one.call);
    await desk.control('drop', { call: 'freepublish/delete' });
    expect(await failing(channel.withdraw(one.account, remote, one.call))).toMatchObject({ class: 'retry' });
    expect(await channel.withdraw(one.account, remote, one.call)).toMatchObject({ outcome: 'withdrawn' });
  });

  it('takes the articles of a mass send away', async () => {
    const one = errand({ mode: 'mass' });
    const { remote } = await channel.publish(one.account, one.rendition, one.call);
    await new Promise((wait) => setTimeout(wait, 60));
    expect(await channel.withdraw(one.account, remote ?? { id: '' }, one.call)).toMatchObject({ outcome: 'withdrawn' });
    expect(await channel.verify(one.account, remote ?? { id: '' }, one.rendition, one.call)).toMatchObject({
      outcome: 'mismatch',
      platform: { words: 'DELETE' },
    });
  });
});
