/** `lianfa storage`: what concerns the place of media and built sites as a whole. */
import type { Command } from 'commander';
import { LianfaError } from '../core/errors.js';
import { readConfig } from '../core/hub/config.js';
import { copyInto } from '../core/storage/copy.js';
import { tryStorage } from '../core/storage/fitness.js';
import { openStorage } from '../core/storage/storage.js';

export function register(program: Command): void {
  program
    .command('storage')
    .description('对象存储 The object storage')
    .command('copy')
    .description(
      '把数据目录里的图片、附件和上传文件复制到 STORAGE_URL（可重复执行） Copy media and uploads from the data folder into STORAGE_URL; may be repeated',
    )
    .option('--json', '输出 JSON for machines')
    .action(async (options: { json?: boolean }) => {
      const { storage, dataFolder } = readConfig();
      if (!storage) throw new LianfaError('storage_not_named');
      await tryStorage(storage, (line) => console.error(line));
      const { files, close } = openStorage({ storage, dataFolder }, () => undefined);
      try {
        const counts = await copyInto(files, dataFolder, (done) => {
          if (done % 500 === 0 && !options.json) console.error(`… ${done}`);
        });
        console.log(
          options.json
            ? JSON.stringify(counts)
            : `已复制 ${counts.copied} 个文件，${counts.there} 个原已在存储中。 Copied ${counts.copied} files; ${counts.there} were there already.`,
        );
      } finally {
        await close();
      }
    });
}
