/** `lianfa withdraw ID --reason …` */
import type { Command } from 'commander';
import { dispatch } from '../core/deliveries/report.js';
import { audienceOf, withAudience, type AudienceOptions } from './audience-options.js';
import { createClient } from './client.js';
import { both, running } from './say.js';

interface Options extends AudienceOptions {
  reason: string;
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
    .option('--json', '输出 JSON for machines')
    .action((id: string, options: Options) =>
      running(options.json, async () => {
        const audience = audienceOf(options);
        const json = { reason: options.reason, ...(Object.keys(audience).length > 0 && { audience }) };
        const order = await createClient().call(dispatch, 'POST', `/releases/${encodeURIComponent(id)}/withdraw`, {
          json,
        });
        const said = {
          zh: `已下达撤回。用 lianfa status ${id} 查看进展。`,
          en: `Withdrawal ordered. See how far it is with: lianfa status ${id}`,
        };
        process.stdout.write(
          options.json ? `${JSON.stringify({ release: id, dispatch: order.id })}\n` : `${both(said)}\n`,
        );
      }),
    );
}
