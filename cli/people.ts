/** `lianfa people import FILE`, `lianfa people list`, `lianfa people rescue` */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { roleNames } from '../core/model/roles.js';
import { peopleImportResult, type PeopleImportResult } from '../core/people/import-result.js';
import { personListed, type PersonListed } from '../server/contract/people.js';
import { pageOf } from '../server/contract/pages.js';
import { createClient } from './client.js';
import { dryRunOption, importFile, type ImportOptions } from './import-file.js';
import { both, note, running } from './say.js';

interface ListOptions {
  organization?: string;
  role?: string;
  state?: string;
  json?: boolean;
}

export function register(program: Command): void {
  const people = program.command('people').description('人员 People');
  people
    .command('import')
    .description('导入人员，每人得到一个一次性邀请链接 Import people; each gets a one-time link')
    .argument('<file>', 'CSV、Excel（列 columns: 姓名, 邮箱, 单位, 角色）或 or JSON')
    .option(...dryRunOption)
    .option(
      '--links <file>',
      '把邀请链接写入这个 CSV（只有本人可读） write the links into this CSV, readable by you alone',
    )
    .option('--json', '输出 JSON for machines')
    .action((file: string, options: ImportOptions & { links?: string }) =>
      running(options.json, async () =>
        tellLinks(await importFile('/people/import', file, options, peopleImportResult), options),
      ),
    );
  people
    .command('list')
    .description('列出人员 List people')
    .option('--organization <id>', '单位及下级 unit and below')
    .option('--role <role>', Object.keys(roleNames).join(', '))
    .option('--state <state>', 'active, invited, disabled, asked')
    .option('--json', '每行一个 JSON one JSON a line')
    .action((options: ListOptions) =>
      running(options.json, async () => {
        for await (const row of allPeople(options))
          process.stdout.write(options.json ? `${JSON.stringify(row)}\n` : `${lineOf(row)}\n`);
      }),
    );
  people
    .command('rescue')
    .description(
      '无人能登录时，在服务器上重设一位系统管理员的密码（记入审计） On the machine: a new password for an admin when nobody can sign in; kept in the book',
    )
    .option('--name <name>', '登录名 sign-in name', 'admin')
    .option('--json', '输出 JSON for machines')
    .action(({ name, json }: { name: string; json?: boolean }) =>
      running(json, async () => {
        // This opens the store itself; nothing of it is needed for the others.
        const { rescueHere } = await import('./rescue.js');
        const made = await rescueHere(name);
        const said = {
          zh: `${made.name} / ${made.password}（只显示这一次，登录后须立即修改）`,
          en: 'shown only now; changed at the next sign-in',
        };
        process.stdout.write(json ? `${JSON.stringify(made)}\n` : `${both(said)}\n`);
      }),
    );
}

async function tellLinks(
  { duplicates, links }: PeopleImportResult,
  { json, links: file }: { json?: boolean; links?: string },
): Promise<void> {
  if (json) return;
  for (const { row, message } of duplicates)
    note({ zh: `第 ${row} 行：${message.zh}`, en: `Row ${row}: ${message.en}` });
  if (links.length === 0) return;
  const rows = [
    ['姓名', '邮箱', '邀请链接', '有效期至'],
    ...links.map((one) => [one.name, one.address, one.link, one.until]),
  ];
  const text = rows.map((cells) => cells.map(cellOf).join(',')).join('\r\n');
  if (file === undefined) process.stdout.write(`${text}\n`);
  else await writeFile(file, `\ufeff${text}\r\n`, { mode: 0o600 });
}

/** Quoted, and never a formula: a name may begin with `=`. */
function cellOf(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

async function* allPeople({ organization, role, state }: ListOptions): AsyncGenerator<PersonListed> {
  const client = createClient();
  for (let after: string | undefined, more = true; more;) {
    const query = new URLSearchParams({
      limit: '200',
      ...(organization && { organization }),
      ...(role && { role }),
      ...(state && { state }),
      ...(after !== undefined && { after }),
    });
    const { items, next } = await client.call(pageOf(personListed), 'GET', `/people?${query}`);
    yield* items;
    after = next;
    more = next !== undefined;
  }
}

function lineOf({ id, name, displayName, organizationName, enabled, invited, holdings }: PersonListed): string {
  const roles = holdings.flatMap(({ role, state, organizationName: place }) => {
    if (state === 'over') return [];
    return [`${roleNames[role].zh}@${place ?? '全部单位'}${state === 'asked' ? '（待确认 waits）' : ''}`];
  });
  const how = enabled ? (invited ? '  未激活 invited' : '') : '  已停用 disabled';
  return `${id}  ${name}  ${displayName} · ${organizationName ?? '—'}  ${roles.join('、')}${how}`;
}
