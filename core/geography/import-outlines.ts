/**
 * Outlines of regions come in as GeoJSON (RFC 7946): a FeatureCollection of Polygons and MultiPolygons, longitude first,
 * WGS 84, the code of each region in a property of its own. A feature that cannot be taken is refused by its number and
 * stops no other; features of one code are one outline.
 */
import { z } from 'zod';
import type { Said } from '../../channels/channel.js';
import { announceAct, type Doer } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import { counted, invalid, refuse, resultOf } from '../import-given.js';
import type { ImportResult } from '../import-result.js';
import { within, type Organization } from '../model/organization.js';
import type { RegionOutline } from '../model/region-outline.js';
import type { Store } from '../store/store.js';
import { breathe } from '../tables/table.js';
import { Ring } from './ring.js';

export const outlineBounds = { bytes: 50 * 1024 * 1024, features: 5_000, points: 100_000 };

/** Properties in which the makers of maps put the code and the name, the first that is there. */
const codeNames = ['code', 'adcode', 'gb', 'GB2260', '区划代码', '行政区划代码'];
const nameNames = ['name', 'NAME', '名称'];

export interface OutlineOptions {
  /** The property that holds the code, where it is none of the usual ones. */
  property?: string | undefined;
  dryRun?: boolean;
  /** Paths of units whose importer it is: theirs are the regions of these units and what lies in them. */
  places?: readonly string[];
  by?: Doer;
  now?: Date;
}

/** @throws LianfaError request_malformed, field_missing, field_invalid */
export async function importOutlines(
  store: Store,
  bytes: Buffer,
  { property, dryRun = false, places = [''], by = 'import', now = new Date() }: OutlineOptions = {},
): Promise<ImportResult> {
  const result = resultOf({ rows: [], refused: [], blank: 0, told: [] }, dryRun);
  const features = featuresOf(bytes);
  const drafts = new Map<string, Draft>();
  for (const [place, feature] of features.entries()) {
    if (place % 20 === 0) await breathe();
    try {
      const draft = draftOf(feature, place + 1, property);
      if (!(await isTheirs(store, draft.code, places))) throw invalid('properties', notYours);
      addTo(drafts, draft);
    } catch (error) {
      refuse(result.refused, place + 1, error);
    }
  }
  const changes: RegionOutline[] = [];
  let more = 0;
  for (const draft of drafts.values()) {
    more += draft.also;
    const before = await store.regionOutlines.findById(draft.code).lean();
    const row = rowOf(draft, now);
    const fields = (['name', 'pieces'] as const).filter((field) => before?.[field] !== row[field]);
    if (fields.length === 0) continue;
    changes.push(row);
    const name = `${row._id} ${row.name}`;
    result.changes.push({ row: draft.row, is: before ? 'updated' : 'created', name, fields: [...fields] });
  }
  if (!dryRun && changes.length > 0) await write(store, changes, by);
  return counted(result, features.length - more);
}

/** One of their units carries the code, or that of the city or province around it. */
async function isTheirs(store: Store, code: string, places: readonly string[]): Promise<boolean> {
  if (places.includes('')) return true;
  const around = [code, `${code.slice(0, 4)}00`, `${code.slice(0, 2)}0000`];
  return (
    (await store.organizations.exists({ $and: [within<Organization>(places), { region: { $in: around } }] })) !== null
  );
}

interface Draft {
  row: number;
  code: string;
  name: string;
  pieces: [number, number][][][];
  points: number;
  /** Further features of the same code. */
  also: number;
}

const feature = z.object({
  properties: z.record(z.string(), z.unknown()).nullish(),
  geometry: z.object({ type: z.string(), coordinates: z.unknown() }).nullish(),
});
const position = z.array(z.number()).min(2).max(4);
const polygon = z.array(z.array(position)).min(1);
const multiPolygon = z.array(polygon).min(1);

/** @throws LianfaError request_malformed, field_missing, field_invalid */
function featuresOf(bytes: Buffer): unknown[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new LianfaError('request_malformed', {}, { cause: error });
  }
  const list = z.object({ features: z.array(z.unknown()) }).safeParse(parsed).data?.features;
  if (!list) throw new LianfaError('field_missing', { field: 'features' });
  if (list.length > outlineBounds.features) throw invalid('features', tooMany);
  return list;
}

function draftOf(given: unknown, row: number, property: string | undefined): Draft {
  const read = feature.safeParse(given).data;
  const properties = read?.properties ?? {};
  const code = textIn(properties, property === undefined ? codeNames : [property]);
  // Some maps write the code of a county with the zeros of its towns.
  const six = code?.replace(/^(\d{6})(?:0{3}|0{6})$/, '$1') ?? '';
  if (!/^\d{6}$/.test(six)) throw invalid('properties', property === undefined ? noCode : noCodeIn(property));
  const pieces = piecesOf(read?.geometry ?? undefined);
  const points = pieces.flat(2).length;
  if (points > outlineBounds.points) throw invalid('geometry', tooLong);
  return { row, code: six, name: textIn(properties, nameNames) ?? six, pieces, points, also: 0 };
}

function textIn(properties: Record<string, unknown>, names: readonly string[]): string | undefined {
  const value = names.map((name) => properties[name]).find((one) => one !== undefined && one !== null && one !== '');
  return typeof value === 'number' || typeof value === 'string' ? String(value).trim().slice(0, 100) : undefined;
}

/** @throws LianfaError field_invalid */
function piecesOf(geometry: { type: string; coordinates?: unknown } | undefined): Draft['pieces'] {
  const of = { Polygon: z.tuple([polygon]), MultiPolygon: multiPolygon };
  if (geometry?.type !== 'Polygon' && geometry?.type !== 'MultiPolygon') throw invalid('geometry', noPolygon);
  const given = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  const read = of[geometry.type].safeParse(given);
  if (!read.success) throw invalid('geometry', noPolygon);
  return read.data.map((lines) => lines.map(lineOf));
}

function lineOf(line: number[][]): [number, number][] {
  const points = line.map(([lon = NaN, lat = NaN]): [number, number] => [lon, lat]);
  const [first, last] = [points[0], points.at(-1)];
  if (points.length < 4 || first?.[0] !== last?.[0] || first?.[1] !== last?.[1]) throw invalid('geometry', notClosed);
  if (points.some(([lon, lat]) => !(Math.abs(lon) <= 180 && Math.abs(lat) <= 90))) throw invalid('geometry', offGlobe);
  return points;
}

function addTo(drafts: Map<string, Draft>, draft: Draft): void {
  const before = drafts.get(draft.code);
  if (!before) {
    drafts.set(draft.code, draft);
    return;
  }
  if (before.points + draft.points > outlineBounds.points) throw invalid('geometry', tooLong);
  before.pieces.push(...draft.pieces);
  before.points += draft.points;
  before.also += 1;
}

function rowOf({ code, name, pieces, points }: Draft, at: Date): RegionOutline {
  const boxes = pieces.flatMap(([outer]) => (outer ? [new Ring(outer.map(([lon, lat]) => ({ lat, lon }))).box] : []));
  const box = {
    south: Math.min(...boxes.map(({ south }) => south)),
    north: Math.max(...boxes.map(({ north }) => north)),
    west: Math.min(...boxes.map(({ west }) => west)),
    east: Math.max(...boxes.map(({ east }) => east)),
  };
  return { _id: code, name, pieces: JSON.stringify(pieces), points, box, at };
}

async function write(store: Store, rows: readonly RegionOutline[], by: Doer): Promise<void> {
  for (let at = 0; at < rows.length; at += 50) {
    const part = rows.slice(at, at + 50);
    const after = part.map(({ _id, name, points }) => ({ code: _id, name, points }));
    await announceAct(store, { act: 'region.outline', outcome: 'done', who: by, on: {}, after });
    await store.regionOutlines.bulkWrite(
      part.map(({ _id, ...row }) => ({ updateOne: { filter: { _id }, update: { $set: row }, upsert: true } })),
      { ordered: false },
    );
  }
}

const tooMany: Said = {
  zh: `一个文件最多 ${outlineBounds.features} 个区域。`,
  en: `at most ${outlineBounds.features} features in a file.`,
};
const tooLong: Said = {
  zh: `一个区域的边界最多 ${outlineBounds.points} 个点，请先简化。`,
  en: `the outline of one region has at most ${outlineBounds.points} points; simplify it first.`,
};
const notYours: Said = {
  zh: '这个地区没有您管理的单位。',
  en: 'none of the units that you manage lies in this region.',
};
const noCode: Said = {
  zh: `没有 6 位行政区划代码（属性 ${codeNames.join('、')} 之一；其他属性名请用 --property 指明）。`,
  en: `there is no region code of six digits in any of the properties ${codeNames.join(', ')}; name another with --property.`,
};
const noCodeIn = (property: string): Said => ({
  zh: `属性“${property}”里没有 6 位行政区划代码。`,
  en: `the property "${property}" holds no region code of six digits.`,
});
const noPolygon: Said = {
  zh: '不是由经纬度组成的 Polygon 或 MultiPolygon。',
  en: 'it is no Polygon or MultiPolygon of longitudes and latitudes.',
};
const notClosed: Said = {
  zh: '一条边界至少要有四个点，且最后一个点与第一个相同。',
  en: 'a line has at least four points, the last the same as the first.',
};
const offGlobe: Said = {
  zh: '经度应在 ±180 以内、纬度在 ±90 以内（经度在前，WGS 84）。',
  en: 'longitudes lie within ±180 and latitudes within ±90, longitude first, WGS 84.',
};
