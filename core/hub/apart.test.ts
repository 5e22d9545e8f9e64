/** What seeds, measures or breaks a hub goes to one of its own: never to an installation whose accounts the public reads. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownDatabase } from '../../test/support/own-database.js';
import { apart } from './apart.js';
import { readConfig } from './config.js';

const live = {
  PATH: '/bin',
  LIANFA_LOG: 'warn',
  LIANFA_DATA: '/srv/lianfa',
  LIANFA_SECRET: 'x',
  LIANFA_URL: 'https://lianfa.example.gov.cn',
  LIANFA_REDIS_PREFIX: 'live',
  MONGODB_URI: 'mongodb://db.example/lianfa',
  REDIS_URL: 'redis://cache.example',
  STORAGE_URL: 'https://files.example/live',
  STORAGE_ACCESS_KEY: 'x',
  STORAGE_SECRET_KEY: 'x',
};

it('takes nothing of an installation from the shell that it is started in', () => {
  expect(apart(live)).toEqual({ PATH: '/bin', LIANFA_LOG: 'warn' });
  const config = readConfig({ ...apart(live), LIANFA_DATA: '/tmp/own' });
  expect([config.mongoUri, config.redisUrl, config.storage, config.dataFolder]).toEqual([
    ...[undefined, undefined, undefined],
    '/tmp/own',
  ]);
});

it('is what every program goes by that makes a hub of its own: the demonstration, the benches, the faults', () => {
  const root = join(__dirname, '..', '..');
  const files = ['bench', 'chaos', 'cli/demo'].flatMap((folder) =>
    readdirSync(join(root, folder), { encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => join(folder, name)),
  );
  const takers = files.filter((file) =>
    /\.\.\.process\.env|Object\.assign\(process\.env/.test(readFileSync(join(root, file), 'utf8')),
  );
  expect(takers).toEqual(['cli/demo/desk.ts']);
  expect(readFileSync(join(root, 'cli/demo/desk.ts'), 'utf8')).toMatch(
    /in apart\(process\.env\)[\s\S]*Object\.assign\(process\.env/,
  );
});

it('is a database of its own for every test, also where MongoDB is the one of an installation', () => {
  expect(ownDatabase(live.MONGODB_URI)).toMatch(/^mongodb:\/\/db\.example\/lianfa_test_[0-9a-f]{12}$/);
  expect(ownDatabase('')).toBeUndefined();
});
