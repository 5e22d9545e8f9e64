/** `lianfa cap source`: from whom alerts are taken (senders), and where they are fetched by themselves (feeds, watched folders). */
import type { Command } from 'commander';
import { z } from 'zod';
import { beijingMinute } from '../channels/beijing-calendar.js';
import type { Said } from '../channels/channel.js';
import { inlet, source, type InletBody, type SourceBody } from '../server/contract/alerts.js';
import { CommandFailure, createClient, type Client } from './client.js';
import { both, running } from './say.js';

interface Options {
  sender?: string;
  feed?: string;
  folder?: string;
  name?: string;
  organization?: string;
  every?: number;
  hourly?: number;
  signed?: boolean;
  json?: boolean;
}

export function register(cap: Command): void {
  const command = cap.command('source').description('来源和自动收取 Senders, feeds and watched folders');
  command
    .command('list')
    .description('列出来源、订阅源和监视文件夹，及其最近情况 List them, and how they are')
    .option('--json', '输出 JSON for machines')
    .action((options: Options) => running(options.json, () => list(options)));
  settings(
    command
      .command('add')
      .description('登记发送者，或新建订阅源、监视文件夹 Register a sender, or fetch from a feed or a watched folder')
      .option('--sender <sender>', 'CAP 的 sender，与来文完全一致 exactly as in its messages')
      .option('--feed <url>', 'Atom 或 RSS 的网址 the address of an Atom or RSS feed')
      .option('--folder <name>', '文件夹名（a-z、0-9、-），位于服务器的 LIANFA_INBOX 之下 a name under LIANFA_INBOX'),
  ).action((options: Options) => running(options.json, () => add(options)));
  settings(
    command.command('change').description('修改，未写的不变 Change one; what is not named stays').argument('<id>'),
  ).action((id: string, options: Options) => running(options.json, () => change(id, options, {})));
  for (const [name, enabled, said] of [
    ['pause', false, '停收 Take no more of it'],
    ['resume', true, '恢复 Take of it again'],
  ] as const)
    command
      .command(name)
      .description(said)
      .argument('<id>')
      .option('--json', '输出 JSON for machines')
      .action((id: string, options: Options) => running(options.json, () => change(id, options, { enabled })));
}

function settings(command: Command): Command {
  return command
    .option('--name <name>', '名称 what it is called here')
    .option('--organization <id>', '归入哪个单位，默认本单位 whose drafts they become; yours unless told')
    .option('--every <seconds>', '订阅源、文件夹：间隔秒数 of a feed or folder: seconds between two looks', Number)
    .option('--hourly <count>', '发送者：每小时最多成稿 of a sender: drafts an hour', Number)
    .option('--signed', '发送者：必须带签名 of a sender: only what is signed')
    .option('--json', '输出 JSON for machines');
}

const sources = z.object({ items: z.array(source) });
const inlets = z.object({ items: z.array(inlet) });
type All = { sources: SourceBody[]; inlets: InletBody[] };

async function all(client: Client): Promise<All> {
  const [of, from] = [
    await client.call(sources, 'GET', '/alert-sources'),
    await client.call(inlets, 'GET', '/alert-inlets'),
  ];
  return { sources: of.items, inlets: from.items };
}

async function list({ json }: Options): Promise<void> {
  const told = await all(createClient());
  if (json) print(true, told, '');
  else
    for (const line of [...told.sources.map(lineOfSource), ...told.inlets.map(lineOfInlet)]) print(false, told, line);
}

/** @throws CommandFailure where it is not clear what is to be added, and what the server refuses */
async function add(options: Options): Promise<void> {
  const { sender, feed, folder, name, organization, every, hourly, signed, json } = options;
  const named = [sender, feed, folder].filter((one) => one !== undefined);
  if (named.length !== 1) throw unclear();
  const client = createClient();
  if (sender !== undefined) {
    const made = await client.call(source, 'POST', '/alert-sources', {
      json: { sender, name, organization, hourly, signed },
    });
    print(json, made, lineOfSource(made));
    return;
  }
  const given = { is: feed === undefined ? 'folder' : 'feed', address: feed ?? folder, name, organization, every };
  const made = await client.call(inlet, 'POST', '/alert-inlets', { json: given });
  print(json, made, lineOfInlet(made));
}

async function change(id: string, options: Options, switched: { enabled?: boolean }): Promise<void> {
  const client = createClient();
  const known = await all(client);
  const { name, organization, every, hourly, signed, json } = options;
  const common = {
    ...(name !== undefined && { name }),
    ...(organization !== undefined && { organization }),
    ...switched,
  };
  const sender = known.sources.find((one) => one.id === id);
  const from = known.inlets.find((one) => one.id === id);
  if (sender) {
    const { id: _, ...before } = sender;
    const given = { ...before, ...common, ...(hourly !== undefined && { hourly }), ...(signed && { signed }) };
    const made = await client.call(source, 'PUT', `/alert-sources/${id}`, { json: given });
    print(json, made, lineOfSource(made));
    return;
  }
  if (!from) throw unknown(id);
  const { is, address, enabled } = from;
  const before = { is, address, enabled, name: from.name, every: from.every, organization: from.organization };
  const given = { ...before, ...common, ...(every !== undefined && { every }) };
  const made = await client.call(inlet, 'PUT', `/alert-inlets/${id}`, { json: given });
  print(json, made, lineOfInlet(made));
}

function lineOfSource({ id, sender, name, enabled, signed, hourly }: SourceBody): string {
  const state = enabled ? '' : ` ${both(paused)}`;
  return `${id} sender ${sender}  ${name}  ${hourly}/h${signed ? ' signed' : ''}${state}`;
}

function lineOfInlet(row: InletBody): string {
  const { id, is, address, name, every, enabled, goodAt, changedAt, via, broken, missed, steppedBack } = row;
  const good = goodAt === undefined ? both({ zh: '还没有成功过', en: 'not yet read' }) : beijingMinute(goodAt);
  const told = [
    ...(enabled ? [] : [both(paused)]),
    ...(changedAt === undefined ? [] : [both({ zh: `自 ${beijingMinute(changedAt)} 无变化`, en: 'unchanged since' })]),
    ...(via ? [both({ zh: `转到 ${via.address}`, en: 'sends on' })] : []),
    ...(broken ? [`✗ ${both(broken.why)}`] : []),
    ...(missed ? [`! ${beijingMinute(missed.at)} ${both(missed.why)}`] : []),
    ...(steppedBack
      ? [`! ${both({ zh: `${beijingMinute(steppedBack.at)} 收到过旧的副本`, en: 'an older copy came' })}`]
      : []),
  ];
  return [
    `${id} ${is} ${address}  ${name}  ${every}s  ${both({ zh: '最近成功', en: 'last good' })} ${good}`,
    ...told,
  ].join('\n    ');
}

const paused: Said = { zh: '已停收', en: 'paused' };

function unclear(): CommandFailure {
  return new CommandFailure({
    code: 'option_missing',
    message: { zh: '请写明 --sender、--feed、--folder 中的一个。', en: 'Name one of --sender, --feed, --folder.' },
    todo: { zh: '运行 lianfa cap source add --help 查看。', en: 'See lianfa cap source add --help.' },
  });
}

function unknown(id: string): CommandFailure {
  return new CommandFailure({
    code: 'not_found',
    message: { zh: `没有编号为 ${id} 的来源或自动收取。`, en: `There is no source with the id ${id}.` },
    todo: { zh: '用 lianfa cap source list 查看编号。', en: 'See their ids with lianfa cap source list.' },
  });
}

function print(json: boolean | undefined, value: unknown, line: string): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${line}\n`);
}
