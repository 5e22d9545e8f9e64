/** Copies of pictures that say 演练: they alone stand in an exercise, and never in anything else. */
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { withDrillMark } from '../../channels/drill-mark.js';
import type { Files } from '../../channels/files.js';
import type { Medium } from '../model/medium.js';
import { isDuplicate } from '../store/duplicates.js';
import type { Store } from '../store/store.js';
import { mediaFile } from './files.js';
import { pictureMime } from './kind.js';

interface CopyMeans {
  store: Store;
  library: Files;
  /** Orders the variants of a picture to be made. */
  prepare(hash: string): Promise<void>;
}

/** Makes the copies that are not there yet; what is no picture of the library, or a copy itself, has none. */
export async function makeDrillCopies(
  { store, library, prepare }: CopyMeans,
  hashes: readonly string[],
): Promise<void> {
  const pictures = await store.media.find({ _id: { $in: [...new Set(hashes)] } }).lean();
  for (const picture of pictures) {
    if (picture.width === undefined || picture.drill !== undefined || picture.drillOf !== undefined) continue;
    const hash = await makeCopy(store, library, picture);
    await store.media.updateOne({ _id: picture._id }, { $set: { drill: hash } });
    await prepare(hash);
  }
}

async function makeCopy(store: Store, library: Files, { _id: drillOf, ...of }: Medium): Promise<string> {
  const original = await library.read(mediaFile(drillOf));
  if (!original) throw new Error(`the picture ${drillOf} is not in the library`);
  const bytes = await withDrillMark(original);
  const hash = createHash('sha256').update(bytes).digest('hex');
  const { width, height } = await sharp(bytes).metadata();
  await library.write(mediaFile(hash), bytes);
  const { name, units, createdBy, moving } = of;
  const copy: Medium = {
    ...{ _id: hash, drillOf, name, units, createdBy, width, height },
    ...{ mime: pictureMime(bytes) ?? of.mime, bytes: bytes.length, createdAt: new Date(), variants: [] },
    ...(moving && { moving }),
    state: 'preparing',
  };
  await store.media.create(copy).catch((error: unknown) => {
    // Two may make the same one at once.
    if (!isDuplicate(error)) throw error;
  });
  return hash;
}

/** For each picture named, what an exercise shows in its place, or what anything else does. Pictures without a copy are left out. */
export async function standIns(
  store: Store,
  hashes: readonly string[],
  drill: boolean,
): Promise<ReadonlyMap<string, string>> {
  const named = await store.media
    .find({ _id: { $in: [...new Set(hashes)] } }, { drill: 1, drillOf: 1, width: 1 })
    .lean();
  return new Map(
    named.flatMap(({ _id, drill: copy, drillOf: original }) => {
      const other = drill ? copy : original;
      return other === undefined ? [] : [[_id, other] as const];
    }),
  );
}

/** Those of the media that an exercise may not show: pictures that do not say 演练. */
export async function unmarkedAmong(store: Store, hashes: readonly string[]): Promise<Medium[]> {
  const media = await store.media.find({ _id: { $in: [...new Set(hashes)] } }).lean();
  return media.filter(({ width, drillOf }) => width !== undefined && drillOf === undefined);
}
