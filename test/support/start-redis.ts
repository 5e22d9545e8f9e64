/** One real redis-server for a whole test run, on a free port, gone with the run. Tests keep apart by their own key prefixes. And one empty store, to be copied. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer, connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default async function startRedis(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lianfa-test-redis-'));
  const port = await freePort();
  const child = spawn(
    'redis-server',
    [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--save',
      '',
      '--appendonly',
      'no',
      '--maxmemory-policy',
      'noeviction',
    ],
    { stdio: 'ignore' },
  );
  await answering(port);
  process.env['TEST_REDIS_URL'] = `redis://127.0.0.1:${port}`;
  process.env['TEST_REDIS_PID'] = String(child.pid);
  process.env['TEST_REDIS_FOLDER'] = folder;
  // As a program of its own: Jest would read the product in its own process, and keep it.
  execFileSync(process.execPath, [join('test', 'fixtures', 'empty-store.cjs'), folder], { stdio: 'inherit' });
  process.env['TEST_STORE'] = join(folder, 'lianfa.sqlite');
}

export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
}

/** Waits, at most 10 s, until something listens. */
export async function answering(port: number): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    const open = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1', () => done(true)).once('error', () => done(false));
      socket.unref();
      setTimeout(() => socket.destroy(), 500).unref();
    });
    if (open) return;
    await new Promise((wait) => setTimeout(wait, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}
