/** What the API says of a broadcast within its review. */
import { channelsReached } from '../core/broadcasts/channels.js';
import { notLookedAt } from '../core/broadcasts/looks.js';
import { doubtfulWords } from '../core/broadcasts/words.js';
import type { Review } from '../core/model/review.js';
import { countdown } from '../core/placements/broadcast.js';
import { reachOf } from '../core/placements/orders.js';
import { wantedConsents } from '../core/reviews/broadcast.js';
import { chainOf } from '../core/reviews/chains.js';
import { mayBreakGlass } from '../core/reviews/glass.js';
import type { ReviewBody } from './contract/reviews.js';
import type { Services } from './services.js';

export type BroadcastMeans = Pick<Services, 'store' | 'vault' | 'orders' | 'changes' | 'redis' | 'config' | 'channels'>;

export function glassOf({ glass }: Review): Pick<ReviewBody, 'glass'> {
  if (!glass) return {};
  const { by, at, reason, due, closed } = glass;
  return {
    glass: {
      ...{ by, reason, at: new Date(at).toISOString() },
      ...(due && { due: new Date(due).toISOString() }),
      ...(closed && { closed: { ...closed, at: new Date(closed.at).toISOString() } }),
    },
  };
}

/** What the signatures of a broadcast take, for whoever looks at it. */
export async function broadcastOf(
  means: BroadcastMeans,
  row: Review,
  person: string,
): Promise<Pick<ReviewBody, 'broadcast'>> {
  if (!row.broadcast) return {};
  const { store } = means;
  const [release, text] = await Promise.all([
    store.releases.findById(row.release).lean(),
    store.revisions.findById(row.revision).lean(),
  ]);
  if (!release || !text) return {};
  const chain = await chainOf(means, row);
  const open = row.state === 'open';
  const of = { release, audience: row.audience, reach: reachOf(text) };
  const reached = open
    ? await channelsReached(store, of).catch(() => new Map<string, number>())
    : new Map<string, number>();
  const names = [...reached.keys()];
  const missing = open ? await notLookedAt(means, row, names, person) : names;
  const left = chain.steps.length - row.step;
  const next = open ? ({ 2: 'first', 1: 'second' } as const)[left] : undefined;
  return {
    broadcast: {
      ...(row.first && { first: { by: row.first.person, at: new Date(row.first.at).toISOString() } }),
      ...(next && { next }),
      channels: names.map((channel) => ({
        channel,
        accounts: reached.get(channel) ?? 0,
        seen: !missing.includes(channel),
      })),
      consents: open ? await wantedConsents(means, row, new Date()) : [],
      words: doubtfulWords(text),
      ...(text.emergency?.status === 'Exercise' && { exercise: row.live ? ('live' as const) : ('test' as const) }),
      countdown,
      ...(row.deadline !== undefined && { deadline: row.deadline }),
      glass: open && (await mayBreakGlass(means, person, row, chain)) !== undefined,
    },
  };
}
