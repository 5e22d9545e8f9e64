/** Clients written by others, unmodified, against the sandbox; then the rules they do not reach. */
import { JPushAsync } from 'jpush-async';
import { request } from 'undici';
import webPush from 'web-push';
import { startSandbox, type RunningSandbox } from '../sandbox.js';
import { createAppSandbox } from './sandbox.js';

let sandbox: RunningSandbox;
beforeEach(async () => {
  sandbox = await startSandbox(createAppSandbox());
});
afterEach(() => sandbox.close());

function accountOf(n = 0): { appKey: string; masterSecret: string } {
  const { settings, credentials } = sandbox.account(n);
  return { appKey: String(settings['appKey']), masterSecret: String(credentials['masterSecret']) };
}

async function ask(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  { appKey, masterSecret } = accountOf(),
) {
  const answer = await request(`${sandbox.url}${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${appKey}:${masterSecret}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.body.text();
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: (text ? JSON.parse(text) : undefined) as Record<string, unknown> & {
      error?: { code: number; message: string };
    },
  };
}

async function control(path: string, body: unknown = {}): Promise<unknown> {
  const answer = await request(`${sandbox.controlUrl}/${path}`, { method: 'POST', body: JSON.stringify(body) });
  return answer.body.json();
}

const simple = { platform: 'all', audience: 'all', notification: { alert: '你好' } };

describe('jpush-async', () => {
  // Its `proxy` replaces the whole address, so there is one client for each call.
  const client = (path: string) =>
    JPushAsync.buildClient({ ...accountOf(), isDebug: false, proxy: `${sandbox.url}${path}` });

  it('pushes and gets a message id that stays a string', async () => {
    const answer = await client('/v3/push')
      .push()
      .setPlatform('ios', 'android')
      .setAudience(JPushAsync.tag('350100'))
      .setNotification('你好', JPushAsync.ios('苹果', 'default', 1), JPushAsync.android('安卓', '标题', 1))
      .setMessage('自定义')
      .setOptions(1234, 60)
      .send();
    expect(answer).toEqual({ sendno: '1234', msg_id: expect.stringMatching(/^\d{17,}$/) });
    expect(sandbox.accepted()).toMatchObject([{ account: accountOf().appKey, call: 'push', subject: '标题' }]);
  });

  it('tries a push without sending it', async () => {
    await client('/v3/push/validate')
      .push()
      .setPlatform('all')
      .setAudience('all')
      .setNotification('你好')
      .sendValidate();
    expect(sandbox.accepted()).toHaveLength(0);
  });

  it('meets the documented error when nobody matches', async () => {
    await control('targets', { app: accountOf().appKey, none: true });
    const error: unknown = await client('/v3/push')
      .push()
      .setPlatform('all')
      .setAudience('all')
      .setNotification('你好')
      .send()
      .catch((caught: unknown) => caught);
    expect(String(error)).toContain('1011');
  });

  it('sets tags and an alias on a phone and reads them back', async () => {
    await control('devices', { app: accountOf().appKey, id: 'phone1' });
    const device = client('/v3/devices/phone1');
    await request(`${sandbox.url}/v3/devices/phone1`, { method: 'GET' });
    expect(
      (await ask('POST', '/v3/devices/phone1', { tags: { add: ['福州', 'vip'], remove: [] }, alias: '张三' })).status,
    ).toBe(200);
    expect(await device.getDeviceTagAlias('phone1')).toEqual({ tags: ['福州', 'vip'], alias: '张三', mobile: null });
    expect(await client('/v3/aliases/%E5%BC%A0%E4%B8%89').getAliasDeviceList('张三')).toEqual({
      registration_ids: ['phone1'],
    });
  });

  it('keeps, lists and ends a schedule', async () => {
    const at = new Date(Date.now() + 8 * 3_600_000 + 86_400_000).toISOString().slice(0, 19).replace('T', ' ');
    const made = (await client('/v3/schedules')
      .push()
      .setPlatform('all')
      .setAudience('all')
      .setNotification('你好')
      .setSingleSchedule(at)
      .setSchedule('定时', true)) as { schedule_id: string };
    expect(made.schedule_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(await client('/v3/schedules').getScheduleList(1)).toMatchObject({ total_count: 1, page: 1 });
    expect((await ask('DELETE', `/v3/schedules/${made.schedule_id}`)).status).toBe(200);
    expect((await ask('GET', `/v3/schedules/${made.schedule_id}`)).body.error?.code).toBe(8104);
  });
});

describe('web-push', () => {
  const keys = webPush.generateVAPIDKeys();
  const subscribe = async () => (await control('webpush/subscribe')) as webPush.PushSubscription;
  async function send(
    subscription: webPush.PushSubscription,
    text: string,
    options: webPush.RequestOptions = {},
    change: Record<string, string> = {},
  ) {
    const details = webPush.generateRequestDetails(subscription, text, {
      vapidDetails: { subject: 'mailto:x@example.cn', ...keys },
      ...options,
    });
    const headers = Object.fromEntries(
      Object.entries({ ...details.headers, ...change })
        .map(([name, value]) => [name, String(value)])
        .filter(([, value]) => value),
    );
    return request(details.endpoint, { method: 'POST', headers, body: details.body });
  }

  it('has its message accepted, decrypted and shown', async () => {
    const answer = await send(await subscribe(), JSON.stringify({ title: '通知', body: '正文' }), {
      TTL: 60,
      topic: 'abc',
      urgency: 'high',
    });
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['location']).toMatch(/^http.*\/messages\//);
    expect(answer.headers['ttl']).toBe('60');
    expect(await (await request(sandbox.url)).body.text()).toContain('正文');
  });

  it.each<[string, number, webPush.RequestOptions, Record<string, string>]>([
    ['without a TTL', 400, {}, { TTL: '' }],
    ['with a topic that is too long', 400, {}, { Topic: 'x'.repeat(33) }],
    ['with an urgency of its own', 400, {}, { Urgency: 'now' }],
    ['without a signature', 401, {}, { Authorization: '' }],
    [
      'signed for somebody else',
      403,
      {},
      {
        Authorization: webPush.getVapidHeaders(
          'https://other.example',
          'mailto:x@example.cn',
          keys.publicKey,
          keys.privateKey,
          'aes128gcm',
        ).Authorization,
      },
    ],
  ])('is refused %s', async (_, status, options, change) => {
    expect((await send(await subscribe(), 'x', options, change)).statusCode).toBe(status);
    expect(sandbox.accepted()).toHaveLength(0);
  });

  it('is refused when it is too large, not for this browser, or after the subscription has ended', async () => {
    const [one, two] = [await subscribe(), await subscribe()];
    expect((await send(one, 'x'.repeat(4_096))).statusCode).toBe(413);
    expect((await send({ ...one, keys: two.keys }, 'x')).statusCode).toBe(400);
    await control('webpush/expire', { endpoint: one.endpoint });
    expect((await send(one, 'x')).statusCode).toBe(410);
    expect((await send({ ...two, endpoint: `${sandbox.url}/webpush/nobody` }, 'x')).statusCode).toBe(404);
  });

  it('replaces a message that still waits under the same topic', async () => {
    const subscription = await subscribe();
    await control('webpush/online', { endpoint: subscription.endpoint, online: false });
    await send(subscription, JSON.stringify({ title: '旧' }), { topic: 'a' });
    await send(subscription, JSON.stringify({ title: '新' }), { topic: 'a' });
    await control('webpush/online', { endpoint: subscription.endpoint, online: true });
    const page = await (await request(sandbox.url)).body.text();
    expect([page.includes('新'), page.includes('旧</h2>')]).toEqual([true, false]);
  });
});

describe('a cid', () => {
  const cidOf = async (n = 0) =>
    ((await ask('GET', '/v3/push/cid', undefined, accountOf(n))).body['cidlist'] as string[])[0] ?? '';

  it('comes ten at most, in the documented form', async () => {
    const { body } = await ask('GET', '/v3/push/cid?count=500');
    expect(body['cidlist']).toHaveLength(10);
    expect((body['cidlist'] as string[])[0]).toMatch(new RegExp(`^${accountOf().appKey}-[0-9a-f-]{36}$`));
  });

  it('pushes once however often it is used', async () => {
    const cid = await cidOf();
    const first = await ask('POST', '/v3/push', { cid, ...simple });
    const second = await ask('POST', '/v3/push', { cid, ...simple, notification: { alert: '另一条' } });
    expect(second.body).toEqual(first.body);
    expect(sandbox.accepted()).toHaveLength(1);
  });

  it('is still good after a push that failed', async () => {
    const cid = await cidOf();
    await control('targets', { app: accountOf().appKey, none: true });
    expect((await ask('POST', '/v3/push', { cid, ...simple })).body.error?.code).toBe(1011);
    await control('targets', { app: accountOf().appKey, none: false });
    expect((await ask('POST', '/v3/push', { cid, ...simple })).status).toBe(200);
  });

  it('is refused if it was made up, or belongs to another app', async () => {
    expect(
      (await ask('POST', '/v3/push', { cid: `${accountOf().appKey}-00000000-0000-4000-8000-000000000000`, ...simple }))
        .body.error?.code,
    ).toBe(1003);
    expect((await ask('POST', '/v3/push', { cid: await cidOf(1), ...simple })).body.error?.code).toBe(1003);
  });
});

describe('a push', () => {
  it.each<[string, number, number, unknown]>([
    ['is not JSON', 400, 1003, undefined],
    ['names no platform', 400, 1002, { audience: 'all', notification: { alert: 'x' } }],
    ['names no audience', 400, 1002, { platform: 'all', notification: { alert: 'x' } }],
    ['says nothing', 400, 1002, { platform: 'all', audience: 'all' }],
    ['names a platform that is none', 400, 1003, { ...simple, platform: ['symbian'] }],
    ['has a key of its own', 400, 1009, { ...simple, hello: 1 }],
    [
      'has a key of its own inside android',
      400,
      1009,
      { ...simple, notification: { android: { alert: 'x', colour: 'red' } } },
    ],
    ['has a key of its own in its options', 400, 1009, { ...simple, options: { speed: 1 } }],
    ['has 21 tags', 400, 1003, { ...simple, audience: { tag: Array.from({ length: 21 }, (_, n) => `t${n}`) } }],
    ['has a tag of 42 bytes', 400, 1003, { ...simple, audience: { tag: ['汉'.repeat(14)] } }],
    ['has a tag with a space', 400, 1003, { ...simple, audience: { tag: ['a b'] } }],
    ['lives too long', 400, 1003, { ...simple, options: { time_to_live: 864_001 } }],
    ['has too long a collapse id', 400, 1003, { ...simple, options: { apns_collapse_id: 'x'.repeat(65) } }],
    [
      'is over 4000 bytes for android',
      400,
      1005,
      { ...simple, notification: { android: { alert: '汉'.repeat(1_330) } } },
    ],
    ['is over 2000 bytes for ios', 400, 1005, { ...simple, notification: { ios: { alert: '汉'.repeat(670) } } }],
    ['finds no phone', 400, 1011, { ...simple, audience: { tag: ['nobody'] } }],
  ])('that %s is refused', async (_, status, code, body) => {
    const answer = await ask('POST', '/v3/push', body);
    expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
    expect(answer.body.error?.message).not.toBe('');
    expect(sandbox.accepted()).toHaveLength(0);
  });

  it('fits exactly at the limit', async () => {
    const block = { alert: '' };
    block.alert = 'x'.repeat(2_000 - Buffer.byteLength(JSON.stringify(block)));
    expect((await ask('POST', '/v3/push', { ...simple, notification: { ios: block } })).status).toBe(200);
    block.alert += 'x';
    expect((await ask('POST', '/v3/push', { ...simple, notification: { ios: block } })).body.error?.code).toBe(1005);
  });

  it('must be a POST, with the right key', async () => {
    expect((await ask('GET', '/v3/push')).status).toBe(405);
    expect(
      (await ask('POST', '/v3/push', simple, { ...accountOf(), masterSecret: 'x'.repeat(24) })).body.error?.code,
    ).toBe(1004);
    expect(
      (await ask('POST', '/v3/push', simple, { appKey: 'f'.repeat(24), masterSecret: 'x' })).body.error?.code,
    ).toBe(1008);
    expect((await request(`${sandbox.url}/v3/push`, { method: 'POST', body: '{}' })).statusCode).toBe(401);
  });

  it('counts against the minute, says so in its headers, and is refused beyond it, for this app alone', async () => {
    await control('quota', { app: accountOf().appKey, family: 'push', perMinute: 2 });
    const answers = [
      await ask('POST', '/v3/push', simple),
      await ask('POST', '/v3/push', simple),
      await ask('POST', '/v3/push', simple),
    ];
    expect(
      answers.map((answer) => [
        answer.status,
        answer.headers['x-rate-limit-quota'],
        answer.headers['x-rate-limit-remaining'],
      ]),
    ).toEqual([
      [200, '2', '1'],
      [200, '2', '0'],
      [429, '2', '0'],
    ]);
    expect(answers[2]?.body.error).toEqual({ code: 2002, message: 'Rate limit exceeded' });
    expect(Number(answers[2]?.headers['x-rate-limit-reset'])).toBeGreaterThan(0);
    expect((await ask('POST', '/v3/push', simple, accountOf(1))).status).toBe(200);
  });

  it('is reported, told per phone, and recalled', async () => {
    const { appKey } = accountOf();
    await control('devices', { app: appKey, id: 'mine', tags: ['x'] });
    const id = String((await ask('POST', '/v3/push', { ...simple, audience: { tag: ['x'] } })).body['msg_id']);
    expect((await ask('GET', `/v3/received/detail?msg_ids=${id},1`)).body).toMatchObject([
      { msg_id: id, jpush_received: 1, ios_apns_sent: null },
      { msg_id: '1', jpush_received: null },
    ]);
    await control('devices', { app: appKey, id: 'other' });
    expect(
      (await ask('POST', '/v3/status/message', { msg_id: id, registration_ids: ['mine', 'other', 'foreign'] })).body,
    ).toEqual({ mine: { status: 0 }, other: { status: 3 }, foreign: { status: 2 } });
    expect((await ask('DELETE', `/v3/push/${id}`)).status).toBe(200);
    expect(await (await request(sandbox.url)).body.text()).toContain('已申请撤回');
    expect((await ask('DELETE', `/v3/push/${id}`, undefined, accountOf(1))).status).toBe(400);
  });
});

it('has a hundred thousand accounts ready, each with its own key, the same every time', () => {
  const keys = new Set(Array.from({ length: 100_000 }, (_, n) => sandbox.account(n).settings['appKey']));
  expect(keys.size).toBe(100_000);
  expect(sandbox.account(77_777)).toEqual(sandbox.account(77_777));
});

describe('groups and paying apps', () => {
  const [one, two] = [0, 1];

  it('push to every app of a group, and tell of each what came of it', async () => {
    const keys = [accountOf(one).appKey, accountOf(two).appKey];
    const { groupKey, masterSecret } = (await control('group', { apps: keys })) as {
      groupKey: string;
      masterSecret: string;
    };
    await control('targets', { app: keys[1], none: true });
    const { status, body } = await ask('POST', '/v3/grouppush', simple, { appKey: `group-${groupKey}`, masterSecret });
    expect([status, body]).toEqual([
      200,
      {
        group_msgid: expect.any(String),
        [keys[0] ?? '']: { sendno: '0', msg_id: expect.any(String) },
        [keys[1] ?? '']: { error: { code: 1011, message: expect.any(String) } },
      },
    ]);
    expect(sandbox.accepted().map(({ account }) => account)).toEqual([keys[0]]);
    expect((await ask('POST', '/v3/grouppush', simple)).body.error?.code).toBe(1004);
    expect(
      (
        await ask(
          'POST',
          '/v3/grouppush',
          { ...simple, options: { override_msg_id: 1 } },
          { appKey: `group-${groupKey}`, masterSecret },
        )
      ).body.error?.code,
    ).toBe(1003);
  });

  it('take many pushes in one call, each once for its cid', async () => {
    const app = accountOf().appKey;
    await control('devices', { app, id: 'phone1', alias: 'li' });
    const [cid = '', other = ''] = (await ask('GET', '/v3/push/cid?count=2')).body['cidlist'] as string[];
    const pushlist = {
      [cid]: { platform: 'all', target: 'li', notification: { alert: '你好' } },
      [other]: { platform: 'all', target: 'nobody', notification: { alert: '你好' } },
    };
    expect((await ask('POST', '/v3/push/batch/alias/single', { pushlist })).body.error?.code).toBe(2006);
    await control('vip', { app });
    const { body } = await ask('POST', '/v3/push/batch/alias/single', { pushlist });
    expect(body).toEqual({
      [cid]: { msg_id: expect.any(String) },
      [other]: { error: { code: 1011, message: expect.any(String) } },
    });
    expect((await ask('POST', '/v3/push/batch/alias/single', { pushlist: { [cid]: pushlist[cid] } })).body).toEqual({
      [cid]: body[cid],
    });
    expect(
      (
        await ask('POST', '/v3/push/batch/regid/single', {
          pushlist: { [other]: { platform: 'all', target: 'phone1', notification: { alert: '你好' } } },
        })
      ).body,
    ).toEqual({ [other]: { msg_id: expect.any(String) } });
    expect(sandbox.accepted()).toHaveLength(2);
  });

  it('report messages and users, to paying apps only', async () => {
    const id = String((await ask('POST', '/v3/push', simple)).body['msg_id']);
    const today = new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10);
    for (const path of [`/v3/messages/detail?msg_ids=${id}`, `/v3/users?time_unit=DAY&start=${today}&duration=1`])
      expect((await ask('GET', path)).body.error?.code).toBe(2006);
    await control('vip', { app: accountOf().appKey });
    expect((await ask('GET', `/v3/messages/detail?msg_ids=${id}`)).body).toMatchObject([
      { msg_id: id, jpush: { received: 1 }, hmos: { received: 1 } },
    ]);
    expect((await ask('GET', `/v3/users?time_unit=DAY&start=${today}&duration=1`)).body).toMatchObject({
      items: [{ android: { online: 1 } }],
    });
    expect((await ask('GET', `/v3/users?time_unit=HOUR&start=${today}&duration=1`)).body.error?.code).toBe(3004);
    expect((await ask('GET', '/v3/users?time_unit=DAY&start=2020-01-01&duration=1')).body.error?.code).toBe(3005);
  });

  it('refuse a phone maker that JPush does not know', async () => {
    expect(
      (await ask('POST', '/v3/push', { ...simple, options: { third_party_channel: { nokia: {} } } })).body.error?.code,
    ).toBe(1003);
    expect((await ask('POST', '/v3/push', { ...simple, options: { classification: 2 } })).body.error?.code).toBe(1003);
    expect(
      (
        await ask('POST', '/v3/push', {
          ...simple,
          options: { classification: 1, third_party_channel: { vivo: { distribution: 'ospush' } } },
        })
      ).status,
    ).toBe(200);
  });
});
