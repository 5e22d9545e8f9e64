/** `lianfa receipt list RELEASE | confirm PLACEMENT | deny PLACEMENT`: who was called and has not confirmed, and a person's word for an account. */
import type { Command } from 'commander';
import { beijingMinute } from '../channels/beijing-calendar.js';
import { placement } from '../core/placements/report.js';
import { callout, calloutFigures, type CalloutBody, type CalloutFigures } from '../server/contract/callouts.js';
import { pageOf } from '../server/contract/pages.js';
import { createClient, type Client } from './client.js';
import { both, running } from './say.js';

interface Options {
  note: string;
  url?: string;
  json?: boolean;
}

export function register(program: Command): void {
  const receipt = program.command('receipt').description('叫应与回执 Callouts and receipts');
  receipt
    .command('list')
    .description('一件发布叫了谁、谁还没有确认 Who was called for a release, and who has not confirmed')
    .argument('<id>', '发布件编号 id of the release')
    .option('--json', '输出 JSON for machines')
    .action((id: string, { json }: Pick<Options, 'json'>) => running(json, () => list(id, json)));
  given(
    receipt
      .command('confirm')
      .description('人工确认已发布 Say that it is public on an account')
      .argument('<placement>', '发布位编号，见 receipt list the placement, see receipt list')
      .option('--url <url>', '公开网址，有就读回核对 its public address; where there is one it is read back'),
  ).action((id: string, options: Options) => running(options.json, () => settle(id, 'published', options)));
  given(
    receipt
      .command('deny')
      .description('人工确认没有发布 Say that it is not public there')
      .argument('<placement>', '发布位编号 the placement'),
  ).action((id: string, options: Options) => running(options.json, () => settle(id, 'not_published', options)));
}

function given(command: Command): Command {
  return command
    .requiredOption('--note <words>', '说明（留档）your words, kept on record')
    .option('--json', '输出 JSON for machines');
}

async function list(release: string, json: boolean | undefined): Promise<void> {
  const client = createClient();
  const path = `/releases/${encodeURIComponent(release)}/callouts`;
  const figures = await client.call(calloutFigures, 'GET', `${path}/figures`);
  const callouts = await everyCallout(client, path);
  if (json) {
    process.stdout.write(`${JSON.stringify({ release, figures, callouts })}\n`);
    return;
  }
  process.stdout.write(`${figuresLine(figures)}\n`);
  for (const one of callouts) process.stdout.write(linesOf(one, release).join(''));
}

async function everyCallout(client: Client, path: string): Promise<CalloutBody[]> {
  const all: CalloutBody[] = [];
  for (let after: string | undefined, more = true; more;) {
    const query = new URLSearchParams({ limit: '200', ...(after !== undefined && { after }) });
    const { items, next } = await client.call(pageOf(callout), 'GET', `${path}?${query}`);
    all.push(...items);
    after = next;
    more = next !== undefined;
  }
  return all;
}

/** Four figures and never one: none follows from another. */
function figuresLine({ items, answered, sent, accepted, opened, receipts, nobody }: CalloutFigures): string {
  return both({
    zh: `待办 ${items} 项，已有人答复 ${answered} 项；已发出 ${sent}、对方系统已收 ${accepted}、已打开 ${opened}、回执 ${receipts}；无人可叫 ${nobody}`,
    en: `${items} things, ${answered} answered; sent ${sent}, taken ${accepted}, opened ${opened}, receipts ${receipts}; nobody to call ${nobody}`,
  });
}

const itemWords: Readonly<Record<CalloutBody['items'][number]['state'], string>> = {
  open: both({ zh: '未确认', en: 'open' }),
  answered: both({ zh: '已答复', en: 'answered' }),
  over: both({ zh: '不再需要', en: 'over' }),
};

function linesOf({ unit, exercise, items, messages, stepAt }: CalloutBody, release: string): string[] {
  const mark = exercise ? `${both({ zh: '演练', en: 'Exercise' })} ` : '';
  const next = stepAt === undefined ? '' : `  ${both({ zh: '下一步', en: 'next step' })} ${beijingMinute(stepAt)}`;
  return [
    `${mark}${unit}${next}\n`,
    ...items
      .filter((item) => item.release === release)
      .map(({ placement: of, account, title, state }) => `  ${itemWords[state]}  ${of}  ${account}《${title}》\n`),
    ...messages
      .filter(({ kind }) => kind === 'call')
      .map(({ name, way, state, phone }) => `    ${name}  ${way}  ${state}  ${phone ?? ''}`.trimEnd() + '\n'),
  ];
}

async function settle(id: string, outcome: 'published' | 'not_published', { note, url, json }: Options): Promise<void> {
  const given = { outcome, note, ...(url !== undefined && { url }) };
  const row = await createClient().call(placement, 'POST', `/placements/${encodeURIComponent(id)}/resolve`, {
    json: given,
  });
  const said = {
    zh: `${row.organizationName} · ${row.accountName}：已记下，进展见 lianfa status ${row.release}`,
    en: 'Taken down.',
  };
  process.stdout.write(json ? `${JSON.stringify(row)}\n` : `${both(said)}\n`);
}
