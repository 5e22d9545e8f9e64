/**
 * A disk that takes nothing more: the book of acts cannot be written, so nothing is done, and afterwards the book is whole.
 * The limit is that of the operating system on the size of a file, which holds for everybody, root or not.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { act } from '../core/audit/book.js';
import { verifyBook } from '../core/audit/verify.js';
import { openStore } from '../core/store/store.js';

/** Of one file, in units of 1,024 bytes: some megabytes more than an empty hub needs. */
const largest = 24_000;

interface Told {
  dataFolder: string;
  written: number;
  before: Record<string, number>;
  after: Record<string, number>;
  tried: [string, string | undefined][];
}

it('refuses each act by one code where the disk is full, and does nothing of it; the book is intact and goes on once there is room', async () => {
  const child = spawn(
    'bash',
    [
      '-c',
      `trap '' XFSZ; ulimit -f ${largest}; exec "$0" --import tsx "$1"`,
      process.execPath,
      join(__dirname, 'full-disk-child.ts'),
    ],
    { cwd: join(__dirname, '..'), env: { ...process.env, MONGODB_URI: '' }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let [out, err] = ['', ''];
  child.stdout.on('data', (part: Buffer) => (out += part.toString()));
  child.stderr.on('data', (part: Buffer) => (err += part.toString()));
  await once(child, 'close');
  const last = out.trim().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) throw new Error(`${out}\n${err}`);
  const { dataFolder, written, before, after, tried } = JSON.parse(last) as Told;
  try {
    expect(written).toBeGreaterThan(10);
    expect(tried.map(([what]) => what)).toEqual(['sign in', 'write', 'submit', 'sign', 'give a role', 'freeze']);
    expect(tried).toEqual(tried.map(([what]) => [what, 'audit_unavailable']));
    expect(after).toEqual(before);
    const store = await openStore({ dataFolder });
    const anchors = () => Promise.resolve([]);
    expect(await verifyBook(store, { anchors })).toMatchObject({ state: 'intact' });
    await act(store, { act: 'session.close', outcome: 'done', who: 'clock', on: {} }, async () => undefined);
    expect(await verifyBook(store, { anchors })).toMatchObject({ state: 'intact' });
    await store.close();
  } finally {
    rmSync(dataFolder, { recursive: true, force: true });
  }
}, 240_000);
