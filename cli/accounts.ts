/** `lianfa accounts import FILE`, `lianfa accounts list`, `lianfa accounts check` */
import type { Command } from 'commander';
import { importResult } from '../core/import-result.js';
import { account, type AccountBody } from '../server/contract/accounts.js';
import { pageOf } from '../server/contract/pages.js';
import { createClient } from './client.js';
import { dryRunOption, importFile, type ImportOptions } from './import-file.js';
import { both, running } from './say.js';

export function register(program: Command): void {
  const accounts = program.command('accounts').description('账号 Accounts');
  accounts
    .command('import')
    .description('导入账号 Import accounts')
    .argument(
      '<file>',
      'CSV、Excel（列 columns: channel, name, organization, tags, settings.*, credentials.*）或 or JSON',
    )
    .option(...dryRunOption)
    .option('--json', '输出 JSON for machines')
    .action((file: string, options: ImportOptions) =>
      running(options.json, () => importFile('/accounts/import', file, options, importResult).then(() => undefined)),
    );
  accounts
    .command('check')
    .description(
      '检查账号凭据（有失效或未能检查的，退出码为 1） Check credentials; exit code 1 where one is dead or gave no answer',
    )
    .option('--account <id...>', '只查这些账号 only these')
    .option('--channel <name>', '渠道 channel')
    .option('--organization <id>', '单位 unit')
    .option('--json', '每行一个 JSON one JSON a line')
    .action((options: { account?: string[]; channel?: string; organization?: string; json?: boolean }) =>
      running(options.json, () => checkAll(options)),
    );
  accounts
    .command('list')
    .description('列出账号 List accounts')
    .option('--channel <name>', '渠道 channel')
    .option('--organization <id>', '单位 unit')
    .option('--credential <state>', 'unchecked, ok, dead')
    .option('--json', '每行一个 JSON one JSON a line')
    .action((options: { channel?: string; organization?: string; credential?: string; json?: boolean }) =>
      running(options.json, async () => {
        for await (const row of allAccounts(options))
          process.stdout.write(options.json ? `${JSON.stringify(row)}\n` : `${lineOf(row)}\n`);
      }),
    );
}

async function* allAccounts({
  channel,
  organization,
  credential,
}: {
  channel?: string;
  organization?: string;
  credential?: string;
}): AsyncGenerator<AccountBody> {
  const client = createClient();
  for (let after: string | undefined, more = true; more;) {
    const query = new URLSearchParams({
      limit: '200',
      ...(channel && { channel }),
      ...(organization && { organization }),
      ...(credential && { credential }),
      ...(after !== undefined && { after }),
    });
    const { items, next } = await client.call(pageOf(account), 'GET', `/accounts?${query}`);
    yield* items;
    after = next;
    more = next !== undefined;
  }
}

/** One after the other: nobody waits for it, and a platform sees no flood. */
async function checkAll({
  account: named,
  json,
  ...filter
}: {
  account?: string[];
  channel?: string;
  organization?: string;
  json?: boolean;
}): Promise<void> {
  const client = createClient();
  let dead = 0;
  for await (const id of named ?? idsOf(allAccounts(filter))) {
    const row = await client.call(account, 'POST', `/accounts/${encodeURIComponent(id)}/check`);
    const { state, cause, todo } = row.credential;
    if (state !== 'ok' || cause) dead += 1;
    process.stdout.write(json ? `${JSON.stringify(row)}\n` : `${lineOf(row)}\n`);
    if (!json && cause && todo) process.stdout.write(`  ${both(cause)}\n  → ${both(todo)}\n`);
  }
  if (dead > 0) process.exitCode = 1;
}

async function* idsOf(rows: AsyncGenerator<AccountBody>): AsyncGenerator<string> {
  for await (const { enabled, id } of rows) if (enabled) yield id;
}

const credentialNames = { unchecked: '凭据未检查 unchecked', ok: '凭据有效 ok', dead: '凭据失效 dead' } as const;

function lineOf(row: AccountBody): string {
  const { state, daysLeft } = row.credential;
  const left = daysLeft === undefined ? '' : `（剩 ${Math.floor(daysLeft)} 天 days left）`;
  return `${row.id}  ${row.channel.padEnd(8)} ${row.organizationName} · ${row.name}  ${credentialNames[state]}${left}${row.enabled ? '' : '  已停用 disabled'}`;
}
