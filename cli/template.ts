/** `lianfa template list|show|import|fill|withdraw`: event templates (事件模板). */
import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { importResult } from '../core/import-result.js';
import { createClient } from './client.js';
import { tellImport } from './import-file.js';
import { both, note, running } from './say.js';

interface Json {
  json?: boolean;
}

const said = z.object({ zh: z.string(), en: z.string() });
const row = z.object({
  id: z.string(),
  name: z.string(),
  event: z.string(),
  unitName: z.string().optional(),
  version: z.number(),
  follows: z.string().optional(),
  withdrawn: z.object({ reason: z.string() }).optional(),
});
const page = z.object({ items: z.array(row), next: z.string().optional() });
const passage = z.looseObject({ text: z.string(), locked: z.boolean(), heading: z.string().optional() });
const whole = row.extend({
  shown: z.number(),
  content: z.looseObject({
    title: z.object({ text: z.string(), locked: z.boolean() }),
    short: z.array(passage),
    long: z.array(passage),
    spoken: z.array(passage),
  }),
  questions: z.array(
    z.object({
      level: z.string(),
      asked: z.array(z.looseObject({ name: z.string(), optional: z.boolean().optional() })),
    }),
  ),
  unusable: said.optional(),
  drafts: z.array(z.looseObject({ id: z.string(), title: z.string(), version: z.number(), signed: z.boolean() })),
  versions: z.array(z.looseObject({ version: z.number(), at: z.string() })),
});
const draft = z.looseObject({
  title: z.string(),
  body: z.object({ format: z.string(), content: z.string() }),
  emergency: z.looseObject({ short: z.string().optional(), spoken: z.string().optional() }),
});
const filled = z.object({ release: draft });
const saved = z.object({ release: z.object({ id: z.string() }) });

export function register(program: Command): void {
  const template = program
    .command('template')
    .description('事件模板 Event templates: a whole warning from a few facts');
  template
    .command('list')
    .description('可用的模板 Templates of your units and those handed down')
    .option('--event <event>', '只列适合这个事件的 only those that fit this event')
    .option('--withdrawn', '包括已停用的 withdrawn ones, too')
    .option('--json', '输出 JSON for machines')
    .action((options: Json & { event?: string; withdrawn?: boolean }) => running(options.json, () => list(options)));
  template
    .command('show')
    .description('一个模板的三种文字、要问的要素、用它写的稿件 What one says, asks for, and what was made from it')
    .argument('<id>')
    .option('--version <n>', '指定版本 an earlier version')
    .option('--json', '输出 JSON for machines')
    .action((id: string, options: Json & { version?: string }) => running(options.json, () => show(id, options)));
  template
    .command('import')
    .description('导入模板；不写文件则导入随附的一套 Import templates; without a file those that come with the program')
    .argument('[file]', 'JSON：{"templates": [...]}')
    .option('--organization <id>', '归哪个单位 whose they are')
    .option('--dry-run', '只核对，不保存 store nothing, say what would be')
    .option('--json', '输出 JSON for machines')
    .action((file: string | undefined, options: Json & { organization?: string; dryRun?: boolean }) =>
      running(options.json, () => take(file, options)),
    );
  template
    .command('fill')
    .description('用要素填成草稿 Fill one in: lianfa template fill ID --fact 级别=红色 --fact 影响区域=…')
    .argument('<id>')
    .option('--fact <name=value>', '要素，可多次 a fact; again for each', collected, [])
    .option('--exercise', '演练 as an exercise')
    .option('--source <name>', '发布单位 who issues it')
    .option('--organization <id>', '归哪个单位 whose it is')
    .option('--save', '保存为草稿并输出编号 store it as a draft, and tell its id')
    .option('--out <file>', '写到文件（JSON） write it to a file')
    .option('--json', '输出 JSON for machines')
    .action((id: string, options: Filling) => running(options.json, () => fill(id, options)));
  template
    .command('withdraw')
    .description('停用：不能再用，已有草稿不变 Withdraw one: nobody uses it any more; drafts stay as they are')
    .argument('<id>')
    .requiredOption('--reason <reason>', '原因（留档）reason, kept on record')
    .option('--json', '输出 JSON for machines')
    .action((id: string, options: Json & { reason: string }) => running(options.json, () => withdraw(id, options)));
}

interface Filling extends Json {
  fact: string[];
  exercise?: boolean;
  source?: string;
  organization?: string;
  save?: boolean;
  out?: string;
}

function collected(value: string, before: string[]): string[] {
  return [...before, value];
}

async function list({ event, withdrawn, json }: Json & { event?: string; withdrawn?: boolean }): Promise<void> {
  const client = createClient();
  const rows: z.infer<typeof row>[] = [];
  for (let after: string | undefined; ;) {
    const query = new URLSearchParams({
      limit: '200',
      withdrawn: String(withdrawn === true),
      ...(event !== undefined && { event }),
      ...(after !== undefined && { after }),
    });
    const { items, next } = await client.call(page, 'GET', `/event-templates?${query.toString()}`);
    rows.push(...items);
    if (next === undefined) break;
    after = next;
  }
  if (json) return print(rows);
  for (const { id, name, event: of, unitName, version, withdrawn: gone } of rows) {
    const over = gone ? `  ${both({ zh: `已停用：${gone.reason}`, en: `withdrawn: ${gone.reason}` })}` : '';
    process.stdout.write(`${id}  ${name}  ${of}  v${version}  ${unitName ?? ''}${over}\n`);
  }
}

async function show(id: string, { version, json }: Json & { version?: string }): Promise<void> {
  const query = version === undefined ? '' : `?${new URLSearchParams({ version }).toString()}`;
  const one = await createClient().call(whole, 'GET', `/event-templates/${encodeURIComponent(id)}${query}`);
  if (json) return print(one);
  const { content, questions, drafts, unusable } = one;
  process.stdout.write(`${one.name}  v${one.shown}/${one.version}\n`);
  if (unusable) note(unusable);
  process.stdout.write(`${both({ zh: '标题', en: 'title' })}：${content.title.text}\n`);
  for (const [kind, words] of kinds) {
    process.stdout.write(`${both(words)}\n`);
    for (const { text, locked, heading } of content[kind])
      process.stdout.write(`  ${locked ? '[锁 locked] ' : ''}${heading === undefined ? '' : `${heading} `}${text}\n`);
  }
  for (const { level, asked } of questions) {
    const names = asked.map(({ name, optional }) => (optional ? `${name}?` : name)).join('、');
    process.stdout.write(`${level}: ${names}\n`);
  }
  for (const made of drafts)
    process.stdout.write(
      `${made.id}  v${made.version}  ${made.signed ? '已签发 signed' : '草稿 draft'}  ${made.title}\n`,
    );
}

const kinds = [
  ['short', { zh: '短文', en: 'short' }],
  ['long', { zh: '长文', en: 'long' }],
  ['spoken', { zh: '口播', en: 'spoken' }],
] as const;

async function take(
  file: string | undefined,
  { organization, dryRun, json }: Json & { organization?: string; dryRun?: boolean },
): Promise<void> {
  const given: unknown = file === undefined ? undefined : JSON.parse(await readFile(file, 'utf8'));
  const templates = Array.isArray(given) ? given : (given as { templates?: unknown[] } | undefined)?.templates;
  const body = {
    ...(file === undefined ? { shipped: true } : { templates: templates ?? [given] }),
    dryRun: dryRun === true,
    ...(organization !== undefined && { organization }),
  };
  tellImport(await createClient().call(importResult, 'POST', '/event-templates/import', { json: body }), json === true);
}

async function fill(id: string, options: Filling): Promise<void> {
  const facts: Record<string, string> = {};
  for (const given of options.fact) {
    const [name = '', ...value] = given.split('=');
    facts[name.trim()] = value.join('=').trim();
  }
  const body = {
    facts,
    exercise: options.exercise === true,
    ...(options.source !== undefined && { source: options.source }),
    ...(options.organization !== undefined && { organization: options.organization }),
  };
  const client = createClient();
  const path = `/event-templates/${encodeURIComponent(id)}/fill`;
  const { release } = await client.call(filled, 'POST', path, { json: body });
  if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(release, null, 2)}\n`);
  const made = options.save ? await client.call(saved, 'POST', '/releases', { json: release }) : undefined;
  if (options.json) return print({ release, ...(made && { id: made.release.id }) });
  if (made) process.stdout.write(`${made.release.id}\n`);
  const { short = '', spoken = '' } = release.emergency;
  process.stdout.write(`${release.title}\n${short}\n${release.body.content}\n${spoken}\n`);
}

/** Of the version that is the newest now: of one that somebody changes meanwhile the server says so. */
async function withdraw(id: string, { reason, json }: Json & { reason: string }): Promise<void> {
  const client = createClient();
  const path = `/event-templates/${encodeURIComponent(id)}`;
  const { version } = await client.call(whole, 'GET', path);
  const done = await client.call(row, 'POST', `${path}/withdraw`, { json: { version, reason } });
  if (json) return print(done);
  const said = { zh: `已停用“${done.name}”：${reason}。`, en: `Withdrawn; drafts that were made from it stay.` };
  process.stdout.write(`${both(said)}\n`);
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
