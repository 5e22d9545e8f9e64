/** What a person copies for a placement whose channel has no API: the signed rendition itself, and what it takes the place of. */
import type { Channel, CopyPart } from '../../channels/channel.js';
import { profileOf } from '../accounts/open.js';
import type { AccountRow } from '../model/account.js';
import { wantedOf, type Placement } from '../model/placement.js';
import { endedAt } from '../releases/emergency.js';
import { loadText, renditionFor } from '../signatures/renditions.js';
import type { Store } from '../store/store.js';

export interface CopyMeans {
  store: Store;
  channels: ReadonlyMap<string, Channel>;
  config: { channelFolders: readonly string[] };
}

export interface HandCopy {
  parts: readonly CopyPart[];
  old: { title: string; url?: string }[];
  /** It is over by the clock: it is not to be put anywhere any more. */
  overSince?: Date;
}

/** Undefined where there is nothing to copy: nothing is wanted there, or its channel does it itself. */
export async function copyFor({ store, channels, config }: CopyMeans, id: string): Promise<HandCopy | undefined> {
  const row = await store.placements.findById(id).lean<Placement>();
  const { revision } = row ? wantedOf(row) : {};
  const channel = channels.get(row?.channel ?? '');
  const account = row && (await store.accounts.findById(row.account).lean<AccountRow>());
  if (!row || revision === undefined || !channel || !account) return undefined;
  const unit = await store.organizations.findById(account.organization, { name: 1 }).lean();
  const text = await loadText(store, revision);
  const profile = profileOf(channel, account, unit?.name ?? account.organization);
  const { copy } = await renditionFor(channel, text, profile, config.channelFolders);
  if (!copy) return undefined;
  const entry = row.standing.find((stands) => stands.revision === revision);
  const old = (entry?.remote.instead ?? []).map(({ title, url }) => ({ title, ...(url !== undefined && { url }) }));
  const { emergency } = text.content;
  const isOver = emergency?.expires !== undefined && endedAt(emergency) !== undefined;
  return {
    parts: copy,
    old,
    ...(isOver && emergency.expires !== undefined && { overSince: new Date(emergency.expires) }),
  };
}
