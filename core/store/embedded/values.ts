/**
 * Values as documents hold them, as JSON text and as SQLite cells. Both forms keep BSON's order of types: null, numbers,
 * strings, objects, arrays, booleans, dates. What JSON lacks is a string behind U+10FFFF, which sorts after every other.
 */
import type { Cell } from './binding.js';
import { isDate } from 'node:util/types';
import { refuse } from './errors.js';

export type Document = Record<string, unknown>;

export const tag = '\u{10FFFF}';
const dateTag = `${tag}d`;
const stringTag = `${tag}s`;

export function isPlainObject(value: unknown): value is Document {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Whatever realm it comes from (a worker, a test's sandbox): its prototype is the end of the chain.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The document as JSON text. Throws where it holds a value that this store does not keep. */
export function encode(document: Document): string {
  try {
    return JSON.stringify(toJson(document));
  } catch {
    // To know on every way where in the document one is would cost as much as the values: only a refusal is walked again.
    trail = [];
    try {
      return JSON.stringify(toJson(document));
    } finally {
      trail = undefined;
    }
  }
}

/** Throws where a value holds one that this store does not keep. */
export function requireKept(value: unknown, path = ''): void {
  trail = path ? [path] : [];
  try {
    toJson(value);
  } finally {
    trail = undefined;
  }
}

/** Where in the document `toJson` is, while somebody will ask. */
let trail: string[] | undefined;

/** A value as JSON can carry it: the value itself where it can as it is, for most of a document needs no copy. A field that is `undefined` is absent. */
function toJson(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return isTagged(value) ? stringTag + value : value;
    case 'number':
      if (!Number.isFinite(value)) refuse(`the number ${String(value)} in "${whereIs()}"`);
      return value;
    case 'boolean':
    case 'undefined':
      return value;
    case 'object':
      return objectToJson(value);
    default:
      return refuse(`a ${typeof value} in "${whereIs()}"`);
  }
}

function objectToJson(value: object | null): unknown {
  if (value === null) return null;
  if (isDate(value)) return dateTag + isoOf(value);
  if (Array.isArray(value)) return listToJson(value);
  if (!isPlainObject(value)) return refuse(`a ${value.constructor.name} in "${whereIs()}"`);
  let copy: Document | undefined;
  for (const key of Object.keys(value)) {
    if (key === '__proto__') refuse('a field named __proto__');
    trail?.push(key);
    const field = value[key];
    const json = toJson(field);
    trail?.pop();
    if (json === field) continue;
    copy ??= { ...value };
    copy[key] = json;
  }
  return copy ?? value;
}

function listToJson(list: readonly unknown[]): unknown {
  let copy: unknown[] | undefined;
  for (let index = 0; index < list.length; index += 1) {
    const json = toJson(list[index]);
    if (json === list[index]) continue;
    copy ??= [...list];
    copy[index] = json;
  }
  return copy ?? list;
}

function isTagged(text: string): boolean {
  return text.charCodeAt(0) === 0xdbff && text.startsWith(tag);
}

function whereIs(): string {
  return trail?.join('.') ?? '';
}

/** Texts of dates, by their last bits: the rows of a batch have mostly the same few hundred. */
const isoTexts = Array.from({ length: 1024 }, () => ({ time: NaN, iso: '' }));

/** ISO text of a date from year 0 to 9999, so that text order is time order. */
function isoOf(date: Date, path?: string): string {
  const time = date.getTime();
  if (!(time >= -62_167_219_200_000 && time < 253_402_300_800_000))
    refuse(`the date ${String(date)} in "${path ?? whereIs()}"`);
  const kept = isoTexts[time & 1023] as { time: number; iso: string };
  if (time !== kept.time) {
    kept.iso = date.toISOString();
    kept.time = time;
  }
  return kept.iso;
}

/** A copy that shares nothing. structuredClone would refuse the proxies that mongoose makes of arrays. */
export function copyOf<T>(value: T): T;
export function copyOf(value: unknown): unknown {
  if (isDate(value)) return new Date(value);
  if (Array.isArray(value)) return Array.from(value, (element: unknown) => copyOf(element));
  return isPlainObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyOf(inner)]))
    : value;
}

export function decode(json: string): Document {
  const value: unknown = JSON.parse(json);
  if (!isPlainObject(value)) throw new Error('The store holds a row that is no document.');
  revive(value);
  return value;
}

/** Parsed JSON holds plain objects and lists only: what is neither text nor object is as it was. */
function revive(holder: Document | unknown[]): void {
  if (Array.isArray(holder)) {
    for (let index = 0; index < holder.length; index += 1) {
      const value: unknown = holder[index];
      if (typeof value === 'string') holder[index] = revivedText(value);
      else if (typeof value === 'object' && value !== null) revive(value as Document);
    }
    return;
  }
  for (const key in holder) {
    const value = holder[key];
    if (typeof value === 'string') {
      if (value.charCodeAt(0) === 0xdbff) holder[key] = revivedText(value);
    } else if (typeof value === 'object' && value !== null) revive(value as Document);
  }
}

function revivedText(text: string): unknown {
  if (text.startsWith(dateTag)) return new Date(text.slice(dateTag.length));
  return text.startsWith(stringTag) ? text.slice(stringTag.length) : text;
}

/** A scalar as a cell of an indexed column. Absent and null are the same there, as in a MongoDB index. */
export function toCell(value: unknown, path: string): Cell {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'string') {
    if (value.includes('\0') || value.startsWith(tag))
      refuse(`a string with NUL or U+10FFFF in the indexed field "${path}"`);
    return value;
  }
  if (typeof value === 'boolean') return `${tag}b${value ? '1' : '0'}`;
  if (isDate(value)) return dateTag + isoOf(value, path);
  return refuse(`an object or array in the indexed field "${path}"`);
}

export function fromCell(cell: Cell): unknown {
  if (typeof cell !== 'string' || !cell.startsWith(tag)) return cell;
  return cell.startsWith(dateTag) ? new Date(cell.slice(dateTag.length)) : cell.endsWith('1');
}

type Rank = 1 | 2 | 3 | 4 | 5 | 8 | 9;

/** Place of a value's type in BSON's order. Values of different types never compare in a range. */
export function rankOf(value: unknown): Rank {
  if (value === undefined || value === null) return 1;
  if (typeof value === 'number') return 2;
  if (typeof value === 'string') return 3;
  if (typeof value === 'boolean') return 8;
  if (isDate(value)) return 9;
  return Array.isArray(value) ? 5 : 4;
}

/** BSON's total order. Strings by code point, as both stores sort them. */
export function compare(left: unknown, right: unknown): number {
  const byType = rankOf(left) - rankOf(right);
  if (byType !== 0) return byType;
  if (typeof left === 'string' && typeof right === 'string') {
    return left === right ? 0 : Buffer.compare(Buffer.from(left), Buffer.from(right));
  }
  if (Array.isArray(left) && Array.isArray(right)) return compareLists(left, right);
  if (isPlainObject(left) && isPlainObject(right)) return compareObjects(left, right);
  return Number(left ?? 0) - Number(right ?? 0);
}

function compareLists(left: readonly unknown[], right: readonly unknown[]): number {
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const order = compare(left[index], right[index]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareObjects(left: Document, right: Document): number {
  const leftFields = Object.entries(left);
  const rightFields = Object.entries(right);
  for (let index = 0; index < Math.min(leftFields.length, rightFields.length); index += 1) {
    const [leftName, leftValue] = leftFields[index] ?? ['', undefined];
    const [rightName, rightValue] = rightFields[index] ?? ['', undefined];
    const order =
      rankOf(leftValue) - rankOf(rightValue) || compare(leftName, rightName) || compare(leftValue, rightValue);
    if (order !== 0) return order;
  }
  return leftFields.length - rightFields.length;
}

export function equal(left: unknown, right: unknown): boolean {
  return compare(left, right) === 0;
}

/** The value at a dotted path that crosses no array; `undefined` where there is none. */
export function valueAt(document: Document, path: string): unknown {
  if (!path.includes('.')) return document[path];
  let value: unknown = document;
  for (const part of path.split('.')) {
    if (Array.isArray(value)) refuse(`an array on the way to the indexed field "${path}"`);
    if (!isPlainObject(value)) return undefined;
    value = Object.hasOwn(value, part) ? value[part] : undefined;
  }
  return value;
}
