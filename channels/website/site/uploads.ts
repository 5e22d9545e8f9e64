/** Files that others send to a site's media endpoint. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import { readIfThere, writeWhole, type SiteFolder } from './files.js';
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
const formats = { jpeg: 'jpg', png: 'png', webp: 'webp' } as const;

/** Keeps a picture (upright, without EXIF and place, bounded) or a document under the name of its content. Undefined for what a site does not take. */
export async function keepUpload(site: SiteFolder, name: string, bytes: Buffer): Promise<Upload | undefined> {
  const picture = await pictureOf(bytes);
  if (!picture && safeExtension(name) === 'bin') return undefined;
  const kept = picture?.bytes ?? bytes;
  const hash = createHash('sha256').update(kept).digest('hex');
  const upload: Upload = picture
    ? { path: `media/${hash.slice(0, 32)}.${picture.extension}`, hash, width: picture.width, height: picture.height }
    : { path: `files/${hash.slice(0, 32)}.${safeExtension(name)}`, hash };
  await writeWhole(join(site.public, upload.path), kept);
  await writeWhole(recordOf(site, upload.path), JSON.stringify(upload), 0o600);
  return upload;
}

/** What is known of a file under the public folder; undefined for one that no upload made. */
export async function uploadAt(site: SiteFolder, path: string): Promise<Upload | undefined> {
  if (!/^(media|files)\/[0-9a-f]{32}\.[a-z0-9]{2,5}$/.test(path)) return undefined;
  const bytes = await readIfThere(recordOf(site, path));
  return bytes && uploadSchema.parse(JSON.parse(bytes.toString('utf8')));
}

function recordOf(site: SiteFolder, path: string): string {
  return join(site.state, 'uploads', `${path.replace('/', '-')}.json`);
}

async function pictureOf(
  bytes: Buffer,
): Promise<{ bytes: Buffer; extension: string; width: number; height: number } | undefined> {
  try {
    const image = sharp(bytes, { limitInputPixels: maxPixels });
    const { format } = await image.metadata();
    const kind =
      format === 'png' || format === 'webp'
        ? format
        : format === 'jpeg' || format === 'gif' || format === 'heif' || format === 'tiff'
          ? 'jpeg'
          : undefined;
    if (kind === undefined) return undefined;
    const { data, info } = await image
      .rotate()
      .resize({ width: maxEdge, height: maxEdge, fit: 'inside', withoutEnlargement: true })
      .toFormat(kind)
      .toBuffer({ resolveWithObject: true });
    return { bytes: data, extension: formats[kind], width: info.width, height: info.height };
  } catch {
    // Not a picture, or one too large to open.
    return undefined;
  }
}
