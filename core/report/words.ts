/** The states of a placement in the words of the interface. */
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
