/** Those who watch a release live, and how late they hear of a change. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Hub } from '../core/hub/hub.js';
import type { Placement } from '../core/model/placement.js';
import { announce } from '../core/queue/changes.js';
import type { ReleaseStatus } from '../core/placements/report.js';
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

/** Each by a stream of their own; resolves when all have heard for the first time. `keys`: one for each hundred. */
export async function watch(
  url: string,
  release: string,
  keys: readonly string[],
  viewers: number,
  hear: (viewer: number, verified: number) => void,
): Promise<{ stop(): void }> {
  const { signal, stop } = stopping();
  const verifiedIn = remembering(verifiedOf);
  const at = `${url}/api/v1/events?release=${release}`;
  await Promise.all(
    Array.from({ length: viewers }, (_, viewer) =>
      listen(at, keys[Math.floor(viewer / perKey)] ?? '', signal, (data) => hear(viewer, verifiedIn(data))),
    ),
  );
  return { stop };
}

function stopping(): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  return { signal: controller.signal, stop: () => controller.abort() };
}

/** What the hub itself wrote is not checked again. */
function verifiedOf(data: string): number {
  const { counts } = JSON.parse(data) as ReleaseStatus;
  return counts.reduce((sum, { state, count }) => (state === 'verified' ? sum + count : sum), 0);
}

/** All viewers hear the same, one after the other: it is read once. */
function remembering(read: (data: string) => number): (data: string) => number {
  let last = '';
  let value = 0;
  return (data) => {
    if (data !== last) [last, value] = [data, read(data)];
    return value;
  };
}

/** From the write of one row to each viewer's event with the new count, beside nothing else. */
export async function lagOf(
  hub: Hub,
  release: string,
  url: string,
  keys: readonly string[],
  viewers: number,
): Promise<Lag> {
  const heard = new Map<number, number[]>();
  const { stop } = await watch(url, release, keys, viewers, (_viewer, verified) => {
    heard.set(verified, [...(heard.get(verified) ?? []), performance.now()]);
  });
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
  stop();
  if (lags.length < rounds * viewers * 0.99)
    console.error(`${lags.length} of ${rounds * viewers} events came within ${apart} ms`);
  return lagFrom(lags);
}

/** `Lag` of these milliseconds. */
export function lagFrom(lags: readonly number[]): Lag {
  const worst = lags.reduce((most, lag) => Math.max(most, lag), 0);
  return { p50: round1(percentile(lags, 0.5)), p95: round1(percentile(lags, 0.95)), worst: round1(worst) };
}

/** Resolves with the first event. */
async function listen(url: string, key: string, signal: AbortSignal, hear: (data: string) => void): Promise<void> {
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
          hear(data);
          begun();
        }
      }
    };
    read().catch((error: unknown) =>
      signal.aborted ? begun() : fail(error instanceof Error ? error : new Error(String(error))),
    );
  });
}
