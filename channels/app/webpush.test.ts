import webPush from 'web-push';
import { DoorClosed } from '../channel.js';
import { channel } from './adapter.js';
import { classify } from './errors.js';
import { errorOf, openDesk, type Desk } from './fixtures/desk.js';
import { policy, typhoon } from './fixtures/samples.js';
import { webPayload } from './webpush.js';
import { jsonBytes } from './budget.js';

let desk: Desk;
const vapid = webPush.generateVAPIDKeys();
const credentials = {
  vapidPublicKey: vapid.publicKey,
  vapidPrivateKey: vapid.privateKey,
  vapidSubject: 'mailto:desk@example.gov.cn',
};
const settings = {
  provider: 'webpush',
  appKey: undefined,
  endpoint: undefined,
  reportEndpoint: undefined,
  audience: undefined,
};
const account = () => desk.account(0, settings, credentials);

beforeEach(async () => {
  desk = await openDesk();
  if (!channel.prepare) throw new Error('the app channel prepares its feeds');
  await channel.prepare(account(), desk.call('x'));
});
afterEach(() => desk.close());

async function subscriber(): Promise<string> {
  const subscription = (await desk.control('webpush/subscribe')) as { endpoint: string };
  expect(
    (await fetch(`${desk.hubUrl}/feeds/app-1/subscriptions`, { method: 'POST', body: JSON.stringify(subscription) }))
      .status,
  ).toBe(201);
  return subscription.endpoint;
}

const publish = (key = 'd1', release = policy) =>
  channel.publish(account(), channel.render(release, account()), desk.call(key, release));
const told = () => desk.sandbox.accepted().filter((entry) => entry.call === 'webpush');

it('shows the key that browsers need to subscribe, before the first release', async () => {
  expect(await (await fetch(`${desk.hubUrl}/feeds/app-1/vapid-public-key`)).text()).toBe(vapid.publicKey);
  expect((await fetch(`${desk.hubUrl}/feeds/app-1/feed.json`)).status).toBe(200);
});

it('tells every subscriber once, so that the browser can read it', async () => {
  await Promise.all([1, 2, 3].map(subscriber));
  expect(await publish('d1', typhoon)).toMatchObject({
    outcome: 'published',
    platform: { words: 'Web Push: 3 sent, 0 gone, 0 failed' },
  });
  await publish('d1', typhoon);
  expect(told()).toHaveLength(3);
  expect(await (await fetch(desk.sandbox.url)).text()).toContain(typhoon.title);
  expect(await channel.find(account(), channel.render(typhoon, account()), desk.call('d1', typhoon))).toMatchObject({
    outcome: 'found',
  });
});

it.each([404, 410] as const)('forgets a subscriber whose subscription answers %d', async (status) => {
  const [gone] = await Promise.all([subscriber(), subscriber()]);
  await desk.control('webpush/expire', { endpoint: gone, status });
  expect(await publish('d1')).toMatchObject({
    outcome: 'published',
    platform: { words: 'Web Push: 1 sent, 1 gone, 0 failed' },
  });
  expect(await publish('d2')).toMatchObject({ platform: { words: 'Web Push: 1 sent, 0 gone, 0 failed' } });
});

it('forgets a subscriber whose subscription alone is called wrong, and nobody where all are', async () => {
  await Promise.all([subscriber(), subscriber()]);
  await desk.control('script', { call: 'webpush', code: '400', times: 2 });
  expect(await publish('d1')).toMatchObject({ platform: { words: 'Web Push: 0 sent, 0 gone, 2 failed' } });
  await desk.control('script', { call: 'webpush', code: '400' });
  expect(await publish('d2')).toMatchObject({ platform: { words: 'Web Push: 1 sent, 1 gone, 0 failed' } });
  expect(await publish('d3')).toMatchObject({ platform: { words: 'Web Push: 1 sent, 0 gone, 0 failed' } });
});

it('takes subscribers before the first release, and shows a new key as soon as it has been checked', async () => {
  await subscriber();
  const next = webPush.generateVAPIDKeys();
  const renewed = { ...credentials, vapidPublicKey: next.publicKey, vapidPrivateKey: next.privateKey };
  await channel.prepare?.(desk.account(0, settings, renewed), desk.call('x'));
  expect(await (await fetch(`${desk.hubUrl}/feeds/app-1/vapid-public-key`)).text()).toBe(next.publicKey);
});

it.each(['401', '403', '413', '500'])("publishes all the same when a subscriber's service answers %s", async (code) => {
  await Promise.all([subscriber(), subscriber()]);
  await desk.control('script', { call: 'webpush', code });
  expect(await publish()).toMatchObject({
    outcome: 'published',
    platform: { words: 'Web Push: 1 sent, 0 gone, 1 failed' },
  });
});

it.each(['429', '503'])('waits as told at %s, and then tells only those still untold', async (code) => {
  await Promise.all([subscriber(), subscriber(), subscriber()]);
  await desk.control('script', { call: 'webpush', code });
  const disposition = classify(await errorOf(publish()), desk.call('x').now());
  expect(disposition.class).toBe('wait');
  if (disposition.class === 'wait')
    expect((disposition.until.getTime() - desk.call('x').now().getTime()) / 1000).toBeCloseTo(30, -1);
  expect(told()).toHaveLength(2);
  desk.advance(31);
  expect(await publish()).toMatchObject({
    outcome: 'published',
    platform: { words: 'Web Push: 3 sent, 0 gone, 0 failed' },
  });
  expect(told()).toHaveLength(3);
  expect(new Set(told().map((entry) => entry.account)).size).toBe(3);
});

it('gives up on a push service that keeps it waiting for over an hour', async () => {
  await subscriber();
  await desk.control('script', { call: 'webpush', code: '429', times: 2 });
  await publish().catch(() => undefined);
  desk.advance(3_700);
  expect(await publish()).toMatchObject({
    outcome: 'published',
    platform: { words: 'Web Push: 0 sent, 0 gone, 1 failed' },
  });
});

it('publishes though a subscriber names an address that does not answer or lies inside the network', async () => {
  const subscription = (await desk.control('webpush/subscribe')) as { keys: unknown };
  for (const endpoint of ['http://169.254.169.254/latest', 'http://127.0.0.1:1/x']) {
    await fetch(`${desk.hubUrl}/feeds/app-1/subscriptions`, {
      method: 'POST',
      body: JSON.stringify({ endpoint, keys: subscription.keys }),
    });
  }
  expect(await publish()).toMatchObject({
    outcome: 'published',
    platform: { words: 'Web Push: 0 sent, 0 gone, 2 failed' },
  });
});

it('lets a waiting browser see only the last message of one release', async () => {
  const endpoint = await subscriber();
  await desk.control('webpush/online', { endpoint, online: false });
  await publish();
  const before = await (await fetch(desk.sandbox.url)).text();
  expect(before).not.toContain(policy.title);
  await desk.control('webpush/online', { endpoint, online: true });
  expect(await (await fetch(desk.sandbox.url)).text()).toContain(policy.title);
});

it('asks at the door before each subscriber, and tells the rest where it opens again', async () => {
  await Promise.all([subscriber(), subscriber(), subscriber()]);
  let open = 3;
  // The item, then two subscribers.
  const leave = () => (open-- > 0 ? Promise.resolve() : Promise.reject(new DoorClosed('frozen')));
  const rendition = channel.render(policy, account());
  await expect(channel.publish(account(), rendition, desk.call('d1', policy, { leave }))).rejects.toBeInstanceOf(
    DoorClosed,
  );
  expect(told()).toHaveLength(2);
  expect(await publish()).toMatchObject({ platform: { words: 'Web Push: 3 sent, 0 gone, 0 failed' } });
  expect(told()).toHaveLength(3);
});

it('drops a subscription with a key that no browser made, and none for a fault of our own', async () => {
  const endpoint = await subscriber();
  const wrong = { ...account(), credentials: { ...credentials, vapidSubject: 'nobody' } };
  expect(await errorOf(channel.publish(wrong, channel.render(policy, wrong), desk.call('d1')))).toMatchObject({
    message: expect.stringContaining('nobody'),
  });
  const keys = { p256dh: Buffer.alloc(65, 4).toString('base64url'), auth: Buffer.alloc(16).toString('base64url') };
  await fetch(`${desk.hubUrl}/feeds/app-1/subscriptions`, {
    method: 'POST',
    body: JSON.stringify({ endpoint: `${endpoint}x`, keys }),
  });
  expect(await publish('d2')).toMatchObject({ platform: { words: 'Web Push: 1 sent, 1 gone, 0 failed' } });
});

it('tells again of a correction, and a waiting browser sees that alone', async () => {
  const endpoint = await subscriber();
  await desk.control('webpush/online', { endpoint, online: false });
  await publish();
  const corrected = { ...policy, change: 'correction' as const };
  await channel.publish(account(), channel.render(corrected, account()), desk.call('d1', corrected, { seq: 2 }));
  await desk.control('webpush/online', { endpoint, online: true });
  const page = await (await fetch(desk.sandbox.url)).text();
  expect(page.split(policy.title.slice(0, 20))).toHaveLength(2);
  expect(page).toContain('更正：');
});

it('checks that the two halves of its key belong together', async () => {
  expect(await channel.check(account(), desk.call('x'))).toEqual({ outcome: 'ok' });
  const other = {
    ...account(),
    credentials: { ...credentials, vapidPrivateKey: webPush.generateVAPIDKeys().privateKey },
  };
  expect(await channel.check(other, desk.call('x'))).toMatchObject({ outcome: 'dead' });
});

it('keeps its message within what a push service takes', () => {
  const text = webPayload({
    title: '标题'.repeat(25),
    text: '"字'.repeat(3_000),
    urgent: true,
    url: `https://example.gov.cn/${'x'.repeat(400)}`,
    id: 'x',
    language: 'zh-CN',
  });
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(3_000);
  expect(jsonBytes(JSON.parse(text))).toBe(Buffer.byteLength(text));
});
