import { setTimeout as pause } from 'node:timers/promises';
import { openTestServer, type TestServer } from '../test/support/http.js';
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
async function open(query: string, headers: Record<string, string> = {}) {
  const stop = new AbortController();
  const answer = await fetch(`${server.url}/api/v1/events${query}`, {
    headers: { authorization: `Bearer ${server.key}`, ...headers },
    signal: stop.signal,
  });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    answer,
    async next(event: string): Promise<unknown> {
      for (;;) {
        const match = new RegExp(`event: ?${event}\\n(?:id:.*\\n)?data: ?(.*)\\n`).exec(text);
        if (match) {
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

it('tells the status at once, and what changed after that; also to a browser that comes back', async () => {
  const stream = await open(`?release=${release}`, { 'last-event-id': 'whatever <it> was' });
  expect(stream.answer.headers.get('content-type')).toContain('text/event-stream');
  expect(await stream.next('status')).toMatchObject({ release, finished: false });
  server.change({ release, ids: ['r1-a1', 'r1-a2'] });
  expect(await stream.next('status')).toMatchObject({ release });
  expect(await stream.next('placements')).toEqual({ ids: ['r1-a1', 'r1-a2'] });
  server.change({ release, ids: undefined });
  expect(await stream.next('placements')).toEqual({ ids: null });
  stream.close();
});

it('tells the list which releases changed', async () => {
  const stream = await open('');
  while (server.listeners() === 0) await pause(20);
  server.change({ release: 'r9', ids: ['d1'] });
  expect(await stream.next('releases')).toEqual({ ids: ['r9'] });
  stream.close();
});

it('says that the line stands although nothing happens', async () => {
  const stream = await open(`?release=${release}`);
  expect(await stream.next('alive')).toBeNull();
  stream.close();
}, 30_000);

it('stops listening when nobody watches any more', async () => {
  while (server.listeners() > 0) await pause(20);
  expect(server.listeners()).toBe(0);
});

it('does not open a stream for a release that is not there', async () => {
  expect(await server.call('GET', '/api/v1/events?release=none')).toMatchObject({ status: 404 });
});
