/** Redis as a child of the program, for a desk or a county: on loopback, with a password, its data under the data folder. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.js';
import { connectRedis } from './connection.js';

export interface RedisChild {
  url: string;
  /** Absent while it is being restarted. */
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

/**
 * Starts `redis-server` and starts it again whenever it ends, on the same port. Everything is appended to a file each
 * second; nothing is ever evicted.
 * @throws Error where redis-server is not installed or does not answer within 20 s
 */
export async function startRedisChild(dataFolder: string, report: (line: string) => void): Promise<RedisChild> {
  const folder = join(dataFolder, 'redis');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { port, password, file } = await settle(folder);
  const url = `redis://:${password}@127.0.0.1:${port}`;
  await endLeftOver(url);

  let child: ChildProcess | undefined;
  let stopping = false;
  let missing: Error | undefined;
  const start = (): void => {
    // In a group of its own: Ctrl+C is for the supervisor, which ends Redis last.
    child = spawn('redis-server', [file], { stdio: 'ignore', detached: true });
    child.once('error', (error) => {
      missing = error;
    });
    child.once('exit', (code, signal) => {
      if (stopping || missing) return;
      report(`redis-server ended (${signal ?? String(code)}), starting it again`);
      setTimeout(() => {
        if (!stopping) start();
      }, 500);
    });
  };
  start();
  await answering(url, () => missing);
  return {
    url,
    get pid() {
      return child?.pid;
    },
    async stop() {
      stopping = true;
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((done) => child?.once('exit', done));
      child.kill('SIGTERM');
      const insist = setTimeout(() => child?.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(insist);
    },
  };
}

/** The address of the Redis that a desk on this data folder runs or last ran; undefined where it never did. */
export function knownRedisUrl(dataFolder: string): string | undefined {
  const file = join(dataFolder, 'redis', 'redis.conf');
  if (!existsSync(file)) return undefined;
  const { port, password } = readSettings(readFileSync(file, 'utf8'));
  return `redis://:${password}@127.0.0.1:${port}`;
}

function readSettings(text: string): { port: string | undefined; password: string | undefined } {
  return { port: /^port (\d+)$/m.exec(text)?.[1], password: /^requirepass (\w+)$/m.exec(text)?.[1] };
}

/** Port and password are kept, so that workers find the same Redis after a restart. */
async function settle(folder: string): Promise<{ port: number; password: string; file: string }> {
  const file = join(folder, 'redis.conf');
  const kept = readSettings(existsSync(file) ? readFileSync(file, 'utf8') : '');
  const port = Number(kept.port ?? (await freePort()));
  const password = kept.password ?? randomBytes(24).toString('hex');
  writeFileSync(
    file,
    [
      `port ${port}`,
      'bind 127.0.0.1',
      `requirepass ${password}`,
      `dir ${folder}`,
      'appendonly yes',
      'appendfsync everysec',
      'save ""',
      'maxmemory-policy noeviction',
      'lazyfree-lazy-expire yes',
      'daemonize no',
      `logfile ${join(folder, 'redis.log')}`,
      '',
    ].join('\n'),
    { mode: 0o600 },
  );
  return { port, password, file };
}

/** A supervisor that was killed leaves its Redis behind; two on one folder would spoil the file. */
export async function endLeftOver(url: string): Promise<void> {
  const redis = connectRedis({ url, prefix: '' }, 'once');
  try {
    await redis.connect();
    await redis.shutdown();
  } catch {
    // Nothing was left behind: the usual case.
  } finally {
    redis.disconnect();
  }
}

async function answering(url: string, failed: () => Error | undefined): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const error = failed();
    if (error)
      throw new Error(
        'redis-server is not installed: install it (Debian: apt-get install redis-server) or set REDIS_URL',
        { cause: error },
      );
    const redis = connectRedis({ url, prefix: '' }, 'once');
    const pong = await redis
      .connect()
      .then(() => redis.ping())
      .catch(() => undefined);
    redis.disconnect();
    if (pong === 'PONG') return;
    await new Promise((wait) => setTimeout(wait, 50));
  }
  throw new Error('redis-server did not answer within 20 s');
}
