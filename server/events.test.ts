import { setTimeout as pause } from 'node:timers/promises';
import { cookieOf } from '../test/support/cookie.js';
import { createApiKey } from '../core/people/api-keys.js';
import { openTestServer, request, type TestServer } from '../test/support/http.js';
import type { ReleaseSaved } from './contract/releases.js';

let server: TestServer;
let release: string;
beforeAll(async () => {
  server = await openTestServer();
  const { body } = await server.call('POST', '/api/v1/releases', {
    json: { title: '甲', source: '乙', body: { format: 'text', content: '丙' } },
  });
  release = (body as ReleaseSaved).release.id;
});
afterAll(() => server.close());

/** Opens the stream and reads events as they come. */
async function open(query: string, others: Record<string, string | undefined> = {}) {
  const headers = Object.fromEntries(
    Object.entries({ authorization: `Bearer ${server.key}`, ...others }).filter(([, value]) => value !== undefined),
  ) as Record<string, string>;
  const stop = new AbortController();
  const answer = await fetch(`${server.url}/api/v1/events${query}`, {
    headers,
    signal: stop.signal,
  });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let place = '';
  return {
    answer,
    /** Of the last event that bore one. */
    lastId: () => place,
    said: () => text,
    async next(event: string): Promise<unknown> {
      for (;;) {
        const match = new RegExp(`event: ?${event}\\n(?:id:.*\\n)?data: ?(.*)\\n`).exec(text);
        if (match) {
          place = /^id: ?(.*)$/m.exec(match[0])?.[1] ?? place;
          text = text.slice(match.index + match[0].length);
          return JSON.parse(match[1] ?? '') as unknown;
        }
        const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) throw new Error('the stream ended');
        text += value;
      }
    },
    close: () => {
      stop.abort();
    },
  };
}

it('tells the status at once, and what changed after that', async () => {
  const stream = await open(`?release=${release}`);
  expect(stream.answer.headers.get('content-type')).toContain('text/event-stream');
  expect(await stream.next('status')).toMatchObject({ release, finished: false });
  await server.change({ release, ids: ['r1-a1', 'r1-a2'] });
  expect(await stream.next('status')).toMatchObject({ release });
  expect(await stream.next('placements')).toEqual({ release, ids: ['r1-a1', 'r1-a2'] });
  await server.change({ release, ids: undefined });
  expect(await stream.next('placements')).toEqual({ release, ids: null });
  stream.close();
});

it('tells whoever comes back what was missed, once, by a header or in the address', async () => {
  const first = await open(`?release=${release}`);
  await first.next('status');
  const place = first.lastId();
  first.close();
  await server.change({ release, ids: ['r1-a3'] });
  const second = await open(`?release=${release}`, { 'last-event-id': place });
  expect(await second.next('placements')).toEqual({ release, ids: ['r1-a3'] });
  const next = second.lastId();
  second.close();
  await server.change({ release, ids: [] });
  const third = await open(`?release=${release}&after=${next}`);
  expect(await third.next('release')).toEqual({ release });
  expect(third.said()).not.toContain('placements');
  third.close();
});

it.each(['whatever <it> was', '0-1-aaaaaaaaaaaa', `${Date.now()}-0-aaaaaaaaaaaa`])(
  'tells everything to whoever comes back with a place that nobody knows: %s',
  async (place) => {
    const stream = await open(`?release=${release}&list=yes`, { 'last-event-id': place });
    expect(await stream.next('status')).toMatchObject({ release });
    expect(await stream.next('release')).toEqual({ release });
    expect(await stream.next('placements')).toEqual({ release, ids: null });
    expect(await stream.next('releases')).toEqual({ ids: null });
    expect(await stream.next('freezes')).toBeNull();
    stream.close();
  },
);

it('tells everybody who looks that the release was signed', async () => {
  const { body } = await server.call('GET', `/api/v1/releases/${release}`);
  const stream = await open(`?release=${release}`);
  await stream.next('status');
  const { revision } = body as { revision: { id: string } };
  expect(await server.send(release, revision.id)).toMatchObject({ status: 202 });
  expect(await stream.next('release')).toEqual({ release });
  stream.close();
});

it('tells the list which releases changed', async () => {
  const stream = await open('');
  await stream.next('alive');
  await server.change({ release, ids: ['d1'] });
  expect(await stream.next('releases')).toEqual({ ids: [release] });
  stream.close();
});

it('tells of several releases and of the list over one stream, and leaves out what is not there', async () => {
  const stream = await open(`?release=${release}&release=none&list=yes`);
  expect(await stream.next('status')).toMatchObject({ release });
  await server.change({ release, ids: ['d1'] });
  expect(await stream.next('releases')).toEqual({ ids: [release] });
  stream.close();
});

it('is told to no proxy as something to keep or to press together', async () => {
  const stream = await open(`?release=${release}`, { 'accept-encoding': 'gzip' });
  expect(stream.answer.headers.get('x-accel-buffering')).toBe('no');
  expect(stream.answer.headers.get('cache-control')).toContain('no-store');
  expect(stream.answer.headers.get('content-encoding')).toBeNull();
  stream.close();
});

it('says that the line stands although nothing happens, and ends that of a session signed out and of a key withdrawn', async () => {
  const signedIn = await request(`${server.url}/api/v1/session`, 'POST', { json: server.user });
  const cookie = cookieOf(signedIn);
  const other = await createApiKey(
    server.services,
    'other',
    (await server.services.store.people.findOne().lean())?._id ?? '',
  );
  const bySession = await open('', { authorization: undefined, cookie });
  const byKey = await open('', { authorization: `Bearer ${other}` });
  const stays = await open('');
  await request(`${server.url}/api/v1/session`, 'DELETE', { headers: { cookie, origin: server.url } });
  await server.services.store.apiKeys.updateOne({ name: 'other' }, { $set: { revokedAt: new Date() } });
  await expect(bySession.next('never')).rejects.toThrow('the stream ended');
  await expect(byKey.next('never')).rejects.toThrow('the stream ended');
  expect(await stays.next('alive')).toBeNull();
  stays.close();
});

it('holds a hundred streams open for one person and refuses the next in words', async () => {
  const streams = await Promise.all(Array.from({ length: 100 }, () => open('')));
  const refused = await server.call('GET', '/api/v1/events');
  expect(refused).toMatchObject({ status: 429, body: { error: { code: 'too_many_streams' } } });
  for (const stream of streams) stream.close();
  for (let status = 429; status === 429; await pause(20)) {
    const one = await open('');
    status = one.answer.status;
    one.close();
  }
});

it('forgets who has gone before their stream began', async () => {
  while (server.listeners() > 0) await pause(20);
  const { releases } = server.services.store;
  const find = releases.find.bind(releases);
  let asked = (): void => undefined;
  let letOn = (): void => undefined;
  const isAsked = new Promise<void>((done) => (asked = done));
  const mayGoOn = new Promise<void>((done) => (letOn = done));
  const spy = jest.spyOn(releases, 'find').mockImplementationOnce(((...given: Parameters<typeof find>) => ({
    lean: async () => {
      asked();
      await mayGoOn;
      return find(...given).lean();
    },
  })) as never);
  const stop = new AbortController();
  const gone = fetch(`${server.url}/api/v1/events?release=${release}`, {
    headers: { authorization: `Bearer ${server.key}` },
    signal: stop.signal,
  });
  await isAsked;
  stop.abort();
  await expect(gone).rejects.toThrow();
  await server.call('GET', '/api/v1/session');
  letOn();
  await server.call('GET', '/api/v1/session');
  expect(server.listeners()).toBe(0);
  spy.mockRestore();
});

it('stops listening when nobody watches any more', async () => {
  while (server.listeners() > 0) await pause(20);
  expect(server.listeners()).toBe(0);
});

it('does not open a stream for a release that is not there', async () => {
  expect(await server.call('GET', '/api/v1/events?release=none')).toMatchObject({ status: 404 });
});
