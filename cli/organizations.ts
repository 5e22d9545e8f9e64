/** `lianfa organizations import FILE` */
import type { Command } from 'commander';
import { importResult } from '../core/import-result.js';
import { dryRunOption, importFile, type ImportOptions } from './import-file.js';
import { running } from './say.js';

export function register(program: Command): void {
  program
    .command('organizations')
    .description('单位 Units')
    .command('import')
    .description('导入单位 Import units')
    .argument('<file>', 'CSV、Excel（列 columns: id, name, parent, region, lat, lon）或 or JSON')
    .option(...dryRunOption)
    .option('--json', '输出 JSON for machines')
    .action((file: string, options: ImportOptions) =>
      running(options.json, () =>
        importFile('/organizations/import', file, options, importResult).then(() => undefined),
      ),
    );
}
