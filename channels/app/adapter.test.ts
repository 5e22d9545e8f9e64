import { DoorClosed, type Account, type ReleaseContent, type Remote, type Rendition } from '../channel.js';
import { channel } from './adapter.js';
import { classify, codes } from './errors.js';
import { itemId, itemUrl } from './feed.js';
import { errorOf, loseFolder, openDesk, type Desk } from './fixtures/desk.js';
import {
  badNotice,
  interpretation,
  keynote,
  pictureHash,
  policy,
  samples,
  typhoon,
  warningOf,
} from './fixtures/samples.js';
import type { AppPayload } from './payload.js';
import type { AppCredentials, AppSettings } from './settings.js';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

const pushes = () => desk.sandbox.accepted().filter((entry) => entry.call === 'push');

async function feedItems(): Promise<{ url: string }[]> {
  return ((await (await fetch(`${desk.hubUrl}/feeds/app-1/feed.json`)).json()) as { items: { url: string }[] }).items;
}

async function failureOf(work: Promise<unknown>) {
  return classify(await errorOf(work), desk.call('x').now());
}

function ready(
  n = 0,
  settings?: Record<string, unknown>,
  credentials?: Record<string, unknown>,
): { account: Account<AppSettings, AppCredentials>; rendition: Rendition<AppPayload> } {
  const account = desk.account(n, settings, credentials);
  return { account, rendition: channel.render(policy, account) };
}

describe('publishing', () => {
  it.each(Object.entries(samples))(
    'carries the sample "%s" to a verified public page with one push',
    async (name, release) => {
      const account = desk.account(0);
      const rendition = channel.render(release, account);
      const accepted = await channel.publish(account, rendition, desk.call(`d-${name}`, release));
      expect(accepted).toMatchObject({
        outcome: 'published',
        remote: { url: `${desk.hubUrl}/feeds/app-1/items/${itemId(`d-${name}`, account)}` },
        platform: { code: '200' },
      });
      if (accepted.outcome !== 'published') return;
      expect(await channel.verify(account, accepted.remote, rendition, desk.call(`d-${name}`, release))).toMatchObject({
        outcome: 'verified',
        evidence: { zh: '公开页面与签发内容一致；通知已送达 3 台手机。' },
      });
      expect(pushes()).toHaveLength(1);
      expect(pushes()[0]?.account).toBe(account.settings.provider === 'jpush' && account.settings.appKey);
    },
  );

  it('sends the notification that leads to the page, urgent and with its source for an emergency', async () => {
    const account = desk.account(0);
    await channel.publish(account, channel.render(typhoon, account), desk.call('d1', typhoon));
    const page = await (await fetch(desk.sandbox.url)).text();
    expect(page).toContain(`${desk.hubUrl}/feeds/app-1/items/${itemId('d1', desk.account(0))}`);
    expect(page).toContain('（示例省应急指挥中心（演练））');
  });

  it("speaks to HarmonyOS phones, and names the phone makers' channels and classes that the account has", async () => {
    const bodies: Record<string, unknown>[] = [];
    const watched = (key: string, release = typhoon) => {
      const call = desk.call(key, release);
      return {
        ...call,
        http: {
          request: (url: string, options?: Parameters<typeof call.http.request>[1]) => {
            if (url.endsWith('/v3/push') && typeof options?.body === 'string')
              bodies.push(JSON.parse(options.body) as Record<string, unknown>);
            return call.http.request(url, options);
          },
        },
      };
    };
    const vendors = { xiaomi: { distribution: 'first_ospush', channel_id: '12345' } };
    const account = desk.account(0, {
      androidChannel: 'urgent',
      hmosCategory: 'SYSTEM_REMINDER',
      systemMessages: true,
      vendors,
    });
    await channel.publish(account, channel.render(typhoon, account), watched('d1'));
    await channel.publish(account, channel.render(policy, account), watched('d2', policy));
    expect(bodies[0]).toMatchObject({
      notification: {
        android: { channel_id: 'urgent' },
        hmos: { title: typhoon.title, category: 'SYSTEM_REMINDER', extras: { item: itemId('d1', desk.account(0)) } },
      },
      options: { classification: 1, third_party_channel: vendors },
    });
    expect(bodies[1]?.['options']).not.toHaveProperty('classification');
    expect(pushes()).toHaveLength(2);
  });

  it('does not push again when the same delivery is published again', async () => {
    const { account, rendition } = ready();
    const first = await channel.publish(account, rendition, desk.call('d1'));
    const second = await channel.publish(account, rendition, desk.call('d1'));
    expect(second).toEqual(first);
    expect(pushes()).toHaveLength(1);
    expect(await feedItems()).toHaveLength(1);
  });

  it('pushes once when the answer is lost, and finds it safe to publish again with the same cid', async () => {
    const { account, rendition } = ready();
    await desk.control('drop', { call: 'push' });
    expect(await failureOf(channel.publish(account, rendition, desk.call('d1')))).toMatchObject({ class: 'unknown' });
    expect(await channel.find(account, rendition, desk.call('d1'))).toMatchObject({
      outcome: 'found',
      unfinished: true,
    });
    const again = await channel.publish(account, rendition, desk.call('d1'));
    expect(again).toMatchObject({ outcome: 'published', remote: { extra: { push: 'sent', msg_id: pushes()[0]?.id } } });
    expect(pushes()).toHaveLength(1);
    expect(await channel.find(account, rendition, desk.call('d1'))).toMatchObject({
      outcome: 'found',
      state: 'published',
    });
  });

  it('keeps the cid of a lost answer through a later refusal', async () => {
    const { account, rendition } = ready();
    await desk.control('drop', { call: 'push' });
    await failureOf(channel.publish(account, rendition, desk.call('d1')));
    await desk.control('script', { call: 'push', code: '1009' });
    await failureOf(channel.publish(account, rendition, desk.call('d1')));
    await channel.publish(account, rendition, desk.call('d1'));
    expect(pushes()).toHaveLength(1);
  });

  it('calls the outcome unknown, and does not push, once the cid of a lost answer has expired', async () => {
    const { account, rendition } = ready();
    await desk.control('drop', { call: 'push' });
    await failureOf(channel.publish(account, rendition, desk.call('d1')));
    desk.advance(25 * 3600);
    expect(await channel.find(account, rendition, desk.call('d1'))).toMatchObject({ outcome: 'unknown' });
    expect(await failureOf(channel.publish(account, rendition, desk.call('d1')))).toMatchObject({ class: 'unknown' });
    expect(pushes()).toHaveLength(1);
  });

  it('takes a fresh cid a day after a push that was refused', async () => {
    const { account, rendition } = ready();
    await desk.control('script', { call: 'push', code: '2003' });
    expect(await failureOf(channel.publish(account, rendition, desk.call('d1')))).toMatchObject({ class: 'action' });
    desk.advance(25 * 3600);
    expect(await channel.find(account, rendition, desk.call('d1'))).toMatchObject({
      outcome: 'found',
      unfinished: true,
    });
    expect(await channel.publish(account, rendition, desk.call('d1'))).toMatchObject({ outcome: 'published' });
    expect(pushes()).toHaveLength(1);
  });

  it("still knows the cid in another process and without the channel's folder", async () => {
    const { account, rendition } = ready();
    await desk.control('drop', { call: 'push' });
    await failureOf(channel.publish(account, rendition, desk.call('d1')));
    await loseFolder(desk.folder);
    // Another process: nothing is remembered but what lies in the store.
    await jest.isolateModulesAsync(async () => {
      const { channel: later } = await import('./adapter.js');
      expect(await later.find(account, rendition, desk.call('d1'))).toMatchObject({
        outcome: 'found',
        unfinished: true,
      });
      expect(await later.publish(account, rendition, desk.call('d1'))).toMatchObject({
        outcome: 'published',
        remote: { extra: { msg_id: pushes()[0]?.id } },
      });
    });
    expect(pushes()).toHaveLength(1);
  });

  it('gives two processes at one delivery one push', async () => {
    const { account, rendition } = ready();
    await desk.control('latency', { ms: 20, call: 'push/cid' });
    await jest.isolateModulesAsync(async () => {
      const { channel: theirs } = await import('./adapter.js');
      await Promise.all(
        [channel, theirs, channel, theirs].map((process) => process.publish(account, rendition, desk.call('d1'))),
      );
    });
    expect(pushes()).toHaveLength(1);
  });

  it('succeeds where no phone matches, and says so', async () => {
    const { account, rendition } = ready();
    if (account.settings.provider === 'jpush')
      await desk.control('targets', { app: account.settings.appKey, none: true });
    expect(await channel.publish(account, rendition, desk.call('d1'))).toMatchObject({
      outcome: 'published',
      platform: { code: '1011' },
      remote: { extra: { push: 'no-target' } },
    });
    expect(await channel.find(account, rendition, desk.call('d1'))).toMatchObject({ outcome: 'found' });
    expect(pushes()).toHaveLength(0);
  });

  it("reaches only the phones of the unit's region when the account says so", async () => {
    const { account, rendition } = ready(0, { audience: 'region' });
    if (account.settings.provider !== 'jpush') return;
    await desk.control('devices', { app: account.settings.appKey, id: 'far', tags: ['440100'] });
    await channel.publish(account, rendition, desk.call('d1'));
    expect(await (await fetch(desk.sandbox.url)).text()).toContain('3 台');
  });

  it('needs no push service when the account has none', async () => {
    const { account, rendition } = ready(0, {
      provider: 'none',
      appKey: undefined,
      endpoint: undefined,
      reportEndpoint: undefined,
      audience: undefined,
    });
    const accepted = await channel.publish(account, rendition, desk.call('d1'));
    expect(accepted).toMatchObject({ outcome: 'published', remote: { extra: { push: 'none' } } });
    expect(await channel.find(account, rendition, desk.call('d1'))).toMatchObject({ outcome: 'found' });
    expect(await channel.check(account, desk.call('x'))).toEqual({ outcome: 'ok' });
  });

  it('carries one release to twenty accounts, each once', async () => {
    const results = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const account = desk.account(n);
        const rendition = channel.render(keynote, account);
        const accepted = await channel.publish(account, rendition, desk.call(`d${n}`, keynote));
        return accepted.outcome === 'published'
          ? channel.verify(account, accepted.remote, rendition, desk.call(`d${n}`, keynote))
          : accepted;
      }),
    );
    expect(results.map((result) => result.outcome)).toEqual(Array<string>(20).fill('verified'));
    expect(new Set(pushes().map((entry) => entry.account)).size).toBe(20);
    expect(pushes()).toHaveLength(20);
  });
});

describe('failures', () => {
  const expected: Record<string, string> = {
    ...Object.fromEntries(Object.entries(codes).map(([code, row]) => [code, row.class])),
    502: 'retry',
    503: 'retry',
    504: 'retry',
    403: 'action',
    410: 'action',
    404: 'action',
    9999: 'action',
  };

  it.each(Object.entries(expected).filter(([, kind]) => kind !== 'no-target'))(
    'meets %s with "%s", a cause, and the platform\'s own words',
    async (code, kind) => {
      const { account, rendition } = ready();
      await desk.control('script', { call: 'push', code });
      const disposition = await failureOf(channel.publish(account, rendition, desk.call('d1')));
      expect(disposition.class).toBe(kind);
      expect(disposition.platform?.code).toBe(code.length === 3 ? `HTTP ${code}` : code);
      expect(disposition.platform?.words).not.toBe('');
      expect(disposition.cause.zh).toMatch(/[\u4e00-\u9fff]/);
      if (disposition.class === 'action' || disposition.class === 'permanent')
        expect(disposition.todo.zh).toMatch(/[\u4e00-\u9fff]/);
      expect(pushes()).toHaveLength(0);
      // Whatever stood in the way goes, and the delivery goes through, once.
      desk.advance(3_600);
      await channel.publish(account, rendition, desk.call('d1'));
      expect(pushes()).toHaveLength(1);
    },
  );

  it('takes a fresh cid where the platform knows the kept ones no more, and pushes once', async () => {
    const { account, rendition } = ready();
    await channel.publish(account, rendition, desk.call('d1'));
    await desk.control('cids/forget', {});
    await channel.publish(account, rendition, desk.call('d2'));
    expect(pushes()).toHaveLength(2);
  });

  it("know every code of the documentation's pages on push, devices, schedules and reports", () => {
    const listed = [
      10, 1000, 1001, 1002, 1003, 1004, 1005, 1008, 1009, 1011, 1012, 1020, 1030, 2001, 2002, 2003, 2004, 2005, 2006,
      2007, 3001, 3004, 3005, 7000, 7001, 7002, 7004, 7008, 8100, 8101, 8104, 8200, 8203,
    ];
    expect(listed.filter((code) => !(code in codes))).toEqual([]);
  });

  it('waits as long as the platform says, and no other account with it', async () => {
    const { account, rendition } = ready(0);
    if (account.settings.provider === 'jpush')
      await desk.control('quota', { app: account.settings.appKey, family: 'push', perMinute: 3 });
    await channel.publish(account, rendition, desk.call('d1'));
    const waiting = await failureOf(channel.publish(account, rendition, desk.call('d2')));
    expect(waiting.class).toBe('wait');
    if (waiting.class === 'wait') {
      const seconds = (waiting.until.getTime() - desk.call('x').now().getTime()) / 1000;
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(60);
    }
    const other = ready(1);
    expect(await channel.publish(other.account, other.rendition, desk.call('d3'))).toMatchObject({
      outcome: 'published',
    });
  });

  it('does not call a platform again before the time it named', async () => {
    const { account, rendition } = ready();
    await desk.control('script', { call: 'push', code: '2002', times: 1 });
    await failureOf(channel.publish(account, rendition, desk.call('d1')));
    const early = await failureOf(channel.publish(account, rendition, desk.call('d1')));
    expect(early).toMatchObject({ class: 'wait' });
    expect(early.platform).toBeUndefined();
    expect(pushes()).toHaveLength(0);
    desk.advance(31);
    expect(await channel.publish(account, rendition, desk.call('d1'))).toMatchObject({ outcome: 'published' });
  });

  it('says that the platform cannot be reached, and that nothing was sent', async () => {
    const { account, rendition } = ready();
    await desk.sandbox.close();
    expect(await failureOf(channel.publish(account, rendition, desk.call('d1')))).toMatchObject({ class: 'retry' });
  });

  it('refuses to speak to an address inside the network', async () => {
    const { account, rendition } = ready(0, { endpoint: 'http://169.254.169.254' });
    expect(await failureOf(channel.publish(account, rendition, desk.call('d1')))).toMatchObject({ class: 'permanent' });
  });

  it('asks for a key where the account has none', async () => {
    const { account, rendition } = ready(0, {}, {});
    expect(await failureOf(channel.publish(account, rendition, desk.call('d1')))).toMatchObject({ class: 'action' });
    expect(await channel.check(account, desk.call('x'))).toMatchObject({ outcome: 'dead' });
  });
});

describe('verifying', () => {
  async function published() {
    const { account, rendition } = ready();
    const accepted = await channel.publish(account, rendition, desk.call('d1'));
    if (accepted.outcome !== 'published') throw new Error('not published');
    const { records } = desk.call('d1');
    const spoil = async (from: string, to: string) => {
      const [{ key, value } = { key: '', value: '' }] = await records.list('article:', { limit: 1 });
      expect(value).toContain(from);
      await records.set(key, value.replace(from, to));
    };
    return { account, rendition, remote: accepted.remote, spoil };
  }

  it.each([
    ['an empty body', '"body":"', '"body":"","_":"', '正文'],
    ['a body cut short', '12345', '', '正文'],
    ['another title', '若干措施（示例）","summary"', '若干措施","summary"', '标题'],
    ['a picture too many', '"body":"', '"body":"<img src=\\"/x.jpg\\" alt=\\"\\">', '图片'],
  ])('notices %s', async (_, from, to, word) => {
    const { account, rendition, remote, spoil } = await published();
    await spoil(from, to);
    const result = await channel.verify(account, remote, rendition, desk.call('d1'));
    expect(result).toMatchObject({ outcome: 'mismatch' });
    if (result.outcome === 'mismatch') expect(result.cause.zh).toContain(word);
  });

  it('verifies without a figure when the report service fails', async () => {
    const { account, rendition, remote } = await published();
    await desk.control('script', { call: 'received/detail', code: '10' });
    expect(await channel.verify(account, remote, rendition, desk.call('d1'))).toMatchObject({
      outcome: 'verified',
      evidence: { zh: '公开页面与签发内容一致。' },
    });
  });

  it('looks again later when the public address does not answer', async () => {
    const { account, rendition, remote } = await published();
    expect(
      await channel
        .verify(account, { ...remote, url: 'http://127.0.0.1:1/x' }, rendition, {
          ...desk.call('d1'),
          http: desk.call('d1').http,
        })
        .catch((error: unknown) => classify(error, new Date())),
    ).toMatchObject({ class: 'permanent' });
    await desk.close();
    expect(await channel.verify(account, remote, rendition, desk.call('d1'))).toMatchObject({
      outcome: 'published',
      again: 60,
    });
    desk = await openDesk();
  });
});

describe('a newer revision', () => {
  const corrected: ReleaseContent = { ...policy, revision: 'v2', change: 'correction', title: '改正后的标题' };
  const further: ReleaseContent = { ...policy, revision: 'v3', change: 'update', title: '后来的标题' };
  const account = () => desk.account(0);
  const publish = (release: ReleaseContent, seq: number, step: { leave?: () => Promise<void> } = {}) =>
    channel.publish(account(), channel.render(release, account()), desk.call('d1', release, { seq, ...step }));
  const find = (release: ReleaseContent, seq: number) =>
    channel.find(account(), channel.render(release, account()), desk.call('d1', release, { seq }));
  const remoteOf = async (work: ReturnType<typeof publish>) => (await work).remote as Remote;
  const pageOf = async ({ url }: Remote) => (await fetch(url ?? '')).text();

  it('changes the one item at its address, marks it, and pushes once more, beginning with what it is', async () => {
    expect(channel.replaces(account())).toBe('in-place');
    const first = await remoteOf(publish(policy, 1));
    expect(await pageOf(first)).not.toContain('class="mark"');
    desk.advance(60);
    const second = await remoteOf(publish(corrected, 2));
    await publish(corrected, 2);
    expect([second.id, second.url]).toEqual([first.id, first.url]);
    expect(await feedItems()).toMatchObject([
      { url: first.url, title: '改正后的标题', _lianfa: { change: 'correction' } },
    ]);
    const page = await pageOf(first);
    expect(page).toMatch(/<p class="mark">已更正 <time datetime="[^"]+">\d{4}年\d+月\d+日/);
    expect(page).not.toContain(policy.title);
    expect(
      await channel.verify(
        account(),
        second,
        channel.render(corrected, account()),
        desk.call('d1', corrected, { seq: 2 }),
      ),
    ).toMatchObject({ outcome: 'verified' });
    expect(await channel.verify(account(), second, channel.render(policy, account()), desk.call('d1'))).toMatchObject({
      outcome: 'mismatch',
    });
    await publish(further, 3);
    expect(await pageOf(first)).toContain('<p class="mark">续报 <time');
    expect(pushes().map(({ subject }) => subject?.split(' ')[0])).toEqual([
      expect.stringMatching(/^示例市/),
      '更正：改正后的标题',
      '续报：后来的标题',
    ]);
  });

  it('of a warning takes its place: the update, then the all-clear, in the words of every channel', async () => {
    const first = await remoteOf(publish(warningOf(), 1));
    for (const [msgType, word, seq] of [
      ['Update', '更新', 2],
      ['Cancel', '解除', 3],
    ] as const) {
      const { url } = await remoteOf(publish(warningOf({ msgType }), seq));
      expect(url).toBe(first.url);
      expect(await pageOf(first)).toContain(`台风红色预警${word}（Ⅰ级·特别重大）</p>`);
      expect(pushes().at(-1)?.subject).toMatch(`台风红色预警${word}：`);
    }
    expect(await feedItems()).toMatchObject([
      { title: expect.stringMatching(/^台风红色预警解除：/), _lianfa: { in_force: false } },
    ]);
  });

  it('is never overwritten by an earlier one, which is refused, found absent, and rings no phone', async () => {
    const remote = await remoteOf(publish(corrected, 2));
    expect(await errorOf(publish(policy, 1))).toEqual(new DoorClosed('overtaken'));
    expect(await find(policy, 1)).toEqual({ outcome: 'absent' });
    expect(await find(corrected, 2)).toMatchObject({ outcome: 'found', remote: { id: remote.id } });
    expect(await errorOf(channel.withdraw(account(), remote, desk.call('d1', policy, { seq: 1 })))).toEqual(
      new DoorClosed('overtaken'),
    );
    expect(await pageOf(remote)).toContain('改正后的标题');
    expect(pushes()).toHaveLength(1);
  });

  it.each([
    ['page', 1, 1],
    // Past its last door only the platform can stop a push; the item is safe all the same.
    ['push', 2, 2],
  ])('that comes while an earlier one stands still at the door to its %s stays', async (_, still, pushed) => {
    const [old, newer] = [typhoon, { ...typhoon, title: '改正后的标题' }];
    let doors = 0;
    const late = publish(old, 1, {
      // This door is open all the time: nothing but the feed itself stands against the late one.
      leave: async () => {
        doors += 1;
        if (doors === still) await publish(newer, 2);
      },
    });
    if (still === 1) expect(await errorOf(late)).toEqual(new DoorClosed('overtaken'));
    else await late;
    expect(await feedItems()).toMatchObject([{ title: '改正后的标题' }]);
    expect(pushes()).toHaveLength(pushed);
  });

  it('finds what an earlier step published no more, and what was ordered again only under its new key', async () => {
    await publish(policy, 1);
    expect(await find(policy, 1)).toMatchObject({ outcome: 'found' });
    expect(await find(policy, 3)).toEqual({ outcome: 'absent' });
    await publish(policy, 3);
    expect(await find(policy, 1)).toEqual({ outcome: 'absent' });
    expect(await find(policy, 3)).toMatchObject({ outcome: 'found' });
    expect(await feedItems()).toHaveLength(1);
  });

  it('stands without the folder of its channel, and what was before it does not come back', async () => {
    await publish(policy, 1);
    const remote = await remoteOf(publish(corrected, 2));
    await loseFolder(desk.folder);
    await jest.isolateModulesAsync(async () => {
      const { channel: later } = await import('./adapter.js');
      const rendition = later.render(policy, account());
      await expect(later.publish(account(), rendition, desk.call('d1'))).rejects.toThrow('overtaken');
    });
    expect(await pageOf(remote)).toContain('改正后的标题');
    expect(pushes()).toHaveLength(2);
  });

  it('is public again after a withdrawal where it was ordered later, and not where it was ordered earlier', async () => {
    const first = await remoteOf(publish(policy, 1));
    await channel.withdraw(account(), first, desk.call('d1', policy, { seq: 3 }));
    expect(await errorOf(publish(corrected, 2))).toEqual(new DoorClosed('overtaken'));
    expect((await fetch(first.url ?? '')).status).toBe(410);
    const again = await remoteOf(publish(policy, 4));
    expect(again.url).toBe(first.url);
    expect((await fetch(first.url ?? '')).status).toBe(200);
    expect(await feedItems()).toHaveLength(1);
    expect(await find(policy, 4)).toMatchObject({ outcome: 'found' });
  });

  it('has an item of its own in each feed and for each account, so that none is taken for another', () => {
    const ids = [account(), desk.account(1), { ...account(), id: 'a9' }].map((one) => itemId('d1', one));
    expect(new Set(ids).size).toBe(3);
  });
});

describe('the door', () => {
  const doors = (closedAt: number) => {
    let asked = 0;
    return {
      asked: () => asked,
      leave: () => {
        asked += 1;
        return asked === closedAt ? Promise.reject(new DoorClosed('frozen')) : Promise.resolve();
      },
    };
  };

  it('is asked before the item is public and before the push, and before what takes either back', async () => {
    const { account, rendition } = ready();
    const door = doors(0);
    const accepted = await channel.publish(account, rendition, desk.call('d1', policy, door));
    expect(door.asked()).toBe(2);
    await channel.publish(account, rendition, desk.call('d1', policy, door));
    expect(door.asked()).toBe(2);
    await channel.withdraw(account, accepted.remote as Remote, desk.call('d1', policy, { ...door, seq: 2 }));
    expect(door.asked()).toBe(4);
  });

  it('closed before the item, lets nothing out and leaves no picture of it behind', async () => {
    const account = desk.account(0);
    const call = desk.call('d1', keynote, doors(1));
    await expect(channel.publish(account, channel.render(keynote, account), call)).rejects.toBeInstanceOf(DoorClosed);
    expect((await fetch(itemUrl(desk.hubUrl, 'app-1', itemId('d1', account)))).status).toBe(404);
    expect((await fetch(`${desk.hubUrl}/feeds/app-1/media/${pictureHash}.jpg`)).status).toBe(404);
    expect(pushes()).toHaveLength(0);
  });

  it('closed before the push, leaves the item public and rings no phone; the step goes on from there', async () => {
    const { account, rendition } = ready();
    await expect(channel.publish(account, rendition, desk.call('d1', policy, doors(2)))).rejects.toBeInstanceOf(
      DoorClosed,
    );
    expect(await feedItems()).toHaveLength(1);
    expect(pushes()).toHaveLength(0);
    expect(await channel.find(account, rendition, desk.call('d1'))).toMatchObject({
      outcome: 'found',
      unfinished: true,
    });
    await channel.publish(account, rendition, desk.call('d1'));
    expect(pushes()).toHaveLength(1);
  });

  it('closed before a withdrawal, leaves the item; closed before the recall, is told as what it is', async () => {
    const { account, rendition } = ready();
    const remote = (await channel.publish(account, rendition, desk.call('d1'))).remote as Remote;
    for (const [closedAt, status] of [
      [1, 200],
      [2, 410],
    ] as const) {
      const call = desk.call('d1', policy, { ...doors(closedAt), seq: 2 });
      await expect(channel.withdraw(account, remote, call)).rejects.toBeInstanceOf(DoorClosed);
      expect((await fetch(remote.url ?? '')).status).toBe(status);
    }
    expect(await channel.withdraw(account, remote, desk.call('d1', policy, { seq: 2 }))).toMatchObject({
      platform: { code: '200' },
    });
  });
});

it('leaves a fault of our own its name, wherever it happens', async () => {
  const { account, rendition } = ready();
  const remote = (await channel.publish(account, rendition, desk.call('d1'))).remote as Remote;
  const broken = (seq: number, at: string) => {
    const call = desk.call('d1', policy, { seq });
    const request: typeof call.http.request = (url, options) =>
      url.includes(at) ? Promise.reject(new TypeError('undefined is no phone')) : call.http.request(url, options);
    return { ...call, http: { request } };
  };
  expect(await errorOf(channel.publish(account, rendition, broken(2, '/v3/push')))).toBeInstanceOf(TypeError);
  await expect(channel.verify(account, remote, rendition, broken(1, '/received'))).rejects.toBeInstanceOf(TypeError);
  await expect(channel.withdraw(account, remote, broken(3, '/v3/push'))).rejects.toBeInstanceOf(TypeError);
  expect(classify(new TypeError('x'), new Date()).class).toBe('unknown');
});

describe('withdrawing', () => {
  it('takes the page and the feed entry away, asks for the push back, and says gone ever after', async () => {
    const { account, rendition } = ready();
    const accepted = await channel.publish(account, rendition, desk.call('d1'));
    await channel.publish(account, rendition, desk.call('d2'));
    if (accepted.outcome !== 'published') return;
    expect(await channel.withdraw(account, accepted.remote, desk.call('d1', policy, { seq: 2 }))).toMatchObject({
      outcome: 'withdrawn',
      platform: { code: '200' },
    });
    expect((await fetch(accepted.remote.url ?? '')).status).toBe(410);
    expect((await feedItems()).map((item) => item.url)).toEqual([
      `${desk.hubUrl}/feeds/app-1/items/${itemId('d2', desk.account(0))}`,
    ]);
    expect(await (await fetch(desk.sandbox.url)).text()).toContain('已申请撤回');
    expect(await channel.verify(account, accepted.remote, rendition, desk.call('d1'))).toMatchObject({
      outcome: 'mismatch',
    });
    expect(await channel.withdraw(account, accepted.remote, desk.call('d1', policy, { seq: 2 }))).toMatchObject({
      outcome: 'withdrawn',
    });
  });

  it('never lets a late attempt publish what was withdrawn', async () => {
    const { account, rendition } = ready();
    await channel.withdraw(account, { id: itemId('d1', desk.account(0)) }, desk.call('d1', policy, { seq: 2 }));
    expect(await errorOf(channel.publish(account, rendition, desk.call('d1')))).toEqual(new DoorClosed('overtaken'));
    expect(await channel.find(account, rendition, desk.call('d1'))).toEqual({ outcome: 'absent' });
    expect((await fetch(itemUrl(desk.hubUrl, 'app-1', itemId('d1', account)))).status).toBe(410);
    expect(pushes()).toHaveLength(0);
  });

  it('withdraws even if the platform will not recall the push', async () => {
    const { account, rendition } = ready();
    const accepted = await channel.publish(account, rendition, desk.call('d1'));
    if (accepted.outcome !== 'published') return;
    await desk.control('script', { call: 'push/recall', code: '1003' });
    expect(await channel.withdraw(account, accepted.remote, desk.call('d1', policy, { seq: 2 }))).toMatchObject({
      outcome: 'withdrawn',
      platform: { code: '1003' },
    });
    expect((await fetch(accepted.remote.url ?? '')).status).toBe(410);
  });
});

describe('checking an account', () => {
  it('is well with a good key, and pushes nothing', async () => {
    expect(await channel.check(desk.account(3), desk.call('x'))).toEqual({ outcome: 'ok' });
    expect(desk.sandbox.accepted()).toHaveLength(0);
  });

  it.each(['1004', '1008', '2003', '2004', '2007'])('is dead at %s, with what to do', async (code) => {
    await desk.control('script', { call: 'push/validate', code });
    expect(await channel.check(desk.account(0), desk.call('x'))).toMatchObject({ outcome: 'dead', platform: { code } });
  });

  it('is dead with a wrong secret', async () => {
    expect(await channel.check(desk.account(0, {}, { masterSecret: 'f'.repeat(24) }), desk.call('x'))).toMatchObject({
      outcome: 'dead',
      platform: { code: '1004' },
    });
  });

  it('is no judgement while the platform is down', async () => {
    await desk.control('script', { call: 'push/cid', code: '1000' });
    expect(await failureOf(channel.check(desk.account(0), desk.call('x')))).toMatchObject({ class: 'retry' });
  });

  it('does not mistake an app without phones for a dead key', async () => {
    await desk.control('script', { call: 'push/validate', code: '1011' });
    expect(await channel.check(desk.account(0), desk.call('x'))).toEqual({ outcome: 'ok' });
  });
});

describe('settings', () => {
  const { settings, credentials } = channel.accountSchema;
  const jpush = { provider: 'jpush', feed: 'city', appKey: '0123456789abcdef01234567' };

  it('fill in the documented addresses', () => {
    expect(settings.parse(jpush)).toMatchObject({
      endpoint: 'https://api.jpush.cn',
      reportEndpoint: 'https://report.jpush.cn',
      audience: 'all',
    });
  });

  it.each([
    ['a feed that climbs out of its folder', { ...jpush, feed: '../x' }],
    ['a feed with upper case', { ...jpush, feed: 'City' }],
    ['a short app key', { ...jpush, appKey: 'short' }],
    ['a tag that is too long', { ...jpush, audience: { tag: ['汉'.repeat(14)] } }],
    ['an audience of nobody', { ...jpush, audience: {} }],
    ['an unknown provider', { ...jpush, provider: 'mail' }],
    ['an unknown phone maker', { ...jpush, vendors: { nokia: { distribution: 'ospush' } } }],
  ])('refuse %s', (_, value) => {
    expect(settings.safeParse(value).success).toBe(false);
  });

  it('refuse credentials that mix two services', () => {
    expect(credentials.safeParse({ masterSecret: 'a'.repeat(24), vapidSubject: 'mailto:x@example.cn' }).success).toBe(
      false,
    );
  });
});

it('keeps a title with markup harmless', async () => {
  const account = desk.account(0);
  const accepted = await channel.publish(account, channel.render(badNotice, account), desk.call('d1', badNotice));
  const page = accepted.outcome === 'published' ? await (await fetch(accepted.remote.url ?? '')).text() : '';
  expect(page).toContain('&lt;script&gt;');
  expect(page).not.toContain('<script');
  expect(await channel.find(account, channel.render(interpretation, account), desk.call('other'))).toEqual({
    outcome: 'absent',
  });
});
