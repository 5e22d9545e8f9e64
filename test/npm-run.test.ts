/** Behind every `npm run`: what is done once is not done again, and what npm has started ends with it. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(__dirname, '..');
const watching = `
import { whenAlone } from ${JSON.stringify(pathToFileURL(join(root, 'setup', 'alone.mjs')).href)};
whenAlone(() => process.exit(0));
console.log('watching');`;

it('builds nothing anew for a file that building has written', () => {
  utimesSync(join(root, 'dashboard', 'components.d.ts'), new Date(), new Date());
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'setup', 'run.mjs'), 'build'], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

it.each([
  // A shell that has something to do afterwards does not make way for what it starts.
  [
    'by a shell that stays',
    `require('child_process').spawn('sh', ['-c', '"$NODE" --input-type=module -e "$WATCHING"; true'], { stdio: 'inherit' })`,
  ],
  [
    'by itself',
    `require('child_process').spawn(process.env.NODE, ['--input-type=module', '-e', process.env.WATCHING], { stdio: 'inherit' })`,
  ],
])('a program that was started %s hears that whoever started it was killed', async (_how, starting) => {
  const above = spawn(process.execPath, ['-e', starting], {
    env: { ...process.env, NODE: process.execPath, WATCHING: watching },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(above.stdout, 'data');
  const allGone = once(above.stdout, 'close');
  above.kill('SIGKILL');
  // The pipe is held by all of them.
  await allGone;
});
