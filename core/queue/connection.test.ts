import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from 'ioredis';
import { startServer } from '../../bench/redis-servers.js';
import { connectRedis } from './connection.js';

/** What a Sentinel says to whoever asks for the master, or listens for a switch; its answers can be held back. */
class Sentinel {
  private readonly master: number;
  private readonly server: NetServer;
  private readonly listeners = new Set<Socket>();
  private hold: ((ask: () => void) => void) | undefined;
  private heard: () => void = () => undefined;

  constructor(master: number) {
    this.master = master;
    this.server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('close', () => this.listeners.delete(socket));
      socket.on('data', (bytes) => {
        for (const words of commandsIn(bytes.toString())) this.answer(socket, words);
      });
    }).listen(0, '127.0.0.1');
  }

  async open(): Promise<this> {
    await once(this.server, 'listening');
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  private answer(socket: Socket, [name = '', ...words]: string[]): void {
    if (/^hello$/i.test(name)) socket.write("-ERR unknown command 'HELLO'\r\n");
    else if (/^subscribe$/i.test(name)) {
      this.listeners.add(socket);
      socket.write(bulk(['subscribe', words[0] ?? '']).replace('*2', '*3') + ':1\r\n');
      this.heard();
    } else if (/^sentinel$/i.test(name)) {
      const master = words[0] === 'get-master-addr-by-name' ? bulk(['127.0.0.1', String(this.master)]) : '*0\r\n';
      if (this.hold && words[0] === 'get-master-addr-by-name') this.hold(() => socket.write(master));
      else socket.write(master);
    } else socket.write('+OK\r\n');
  }

  /** Resolves when somebody listens. */
  listened(): Promise<void> {
    return this.listeners.size > 0 ? Promise.resolve() : new Promise((done) => (this.heard = done));
  }

  /** The next question for the master is answered when the function that comes of it is called. */
  async asked(): Promise<() => void> {
    const ask = await new Promise<() => void>((done) => (this.hold = done));
    this.hold = undefined;
    return ask;
  }

  announce(): void {
    for (const socket of this.listeners)
      socket.write(bulk(['message', '+switch-master', 'lianfa 127.0.0.1 1 127.0.0.1 2']));
  }

  close(): void {
    for (const socket of this.listeners) socket.destroy();
    this.server.close();
  }
}

function bulk(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

/** Commands as clients send them; none is so long that it comes in pieces. */
function commandsIn(text: string): string[][] {
  return text
    .split(/(?=\*\d+\r\n\$)/)
    .map((command) => command.split('\r\n').filter((_, place) => place > 0 && place % 2 === 0));
}

it('comes back where the switch is announced while it asks for the master', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lianfa-connection-'));
  const master = await startServer(folder, ['save ""']);
  const sentinel = await new Sentinel(master.port).open();
  const redis = connectRedis({ url: `redis+sentinel://127.0.0.1:${sentinel.port}/lianfa`, prefix: '' }, 'worker');
  try {
    expect(await redis.ping()).toBe('PONG');
    await sentinel.listened();
    const asked = sentinel.asked();
    master.end();
    await once(redis, 'close');
    const answer = await asked;
    sentinel.announce();
    await master.start();
    answer();
    expect(await redis.ping()).toBe('PONG');
  } finally {
    redis.disconnect();
    sentinel.close();
    master.end();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** A cluster of one node, which says of itself what it is told to say. */
async function clusterOfOne(): Promise<{
  server: NetServer;
  port: number;
  state: { now: 'ok' | 'fail'; asked: number };
}> {
  const state = { now: 'ok' as 'ok' | 'fail', asked: 0 };
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('end', () => socket.destroy());
    socket.on('data', (bytes) => {
      for (const words of commandsIn(bytes.toString())) socket.write(answer(words));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  function answer([name = '', what = '']: string[]): string {
    const asked = `${name} ${what}`.trim().toLowerCase();
    if (asked === 'cluster slots') return `*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:${port}\r\n`;
    if (asked !== 'cluster info') return asked === 'ping' ? '+PONG\r\n' : '+OK\r\n';
    state.asked += 1;
    const words = `cluster_state:${state.now}\r\n`;
    return `$${words.length}\r\n${words}\r\n`;
  }
  return { server, port, state };
}

it('comes to whoever has asked for it anew while the cluster could not work yet', async () => {
  const { server, port, state } = await clusterOfOne();
  const first = connectRedis({ url: `redis+cluster://127.0.0.1:${port}`, prefix: '' }, 'worker') as Cluster;
  const redis = first.duplicate();
  try {
    if (redis.status !== 'ready') await once(redis, 'ready');
    redis.disconnect();
    await once(redis, 'end');
    state.now = 'fail';
    const before = state.asked;
    const back = redis.connect();
    while (state.asked < before + 3) await new Promise((wait) => setTimeout(wait, 5));
    // However often it has tried, it is waited for once.
    expect(redis.listenerCount('end')).toBe(1);
    state.now = 'ok';
    await back;
    expect(redis.status).toBe('ready');
  } finally {
    for (const one of [first, redis]) one.disconnect();
    server.close();
  }
});
