/** `lianfa unschedule ID` and `lianfa send ID`: what a person says of a planned or held release. */
import type { Command } from 'commander';
import { order, releaseStatus, type OrderBody } from '../core/placements/report.js';
import { CommandFailure, createClient, type Client } from './client.js';
import { both, running } from './say.js';

const acts = {
  unschedule: {
    description: '取消排期（已公开的内容不受影响） Take back what is planned; what stands is not touched',
    done: { zh: '已取消排期，不会发出。', en: 'Taken back: it will not go out.' },
  },
  send: {
    description: '仍然发出被暂停的排期 Send a held plan all the same',
    done: { zh: '已下达。', en: 'Sent.' },
  },
} as const;

export function register(program: Command): void {
  for (const [name, { description, done }] of Object.entries(acts))
    program
      .command(name)
      .description(description)
      .argument('<id>', '发布件编号 id of the release')
      .option('--json', '输出 JSON for machines')
      .action((id: string, { json }: { json?: boolean }) =>
        running(json, async () => {
          const client = createClient();
          const { id: pending } = await pendingOf(client, id);
          const moved = await client.call(order, 'POST', `/orders/${encodeURIComponent(pending)}/${name}`, {
            json: {},
          });
          process.stdout.write(json ? `${JSON.stringify(moved)}\n` : `${both(done)}\n`);
        }),
      );
}

async function pendingOf(client: Client, release: string): Promise<OrderBody> {
  const { orders } = await client.call(releaseStatus, 'GET', `/releases/${encodeURIComponent(release)}/status`);
  const pending = orders.find(({ state }) => state === 'planned' || state === 'held');
  if (pending) return pending;
  throw new CommandFailure({
    code: 'not_planned',
    message: { zh: '这个发布件没有排期。', en: 'This release is not planned.' },
    todo: { zh: '用 lianfa calendar 查看排期。', en: 'See what is planned with: lianfa calendar' },
  });
}
