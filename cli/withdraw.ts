/** `lianfa withdraw ID --reason …` */
import type { Command } from 'commander';
import { order } from '../core/placements/report.js';
import { audienceOf, withAudience, type AudienceOptions } from './audience-options.js';
import { createClient } from './client.js';
import { countOf, notInTime, requireTaken, tableOf, watchRelease } from './progress.js';
import { both, note, running } from './say.js';

interface Options extends AudienceOptions {
  reason: string;
  wait?: boolean;
  timeout: number;
  json?: boolean;
}

export function register(program: Command): void {
  withAudience(
    program
      .command('withdraw')
      .description('撤回发布件 Withdraw a release')
      .argument('<id>', '发布件编号 id of the release'),
  )
    .requiredOption('--reason <reason>', '撤回原因（留档）reason, kept on record')
    .option('--wait', '等待全部撤下 wait until it stands nowhere')
    .option('--timeout <seconds>', '最长等待秒数 longest wait, seconds', Number, 900)
    .option('--json', '输出 JSON for machines')
    .action((id: string, options: Options) => running(options.json, () => withdraw(id, options)));
}

async function withdraw(id: string, options: Options): Promise<void> {
  const client = createClient();
  const audience = await audienceOf(client, options);
  const everywhere = Object.keys(audience).length === 0;
  const json = { reason: options.reason, ...(!everywhere && { audience }), password: (await client.password()) ?? '' };
  const ordered = await client.call(order, 'POST', `/releases/${encodeURIComponent(id)}/withdraw`, { json });
  if (!options.wait) {
    const said = {
      zh: `已下达撤回。用 lianfa status ${id} 查看进展。`,
      en: `Withdrawal ordered. See how far it is with: lianfa status ${id}`,
    };
    process.stdout.write(options.json ? `${JSON.stringify({ release: id, order: ordered.id })}\n` : `${both(said)}\n`);
    return;
  }
  const status = await watchRelease(client, id, { bar: !options.json, seconds: options.timeout });
  if (!status) throw notInTime(id);
  requireTaken(status, ordered.id);
  const away = countOf(status, (state) => state === 'withdrawn' || state === 'cancelled');
  if (options.json)
    process.stdout.write(
      `${JSON.stringify({ release: id, order: ordered.id, placements: status.total, withdrawn: away, counts: status.counts })}\n`,
    );
  else process.stdout.write(`${id}\n${tableOf(status)}\n`);
  // Where only some accounts were named, it stands on the others by right.
  const byRight = everywhere ? 0 : countOf(status, (state) => state === 'verified' || state === 'confirmed');
  const left = status.total - away - byRight;
  if (left === 0) return;
  process.exitCode = 1;
  if (!options.json)
    note({
      zh: `✗ ${left} 个账号尚未撤下，请在界面查看原因并处理。`,
      en: `It still stands, or may, on ${left} accounts; see why, and what to do, on the dashboard.`,
    });
}
