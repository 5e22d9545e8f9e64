/** The hub with each part on a host of its own. The data folder is a disk that all of them see, as long as media and sites lie there. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostName, Network } from './network.js';
import type { Store } from './partition-plan.js';
import { startWireServer, wireServerIn } from './wire-server.js';
import { openWorld, type World } from './world.js';

const parts = [
  { host: 'server-1', roles: 'server' },
  { host: 'server-2', roles: 'server' },
  { host: 'publish-1', roles: 'publish' },
  { host: 'publish-2', roles: 'publish' },
  { host: 'record', roles: 'record,dispatch' },
  { host: 'clock', roles: 'clock,media' },
] as const satisfies readonly { host: HostName; roles: string }[];

const port = 8080;

export interface OnHosts {
  world: World;
  close(): Promise<void>;
}

/** `folder`: where the server that speaks MongoDB's protocol was fetched to. */
export async function openHosts(
  network: Network,
  platformUrls: readonly string[],
  { store, folder, log }: { store: Store; folder: string; log: string | undefined },
): Promise<OnHosts> {
  const redis = startRedis(network);
  const wire =
    store === 'file'
      ? undefined
      : await startWireServer(wireServerIn(folder), true, {
          enter: network.enter('store'),
          address: network.address('store'),
        });
  // It runs, and needs its file no more.
  if (wire) rmSync(folder, { recursive: true, force: true });
  const url = `http://${network.address('server-1')}:${port}`;
  const world = await openWorld(platformUrls, {
    parts: parts.map(({ host, roles }) => ({
      name: host,
      roles,
      enter: network.enter(host),
      ...(roles === 'server' && { env: { LIANFA_HOST: network.address(host) } }),
    })),
    redis: { REDIS_URL: redis.url },
    env: { LIANFA_URL: url, LIANFA_PORT: String(port) },
    ...(wire && { mongoUri: wire.uri }),
    ...(log !== undefined && { log }),
  });
  return {
    world,
    async close() {
      await world.close();
      await wire?.stop();
      redis.end();
    },
  };
}

function startRedis(network: Network): { url: string; end(): void } {
  const [address, password, dir] = [
    network.address('redis'),
    'a-password-of-chaos',
    mkdtempSync(join(tmpdir(), 'redis-')),
  ];
  const settings = {
    ...{ bind: address, port: '6379', requirepass: password, dir, logfile: join(dir, 'log') },
    ...{ appendonly: 'yes', appendfsync: 'everysec', save: '', 'maxmemory-policy': 'noeviction' },
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const [command = '', ...before] = [...network.enter('redis'), 'redis-server'];
  const child = spawn(command, [...before, ...args], { stdio: 'ignore' });
  return { url: `redis://:${password}@${address}:6379`, end: () => void child.kill('SIGKILL') };
}
