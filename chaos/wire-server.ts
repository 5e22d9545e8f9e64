/**
 * An independent server that speaks MongoDB's protocol with transactions, from npm, for one proof: it is not MongoDB, and
 * shows only that we speak the protocol. What it does otherwise than MongoDB, wire.ts shows.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '../core/free-port.js';

const name = '@jongodb/memory-server-bin-linux-x64-gnu';
const version = '0.1.6';

export interface WireServer {
  uri: string;
  stop(): Promise<void>;
}

/** A host of its own. */
interface WireHost {
  /** What stands before a command that is to run there. */
  enter: readonly string[];
  address: string;
}

/** Fetches it into `folder`, which the caller empties. */
export function fetchWireServer(folder: string): string {
  execFileSync('npm', ['install', '--prefix', folder, '--no-save', '--silent', `${name}@${version}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return wireServerIn(folder);
}

/** Where it lies when it was fetched. */
export function wireServerIn(folder: string): string {
  return join(folder, 'node_modules', name, 'bin', 'jongodb');
}

/** `replicaSet`: as a set of one; else a server by itself, which has no transactions. */
export async function startWireServer(
  program: string,
  replicaSet: boolean,
  { enter, address }: WireHost = { enter: [], address: '127.0.0.1' },
): Promise<WireServer> {
  const port = await freePort();
  const set = replicaSet ? ['--topology-profile=singleNodeReplicaSet', '--replica-set-name=rs0'] : [];
  const [command = program, ...args] = [...enter, program, `--port=${port}`, `--host=${address}`, ...set];
  const child: ChildProcess = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const endWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', endWithUs);
  // It says its address once it listens.
  if (child.stdout) await once(child.stdout, 'data');
  const options = ['serverMonitoringMode=poll', ...(replicaSet ? ['replicaSet=rs0'] : [])];
  return {
    uri: `mongodb://${address}:${port}/lianfa?${options.join('&')}`,
    async stop() {
      process.off('exit', endWithUs);
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
