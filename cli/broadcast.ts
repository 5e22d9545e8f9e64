/** `lianfa broadcast FILE` composes and submits a broadcast and says who must sign; `lianfa sign REVIEW` gives one of its two signatures. */
import type { Command } from 'commander';
import { consents, type Consent } from '../core/signatures/statement.js';
import { looked, review, type ReviewBody } from '../server/contract/reviews.js';
import { audienceOf, withAudience, type AudienceOptions } from './audience-options.js';
import { createClient, type Client } from './client.js';
import { registerFlight } from './flight.js';
import { countOf, notInTime, requireTaken, tableOf, watchRelease } from './progress.js';
import { signedByOthers, tellTurn, upload, type Upload } from './publish.js';
import { both, note, running } from './say.js';
import { withAreas } from './warning-areas.js';

interface Options extends AudienceOptions, Upload {
  areas?: boolean;
  exercise?: boolean;
  live?: boolean;
  again?: boolean;
  deadline?: number;
  wait?: boolean;
  timeout: number;
  json?: boolean;
}

interface SignOptions {
  accounts?: number;
  consent?: Consent[];
  breakGlass?: string;
  json?: boolean;
}

export function register(program: Command): void {
  // Else what is said behind `pause`, `narrow` and the others would be taken for its own: an audience, and --json.
  const command = program.enablePositionalOptions().command('broadcast').enablePositionalOptions();
  withAudience(
    command
      .description(
        '导入一份应急文档或来文（CAP）并提交联动发布，须两人签发 Import an emergency, or an alert (CAP), and submit it as a broadcast, for two to sign',
      )
      .argument('<file>', 'CAP（.cap.xml）、Markdown、HTML、Word（.docx）或纯文本 or plain text'),
  )
    .option('--release <id>', '作为该发布件的下一版 as the next revision of this release')
    .option(
      '--exercise',
      '作为演练，不论文件怎么写；来文另做一份演练稿 as an exercise, whatever it says; of an alert a copy',
    )
    .option('--live', '实盘演练：发到真实账号 a live exercise, on real accounts')
    .option('--again', '同样内容近期已发过也再次发布 publish although the same text went out lately')
    .option('--source <source>', '来源（文档未写明时使用）source, where the document names none')
    .option('--accept-losses', '缺少影响内容的部分也仍然导入 go on although something is missing that changes the text')
    .option(
      '--areas',
      '把预警自己的影响区域（多边形、圆、区划）加入投放范围 take the areas that the warning names into the audience',
    )
    .option('--wait', '等待两人签发及全部核验完成 wait until both have signed and every account is verified')
    .option('--timeout <seconds>', '最长等待秒数 longest wait, seconds', Number, 900)
    .option('--json', '输出 JSON for machines')
    .option(
      '--deadline <minutes>',
      '期限：须在几分钟内送达全部账号；不填按严重程度 minutes within which all are to be reached',
      Number,
    )
    .action((file: string, options: Options) => running(options.json, () => broadcast(file, options)));
  registerFlight(command);
  program
    .command('sign')
    .description(
      '签发联动发布：列出各渠道稿，再以密码签发 Sign a broadcast: shows the text of each channel, then signs by password',
    )
    .argument('<review>', '审签编号 the review')
    .option(
      '--accounts <number>',
      '手工填写的账号数；不填只查看 the number of accounts, typed by hand; without it nothing is signed',
      Number,
    )
    .option('--consent <names>', `逐项同意，用逗号分隔 yes to each of: ${consents.join(',')}`, (text) =>
      consents.filter((one) => text.split(',').includes(one)),
    )
    .option('--break-glass <reason>', '紧急直发：一人签发的理由 sign alone, and why')
    .option('--json', '输出 JSON for machines')
    .action((id: string, options: SignOptions) => running(options.json, () => sign(id, options)));
}

async function broadcast(file: string, options: Options): Promise<void> {
  const client = createClient();
  const tell = options.json ? () => undefined : note;
  const asked = await audienceOf(client, options);
  const { release, dropped } = await upload(client, file, options);
  const audience = options.areas ? await withAreas(client, asked, release.revision.emergency?.areas ?? []) : asked;
  const { id, title, revision } = release;
  for (const { said } of dropped) tell({ zh: `· ${said.zh}`, en: said.en });
  const { again, live, deadline } = options;
  const json = { revision: revision.id, audience, lane: 'emergency', again, live, deadline };
  const submitted = await client.call(review, 'POST', `/releases/${id}/submit`, { json });
  tell({ zh: `· 已提交：${title}（${id}）。`, en: `Submitted as ${id}.` });
  await tellTurn(client, submitted, tell);
  const order = options.wait ? await signedByOthers(client, submitted.id, options.timeout) : undefined;
  const done = { release: id, revision: revision.id, review: submitted.id, linked: submitted.linked ?? false, order };
  if (order === undefined) {
    const said = {
      zh: `两人签发：lianfa sign ${submitted.id}，或在界面“联动”里办理。`,
      en: `Two sign it: lianfa sign ${submitted.id}, or on the dashboard.`,
    };
    process.stdout.write(options.json ? `${JSON.stringify(done)}\n` : `${both(said)}\n`);
    return;
  }
  const status = await watchRelease(client, id, { bar: !options.json, seconds: options.timeout });
  if (!status) throw notInTime(id);
  requireTaken(status, order);
  const verified = countOf(status, (state) => state === 'verified' || state === 'confirmed');
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ ...done, placements: status.total, verified, counts: status.counts })}\n`
      : `${title}（${id}）\n${tableOf(status)}\n`,
  );
  if (verified < status.total || status.total === 0) process.exitCode = 1;
}

async function sign(id: string, { accounts, consent = [], breakGlass, json }: SignOptions): Promise<void> {
  const client = createClient();
  const now = await client.call(review, 'GET', `/reviews/${id}`);
  if (!json) await show(client, now);
  if (accounts === undefined) {
    if (json) process.stdout.write(`${JSON.stringify(now)}\n`);
    return;
  }
  if (json) await lookAtAll(client, now);
  const given = {
    ...(await client.proof()),
    counts: { total: accounts },
    consents: consent,
    ...(breakGlass && { glass: breakGlass }),
  };
  const signed = await client.call(review, 'POST', `/reviews/${id}/sign`, { json: given });
  if (json) process.stdout.write(`${JSON.stringify(signed)}\n`);
  else if (signed.state === 'signed')
    process.stdout.write(
      `${both({
        zh: `已签发，${signed.broadcast?.countdown ?? 5} 秒后发出。在界面可停止；进展：lianfa status ${signed.release}`,
        en: `Signed; it goes out in ${signed.broadcast?.countdown ?? 5} seconds. Stop it on the dashboard.`,
      })}\n`,
    );
  else await tellTurn(client, signed, note);
}

/** Each channel's text as it will be shown, in words; that it was opened counts. */
async function show(client: Client, { id, title, broadcast }: ReviewBody): Promise<void> {
  process.stdout.write(`${title}（${id}）\n`);
  for (const { channel, accounts } of broadcast?.channels ?? []) {
    const { html } = await client.call(looked, 'POST', `/reviews/${id}/looks`, { json: { channel } });
    process.stdout.write(`\n== ${channel} · ${accounts}\n${wordsOf(html)}\n`);
  }
  for (const words of broadcast?.words ?? [])
    note({ zh: `· 容易误解的字样：${words}`, en: `Words that may be misread: ${words}` });
  if (broadcast?.consents.length)
    note({ zh: `· 须逐项同意：${broadcast.consents.join(',')}`, en: `Say yes to: ${broadcast.consents.join(',')}` });
}

async function lookAtAll(client: Client, { id, broadcast }: ReviewBody): Promise<void> {
  for (const { channel } of broadcast?.channels ?? [])
    await client.call(looked, 'POST', `/reviews/${id}/looks`, { json: { channel } });
}

function wordsOf(html: string): string {
  return html
    .replace(/<(style|script|head)[\s\S]*?<\/\1>/gi, '')
    .replace(/<[^>]*>/g, '\n')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .join('\n');
}
