/** What makes an emergency a linked broadcast (联动发布), and what that asks of its chain: pure functions. */
import type { Kind } from '../../channels/channel.js';
import type { ChainStep } from '../model/chain.js';
import type { Lane } from '../model/placement.js';

/** Seconds between the second signature and the first request, in which it can be stopped. */
export const countdown = 5;

/**
 * An emergency, by its kind or by the lane it takes, that reaches accounts of units other than the release's own; and each
 * live drill, which takes a signature of its own.
 */
export function isBroadcast({
  kind,
  lane,
  wide,
  live = false,
}: {
  kind: Kind;
  lane: Lane;
  wide: boolean;
  live?: boolean | undefined;
}): boolean {
  return live || (wide && (kind === 'emergency' || lane === 'emergency'));
}

/** Two steps sign a broadcast. A chain whose last two do already is as it was; any other gets a second signature, of the same role. */
export function withSecond(steps: readonly ChainStep[]): ChainStep[] {
  const last = steps.at(-1);
  const before = steps.at(-2);
  if (!last || (before && before.role !== 'reviewer')) return [...steps];
  const known = new Set(steps.map(({ id }) => id));
  let id = 'second-signature';
  while (known.has(id)) id = `${id}-2`;
  return [...steps, { id, name: { zh: '第二签发', en: 'Second signature' }, role: last.role }];
}
