/** `lianfa drill list | start SCENARIO | overdue`: the library of drills (演练库). */
import type { Command } from 'commander';
import { beijingMinute } from '../channels/beijing-calendar.js';
import { drillRow, overdueDrills, scenario, type ScenarioBody } from '../server/contract/drills.js';
import { pageOf } from '../server/contract/pages.js';
import { createClient } from './client.js';
import { both, running } from './say.js';

interface Options {
  organization?: string;
  region?: string;
  json?: boolean;
}

export function register(program: Command): void {
  const drill = program.command('drill').description('演练库 The library of drills');
  drill
    .command('list')
    .description('演练脚本，附上次演练的结果 Scenarios, each with what its last drill has shown')
    .option('--organization <id>', '上次演练按哪个单位 whose last drill is told of')
    .option('--json', '输出 JSON for machines')
    .action((options: Options) => running(options.json, () => list(options)));
  drill
    .command('start')
    .description('按脚本开始一次演练：生成演练草稿 Begin a drill: makes a draft exercise')
    .argument('<scenario>', '脚本编号 the scenario')
    .option('--organization <id>', '由哪个单位组织 which unit holds it')
    .option('--json', '输出 JSON for machines')
    .action((id: string, options: Options) => running(options.json, () => start(id, options)));
  drill
    .command('overdue')
    .description('哪些单位该演练了 Which units are overdue for a drill')
    .option('--region <code>', '只看这个地区（区划代码）及以下 one region and below')
    .option('--json', '输出 JSON for machines')
    .action((options: Options) => running(options.json, () => overdue(options)));
}

async function list({ organization, json }: Options): Promise<void> {
  const client = createClient();
  const rows: ScenarioBody[] = [];
  for (let after: string | undefined, more = true; more;) {
    const query = new URLSearchParams({
      limit: '200',
      ...(organization !== undefined && { organization }),
      ...(after !== undefined && { after }),
    });
    const { items, next } = await client.call(pageOf(scenario), 'GET', `/drill-scenarios?${query}`);
    rows.push(...items);
    after = next;
    more = next !== undefined;
  }
  process.stdout.write(json ? `${JSON.stringify(rows)}\n` : rows.map(lineOf).join(''));
}

function lineOf({ id, title, event, everyMonths, last, tookPart }: ScenarioBody): string {
  const often =
    everyMonths === undefined ? '' : both({ zh: `每 ${everyMonths} 个月`, en: `every ${everyMonths} months` });
  const shown = last
    ? both({
        zh: `上次 ${beijingMinute(last.held ?? '')}：送达 ${last.reached}/${last.placements}，99% 用时 ${last.reached99 ?? '—'} 秒，未整改 ${last.openFindings} 项`,
        en: `last: ${last.reached}/${last.placements} reached, 99 % in ${last.reached99 ?? '—'} s, ${last.openFindings} open findings`,
      })
    : both({ zh: '本单位还没有演练过', en: 'not held by this unit yet' });
  return `${id}  ${title}  ${event}  ${often}\n    ${shown}\n${tookPart ? `    ${partOf(tookPart)}\n` : ''}`;
}

/** Taking part is told by a word of its own: it is no drill that the unit held. */
function partOf({ at, organizationName = '' }: NonNullable<ScenarioBody['tookPart']>): string {
  return both({
    zh: `参加过：${beijingMinute(at)} ${organizationName}组织（参加不算本单位组织）`,
    en: `took part: ${beijingMinute(at)}, held by ${organizationName} (no drill of its own)`,
  });
}

async function start(id: string, { organization, json }: Options): Promise<void> {
  const client = createClient();
  const made = await client.call(drillRow, 'POST', `/drill-scenarios/${encodeURIComponent(id)}/start`, {
    json: { ...(organization !== undefined && { organization }) },
  });
  const said = {
    zh: `已生成演练草稿 ${made.release}（演练 ${made.id}）。请在界面核对内容后送审：/releases/${made.release}`,
    en: `A draft exercise was made: ${made.release} (drill ${made.id}). Check it and submit it: /releases/${made.release}`,
  };
  process.stdout.write(json ? `${JSON.stringify(made)}\n` : `${both(said)}\n`);
}

async function overdue({ region, json }: Options): Promise<void> {
  const query = new URLSearchParams({ limit: '1000', ...(region !== undefined && { region }) });
  const answer = await createClient().call(overdueDrills, 'GET', `/drills/overdue?${query}`);
  if (json) {
    process.stdout.write(`${JSON.stringify(answer)}\n`);
    return;
  }
  for (const { region: code, organizationName, title, due, responsible, tookPart } of answer.items) {
    const who = responsible.map(({ displayName }) => displayName).join('、') || '—';
    process.stdout.write(`${code}  ${organizationName}  ${title}  ${beijingMinute(due)}  ${who}\n`);
    if (tookPart) process.stdout.write(`    ${partOf(tookPart)}\n`);
  }
  const rest = answer.total - answer.items.length;
  if (rest > 0)
    process.stdout.write(
      `${both({ zh: `另有 ${rest} 项，请用 --region 分地区查看`, en: `${rest} more; ask by --region` })}\n`,
    );
}
