/** `lianfa publish FILE`: a document goes out to an audience. */
import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { dispatch, type DispatchBody } from '../core/deliveries/report.js';
import { medium } from '../server/contract/media.js';
import { releaseSaved, type ReleaseSaved } from '../server/contract/releases.js';
import { audienceOf, withAudience, type AudienceOptions } from './audience-options.js';
import { CommandFailure, createClient, type Client } from './client.js';
import { uploadAttachments } from './document-attachments.js';
import { uploadPictures } from './document-pictures.js';
import { countOf, tableOf, watchRelease } from './progress.js';
import { both, note, running } from './say.js';

interface Options extends AudienceOptions {
  lane?: string;
  wait?: boolean;
  timeout: number;
  source?: string;
  json?: boolean;
}

const types: Readonly<Record<string, string>> = {
  '.md': 'text/markdown',
  '.markdown': 'text/markdown',
  '.html': 'text/html',
  '.htm': 'text/html',
  '.txt': 'text/plain',
  '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
};

export function register(program: Command): void {
  withAudience(
    program
      .command('publish')
      .description('发布一个文档 Publish a document')
      .argument('<file>', 'Markdown、HTML、Word（.docx）或纯文本 or plain text'),
  )
    .option('--lane <lane>', '通道：routine 常规、emergency 应急；默认按体裁 by kind unless told')
    .option('--source <source>', '来源（文档未写明时使用）source, where the document names none')
    .option('--wait', '等待全部核验完成 wait until everything is verified')
    .option('--timeout <seconds>', '最长等待秒数 longest wait, seconds', Number, 900)
    .option('--json', '输出 JSON for machines')
    .action((file: string, options: Options) => running(options.json, () => publish(file, options)));
}

async function publish(file: string, options: Options): Promise<void> {
  const client = createClient();
  const saved = await upload(client, file, options.source);
  if (!options.json) for (const { said } of saved.dropped) note({ zh: `· ${said.zh}`, en: said.en });
  const order = await orderWhenReady(client, saved, options);
  const { id, title } = saved.release;
  if (!options.wait) {
    const done = {
      zh: `已下达发布：${title}（${id}）。用 lianfa status ${id} 查看进展。`,
      en: `Ordered. See how far it is with: lianfa status ${id}`,
    };
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ release: id, dispatch: order.id, dropped: saved.dropped })}\n`
        : `${both(done)}\n`,
    );
    return;
  }
  const status = await watchRelease(client, id, { bar: !options.json, seconds: options.timeout });
  if (!status) throw notInTime(id);
  const verified = countOf(status, (state) => state === 'verified');
  if (options.json)
    process.stdout.write(
      `${JSON.stringify({ release: id, dispatch: order.id, dropped: saved.dropped, verified, total: status.total, counts: status.counts })}\n`,
    );
  else process.stdout.write(`${title}（${id}）\n${tableOf(status)}\n`);
  if (verified === status.total && status.total > 0) return;
  process.exitCode = 1;
  if (!options.json)
    note({
      zh: `✗ ${status.total - verified} 条未核验，请在界面查看原因并处理。`,
      en: `${status.total - verified} not verified; see why, and what to do, on the dashboard.`,
    });
}

async function upload(client: Client, file: string, source: string | undefined): Promise<ReleaseSaved> {
  let bytes: Buffer = await readFile(file);
  const type = types[extname(file).toLowerCase()] ?? 'application/octet-stream';
  if (type === 'text/markdown' || type === 'text/html') {
    const text = bytes.toString('utf8');
    // Bytes that are not UTF-8 go as they are: the server says so better than a guess would.
    if (Buffer.from(text).equals(bytes)) {
      const keep = async (kept: Buffer, name: string): Promise<string> =>
        (await client.call(medium, 'POST', '/media', { bytes: kept, type: 'application/octet-stream', name })).hash;
      const pictured = await uploadPictures(text, file, keep);
      bytes = Buffer.from(
        await uploadAttachments(pictured, file, (kept, name, field) =>
          keep(kept, name).catch((error: unknown) => {
            throw underField(error, field);
          }),
        ),
      );
    }
  }
  return client.call(releaseSaved, 'POST', '/releases/import', { bytes, type, name: basename(file), source });
}

/** A file is refused under the field of the document that names it. */
function underField(error: unknown, field: string): unknown {
  if (!(error instanceof CommandFailure) || error.field !== 'file') return error;
  return new CommandFailure(
    {
      code: error.code,
      field,
      message: { zh: `${field}：${error.said.zh}`, en: `${field}: ${error.said.en}` },
      todo: error.todo,
    },
    { cause: error },
  );
}

/** Pictures take some seconds to be prepared for every channel. */
async function orderWhenReady(client: Client, { release }: ReleaseSaved, options: Options): Promise<DispatchBody> {
  const json = { revision: release.revision.id, audience: audienceOf(options), lane: options.lane };
  for (const end = Date.now() + 120_000; ; await pause(500)) {
    try {
      return await client.call(dispatch, 'POST', `/releases/${release.id}/publish`, { json });
    } catch (error) {
      if (!(error instanceof CommandFailure && error.code === 'media_not_ready') || Date.now() >= end) throw error;
    }
  }
}

function notInTime(id: string): CommandFailure {
  return new CommandFailure({
    code: 'not_in_time',
    message: { zh: '等待时间已到，投递仍在进行。', en: 'The time is up and deliveries are still under way.' },
    todo: {
      zh: `投递不受影响，用 lianfa status ${id} 继续查看。`,
      en: `They go on by themselves; look with: lianfa status ${id}`,
    },
  });
}
