/** Watches a release until nothing moves by itself any more. */
import { setTimeout as pause } from 'node:timers/promises';
import { beijingMinute } from '../channels/beijing-calendar.js';
import { endingWords } from '../channels/emergency.js';
import { isFinal, type PlacementState } from '../core/model/states.js';
import { signAgain } from '../core/signatures/faults.js';
import { releaseStatus, type ReleaseStatus } from '../core/placements/report.js';
import { CommandFailure, type Client } from './client.js';
import { both, openBar } from './say.js';

/** Milliseconds between two looks. */
const interval = 500;

/** Resolves when no order is under way and every placement is final or needs a person; undefined when the time (seconds) is up. */
export async function watchRelease(
  client: Client,
  release: string,
  options: { bar: boolean; seconds: number },
): Promise<ReleaseStatus | undefined> {
  const bar = options.bar ? openBar('{bar} {value}/{total}  {states}') : undefined;
  bar?.start(1, 0, { states: '' });
  try {
    for (const end = Date.now() + options.seconds * 1000; ; await pause(interval)) {
      const status = await client.call(releaseStatus, 'GET', `/releases/${encodeURIComponent(release)}/status`);
      const settled = countOf(status, (state) => isFinal(state) || state === 'needs_action');
      bar?.setTotal(Math.max(1, status.total));
      bar?.update(settled, { states: summaryOf(status) });
      const handedOut = status.orders.length > 0 && status.orders.every(({ state }) => state !== 'running');
      if (handedOut && settled === status.total) return status;
      if (Date.now() >= end) return undefined;
    }
  } finally {
    bar?.stop();
  }
}

/** @throws CommandFailure where the order was refused because its signature does not hold */
export function requireTaken(status: ReleaseStatus, id: string): void {
  const refused = status.orders.find((order) => order.id === id)?.refused;
  if (refused) throw new CommandFailure({ code: 'order_refused', message: refused, todo: signAgain });
}

export function notInTime(id: string): CommandFailure {
  return new CommandFailure({
    code: 'not_in_time',
    message: { zh: '等待时间已到，仍在进行。', en: 'The time is up and it is still under way.' },
    todo: {
      zh: `不受影响，用 lianfa status ${id} 继续查看。`,
      en: `It goes on by itself; look with: lianfa status ${id}`,
    },
  });
}

export function countOf(status: ReleaseStatus, fits: (state: PlacementState) => boolean): number {
  return status.counts.reduce((sum, { state, count }) => (fits(state) ? sum + count : sum), 0);
}

/** `演练 Exercise 台风红色预警（r1x）`; of a warning that is over also how, when, and until when it was to hold. */
export function titleLine(id: string, { title, exercise, ended }: ReleaseStatus): string {
  const mark = exercise ? `${both({ zh: '演练', en: 'Exercise' })} ` : '';
  return [`${mark}${title}（${id}）`, ...(ended ? [endLine(ended)] : [])].join('\n');
}

/** `已解除 Lifted 2026-11-29 14:15 · 原定有效至 …` */
export function endLine({ is, at, until }: NonNullable<ReleaseStatus['ended']>): string {
  const first =
    until === undefined || is === 'expired'
      ? ''
      : ` · ${both({ zh: '原定有效至', en: 'it was to hold until' })} ${beijingMinute(until)}`;
  return `${both(endingWords[is])} ${beijingMinute(at)}${first}`;
}

const stateNames: Readonly<Record<PlacementState, string>> = {
  queued: '排队 queued',
  sending: '发送中 sending',
  accepted: '平台已受理 accepted',
  published: '已发布 published',
  verified: '已核验 verified',
  confirmed: '人工确认 confirmed',
  waiting: '等待重试 waiting',
  needs_action: '需人工处理 needs action',
  failed: '失败 failed',
  cancelled: '已取消 cancelled',
  withdrawn: '已撤回 withdrawn',
};

/** `已核验 verified 8 · 失败 failed 1` */
export function summaryOf({ counts }: Pick<ReleaseStatus, 'counts'>): string {
  const totals = new Map<PlacementState, number>();
  for (const { state, count } of counts) totals.set(state, (totals.get(state) ?? 0) + count);
  return [...totals].map(([state, count]) => `${stateNames[state]} ${count}`).join(' · ');
}

/** One line a channel. */
export function tableOf(status: ReleaseStatus): string {
  const channels = [...new Set(status.counts.map(({ channel }) => channel))].sort();
  return channels
    .map(
      (channel) =>
        `  ${channel.padEnd(10)} ${summaryOf({ counts: status.counts.filter((entry) => entry.channel === channel) })}`,
    )
    .join('\n');
}
