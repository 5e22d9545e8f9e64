/** Signing (签发): one person's word on exactly this revision. An act of its own, before anything is ordered. */
import { LianfaError } from '../errors.js';
import type { Revision } from '../model/release.js';
import { refuseEnded } from '../releases/emergency.js';
import type { Store } from '../store/store.js';

/**
 * Signs the newest revision of a release; once signed it never changes.
 * @throws LianfaError not_found, already_withdrawn, already_signed, media_not_ready, warning_expired; revision_stale where a newer one has been saved meanwhile
 */
export async function signRevision(store: Store, release: string, revision: string, by: string): Promise<Revision> {
  const row = await store.releases.findById(release).lean();
  const text = await store.revisions.findById(revision).lean();
  if (!row || text?.release !== release) throw new LianfaError('not_found', { what: row ? revision : release });
  if (row.withdrawnAt) throw new LianfaError('already_withdrawn');
  if (text.signed) throw new LianfaError('already_signed');
  refuseEnded(text.emergency);
  await checkMedia(store, text);
  const signed = { by, at: new Date() };
  await store.connection.transaction(async (session) => {
    // The condition is in the write: an edit saved since it was read, or another signer, meets nothing to sign.
    const newest = { _id: release, revision };
    const { matchedCount } = await store.releases.updateOne(newest, { $set: { signed: revision } }, { session });
    if (matchedCount === 0) throw new LianfaError('revision_stale');
    const unsigned = { _id: revision, signed: { $exists: false } };
    const result = await store.revisions.updateOne(unsigned, { $set: { signed } }, { session });
    if (result.matchedCount === 0) throw new LianfaError('already_signed');
  });
  return { ...text, signed };
}

async function checkMedia(store: Store, { pictures }: Revision): Promise<void> {
  const hashes = pictures.map((picture) => picture.hash);
  if (hashes.length === 0) return;
  const media = await store.media.find({ _id: { $in: hashes } }).lean();
  if (media.some((medium) => medium.state !== 'ready') || new Set(hashes).size > media.length)
    throw new LianfaError('media_not_ready');
}
