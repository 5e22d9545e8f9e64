/** `lianfa chains`: the chains of review, shown and set from a file. */
import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { chain, chainOrder, chains, solo, type ChainBody } from '../server/contract/chains.js';
import { pageOf } from '../server/contract/pages.js';
import { personListed } from '../server/contract/people.js';
import { CommandFailure, createClient, type Client } from './client.js';
import { both, running } from './say.js';

interface Options {
  json?: boolean;
}

export function register(program: Command): void {
  const command = program.command('chains').description('审签流程 Chains of review');
  command
    .command('list')
    .description('列出审签流程和单人值守 List them')
    .option('--json', '输出 JSON for machines')
    .action((options: Options) => running(options.json, () => list(options)));
  command
    .command('set')
    .description('按文件设定一个单位的审签流程 Set the chain of a unit from a file')
    .argument('<file>', 'JSON：{ organization?, kind?, occasion?, steps: [{ id, name: { zh, en }, role, persons? }] }')
    .option('--json', '输出 JSON for machines')
    .action((file: string, options: Options) => running(options.json, () => set(file, options)));
  const about = {
    solo: '指定可以一人写稿并签发的人员，不写人名即取消 Name who may write and sign alone; nobody where none is named',
    'break-glass':
      '指定可以紧急直发（一人签发联动发布）的人员，不写人名即取消 Name who may send a broadcast alone; nobody where none is named',
  } as const;
  for (const what of ['solo', 'break-glass'] as const)
    command
      .command(what)
      .description(about[what])
      .argument('[people...]', '姓名或登录名 names or sign-in names')
      .option('--organization <id>', '单位，默认本单位 the unit; your own unless told')
      .option('--json', '输出 JSON for machines')
      .action((people: string[], options: Options & { organization?: string }) =>
        running(options.json, () => alone(what, people, options)),
      );
}

/** What one person may do alone, by the name of its command. */
const alones = {
  solo: { zh: '单人值守', en: 'Alone may' },
  'break-glass': { zh: '紧急直发', en: 'Break-glass' },
} as const;

async function list({ json }: Options): Promise<void> {
  const told = await createClient().call(chains, 'GET', '/chains');
  if (json) process.stdout.write(`${JSON.stringify(told)}\n`);
  else for (const one of told.items) process.stdout.write(`${lineOf(one)}\n`);
  if (!json)
    for (const [what, rows] of Object.entries({ solo: told.solo, 'break-glass': told.glass }))
      for (const { unit, persons } of rows)
        process.stdout.write(`${unit || '*'} ${alones[what as keyof typeof alones].zh} ${persons.join('、')}\n`);
}

function lineOf({ unit, kind, occasion, version, steps, overruled }: ChainBody): string {
  const names = steps.map(({ name, role, persons }) => `${name.zh}(${role}${persons ? `: ${persons.join(',')}` : ''})`);
  return `${unit || '*'} ${kind ?? '*'} ${occasion ?? '*'} v${version}: ${names.join(' → ')}${overruled ? ' ✗ 比上级宽松，不起作用' : ''}`;
}

async function set(file: string, { json }: Options): Promise<void> {
  const given = chainOrder.parse(JSON.parse(await readFile(file, 'utf8')));
  const made = await createClient().call(chain, 'PUT', '/chains', { json: given });
  process.stdout.write(json ? `${JSON.stringify(made)}\n` : `${lineOf(made)}\n`);
}

async function alone(
  what: keyof typeof alones,
  people: string[],
  { organization, json }: Options & { organization?: string },
): Promise<void> {
  const client = createClient();
  const persons: string[] = [];
  for (const name of people) persons.push(await idOf(client, name));
  const made = await client.call(solo, 'PUT', `/chains/${what}`, { json: { organization, persons } });
  const { zh, en } = alones[what];
  const said = { zh: `${zh}：${people.join('、') || '无'}。`, en: `${en}: ${people.join(', ') || 'nobody'}.` };
  process.stdout.write(json ? `${JSON.stringify(made)}\n` : `${both(said)}\n`);
}

/** @throws CommandFailure where nobody, or more than one, is called so */
async function idOf(client: Client, name: string): Promise<string> {
  const path = `/people?limit=100&q=${encodeURIComponent(name)}`;
  const { items } = await client.call(pageOf(personListed), 'GET', path);
  const found = items.filter((known) => [known.id, known.name, known.displayName].includes(name));
  const [one] = found;
  if (one && found.length === 1) return one.id;
  throw new CommandFailure({
    code: 'not_found',
    message: { zh: `没有找到唯一的“${name}”。`, en: `There is not exactly one person called "${name}".` },
    todo: { zh: '请核对姓名，或写编号。', en: 'Check the name, or give the id.' },
  });
}
