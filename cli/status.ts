/** `lianfa status ID`: on how many accounts a release stands as wanted, and what needs a person. */
import type { Command } from 'commander';
import { beijingMinute } from '../channels/beijing-calendar.js';
import { placementRow, releaseStatus, type OrderBody } from '../core/placements/report.js';
import { sayInstant } from '../core/plans/planned-time.js';
import { pageOf } from '../server/contract/pages.js';
import { createClient } from './client.js';
import { countOf, tableOf, titleLine } from './progress.js';
import { both, running } from './say.js';
import { watchScreen } from './watch.js';

export function register(program: Command): void {
  program
    .command('status')
    .description('查看发布状态 How far a release is')
    .argument('<id>', '发布件编号 id of the release')
    .option('--watch', '持续显示，直到全部有结果 until nothing moves any more; ends 0 only when all is well')
    .option('--json', '输出 JSON for machines; with --watch a line a change')
    .action((id: string, { watch, json }: { watch?: boolean; json?: boolean }) =>
      running(json, () => (watch ? watchScreen(createClient(), id, json === true) : status(id, json))),
    );
}

async function status(id: string, json: boolean | undefined): Promise<void> {
  const client = createClient();
  const path = `/releases/${encodeURIComponent(id)}`;
  const found = await client.call(releaseStatus, 'GET', `${path}/status`);
  if (json) {
    process.stdout.write(`${JSON.stringify(found)}\n`);
    return;
  }
  const finished = found.finished ? { zh: '已全部完成', en: 'finished' } : { zh: '进行中', en: 'under way' };
  process.stdout.write(
    `${titleLine(id, found)}\n${both(finished)}  ${countOf(found, (state) => state === 'verified')}/${found.total + found.toCome}\n${tableOf(found)}\n`,
  );
  for (const plan of found.orders) process.stdout.write(lineOf(plan));
  for (const state of ['needs_action', 'failed'] as const) {
    const { items } = await client.call(pageOf(placementRow), 'GET', `${path}/placements?state=${state}&limit=20`);
    for (const row of items) {
      process.stdout.write(`  ✗ ${row.organizationName} · ${row.accountName}（${row.channel}）\n`);
      if (row.cause) process.stdout.write(`    ${both(row.cause)}\n`);
      if (row.todo) process.stdout.write(`    → ${both(row.todo)}\n`);
    }
  }
}

/** Of an order that is planned, held, or started late; else nothing. */
function lineOf({ state, notBefore, held, late }: OrderBody): string {
  if (notBefore === undefined) return '';
  const at = sayInstant(new Date(notBefore));
  if (held) return `  ✗ ${at} ${both(held.said)}\n    → ${both(held.todo)}\n`;
  if (state === 'planned') return `  ${both({ zh: `已排期：${at}`, en: `planned for ${beijingMinute(notBefore)}` })}\n`;
  if (late === undefined) return '';
  return `  ${both({ zh: `排定 ${at}，晚了 ${late} 分钟开始`, en: `started ${late} minutes late` })}\n`;
}
