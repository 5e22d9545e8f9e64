/** What becomes of the hub's own parts in the night of a broadcast. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isBusy, openSqlite } from '../core/store/embedded/binding.js';
import { queueSteps } from '../workers/hand-outs.js';
import type { BadCase, Stage } from './stage.js';

/** Seconds that the store lets nobody write. */
const slow = 30;
/** Seconds within which what a dead worker held is taken over: its claim (30 s), the time that is waited for its request (30 s), and Weibo's three minutes. */
const takenOver = 270;

async function slowPlatforms({ platforms }: Stage, ms: number): Promise<void> {
  for (const channel of ['weibo', 'wechat', 'website', 'app'])
    await platforms.control(channel, 'latency', { ms, spread: ms });
}

/** As a disk that stands still, or a backup that holds the file. */
async function holdStore({ world }: Stage): Promise<void> {
  const file = openSqlite(join(world.folder, 'lianfa.sqlite'));
  try {
    for (let tries = 0; ; tries += 1) {
      try {
        file.exec('BEGIN IMMEDIATE');
        break;
      } catch (error) {
        if (!isBusy(error) || tries > 2_000) throw error;
        await pause(5);
      }
    }
    await pause(slow * 1_000);
    file.exec('ROLLBACK');
  } finally {
    file.close();
  }
}

export const ofHub: readonly BadCase[] = [
  {
    name: 'store-slow',
    said: { zh: `存储 ${slow} 秒写不进`, en: `Nothing can be written to the store for ${slow} s.` },
    outcome: { zh: '之后补记，无一丢失，无一重复。', en: 'It is written afterwards: nothing lost, nothing twice.' },
    async run(stage) {
      await slowPlatforms(stage, 500);
      const release = await stage.send('甲');
      await stage.out(release, 0.05);
      await holdStore(stage);
    },
  },
  {
    name: 'worker-killed',
    said: { zh: '持有发布位的发布进程被杀', en: 'A publisher that holds placements is killed.' },
    outcome: {
      zh: `期间显示为发送中并有期限，${takenOver} 秒内接手，各一次。`,
      en: `They are shown as being sent, with a time; within ${takenOver} s they are taken over, once each.`,
    },
    async run(stage) {
      await slowPlatforms(stage, 2_000);
      const release = await stage.send('甲');
      await stage.out(release, 0.01);
      stage.world.kill('publish-1');
      const at = Date.now();
      await pause(1_000);
      const held = (await stage.rows(release)).filter(({ state }) => state === 'sending');
      stage.requires(held.length > 0 && held.every(({ dueAt }) => dueAt !== undefined), 'they are shown as being sent');
      await stage.platforms.calm();
      await stage.verified(release, () => true);
      stage.requires(
        Date.now() - at < takenOver * 1_000,
        `taken over after ${Math.round((Date.now() - at) / 1_000)} s`,
      );
    },
  },
  {
    name: 'publisher-redis',
    said: {
      zh: '途中发布进程被杀，随后 Redis 被杀、文件丢失',
      en: 'In the middle a publisher is killed, then Redis, and its file is lost.',
    },
    outcome: {
      zh: '由台账重建，先查后发，各一次。',
      en: 'The ledger brings all of it back; platforms are asked first, and each account gets it once.',
    },
    async run(stage) {
      await slowPlatforms(stage, 300);
      const release = await stage.send('甲');
      await stage.out(release, 0.1);
      stage.world.kill('publish-1');
      await pause(1_000);
      stage.world.lose();
      await pause(3_000);
    },
  },
  {
    name: 'record-killed',
    said: { zh: '记账与派发进程途中被杀三次', en: 'The process that records and dispatches is killed three times.' },
    outcome: {
      zh: '未确认的重新记入，不自认重复而丢弃。',
      en: 'What was not confirmed is written again; nothing is taken for its own double and dropped.',
    },
    async run(stage) {
      await slowPlatforms(stage, 200);
      const release = await stage.send('甲');
      await stage.out(release, 0.05);
      for (let times = 0; times < 3; times += 1) {
        stage.world.kill('record,dispatch');
        await pause(3_000);
      }
    },
  },
  {
    name: 'jobs-twice',
    said: { zh: '每个投递作业都入队两次', en: 'Every job of delivery is queued twice.' },
    outcome: { zh: '第二个不起作用。', en: 'The second one has no effect.' },
    async run(stage) {
      const { queues } = stage.world.hub;
      const release = await stage.send('甲');
      for (let rows = await stage.rows(release); rows.length < stage.accounts.length; rows = await stage.rows(release))
        await pause(50);
      const rows = await stage.rows(release);
      const run = await queues.run();
      for (let times = 0; times < 2; times += 1) await queueSteps(queues, rows, run);
    },
  },
];
