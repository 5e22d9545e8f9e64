/** Small pictures inside a preview: its frame has no address and no cookie, so nothing can be loaded into it. */
import { LRUCache } from 'lru-cache';
import sharp from 'sharp';
import type { Files } from '../../channels/files.js';
import { isTall } from '../../channels/tall-pictures.js';
import { mediaFile } from './files.js';

const edge = 640;
/** What WebP can hold. */
const tallest = 16_383;
const made = new LRUCache<string, string>({ maxSize: 16 * 1024 * 1024, sizeCalculation: (uri) => uri.length });

/** Puts small copies in place of every `media:HASH` of a preview. What is not in the library stays as it is. */
export async function inlinePictures(html: string, library: Files): Promise<string> {
  const hashes = new Set([...html.matchAll(/media:([0-9a-f]{64})/g)].map((match) => match[1] ?? ''));
  const uris = new Map<string, string>();
  for (const hash of hashes) {
    const uri = await dataUri(library, hash);
    if (uri !== undefined) uris.set(hash, uri);
  }
  return html.replace(/media:([0-9a-f]{64})/g, (whole, hash: string) => uris.get(hash) ?? whole);
}

async function dataUri(library: Files, hash: string): Promise<string | undefined> {
  const file = mediaFile(hash);
  const known = made.get(file);
  if (known !== undefined) return known;
  const bytes = await library.read(file);
  if (!bytes) return undefined;
  const { width, height } = await sharp(bytes).metadata();
  const small = await sharp(bytes)
    .resize({ width: edge, height: isTall(width, height) ? tallest : edge, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 70 })
    .toBuffer();
  const uri = `data:image/webp;base64,${small.toString('base64')}`;
  made.set(file, uri);
  return uri;
}
