/** `lianfa evidence`: everything about one release in one file that a stranger checks offline. Works on the data folder. */
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { createOutbound } from '../channels/outbound.js';
import { loadChannels } from '../channels/registry.js';
import { createVault, presentSecret } from '../core/accounts/vault.js';
import { anchorFolder, raise } from '../core/audit/anchors.js';
import { writeEvidence } from '../core/evidence/pack.js';
import { readConfig } from '../core/hub/config.js';
import { openStore } from '../core/store/store.js';
import { closeThreads } from '../core/threads/pool.js';
import { note, running } from './say.js';

export function register(program: Command): void {
  program
    .command('evidence')
    .description(
      '发布存证：把一个发布件的全部材料写成一个可离线核验的文件 One release as one file that anybody can check offline',
    )
    .argument('<release>', '发布件编号 id of the release')
    .option('--output <file>', '写入的文件，默认 evidence-编号.zip file to write')
    .option('--json', '输出 JSON for machines')
    .action((release: string, options: { output?: string; json?: boolean }) =>
      running(options.json, () => evidence(release, options)),
    );
}

async function evidence(release: string, options: { output?: string; json?: boolean }): Promise<void> {
  const config = readConfig();
  const vault = createVault(await presentSecret(config));
  const store = await openStore({ uri: config.mongoUri, dataFolder: config.dataFolder });
  const http = createOutbound([...config.allowInner, config.url]);
  const file = resolve(options.output ?? `evidence-${release}.zip`);
  try {
    const channels = await loadChannels([join(import.meta.dirname, '..', 'channels'), ...config.channelFolders]);
    const made = await writeEvidence({ store, vault, channels, config, http }, release, file, 'command');
    // The act is told to no running process, so its head is kept here.
    await raise(store, { folder: anchorFolder(config.dataFolder), vault });
    if (options.json) process.stdout.write(`${JSON.stringify({ file, ...made })}\n`);
    else {
      process.stdout.write(`${file}\n`);
      note({
        zh: `共 ${made.files} 个文件、${made.entries} 条审计记录；解压后运行 node verify.mjs 即可核验。`,
        en: `${made.files} files, ${made.entries} audit entries; unpack it and run node verify.mjs to check it.`,
      });
    }
  } finally {
    await closeThreads();
    await http.close();
    await store.close();
  }
}
