/** `lianfa rebuild`: after the loss of Redis, queue anew from the ledger. Doubles nothing: every hand-out asks the platform first. */
import type { Command } from 'commander';
import { readConfig } from '../core/hub/config.js';
import { openHub } from '../core/hub/hub.js';
import { knownRedisUrl } from '../core/queue/redis-child.js';
import { rebuild } from '../workers/clock/rebuild.js';

export function register(program: Command): void {
  program
    .command('rebuild')
    .description('从账本重建发布队列 Queue everything unfinished anew from the ledger')
    .option('--json', '输出 JSON for machines')
    .action(async (options: { json?: boolean }) => {
      const config = readConfig();
      const hub = await openHub(
        { ...config, redisUrl: config.redisUrl ?? knownRedisUrl(config.dataFolder) },
        'rebuild',
      );
      try {
        const done = await rebuild(hub);
        console.log(
          options.json
            ? JSON.stringify(done)
            : `已重新排队：发布位 ${done.placements} 个、发布令 ${done.orders} 个、图片 ${done.media} 张。 Queued again: ${done.placements} placements, ${done.orders} orders, ${done.media} pictures.`,
        );
      } finally {
        await hub.close();
      }
    });
}
