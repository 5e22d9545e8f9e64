/** `lianfa organizations import FILE` */
import type { Command } from 'commander';
import { plainRowsFromCsv } from '../core/accounts/rows.js';
import { createClient } from './client.js';
import { readRows, sendRows, tellImport } from './import-file.js';
import { running } from './say.js';

export function register(program: Command): void {
  program
    .command('organizations')
    .description('单位 Units')
    .command('import')
    .description('导入单位 Import units')
    .argument('<file>', 'CSV（列 columns: id, name, parent, region）或 or JSON')
    .option('--json', '输出 JSON for machines')
    .action((file: string, options: { json?: boolean }) =>
      running(options.json, async () => {
        tellImport(
          await sendRows(
            createClient(),
            '/organizations/import',
            'organizations',
            await readRows(file, 'organizations', plainRowsFromCsv),
          ),
          options.json,
        );
      }),
    );
}
