/** `lianfa regions import FILE`, `lianfa regions list` */
import type { Command } from 'commander';
import { importResult } from '../core/import-result.js';
import { regionOutline } from '../server/contract/audiences.js';
import { pageOf } from '../server/contract/pages.js';
import { createClient } from './client.js';
import { dryRunOption, importFile, type ImportOptions } from './import-file.js';
import { running } from './say.js';

interface Options extends ImportOptions {
  property?: string;
}

export function register(program: Command): void {
  const regions = program.command('regions').description('地区边界 Outlines of regions');
  regions
    .command('import')
    .description('导入地区边界 Import outlines of regions')
    .argument('<file>', 'GeoJSON（WGS 84，经度在前 longitude first）')
    .option('--property <name>', '存放区划代码的属性 the property that holds the code: code, adcode, gb …')
    .option(...dryRunOption)
    .option('--json', '输出 JSON for machines')
    .action((file: string, { property, ...options }: Options) =>
      running(options.json, () =>
        importFile('/regions/import', file, options, importResult, property === undefined ? {} : { property }).then(
          () => undefined,
        ),
      ),
    );
  regions
    .command('list')
    .description('已有边界的地区 Regions that have an outline')
    .option('--json', '每行一个 JSON one JSON a line')
    .action((options: { json?: boolean }) => running(options.json, () => list(options)));
}

async function list({ json }: { json?: boolean }): Promise<void> {
  const client = createClient();
  for (let after: string | undefined, more = true; more;) {
    const query = new URLSearchParams({ limit: '200', ...(after !== undefined && { after }) });
    const { items, next } = await client.call(pageOf(regionOutline), 'GET', `/regions?${query}`);
    for (const one of items)
      process.stdout.write(json ? `${JSON.stringify(one)}\n` : `${one.code}  ${one.name}  ${one.points}\n`);
    after = next;
    more = next !== undefined;
  }
}
