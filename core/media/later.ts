/** A channel installed, or given another rule, after pictures came in: what it lacks of them is made like the rest, in their queue. */
import type { Channel } from '../../channels/channel.js';
import type { Store } from '../store/store.js';

const page = 500;

/** Every variant that the channels here ask for, as `<channel>.<name>`. */
export function wantedVariants(channels: ReadonlyMap<string, Pick<Channel, 'name' | 'limits'>>) {
  return [...channels.values()].flatMap(({ name, limits }) =>
    Object.entries(limits.pictures).map(([variant, rule]) => ({ variant: `${name}.${variant}`, rule })),
  );
}

/** Hands each picture that lacks a variant to `prepare`. They stay ready meanwhile for the channels that have theirs. Returns how many. */
export async function queueLacking(
  store: Store,
  channels: ReadonlyMap<string, Channel>,
  prepare: (hash: string) => Promise<void>,
): Promise<number> {
  const wanted = wantedVariants(channels).map(({ variant }) => variant);
  let queued = 0;
  for (let after = '', more = true; more;) {
    const rows = await store.media
      .find({ _id: { $gt: after } }, { variants: 1, width: 1, state: 1 })
      .sort({ _id: 1 })
      .limit(page)
      .lean();
    for (const { _id, variants, width, state } of rows) {
      if (width === undefined || state !== 'ready' || wanted.every((variant) => variants.includes(variant))) continue;
      await prepare(_id);
      queued += 1;
    }
    after = rows.at(-1)?._id ?? '';
    more = rows.length === page;
  }
  return queued;
}
