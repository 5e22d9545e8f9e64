/** Redis as a machine room has it: a master with replicas and Sentinels that watch it, or a cluster. Real servers, gone with whoever started them. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../core/free-port.js';
import { connectRedis, type RedisClient } from '../core/queue/connection.js';

const run = promisify(execFile);

export interface Server {
  port: number;
  readonly pid: number | undefined;
  signal(name: NodeJS.Signals): void;
  /** Again, with the data it has, where it was ended. */
  start(): Promise<void>;
  end(): void;
}

export interface Servers {
  /** As `REDIS_URL` says it. */
  url: string;
  servers: readonly Server[];
  close(): void;
}

const always = ['bind 127.0.0.1', 'save ""', 'appendonly yes', 'appendfsync everysec', 'maxmemory-policy noeviction'];

/** One server in a folder of its own; answers when it does. */
export async function startServer(
  folder: string,
  lines: readonly string[],
  { sentinel = false, at }: { sentinel?: boolean; at?: number } = {},
): Promise<Server> {
  const port = at ?? (await (lines.includes('cluster-enabled yes') ? memberPort() : freePort()));
  const own = join(folder, String(port));
  mkdirSync(own, { recursive: true });
  const file = join(own, 'redis.conf');
  writeFileSync(file, [`port ${port}`, `dir ${own}`, `logfile ${join(own, 'log')}`, ...lines, ''].join('\n'));
  let child: ChildProcess | undefined;
  const server: Server = {
    port,
    get pid() {
      return child?.pid;
    },
    signal: (name) => void child?.kill(name),
    async start() {
      if (child && child.exitCode === null && child.signalCode === null) return;
      child = spawn('redis-server', [file, ...(sentinel ? ['--sentinel'] : [])], { stdio: 'ignore' });
      await answering(port);
    },
    end() {
      child?.kill('SIGKILL');
    },
  };
  await server.start();
  return server;
}

/** A member of a cluster listens at a second port too, ten thousand above its own. */
async function memberPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    const second = port + 10_000;
    if (second < 65_536 && (await freePort(second)) === second) return port;
  }
}

export function once(port: number, password = ''): RedisClient {
  return connectRedis({ url: `redis://:${password}@127.0.0.1:${port}`, prefix: '' }, 'once');
}

/** Commands that each of them has had since it began. */
export async function commandsOf(servers: readonly Pick<Server, 'port'>[]): Promise<number[]> {
  return Promise.all(
    servers.map(async ({ port }) => {
      const redis = once(port);
      await redis.connect();
      const info = await redis.info('stats');
      redis.disconnect();
      return Number(/total_commands_processed:(\d+)/.exec(info)?.[1]);
    }),
  );
}

/** Asks one server one thing; undefined where it does not answer. */
async function asked<T>(port: number, ask: (redis: RedisClient) => Promise<T>, password = ''): Promise<T | undefined> {
  const redis = once(port, password);
  try {
    await redis.connect();
    return await ask(redis);
  } catch {
    return undefined;
  } finally {
    redis.disconnect();
  }
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await pause(50)) if (await condition()) return;
  throw new Error(`Redis: waited in vain until ${what}`);
}

/** A server that asks for a password answers too. */
function answering(port: number): Promise<void> {
  return until(`${port} answers`, async () => {
    const redis = once(port);
    let words = '';
    redis.on('error', (error: Error) => (words += error.message));
    try {
      await redis.connect();
      return true;
    } catch {
      return words.includes('NOAUTH');
    } finally {
      redis.disconnect();
    }
  });
}

function closing(servers: readonly Server[]): () => void {
  const end = (): void => {
    for (const server of servers) server.end();
  };
  process.once('exit', end);
  return () => {
    end();
    process.off('exit', end);
  };
}

/** `nodes` masters share the slots, each with so many replicas. */
export async function startCluster(
  folder: string,
  nodes: number,
  replicas: number,
  further: readonly string[] = [],
): Promise<Servers> {
  const lines = [
    ...always,
    'cluster-enabled yes',
    'cluster-node-timeout 5000',
    'repl-diskless-sync-delay 0',
    ...further,
  ];
  const servers: Server[] = [];
  for (let n = 0; n < nodes * (1 + replicas); n += 1) servers.push(await startServer(folder, lines));
  const close = closing(servers);
  const at = servers.map(({ port }) => `127.0.0.1:${port}`);
  await run('redis-cli', ['--cluster', 'create', ...at, '--cluster-replicas', String(replicas), '--cluster-yes']);
  for (const { port } of servers)
    await until(`${port} knows the cluster`, async () => {
      const info = await asked(port, (redis) => redis.cluster('INFO'));
      return info?.includes('cluster_state:ok') === true && info.includes(`cluster_known_nodes:${servers.length}`);
    });
  return { url: `redis+cluster://${at.join(',')}`, servers, close };
}

const sentinelName = 'lianfa';
export const password = 'a-password-of-chaos';

/** One master, so many replicas, three Sentinels. Replicas and Sentinels come in as a user of their own, `peer`. */
export async function startSentinels(folder: string, replicas: number): Promise<Servers & { sentinels: Server[] }> {
  const shared = [
    ...always,
    `requirepass ${password}`,
    `user peer on >${password} allchannels allkeys +@all`,
    'masteruser peer',
    `masterauth ${password}`,
    'min-replicas-to-write 1',
    'min-replicas-max-lag 5',
    'repl-diskless-sync-delay 0',
  ];
  const master = await startServer(folder, shared);
  const servers = [master];
  for (let n = 0; n < replicas; n += 1)
    servers.push(await startServer(folder, [...shared, `replicaof 127.0.0.1 ${master.port}`]));
  const watch = [
    'bind 127.0.0.1',
    `requirepass ${password}`,
    `sentinel monitor ${sentinelName} 127.0.0.1 ${master.port} 2`,
    `sentinel auth-user ${sentinelName} peer`,
    `sentinel auth-pass ${sentinelName} ${password}`,
    `sentinel sentinel-pass ${password}`,
    `sentinel down-after-milliseconds ${sentinelName} 5000`,
    `sentinel failover-timeout ${sentinelName} 10000`,
  ];
  const sentinels: Server[] = [];
  for (let n = 0; n < 3; n += 1) sentinels.push(await startServer(folder, watch, { sentinel: true }));
  const close = closing([...servers, ...sentinels]);
  for (const { port } of sentinels)
    await until('the Sentinels know each other and the replicas', async () => {
      const known = await askSentinel(port);
      return known.get('num-other-sentinels') === '2' && known.get('num-slaves') === String(replicas);
    });
  const at = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
  return { url: `redis+sentinel://:${password}@${at}/${sentinelName}`, servers, sentinels, close };
}

/** What a Sentinel knows of the master. */
export async function askSentinel(port: number): Promise<Map<string, string>> {
  const answer = await asked(port, (redis) => redis.call('SENTINEL', 'MASTER', sentinelName), password);
  const words = Array.isArray(answer) ? answer.map(String) : [];
  return new Map(Array.from({ length: words.length / 2 }, (_, n) => [words[2 * n] ?? '', words[2 * n + 1] ?? '']));
}

/** Ports of the masters, by a node that answers; those that failed are none. */
export async function mastersOf(servers: readonly Server[]): Promise<number[]> {
  for (const { port } of servers) {
    const nodes = await asked(port, (redis) => redis.cluster('NODES'));
    if (typeof nodes !== 'string') continue;
    const lines = nodes.split('\n').map((line) => line.split(' '));
    return lines.flatMap(([, address = '', flags = '']) =>
      /\bmaster\b/.test(flags) && !/fail/.test(flags) ? [Number(/:(\d+)@/.exec(address)?.[1])] : [],
    );
  }
  return [];
}
