/** `lianfa audience show|gaps|list|save|close`: whom a selector reaches and whom not, and selectors kept under a name. */
import type { Command } from 'commander';
import type { z } from 'zod';
import {
  gapPage,
  savedAudience,
  survey,
  type GapBody,
  type SavedAudienceBody,
  type SurveyBody,
} from '../server/contract/audiences.js';
import { allSaved, audienceOf, savedNamed, withAudience, type AudienceOptions } from './audience-options.js';
import { createClient } from './client.js';
import { both, note, running } from './say.js';

interface Options extends AudienceOptions {
  organization?: string;
  json?: boolean;
}

export function register(program: Command): void {
  const audience = program.command('audience').description('投放范围 Audiences');
  asking(audience.command('show').description('摸底：按渠道、地区的账号数和缺口 What it reaches, and its gaps')).action(
    (options: Options) => running(options.json, () => show(options)),
  );
  asking(
    audience
      .command('gaps')
      .description('列出一类缺口 All gaps of one kind')
      .argument('<kind>', '类别 kind, as show names it'),
  ).action((kind: string, options: Options) => running(options.json, () => gaps(kind, options)));
  audience
    .command('list')
    .description('常用范围 Saved audiences')
    .option('--json', '每行一个 JSON one JSON a line')
    .action((options: { json?: boolean }) =>
      running(options.json, async () => {
        for (const one of await allSaved(createClient()))
          process.stdout.write(options.json ? `${JSON.stringify(one)}\n` : lineOf(one));
      }),
    );
  withAudience(
    audience
      .command('save')
      .description('存为常用范围（同名的改为现在的条件） Save it under a name')
      .argument('<name>', '名称 name'),
  )
    .option('--organization <id>', '所属单位 the unit whose it is')
    .option('--json', '输出 JSON for machines')
    .action((name: string, options: Options) => running(options.json, () => save(name, options)));
  audience
    .command('close')
    .description('停用常用范围 Close a saved audience')
    .argument('<name>', '名称或编号 name or id')
    .option('--json', '输出 JSON for machines')
    .action((name: string, options: { json?: boolean }) =>
      running(options.json, async () => {
        const client = createClient();
        const { id } = await savedNamed(client, name);
        await client.call(savedAudience, 'POST', `/audiences/${encodeURIComponent(id)}/close`);
        if (options.json) process.stdout.write(`${JSON.stringify({ id })}\n`);
        else note({ zh: `· 已停用：${name}。`, en: `Closed: ${name}.` });
      }),
    );
}

function asking(command: Command): Command {
  return withAudience(command)
    .option('--organization <id>', '发布单位 the unit whose release it is')
    .option('--json', '输出 JSON for machines');
}

async function show({ organization, json, ...options }: Options): Promise<void> {
  const client = createClient();
  const asked = { audience: await audienceOf(client, options), organization };
  const found = await client.call(survey, 'POST', '/audiences/survey', { json: asked });
  process.stdout.write(json ? `${JSON.stringify(found)}\n` : `${linesOf(found).join('\n')}\n`);
}

function linesOf({
  total,
  byChannel,
  byRegion,
  codes,
  shapes,
  both: two,
  excepted,
  gaps: kinds,
}: SurveyBody): string[] {
  const named = kinds.filter(({ count }) => count > 0);
  return [
    both({ zh: `账号 ${total} 个`, en: `${total} accounts` }),
    ...Object.entries(byChannel).map(([channel, count]) => `  ${channel}  ${count}`),
    ...byRegion.map((one) => `  ${one.region}  ${one.total}`),
    ...codes.map(({ code, accounts }) =>
      both({ zh: `  代码 ${code}：${accounts}`, en: `(code ${code}: ${accounts})` }),
    ),
    ...shapes.flatMap(({ crosses }, at) =>
      crosses
        ? [
            both({
              zh: `  图形 ${at + 1} 的边线自相交（${crosses.lat},${crosses.lon}），两侧都算在内。`,
              en: `Shape ${at + 1} crosses itself; what it goes round counts on both sides.`,
            }),
          ]
        : [],
    ),
    ...(two
      ? [
          both({
            zh: `  图形内 ${two.byShape}，代码内 ${two.byCode}，合计 ${two.together}`,
            en: `(by shape ${two.byShape}, by code ${two.byCode}, together ${two.together})`,
          }),
          `  ${both(two.rule)}`,
        ]
      : []),
    ...(excepted > 0 ? [both({ zh: `  另排除 ${excepted} 个`, en: `(${excepted} left out)` })] : []),
    ...(named.length === 0 ? [both({ zh: '没有缺口。', en: 'No gaps.' })] : []),
    ...named.flatMap(({ kind, said, count, items }) => [
      `✗ ${both(said)}  ${count}  (${kind})`,
      ...items.flatMap(linesOfGap),
      ...(count > items.length ? [`  … lianfa audience gaps ${kind}`] : []),
    ]),
  ];
}

function linesOfGap({ name, said, act }: GapBody): string[] {
  return [`  ${name}：${both(said)}`, `    → ${both(act.said)}${act.command === undefined ? '' : `  ${act.command}`}`];
}

async function gaps(kind: string, { organization, json, ...options }: Options): Promise<void> {
  const client = createClient();
  const asked = { audience: await audienceOf(client, options), organization, kind, limit: 500 };
  for (let from: number | undefined = 0; from !== undefined;) {
    const page: z.infer<typeof gapPage> = await client.call(gapPage, 'POST', '/audiences/gaps', {
      json: { ...asked, from },
    });
    for (const gap of page.items)
      process.stdout.write(json ? `${JSON.stringify(gap)}\n` : `${linesOfGap(gap).join('\n')}\n`);
    from = page.next;
  }
}

async function save(name: string, { organization, json, ...options }: Options): Promise<void> {
  const client = createClient();
  const audience = await audienceOf(client, options);
  const same = (await allSaved(client)).find(
    (one) => one.name === name && (organization === undefined || one.organization === organization),
  );
  const saved = same
    ? await client.call(savedAudience, 'PUT', `/audiences/${encodeURIComponent(same.id)}`, {
        json: { name, audience, version: same.version },
      })
    : await client.call(savedAudience, 'POST', '/audiences', { json: { name, audience, organization } });
  process.stdout.write(json ? `${JSON.stringify(saved)}\n` : lineOf(saved));
}

function lineOf({ id, name, organization, audience }: SavedAudienceBody): string {
  return `${name}（${id}）  ${organization ?? ''}  ${JSON.stringify(audience)}\n`;
}
