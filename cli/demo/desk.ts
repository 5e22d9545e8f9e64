/** The demonstration's machinery: sandboxes in place of the platforms, and a whole desk over a data folder of its own. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { SandboxAccount } from '../../channels/sandbox.js';
import { apart } from '../../core/hub/apart.js';
import { readConfig } from '../../core/hub/config.js';
import { freePort } from '../../core/free-port.js';
import { endLeftOver, knownRedisUrl } from '../../core/queue/redis-child.js';
import { startSandboxChild } from '../sandbox-child.js';
import { supervise, type Supervisor } from '../supervisor.js';
import { settlePeople, type DemoPerson } from './people.js';

/** Names of the folders of demonstrations, and the file in each that says whose it is. */
const begins = 'lianfa-demo-';
const pidFile = 'pid';

const ready = z.object({
  entries: z.array(
    z.object({
      name: z.string(),
      settings: z.record(z.string(), z.unknown()),
      credentials: z.record(z.string(), z.unknown()),
    }),
  ),
});

export interface RunningDesk {
  address: string;
  dataFolder: string;
  people: readonly DemoPerson[];
  pids: Supervisor['pids'];
  platforms: { platform: string; url: string; control: string; accounts: SandboxAccount[] }[];
  stop(): Promise<void>;
}

/** A demonstration that was killed leaves its Redis and its folder: the next one clears them. */
async function clearLeft(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(begins))) {
    const folder = join(tmpdir(), name);
    const file = join(folder, pidFile);
    if (!existsSync(file) || isRunning(Number(readFileSync(file, 'utf8')))) continue;
    const url = knownRedisUrl(folder);
    if (url !== undefined) await endLeftOver(url);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process runs too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** `port` 0 takes a free one near 8080. Throws where something does not start; then nothing is left running. */
export async function startDemoDesk(
  program: string,
  port: number,
  accounts: number,
  told: Promise<void> | undefined,
  say: (line: string) => void,
): Promise<RunningDesk> {
  await clearLeft();
  const { platforms, stop } = await startSandboxChild(program);
  const dataFolder = mkdtempSync(join(tmpdir(), begins));
  writeFileSync(join(dataFolder, pidFile), String(process.pid));
  const clear = (): void => {
    stop();
    rmSync(dataFolder, { recursive: true, force: true });
  };
  try {
    const free = port || (await freePort(8080));
    const inner = platforms.map(({ url }) => url).join(',');
    // The children take their settings from the environment of this process.
    for (const name of Object.keys(process.env))
      if (!(name in apart(process.env))) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, {
      LIANFA_DATA: dataFolder,
      LIANFA_PORT: String(free),
      LIANFA_ALLOW_INNER: inner,
      LIANFA_LOG: process.env['LIANFA_LOG'] ?? 'warn',
      // Nobody sets up a phone to look at a demonstration.
      LIANFA_SECOND_FACTOR: 'optional',
    });
    const people = await settlePeople(readConfig());
    const hub = await supervise(readConfig(), program, say, told && { told });
    return {
      address: hub.address,
      dataFolder,
      people,
      pids: hub.pids,
      platforms: await Promise.all(
        platforms.map(async (one) => ({
          ...one,
          accounts: ready.parse(await (await fetch(`${one.control}/accounts?from=0&count=${accounts}`)).json()).entries,
        })),
      ),
      async stop() {
        await hub.stop();
        clear();
      },
    };
  } catch (error) {
    clear();
    throw error;
  }
}
