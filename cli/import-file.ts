/** Import files of any length, sent in parts; a refused row is told by its place in the file. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { importResult, type ImportResult } from '../core/import-result.js';
import { CommandFailure, type Client } from './client.js';
import { both, openBar } from './say.js';

/** Rows in one request. */
const part = 1_000;

/** Reads rows from a JSON file (a list, or an object that holds one under `name`) or a CSV file. @throws CommandFailure */
export async function readRows(
  file: string,
  name: string,
  fromCsv: (text: string) => Record<string, unknown>[],
): Promise<unknown[]> {
  const text = (await readFile(file, 'utf8')).replace(/^\ufeff/, '');
  if (extname(file).toLowerCase() === '.csv') return fromCsv(text);
  try {
    const parsed = JSON.parse(text) as unknown;
    const rows = Array.isArray(parsed) ? parsed : (parsed as Record<string, unknown>)[name];
    if (Array.isArray(rows)) return rows;
  } catch (error) {
    throw notReadable(file, error);
  }
  throw notReadable(file);
}

function notReadable(file: string, cause?: unknown): CommandFailure {
  return new CommandFailure(
    {
      code: 'file_unreadable',
      message: { zh: `“${file}”不是有效的 JSON 列表或 CSV。`, en: `"${file}" is neither a JSON list nor CSV.` },
      todo: { zh: '请检查文件内容；CSV 文件请以 .csv 结尾。', en: 'Check the file; a CSV file must end in .csv.' },
    },
    { cause },
  );
}

/** Part by part, with a bar on a terminal where there is more than one. @throws CommandFailure; the parts before have come in */
export async function sendRows(
  client: Client,
  path: string,
  name: string,
  rows: readonly unknown[],
): Promise<ImportResult> {
  const total: ImportResult = { created: 0, updated: 0, refused: [] };
  const bar = rows.length > part ? openBar('{bar} {value}/{total}') : undefined;
  bar?.start(rows.length, 0);
  try {
    for (let at = 0; at < rows.length; at += part) {
      const result = await client.call(importResult, 'POST', path, { json: { [name]: rows.slice(at, at + part) } });
      total.created += result.created;
      total.updated += result.updated;
      total.refused.push(...result.refused.map((refusal) => ({ ...refusal, row: refusal.row + at })));
      bar?.update(Math.min(rows.length, at + part));
    }
  } finally {
    bar?.stop();
  }
  return total;
}

/** Exit code 0 only where every row came in. */
export function tellImport(result: ImportResult, json: boolean | undefined): void {
  if (result.refused.length > 0) process.exitCode = 1;
  if (json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const { created, updated, refused } = result;
  process.stdout.write(
    `${both({ zh: `新建 ${created}，更新 ${updated}，未导入 ${refused.length}。`, en: `${created} created, ${updated} updated, ${refused.length} refused.` })}\n`,
  );
  for (const { row, message } of refused)
    process.stderr.write(`  ✗ ${both({ zh: `第 ${row} 行：${message.zh}`, en: `Row ${row}: ${message.en}` })}\n`);
}
