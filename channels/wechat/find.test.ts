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
  release = specimen({ revision: `v${next}`, title: `第${next}号通知` }),
) => desk.errand(desk.account(next, settings), release);
const posts = (appId: string) => desk.sandbox.accepted().filter((entry) => entry.account === appId);

describe('finding an earlier attempt', () => {
  it('is certain of nothing while a submitted draft may still be taken, and never says absent', async () => {
    const one = errand();
    await desk.control('delay', { appid: one.account.settings.appId, ms: 60_000 });
    await desk.control('drop', { call: 'freepublish/submit' });
    expect(await failing(channel.publish(one.account, one.rendition, one.call))).toMatchObject({ class: 'unknown' });
    expect(await channel.find(one.account, one.rendition, one.call)).toMatchObject({ outcome: 'unknown', again: 20 });
    // Whoever publishes without asking is sent back.
    expect(await failing(channel.publish(one.account, one.rendition, one.call))).toMatchObject({ class: 'unknown' });
    expect(posts(one.account.settings.appId)).toHaveLength(1);
    const later = { ...one.call, now: () => new Date(Date.now() + 11 * 60_000) };
    await desk.control('hand', { appid: one.account.settings.appId, does: 'delete' });
    const finding = await channel.find(one.account, one.rendition, later);
    expect(finding.outcome).toBe('unknown');
    expect(finding).not.toHaveProperty('again');
  });

  it('sends again what provably never arrived', async () => {
    const one = errand();
    await desk.control('script', { call: 'freepublish/submit', code: '502' });
    expect(await failing(channel.publish(one.account, one.rendition, one.call))).toMatchObject({ class: 'unknown' });
    const later = { ...one.call, now: () => new Date(Date.now() + 11 * 60_000) };
    expect(await channel.find(one.account, one.rendition, later)).toEqual({ outcome: 'absent' });
    expect(await channel.publish(one.account, one.rendition, later)).toMatchObject({ outcome: 'accepted' });
    expect(posts(one.account.settings.appId)).toHaveLength(1);
  });

  it('finds an article whose answer was lost by its marker, behind other pages', async () => {
    const one = errand();
    for (let before = 0; before < 23; before += 1) {
      const other = desk.errand(one.account, specimen({ revision: `before${before}`, title: '同名' }));
      await channel.publish(other.account, other.rendition, other.call);
    }
    await desk.control('drop', { call: 'freepublish/submit' });
    expect(await failing(channel.publish(one.account, one.rendition, one.call))).toMatchObject({ class: 'unknown' });
    const finding = await channel.find(one.account, one.rendition, one.call);
    expect(finding).toMatchObject({ outcome: 'found', state: 'published' });
    if (finding.outcome === 'found') expect(await settled(one, finding.remote)).toMatchObject({ outcome: 'verified' });
    expect(await channel.publish(one.account, one.rendition, one.call)).toMatchObject({ outcome: 'accepted' });
    expect(posts(one.account.settings.appId)).toHaveLength(24);
  });

  it('finds it although the memory was lost', async () => {
    const one = errand();
    const acceptance = await channel.publish(one.account, one.rendition, one.call);
    await settled(one, acceptance.remote);
    desk.memory.clear();
    expect(await channel.find(one.account, one.rendition, one.call)).toMatchObject({
      outcome: 'found',
      state: 'published',
    });
  });

  it('is not certain where the memory was lost and a fresh draft lies in the box', async () => {
    const one = errand({ mode: 'draft' });
    await channel.publish(one.account, one.rendition, one.call);
    desk.memory.clear();
    const publishing = { ...one.account, settings: { ...one.account.settings, mode: 'publish' as const } };
    expect(await channel.find(publishing, one.rendition, one.call)).toMatchObject({ outcome: 'unknown' });
    const later = { ...one.call, now: () => new Date(Date.now() + 11 * 60_000) };
    expect(await channel.find(publishing, one.rendition, later)).toMatchObject({ outcome: 'absent' });
  });

  it('says absent where a process died before submitting, and then publishes once', async () => {
    const one = errand();
    await desk.control('script', { call: 'freepublish/submit', code: '-1' });
    await failing(channel.publish(one.account, one.rendition, one.call));
    expect(await channel.find(one.account, one.rendition, one.call)).toEqual({ outcome: 'absent' });
    await channel.publish(one.account, one.rendition, one.call);
    expect(posts(one.account.settings.appId)).toHaveLength(1);
  });

  it('recognises an article by title and text where the account has no site address', async () => {
    const one = errand({ linkTemplate: undefined });
    const acceptance = await channel.publish(one.account, one.rendition, one.call);
    await settled(one, acceptance.remote);
    desk.memory.clear();
    expect(await channel.find(one.account, one.rendition, one.call)).toMatchObject({ outcome: 'found' });
    const other = desk.errand(one.account, specimen({ revision: 'other', title: '别的' }));
    expect(await channel.find(other.account, other.rendition, other.call)).toMatchObject({ outcome: 'unknown' });
  });

  it('leaves it to a person where the draft has gone and the account may not list', async () => {
    const one = errand({ mode: 'draft' });
    await desk.control('rights', { appid: one.account.settings.appId, publish: false });
    await channel.publish(one.account, one.rendition, one.call);
    expect(await channel.find(one.account, one.rendition, one.call)).toEqual({ outcome: 'absent' });
    await desk.control('hand', { appid: one.account.settings.appId, does: 'publish' });
    expect(await channel.find(one.account, one.rendition, one.call)).toMatchObject({ outcome: 'unknown' });
  });

  it('learns the message of a mass send whose answers were all lost', async () => {
    const one = errand({ mode: 'mass' });
    await desk.control('drop', { call: 'message/mass/sendall', times: 2 });
    expect(await failing(channel.publish(one.account, one.rendition, one.call))).toMatchObject({ class: 'unknown' });
    expect(await channel.find(one.account, one.rendition, one.call)).toMatchObject({
      outcome: 'found',
      state: 'accepted',
      remote: { extra: { kind: 'mass' } },
    });
    expect(posts(one.account.settings.appId)).toHaveLength(1);
  });
});
