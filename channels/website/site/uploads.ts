/** Files that others send to a site's media endpoint. */
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { z } from 'zod';
import { writePublic, type SiteHome } from './files.js';
import { readRecord, writeRecord } from './records.js';
import { safeExtension } from './types.js';

const uploadSchema = z.object({
  path: z.string(),
  hash: z.string(),
  width: z.number().optional(),
  height: z.number().optional(),
});
export type Upload = z.output<typeof uploadSchema>;

const maxPixels = 40_000_000;
const maxEdge = 1_600;
const formats = { jpeg: 'jpg', png: 'png', webp: 'webp', gif: 'gif' } as const;

/** Keeps a picture (upright, without EXIF and place, bounded, moving if it moves) or a document under the name of its content. Undefined for what a site does not take. */
export async function keepUpload(site: SiteHome, name: string, bytes: Buffer): Promise<Upload | undefined> {
  const picture = await pictureOf(bytes);
  if (!picture && safeExtension(name) === 'bin') return undefined;
  const kept = picture?.bytes ?? bytes;
  const hash = createHash('sha256').update(kept).digest('hex');
  const upload: Upload = picture
    ? { path: `media/${hash.slice(0, 32)}.${picture.extension}`, hash, width: picture.width, height: picture.height }
    : { path: `files/${hash.slice(0, 32)}.${safeExtension(name)}`, hash };
  await site.private.write(fileOf(upload.path), kept);
  await writeRecord(site, `upload/${upload.path}`, upload);
  await writePublic(site, upload.path, kept);
  return upload;
}

/** What is known of a file under the public folder; undefined for one that no upload made. */
export async function uploadAt(site: SiteHome, path: string): Promise<Upload | undefined> {
  return /^(media|files)\/[0-9a-f]{32}\.[a-z0-9]{2,5}$/.test(path)
    ? readRecord(site, `upload/${path}`, uploadSchema)
    : undefined;
}

/** The bytes of an upload; undefined where no upload has this path. */
export function readUpload(site: SiteHome, path: string): Promise<Buffer | undefined> {
  return site.private.read(fileOf(path));
}

function fileOf(path: string): string {
  return `uploads/${path.replace('/', '-')}`;
}

async function pictureOf(
  bytes: Buffer,
): Promise<{ bytes: Buffer; extension: string; width: number; height: number } | undefined> {
  try {
    const { format, pages = 1 } = await sharp(bytes, { limitInputPixels: maxPixels }).metadata();
    const kind =
      format === 'png' || format === 'webp' || format === 'gif'
        ? format
        : format === 'jpeg' || format === 'heif' || format === 'tiff'
          ? 'jpeg'
          : undefined;
    if (kind === undefined) return undefined;
    const moving = pages > 1 && (kind === 'gif' || kind === 'webp');
    const image = sharp(bytes, { limitInputPixels: maxPixels, animated: moving });
    const { data, info } = await (moving ? image : image.rotate())
      .resize({ width: maxEdge, height: maxEdge, fit: 'inside', withoutEnlargement: true })
      .toFormat(kind)
      .toBuffer({ resolveWithObject: true });
    return { bytes: data, extension: formats[kind], width: info.width, height: info.pageHeight ?? info.height };
  } catch {
    // Not a picture, or one too large to open.
    return undefined;
  }
}
