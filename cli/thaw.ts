/** `lianfa thaw ID --reason …` by one person, then `lianfa thaw ID --confirm` by another. */
import type { Command } from 'commander';
import { commanding } from './commanding.js';
import { both, running } from './say.js';

interface Options {
  reason: string;
  confirm?: boolean;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('thaw')
    .description('解冻：一人申请，另一人确认 Thaw: one person asks, another confirms')
    .argument('<id>', '冻结编号（见 lianfa freeze --list）id of the freeze')
    .option('--reason <reason>', '申请的理由 why', '')
    .option('--confirm', '确认他人的申请 confirm what another has asked for')
    .option('--json', '输出 JSON for machines')
    .action((id: string, options: Options) => running(options.json, () => thaw(id, options)));
}

async function thaw(id: string, { reason, confirm, json }: Options): Promise<void> {
  await commanding(async (desk, by) => {
    const freeze = confirm ? await desk.confirmThaw(id, by) : await desk.askThaw(id, reason, by);
    const said = confirm
      ? { zh: '已解冻，等待中的投递自动继续。', en: 'Thawed; what waited goes on by itself.' }
      : {
          zh: `已申请解冻，仍在冻结。请另一人执行：lianfa thaw ${id} --confirm`,
          en: `Asked for; it is frozen still. Another person confirms with: lianfa thaw ${id} --confirm`,
        };
    process.stdout.write(json ? `${JSON.stringify(freeze)}\n` : `${both(said)}\n`);
  });
}
