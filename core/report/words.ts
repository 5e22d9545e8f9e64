/** The states of a placement, and how a warning has ended, in the words of the interface. */
import { beijingStamp } from '../../channels/beijing-calendar.js';
import { endingWords } from '../../channels/emergency.js';
import type { End } from '../releases/ending.js';
import type { PlacementState } from '../model/states.js';

const words: Readonly<Record<PlacementState, string>> = {
  queued: '排队中',
  sending: '发送中',
  accepted: '平台已接收',
  published: '已公开',
  verified: '已核验',
  confirmed: '人工确认',
  waiting: '等待重试',
  needs_action: '需人工处理',
  failed: '失败',
  cancelled: '已取消',
  withdrawn: '已撤回',
};

export function stateWords(state: PlacementState): string {
  return words[state];
}

/** `已解除 2026-11-29T14:20:00+08:00（原定有效至 2026-11-29T14:30:00+08:00）` */
export function endedWords({ is, at, until }: End): string {
  const first = until === undefined || is === 'expired' ? '' : `（原定有效至 ${beijingStamp(until)}）`;
  return `${endingWords[is].zh} ${beijingStamp(at)}${first}`;
}
