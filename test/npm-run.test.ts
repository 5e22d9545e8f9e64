/** Behind every `npm run`: what is done once is not done again, and what npm has started ends with it. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(__dirname, '..');
const watching = `
import { whenAlone } from ${JSON.stringify(pathToFileURL(join(root, 'setup', 'alone.mjs')).href)};
whenAlone(() => process.exit(0));
console.log('watching');`;

it('builds anew for a source that has changed, not for a file that building has written', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lianfa-sources-'));
  const keyAfter = (file: string): string => {
    writeFileSync(join(folder, file), file);
    const keys = `import { sources } from ${JSON.stringify(pathToFileURL(join(root, 'setup', 'steps.mjs')).href)};
console.log(sources(process.env.FOLDER));`;
    const env = { ...process.env, FOLDER: relative(root, folder) };
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', keys], {
      encoding: 'utf8',
      env,
    });
    expect(stderr).toBe('');
    return stdout;
  };
  try {
    const [first, written, other] = [keyAfter('page.vue'), keyAfter('components.d.ts'), keyAfter('other.vue')];
    expect([written === first, other === first]).toEqual([true, false]);
  } finally {
    rmSync(folder, { recursive: true });
  }
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
