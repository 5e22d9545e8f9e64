/** The demonstration's machinery: sandboxes in place of the platforms, and a whole desk over a data folder of its own. */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { SandboxAccount } from '../../channels/sandbox.js';
import { readConfig } from '../../server/config.js';
import { supervise, type Supervisor } from '../supervisor.js';

const started = z.object({ platforms: z.array(z.object({ platform: z.string(), url: z.string(), control: z.string() })) });
const ready = z.object({ entries: z.array(z.object({ name: z.string(), settings: z.record(z.string(), z.unknown()), credentials: z.record(z.string(), z.unknown()) })) });

export interface RunningDesk {
  address: string;
  dataFolder: string;
  firstUser: Supervisor['firstUser'];
  pids: Supervisor['pids'];
  platforms: { platform: string; url: string; control: string; accounts: SandboxAccount[] }[];
  stop(): Promise<void>;
}

/** `port` 0 takes a free one near 8080. Throws where something does not start; then nothing is left running. */
export async function startDemoDesk(program: string, port: number, accounts: number, say: (line: string) => void): Promise<RunningDesk> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'lianfa-demo-'));
  const sandboxes = fork(program, ['sandbox', '--json'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const clear = async (): Promise<void> => {
    sandboxes.kill('SIGKILL');
    rmSync(dataFolder, { recursive: true, force: true });
  };
  try {
    const { platforms } = started.parse(JSON.parse(await firstLine(sandboxes)));
    const free = port || await freePort(8080);
    const inner = platforms.map(({ url }) => url).join(',');
    // The children take their settings from the environment of this process.
    Object.assign(process.env, { LIANFA_DATA: dataFolder, LIANFA_PORT: String(free), LIANFA_ALLOW_INNER: inner, LIANFA_LOG: process.env['LIANFA_LOG'] ?? 'warn' });
    const hub = await supervise(readConfig(), program, say);
    return {
      address: hub.address, dataFolder, firstUser: hub.firstUser, pids: hub.pids,
      platforms: await Promise.all(platforms.map(async (one) => ({ ...one, accounts: ready.parse(await (await fetch(`${one.control}/accounts?from=0&count=${accounts}`)).json()).entries }))),
      async stop() {
        await hub.stop();
        await clear();
      },
    };
  } catch (error) {
    await clear();
    throw error;
  }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let text = '';
    child.once('exit', (code) => { fail(new Error(`the sandboxes ended early (${String(code)})`)); });
    child.stdout?.on('data', (part: Buffer) => {
      text += part.toString('utf8');
      const end = text.indexOf('\n');
      if (end >= 0) done(text.slice(0, end));
    });
  });
}

/** The first free port from `from` on. */
async function freePort(from: number): Promise<number> {
  for (let port = from; port < from + 100; port += 1) {
    const free = await new Promise<number | undefined>((done) => {
      const server = createServer().once('error', () => { done(undefined); }).listen(port, '127.0.0.1', () => {
        const taken = (server.address() as AddressInfo).port;
        server.close(() => { done(taken); });
      });
    });
    if (free !== undefined) return free;
  }
  throw new Error(`no free port between ${from} and ${from + 100}`);
}
