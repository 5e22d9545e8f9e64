/**
 * Hosts of our own, each a network namespace behind one switch, with a line that may be cut for one direction of one pair,
 * or be slow. All of it lies in namespaces of mounts, processes and networks that end with their first process: nothing of
 * it can be seen from outside, nothing leads out of it, and whatever ends that process leaves nothing behind. Only `ip`
 * (Debian: iproute2) and `unshare`, `setpriv`, `mount` (util-linux, always there) are needed; `tc netem` and `nft` are not,
 * for many kernels lack them.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { openSlowLine } from './slow-line.js';

/** The first two are this process: who orders and judges, and the platforms. */
export const hostNames = [
  ...(['desk', 'platforms', 'server-1', 'server-2', 'publish-1', 'publish-2'] as const),
  ...(['record', 'clock', 'redis', 'store'] as const),
] as const;
export type HostName = (typeof hostNames)[number];

/** Host part of each address. */
const numbers: Record<HostName, number> = {
  desk: 1,
  platforms: 9,
  'server-1': 11,
  'server-2': 12,
  'publish-1': 21,
  'publish-2': 22,
  record: 31,
  clock: 41,
  redis: 51,
  store: 61,
};

const network = '10.77.0';
/** Between the slow line and the switch. */
const underlay = { inside: '10.78.0.1', outside: '10.78.0.2' };
const vxlanPort = 4789;
/** Room for what the slow line puts around a packet. */
const mtu = '1400';

export interface Network {
  address(host: HostName): string;
  others(host: HostName): readonly HostName[];
  /** What stands before a command that is to run on that host. */
  enter(host: HostName): readonly string[];
  /** What the one sends no longer reaches the other, without a word to either; answers how to take it back. */
  cut(from: HostName, to: HostName): () => void;
  /** What it sends takes `slow.ms` longer and loses `slow.loss`; answers how to take it back. */
  slow(host: HostName): () => void;
}

const slow = { ms: 200, loss: 0.05 };

/** What keeps this machine from having hosts of its own; undefined where nothing does. */
export function refusal(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return '需要 Linux 和 root：主机由网络命名空间搭成。 Hosts are made of network namespaces: that takes Linux and root.';
  const tried = spawnSync('unshare', [
    ...apart,
    'sh',
    '-c',
    'ip link add try0 type veth peer name try1 && ip link add try2 type bridge && ip link add try3 type vxlan id 1 remote 10.78.0.2 dstport 4789',
  ]);
  if (tried.status === 0) return undefined;
  const words = (tried.error?.message ?? String(tried.stderr)).trim().split('\n').at(-1) ?? '';
  return `本机不允许建立网络命名空间、veth、网桥或 vxlan。 Network namespaces, veth, bridge or vxlan are not permitted here: ${words}`;
}

const apart = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

/**
 * Runs this program again where it is alone, and answers its exit status. When this process ends, however it ends, the
 * kernel ends the other, and with it everything that it has started, mounted and laid.
 */
export function runApart(args: readonly string[]): Promise<number> {
  const [program = ''] = process.argv.slice(1);
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...apart, process.execPath, program, ...args], {
    stdio: 'inherit',
  });
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('exit', (code) => done(code ?? 1));
  });
}

/** Lays it, in the namespaces of `runApart`. What is written to temporary folders from here on lies in memory, and ends with it. */
export function layNetwork(): Network {
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
  for (const folder of ['/run/netns', '/run/tmp']) mkdirSync(folder);
  process.env['TMPDIR'] = '/run/tmp';

  ip('link set lo up', 'netns add switch');
  // Whatever is sent to all of them is forwarded at once; there is no loop to look for.
  ip('-n switch link set lo up', '-n switch link add bridge type bridge', '-n switch link set bridge up');
  ip(`-n switch link add under type veth peer name under netns ${process.pid}`);
  ip(`-n switch address add ${underlay.inside}/24 dev under`, '-n switch link set under up');
  ip(`address add ${underlay.outside}/24 dev under`, 'link set under up');
  for (const host of hostNames) if (host !== 'desk') plug(host);
  openSlowLine({ ...slow, here: underlay.outside, there: underlay.inside, port: vxlanPort });

  const cut = counted((from: HostName, to: HostName) => {
    know(from, to, 'nobody');
    return () => know(from, to);
  });
  const slowDown = counted((host: HostName) => {
    leaveBy(host, 'slow');
    return () => leaveBy(host, 'line');
  });
  return {
    address: addressOf,
    others: (host) => hostNames.filter((other) => other !== host && !(isOurs(host) && isOurs(other))),
    enter: (host) => (isOurs(host) ? [] : ['ip', 'netns', 'exec', host]),
    ...{ cut, slow: slowDown },
  };
}

const addressOf = (host: HostName): string => `${network}.${numbers[host]}`;
const isOurs = (host: HostName): boolean => host === 'desk' || host === 'platforms';
/** `ip` for the host's own namespace. */
const within = (host: HostName): string => (isOurs(host) ? '' : `-n ${host} `);

/** The card of a host has an address that is known from its number, so nobody has to ask for it: silence is never a question without an answer. */
function cardOf(host: HostName | 'nobody'): string {
  const number = host === 'nobody' ? 255 : numbers[host === 'desk' ? 'platforms' : host];
  return `02:00:00:00:00:${number.toString(16).padStart(2, '0')}`;
}

/** Two lines lead from each host: the usual one through the bridge, and the slow one through this process. */
function plug(host: HostName): void {
  if (!isOurs(host)) ip(`netns add ${host}`, `-n ${host} link set lo up`);
  const namespace = isOurs(host) ? String(process.pid) : host;
  const port = `to${numbers[host]}`;
  ip(`-n switch link add ${port} type veth peer name line netns ${namespace}`);
  ip(`-n switch link set ${port} master bridge up`);
  ip(
    `-n switch link add slow type vxlan id ${numbers[host]} local ${underlay.inside} remote ${underlay.outside} dstport ${vxlanPort}`,
  );
  ip(`-n switch link set slow netns ${namespace}`);
  for (const line of ['line', 'slow'])
    // Packets as they are on a wire: none is joined of several, for the slow line to take apart.
    ip(`${within(host)}link set ${line} address ${cardOf(host)} mtu ${mtu} gso_max_segs 1 up`);
  // The first is the one that it calls from.
  for (const one of isOurs(host) ? (['desk', 'platforms'] as const) : [host])
    ip(`${within(host)}address add ${addressOf(one)}/24 dev line`);
  for (const other of hostNames)
    if (isOurs(other) !== isOurs(host) || (!isOurs(host) && other !== host)) know(host, other);
}

/** Under which card the one finds the other: under a card that nobody has, what it sends is gone. */
function know(from: HostName, to: HostName, card: HostName | 'nobody' = to): void {
  for (const line of ['line', 'slow'])
    ip(`${within(from)}neighbour replace ${addressOf(to)} lladdr ${cardOf(card)} nud permanent dev ${line}`);
}

function leaveBy(host: HostName, line: 'line' | 'slow'): void {
  const from = addressOf(isOurs(host) ? 'desk' : host);
  ip(`${within(host)}route replace ${network}.0/24 dev ${line} src ${from}`);
}

function ip(...commands: string[]): void {
  for (const command of commands) execFileSync('ip', command.split(' '), { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** What several ask for ends when the last of them takes it back. */
function counted<T extends HostName[]>(begin: (...hosts: T) => () => void): (...hosts: T) => () => void {
  const held = new Map<string, { count: number; end: () => void }>();
  return (...hosts) => {
    const key = hosts.join(' ');
    const one = held.get(key) ?? { count: 0, end: begin(...hosts) };
    held.set(key, one);
    one.count += 1;
    return () => {
      one.count -= 1;
      if (one.count > 0) return;
      held.delete(key);
      one.end();
    };
  };
}
