/** `lianfa calendar`: which days are worked and what goes out when. `lianfa calendar enter YEAR FILE`: a year from its notice. */
import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { beijingDay, beijingMinute } from '../channels/beijing-calendar.js';
import { LianfaError } from '../core/errors.js';
import { stateWords } from '../core/plans/held.js';
import { calendarDays, calendarYear, calendarYearEntered, plans, type PlanBody } from '../server/contract/plans.js';
import { createClient } from './client.js';
import { both, note, running } from './say.js';

interface Options {
  from?: string;
  to?: string;
  json?: boolean;
}

/** Days shown unless told. */
const usual = 31;

export function register(program: Command): void {
  const calendar = program
    .command('calendar')
    .description('工作日历与排期（北京时间） Working days, and what goes out when (Beijing time)')
    .option('--from <day>', '从哪天起，默认今天 first day, today unless told')
    .option('--to <day>', `到哪天止，默认 ${usual} 天 last day`)
    .option('--json', '输出 JSON for machines')
    .action((options: Options) => running(options.json, () => show(options)));
  calendar
    .command('enter')
    .description('录入一年的放假安排 Enter the holidays of a year from its notice')
    .argument('<year>', '年份 year')
    .argument(
      '<file>',
      'JSON：{"notice": "通知名称（文号）", "off": [{"day", "holiday"}], "working": [{"day", "holiday"}]}',
    )
    .action((year: string, file: string) => running(false, () => enter(year, file)));
}

async function show({ from, to, json }: Options): Promise<void> {
  const client = createClient();
  const first = from ?? beijingDay(new Date());
  const query = new URLSearchParams({
    from: first,
    to: to ?? beijingDay(new Date(Date.parse(`${first}T00:00:00Z`) + (usual - 1) * 86_400_000)),
  });
  const { days } = await client.call(calendarDays, 'GET', `/calendar/days?${query}`);
  const { items, more } = await client.call(plans, 'GET', `/plans?${query}`);
  if (json) {
    process.stdout.write(`${JSON.stringify({ days, plans: items, more })}\n`);
    return;
  }
  for (const { day, said } of days) {
    process.stdout.write(`${day}  ${both(said)}\n`);
    for (const plan of items.filter(({ notBefore }) => notBefore?.startsWith(day))) process.stdout.write(lineOf(plan));
  }
  for (const notice of new Set(days.flatMap((day) => day.notice ?? []))) process.stdout.write(`依据 by ${notice}\n`);
  if (more) note({ zh: '· 排期太多，只列出前面的；请缩短日期范围。', en: 'There are more plans; ask for fewer days.' });
}

function lineOf({ notBefore = '', state, title, release }: PlanBody): string {
  return `  ${beijingMinute(notBefore).slice(11)}  ${title}（${release}）  ${both(stateWords[state])}\n`;
}

async function enter(year: string, file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const json = calendarYear.safeParse(parsed(text));
  if (!json.success) {
    const field = json.error.issues[0]?.path.join('.') ?? 'file';
    const reason = {
      zh: '请按 {"notice": "…", "off": [{"day": "2027-01-01", "holiday": "元旦"}], "working": […]} 填写。',
      en: 'write it as {"notice": "…", "off": [{"day": "2027-01-01", "holiday": "元旦"}], "working": […]}.',
    };
    throw new LianfaError('field_invalid', { field: field === '' ? 'file' : field, reason });
  }
  const entered = await createClient().call(calendarYearEntered, 'PUT', `/calendar/years/${encodeURIComponent(year)}`, {
    json: json.data,
  });
  const { off, working } = entered;
  process.stdout.write(
    `${both({ zh: `已录入 ${year} 年：休息 ${off} 天，上班 ${working} 天。`, en: `Entered ${year}: ${off} days off, ${working} worked.` })}\n`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
