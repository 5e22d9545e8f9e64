/** A broadcast to platforms that take their time: how near it comes to what the calls in flight allow. */
import { z } from 'zod';
import { bounds } from '../workers/publish/turns.js';
import { channels } from './audience.js';
import { burst } from './burst.js';
import { round2 } from './figures.js';

/** ms: 100 ± 50. */
const latency = { ms: 50, spread: 100 };
const mean = (latency.ms + latency.spread / 2) / 1_000;
/** Calls of one delivery until it is public: WeChat wants a token, a cover and a draft before; JPush hands out its marks by ten. */
const calls: Readonly<Record<(typeof channels)[number], number>> = { weibo: 1, wechat: 4, website: 1, app: 1.1 };

/** `args`: how many accounts; 14,400 unless told. */
export async function slow(args: string[]): Promise<void> {
  const accounts = z.coerce.number().int().min(100).max(200_000).default(14_400).parse(args[0]);
  const { attempted99, verified99, doubles } = await burst(accounts, { latency });
  const { lane, host } = bounds.publish;
  const each = accounts / channels.length;
  const all = channels.reduce((sum, channel) => sum + calls[channel] * each, 0);
  // Each platform is one host here.
  const slowest = Math.max(...channels.map((channel) => calls[channel])) * each;
  const floor = round2(Math.max(all / lane, slowest / host) * mean);
  console.error(
    `${accounts} 个账号，平台 100 ± 50 ms 应答 accounts, platforms answer in 100 ± 50 ms\n` +
      `  99% 已发出 attempted ${attempted99} s · 下限 floor ${floor} s（${Math.round(all)} 次请求 calls，同时 ${lane} 在途 in flight，每台主机 a host ${host}）`,
  );
  console.log(
    JSON.stringify({
      accounts,
      attempted99S: attempted99,
      verified99S: verified99,
      floorS: floor,
      timesFloor: round2(attempted99 / floor),
      doubles,
    }),
  );
}
