/** Signing (签发) a revision: from then on it never changes. It is one commit with the order that it is signed for. */
import type { ClientSession } from 'mongoose';
import { LianfaError } from '../errors.js';
import type { Revision } from '../model/release.js';
import type { Store } from '../store/store.js';

/**
 * The conditions are in the writes: an edit saved since it was read, or another signer, meets nothing to sign.
 * @throws LianfaError revision_stale, already_withdrawn, already_signed
 */
export async function signRevision(
  store: Store,
  { release, revision, signed }: { release: string; revision: string; signed: { by: string; at: Date } },
  session: ClientSession,
): Promise<void> {
  const newest = { _id: release, revision, withdrawnAt: { $exists: false } };
  const { matchedCount } = await store.releases.updateOne(newest, { $set: { signed: revision } }, { session });
  if (matchedCount === 0) throw new LianfaError('revision_stale');
  const unsigned = { _id: revision, signed: { $exists: false } };
  const result = await store.revisions.updateOne(unsigned, { $set: { signed } }, { session });
  if (result.matchedCount === 0) throw new LianfaError('already_signed');
}

/** What is signed goes to further accounts only while it is the newest that is. @throws LianfaError revision_stale */
export async function requireNewestSigned(
  store: Store,
  release: string,
  revision: string,
  session: ClientSession,
): Promise<void> {
  const row = await store.releases.findById(release, { signed: 1, withdrawnAt: 1 }, { session }).lean();
  if (row?.withdrawnAt) throw new LianfaError('already_withdrawn');
  if (row?.signed !== revision) throw new LianfaError('revision_stale');
}

/** @throws LianfaError media_not_ready */
export async function requireMedia(store: Store, { pictures }: Revision): Promise<void> {
  const hashes = pictures.map((picture) => picture.hash);
  if (hashes.length === 0) return;
  const media = await store.media.find({ _id: { $in: hashes } }).lean();
  if (media.some((medium) => medium.state !== 'ready') || new Set(hashes).size > media.length)
    throw new LianfaError('media_not_ready');
}
