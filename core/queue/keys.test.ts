import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import calculateSlot from 'cluster-key-slot';
import fc from 'fast-check';
import { connectRedis } from './connection.js';
import { placementId, lanes, type Lane } from '../model/placement.js';
import {
  channelKey,
  claimsKey,
  epochKey,
  freezeKey,
  freezeKeys,
  memoryKey,
  redisKey,
  shardKey,
  shardOf,
  shardsOf,
  streamKey,
  type KeySettings,
} from './keys.js';
import { prefixOf, queueNames } from './queues.js';

const root = join(import.meta.dirname, '..', '..');

/** The program's own files: no tests, nothing that was built. */
function sources(): { file: string; text: string }[] {
  return ['core', 'server', 'workers', 'cli'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => ({ file: `${folder}/${file}`, text: readFileSync(join(root, folder, file), 'utf8') })),
  );
}

interface Case {
  settings: KeySettings;
  release: string;
  account: string;
  lane: Lane;
  channel: string;
}

const shardOfCase = ({ settings, release, account }: Case): number => shardOf(settings, placementId(release, account));
const claims = ({ settings, release, account }: Case): string => claimsKey(settings, placementId(release, account));
const stream = (one: Case): string => streamKey(one.settings, shardOfCase(one), one.lane);
const epoch = (one: Case): string => epochKey(one.settings, shardOfCase(one));
const freezes = (one: Case): string => freezeKey(one.settings, shardOfCase(one));
const counters = ({ settings, channel }: Case): string[] =>
  ['a', 'b:2026-11-29'].map((key) => channelKey(settings, channel, 'counters', channel, key));

const unwritten = (one: Case): string[] => freezeKeys(one.settings, shardOfCase(one));

/** Every command of several keys in the program, with the keys that it is given. One that is new belongs here. */
const together: Record<string, (one: Case) => string[]> = {
  lianfaClaim: (one) => [stream(one), claims(one), epoch(one)],
  lianfaDoor: (one) => [claims(one), epoch(one), freezes(one)],
  lianfaRenew: (one) => [claims(one)],
  lianfaRelease: (one) => [claims(one)],
  lianfaFence: (one) => [claims(one)],
  lianfaCallOff: (one) => [claims(one)],
  lianfaSay: (one) => [stream(one), claims(one)],
  lianfaForget: (one) => [claims(one), epoch(one)],
  // Of every release whose outcomes one stream holds.
  lianfaConfirm: (one) => [
    stream(one),
    claims(one),
    ...['r2', 'r3'].map((release) => shardKey(one.settings, shardOfCase(one), 'claims', release)),
  ],
  lianfaRun: (one) => [epoch(one)],
  lianfaRaise: unwritten,
  lianfaLay: unwritten,
  lianfaTakeAway: unwritten,
  lianfaSpend: counters,
  lianfaPublisher: ({ settings }) => [redisKey(settings, 'publishers')],
  lianfaPublishers: ({ settings }) => [redisKey(settings, 'publishers')],
  lianfaProcess: ({ settings }) => [redisKey(settings, 'processes'), redisKey(settings, 'format')],
  'multi in server/session-store.ts': ({ settings }) =>
    ['session', 'sessions'].map((name) => redisKey(settings, name, 'x')),
  'eval in core/queue/memory.ts': ({ settings, channel }) => [memoryKey(settings, channel, 'lock:a')],
  'eval in core/queue/fitness.ts': ({ settings }) => [redisKey(settings, 'try', 'x')],
};

it('knows every command of several keys that the program has', () => {
  const found = sources().flatMap(({ file, text }) => [
    ...Array.from(text.matchAll(/defineCommand\('(\w+)'/g), ([, name]) => name),
    ...Array.from(
      new Set(Array.from(text.matchAll(/\.(multi|pipeline|eval|mget|mset)\(/g), ([, name]) => name)),
      (name) => `${name} in ${file}`,
    ),
  ]);
  expect(found.sort()).toEqual(Object.keys(together).sort());
});

it('lets no command of any number of keys choose its master by that number', () => {
  const found = sources().flatMap(({ text }) =>
    Array.from(text.matchAll(/defineCommand\('(\w+)', \{ lua: \w+ \}/g), ([, name]) => name),
  );
  expect(found.sort()).toEqual(['lianfaConfirm', 'lianfaSpend']);
  const cluster = { url: 'redis+cluster://127.0.0.1:1', prefix: 'lianfa' };
  const client = connectRedis(cluster, 'once', { pipelined: true });
  expect(client.options).toMatchObject({ autoPipeliningIgnoredCommands: expect.arrayContaining(found) as unknown });
  client.disconnect();
});

it('makes every key and every connection in one place', () => {
  const keys = sources().filter(({ text }) => /\{\$\{[\w.#]*prefix\}/.test(text));
  expect(keys.map(({ file }) => file)).toEqual(['core/queue/keys.ts']);
  const connections = sources().filter(({ text }) => /new (Redis|\w*Cluster)\(/.test(text));
  expect(connections.map(({ file }) => file)).toEqual(['core/queue/connection.ts']);
});

const id = fc.stringMatching(/^[a-z0-9]{1,24}$/);
const cases = fc.record({
  settings: fc.record({
    url: fc.constantFrom('redis+cluster://one,two', 'redis://one'),
    prefix: fc.stringMatching(/^[a-z0-9-]{1,20}$/),
  }),
  release: id,
  account: id,
  lane: fc.constantFrom(...lanes),
  channel: fc.constantFrom('website', 'wechat', 'weibo', 'app', 'a-new-one'),
});

it('gives no command keys of two slots, whatever the prefix, release, account, lane and channel', () => {
  fc.assert(
    fc.property(cases, (one) => {
      for (const [name, keysOf] of Object.entries(together))
        expect([name, new Set(keysOf(one).map((key) => calculateSlot(key))).size]).toEqual([name, 1]);
      // What BullMQ does with a queue it does under the queue's prefix.
      for (const name of queueNames([one.channel])) expect(prefixOf(one.settings, name)).toMatch(/^\{[^{}]+\}$/);
    }),
  );
});

it('spreads what one channel remembers over all shards', () => {
  const settings = { url: 'redis+cluster://one', prefix: 'lianfa' };
  const masters = Array.from({ length: 300 }, (_, n) =>
    Math.floor((calculateSlot(memoryKey(settings, 'wechat', `token:${n}`)) * 3) / 16_384),
  );
  for (const master of [0, 1, 2]) expect(masters.filter((one) => one === master).length).toBeGreaterThan(60);
  expect(memoryKey({ url: 'redis://one', prefix: 'lianfa' }, 'wechat', 'a')).toBe('{lianfa}:memory:wechat:a');
});

it('keeps on a single server what it always had: all keys under one tag', () => {
  const settings = { url: 'redis://one', prefix: 'lianfa' };
  expect(shardsOf(settings)).toEqual([0]);
  expect([
    claimsKey(settings, 'r1-a1'),
    streamKey(settings, 0, 'routine'),
    streamKey(settings, 0, 'emergency'),
  ]).toEqual(['{lianfa}:claims:r1', '{lianfa}:events', '{lianfa}:events:emergency']);
  expect(new Set(queueNames(['weibo']).map((name) => prefixOf(settings, name)))).toEqual(new Set(['{lianfa}']));
});

it('spreads the claims of any hub evenly over three and over six masters', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9-]{1,20}$/), (prefix) => {
      const settings = { url: 'redis+cluster://one', prefix };
      for (const masters of [3, 6]) {
        const held = shardsOf(settings).map((shard) =>
          Math.floor((calculateSlot(epochKey(settings, shard)) * masters) / 16_384),
        );
        for (let master = 0; master < masters; master += 1)
          expect(held.filter((one) => one === master)).toHaveLength(6 / masters);
      }
    }),
  );
});
