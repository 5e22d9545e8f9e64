import { writeFile } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { join } from 'node:path';
import webPush from 'web-push';
import { channel } from './adapter.js';
import { itemId } from './feed.js';
import { openDesk, type Desk } from './fixtures/desk.js';
import { fileHash, keynote, pictureHash, policy } from './fixtures/samples.js';

let desk: Desk;
let base: string;
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
  await channel.withdraw(desk.account(0), { id: itemId('gone') }, desk.call('gone-w'));
  await writeFile(join(desk.folder, 'secret.txt'), 'secret');
});
afterAll(() => desk.close());

it.each([
  ['feed.json', 'application/feed+json; charset=utf-8'],
  ['feed.atom', 'application/atom+xml; charset=utf-8'],
  [`items/${itemId('d1')}`, 'text/html; charset=utf-8'],
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
  const gone = await fetch(`${base}/items/${itemId('gone')}`);
  expect([gone.status, (await gone.text()).includes('该内容已由发布单位撤回')]).toEqual([410, true]);
  expect((await fetch(`${base}/items/${itemId('never')}`)).status).toBe(404);
});

it('offers an attachment for download and never runs it', async () => {
  const answer = await fetch(`${base}/media/${fileHash}.docx`);
  expect(answer.headers.get('content-disposition')).toBe('attachment');
  expect((await fetch(`${base}/items/${itemId('d1')}`)).headers.get('content-security-policy')).toContain(
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
  `/feeds/app-1/items/${itemId('d1')}.json`,
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
