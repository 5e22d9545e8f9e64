/** What rows are grouped by that lie still: the platform's code and our words, without what differs from account to account. */
import type { EventWords } from '../model/placement.js';
import type { PlacementState } from '../model/states.js';

/** States in which somebody asks why. */
export const askedWhy = ['failed', 'needs_action', 'waiting'] as const satisfies readonly PlacementState[];

/** Letters of a key; a longer cause is told apart by its beginning. */
const longest = 120;

/** The key of what was taken out before anything left. */
export const takenOut = 'taken out';
export const takenOutSaid = {
  zh: '已从本次发布中移出；尚未公开的不再公开，已公开的保留。',
  en: 'Taken out of this broadcast: what was not public never will be, and what was stays.',
};

export function isAskedWhy(state: PlacementState): boolean {
  return (askedWhy as readonly PlacementState[]).includes(state);
}

/** The same for every account with this cause. Addresses and numbers of three digits or more are left out, for they are an account's own. */
export function whyOf({ platform, cause }: EventWords): string {
  const words = (cause?.zh ?? '').replace(/https?:\S+/g, '…').replace(/\d{3,}/g, '…');
  return `${platform?.code ?? ''} ${words}`.trim().slice(0, longest) || 'unsaid';
}
