/** `lianfa sandbox`: every platform on loopback, for training, drills and anybody's client. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { loadChannels } from '../channels/registry.js';
import { startSandbox, type RunningSandbox } from '../channels/sandbox.js';
import { untilTold } from './start.js';

export function register(program: Command): void {
  program
    .command('sandbox')
    .description('启动仿真平台 Start the sandbox platforms')
    .option('--json', '输出 JSON for machines')
    .option('--port <first>', '第一个端口，其后依次递增；默认任选空闲端口 first port; free ones unless told', Number)
    .action(async (options: { json?: boolean; port?: number }) => {
      const told = untilTold();
      const running = await startSandboxes(options.port);
      const list = running.map((one) => ({
        platform: one.name,
        url: one.url,
        control: one.controlUrl,
        account: one.account(0),
      }));
      if (options.json) console.log(JSON.stringify({ platforms: list }));
      else
        for (const one of list)
          console.log(
            `${one.platform.padEnd(8)} 平台 platform ${one.url}  控制 control ${one.control}\n         账号 account ${JSON.stringify(one.account)}`,
          );
      await told;
      // Who still holds a connection is not waited for.
      setTimeout(() => process.exit(0), 2_000).unref();
      await Promise.all(running.map((one) => one.close()));
      process.exit(0);
    });
}

/** Two ports a platform: its own and its control. */
export async function startSandboxes(firstPort?: number): Promise<RunningSandbox[]> {
  const channels = await loadChannels([join(import.meta.dirname, '..', 'channels')]);
  return Promise.all(
    [...channels.values()].map((channel, place) =>
      startSandbox(
        channel.sandbox(),
        firstPort === undefined ? {} : { port: firstPort + 2 * place, controlPort: firstPort + 2 * place + 1 },
      ),
    ),
  );
}
