/** Single writes and bulk writes, carried out inside one SQLite transaction. */
import { tableFor, tableOf, type Opened } from './database.js';
import { refuse } from './errors.js';
import { readFilter, type Condition } from './filter.js';
import { deleteRow, insertRow, replaceGuarded, selectAll, updateRow, type Found, type Guard } from './rows.js';
import { cellsOf } from './tables.js';
import type { Table } from './table.js';
import { apply, checkId, checkReplacement, idOf, readUpdate, seedOf, type Update } from './update.js';
import { encode, isPlainObject, type Document } from './values.js';

export type Write =
  | { kind: 'insert'; document: Document; json: string }
  | { kind: 'update'; condition: Condition; update: Update; upsert: boolean; many: boolean }
  | { kind: 'replace'; condition: Condition; replacement: Document; guard: Guard | undefined }
  | { kind: 'delete'; condition: Condition; many: boolean };

export interface Written {
  inserted: number;
  matched: number;
  modified: number;
  deleted: number;
  upserted?: string;
}

export const nothing: Written = { inserted: 0, matched: 0, modified: 0, deleted: 0 };

export function insertOf(document: unknown): Write {
  if (!isPlainObject(document)) return refuse('a document that is no plain object');
  idOf(document);
  return { kind: 'insert', document, json: encode(document) };
}

export function updateOf(filter: unknown, update: unknown, options: { upsert?: unknown; many?: boolean } = {}): Write {
  const condition = readFilter(filter);
  const changes = readUpdate(update);
  const upsert = options.upsert === true;
  // What an upsert would make must have a name of ours, whether or not this one makes it.
  if (upsert) idOf(madeBy(condition, changes));
  return { kind: 'update', condition, update: changes, upsert, many: options.many === true };
}

export function replaceOf(filter: unknown, replacement: unknown, options: { upsert?: unknown } = {}): Write {
  if (options.upsert === true) return refuse('a replacement with upsert');
  const document = checkReplacement(replacement);
  const guard = guardOf(filter, document);
  if (guard) checkId(document, guard.id);
  return { kind: 'replace', condition: readFilter(filter), replacement: document, guard };
}

export function deleteOf(filter: unknown, many = false): Write {
  return { kind: 'delete', condition: readFilter(filter), many };
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
export function perform(at: Opened, collection: string, write: Write): Written {
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

function pick(at: Opened, table: Table | undefined, condition: Condition, many: boolean): Found[] {
  return table ? selectAll(at.file, table, { condition, sort: [], skip: 0, limit: many ? 0 : 1 }) : [];
}

function update(at: Opened, collection: string, write: Extract<Write, { kind: 'update' }>): Written {
  const table = tableOf(at, collection);
  const found = pick(at, table, write.condition, write.many);
  if (!table || found.length === 0) return write.upsert ? upsert(at, collection, write) : nothing;
  let modified = 0;
  for (const { row, json, document } of found) {
    const cells = cellsOf(table, document);
    apply(write.update, document);
    if (updateRow(at.file, table, row, { json, cells }, document)) modified += 1;
  }
  return { ...nothing, matched: found.length, modified };
}

function upsert(
  at: Opened,
  collection: string,
  { condition, update: change }: Extract<Write, { kind: 'update' }>,
): Written {
  const seed = madeBy(condition, change);
  const id = idOf(seed);
  const made = { _id: id, ...seed };
  insertRow(at.file, tableFor(at, collection), made, encode(made));
  return { ...nothing, upserted: id };
}

function madeBy(condition: Condition, change: Update): Document {
  const seed = seedOf(condition);
  apply(change, seed);
  return seed;
}

function replace(at: Opened, collection: string, write: Extract<Write, { kind: 'replace' }>): Written {
  const table = tableOf(at, collection);
  if (table && write.guard && table.columns.has(write.guard.path)) {
    const { guard, replacement } = write;
    const after = '_id' in replacement ? replacement : { _id: guard.id, ...replacement };
    const done = replaceGuarded(at.file, table, guard, after);
    return done ? { ...nothing, matched: 1, modified: 1 } : nothing;
  }
  const [found] = pick(at, table, write.condition, false);
  if (!table || !found) return nothing;
  const { row, json, document } = found;
  checkId(write.replacement, String(document['_id']));
  const after = { _id: document['_id'], ...write.replacement };
  const changed = updateRow(at.file, table, row, { json, cells: cellsOf(table, document) }, after);
  return { ...nothing, matched: 1, modified: changed ? 1 : 0 };
}

function remove(at: Opened, collection: string, write: Extract<Write, { kind: 'delete' }>): Written {
  const table = tableOf(at, collection);
  const found = pick(at, table, write.condition, write.many);
  if (table) for (const { row } of found) deleteRow(at.file, table, row);
  return { ...nothing, deleted: found.length };
}
