/** The whole path beside a bare loop and beside one job per delivery, in turns, to the same sandbox. */
import { z } from 'zod';
import { openGround } from './ground.js';
import { bareLoop, jobPerDelivery } from './rivals.js';
import { openWholePath } from './whole-path.js';

/** Not counted: by the end of them the processes run compiled code, as they do after a minute of any day. */
const warmUps = 2;
const rounds = 5;

/** `args`: how many deliveries; 20,000 unless told. */
export async function pipeline(args: string[]): Promise<void> {
  const deliveries = z.coerce.number().int().min(100).max(200_000).default(20_000).parse(args[0]);
  const ground = await openGround();
  try {
    const whole = await openWholePath(ground);
    const seconds = { bare: [] as number[], jobs: [] as number[], whole: [] as number[] };
    let doubles = 0;
    let ledger = 0;
    for (let turn = 0; turn < warmUps + rounds; turn += 1) {
      // No account is used twice: the platform has budgets.
      const first = turn * 3 * deliveries;
      const words = `第${turn}次通知`;
      const bare = await bareLoop(ground.weibo, await ground.accounts(first, deliveries), words);
      const jobs = await jobPerDelivery(
        ground.weibo,
        ground.config.redisUrl ?? '',
        await ground.accounts(first + deliveries, deliveries),
        words,
      );
      await ground.reset();
      const ours = await whole.run(await ground.accounts(first + 2 * deliveries, deliveries), words);
      const posts = await ground.posts();
      console.error(
        `${turn < warmUps ? '预热 warm-up' : `第 ${turn - warmUps + 1} 轮 round`}: 裸循环 bare ${rate(deliveries, bare)}/s · 每条一作业 job per delivery ${rate(deliveries, jobs)}/s · 全链路 whole path ${rate(deliveries, ours.seconds)}/s`,
      );
      if (turn < warmUps) continue;
      seconds.bare.push(bare);
      seconds.jobs.push(jobs);
      seconds.whole.push(ours.seconds);
      doubles += [...posts.values()].filter((times) => times > 1).length;
      if (posts.size !== deliveries) throw new Error(`the sandbox has ${posts.size} posts of ${deliveries}`);
      ledger = ours.ledger;
    }
    await whole.close();
    console.log(
      JSON.stringify({
        deliveries,
        // Of each round's own ratio: what else a machine does comes and goes, and a round is over in half a minute.
        ofBareLoop: round2(median(beside(seconds.bare, seconds.whole))),
        timesJobPerDelivery: round2(median(beside(seconds.jobs, seconds.whole))),
        doubles,
        ledger,
        perSecond: {
          bareLoop: rate(deliveries, median(seconds.bare)),
          jobPerDelivery: rate(deliveries, median(seconds.jobs)),
          wholePath: rate(deliveries, median(seconds.whole)),
        },
      }),
    );
  } finally {
    await ground.close();
  }
}

function beside(theirs: readonly number[], ours: readonly number[]): number[] {
  return theirs.map((their, round) => their / (ours[round] ?? Number.NaN));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function rate(count: number, seconds: number): number {
  return Math.round(count / seconds);
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
