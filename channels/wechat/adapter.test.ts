import { DoorClosed, type Acceptance, type StepCall } from '../channel.js';
import { memoryInProcess } from '../memory-in-process.js';
import { TransportError } from '../outbound.js';
import { channel } from './adapter.js';
import { failing, openDesk, settled, type Desk } from './fixtures/desk.js';
import { pictureHash, samples, specimen, withPictures } from './fixtures/samples.js';
import { renewToken, tokenOf } from './token.js';

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

describe('publishing', () => {
  it.each(Object.keys(samples))('publishes %s, which is read back as signed', async (name) => {
    const one = errand({}, samples[name]);
    // An emergency's pictures are left out where the account lacks them; this sample has none.
    const acceptance = await channel.publish(one.account, one.rendition, one.call);
    expect(acceptance.outcome).toBe('accepted');
    expect(await settled(one, acceptance.remote)).toMatchObject({ outcome: 'verified' });
    expect(posts(one.account.settings.appId)).toHaveLength(1);
  });

  it('uploads each picture once for an account, whatever the number of articles that show it', async () => {
    const first = errand({}, withPictures('甲'));
    await channel.publish(first.account, first.rendition, first.call);
    expect(desk.asked.filter((path) => path === 'media/uploadimg')).toHaveLength(2);
    expect(desk.asked.filter((path) => path === 'material/add_material')).toHaveLength(1);
    desk.asked.length = 0;
    const second = desk.errand(first.account, withPictures('乙'));
    const acceptance = await channel.publish(second.account, second.rendition, second.call);
    expect(desk.asked).toEqual(['draft/add', 'freepublish/submit']);
    expect(await settled(second, acceptance.remote)).toMatchObject({ outcome: 'verified' });
  });

  it('needs two calls for an emergency once the account is prepared, and leaves out pictures that it lacks', async () => {
    const one = errand({}, { ...withPictures('台风'), kind: 'emergency' });
    await channel.prepare?.(one.account, one.call);
    desk.asked.length = 0;
    const acceptance = await channel.publish(one.account, one.rendition, one.call);
    expect(desk.asked).toEqual(['draft/add', 'freepublish/submit']);
    expect(acceptance.remote?.extra).toMatchObject({ dropped: '2' });
    expect(await settled(one, acceptance.remote)).toMatchObject({ outcome: 'verified' });
  });

  it('uploads the cover again where it was deleted on the platform', async () => {
    const one = errand({}, withPictures('封面'));
    await channel.publish(one.account, one.rendition, one.call);
    const host = new URL(one.account.settings.endpoint).host;
    await desk.memory.set(`upload:${one.account.settings.appId}@${host}:cover:${pictureHash}`, 'gone', 60);
    const two = desk.errand(one.account, withPictures('封面二'));
    expect(await channel.publish(two.account, two.rendition, two.call)).toMatchObject({ outcome: 'accepted' });
  });

  it("mass sends once, and takes the platform's own key for an answer that was lost", async () => {
    const one = errand({ mode: 'mass' });
    await desk.control('drop', { call: 'message/mass/sendall' });
    const acceptance = await channel.publish(one.account, one.rendition, one.call);
    expect(acceptance).toMatchObject({ outcome: 'accepted', remote: { extra: { kind: 'mass' } } });
    expect(posts(one.account.settings.appId)).toHaveLength(1);
  });

  it('publishes with the plain token call as well', async () => {
    const one = errand({ token: 'plain' });
    expect(await channel.publish(one.account, one.rendition, one.call)).toMatchObject({ outcome: 'accepted' });
    expect(desk.asked).toContain('token');
    expect(desk.asked).not.toContain('stable_token');
  });

  it('stops at the draft for an account without the right, with steps for a person', async () => {
    const one = errand({ mode: 'draft' });
    const acceptance = await channel.publish(one.account, one.rendition, one.call);
    expect(acceptance).toMatchObject({ outcome: 'action', remote: { extra: { kind: 'draft' } } });
    expect((acceptance as Extract<Acceptance, { outcome: 'action' }>).todo.zh).toContain('草稿箱');
    expect(desk.asked).not.toContain('freepublish/submit');
    // Asked again, it makes no second draft.
    desk.asked.length = 0;
    expect((await channel.publish(one.account, one.rendition, one.call)).remote?.id).toBe(acceptance.remote?.id);
    expect(desk.asked).toEqual([]);
  });

  it('stops at the draft where the platform says 48001, and finds the article once a person has published it', async () => {
    const one = errand();
    await desk.control('script', { call: 'freepublish/submit', code: '48001' });
    expect(await channel.publish(one.account, one.rendition, one.call)).toMatchObject({
      outcome: 'action',
      platform: { code: '48001' },
      remote: { extra: { kind: 'draft' } },
    });
    await desk.control('hand', { appid: one.account.settings.appId, does: 'publish' });
    expect(await channel.find(one.account, one.rendition, one.call)).toMatchObject({
      outcome: 'found',
      state: 'published',
      remote: { url: expect.stringContaining('/s/') },
    });
  });

  it('writes one durable record on its way, the draft, before anything leaves', async () => {
    const one = errand();
    const written: string[] = [];
    const records = {
      ...one.call.records,
      set: (key: string, value: string) => {
        written.push(value, ...desk.asked.slice(-1));
        return one.call.records.set(key, value);
      },
    };
    const { remote } = await channel.publish(one.account, one.rendition, { ...one.call, records });
    expect(written).toEqual([expect.stringContaining(remote?.extra?.['draft'] ?? 'no draft'), 'draft/add']);
  });

  it('is told before signing how a newer revision replaces an older one', () => {
    const replaces = (mode: string) => channel.replaces(desk.account(next, { mode }));
    expect([replaces('publish'), replaces('mass'), replaces('draft')]).toEqual(['anew', 'anew', 'cannot']);
  });
});

describe('the door', () => {
  const closed = () => Promise.reject(new DoorClosed('lost'));

  it.each([
    ['publish', 'freepublish/submit'],
    ['mass', 'message/mass/sendall'],
  ])('is asked last of all before a %s, the token being fetched, and closed stops it', async (mode, path) => {
    const one = errand({ mode });
    await expect(channel.publish(one.account, one.rendition, { ...one.call, leave: closed })).rejects.toBeInstanceOf(
      DoorClosed,
    );
    expect(desk.asked).not.toContain(path);
    expect(posts(one.account.settings.appId)).toHaveLength(0);
    // Another attempt has its draft, but no token: fetching one may take as long as it likes.
    desk.memory.clear();
    desk.asked.length = 0;
    let before: string[] = [];
    const leave = () => {
      before = [...desk.asked];
      return Promise.resolve();
    };
    await channel.publish(one.account, one.rendition, { ...one.call, leave });
    expect(before).toEqual(['stable_token']);
    expect(desk.asked).toEqual(['stable_token', path]);
  });

  it('is asked again before a mass send is repeated', async () => {
    const one = errand({ mode: 'mass' });
    await desk.control('drop', { call: 'message/mass/sendall' });
    let asked = 0;
    const leave = () => ((asked += 1) === 1 ? Promise.resolve() : closed());
    await expect(channel.publish(one.account, one.rendition, { ...one.call, leave })).rejects.toBeInstanceOf(
      DoorClosed,
    );
    expect(asked).toBe(2);
  });

  it('stays shut for a publisher that stood still between draft and submit, whose draft another has published', async () => {
    const one = errand();
    const leave = async () => {
      await channel.publish(one.account, one.rendition, one.call);
      throw new DoorClosed('lost');
    };
    await expect(channel.publish(one.account, one.rendition, { ...one.call, leave })).rejects.toBeInstanceOf(
      DoorClosed,
    );
    expect(desk.asked.filter((path) => path === 'draft/add')).toHaveLength(1);
    expect(posts(one.account.settings.appId)).toHaveLength(1);
  });

  it.each(['stable_token', 'draft/add'])(
    'stays shut for a publisher that stood still in its %s call, and it spoils no record of who took over',
    async (paused) => {
      const one = errand();
      const { http } = one.call;
      let stood = false;
      const slow: StepCall['http'] = {
        async request(url, options) {
          const answer = await http.request(url, options);
          if (!url.includes(paused) || stood) return answer;
          stood = true;
          // Its hold on the lock has ended with its lease.
          await channel.publish(one.account, one.rendition, { ...one.call, memory: memoryInProcess() });
          return answer;
        },
      };
      const late = { ...one.call, http: slow, leave: closed };
      await expect(channel.publish(one.account, one.rendition, late)).rejects.toBeInstanceOf(DoorClosed);
      expect(stood).toBe(true);
      expect(posts(one.account.settings.appId)).toHaveLength(1);
      expect(await channel.find(one.account, one.rendition, one.call)).toMatchObject({ outcome: 'found' });
    },
  );

  it.each(['same', 'refused'])(
    'lets through once who stood still behind it: the same draft is published once (second submit: %s)',
    async (answer) => {
      const one = errand();
      const { appId: appid } = one.account.settings;
      await desk.control('second-submit', { appid, answer });
      await desk.control('delay', { appid, ms: 60_000 });
      const leave = async () => {
        await channel.publish(one.account, one.rendition, one.call);
      };
      await channel.publish(one.account, one.rendition, { ...one.call, leave });
      expect(posts(appid)).toHaveLength(1);
    },
  );

  it.each(['publish', 'mass', 'draft'])('is asked before a deletion in mode %s, and closed stops it', async (mode) => {
    const one = errand({ mode });
    await desk.control('delay', { appid: one.account.settings.appId, ms: 0 });
    const { remote = { id: '' } } = await channel.publish(one.account, one.rendition, one.call);
    desk.asked.length = 0;
    await expect(channel.withdraw(one.account, remote, { ...one.call, leave: closed })).rejects.toBeInstanceOf(
      DoorClosed,
    );
    expect(desk.asked.filter((path) => path.endsWith('delete'))).toEqual([]);
  });
});

describe('a correction', () => {
  it.each(['publish', 'mass'])(
    'is a new article in mode %s, and the old one goes when it is withdrawn',
    async (mode) => {
      const account = desk.account(next, { mode });
      const { appId: appid } = account.settings;
      await desk.control('delay', { appid, ms: 0 });
      await desk.control('quota', { appid, call: 'message/mass/sendall', perDay: 2 });
      const wrong = specimen({ release: `r${next}`, revision: 'one', title: '明天停课' });
      const right = specimen({ ...wrong, revision: 'two', title: '更正：明天照常上课', change: 'correction' });
      const first = desk.errand(account, wrong);
      const { remote: old = { id: '' } } = await channel.publish(account, first.rendition, first.call);
      const standing = [{ seq: 1, revision: 'one', remote: old }];
      const second = desk.errand(account, right, { seq: 2, standing });
      const { remote = { id: '' } } = await channel.publish(account, second.rendition, second.call);
      expect(remote.id).not.toBe(old.id);
      expect((await desk.publicTitles(account)).sort()).toEqual(['明天停课', '更正：明天照常上课']);

      const both = { ...second.call, standing: [...standing, { seq: 2, revision: 'two', remote }] };
      expect(await channel.withdraw(account, old, both)).toMatchObject({ outcome: 'withdrawn' });
      expect(await desk.publicTitles(account)).toEqual(['更正：明天照常上课']);
      expect(posts(appid)).toHaveLength(2);
      // What was taken back stands under no key any more.
      expect(await channel.find(account, first.rendition, first.call)).toEqual({ outcome: 'absent' });
    },
  );
});

describe('failures', () => {
  const table: [call: string, code: string, expected: Record<string, unknown>][] = [
    ['stable_token', '40164', { class: 'action' }],
    ['stable_token', '40125', { class: 'action' }],
    ['stable_token', '40001', { class: 'action' }],
    ['stable_token', '503', { class: 'retry' }],
    ['draft/add', '-1', { class: 'retry', delay: 10 }],
    ['draft/add', '40001', { class: 'refresh' }],
    ['draft/add', '42001', { class: 'refresh' }],
    ['draft/add', '45003', { class: 'permanent' }],
    ['draft/add', '45009', { class: 'wait', until: new Date('2026-11-24T16:01:00Z') }],
    ['draft/add', '99999', { class: 'action' }],
    ['draft/add', '502', { class: 'retry' }],
    ['draft/add', 'garbage', { class: 'retry' }],
    ['freepublish/submit', '-1', { class: 'retry' }],
    ['freepublish/submit', '53501', { class: 'retry', delay: 120 }],
    ['freepublish/submit', '45009', { class: 'wait' }],
    ['freepublish/submit', '53502', { class: 'permanent' }],
    ['freepublish/submit', '502', { class: 'unknown' }],
    ['freepublish/submit', 'garbage', { class: 'unknown' }],
  ];
  it.each(table)('takes %s answering %s for what it is', async (call, code, expected) => {
    const one = errand();
    await desk.control('script', { call, code });
    const disposition = await failing(channel.publish(one.account, one.rendition, one.call));
    expect(disposition).toMatchObject(expected);
    expect(disposition.platform?.code).toMatch(/\S/);
    expect(posts(one.account.settings.appId)).toHaveLength(0);
    // Whatever was definite can be done again at once, and is then there once.
    if (disposition.class === 'unknown') return;
    expect(await channel.publish(one.account, one.rendition, one.call)).toMatchObject({ outcome: 'accepted' });
    expect(posts(one.account.settings.appId)).toHaveLength(1);
  });

  it.each(['53500', '53503', '53504', '53505', '48004', '48021', '50002'])(
    'leaves the draft to a person where submit answers %s',
    async (code) => {
      const one = errand();
      await desk.control('script', { call: 'freepublish/submit', code });
      expect(await channel.publish(one.account, one.rendition, one.call)).toMatchObject({
        outcome: 'action',
        platform: { code },
        remote: { extra: { kind: 'draft' } },
      });
    },
  );

  it('waits for the next day in China where the mass sends are used up', async () => {
    const one = errand({ mode: 'mass' });
    await desk.control('quota', { appid: one.account.settings.appId, call: 'message/mass/sendall', perDay: 0 });
    expect(await failing(channel.publish(one.account, one.rendition, one.call))).toMatchObject({
      class: 'wait',
      until: new Date('2026-11-24T16:01:00Z'),
      platform: { code: '45028' },
    });
  });

  it('takes silence on a draft for a retry, and uses the draft that was made', async () => {
    const one = errand();
    await desk.control('drop', { call: 'draft/add' });
    expect(await failing(channel.publish(one.account, one.rendition, one.call))).toMatchObject({ class: 'retry' });
    desk.asked.length = 0;
    await channel.publish(one.account, one.rendition, one.call);
    expect(desk.asked).not.toContain('draft/add');
    expect(posts(one.account.settings.appId)).toHaveLength(1);
  });

  it('makes no second draft for a person where the process died before it knew the first', async () => {
    const one = errand({ mode: 'draft' });
    const dead = new Error('killed');
    const { set } = one.call.records;
    const records = {
      ...one.call.records,
      set: (key: string, value: string) => (value.includes('drafted') ? Promise.reject(dead) : set(key, value)),
    };
    await expect(channel.publish(one.account, one.rendition, { ...one.call, records })).rejects.toBe(dead);
    expect(await channel.publish(one.account, one.rendition, one.call)).toMatchObject({ outcome: 'action' });
    expect(desk.asked.filter((path) => path === 'draft/add')).toHaveLength(1);
  });

  it('tells nothing of what is public where the fault is our own', async () => {
    const one = errand();
    const bug = new TypeError('undefined is not a function');
    const http = { request: () => Promise.reject(bug) };
    await expect(channel.publish(one.account, one.rendition, { ...one.call, http })).rejects.toBe(bug);
    expect(channel.classify(bug, new Date())).toMatchObject({ class: 'unknown', platform: { code: 'internal' } });
    await expect(channel.check(one.account, { ...one.call, http })).rejects.toBe(bug);
  });

  it('says that an inner endpoint is refused', () => {
    expect(channel.classify(new TransportError('not-allowed', false, 'inner'), new Date())).toMatchObject({
      class: 'action',
    });
  });
});

describe('the token', () => {
  it('is renewed once by eight callers that were all refused', async () => {
    const one = errand({ mode: 'draft' });
    await channel.publish(one.account, one.rendition, one.call);
    await desk.control('token/expire', { appid: one.account.settings.appId });
    await Promise.all(Array.from({ length: 8 }, () => channel.find(one.account, one.rendition, one.call)));
    expect(desk.asked.filter((path) => path === 'stable_token')).toHaveLength(2);
  });

  it('is forced only where the platform hands out the refused one again', async () => {
    const one = errand();
    const old = await tokenOf(one.account, one.call);
    await desk.control('token/invalidate', { appid: one.account.settings.appId });
    expect(await failing(channel.publish(one.account, one.rendition, one.call))).toMatchObject({ class: 'refresh' });
    await channel.refresh?.(one.account, one.call);
    expect(await tokenOf(one.account, one.call)).not.toBe(old);
    expect(await channel.publish(one.account, one.rendition, one.call)).toMatchObject({ outcome: 'accepted' });
  });

  it('stays in place while the new one is fetched, and when that fails', async () => {
    const one = errand();
    const old = await tokenOf(one.account, one.call);
    const host = new URL(one.account.settings.endpoint).host;
    await desk.memory.set(`token-refused:${one.account.settings.appId}@${host}`, old, 60);
    await desk.control('script', { call: 'stable_token', code: '503' });
    await expect(renewToken(one.account, one.call)).rejects.toThrow('HTTP 503');
    expect(await tokenOf(one.account, one.call)).toBe(old);
  });
});

describe('credentials', () => {
  it('are healthy, also after the token has expired', async () => {
    const one = errand();
    expect(await channel.check(one.account, one.call)).toEqual({ outcome: 'ok' });
    await desk.control('token/expire', { appid: one.account.settings.appId });
    expect(await channel.check(one.account, one.call)).toEqual({ outcome: 'ok' });
  });

  it('are dead with a wrong secret, and the person is told where to look', async () => {
    const one = errand();
    const wrong = { ...one.account, credentials: { ...one.account.credentials, appSecret: 'wrong' } };
    expect(await channel.check(wrong, one.call)).toMatchObject({
      outcome: 'dead',
      platform: { code: '40125' },
      todo: { zh: expect.stringContaining('AppSecret') },
    });
  });

  it('are dead behind a whitelist that lacks this hub', async () => {
    const one = errand();
    await desk.control('whitelist', { appid: one.account.settings.appId, addresses: ['203.0.113.7'] });
    expect(await channel.check(one.account, one.call)).toMatchObject({
      outcome: 'dead',
      platform: { code: '40164', words: expect.stringContaining('127.0.0.1') },
    });
  });

  it('are not called dead because the platform is down', async () => {
    const one = errand();
    await desk.control('script', { call: 'stable_token', code: '503' });
    expect(await failing(channel.check(one.account, one.call))).toMatchObject({ class: 'retry' });
  });
});
