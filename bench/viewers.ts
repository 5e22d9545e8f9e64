/** How late a change of the ledger reaches those who watch a release live: from the write to the browser's event. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Hub } from '../core/hub/hub.js';
import type { Placement } from '../core/model/placement.js';
import { announce } from '../core/queue/changes.js';
import { releaseStatus } from '../core/placements/report.js';
import { percentile, round1 } from './figures.js';

const rounds = 30;
/** Milliseconds between two changes; longer than the window in which changes are told together. */
const apart = 700;
/** Streams that one person may hold. */
const perKey = 100;

export interface Lag {
  p50: number;
  p95: number;
  worst: number;
}

/** `keys`: one for each hundred viewers. Each change is of one row; whoever hears of the new count has heard of it. */
export async function lagOf(
  hub: Hub,
  release: string,
  url: string,
  keys: readonly string[],
  viewers: number,
): Promise<Lag> {
  const stop = new AbortController();
  const heard = new Map<number, number[]>();
  const hear = (verified: number): void => {
    heard.set(verified, [...(heard.get(verified) ?? []), performance.now()]);
  };
  await Promise.all(
    Array.from({ length: viewers }, (_, n) =>
      watch(`${url}/api/v1/events?release=${release}`, keys[Math.floor(n / perKey)] ?? '', stop.signal, hear),
    ),
  );
  await pause(2 * apart);
  const redis = hub.connect('producer');
  const lags: number[] = [];
  const { placements } = hub.store;
  for (let round = 0; round < rounds; round += 1) {
    const row = await placements
      .findOne({ release, channel: 'weibo', state: 'failed' }, { _id: 1 })
      .lean<Pick<Placement, '_id'>>();
    if (!row) break;
    const began = performance.now();
    await placements.updateOne({ _id: row._id }, { $set: { state: 'verified' }, $unset: { why: 1 } });
    await announce(redis, hub.settings, [{ release, ids: [row._id] }]);
    await pause(apart);
    const now = await placements.countDocuments({ release, state: 'verified' });
    lags.push(...(heard.get(now) ?? []).map((at) => at - began));
  }
  stop.abort();
  if (lags.length < rounds * viewers * 0.99)
    console.error(`${lags.length} of ${rounds * viewers} events came within ${apart} ms`);
  return { p50: round1(percentile(lags, 0.5)), p95: round1(percentile(lags, 0.95)), worst: round1(Math.max(...lags)) };
}

/** Resolves with the first event. */
async function watch(url: string, key: string, signal: AbortSignal, hear: (verified: number) => void): Promise<void> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` }, signal });
  if (!answer.ok || !answer.body) throw new Error(`${url}: ${answer.status}`);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  return new Promise((begun, fail) => {
    const read = async (): Promise<void> => {
      for (let text = ''; ;) {
        const { value, done } = await reader.read();
        if (done) return;
        const parts = `${text}${value}`.split('\n\n');
        text = parts.pop() ?? '';
        for (const part of parts) {
          const data = /^event: ?status$[\s\S]*^data: ?(.*)$/m.exec(part)?.[1];
          if (data === undefined) continue;
          const { counts } = releaseStatus.parse(JSON.parse(data));
          hear(counts.reduce((sum, { state, count }) => (state === 'verified' ? sum + count : sum), 0));
          begun();
        }
      }
    };
    read().catch((error: unknown) =>
      signal.aborted ? begun() : fail(error instanceof Error ? error : new Error(String(error))),
    );
  });
}
