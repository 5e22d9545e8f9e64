/** Makes of each picture what each channel accepts, before it is needed. Nothing here stands in front of publishing. */
import { readFile } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import type { Channel, PictureRule } from '../../channels/channel.js';
import type { Store } from '../store/store.js';
import { mediaFile, writeWhole } from './files.js';
import { wantedVariants } from './later.js';

/** JPEG and WebP qualities tried in turn before the picture is made smaller. */
const qualities = [88, 80, 70, 60, 50];
const shrink = 0.8;
const smallestEdge = 64;

/**
 * Makes every variant of a picture and marks it ready; done before, it does nothing. A picture that cannot be made to
 * fit is marked `refused` with the reason. Throws where the store or the disk does.
 */
export async function prepareMedium(
  store: Store,
  channels: ReadonlyMap<string, Channel>,
  folder: string,
  hash: string,
): Promise<void> {
  const medium = await store.media.findById(hash).lean();
  if (!medium || medium.width === undefined) return;
  const wanted = wantedVariants(channels);
  const missing = wanted.filter(({ variant }) => !medium.variants.includes(variant));
  if (missing.length === 0 && medium.state === 'ready') return;
  const original = await readFile(mediaFile(folder, hash));
  try {
    const made = [...medium.variants];
    for (const { variant, rule } of missing) {
      await writeWhole(mediaFile(folder, hash, variant), await fitPicture(original, rule));
      made.push(variant);
      await store.media.updateOne({ _id: hash }, { $set: { variants: made } });
    }
  } catch (error) {
    if (!(error instanceof CannotFit)) throw error;
    await store.media.updateOne({ _id: hash }, { $set: { state: 'refused', refusal: error.message } });
    return;
  }
  await store.media.updateOne(
    { _id: hash },
    { $set: { state: 'ready', variants: [...new Set([...medium.variants, ...wanted.map(({ variant }) => variant)])] } },
  );
}

class CannotFit extends Error {}

/** A picture within a channel's rule: as good as its bytes allow, then smaller. An animation that doesn't fit becomes its first frame. */
export async function fitPicture(original: Buffer, rule: PictureRule): Promise<Buffer> {
  const { width, height, hasAlpha, format } = await sharp(original).metadata();
  const own = formatOf(format);
  const inside = Math.max(width, height) <= rule.maxEdge && original.length <= rule.maxBytes;
  if (inside && !rule.ratio && own && rule.formats.includes(own)) return original;

  const target = chooseFormat(rule, own, hasAlpha);
  for (let edge = rule.maxEdge; edge >= smallestEdge; edge = Math.floor(edge * shrink)) {
    const base = sized(sharp(original), width, height, rule.ratio, edge);
    if (!hasAlpha || target === 'jpeg') base.flatten({ background: '#ffffff' });
    for (const bytes of attempts(base, target)) {
      const made = await bytes();
      if (made.length <= rule.maxBytes) return made;
    }
  }
  throw new CannotFit(`cannot be made smaller than ${rule.maxBytes} bytes`);
}

type Format = PictureRule['formats'][number];

function formatOf(format: string): Format | undefined {
  return format === 'jpeg' || format === 'png' || format === 'gif' || format === 'webp' ? format : undefined;
}

/** PNG stays PNG (it is mostly drawn: charts, text); what is transparent keeps its transparency where it may; else JPEG. */
function chooseFormat({ formats }: PictureRule, own: Format | undefined, hasAlpha: boolean): 'jpeg' | 'png' | 'webp' {
  const drawn = own === 'png' || own === 'gif' || hasAlpha;
  if (drawn && formats.includes('png')) return 'png';
  if (formats.includes('jpeg')) return 'jpeg';
  return formats.includes('webp') ? 'webp' : 'png';
}

function* attempts(base: Sharp, target: 'jpeg' | 'png' | 'webp'): Generator<() => Promise<Buffer>> {
  if (target === 'png') {
    yield () => base.clone().png({ compressionLevel: 9 }).toBuffer();
    yield () => base.clone().png({ compressionLevel: 9, palette: true, quality: 80 }).toBuffer();
    return;
  }
  for (const quality of qualities) {
    yield () =>
      (target === 'jpeg' ? base.clone().jpeg({ quality, mozjpeg: true }) : base.clone().webp({ quality })).toBuffer();
  }
}

/** Never enlarged. With a ratio, cut to where a person would look. */
function sized(picture: Sharp, width: number, height: number, ratio: number | undefined, edge: number): Sharp {
  if (!ratio) return picture.resize({ width: edge, height: edge, fit: 'inside', withoutEnlargement: true });
  const [cutWidth, cutHeight] = width / height > ratio ? [height * ratio, height] : [width, width / ratio];
  const scale = Math.min(1, edge / Math.max(cutWidth, cutHeight));
  return picture.resize({
    width: Math.max(1, Math.round(cutWidth * scale)),
    height: Math.max(1, Math.round(cutHeight * scale)),
    fit: 'cover',
    position: sharp.strategy.attention,
  });
}
