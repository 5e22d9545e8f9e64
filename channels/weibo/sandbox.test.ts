import { createRequire } from 'node:module';
import sharp from 'sharp';
import { createOutbound } from '../outbound.js';
import { startSandbox, type RunningSandbox } from '../sandbox.js';
import { authorizeUrl, exchangeCode, revoke, tokenInfo } from './oauth.js';
import { weiboSandbox } from './sandbox.js';
import { appKey, appSecret } from './sandbox/state.js';
import { settingsSchema } from './settings.js';

let sandbox: RunningSandbox;
let http: ReturnType<typeof createOutbound>;
let nextAccount = 0;

beforeEach(async () => {
  sandbox = await startSandbox(weiboSandbox());
  http = createOutbound([sandbox.url]);
});
afterEach(async () => {
  await http.close();
  await sandbox.close();
});

async function control(name: string, body: unknown): Promise<void> {
  const answer = await fetch(`${sandbox.controlUrl}/${name}`, { method: 'POST', body: JSON.stringify(body) });
  expect(answer.status).toBe(200);
}

interface User {
  uid: string;
  token: string;
}

function freshUser(): User {
  const { settings, credentials } = sandbox.account(nextAccount++);
  return { uid: String(settings['uid']), token: String(credentials['accessToken']) };
}

async function ask(
  name: string,
  values: Record<string, string>,
  method: 'GET' | 'POST' = 'POST',
): Promise<{ status: number; body: Record<string, unknown> }> {
  const query = new URLSearchParams(values);
  const answer = await fetch(`${sandbox.url}/2/${name}.json${method === 'GET' ? `?${query.toString()}` : ''}`, {
    method,
    ...(method === 'POST' && { body: query }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const share = (user: User, status: string, more: Record<string, string> = {}) =>
  ask('statuses/share', { access_token: user.token, status, rip: '203.0.113.9', ...more });
const link = 'https://www.x.gov.cn/articles/1';

describe('share', () => {
  it('answers a whole status, whose number has lost its end', async () => {
    const user = freshUser();
    const { status, body } = await share(user, `你好 ${link}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      text: `你好 ${link}`,
      mid: body['idstr'],
      user: { idstr: user.uid },
      pic_ids: [],
      visible: { type: 0 },
    });
    expect(String(body['id'])).not.toBe(body['idstr']);
    expect(body['created_at']).toMatch(/^\w{3} \w{3} \d\d \d\d:\d\d:\d\d \+0800 \d{4}$/);
    expect(Math.abs(Date.parse(String(body['created_at'])) - Date.now())).toBeLessThan(60_000);
  });

  it.each([
    ['no text', '', 20008, 400],
    ['a text without a link', '你好', 10017, 400],
    ['a link of another domain', '你好 https://x.gov.cn.evil.com/a', 10017, 400],
    ['a link of another domain beside one of ours', `你好 ${link} https://other.example.com/a`, 10017, 400],
    ['141 characters', `${'字'.repeat(131)} ${link}`, 20012, 400],
  ])("refuses %s in the platform's own words", async (_what, text, code, status) => {
    const refusal = await share(freshUser(), text);
    expect(refusal).toEqual({
      status,
      body: { request: '/2/statuses/share.json', error_code: code, error: expect.any(String) },
    });
    expect(sandbox.accepted()).toHaveLength(0);
  });

  it('takes exactly 140 characters', async () => {
    expect((await share(freshUser(), `${'字'.repeat(129)}a ${link}`)).status).toBe(200);
  });

  it('filters topics without a word, but nothing in a link', async () => {
    expect(
      (await share(freshUser(), `参加#植树节#活动 https://www.x.gov.cn/a#b 和 https://www.x.gov.cn/c#d`)).body['text'],
    ).toBe('参加活动 https://www.x.gov.cn/a#b 和 https://www.x.gov.cn/c#d');
  });

  it('says so where no domain is bound at all', async () => {
    await control('domains', { domains: [] });
    expect((await share(freshUser(), `你好 ${link}`)).body['error']).toBe('appkey not bind domain!');
  });

  it('refuses the same text again, until its window has passed', async () => {
    const user = freshUser();
    await share(user, `你好 ${link}`);
    expect((await share(user, `你好 ${link}`)).body).toMatchObject({ error_code: 20019 });
    expect((await share(freshUser(), `你好 ${link}`)).status).toBe(200);
    await control('duplicates', { similarSeconds: 600 });
    expect((await share(user, `你好！ ${link}2`)).body).toMatchObject({ error_code: 20017 });
    await control('clock', { advance: 601 });
    expect((await share(user, `你好 ${link}`)).status).toBe(200);
  });

  it('counts 30 posts an hour and 100 calls a Beijing day', async () => {
    const user = freshUser();
    for (let n = 0; n < 30; n += 1) expect((await share(user, `第${n}条 ${link}`)).status).toBe(200);
    expect((await share(user, `第31条 ${link}`)).body).toMatchObject({ error_code: 20016 });
    for (let n = 0; n < 69; n += 1)
      expect((await ask('statuses/user_timeline', { access_token: user.token }, 'GET')).status).toBe(200);
    expect(await ask('statuses/user_timeline', { access_token: user.token }, 'GET')).toMatchObject({
      status: 403,
      body: { error_code: 10023 },
    });
    await control('clock', { advance: 24 * 3600 });
    expect((await share(user, `明天 ${link}`)).status).toBe(200);
  });

  it('counts all calls of one address', async () => {
    await control('budgets', { addressCallsPerHour: 1 });
    await share(freshUser(), `你好 ${link}`);
    expect((await share(freshUser(), `你好 ${link}`)).body).toMatchObject({ error_code: 10022 });
  });

  it("lets only the named addresses in, and asks for the user's own where that is switched on", async () => {
    await control('rip', { required: true });
    expect(
      (await ask('statuses/share', { access_token: freshUser().token, status: `你好 ${link}` })).body,
    ).toMatchObject({ error_code: 10016 });
    await control('addresses', { only: ['203.0.113.1'] });
    expect(await share(freshUser(), `你好 ${link}`)).toMatchObject({
      status: 400,
      body: { error_code: 10004, error: 'Ip Limit, request ip is not contained in safety ip' },
    });
  });

  it.each([
    ['of another kind', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 20005],
    ['of 5 MB', Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(5 * 1024 * 1024)]), 20006],
    ['that is empty', Buffer.alloc(0), 20007],
  ])('refuses a picture %s', async (_what, bytes, code) => {
    const parts = new FormData();
    parts.append('access_token', freshUser().token);
    parts.append('status', `图 ${link}`);
    parts.append('pic', new Blob([Uint8Array.from(bytes)]), 'pic');
    const answer = await fetch(`${sandbox.url}/2/statuses/share.json`, { method: 'POST', body: parts });
    expect(await answer.json()).toMatchObject({ error_code: code });
  });

  it('keeps a picture byte for byte and shows it', async () => {
    const picture = await sharp({ create: { width: 3, height: 3, channels: 3, background: '#c00' } })
      .png()
      .toBuffer();
    const parts = new FormData();
    parts.append('access_token', freshUser().token);
    parts.append('status', `图 ${link}`);
    parts.append('pic', new Blob([Uint8Array.from(picture)]), 'a.png');
    const posted = (await (
      await fetch(`${sandbox.url}/2/statuses/share.json`, { method: 'POST', body: parts })
    ).json()) as { original_pic: string; text: string };
    expect(posted.text).toBe(`图 ${link}`);
    expect(Buffer.from(await (await fetch(posted.original_pic)).arrayBuffer()).equals(picture)).toBe(true);
  });

  it('is closed to the legacy calls and to other methods', async () => {
    const user = freshUser();
    expect(await ask('statuses/update', { access_token: user.token, status: 'x' })).toMatchObject({
      status: 403,
      body: { error_code: 10014 },
    });
    expect((await ask('statuses/share', { access_token: user.token, status: 'x' }, 'GET')).body).toMatchObject({
      error_code: 10021,
    });
    expect((await ask('statuses/nothing', { access_token: user.token })).body).toMatchObject({ error_code: 10020 });
    expect((await ask('constructor', { access_token: user.token })).body).toMatchObject({ error_code: 10020 });
  });

  it.each(['statuses/update', 'statuses/upload', 'statuses/upload_url_text', 'statuses/upload_url_text/biz'])(
    '%s is for apps with other permissions',
    async (call) => {
      expect(await ask(call, { access_token: freshUser().token, status: `你好 ${link}` })).toMatchObject({
        status: 403,
        body: { error_code: 10014, request: `/2/${call}.json` },
      });
    },
  );
});

describe('reading', () => {
  it("shows the five newest of one's own posts, whatever is asked for, and nobody else's", async () => {
    const user = freshUser();
    for (let n = 0; n < 7; n += 1) await share(user, `第${n}条 ${link}`);
    const { body } = await ask(
      'statuses/user_timeline',
      { access_token: user.token, count: '100', base_app: '1' },
      'GET',
    );
    expect((body['statuses'] as { text: string }[]).map((one) => one.text.slice(0, 3))).toEqual([
      '第6条',
      '第5条',
      '第4条',
      '第3条',
      '第2条',
    ]);
    expect(body).toMatchObject({ total_number: 7, hasvisible: false, previous_cursor: 0, next_cursor: 0 });
    expect((await ask('statuses/user_timeline', { access_token: user.token, uid: '1' }, 'GET')).body).toMatchObject({
      error_code: 21335,
    });
  });

  it('takes the token from the header too', async () => {
    const answer = await fetch(`${sandbox.url}/2/statuses/user_timeline.json`, {
      headers: { authorization: `OAuth2 ${freshUser().token}` },
    });
    expect(answer.status).toBe(200);
  });

  it('refuses a token nobody was given', async () => {
    expect((await share({ uid: '1', token: 'made-up' }, `你好 ${link}`)).body).toMatchObject({ error_code: 21332 });
  });

  it('shows the public what was posted, escaped', async () => {
    const user = freshUser();
    await share(user, `<script>alert(1)</script> ${link}`);
    const page = await (await fetch(sandbox.url)).text();
    expect(page).toContain('&lt;script&gt;alert(1)');
    expect(page).not.toContain('<script');
    expect((await fetch(`${sandbox.url}/${user.uid}/abc`)).status).toBe(404);
  });

  it('shows all of one account on its own page, and nothing of another', async () => {
    const [one, other] = [freshUser(), freshUser()];
    await share(one, `甲 ${link}`);
    await share(other, `乙 ${link}`);
    const page = await (await fetch(`${sandbox.url}/u/${one.uid}`)).text();
    expect([page.includes('甲'), page.includes('乙')]).toEqual([true, false]);
  });
});

describe('thousands of accounts', () => {
  it('are the same for the same numbers, and cost nothing', () => {
    const before = process.memoryUsage().heapUsed;
    expect(sandbox.account(129_999)).toEqual(sandbox.account(129_999));
    for (let n = 0; n < 130_000; n += 1) sandbox.account(n);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 * 1024 * 1024);
    expect(settingsSchema.safeParse(sandbox.account(129_999).settings).success).toBe(true);
  });
});

/** A person presses a button on the page that stands at the address. */
function pressed(address: string, answer: Record<string, string>): Promise<Response> {
  const url = new URL(address);
  return fetch(`${url.origin}${url.pathname}`, {
    method: 'POST',
    body: new URLSearchParams({ ...Object.fromEntries(url.searchParams), ...answer }),
    redirect: 'manual',
  });
}

async function answerOn(address: string, answer: Record<string, string>): Promise<URL> {
  const { status, headers } = await pressed(address, answer);
  expect(status).toBe(302);
  return new URL(headers.get('location') ?? '');
}

describe('authorisation', () => {
  const call = () => ({ http, signal: AbortSignal.timeout(10_000), now: () => new Date() });
  const app = () => ({ endpoint: sandbox.url, appKey, appSecret });
  const back = 'https://hub.example/callbacks/weibo';

  async function codeFor(uid: string): Promise<string> {
    const answer = await answerOn(authorizeUrl(app(), back, 's1'), { uid, answer: 'agree' });
    expect(answer.searchParams.get('state')).toBe('s1');
    return answer.searchParams.get('code') ?? '';
  }

  it('shows a person what is asked for and where it leads, and asks who signs in', async () => {
    const page = await (await fetch(authorizeUrl(app(), back, 's"1', true))).text();
    expect(page).toContain('hub.example');
    expect(page).toContain('name="state" value="s&quot;1"');
    expect(page).toContain('name="uid" value=""');
    expect(await (await fetch(authorizeUrl(app(), back, 's1'))).text()).toContain('name="uid" value="5000000000"');
  });

  it('leads back with a denial and no code', async () => {
    const { searchParams } = await answerOn(authorizeUrl(app(), back, 's1'), { answer: 'deny' });
    expect(Object.fromEntries(searchParams)).toEqual({
      error: 'access_denied',
      error_code: '21330',
      error_description: 'user denied your request.',
      error_uri: '/oauth2/authorize',
      state: 's1',
    });
  });

  it('stays on the page where there is no such account', async () => {
    const answer = await pressed(authorizeUrl(app(), back, 's1'), { uid: '12', answer: 'agree' });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('仿真平台没有这个账号');
  });

  it('gives a token for a code, once', async () => {
    const code = await codeFor('5000000007');
    const granted = await exchangeCode(app(), code, back, call());
    expect(granted).toMatchObject({ uid: '5000000007', expiresAt: expect.stringMatching(/^\d{4}-/) });
    const { uid, secondsLeft } = await tokenInfo(sandbox.url, granted.accessToken, call());
    expect([uid, Math.round(secondsLeft / 86_400)]).toEqual(['5000000007', 30]);
    await expect(exchangeCode(app(), code, back, call())).rejects.toMatchObject({ code: '21325' });
  });

  it('ends when it is taken back, and when its time is up', async () => {
    const first = await exchangeCode(app(), await codeFor('5000000008'), back, call());
    await revoke(sandbox.url, first.accessToken, call());
    await expect(tokenInfo(sandbox.url, first.accessToken, call())).rejects.toMatchObject({ code: '21319' });
    const second = await exchangeCode(app(), await codeFor('5000000008'), back, call());
    await control('clock', { advance: 31 * 86_400 });
    await expect(tokenInfo(sandbox.url, second.accessToken, call())).rejects.toMatchObject({ code: '21327' });
  });

  it.each([
    ['a wrong secret', { client_secret: 'x' }, 21324],
    ['another redirect address', { redirect_uri: 'https://evil.example/' }, 21322],
    ['another grant type', { grant_type: 'password' }, 21328],
    ['a made-up code', { code: 'x' }, 21325],
  ])('refuses %s in the form of its errors', async (_what, wrong, code) => {
    const body = new URLSearchParams({
      client_id: appKey,
      client_secret: appSecret,
      grant_type: 'authorization_code',
      code: await codeFor('5000000009'),
      redirect_uri: back,
      ...wrong,
    });
    const answer = await fetch(`${sandbox.url}/oauth2/access_token`, { method: 'POST', body });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error_code: code,
      request: '/oauth2/access_token',
      error_uri: '/oauth2/access_token',
      error_description: expect.any(String),
    });
  });
});

describe('a client written by others', () => {
  interface Status {
    id: string;
    text: string;
    t_url: string;
  }
  type Answered<T> = (error: Error | null, value: T) => void;
  interface Independent {
    init(type: string, key: string, secret: string, redirect: string): void;
    enables: { weibo: { config: Record<string, string> } };
    update(user: object, status: string, done: Answered<Status>): void;
    user_timeline(user: object, cursor: object, done: Answered<{ items: Status[] }>): void;
    show(user: object, id: string, done: Answered<Status>): void;
    count(user: object, ids: string, done: Answered<{ id: string; comments: number }[]>): void;
    comment_create(user: object, id: string, comment: string, done: Answered<{ id: string; text: string }>): void;
    comments(user: object, id: string, cursor: object, done: Answered<{ items: { text: string }[] }>): void;
    destroy(user: object, id: string, done: Answered<Status>): void;
    get_access_token(user: object, done: Answered<{ access_token: string; uid: string }>): void;
    get_authorization_url(user: object, done: Answered<{ auth_url: string }>): void;
  }
  const weibo = createRequire(__filename)('weibo') as Independent;
  const asked = <T>(work: (done: Answered<T>) => void): Promise<T> =>
    new Promise((done, fail) => {
      work((error, value) => {
        if (error) fail(error);
        else done(value);
      });
    });

  beforeEach(() => {
    weibo.init('weibo', appKey, appSecret, 'https://hub.example/back');
    Object.assign(weibo.enables.weibo.config, {
      host: `${sandbox.url}/2`,
      oauth_host: `${sandbox.url}/oauth2`,
      update: '/statuses/share',
    });
  });

  it('is authorised, posts, reads, comments and deletes', async () => {
    const { auth_url: address } = await asked<{ auth_url: string }>((done) => {
      weibo.get_authorization_url({ blogtype: 'weibo' }, done);
    });
    const code = (await answerOn(address, { uid: '5000000100', answer: 'agree' })).searchParams.get('code');
    const token = await asked<{ access_token: string; uid: string }>((done) => {
      weibo.get_access_token({ blogtype: 'weibo', code }, done);
    });
    expect(token.uid).toBe('5000000100');

    const user = { blogtype: 'weibo', access_token: token.access_token };
    const posted = await asked<Status>((done) => {
      weibo.update(user, `你好，100%&+ 🚨 ${link}`, done);
    });
    expect(posted.text).toBe(`你好，100%&+ 🚨 ${link}`);
    expect(sandbox.accepted()).toMatchObject([{ account: '5000000100', id: posted.id }]);
    expect((await fetch(posted.t_url.replace('http://weibo.com', sandbox.url))).status).toBe(200);

    expect(
      (
        await asked<{ items: Status[] }>((done) => {
          weibo.user_timeline(user, { count: 20 }, done);
        })
      ).items.map((item) => item.id),
    ).toEqual([posted.id]);
    expect(
      (
        await asked<Status>((done) => {
          weibo.show(user, posted.id, done);
        })
      ).text,
    ).toBe(posted.text);
    await asked((done) => {
      weibo.comment_create(user, posted.id, '第一', done);
    });
    expect(
      (
        await asked<{ items: { text: string }[] }>((done) => {
          weibo.comments(user, posted.id, {}, done);
        })
      ).items.map((item) => item.text),
    ).toEqual(['第一']);
    expect(
      await asked((done) => {
        weibo.count(user, posted.id, done);
      }),
    ).toMatchObject([{ id: posted.id, comments: 1 }]);
    await asked((done) => {
      weibo.destroy(user, posted.id, done);
    });
    await expect(
      asked<Status>((done) => {
        weibo.show(user, posted.id, done);
      }),
    ).rejects.toThrow('Target weibo does not exist');
  });

  it('understands a refusal', async () => {
    const user = { blogtype: 'weibo', access_token: freshUser().token };
    await expect(
      asked((done) => {
        weibo.update(user, '没有链接', done);
      }),
    ).rejects.toThrow('text not find domain!');
    await expect(
      asked((done) => {
        weibo.update({ ...user, access_token: 'x' }, `你好 ${link}`, done);
      }),
    ).rejects.toThrow('invalid_access_token');
  });
});

describe('who somebody is', () => {
  it('says whose token it is', async () => {
    const user = freshUser();
    const { body } = await ask('account/get_uid', { access_token: user.token }, 'GET');
    expect(String(body['uid'])).toBe(user.uid);
  });

  it('shows a user by uid or by name, with the newest post', async () => {
    const user = freshUser();
    await share(user, `你好 ${link}`);
    const byUid = await ask('users/show', { access_token: user.token, uid: user.uid }, 'GET');
    expect(byUid.body).toMatchObject({ idstr: user.uid, statuses_count: 1, status: { text: `你好 ${link}` } });
    const name = String(byUid.body['screen_name']);
    const byName = await ask('users/show', { access_token: user.token, screen_name: name }, 'GET');
    expect(byName.body).toEqual(byUid.body);
  });

  it.each([
    ['neither', {}, 10008],
    ['both', { uid: '5000000000', screen_name: '甲' }, 10008],
    ['nobody', { uid: '1' }, 20003],
  ])('refuses %s', async (_, values, code) => {
    const { body } = await ask('users/show', { access_token: freshUser().token, ...values }, 'GET');
    expect(body['error_code']).toBe(code);
  });
});
