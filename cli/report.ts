/** `lianfa report ID --csv FILE | --pdf FILE`: who was reached when, on what, what failed and why, who signed. */
import type { Command } from 'commander';
import { createClient, CommandFailure } from './client.js';
import { note, running } from './say.js';

interface Options {
  csv?: string;
  pdf?: string;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('report')
    .description('发布情况报告 The report of a release')
    .argument('<id>', '发布件编号 id of the release')
    .option('--csv <file>', '表格：每个账号一行 a table, one row an account')
    .option('--pdf <file>', 'PDF：汇总与未成功的账号 a summary and who has not got it')
    .option('--json', '输出 JSON for machines')
    .action((id: string, options: Options) => running(options.json, () => report(id, options)));
}

async function report(id: string, { csv, pdf, json }: Options): Promise<void> {
  const wanted = [
    ...(csv === undefined ? [] : [{ format: 'csv', file: csv }]),
    ...(pdf === undefined ? [] : [{ format: 'pdf', file: pdf }]),
  ];
  if (wanted.length === 0)
    throw new CommandFailure({
      code: 'no_file',
      message: { zh: '没有说明写到哪个文件。', en: 'No file is named.' },
      todo: { zh: '请加上 --csv 文件名或 --pdf 文件名。', en: 'Add --csv FILE or --pdf FILE.' },
    });
  const client = createClient();
  const files: { file: string; bytes: number }[] = [];
  for (const { format, file } of wanted) {
    const bytes = await client.download(`/releases/${encodeURIComponent(id)}/report.${format}`, file);
    files.push({ file, bytes });
    if (!json) note({ zh: `已写入 ${file}（${bytes} 字节）`, en: `written to ${file} (${bytes} bytes)` });
  }
  if (json) process.stdout.write(`${JSON.stringify({ release: id, files })}\n`);
}
