/** Tables and indexes: one table a collection, one column an indexed path, the definition of each index as MongoDB names it. */
import type { Cell, SqliteFile, Statement } from './binding.js';
import { codes, refuse, serverError } from './errors.js';
import { checkPath, readFilter } from './filter.js';
import { compile, quoted } from './sql.js';
import { dropLists, isOfElements, listOf, makeLists } from './lists.js';
import type { Index, Table } from './table.js';
import { decode, isPlainObject, tag, toCell, valueAt, type Document } from './values.js';

export const idIndex: Index = { name: '_id_', key: { _id: 1 }, unique: true, sparse: false };

/** As many as the bits of a number tell apart. */
const mostColumns = 30;

/** Stands for "absent" in unique indexes, where MongoDB takes two absent values for equal and SQLite does not. */
const absent = `${tag}0`;

export function loadTable(file: SqliteFile, collection: string): Table | undefined {
  const names = file
    .prepare('SELECT name FROM pragma_table_info(?)')
    .all([collection])
    .map(([name]) => String(name));
  if (names.length === 0) return undefined;
  const paths = names.filter((name) => !name.startsWith('$') && name !== '_id');
  const indexes = hasCatalogue(file)
    ? file
        .prepare('SELECT definition FROM lianfa_indexes WHERE collection = ? ORDER BY name')
        .all([collection])
        .map(([json]) => readIndex(decode(String(json))))
    : [];
  return tableWith(collection, paths, indexes);
}

function tableWith(collection: string, paths: readonly string[], indexes: readonly Index[]): Table {
  return {
    collection,
    sql: quoted(collection),
    paths,
    columns: new Set(['_id', ...paths]),
    lists: new Set(indexes.filter(isOfElements).flatMap(({ key }) => Object.keys(key).slice(0, 1))),
    indexes,
    statements: new Map(),
    lastChanged: 0,
  };
}

function hasCatalogue(file: SqliteFile): boolean {
  return file.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'lianfa_indexes'`).get() !== undefined;
}

/** A new table. `version` is a column from the first, without an index: replacements are guarded by it. */
export function makeTable(file: SqliteFile, collection: string): Table {
  if (/^(lianfa_|sqlite_)/.test(collection) || collection.includes('\0')) refuse(`a collection named "${collection}"`);
  file.exec(
    `CREATE TABLE ${quoted(collection)} ("$row" INTEGER PRIMARY KEY, "_id" TEXT NOT NULL UNIQUE, "version", "$doc" TEXT NOT NULL)`,
  );
  return tableWith(collection, ['version'], []);
}

/** A statement of this table, made once. `file` is always the connection that the table was read on. */
export function statementOf(table: Table, file: SqliteFile, purpose: string, text: () => string): Statement {
  const known = table.statements.get(purpose);
  if (known) return known;
  const made = file.prepare(text());
  table.statements.set(purpose, made);
  return made;
}

/** The cells of a document's indexed paths. */
export function cellsOf(table: Table, document: Document): Cell[] {
  return table.paths.map((path) => toCell(valueAt(document, path), path));
}

const honoured = new Set([
  'name',
  'unique',
  'sparse',
  'partialFilterExpression',
  'background',
  'key',
  'v',
  'session',
  '_autoIndex',
]);

/** An index as `createIndex` is asked for it. Throws `UnsupportedByStore` for kinds outside the surface. */
export function askedIndex(key: unknown, options: Record<string, unknown>): Index {
  if (!isPlainObject(key) || Object.keys(key).length === 0) return refuse('an index without keys');
  for (const [option, value] of Object.entries(options))
    if (value !== undefined && !honoured.has(option)) refuse(`the index option ${option}`);
  const directions: Record<string, 1 | -1> = {};
  for (const [path, direction] of Object.entries(key)) {
    checkPath(path);
    if (direction !== 1 && direction !== -1) return refuse(`an index of the kind ${String(direction)}`);
    directions[path] = direction;
  }
  const partial = options['partialFilterExpression'];
  const index: Index = {
    name:
      typeof options['name'] === 'string'
        ? options['name']
        : Object.entries(directions)
            .map(([path, direction]) => `${path}_${String(direction)}`)
            .join('_'),
    key: directions,
    unique: options['unique'] === true,
    sparse: options['sparse'] === true,
    ...(isPlainObject(partial) && { partial }),
  };
  if (isOfElements(index)) listOf(index);
  return index;
}

function readIndex(stored: Document): Index {
  const { name, key, unique, sparse, partial } = stored;
  const index = askedIndex(key, { name });
  return { ...index, unique: unique === true, sparse: sparse === true, ...(isPlainObject(partial) && { partial }) };
}

/** Whether the table has this very index. Throws MongoDB's error 85 where it has another one of that name. */
export function hasIndex(table: Table | undefined, index: Index): boolean {
  const same = table?.indexes.find(({ name }) => name === index.name);
  if (!same) return false;
  if (JSON.stringify(same) === JSON.stringify(index)) return true;
  throw serverError(
    codes.indexOptionsConflict,
    `An existing index has the same name as the requested index, but is not the same: ${index.name}`,
  );
}

/** Makes an index inside a write, with the columns it needs. A unique violation leaves SQLite's own error to the caller. */
export function makeIndex(file: SqliteFile, table: Table, index: Index): void {
  if (isOfElements(index)) makeLists(file, table, index);
  else makeIndexes(file, table, index);
  file.exec(
    'CREATE TABLE IF NOT EXISTS lianfa_indexes (collection TEXT, name TEXT, definition TEXT, PRIMARY KEY (collection, name))',
  );
  file
    .prepare('INSERT INTO lianfa_indexes VALUES (?, ?, ?)')
    .run([table.collection, index.name, JSON.stringify(index)]);
}

function makeIndexes(file: SqliteFile, table: Table, index: Index): void {
  addColumns(file, table, [...Object.keys(index.key), ...pathsOf(index.partial ?? {})]);
  const columns = Object.entries(index.key);
  const list = (name: (path: string) => string): string =>
    columns.map(([path, direction]) => name(path) + (direction === -1 ? ' DESC' : '')).join(', ');
  const someAbsent = columns.map(([path]) => `${quoted(path)} IS NULL`).join(' OR ');
  const somePresent = columns.map(([path]) => `${quoted(path)} IS NOT NULL`).join(' OR ');
  const wheres: string[] = [];
  if (index.partial)
    wheres.push(
      literal(index.partial, new Set([...table.columns, ...Object.keys(index.key), ...pathsOf(index.partial)])),
    );
  if (index.sparse) wheres.push(somePresent);
  create(file, table, index, index.name, list(quoted), wheres);
  if (index.unique) {
    create(
      file,
      table,
      index,
      `${index.name} absent`,
      list((path) => `ifnull(${quoted(path)}, '${absent}')`),
      [...wheres, someAbsent],
    );
  }
}

function create(
  file: SqliteFile,
  table: Table,
  { unique }: Index,
  name: string,
  list: string,
  wheres: readonly string[],
): void {
  const where = wheres.length > 0 ? ` WHERE ${wheres.map((part) => `(${part})`).join(' AND ')}` : '';
  file.exec(
    `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${quoted(`${table.collection}.${name}`)} ON ${table.sql} (${list})${where}`,
  );
}

export function dropIndex(file: SqliteFile, table: Table, name: string): void {
  const index = table.indexes.find((one) => one.name === name);
  if (!index) throw serverError(codes.indexNotFound, `index not found with name [${name}]`);
  if (isOfElements(index)) dropLists(file, table, index);
  for (const each of [name, `${name} absent`])
    file.exec(`DROP INDEX IF EXISTS ${quoted(`${table.collection}.${each}`)}`);
  file.prepare('DELETE FROM lianfa_indexes WHERE collection = ? AND name = ?').run([table.collection, name]);
}

function addColumns(file: SqliteFile, table: Table, paths: readonly string[]): void {
  const missing = [...new Set(paths)].filter((path) => !table.columns.has(path));
  if (missing.length === 0) return;
  if (table.paths.length + missing.length > mostColumns)
    refuse(`more than ${String(mostColumns)} indexed fields in one collection`);
  for (const path of missing) file.exec(`ALTER TABLE ${table.sql} ADD COLUMN ${quoted(path)}`);
  const fill = file.prepare(
    `UPDATE ${table.sql} SET ${missing.map((path) => `${quoted(path)} = ?`).join(', ')} WHERE "$row" = ?`,
  );
  const page = file.prepare(`SELECT "$row", "$doc" FROM ${table.sql} WHERE "$row" > ? ORDER BY "$row" LIMIT 1000`);
  for (let rows = page.all([-1]); rows.length > 0; rows = page.all([rows.at(-1)?.[0] ?? null])) {
    for (const [row, json] of rows) {
      const document = decode(String(json));
      fill.run([...missing.map((path) => toCell(valueAt(document, path), path)), row ?? null]);
    }
  }
}

function pathsOf(filter: Document): string[] {
  return Object.entries(filter).flatMap(([key, operand]) => {
    if (!key.startsWith('$')) return [key];
    return Array.isArray(operand) ? operand.filter(isPlainObject).flatMap(pathsOf) : [];
  });
}

/** The filter of a partial index, with its values written out: SQLite takes no parameters there. */
function literal(filter: Document, columns: ReadonlySet<string>): string {
  const { sql, cells, exact } = compile(readFilter(filter), columns);
  if (!exact || sql.includes('json_')) refuse('a partial index over more than plain comparisons');
  let next = 0;
  return sql.replaceAll('?', () => {
    const cell = cells[next];
    next += 1;
    return typeof cell === 'string' ? `'${cell.replaceAll(`'`, `''`)}'` : String(cell);
  });
}

/** The error MongoDB would give for SQLite's unique violation. */
export function violated(table: Table, message: string): Index {
  const named = /index '(.+)'$/
    .exec(message)?.[1]
    ?.slice(table.collection.length + 1)
    .replace(/ absent$/, '');
  const columns = message
    .replace(/^.*UNIQUE constraint failed: /, '')
    .split(', ')
    .map((column) => column.slice(table.collection.length + 1))
    .join();
  return (
    table.indexes.find(
      (index) =>
        index.unique && (named === undefined ? Object.keys(index.key).join() === columns : index.name === named),
    ) ?? idIndex
  );
}
