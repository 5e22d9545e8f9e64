/** The whole path beside a bare loop and beside one job per delivery, in turns, to the same sandbox. */
import { z } from 'zod';
import { median, round2 } from './figures.js';
import { openGround } from './ground.js';
import { each, meter } from './meter.js';
import { bareLoop, jobPerDelivery } from './rivals.js';
import { openWholePath } from './whole-path.js';

/** Not counted: by the end of them the processes run compiled code, as they do after a minute of any day. */
const warmUps = 2;
const rounds = 5;

interface Round {
  /** Seconds by the clock. */
  bare: number;
  jobs: number;
  whole: number;
  /** Microseconds of the processor for one delivery: of the bare loop with its sandbox, and of each part of the whole path. */
  bareCpu: number;
  parts: Record<string, number>;
}

/** `args`: how many deliveries; 20,000 unless told. */
export async function pipeline(args: string[]): Promise<void> {
  const deliveries = z.coerce.number().int().min(100).max(200_000).default(20_000).parse(args[0]);
  const ground = await openGround();
  try {
    const whole = await openWholePath(ground);
    const counted: Round[] = [];
    let doubles = 0;
    let ledger = 0;
    for (let turn = 0; turn < warmUps + rounds; turn += 1) {
      // No account is used twice: the platform has budgets.
      const first = turn * 3 * deliveries;
      const words = `第${turn}次通知`;
      const forBare = await ground.accounts(first, deliveries);
      const cpu = meter(ground);
      const bare = await bareLoop(ground.weibo, forBare, words);
      const { self = 0, sandbox = 0 } = cpu();
      const jobs = await jobPerDelivery(
        ground.weibo,
        ground.config.redisUrl ?? '',
        await ground.accounts(first + deliveries, deliveries),
        words,
      );
      await ground.reset();
      const weibo = await ground.accounts(first + 2 * deliveries, deliveries);
      const ours = await whole.run({ weibo }, words, () => meter(ground));
      const posts = await ground.taken('weibo', 'statuses/share');
      const accounts = new Set(posts.map(({ account }) => account));
      const { self: _measuring, ...parts } = each(ours.cpu, deliveries);
      const round = { bare, jobs, whole: ours.seconds, bareCpu: ((self + sandbox) / deliveries) * 1e6, parts };
      tell(turn < warmUps ? '预热 warm-up' : `第 ${turn - warmUps + 1} 轮 round`, round, deliveries);
      if (accounts.size !== deliveries) throw new Error(`the sandbox has posts of ${accounts.size} of ${deliveries}`);
      if (turn < warmUps) continue;
      counted.push(round);
      doubles += posts.length - accounts.size;
      ledger = ours.ledger;
    }
    await whole.close();
    console.log(JSON.stringify(resultOf(counted, deliveries, doubles, ledger)));
  } finally {
    await ground.close();
  }
}

/** Each ratio is of its own round: what else a machine does comes and goes, and a round is over in half a minute. */
function resultOf(counted: readonly Round[], deliveries: number, doubles: number, ledger: number): unknown {
  const names = Object.keys(counted[0]?.parts ?? {});
  return {
    deliveries,
    ofBareLoop: round2(median(counted.map(({ bare, whole }) => bare / whole))),
    ofBareLoopCpu: round2(median(counted.map((round) => round.bareCpu / wholeCpu(round)))),
    timesJobPerDelivery: round2(median(counted.map(({ jobs, whole }) => jobs / whole))),
    doubles,
    ledger,
    perSecond: {
      bareLoop: rate(deliveries, median(counted.map(({ bare }) => bare))),
      jobPerDelivery: rate(deliveries, median(counted.map(({ jobs }) => jobs))),
      wholePath: rate(deliveries, median(counted.map(({ whole }) => whole))),
    },
    cpuMicros: {
      bareLoop: Math.round(median(counted.map(({ bareCpu }) => bareCpu))),
      ...Object.fromEntries(
        names.map((name) => [name, Math.round(median(counted.map(({ parts }) => parts[name] ?? Number.NaN)))]),
      ),
    },
  };
}

function wholeCpu({ parts }: Round): number {
  return Object.values(parts).reduce((sum, micros) => sum + micros, 0);
}

function tell(name: string, round: Round, deliveries: number): void {
  const { bare, jobs, whole, bareCpu, parts } = round;
  const micros = Object.entries(parts).map(([part, value]) => `${part} ${Math.round(value)}`);
  console.error(
    `${name}: 裸循环 bare ${rate(deliveries, bare)}/s · 每条一作业 job per delivery ${rate(deliveries, jobs)}/s · 全链路 whole path ${rate(deliveries, whole)}/s\n  处理器微秒 CPU µs: bare ${Math.round(bareCpu)} · ${micros.join(' · ')} → ${round2(bareCpu / wholeCpu(round))}`,
  );
}

function rate(count: number, seconds: number): number {
  return Math.round(count / seconds);
}
