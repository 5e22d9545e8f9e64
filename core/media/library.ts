/**
 * The media library: pictures cleaned on the way in (no EXIF, no GPS, upright, bounded), files by what they are, each
 * named by the SHA-256 of what is kept.
 */
import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import type { Files } from '../../channels/files.js';
import { LianfaError } from '../errors.js';
import type { Store } from '../store/store.js';
import { tidyLine } from '../text.js';
import { mediaFile } from './files.js';
import { cleanPicture } from './clean-picture.js';
import { attachmentMime } from './kind.js';
import type { Medium } from '../model/medium.js';

export interface Incoming {
  bytes: Buffer;
  name: string;
  /** A person's id. */
  by: string;
  /** Whose it is from now on: a unit's id, empty for the hub as a whole. */
  unit: string;
}

/** Takes a picture or a file in. The same bytes twice are one medium. @throws LianfaError picture_refused, attachment_refused */
export async function ingest(store: Store, library: Files, incoming: Incoming): Promise<Medium> {
  const name = safeName(incoming.name);
  const picture = await cleanPicture(incoming.bytes, name);
  const kept = picture ?? fileOf(incoming.bytes, name);
  const hash = createHash('sha256').update(kept.bytes).digest('hex');
  const present = await store.media.findById(hash).lean();
  if (present) return ownedBy(store, present, incoming.unit);
  // Before its row: nothing names what is not there.
  await library.write(mediaFile(hash), kept.bytes);
  const medium: Medium = {
    _id: hash,
    name,
    mime: kept.mime,
    bytes: kept.bytes.length,
    createdBy: incoming.by,
    units: [incoming.unit],
    createdAt: new Date(),
    variants: [],
    ...(picture && { width: picture.width, height: picture.height }),
    ...(picture?.moving && { moving: true }),
    state: picture ? 'preparing' : 'ready',
  };
  try {
    await store.media.create(medium);
    return medium;
  } catch (error) {
    // Somebody else uploaded the same bytes meanwhile.
    const other = await store.media.findById(hash).lean();
    if (other) return ownedBy(store, other, incoming.unit);
    throw error;
  }
}

/** Who uploads what is there already has it too. */
async function ownedBy(store: Store, medium: Medium, unit: string): Promise<Medium> {
  if (medium.units.includes(unit)) return medium;
  await store.media.updateOne({ _id: medium._id }, { $set: { units: [...medium.units, unit] } });
  return store.media
    .findById(medium._id)
    .lean()
    .then((now) => now ?? medium);
}

/** A unit that uses media in a release of its own may see them. */
export async function shareMedia(store: Store, hashes: readonly string[], unit: string): Promise<void> {
  for (const medium of await store.media.find({ _id: { $in: [...new Set(hashes)] } }).lean())
    await ownedBy(store, medium, unit);
}

function fileOf(bytes: Buffer, name: string): { bytes: Buffer; mime: string } {
  const mime = attachmentMime(bytes);
  const picture = /^\.(jpe?g|png|gif|webp|bmp|tiff?|avif|hei[cf])$/i.test(extname(name));
  if (mime && !picture) return { bytes, mime };
  if (!picture)
    throw new LianfaError('attachment_refused', {
      field: 'file',
      file: name,
      reason: { zh: '内容不是允许的文件类型。', en: 'its content is of no kind that may be attached.' },
    });
  throw new LianfaError('picture_refused', {
    field: 'file',
    file: name,
    reason: { zh: '内容不是它的文件名所说的图片。', en: 'it is not the picture that its name says.' },
  });
}

function safeName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  return [...tidyLine(last)].slice(-120).join('').trim() || 'file';
}
