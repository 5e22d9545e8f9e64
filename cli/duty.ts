/** `lianfa duty import FILE`, `lianfa duty list`: the rosters (值班表). */
import type { Command } from 'commander';
import { z } from 'zod';
import { beijingMinute } from '../channels/beijing-calendar.js';
import { importResult } from '../core/import-result.js';
import { createClient } from './client.js';
import { dryRunOption, importFile, type ImportOptions } from './import-file.js';
import { both, running } from './say.js';

const page = z.object({
  items: z.array(
    z.object({
      organization: z.string(),
      name: z.string(),
      now: z.array(z.object({ step: z.number(), names: z.array(z.string()) })),
      gaps: z.array(z.object({ from: z.string(), until: z.string(), step: z.number().optional() })),
      superior: z.string().optional(),
    }),
  ),
  next: z.string().optional(),
});
type Unit = z.infer<typeof page>['items'][number];

export function register(program: Command): void {
  const duty = program
    .command('duty')
    .description('值班表 Rosters: who answers for an account that no machine can prove');
  duty
    .command('import')
    .description('导入值班表 Import rosters')
    .argument(
      '<file>',
      'CSV、Excel（列 columns: organization, step, name, phone, mail, webhook, told, required, from, until, instead）或 or JSON',
    )
    .option(...dryRunOption)
    .option('--json', '输出 JSON for machines')
    .action((file: string, options: ImportOptions) =>
      running(options.json, () => importFile('/duty/import', file, options, importResult).then(() => undefined)),
    );
  duty
    .command('list')
    .description('各单位现在谁值班、七天内的空缺 Who is on duty now, and gaps within seven days')
    .option('--organization <id>', '只看这个单位 one unit alone')
    .option('--json', '输出 JSON for machines')
    .action((options: { organization?: string; json?: boolean }) =>
      running(options.json, () => list(options.organization, options.json === true)),
    );
}

async function list(organization: string | undefined, json: boolean): Promise<void> {
  const client = createClient();
  const units: Unit[] = [];
  for (let after: string | undefined; ;) {
    const query = new URLSearchParams({
      limit: '200',
      ...(organization !== undefined && { organization }),
      ...(after !== undefined && { after }),
    });
    const { items, next } = await client.call(page, 'GET', `/duty?${query.toString()}`);
    units.push(...items);
    if (next === undefined) break;
    after = next;
  }
  process.stdout.write(json ? `${JSON.stringify(units)}\n` : units.map(linesOf).join(''));
}

function linesOf({ organization, name, now, gaps, superior }: Unit): string {
  const steps = now.map(({ step, names }) => `${step}. ${names.join('、') || '—'}`).join('  ');
  const nobody = both({
    zh: superior === undefined ? '无人值班' : `无人值班，由“${superior}”代接`,
    en: superior === undefined ? 'nobody on duty' : `nobody on duty; ${superior} is told`,
  });
  const lacking = gaps.map(({ from, until, step }) => {
    const which = step === undefined ? '' : ` (${step})`;
    return `    ! ${beijingMinute(from)} – ${beijingMinute(until)}${which}\n`;
  });
  return `${name} (${organization})  ${steps || nobody}\n${lacking.join('')}`;
}
