/** What one delivery costs in an order of a county, of a city, of a province: over all channels, the hub's own processor time, memory and disk. */
import { join } from 'node:path';
import { z } from 'zod';
import { openSqlite } from '../core/store/embedded/binding.js';
import { accountsOf, requireAll, tookOf } from './audience.js';
import { round2 } from './figures.js';
import { openGround, type Ground } from './ground.js';
import { each, hubOf, meter } from './meter.js';
import { openWholePath } from './whole-path.js';

/** Not counted: by the end of it the processes run compiled code. */
const warmUp = 4_000;

interface Measured {
  deliveries: number;
  seconds: number;
  /** Microseconds of the processor for one delivery, by part. */
  cpu: Record<string, number>;
  /** MB at most, by part. */
  memory: Record<string, number>;
  bytes: number;
  doubles: number;
}

/** `args`: the sizes, smallest first; 2,000, 20,000 and 144,000 unless told. The last two are compared. */
export async function scale(args: string[]): Promise<void> {
  const size = z.coerce.number().int().min(100).max(400_000);
  const sizes = args.length > 1 ? args.map((arg) => size.parse(arg)) : [2_000, 20_000, 144_000];
  const all: Measured[] = [];
  for (const deliveries of sizes) all.push(await measured(deliveries));
  const [small, large] = [all.at(-2), all.at(-1)].map((one) => (one ? hubOf(one.cpu) : Number.NaN));
  console.log(
    JSON.stringify({
      smallMicros: Math.round(small ?? Number.NaN),
      largeMicros: Math.round(large ?? Number.NaN),
      timesSmall: round2((large ?? Number.NaN) / (small ?? Number.NaN)),
      rssMb: Object.fromEntries(all.map((one) => [one.deliveries, Math.round(hubOf(one.memory))])),
      bytesPerDelivery: all.at(-1)?.bytes,
      doubles: all.reduce((sum, { doubles }) => sum + doubles, 0),
    }),
  );
}

/** On ground of its own, so that no size bears what another has left behind. */
async function measured(deliveries: number): Promise<Measured> {
  const ground = await openGround();
  try {
    const whole = await openWholePath(ground);
    await whole.run(await accountsOf(ground, 0, warmUp), '预热通知', () => meter(ground));
    await ground.reset();
    const accounts = await accountsOf(ground, warmUp, deliveries);
    let before = 0;
    const begin = (): ReturnType<typeof meter> => {
      before = storedBytes(ground);
      return meter(ground);
    };
    const { seconds, cpu } = await whole.run(accounts, '全省转发的通知', begin);
    const { self: _measuring, ...parts } = each(cpu, deliveries);
    const bytes = Math.round((storedBytes(ground) - before) / deliveries);
    const took = await tookOf(ground);
    requireAll(took, deliveries);
    const doubles = [...took.values()].reduce((sum, { length }) => sum + length - 1, 0);
    await whole.close();
    const result = { deliveries, seconds, cpu: parts, memory: ground.memory(), bytes, doubles };
    tell(result);
    return result;
  } finally {
    await ground.close();
  }
}

/** Bytes that the store uses, what is not yet merged into its file too. */
function storedBytes({ config }: Ground): number {
  const file = openSqlite(join(config.dataFolder, 'lianfa.sqlite'));
  try {
    const [pages, free, size] = ['page_count', 'freelist_count', 'page_size'].map((name) =>
      Number(file.prepare(`PRAGMA ${name}`).get()?.[0]),
    );
    return ((pages ?? 0) - (free ?? 0)) * (size ?? 0);
  } finally {
    file.close();
  }
}

function tell({ deliveries, seconds, cpu, memory, bytes, doubles }: Measured): void {
  const listed = (parts: Record<string, number>): string =>
    Object.entries(parts)
      .map(([part, value]) => `${part} ${Math.round(value)}`)
      .join(' · ');
  console.error(
    `${deliveries} 条投递 deliveries: ${Math.round(deliveries / seconds)}/s · 重复 doubles ${doubles}\n` +
      `  处理器微秒 CPU µs: ${listed(cpu)} → 本机 hub ${Math.round(hubOf(cpu))}\n` +
      `  内存峰值 peak MB: ${listed(memory)}\n` +
      `  每条存储 stored: ${bytes} B`,
  );
}
