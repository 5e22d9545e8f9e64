import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { redisPlace, wordsOfPlace } from './place.js';

it.each([
  ['redis://localhost', { kind: 'one', node: { host: 'localhost', port: 6379 }, db: 0, tls: false }],
  ['redis://:pw@10.0.0.5:6380/2', { node: { host: '10.0.0.5', port: 6380 }, db: 2, password: 'pw' }],
  [
    'rediss://hub:p%40ss%2F@[fd00::5]:6390',
    { tls: true, username: 'hub', password: 'p@ss/', node: { host: 'fd00::5' } },
  ],
  [
    'redis+sentinel://:pw@s1,s2:26380/mymaster',
    {
      kind: 'sentinel',
      name: 'mymaster',
      sentinels: [
        { host: 's1', port: 26379 },
        { host: 's2', port: 26380 },
      ],
    },
  ],
  ['rediss+cluster://hub:pw@n1:6379,n2', { kind: 'cluster', tls: true, nodes: [{ host: 'n1' }, { host: 'n2' }] }],
])('reads %s', (url, place) => {
  expect(redisPlace.parse(url)).toMatchObject(place);
});

it.each([
  ['localhost:6379', '写法'],
  ['http://localhost', '写法'],
  ['redis://host:99999', '写法'],
  ['redis://a,b', '写了几个节点'],
  ['redis+sentinel://s1,s2', '主节点名'],
  ['redis+cluster://n1/2', '库号'],
  ['redis://:p%zz@host', '百分号'],
])('says in one sentence why %s is no address, and nothing of its password', (url, words) => {
  const message = redisPlace.safeParse(url).error?.issues[0]?.message ?? '';
  expect(message).toContain(words);
  expect(message).not.toContain('p%zz');
});

it('tells people where it is without what is secret', () => {
  const told = ['redis://u:pw@h:1/3', 'redis+sentinel://:pw@s1,s2/m', 'redis+cluster://:pw@n1,n2'].map((url) =>
    wordsOfPlace(redisPlace.parse(url)),
  );
  expect(told).toEqual(['h:1', 'm @ s1:26379,s2:26379', 'n1:6379,n2:6379']);
});

it('reads every example that the manual gives', () => {
  const manual = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const table = manual.slice(manual.indexOf('Which Redis'), manual.indexOf('Special characters'));
  const examples = Array.from(table.matchAll(/`(rediss?[^`]*:\/\/[^`]+)`/g), ([, url = '']) => url);
  expect(examples.filter((url) => url.includes('@')).map((url) => redisPlace.parse(url).kind)).toEqual([
    'one',
    'one',
    'sentinel',
    'cluster',
  ]);
});
