/** Single writes and bulk writes, carried out inside one SQLite transaction. */
import { tableFor, tableOf, type Opened } from './database.js';
import { refuse } from './errors.js';
import { readFilter, type Condition } from './filter.js';
import {
  deleteRow,
  insertRow,
  replaceGuarded,
  selectAll,
  updateRow,
  type Found,
  type Guard,
  type Sort,
} from './rows.js';
import { cellsOf, type Table } from './tables.js';
import { apply, checkReplacement, idOf, readUpdate, seedOf, type Update } from './update.js';
import { encode, isPlainObject, type Document } from './values.js';

export type Write =
  | { kind: 'insert'; document: Document; json: string }
  | { kind: 'update'; condition: Condition; update: Update; upsert: boolean; many: boolean; sort: Sort }
  | {
      kind: 'replace';
      condition: Condition;
      replacement: Document;
      upsert: boolean;
      sort: Sort;
      guard: Guard | undefined;
    }
  | { kind: 'delete'; condition: Condition; many: boolean; sort: Sort };

export interface Written {
  inserted: number;
  matched: number;
  modified: number;
  deleted: number;
  upserted?: string;
}

export const nothing: Written = { inserted: 0, matched: 0, modified: 0, deleted: 0 };

/** What one write did, with the document as it was and as it became, for findOneAnd…. */
export interface Outcome extends Written {
  before?: Document;
  after?: Document;
}

export function insertOf(document: unknown): Write {
  if (!isPlainObject(document)) return refuse('a document that is no plain object');
  idOf(document);
  return { kind: 'insert', document, json: encode(document) };
}

export function updateOf(
  filter: unknown,
  update: unknown,
  options: { upsert?: unknown; many?: boolean; sort?: Sort } = {},
): Write {
  return {
    kind: 'update',
    condition: readFilter(filter),
    update: readUpdate(update),
    upsert: options.upsert === true,
    many: options.many === true,
    sort: options.sort ?? [],
  };
}

export function replaceOf(
  filter: unknown,
  replacement: unknown,
  options: { upsert?: unknown; sort?: Sort } = {},
): Write {
  const condition = readFilter(filter);
  const document = checkReplacement(replacement);
  const upsert = options.upsert === true;
  return {
    kind: 'replace',
    condition,
    replacement: document,
    upsert,
    sort: options.sort ?? [],
    guard: upsert ? undefined : guardOf(filter, document),
  };
}

export function deleteOf(filter: unknown, options: { many?: boolean; sort?: Sort } = {}): Write {
  return { kind: 'delete', condition: readFilter(filter), many: options.many === true, sort: options.sort ?? [] };
}

function guardOf(filter: unknown, replacement: Document): Guard | undefined {
  if (!isPlainObject(filter)) return undefined;
  const { _id: id, ...others } = filter;
  const [[path, value] = [], ...more] = Object.entries(others);
  if (
    typeof id !== 'string' ||
    path === undefined ||
    typeof value !== 'number' ||
    more.length > 0 ||
    path.includes('.')
  )
    return undefined;
  return replacement[path] === value ? undefined : { id, path, value };
}

/** Carries out one write. Throws MongoDB's errors. */
export function perform(at: Opened, collection: string, write: Write): Outcome {
  switch (write.kind) {
    case 'insert':
      insertRow(at.file, tableFor(at, collection), write.document, write.json);
      return { ...nothing, inserted: 1 };
    case 'update':
      return update(at, collection, write);
    case 'replace':
      return replace(at, collection, write);
    case 'delete':
      return remove(at, collection, write);
  }
}

function pick(at: Opened, table: Table | undefined, condition: Condition, sort: Sort, many: boolean): Found[] {
  return table ? selectAll(at.file, table, { condition, sort, skip: 0, limit: many ? 0 : 1 }) : [];
}

function update(at: Opened, collection: string, write: Extract<Write, { kind: 'update' }>): Outcome {
  const table = tableOf(at, collection);
  const found = pick(at, table, write.condition, write.sort, write.many);
  if (!table || found.length === 0) {
    if (!write.upsert) return nothing;
    const made = seedOf(write.condition);
    apply(write.update, made, true);
    return upsert(at, collection, made);
  }
  const outcome: Outcome = { ...nothing, matched: found.length };
  for (const { row, json, document } of found) {
    const before = structuredClone(document);
    const cells = cellsOf(table, document);
    apply(write.update, document, false);
    if (updateRow(at.file, table, row, { json, cells }, document)) outcome.modified += 1;
    outcome.before = before;
    outcome.after = document;
  }
  return outcome;
}

function replace(at: Opened, collection: string, write: Extract<Write, { kind: 'replace' }>): Outcome {
  const table = tableOf(at, collection);
  if (table && write.guard && table.columns.has(write.guard.path)) {
    const { guard, replacement } = write;
    const after = checkReplacement(replacement, guard.id);
    const done = replaceGuarded(at.file, table, guard, '_id' in after ? after : { _id: guard.id, ...after });
    return done ? { ...nothing, matched: 1, modified: 1 } : nothing;
  }
  const [found] = pick(at, table, write.condition, write.sort, false);
  if (!table || !found) {
    if (!write.upsert) return nothing;
    const seed = seedOf(write.condition);
    return upsert(at, collection, {
      ...('_id' in seed && { _id: seed['_id'] }),
      ...checkReplacement(write.replacement, '_id' in seed ? String(seed['_id']) : undefined),
    });
  }
  const after = { _id: found.document['_id'], ...checkReplacement(write.replacement, String(found.document['_id'])) };
  const changed = updateRow(
    at.file,
    table,
    found.row,
    { json: found.json, cells: cellsOf(table, found.document) },
    after,
  );
  return { ...nothing, matched: 1, modified: changed ? 1 : 0, before: found.document, after };
}

function upsert(at: Opened, collection: string, document: Document): Outcome {
  const id = idOf(document);
  const made = { _id: id, ...document };
  insertRow(at.file, tableFor(at, collection), made, encode(made));
  return { ...nothing, upserted: id, after: made };
}

function remove(at: Opened, collection: string, write: Extract<Write, { kind: 'delete' }>): Outcome {
  const table = tableOf(at, collection);
  const found = pick(at, table, write.condition, write.sort, write.many);
  if (table) for (const { row } of found) deleteRow(at.file, table, row);
  return { ...nothing, deleted: found.length, ...(found[0] && { before: found[0].document }) };
}
