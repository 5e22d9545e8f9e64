/** `lianfa cap validate FILE…` reads alerts without a server, and says what is wrong with them; `lianfa cap take FILE…` hands them in; `lianfa cap source` says of whom and from where they are taken. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { readAlert } from '../core/alerts/read.js';
import { alertTaken } from '../server/contract/alerts.js';
import { register as registerSource } from './cap-source.js';
import { CommandFailure, createClient } from './client.js';
import { both, note, running } from './say.js';

interface Options {
  json?: boolean;
}

export function register(program: Command): void {
  const cap = program.command('cap').description('预警来文（CAP 1.2）Alerts of the Common Alerting Protocol');
  cap
    .command('validate')
    .description(
      '检查文件是否是有效的 CAP 1.2，指出元素和行；不需要服务 Check files, naming element and line; needs no server',
    )
    .argument('<file...>')
    .option('--json', '输出 JSON for machines')
    .action((files: string[], options: Options) => running(options.json, () => validate(files, options)));
  cap
    .command('take')
    .description(
      '交给服务收下：成为草稿，或说明为什么先扣下 Hand files in: each becomes a draft, or is held with the reason',
    )
    .argument('<file...>')
    .option('--json', '输出 JSON for machines')
    .action((files: string[], options: Options) => running(options.json, () => take(files, options)));
  registerSource(cap);
}

async function validate(files: readonly string[], { json }: Options): Promise<void> {
  for (const file of files) {
    const read = readAlert(await readFile(file));
    const wrong = 'fault' in read ? read.fault : undefined;
    if (wrong) process.exitCode = 1;
    if (json)
      print(
        'alert' in read
          ? { file, valid: true, sender: read.alert.sender, identifier: read.alert.identifier, encoding: read.encoding }
          : { file, valid: false, ...read.fault },
      );
    else if (wrong) process.stdout.write(`✗ ${file}:${wrong.line} ${wrong.element} ${both(wrong.reason)}\n`);
    else if ('alert' in read)
      process.stdout.write(`✓ ${file} ${read.alert.msgType} ${read.alert.status} ${read.alert.identifier}\n`);
  }
}

/** Done only where each file was taken: into a draft, or as one that was here before. */
async function take(files: readonly string[], { json }: Options): Promise<void> {
  const client = createClient();
  for (const file of files)
    try {
      const bytes = await readFile(file);
      const body = { bytes, type: 'application/cap+xml', name: basename(file), origin: 'command' };
      const taken = await client.call(alertTaken, 'POST', '/alerts', body);
      if (!['drafted', 'revised', 'answer'].includes(taken.outcome)) process.exitCode = 1;
      if (json) {
        print({ file, ...taken });
        continue;
      }
      const repeated = taken.again ? '（重复收到 received again）' : '';
      process.stdout.write(`${file} ${both(taken.said)}${repeated} ${taken.releases.join(' ')}\n`);
      for (const { is, said } of taken.remarks) process.stdout.write(`  ${is === 'flag' ? '!' : '-'} ${both(said)}\n`);
      note(taken.todo);
    } catch (error) {
      if (!(error instanceof CommandFailure) || files.length === 1) throw error;
      process.exitCode = 1;
      if (json) print({ file, error: { code: error.code, field: error.field, message: error.said } });
      else process.stdout.write(`✗ ${file} ${both(error.said)}\n`);
    }
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
