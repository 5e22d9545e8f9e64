/** The demonstration's machinery: sandboxes in place of the platforms, and a whole desk over a data folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { SandboxAccount } from '../../channels/sandbox.js';
import { apart } from '../../core/hub/apart.js';
import { readConfig } from '../../core/hub/config.js';
import { freePort } from '../../core/free-port.js';
import { startSandboxChild } from '../sandbox-child.js';
import { supervise, type Supervisor } from '../supervisor.js';
import { settlePeople, type DemoPerson } from './people.js';

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

/** `port` 0 takes a free one near 8080. Throws where something does not start; then nothing is left running. */
export async function startDemoDesk(
  program: string,
  port: number,
  accounts: number,
  say: (line: string) => void,
): Promise<RunningDesk> {
  const { platforms, stop } = await startSandboxChild(program);
  const dataFolder = mkdtempSync(join(tmpdir(), 'lianfa-demo-'));
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
    const hub = await supervise(readConfig(), program, say);
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
