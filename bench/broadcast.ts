/** A linked broadcast of a city and of a nation, beside a bare loop of the same calls, and how soon one begins. */
import { z } from 'zod';
import { accountsOf } from './audience.js';
import { bareCalls } from './bare-calls.js';
import { burst, viewers, type Burst } from './burst.js';
import { round2 } from './figures.js';
import { openGround } from './ground.js';
import { starts, type Start } from './lane.js';
import { hubOf, meter } from './meter.js';

/** Deliveries of the bare loop; what one costs it does not depend on how many there are. */
const bareAtMost = 14_400;
/** Routine deliveries that wait beside an emergency. */
const waiting = 100_000;

interface Bare {
  deliveries: number;
  /** Microseconds of the processor for one delivery: its own and the platforms'. */
  cpu: number;
  deliveriesPerSecond: number;
  requestsPerSecond: number;
}

/** `args`: the sizes, smallest first; 14,400 and 144,000 unless told. The last two are compared. `--waiting 20000` for fewer routine deliveries beside an emergency. */
export async function broadcast(args: string[]): Promise<void> {
  const { sizes, routine } = read(args);
  const bare = await bareLoop(Math.min(bareAtMost, ...sizes));
  const bursts: Burst[] = [];
  for (const size of sizes) {
    const one = await burst(size);
    console.error(tableOf(one, bare));
    bursts.push(one);
  }
  const { idle, waiting: beside } = await starts(routine, ['idle', 'waiting']);
  console.log(JSON.stringify(resultOf(bursts, bare, idle, beside)));
}

function read(args: readonly string[]): { sizes: number[]; routine: number } {
  const flag = args.indexOf('--waiting');
  const size = z.coerce.number().int().min(100).max(400_000);
  const numbers = (flag < 0 ? args : args.slice(0, flag)).map((arg) => size.parse(arg));
  return {
    sizes: numbers.length > 0 ? numbers : [14_400, 144_000],
    routine:
      flag < 0
        ? waiting
        : z.coerce
            .number()
            .int()
            .min(1_000)
            .max(200_000)
            .parse(args[flag + 1]),
  };
}

/** Once not counted: by the end of it both sides run compiled code. */
async function bareLoop(deliveries: number): Promise<Bare> {
  const ground = await openGround();
  try {
    await bareCalls(await accountsOf(ground, 0, 2_000), '预热通知');
    const accounts = await accountsOf(ground, 2_000, deliveries);
    const cpu = meter(ground);
    const { requests, seconds } = await bareCalls(accounts, '台风红色预警');
    const { self = 0, sandbox = 0 } = cpu();
    return {
      deliveries,
      cpu: ((self + sandbox) / deliveries) * 1e6,
      deliveriesPerSecond: Math.round(deliveries / seconds),
      requestsPerSecond: Math.round(requests / seconds),
    };
  } finally {
    await ground.close();
  }
}

/** What delivers, with the platforms and Redis; the server shows it to people, and is told apart. */
function deliveringOf(cpu: Readonly<Record<string, number>>): number {
  return Object.entries(cpu).reduce((sum, [part, micros]) => (part === 'server' ? sum : sum + micros), 0);
}

function resultOf(bursts: readonly Burst[], bare: Bare, idle: Start, beside: Start): object {
  const [small, large] = [bursts.at(-2) ?? bursts.at(-1), bursts.at(-1)];
  if (!small || !large) throw new Error('nothing was measured');
  const sum = (of: (one: Burst) => number): number => bursts.reduce((all, one) => all + of(one), 0);
  return {
    accounts: large.accounts,
    ledger: large.ledger,
    doubles: sum(({ doubles }) => doubles),
    outOfOrder: sum(({ outOfOrder }) => outOfOrder),
    ofBareLoop: round2(bare.cpu / deliveringOf(large.cpu)),
    attempted99S: large.attempted99,
    verified99S: large.verified99,
    timesSmall: round2(large.verified99 / small.verified99),
    rssTimesSmall: round2(hubOf(large.memory) / hubOf(small.memory)),
    sseP95Ms: large.lag.p95,
    emergencyTimesIdle: round2(beside.p99 / idle.p99),
  };
}

function tableOf(one: Burst, bare: Bare): string {
  const { accounts, cpu, memory, screen, lag } = one;
  const perSecond = Math.round((0.99 * accounts) / one.attempted99);
  const times = ({ p50, p95 }: { p50: number; p95: number }): string => `p50 ${p50} · p95 ${p95}`;
  const parts = Object.keys(cpu).map(
    (part) =>
      `    ${part.padEnd(34)}${micros(cpu[part])} µs${String(Math.round(memory[part] ?? Number.NaN)).padStart(7)} MB`,
  );
  return [
    `${accounts} 个账号 accounts · 台账 ledger ${one.ledger} · 重复 doubles ${one.doubles} · 乱序 out of order ${one.outOfOrder}`,
    `  两人签发 the two people's acts ${one.acts} s；倒计时结束起 from the end of the countdown（${one.begunAfter} ms 后开始派发 begun after）:`,
    `  99% 已发出 attempted ${one.attempted99} s · 99% 已核验 verified ${one.verified99} s · 全部 all ${one.verifiedAll} s`,
    ...Object.entries(one.channels).map(
      ([channel, { first, attempted99, read99 }]) =>
        `    ${channel.padEnd(10)}首条 first ${first} s · 99% 已发出 attempted ${attempted99} s · 99% 已回读 read back ${read99} s`,
    ),
    `  每秒投递 deliveries a second ${perSecond}；裸循环 bare loop ${bare.deliveriesPerSecond}（${bare.requestsPerSecond} 次请求 requests，回读在内 with reading back）`,
    `  每条处理器时间与内存峰值 CPU for one delivery, and most memory（裸循环与平台 bare loop and platforms ${Math.round(bare.cpu)} µs → ${round2(bare.cpu / deliveringOf(cpu))}）:`,
    ...parts,
    `  期间界面 the screen meanwhile, ms: 汇总 counts ${times(screen.counts)} · 列表 page ${times(screen.page)} · 时间线 timeline ${times(screen.timeline)}`,
    `  ${viewers} 人在看 viewers, 从回读到屏幕 from reading back to the screen, ms: p50 ${lag.p50} · p95 ${lag.p95} · ${lag.worst}`,
  ].join('\n');
}

function micros(value = Number.NaN): string {
  return String(Math.round(value)).padStart(7);
}
