/** The outlines that the hub has: which regions have one, and which of those a warning's shapes meet. */
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { RegionOutline } from '../model/region-outline.js';
import type { Store } from '../store/store.js';
import { breathe } from '../tables/table.js';
import { Outline } from './outline.js';
import { meetOnGlobe, Ring } from './ring.js';
import { shapesOf } from './shape.js';

export interface Regions {
  /** Codes of regions that have an outline. */
  outlined: ReadonlySet<string>;
  /** Those of them that the shapes meet. */
  met: ReadonlySet<string>;
}

type Shapes = Parameters<typeof shapesOf>[0];

const kept = new WeakMap<Store, LRUCache<string, Regions>>();
/** Outlines read in one go: some may have a hundred thousand points. */
const atOnce = 20;

/** Worked out once for the same shapes and outlines. */
export async function regionsMet(store: Store, shapes: Shapes): Promise<Regions> {
  const newest = await store.regionOutlines.findOne({}, { at: 1 }).sort({ at: -1 }).lean();
  const known = kept.get(store) ?? new LRUCache<string, Regions>({ max: 20 });
  kept.set(store, known);
  const key = `${newest?.at.getTime() ?? 0}\n${JSON.stringify([shapes.polygons ?? [], shapes.circles ?? []])}`;
  const found = known.get(key) ?? (await meet(store, shapes));
  known.set(key, found);
  return found;
}

async function meet(store: Store, given: Shapes): Promise<Regions> {
  const shapes = shapesOf(given);
  const boxes = await store.regionOutlines.find({}, { box: 1 }).lean();
  const near = boxes.filter(({ box }) => shapes.some((shape) => meetOnGlobe(shape.box, box))).map(({ _id }) => _id);
  const met = new Set<string>();
  for (let at = 0; at < near.length; at += atOnce) {
    for (const row of await store.regionOutlines.find({ _id: { $in: near.slice(at, at + atOnce) } }).lean()) {
      const outline = outlineOf(row);
      if (shapes.some((shape) => shape.meets(outline))) met.add(row._id);
    }
    await breathe();
  }
  return { outlined: new Set(boxes.map(({ _id }) => _id)), met };
}

const coordinates = z.array(z.array(z.array(z.tuple([z.number(), z.number()]))));

export function outlineOf({ pieces }: Pick<RegionOutline, 'pieces'>): Outline {
  const ringOf = (line: [number, number][]): Ring => new Ring(line.map(([lon, lat]) => ({ lat, lon })));
  return new Outline(
    coordinates
      .parse(JSON.parse(pieces))
      .flatMap(([outer, ...holes]) => (outer ? [{ outer: ringOf(outer), holes: holes.map(ringOf) }] : [])),
  );
}
