/** Import files: the bytes go to the server as they are, which reads them; what came of each row is told by its number. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { z } from 'zod';
import type { ImportResult } from '../core/import-result.js';
import { createClient } from './client.js';
import { both, note } from './say.js';

export interface ImportOptions {
  json?: boolean;
  dryRun?: boolean;
}

export const dryRunOption = [
  '--dry-run',
  '只核对，不保存：列出将新建、修改、拒绝的行 store nothing, say what would be',
] as const;

/** Exit code 0 only where every row came in, or with a dry run would. @throws CommandFailure */
export async function importFile<R extends ImportResult>(
  path: string,
  file: string,
  { json, dryRun }: ImportOptions,
  schema: z.ZodType<R>,
  also: Record<string, string> = {},
): Promise<R> {
  const bytes = await readFile(file);
  const result = await createClient().call(
    schema,
    'POST',
    `${path}?${new URLSearchParams({ dryRun: String(dryRun === true), ...also })}`,
    {
      bytes,
      type: 'application/octet-stream',
      name: basename(file),
    },
  );
  tellImport(result, json === true);
  return result;
}

/** Exit code 0 only where nothing was refused. */
export function tellImport(result: ImportResult, json: boolean): void {
  if (result.refused.length > 0) process.exitCode = 1;
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else tell(result);
}

function tell({ dryRun, created, updated, unchanged, blank, changes, refused, told }: ImportResult): void {
  for (const said of told) note(said);
  // What is new in a file of ten thousand is what people expect; what changes they want to see.
  for (const { row, is, name, fields } of changes)
    if (is === 'updated' || dryRun)
      process.stdout.write(`  ${is === 'created' ? '+' : '~'} ${both(lineOf(row, name, fields, is))}\n`);
  for (const { row, message } of refused)
    process.stderr.write(`  ✗ ${both({ zh: `第 ${row} 行：${message.zh}`, en: `Row ${row}: ${message.en}` })}\n`);
  const counts = {
    zh: `新建 ${created}，更新 ${updated}，未变 ${unchanged}，未导入 ${refused.length}，空行 ${blank}。`,
    en: `${created} created, ${updated} updated, ${unchanged} unchanged, ${refused.length} refused, ${blank} blank.`,
  };
  const trial = { zh: '仅核对，未保存。', en: 'A dry run: nothing was stored.' };
  process.stdout.write(`${both(counts)}${dryRun ? ` ${both(trial)}` : ''}\n`);
}

function lineOf(row: number, name: string, fields: readonly string[], is: 'created' | 'updated') {
  const list = fields.join(', ');
  return is === 'created'
    ? { zh: `第 ${row} 行 新建“${name}”`, en: `row ${row} creates "${name}"` }
    : { zh: `第 ${row} 行 更新“${name}”：${list}`, en: `row ${row} updates "${name}": ${list}` };
}
