import { writeFile } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { join } from 'node:path';
import webPush from 'web-push';
import { channel } from './adapter.js';
import { publicFace } from './face.js';
import { itemId } from './feed.js';
import { openDesk, type Desk } from './fixtures/desk.js';
import { fileHash, keynote, pictureHash, policy, warningOf } from './fixtures/samples.js';

let desk: Desk;
let base: string;
const idOf = (name: string) => itemId(name, { id: 'a0', settings: { feed: 'app-1' } });
beforeAll(async () => {
  desk = await openDesk();
  base = `${desk.hubUrl}/feeds/app-1`;
  for (const [key, release] of [
    ['d1', policy],
    ['d2', keynote],
    ['gone', policy],
  ] as const) {
    const account = desk.account(0);
    await channel.publish(account, channel.render(release, account), desk.call(key, release));
  }
  await channel.withdraw(desk.account(0), { id: idOf('gone') }, desk.call('gone', policy, { seq: 2 }));
  await writeFile(join(desk.folder, 'secret.txt'), 'secret');
});
afterAll(() => desk.close());

it.each([
  ['feed.json', 'application/feed+json; charset=utf-8'],
  ['feed.atom', 'application/atom+xml; charset=utf-8'],
  [`items/${idOf('d1')}`, 'text/html; charset=utf-8'],
  [`media/${pictureHash}.jpg`, 'image/jpeg'],
  [`media/${fileHash}.docx`, 'application/octet-stream'],
])('serves %s with its type and validators, and answers 304 to what is still fresh', async (path, type) => {
  const answer = await fetch(`${base}/${path}`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type]);
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  const etag = answer.headers.get('etag') ?? '';
  const modified = answer.headers.get('last-modified') ?? '';
  const status = async (headers: Record<string, string>) => (await fetch(`${base}/${path}`, { headers })).status;
  expect(await status({ 'if-none-match': etag })).toBe(304);
  expect(await status({ 'if-none-match': `"other", W/${etag}` })).toBe(304);
  expect(await status({ 'if-modified-since': modified })).toBe(304);
  expect(await status({ 'if-none-match': '"other"', 'if-modified-since': modified })).toBe(200);
  expect(await status({ 'if-modified-since': new Date(0).toUTCString() })).toBe(200);
  const head = await fetch(`${base}/${path}`, { method: 'HEAD' });
  expect([head.status, await head.text(), head.headers.get('etag')]).toEqual([200, '', etag]);
});

it('gives a feed another validator when it has changed', async () => {
  const etag = (await fetch(`${base}/feed.json`)).headers.get('etag') ?? '';
  const account = desk.account(0);
  await channel.publish(account, channel.render(policy, account), desk.call('d3'));
  expect((await fetch(`${base}/feed.json`, { headers: { 'if-none-match': etag } })).status).toBe(200);
});

it('answers 410 with a page for people once an item is withdrawn, and 404 for what never was', async () => {
  const gone = await fetch(`${base}/items/${idOf('gone')}`);
  expect([gone.status, (await gone.text()).includes('该内容已由发布单位撤回')]).toEqual([410, true]);
  expect((await fetch(`${base}/items/${idOf('never')}`)).status).toBe(404);
});

describe('a warning', () => {
  const end = '2026-11-24T13:00:00Z';
  const read = async (path: string, at: string, headers: Record<string, string> = {}) => {
    const answer = await publicFace.handle({
      method: 'GET',
      path: `/app-1/${path}`,
      query: new URLSearchParams(),
      headers,
      body: Buffer.alloc(0),
      files: desk.call('x').files,
      folder: desk.folder,
      hubUrl: desk.hubUrl,
      memory: desk.call('x').memory,
      records: desk.call('x').records,
      media: desk.call('x').media,
      http: desk.call('x').http,
      frozen: () => Promise.resolve(false),
      now: () => new Date(at),
    });
    return { ...answer, text: String(answer.body) };
  };
  const put = async (name: string, change: Parameters<typeof warningOf>[0], seq = 1) => {
    const account = desk.account(0);
    const release = warningOf(change);
    await channel.publish(account, channel.render(release, account), desk.call(name, release, { seq }));
  };

  it('is in force until its end and is drawn as over from then on, though nothing is published', async () => {
    await put('w1', { expires: end });
    const [before, after] = ['2026-11-24T12:59:59Z', end];
    const page = await read(`items/${idOf('w1')}`, before);
    expect(page.text).toContain('<p class="alarm level red">台风红色预警');
    expect(page.text).not.toContain('已失效');
    const over = await read(`items/${idOf('w1')}`, after);
    expect(over.text).toContain('<title>已失效：示例市发布台风红色预警</title>');
    expect(over.text).toContain('已失效 <time datetime="2026-11-24T13:00:00.000Z">2026年11月24日 21:00</time>');
    expect(over.text).not.toContain('level red');
    expect(over.text).toContain('<h1>示例市发布台风红色预警</h1>');
    expect(over.headers['etag']).not.toBe(page.headers['etag']);
    const feeds = ['feed.json', 'feed.atom'];
    const early = await Promise.all(feeds.map((name) => read(name, before)));
    const late = await Promise.all(
      feeds.map((name, n) => read(name, after, { 'if-none-match': String(early[n]?.headers['etag']) })),
    );
    const says = (answers: typeof early) => answers.map(({ text }) => text.includes('已失效：示例市发布台风红色预警'));
    expect([says(early), says(late), late.map(({ status }) => status)]).toEqual([
      [false, false],
      [true, true],
      [200, 200],
    ]);
    expect([early[0]?.text, late[0]?.text]).toEqual([
      expect.stringContaining('"in_force":true'),
      expect.stringContaining('"in_force":false'),
    ]);
  });

  it('that was lifted says so and no more, also after its end', async () => {
    await put('w2', { expires: end });
    await put('w2', { expires: end, msgType: 'Cancel' }, 2);
    const page = await read(`items/${idOf('w2')}`, '2026-11-25T00:00:00Z');
    expect(page.text).toContain('<p class="alarm level over">台风红色预警解除');
    expect(page.text).not.toContain('已失效');
    expect(page.text).toMatch(/<p class="mark">已解除 <time/);
  });

  it('that a newer one replaces says so with when and until when it was to hold, leads there, and stays replaced when that one is lifted', async () => {
    const later = '2026-11-25T00:00:00Z';
    await put('w6', { expires: end });
    await put('w7', {
      msgType: 'Update',
      expires: '2026-11-26T00:00:00Z',
      references: [{ release: 'w6', expires: end }],
    });
    for (const change of [undefined, { msgType: 'Cancel' as const, references: [{ release: 'w7', expires: later }] }]) {
      if (change) await put('w7', change, 2);
      const page = await read(`items/${idOf('w6')}`, later);
      expect(page.text).toContain(`<a href="${base}/items/${idOf('w7')}">已被取代</a>`);
      expect(page.text).toContain('原定有效至 2026年11月24日 21:00');
      expect(page.text).toContain('<title>已被取代：示例市发布台风红色预警</title>');
      expect(page.text).not.toMatch(/level red|已失效/);
      expect((await read('feed.json', later)).text).toContain('已被取代：示例市发布台风红色预警');
    }
    expect((await read(`items/${idOf('w7')}`, later)).text).toContain('原定有效至 2026年11月25日 08:00');
    await channel.withdraw(desk.account(0), { id: idOf('w7') }, desk.call('w7', warningOf(), { seq: 3 }));
    expect((await read(`items/${idOf('w6')}`, '2026-11-24T12:00:00Z')).text).toContain('level red');
  });

  it('that another release lifts says so and leads there, as long as that one is public; no other warning does', async () => {
    const [before, after] = ['2026-11-24T12:00:00Z', '2026-11-25T00:00:00Z'];
    await put('w3', { expires: end });
    await put('w4', { expires: end });
    await put('w5', { msgType: 'Cancel', references: [{ release: 'w3' }] });
    const inForce = async (): Promise<unknown[]> => {
      const { items } = JSON.parse((await read('feed.json', before)).text) as {
        items: { id: string; title: string; _lianfa: { in_force?: boolean } }[];
      };
      return ['w3', 'w4'].map((name) => {
        const item = items.find(({ id }) => id.endsWith(idOf(name)));
        return [item?.title, item?._lianfa.in_force];
      });
    };
    const other = ['示例市发布台风红色预警', true];
    expect(await inForce()).toEqual([['已解除：示例市发布台风红色预警', false], other]);
    for (const at of [before, after]) {
      const page = await read(`items/${idOf('w3')}`, at);
      expect(page.text).toContain(`<a href="${base}/items/${idOf('w5')}">已解除</a>`);
      expect(page.text).not.toMatch(/level red|已失效/);
    }
    expect((await read(`items/${idOf('w4')}`, before)).text).toContain('level red');
    await channel.withdraw(desk.account(0), { id: idOf('w5') }, desk.call('w5', warningOf(), { seq: 2 }));
    expect(await inForce()).toEqual([other, other]);
  });
});

it('offers an attachment for download and never runs it', async () => {
  const answer = await fetch(`${base}/media/${fileHash}.docx`);
  expect(answer.headers.get('content-disposition')).toBe('attachment');
  expect((await fetch(`${base}/items/${idOf('d1')}`)).headers.get('content-security-policy')).toContain(
    "default-src 'none'",
  );
});

it.each([
  '/feeds/../secret.txt',
  '/feeds/app-1/../../secret.txt',
  '/feeds/app-1/..%2f..%2fsecret.txt',
  '/feeds/%2e%2e/secret.txt',
  '/feeds/app-1/items/..%2f..%2f..%2fsecret.txt',
  '/feeds/app-1/media/../../secret.txt',
  `/feeds/app-1/items/${idOf('d1')}.json`,
  '/feeds/app-1/pushes/x.json',
  '/feeds/app-1/subscriptions/ab/x.json',
  '/feeds/app-1/',
  '/feeds/',
  '/feeds/app-1/feed.json/x',
  '/feeds/app-1\\..\\secret.txt',
  '/feeds/app-1/feed.json%00',
])('finds nothing at %s', async (path) => {
  // By hand, because a client would tidy the path first.
  const status = await new Promise((done, fail) => {
    const { hostname, port } = new URL(desk.hubUrl);
    plainRequest({ hostname, port, path }, (answer) => {
      answer.resume();
      done(answer.statusCode);
    })
      .on('error', fail)
      .end();
  });
  expect(status).toBe(404);
});

it('may be read by a page of any origin, and be written by nobody', async () => {
  expect((await fetch(`${base}/feed.json`)).headers.get('access-control-allow-origin')).toBe('*');
  expect(
    (await fetch(`${base}/subscriptions`, { method: 'OPTIONS' })).headers.get('access-control-allow-methods'),
  ).toContain('POST');
  expect((await fetch(`${base}/feed.json`, { method: 'PUT' })).status).toBe(405);
});

describe('subscriptions', () => {
  const curve = webPush.generateVAPIDKeys().publicKey;
  const good = {
    endpoint: 'https://push.example.net/abc',
    expirationTime: null,
    keys: { p256dh: curve, auth: Buffer.alloc(16).toString('base64url') },
  };
  const post = async (body: unknown, feed = 'app-1') =>
    (
      await fetch(`${desk.hubUrl}/feeds/${feed}/subscriptions`, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
      })
    ).status;

  it('are taken as the browser gives them, again and again', async () => {
    expect([await post(good), await post(good)]).toEqual([201, 201]);
  });

  it.each([
    ['no JSON', '{'],
    ['no endpoint', { keys: good.keys }],
    ['an endpoint that is no web address', { ...good, endpoint: 'file:///etc/passwd' }],
    ['a key of the wrong length', { ...good, keys: { ...good.keys, p256dh: 'AAAA' } }],
    ['an auth secret that is too short', { ...good, keys: { ...good.keys, auth: 'AAAA' } }],
  ])('are refused with %s', async (_, body) => {
    expect(await post(body)).toBe(400);
  });

  it('are refused when they are too large, or for a feed that is not there', async () => {
    expect(await post({ ...good, padding: 'x'.repeat(9_000) })).toBe(413);
    expect(await post(good, 'nowhere')).toBe(404);
  });

  it('end when asked to, also if they never were', async () => {
    const end = async (body: unknown) =>
      (await fetch(`${base}/subscriptions`, { method: 'DELETE', body: JSON.stringify(body) })).status;
    expect([await end({ endpoint: good.endpoint }), await end({ endpoint: good.endpoint }), await end({})]).toEqual([
      204, 204, 400,
    ]);
  });
});
