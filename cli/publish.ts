/** `lianfa publish FILE`: a document comes in and is submitted for review; it is signed at once where whoever runs the command may. */
import { Option, type Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { beijingDay, beijingMinute } from '../channels/beijing-calendar.js';
import { changes, type Change, type Said } from '../channels/channel.js';
import { LianfaError } from '../core/errors.js';
import type { ReleaseStatus } from '../core/placements/report.js';
import { timed } from '../core/placements/timing.js';
import { readPlannedTime, sayInstant, type DayEnd } from '../core/plans/planned-time.js';
import { personName } from '../server/contract/people.js';
import { calendarDays } from '../server/contract/plans.js';
import { releaseSaved, type ReleaseSaved } from '../server/contract/releases.js';
import { review, type ReviewBody } from '../server/contract/reviews.js';
import { audienceOf, withAudience, type AudienceOptions } from './audience-options.js';
import { CommandFailure, createClient, type Client } from './client.js';
import { withFiles } from './document-upload.js';
import { countOf, notInTime, requireTaken, tableOf, watchRelease } from './progress.js';
import { both, note, running } from './say.js';
import type { Proof } from './sign-in.js';

/** How a document comes in. */
export interface Upload {
  release?: string;
  change?: Change;
  source?: string;
  title?: string;
  acceptLosses?: boolean;
  revisions?: string;
  /** As an exercise, whatever it says of itself. */
  exercise?: boolean;
}

interface Options extends AudienceOptions, Upload {
  lane?: string;
  again?: boolean;
  at?: string;
  expires?: string;
  wait?: boolean;
  timeout: number;
  json?: boolean;
}

const types: Readonly<Record<string, string>> = {
  '.md': 'text/markdown',
  '.markdown': 'text/markdown',
  '.html': 'text/html',
  '.htm': 'text/html',
  '.txt': 'text/plain',
  '.xml': 'application/cap+xml',
  '.cap': 'application/cap+xml',
  '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
};

export function register(program: Command): void {
  withAudience(
    program
      .command('publish')
      .description(
        '导入一个文档并提交审签，有权签发的随即签发 Import a document and submit it; sign it at once where you may',
      )
      .argument('<file>', 'Markdown、HTML、Word（.docx）或纯文本 or plain text'),
  )
    .option('--release <id>', '作为该发布件的下一版 as the next revision of this release')
    .addOption(
      new Option('--change <change>', '与已签发版本的关系：correction 更正（默认，旧文不保留）、update 续报').choices(
        changes,
      ),
    )
    .option('--lane <lane>', '通道：routine 常规、emergency 应急；默认按体裁 by kind unless told')
    .option('--again', '同样内容近期已发过也再次发布 publish although the same text went out lately')
    .option('--source <source>', '来源（文档未写明时使用）source, where the document names none')
    .option('--title <title>', '标题（不取文档中的）the title, whatever the document says')
    .option(
      '--accept-losses',
      '缺少影响内容的部分也仍然发布 publish although something is missing that changes the text',
    )
    .addOption(
      new Option(
        '--revisions <choice>',
        '修订全部接受（accept）或全部拒绝（reject），批注都不带入 tracked changes, all accepted or all rejected',
      ).choices(['accept', 'reject']),
    )
    .addOption(
      new Option(
        '--at <time>',
        '定时，如 "2026-12-01 09:00"（北京时间；只写日期为当日 00:00） not before; Beijing time unless it names an offset',
      ).conflicts('wait'),
    )
    .option('--expires <time>', '截止：到时仍未开始的不再发出（只写日期为当日 24:00） not begun from then on')
    .option('--wait', '等待签发及全部核验完成 wait until it is signed and every account is verified')
    .option('--timeout <seconds>', '最长等待秒数 longest wait, seconds', Number, 900)
    .option('--json', '输出 JSON for machines')
    .action((file: string, options: Options) => running(options.json, () => publish(file, options)));
}

async function publish(file: string, options: Options): Promise<void> {
  const client = createClient();
  const tell = options.json ? () => undefined : note;
  refuseTime(options);
  const audience = await audienceOf(client, options);
  const { release, dropped, plan } = await upload(client, file, options);
  const { id, title, revision } = release;
  for (const { said } of dropped) tell({ zh: `· ${said.zh}`, en: said.en });
  tell({
    zh: `· 已导入第 ${revision.number} 版：${title}（${id}）。`,
    en: `Imported as revision ${revision.number} of ${id}.`,
  });
  const { lane, again } = options;
  // What is asked for at the command goes before what the document says.
  const { at: notBefore = plan?.notBefore, expires = plan?.expires } = options;
  const json = { revision: revision.id, audience, lane, again, notBefore, expires };
  const submitted = await client.call(review, 'POST', `/releases/${id}/submit`, { json });
  tell({ zh: '· 已提交审签。', en: 'Submitted for review.' });
  const signed = await signedOrder(client, submitted, options, tell);
  if (signed === undefined) {
    const waits = { release: id, revision: revision.id, review: submitted.id, state: 'open', dropped };
    if (options.json) process.stdout.write(`${JSON.stringify(waits)}\n`);
    return;
  }
  const planned = submitted.notBefore;
  const done = {
    release: id,
    revision: revision.id,
    review: submitted.id,
    order: signed,
    dropped,
    ...(planned && { notBefore: planned }),
  };
  if (planned !== undefined) {
    process.stdout.write(options.json ? `${JSON.stringify(done)}\n` : `${both(saidPlanned(id, title, planned))}\n`);
    if (!options.json) await adviseDay(client, planned);
    return;
  }
  if (!options.wait) {
    const said = {
      zh: `已下达发布：${title}（${id}）。用 lianfa status ${id} 查看进展。`,
      en: `Ordered. See how far it is with: lianfa status ${id}`,
    };
    process.stdout.write(options.json ? `${JSON.stringify(done)}\n` : `${both(said)}\n`);
    return;
  }
  const status = await watchRelease(client, id, { bar: !options.json, seconds: options.timeout });
  if (!status) throw notInTime(id);
  requireTaken(status, signed);
  const [verified, confirmed] = (['verified', 'confirmed'] as const).map((name) =>
    countOf(status, (state) => state === name),
  );
  if (options.json)
    process.stdout.write(
      `${JSON.stringify({ ...done, placements: status.total, verified, confirmed, counts: status.counts })}\n`,
    );
  else process.stdout.write(`${title}（${id}）\n${tableOf(status)}\n`);
  const missing = missingOf(status, signed);
  if (missing === 0) return;
  process.exitCode = 1;
  tell({
    zh: `✗ ${missing} 个账号未核验，请在界面查看原因并处理。`,
    en: `${missing} accounts not verified; see why, and what to do, on the dashboard.`,
  });
}

/** What the hub would refuse is refused before anything is uploaded. @throws LianfaError field_invalid, plan_in_past */
function refuseTime({ at, expires }: Options): void {
  const read = (field: string, written: string | undefined, whole: DayEnd): Date | undefined => {
    const instant = written === undefined ? undefined : readPlannedTime(written, whole);
    if (written === undefined || instant) return instant;
    const reason = {
      zh: '请写成“2026-12-01 09:00”（北京时间）。',
      en: 'write it like "2026-12-01 09:00", by the clock of Beijing.',
    };
    throw new LianfaError('field_invalid', { field, reason });
  };
  timed(
    { notBefore: read('notBefore', at, 'begins'), expires: read('expires', expires, 'ends') },
    'routine',
    new Date(),
  );
}

function saidPlanned(id: string, title: string, notBefore: string): Said {
  return {
    zh: `已排期：${title}（${id}），${sayInstant(new Date(notBefore))}发出。用 lianfa unschedule ${id} 可取消。`,
    en: `Planned for ${beijingMinute(notBefore)}, Beijing time. Take it back with: lianfa unschedule ${id}`,
  };
}

/** A holiday holds nothing up; whoever plans should know. */
async function adviseDay(client: Client, notBefore: string): Promise<void> {
  const day = beijingDay(notBefore);
  const { days } = await client.call(calendarDays, 'GET', `/calendar/days?from=${day}&to=${day}`);
  for (const { working, said, notice } of days)
    if (!working || notice === undefined) note({ zh: `· ${day} ${said.zh}。`, en: `${day} is ${said.en}.` });
}

/** Accounts on which it does not stand, surely; where an earlier order took it back, this one has missed nothing. At least 1 where nothing was reached. */
function missingOf(status: ReleaseStatus, order: string): number {
  const stands = countOf(status, (state) => state === 'verified' || state === 'confirmed');
  const away = countOf(status, (state) => state === 'withdrawn');
  const reached = status.orders.find((entry) => entry.id === order)?.placements ?? 0;
  return Math.max(status.total - stands - away, reached - stands, status.total === 0 ? 1 : 0);
}

export async function upload(
  client: Client,
  file: string,
  { source, title, release, change, acceptLosses, revisions, exercise }: Upload,
): Promise<ReleaseSaved> {
  const type = types[extname(file).toLowerCase()] ?? 'application/octet-stream';
  const bytes = await withFiles(await readFile(file), { file, type, acceptLosses, client });
  const query = new URLSearchParams({
    ...(release !== undefined && { release }),
    ...(change && { change }),
    ...(title !== undefined && { title }),
    ...(acceptLosses && { losses: 'accept' }),
    ...(revisions !== undefined && { revisions }),
    ...(exercise && { exercise: 'true' }),
  });
  const path = `/releases/import${query.size > 0 ? `?${query.toString()}` : ''}`;
  return client.call(releaseSaved, 'POST', path, { bytes, type, name: basename(file), source });
}

/** Signs it where whoever runs the command may, and proves it by password; else says whose turn it is, and waits for them if told. */
async function signedOrder(
  client: Client,
  submitted: ReviewBody,
  options: Options,
  tell: typeof note,
): Promise<string | undefined> {
  // A broadcast is signed by two, each by an act of its own: lianfa sign.
  const proof = submitted.may.sign && !submitted.linked ? await client.proof() : undefined;
  if (proof) {
    const { order } = await signWhenReady(client, submitted.id, proof);
    tell({ zh: '· 已签发。', en: 'Signed.' });
    return order;
  }
  await tellTurn(client, submitted, tell);
  return options.wait ? signedByOthers(client, submitted.id, options.timeout) : undefined;
}

/** Who may take the step that is next. */
export async function tellTurn(
  client: Client,
  { chain, step, takers, id }: ReviewBody,
  tell: typeof note,
): Promise<void> {
  const next = chain.steps[step];
  const able = next ? (takers[next.id] ?? []) : [];
  const asked = able.map((one) => `id=${encodeURIComponent(one)}`).join('&');
  const people = able.length > 0 ? await client.call(z.array(personName), 'GET', `/people/names?${asked}`) : [];
  const names = able.map((one) => people.find((known) => known.id === one)?.displayName ?? one);
  const said = { zh: next?.name.zh ?? '', en: next?.name.en ?? '' };
  if (names.length > 0)
    tell({
      zh: `· 等待“${said.zh}”，可由 ${names.join('、')} 办理（审签 ${id}）。`,
      en: `It waits for "${said.en}", which ${names.join(', ')} can take (review ${id}).`,
    });
  else
    tell({
      zh: `✗ “${said.zh}”这一步现在无人可办，请联系系统管理员（审签 ${id}）。`,
      en: `Nobody can take the step "${said.en}" now; ask an administrator (review ${id}).`,
    });
}

/** @throws CommandFailure where it is returned, overtaken or taken back, or not signed in time */
export async function signedByOthers(client: Client, id: string, seconds: number): Promise<string | undefined> {
  for (const end = Date.now() + seconds * 1_000; Date.now() < end; await pause(1_000)) {
    const now = await client.call(review, 'GET', `/reviews/${id}`);
    if (now.state === 'signed') return now.order;
    if (now.state !== 'open') throw ended(now);
  }
  throw notInTime(id);
}

function ended({ id, state, reason = '' }: ReviewBody): CommandFailure {
  const words = reason && `：${reason}`;
  return new CommandFailure({
    code: `review_${state}`,
    message: {
      zh: `审签没有通过（${state}）${words}`,
      en: `The review ended without a signature (${state}). ${reason}`,
    },
    todo: { zh: `请在界面查看审签 ${id}。`, en: `See review ${id} on the dashboard.` },
  });
}

/** Pictures take some seconds to be prepared for every channel; until then nothing can be signed, and no code is spent. */
async function signWhenReady(client: Client, id: string, proof: Proof): Promise<ReviewBody> {
  for (const end = Date.now() + 120_000; ; await pause(500)) {
    try {
      return await client.call(review, 'POST', `/reviews/${id}/sign`, { json: proof });
    } catch (error) {
      if (!(error instanceof CommandFailure && error.code === 'media_not_ready') || Date.now() >= end) throw error;
    }
  }
}
