/** Makes of each picture what each channel accepts, before it is needed. Nothing here stands in front of publishing. */
import sharp, { type Sharp } from 'sharp';
import type { Channel, PictureRule } from '../../channels/channel.js';
import type { Files } from '../../channels/files.js';
import { isTall, piecesOf } from '../../channels/tall-pictures.js';
import type { Store } from '../store/store.js';
import { mediaFile } from './files.js';
import { wantedVariants } from './later.js';

/** JPEG and WebP qualities tried in turn before the picture is made smaller. */
const qualities = [88, 80, 70, 60, 50];
const shrink = 0.8;
const smallestEdge = 64;

/**
 * Makes every variant of a picture and marks it ready; done before, it does nothing. A picture that cannot be made to
 * fit is marked `refused` with the reason. Throws where the store or the library does.
 */
export async function prepareMedium(
  store: Store,
  channels: ReadonlyMap<string, Channel>,
  library: Files,
  hash: string,
): Promise<void> {
  const medium = await store.media.findById(hash).lean();
  if (!medium || medium.width === undefined) return;
  const wanted = wantedVariants(channels);
  const missing = wanted.filter(({ variant }) => !medium.variants.includes(variant));
  if (missing.length === 0 && medium.state === 'ready') return;
  const original = await library.read(mediaFile(hash));
  if (!original) throw new Error(`the picture ${hash} is not in the library`);
  try {
    const made = [...medium.variants];
    for (const { variant, rule } of missing) {
      for (const [index, piece] of (await fitPicture(original, rule)).entries())
        await library.write(mediaFile(hash, index === 0 ? variant : `${variant}.${index + 1}`), piece);
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

/**
 * A picture within a channel's rule: as good as its bytes allow, then smaller. One file, or the pieces of a tall one from
 * the top down. An animation stays one where the channel shows any.
 * @throws CannotFit
 */
export async function fitPicture(original: Buffer, rule: PictureRule): Promise<Buffer[]> {
  const { width, height: whole, pageHeight, pages = 1, hasAlpha, format } = await sharp(original).metadata();
  const height = pageHeight ?? whole;
  const own = formatOf(format);
  const tall = !rule.ratio && isTall(width, height);
  const size: Size = { width, height, tall };
  const room = tall ? (rule.tallBytes ?? rule.maxBytes) : rule.maxBytes;
  const pieces = rule.ratio ? 1 : piecesOf(rule, { width, height });
  const inside = (tall ? width : Math.max(width, height)) <= rule.maxEdge && original.length <= room;
  if (inside && pieces === 1 && !rule.ratio && own && rule.formats.includes(own)) return [original];

  const moving = rule.formats.find((known) => known === 'gif') ?? rule.formats.find((known) => known === 'webp');
  if (pages > 1 && moving && !rule.ratio && pieces === 1) return [await fitMoving(original, size, rule, moving, room)];
  const targets = chooseFormats(rule, own, hasAlpha);
  if (pieces > 1) return fitPieces(original, size, rule, targets, pieces);
  const base = (edge: number): Sharp => flattened(sized(sharp(original), size, rule.ratio, edge), hasAlpha, targets);
  return [await smallEnough(base, targets, rule.maxEdge, room)];
}

interface Size {
  width: number;
  height: number;
  tall: boolean;
}

async function smallEnough(
  base: (edge: number) => Sharp,
  targets: readonly Still[],
  maxEdge: number,
  room: number,
): Promise<Buffer> {
  for (let edge = maxEdge; edge >= smallestEdge; edge = Math.floor(edge * shrink)) {
    const picture = base(edge);
    for (const bytes of targets.flatMap((target) => [...attempts(picture, target)])) {
      const made = await bytes();
      if (made.length <= room) return made;
    }
  }
  throw new CannotFit(`cannot be made smaller than ${room} bytes`);
}

async function fitMoving(
  original: Buffer,
  size: Size,
  { maxEdge }: PictureRule,
  format: 'gif' | 'webp',
  room: number,
): Promise<Buffer> {
  const largest = Math.min(maxEdge, size.tall ? size.width : Math.max(size.width, size.height));
  for (let edge = largest; ;) {
    const picture = sized(sharp(original, { animated: true }), size, undefined, edge);
    const made = await (format === 'gif' ? picture.gif({ effort: 4 }) : picture.webp({ quality: 75 })).toBuffer();
    if (made.length <= room) return made;
    if (edge <= smallestEdge) throw new CannotFit(`cannot be made smaller than ${room} bytes while it moves`);
    // Bytes go by area: straight to where it should fit.
    edge = Math.max(smallestEdge, Math.floor(edge * Math.min(shrink, Math.sqrt(room / made.length))));
  }
}

/** From the top down, cut where the picture is blankest near the even division. */
async function fitPieces(
  original: Buffer,
  { width, height }: Size,
  rule: PictureRule,
  targets: readonly Still[],
  count: number,
): Promise<Buffer[]> {
  const wide = Math.min(width, rule.maxEdge);
  const high = Math.round((height * wide) / width);
  const scaled = await flattened(sharp(original).resize(wide, high, { fit: 'fill' }), true, targets)
    .png({ compressionLevel: 1 })
    .toBuffer();
  const cuts = [0, ...(await blankRows(scaled, high, count)), high];
  const pieces: Buffer[] = [];
  for (const [index, top] of cuts.slice(0, -1).entries()) {
    const piece = await sharp(scaled)
      .extract({ left: 0, top, width: wide, height: (cuts[index + 1] ?? high) - top })
      .toBuffer();
    const base = (edge: number): Sharp =>
      sharp(piece).resize({ width: Math.round((wide * edge) / rule.maxEdge), withoutEnlargement: true });
    pieces.push(await smallEnough(base, targets, rule.maxEdge, rule.maxBytes));
  }
  return pieces;
}

/** Columns that are looked at; a line of words is dark in some of them. */
const looked = 160;

/** Where to cut into so many pieces: within a quarter of a piece of the even division, the row whose pixels differ least. */
async function blankRows(picture: Buffer, height: number, count: number): Promise<number[]> {
  const grey = await sharp(picture).resize(looked, height, { fit: 'fill' }).greyscale().raw().toBuffer();
  const contrast = (row: number): number => {
    let [least, most] = [255, 0];
    for (const value of grey.subarray(row * looked, (row + 1) * looked)) {
      if (value < least) least = value;
      if (value > most) most = value;
    }
    return most - least;
  };
  const even = height / count;
  return Array.from({ length: count - 1 }, (_, index) => {
    const wanted = Math.round(even * (index + 1));
    let best = { row: wanted, contrast: contrast(wanted) };
    for (let away = 1; away < even / 4 && best.contrast > 4; away += 1)
      for (const row of [wanted - away, wanted + away]) {
        const found = contrast(row);
        if (found < best.contrast - 4) best = { row, contrast: found };
      }
    return best.row;
  });
}

type Format = PictureRule['formats'][number];
type Still = Exclude<Format, 'gif'>;

function formatOf(format: string): Format | undefined {
  return format === 'jpeg' || format === 'png' || format === 'gif' || format === 'webp' ? format : undefined;
}

/**
 * PNG stays PNG (it is mostly drawn: charts, text); what is transparent keeps its transparency where it may; else JPEG. An
 * opaque PNG becomes JPEG before it loses its size.
 */
function chooseFormats({ formats }: PictureRule, own: Format | undefined, hasAlpha: boolean): Still[] {
  const drawn = own === 'png' || own === 'gif' || hasAlpha;
  const jpeg: Still[] = formats.includes('jpeg') ? ['jpeg'] : [];
  if (drawn && formats.includes('png')) return hasAlpha ? ['png'] : ['png', ...jpeg];
  if (jpeg.length > 0) return jpeg;
  return formats.includes('webp') ? ['webp'] : ['png'];
}

/** Where nothing may be transparent, white lies behind. */
function flattened(picture: Sharp, hasAlpha: boolean, targets: readonly Still[]): Sharp {
  return !hasAlpha || targets.includes('jpeg') ? picture.flatten({ background: '#ffffff' }) : picture;
}

function* attempts(base: Sharp, target: Still): Generator<() => Promise<Buffer>> {
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

/** Never enlarged. With a ratio, cut to where a person would look; a tall picture is bounded by its width. */
function sized(picture: Sharp, { width, height, tall }: Size, ratio: number | undefined, edge: number): Sharp {
  if (!ratio)
    return picture.resize({ width: edge, ...(!tall && { height: edge }), fit: 'inside', withoutEnlargement: true });
  const [cutWidth, cutHeight] = width / height > ratio ? [height * ratio, height] : [width, width / ratio];
  const scale = Math.min(1, edge / Math.max(cutWidth, cutHeight));
  return picture.resize({
    width: Math.max(1, Math.round(cutWidth * scale)),
    height: Math.max(1, Math.round(cutHeight * scale)),
    fit: 'cover',
    position: sharp.strategy.attention,
  });
}
