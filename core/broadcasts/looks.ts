/**
 * The forced look: whoever signs a broadcast has opened each channel's text, as it stands now. The hub renders and keeps
 * the hash of what it showed; before the first signature with the day of submission in place of the date that is not yet
 * known, afterwards with the signed one.
 */
import type { Channel, Rendition } from '../../channels/channel.js';
import { profileOf } from '../accounts/open.js';
import { LianfaError } from '../errors.js';
import type { AccountRow } from '../model/account.js';
import { placementIds } from '../model/placement.js';
import type { Look } from '../model/look.js';
import type { Review } from '../model/review.js';
import { pagesOf, selectionOf } from '../placements/selection.js';
import { renditionFor, renditionHash, textOf, type Text } from '../signatures/renditions.js';
import { readStatement } from '../signatures/statement.js';
import type { Store } from '../store/store.js';

export interface LookMeans {
  store: Store;
  channels: ReadonlyMap<string, Channel>;
  config: { channelFolders: readonly string[] };
}

export interface Looked {
  account: string;
  rendition: Rendition<unknown>;
  hash: string;
}

/**
 * Shows one channel's text to somebody, on the account named or the first that it reaches, and remembers that it did.
 * @throws LianfaError not_found, account_unknown where the channel is not reached, documents_waiting
 */
export async function look(
  means: LookMeans,
  review: Review,
  { channel, account }: { channel: string; account?: string | undefined },
  person: string,
  at = new Date(),
): Promise<Looked> {
  const { store } = means;
  const row = await accountFor(means, review, channel, account);
  if (!row) throw new LianfaError('account_unknown', { account: account ?? channel, field: 'channel' });
  const shown = await shownOn(means, await textFor(means, review), row);
  const id = `${review._id} ${person} ${channel}`;
  const seen: Omit<Look, '_id'> = {
    ...{ release: review.release, review: review._id, person, channel },
    ...{ account: row._id, hash: shown.hash, at },
  };
  await store.looks.updateOne({ _id: id }, { $set: seen }, { upsert: true });
  return { account: row._id, ...shown };
}

/** Those of the channels whose text, as it is now, the person has not opened. */
export async function notLookedAt(
  means: LookMeans,
  review: Review,
  channels: readonly string[],
  person: string,
): Promise<string[]> {
  const looks = await means.store.looks.find({ review: review._id, person }).lean();
  const text = await textFor(means, review);
  const missing: string[] = [];
  for (const channel of channels) {
    const seen = looks.find((one) => one.channel === channel);
    if (!seen || !(await isStillSo(means, review, text, seen))) missing.push(channel);
  }
  return missing;
}

/** @throws LianfaError not_looked_at */
export async function requireLooks(
  means: LookMeans,
  review: Review,
  channels: readonly string[],
  person: string,
): Promise<void> {
  const missing = await notLookedAt(means, review, channels, person);
  const labels = missing.map((name) => means.channels.get(name)?.label ?? { zh: name, en: name });
  if (labels.length === 0) return;
  const what = { zh: labels.map(({ zh }) => zh).join('、'), en: labels.map(({ en }) => en).join(', ') };
  throw new LianfaError('not_looked_at', { channels: what });
}

async function isStillSo(
  means: LookMeans,
  review: Review,
  text: Text,
  { channel, account, hash }: Look,
): Promise<boolean> {
  if (review.first) return readStatement(review.first.statement).renditions?.[channel]?.includes(hash) ?? false;
  const row = await means.store.accounts.findById(account).lean();
  return row !== null && (await shownOn(means, text, row)).hash === hash;
}

/** What one account shows of a text. @throws LianfaError not_found, document_takes_too_long, documents_waiting */
export async function shownOn(
  { store, channels, config }: LookMeans,
  text: Text,
  row: AccountRow,
): Promise<Omit<Looked, 'account'>> {
  const channel = channels.get(row.channel);
  if (!channel) throw new LianfaError('not_found', { what: row.channel });
  const unit = await store.organizations.findById(row.organization, { name: 1 }).lean();
  const profile = profileOf(channel, row, unit?.name ?? row.organization);
  const rendition = await renditionFor(channel, text, profile, config.channelFolders);
  return { rendition, hash: renditionHash(rendition) };
}

async function textFor({ store }: LookMeans, review: Review): Promise<Text> {
  const row = await store.revisions.findById(review.revision).lean();
  if (!row) throw new LianfaError('not_found', { what: review.revision });
  const dated = review.first ? readStatement(review.first.statement).revision?.dated : undefined;
  const at = dated === undefined ? review.at : new Date(dated);
  return textOf({ ...row, signed: row.signed ?? { by: review.by, at } });
}

async function accountFor(
  { store }: LookMeans,
  { audience, path, release }: Review,
  channel: string,
  account: string | undefined,
): Promise<AccountRow | null> {
  const named = account === undefined ? { channel } : { channel, _id: account };
  const selection = await selectionOf(store, audience, path);
  for await (const page of pagesOf(store, { filter: { $and: [selection.filter, named] } }, [])) {
    const first = page.find((row) => selection.standing(row) === 'in');
    if (first) return store.accounts.findById(first._id).lean();
  }
  // An all-clear goes where the warning went.
  const placement = await store.placements.findOne({ $and: [{ _id: placementIds(release) }, { channel }] }).lean();
  return placement && store.accounts.findById(account ?? placement.account).lean();
}
