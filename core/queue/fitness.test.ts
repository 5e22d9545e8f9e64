import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { once, startServer, type Server } from '../../bench/redis-servers.js';
import { freePort } from '../free-port.js';
import { LianfaError } from '../errors.js';
import { awaitRedis } from './fitness.js';

const folder = mkdtempSync(join(tmpdir(), 'lianfa-fitness-'));
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.end();
  rmSync(folder, { recursive: true, force: true });
});

const good = ['save ""', 'appendonly yes', 'maxmemory-policy noeviction'];
const silent = (): void => undefined;

async function server(lines: readonly string[], how: { sentinel?: boolean; at?: number } = {}): Promise<Server> {
  const made = await startServer(folder, lines, how);
  servers.push(made);
  return made;
}

/** The sentences for an operator; nothing where it is fit. */
async function saidOf(url: string, caFile?: string): Promise<string> {
  try {
    await awaitRedis({ url, prefix: 'lianfa', caFile }, silent);
    return '';
  } catch (error) {
    if (!(error instanceof LianfaError)) throw error;
    const { message, todo } = error.toJSON();
    return `${message.en} ${todo.en}`;
  }
}

it('takes a Redis that persists, never evicts and may be written', async () => {
  const { port } = await server(good);
  expect(await saidOf(`redis://127.0.0.1:${port}`)).toBe('');
  expect(await saidOf(`redis+cluster://127.0.0.1:${port}`)).toMatch(/no cluster.*redis:\/\/HOST/);
  expect(await saidOf(`redis+sentinel://127.0.0.1:${port}/mymaster`)).toMatch(/no Sentinel.*26379/);
});

it.each([
  { what: 'a cluster', lines: ['cluster-enabled yes'], said: /this is a cluster.*redis\+cluster:\/\// },
  { what: 'one that evicts', lines: ['maxmemory-policy allkeys-lru'], said: /noeviction/ },
  { what: 'one that forgets', lines: ['appendonly no'], said: /appendonly yes/ },
  { what: 'a replica', lines: ['replicaof 127.0.0.1 1'], said: /READONLY.*master/ },
])('says of $what what it is and what to do', async ({ lines, said }) => {
  const { port } = await server([...good, ...lines]);
  expect(await saidOf(`redis://127.0.0.1:${port}`)).toMatch(said);
});

it('refuses a cluster in which a replica that takes over could not be written', async () => {
  const { port } = await server([...good, 'cluster-enabled yes', 'cluster-announce-ip 127.0.0.1']);
  const node = once(port);
  await node.connect();
  await node.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
  const url = `redis+cluster://127.0.0.1:${port}`;
  while (!String(await node.call('CLUSTER', 'INFO')).includes('cluster_state:ok')) await pause(50);
  expect(await saidOf(url)).toBe('');
  await node.config('SET', 'min-replicas-to-write', 1);
  expect(await saidOf(url)).toMatch(/refuse every write.*min-replicas-to-write 0/);
  node.disconnect();
});

it('tells a Sentinel that is named as a Redis, and a name that no Sentinel knows', async () => {
  const { port } = await server(['sentinel monitor known 127.0.0.1 1 1'], { sentinel: true });
  expect(await saidOf(`redis://127.0.0.1:${port}`)).toMatch(/Sentinel answers.*redis\+sentinel:\/\//);
  expect(await saidOf(`redis+sentinel://127.0.0.1:${port}/other`)).toMatch(/no master of that name/);
});

it('tells a password that is missing, one that is wrong, and a user who may too little', async () => {
  const few = 'user few on >pw ~lianfa* &lianfa* +@all -@stream -@scripting';
  const enough = 'user enough on >pw ~{lianfa* &{lianfa* +@all -@dangerous +info +cluster';
  const { port } = await server([...good, 'requirepass secret', few, enough]);
  expect(await saidOf(`redis://127.0.0.1:${port}`)).toMatch(/NOAUTH.*USER:PASSWORD@/);
  expect(await saidOf(`redis://:wrong@127.0.0.1:${port}`)).toMatch(/WRONGPASS/);
  expect(await saidOf(`redis://few:pw@127.0.0.1:${port}`)).toMatch(/NOPERM.*\+@all/);
  expect(await saidOf(`redis://enough:pw@127.0.0.1:${port}`)).toBe('');
});

it('takes TLS only from whom it can trust, by an authority of its own where one is named', async () => {
  const tls = join(import.meta.dirname, 'fixtures', 'tls');
  const port = await freePort();
  await server([
    ...good,
    `tls-port ${port}`,
    `tls-cert-file ${join(tls, 'server.pem')}`,
    `tls-key-file ${join(tls, 'server.key')}`,
    `tls-ca-cert-file ${join(tls, 'ca.pem')}`,
    'tls-auth-clients no',
  ]);
  expect(await saidOf(`rediss://localhost:${port}`)).toMatch(/cannot be trusted.*REDIS_CA_FILE/);
  expect(await saidOf(`rediss://localhost:${port}`, join(tls, 'ca.pem'))).toBe('');
});

it('waits for one that is away, says so in one line, and when it is back', async () => {
  const port = await freePort();
  const lines: string[] = [];
  let heard: () => void = silent;
  const first = new Promise<void>((done) => (heard = done));
  const waiting = awaitRedis({ url: `redis://127.0.0.1:${port}`, prefix: 'lianfa' }, (line) => {
    lines.push(line);
    heard();
  });
  await first;
  await server(good, { at: port });
  await waiting;
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/does not answer, waiting/);
  expect(lines[1]).toMatch(/is back after \d+ s/);
});
