/** Releases and their revisions. A revision never changes: an edit is the next revision, and one that is signed is frozen by that alone. */
import { act, type Entry } from '../audit/book.js';
import type { Emergency } from '../../channels/emergency.js';
import { LianfaError } from '../errors.js';
import { refuseUnfit } from '../event-templates/use.js';
import { newId } from '../ids.js';
import { shareMedia } from '../media/library.js';
import type { Store } from '../store/store.js';
import { hashOf, type RevisionContent } from './compose.js';
import type { Release, Revision } from '../model/release.js';
import type { Actor } from '../model/actor.js';
import { overtake } from './overtaken.js';

export interface SavedRelease {
  release: Release;
  revision: Revision;
}

function revisionOf(
  { release, number, alert }: { release: string; number: number; alert: string | undefined },
  content: RevisionContent,
  by: string,
  at: Date,
): Revision {
  const means = (content.emergency?.references ?? []).flatMap((one) => (one.release === release ? [] : [one.release]));
  return {
    _id: newId('v', at.getTime()),
    release,
    number,
    ...content,
    ...(means.length > 0 && { means }),
    ...(alert !== undefined && { alert }),
    createdBy: by,
    createdAt: at,
    hash: hashOf(content),
  };
}

/** Makes a release with its first revision, both or neither. @throws what `refuseUnfit` throws */
export async function createRelease(
  store: Store,
  content: RevisionContent,
  options: {
    by: Actor;
    /** Whose it is; of the hub as a whole where none is named. */
    unit?: { organization?: string; path: string };
    document?: string | undefined;
    /** The alert received that it is made of: one makes one release. */
    alert?: string | undefined;
    now?: Date;
  },
): Promise<SavedRelease> {
  const at = options.now ?? new Date();
  const unit = options.unit ?? { path: '' };
  await refuseUnfit(store, content, unit.path);
  const id = newReleaseId(content.emergency, at);
  const revision = revisionOf({ release: id, number: 1, alert: options.alert }, content, options.by.person, at);
  const release: Release = {
    _id: id,
    title: content.title,
    kind: content.kind,
    revision: revision._id,
    revisions: 1,
    createdBy: options.by.person,
    createdAt: at,
    updatedAt: at,
    ...unit,
    ...(options.document && { document: options.document }),
    ...(options.alert !== undefined && { alert: options.alert, lastAlert: options.alert }),
    ...(content.template && { template: content.template.id }),
  };
  await act(store, saving(options.by, release, revision), async (session) => {
    await store.revisions.create([revision], { session });
    await store.releases.create([release], { session });
  });
  await shareMedia(store, mediaOf(content), unit.organization ?? '');
  return { release, revision };
}

/** What the book of acts says of a save: which text, never the text. */
function saving(by: Actor, release: Release, { _id, number, hash }: Revision): Entry {
  return {
    act: 'release.save',
    outcome: 'done',
    who: by,
    unit: release.organization,
    on: { release: release._id, revision: _id },
    after: { number, hash },
  };
}

/**
 * Makes the next revision of a release. `base` is the one that the author edited. Where nothing was changed there is no
 * new revision, and whatever was decided on the present one stands; else a review under way is overtaken.
 * @throws LianfaError not_found, already_withdrawn, revision_stale (somebody else was quicker), field_invalid where a drill would become a real warning, and what `refuseUnfit` throws
 */
export async function updateRelease(
  store: Store,
  id: string,
  base: string,
  content: RevisionContent,
  options: { by: Actor; alert?: string | undefined; now?: Date },
): Promise<SavedRelease> {
  const at = options.now ?? new Date();
  const before = await store.releases.findById(id).lean();
  if (!before) throw new LianfaError('not_found', { what: id });
  if (before.withdrawnAt) throw new LianfaError('already_withdrawn');
  if (before.revision !== base) throw new LianfaError('revision_stale');
  const newest = await store.revisions.findById(base).lean();
  refuseOtherStatus(before, newest?.emergency, content.emergency);
  if (options.alert === undefined) await refuseUnfit(store, content, before.path, newest?.template);
  // An alert received is a message of its own, also where it says the same again.
  if (newest && options.alert === undefined && saysTheSame(newest, content))
    return { release: before, revision: newest };
  const number = before.revisions + 1;
  const revision = revisionOf({ release: id, number, alert: options.alert }, content, options.by.person, at);
  const change = {
    title: content.title,
    kind: content.kind,
    revision: revision._id,
    revisions: revision.number,
    updatedAt: at,
    ...(options.alert !== undefined && { lastAlert: options.alert }),
  };
  const used = content.template
    ? { $set: { ...change, template: content.template.id } }
    : { $set: change, $unset: { template: 1 } };
  await act(store, saving(options.by, before, revision), async (session) => {
    // The condition closes the gap between reading and writing: of two authors, the second meets nothing to change.
    const { matchedCount } = await store.releases.updateOne({ _id: id, revision: base }, used, { session });
    if (matchedCount === 0) throw new LianfaError('revision_stale');
    await store.revisions.create([revision], { session });
    await overtake(store, id, { by: options.by.person, at }, session);
  });
  await shareMedia(store, mediaOf(content), before.organization ?? '');
  return { release: { ...before, ...change }, revision };
}

/** The id of a drill says that it is one: whoever meets it in a log, an address or a list reads that. */
function newReleaseId(emergency: Emergency | undefined, at: Date): string {
  return `${newId('r', at.getTime())}${emergency?.status === 'Exercise' ? 'x' : ''}`;
}

function isDrillId(id: string): boolean {
  return id.length === newId('r').length + 1 && id.endsWith('x');
}

/** A drill is never made a real warning, nor what was signed a drill. @throws LianfaError field_invalid */
function refuseOtherStatus({ _id, signed }: Release, before: Emergency | undefined, now: Emergency | undefined): void {
  const wasDrill = before?.status === 'Exercise';
  const isDrill = now?.status === 'Exercise';
  if (wasDrill === isDrill || (signed === undefined && !isDrillId(_id))) return;
  throw new LianfaError('field_invalid', {
    field: 'emergency.status',
    reason: wasDrill
      ? { zh: '演练不能改成真实预警，请新建一件。', en: 'a drill does not become a real warning; write a new release.' }
      : {
          zh: '已签发的预警不能改成演练，请新建一件。',
          en: 'what was signed does not become a drill; write a new release.',
        },
  });
}

/** An edit of a signed text says what it is to that, which alone is no change of it. */
function saysTheSame(newest: Revision, content: RevisionContent): boolean {
  const { change: _own, ...rest } = content;
  const as = newest.signed ? { ...rest, ...(newest.change && { change: newest.change }) } : content;
  return hashOf(as) === newest.hash;
}

function mediaOf({ pictures, attachments }: RevisionContent): string[] {
  return [...pictures, ...attachments].map(({ hash }) => hash);
}

/** A release with its newest revision, or the one named. @throws LianfaError not_found */
export async function readRelease(store: Store, id: string, revision?: string): Promise<SavedRelease> {
  const release = await store.releases.findById(id).lean();
  const found = release && (await store.revisions.findById(revision ?? release.revision).lean());
  if (!release || found?.release !== id) throw new LianfaError('not_found', { what: id });
  return { release, revision: found };
}
