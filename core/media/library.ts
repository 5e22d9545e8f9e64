/**
 * The media library: pictures cleaned on the way in (no EXIF, no GPS, upright, bounded), files by what they are, each
 * named by the SHA-256 of what is kept.
 */
import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { LianfaError } from '../errors.js';
import type { Store } from '../store/store.js';
import { mediaFile, writeWhole } from './files.js';
import { attachmentMime, pictureMime, type PictureMime } from './kind.js';
import type { Medium } from '../model/medium.js';

/** Pixels that may be decoded: a phone's 108 megapixels fit, a bomb doesn't. All frames of an animation count. */
const maxPixels = 120_000_000;
/** Longest edge that is kept; no channel shows more, and every later step is quicker. */
const maxEdge = 5_000;

interface Kept {
  bytes: Buffer;
  mime: string;
  /** Pixels, of a picture. */
  size?: { width: number; height: number };
}

export interface Incoming {
  bytes: Buffer;
  name: string;
  /** A user's id. */
  by: string;
}

/** Takes a picture or a file in. The same bytes twice are one medium. @throws LianfaError picture_refused, attachment_refused */
export async function ingest(store: Store, folder: string, incoming: Incoming): Promise<Medium> {
  const name = safeName(incoming.name);
  const mime = pictureMime(incoming.bytes);
  const kept = mime ? await cleanPicture(incoming.bytes, mime, name) : fileOf(incoming.bytes, name);
  const hash = createHash('sha256').update(kept.bytes).digest('hex');
  const present = await store.media.findById(hash).lean();
  if (present) return present;
  await writeWhole(mediaFile(folder, hash), kept.bytes);
  const medium: Medium = {
    _id: hash,
    name,
    mime: kept.mime,
    bytes: kept.bytes.length,
    createdBy: incoming.by,
    createdAt: new Date(),
    variants: [],
    ...kept.size,
    state: kept.size ? 'preparing' : 'ready',
  };
  try {
    await store.media.create(medium);
    return medium;
  } catch (error) {
    // Somebody else uploaded the same bytes meanwhile.
    const other = await store.media.findById(hash).lean();
    if (other) return other;
    throw error;
  }
}

/** Decodes and encodes anew: what is no picture fails here, and nothing that hid beside the pixels survives. */
async function cleanPicture(bytes: Buffer, mime: PictureMime, name: string): Promise<Kept> {
  const animated = mime === 'image/gif' || mime === 'image/webp';
  try {
    const picture = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error', animated })
      .autoOrient()
      .resize({ width: maxEdge, height: maxEdge, fit: 'inside', withoutEnlargement: true });
    const { data, info } = await encoded(picture, mime).toBuffer({ resolveWithObject: true });
    return { bytes: data, mime, size: { width: info.width, height: info.pageHeight ?? info.height } };
  } catch (error) {
    throw new LianfaError('picture_refused', { field: 'file', file: name, reason: reasonOf(error) }, { cause: error });
  }
}

function encoded(picture: Sharp, mime: PictureMime): Sharp {
  switch (mime) {
    case 'image/jpeg':
      return picture.jpeg({ quality: 92, chromaSubsampling: '4:4:4' });
    case 'image/png':
      return picture.png({ compressionLevel: 9 });
    case 'image/gif':
      return picture.gif();
    case 'image/webp':
      return picture.webp({ quality: 92 });
  }
}

function reasonOf(error: unknown): { zh: string; en: string } {
  if (error instanceof Error && /pixel limit/i.test(error.message)) {
    return {
      zh: `像素过大（上限 ${maxPixels / 1_000_000} 百万像素）。`,
      en: `it has too many pixels (limit ${maxPixels / 1_000_000} megapixels).`,
    };
  }
  return { zh: '图片已损坏，无法解码。', en: 'it is damaged and cannot be decoded.' };
}

function fileOf(bytes: Buffer, name: string): Kept {
  const mime = attachmentMime(bytes);
  const picture = /^\.(jpe?g|png|gif|webp)$/i.test(extname(name));
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
  return (
    last
      .replace(/[\u0000-\u001f\u007f]|\p{Surrogate}/gu, '')
      .trim()
      .slice(-120) || 'file'
  );
}
