/** Documents as rows: reading by a query, and writing so that only the indexes whose column changed are touched. */
import { isUniqueViolation, type Cell, type SqliteFile } from './binding.js';
import { duplicateKey } from './errors.js';
import { matches, type Condition } from './filter.js';
import { byElement } from './lists.js';
import { compile, quoted } from './sql.js';
import { cellsOf, statementOf, violated } from './tables.js';
import type { Table } from './table.js';
import { idOf } from './update.js';
import { compare, decode, encode, fromCell, rankOf, valueAt, type Document } from './values.js';

export type Sort = readonly (readonly [path: string, direction: 1 | -1])[];

export interface Query {
  condition: Condition;
  sort: Sort;
  skip: number;
  /** 0: all. */
  limit: number;
}

export interface Found {
  row: Cell;
  json: string;
  document: Document;
}

/** Rows fetched in one go; between two goes the event loop turns. */
export const pageSize = 1_000;

interface Plan {
  where: string;
  cells: Cell[];
  order: string;
  /** SQL alone decides which rows, in which order: skip and limit can be left to it. */
  exact: boolean;
  sorted: boolean;
}

function planOf(table: Table, { condition, sort }: Query): Plan {
  const element = byElement(table, condition);
  const { sql, cells, exact } = compile(element?.rest ?? condition, table.columns);
  const sorted = sort.every(([path]) => table.columns.has(path));
  const column = (path: string): string => quoted(element && path === '_id' ? '$id' : path);
  const order =
    sorted && sort.length > 0
      ? ` ORDER BY ${sort.map(([path, direction]) => column(path) + (direction === -1 ? ' DESC' : '')).join(', ')}`
      : '';
  if (!element) return { where: `FROM ${table.sql} WHERE ${sql}`, cells, order, exact, sorted };
  const where = `FROM ${element.from} WHERE ${element.sql} AND (${sql})`;
  return { where, cells: [...element.cells, ...cells], order, exact, sorted };
}

/** What the rows of a query are, where SQL decides it alone and at most a page is asked for or found; else `undefined`. */
export function selectPage(file: SqliteFile, table: Table, query: Query): Found[] | undefined {
  const plan = planOf(table, query);
  if (!plan.exact || !plan.sorted || query.limit > pageSize) return undefined;
  const most = query.limit || pageSize + 1;
  const rows = file
    .prepare(`SELECT "$row", "$doc" ${plan.where}${plan.order} LIMIT ? OFFSET ?`)
    .all([...plan.cells, most, query.skip]);
  return rows.length > pageSize ? undefined : rows.map(foundOf);
}

/**
 * The same, but of columns alone: what is kept in them need not be read out of the document. A column that is empty may
 * stand for null or for nothing, so such a row's document is asked.
 */
export function selectColumns(
  file: SqliteFile,
  table: Table,
  query: Query,
  paths: readonly string[],
): Document[] | undefined {
  const plan = planOf(table, query);
  const isColumn = paths.every((path) => table.columns.has(path));
  if (!plan.exact || !plan.sorted || !isColumn || query.limit > pageSize) return undefined;
  const columns = paths.map(quoted);
  const someEmpty = ['0', ...columns.map((column) => `${column} IS NULL`)].join(' OR ');
  const asked = [`CASE WHEN ${someEmpty} THEN "$doc" END`, '"_id"', ...columns].join(', ');
  const rows = file
    .prepare(`SELECT ${asked} ${plan.where}${plan.order} LIMIT ? OFFSET ?`)
    .all([...plan.cells, query.limit || pageSize + 1, query.skip]);
  return rows.length > pageSize ? undefined : rows.map((cells) => documentOf(cells, paths));
}

function documentOf([json, id, ...cells]: readonly Cell[], paths: readonly string[]): Document {
  const whole = typeof json === 'string' ? decode(json) : undefined;
  const document: Document = { _id: id };
  paths.forEach((path, place) => {
    const value = whole ? whole[path] : fromCell(cells[place] ?? null);
    if (value !== undefined) document[path] = value;
  });
  return document;
}

function foundOf([row, json]: readonly Cell[]): Found {
  return { row: row ?? null, json: String(json), document: decode(String(json)) };
}

/**
 * The query in steps: each call of `next` reads one page of at most a thousand rows, so that a caller may let others run in
 * between. A sort on a path without a column reads everything first.
 */
export class Scan {
  readonly #query: Query;
  readonly #sorting: boolean;
  readonly #exact: boolean;
  readonly #rows: Cell[];
  #at = 0;
  #toSkip: number;
  #left: number;

  constructor(file: SqliteFile, table: Table, query: Query) {
    const plan = planOf(table, query);
    const whole = plan.exact && plan.sorted;
    const sql = `SELECT "$row" ${plan.where}${plan.order} LIMIT ? OFFSET ?`;
    this.#rows = file
      .prepare(sql)
      .all([...plan.cells, whole && query.limit ? query.limit : -1, whole ? query.skip : 0])
      .map(([row]) => row ?? null);
    this.#query = query;
    this.#sorting = !plan.sorted;
    this.#exact = plan.exact;
    this.#toSkip = whole ? 0 : query.skip;
    this.#left = query.limit || Infinity;
  }

  get done(): boolean {
    return this.#at >= this.#rows.length || this.#left <= 0;
  }

  next(file: SqliteFile, table: Table): Found[] {
    if (!this.#sorting) return this.#cut(this.#page(file, table));
    const all: Found[] = [];
    while (this.#at < this.#rows.length) for (const found of this.#page(file, table)) all.push(found);
    return this.#cut(all.sort((left, right) => compareBy(this.#query.sort, left.document, right.document)));
  }

  #page(file: SqliteFile, table: Table): Found[] {
    const rows = this.#rows.slice(this.#at, this.#at + pageSize);
    this.#at += rows.length;
    const read = file
      .prepare(`SELECT "$row", "$doc" FROM ${table.sql} WHERE "$row" IN (SELECT value FROM json_each(?))`)
      .all([JSON.stringify(rows)]);
    const byRow = new Map(read.map((cells) => [cells[0], cells]));
    const inOrder = rows.flatMap((row) => {
      const cells = byRow.get(row);
      return cells ? [foundOf(cells)] : [];
    });
    return this.#exact ? inOrder : inOrder.filter(({ document }) => matches(this.#query.condition, document));
  }

  #cut(found: Found[]): Found[] {
    const kept = found.slice(this.#toSkip, this.#toSkip + this.#left);
    this.#toSkip = Math.max(0, this.#toSkip - found.length);
    this.#left -= kept.length;
    return kept;
  }
}

/** All rows of a query at once. For writes, and for reads inside a transaction. */
export function selectAll(file: SqliteFile, table: Table, query: Query): Found[] {
  const page = selectPage(file, table, query);
  if (page) return page;
  const scan = new Scan(file, table, query);
  const all: Found[] = [];
  while (!scan.done) for (const found of scan.next(file, table)) all.push(found);
  return all;
}

/** Counts; `undefined` where SQL alone cannot. */
export function countBySql(file: SqliteFile, table: Table, query: Query): number | undefined {
  const plan = planOf(table, query);
  if (!plan.exact) return undefined;
  const limited = query.limit || query.skip;
  const sql = limited
    ? `SELECT count(*) FROM (SELECT 1 ${plan.where} LIMIT ? OFFSET ?)`
    : `SELECT count(*) ${plan.where}`;
  return Number(file.prepare(sql).get(limited ? [...plan.cells, query.limit || -1, query.skip] : plan.cells)?.[0]);
}

/** An array sorts by its least element upwards and by its greatest downwards. */
export function compareBy(sort: Sort, left: Document, right: Document): number {
  for (const [path, direction] of sort) {
    const order = compare(sortValue(left, path, direction), sortValue(right, path, direction)) * direction;
    if (order !== 0) return order;
  }
  return 0;
}

function sortValue(document: Document, path: string, direction: 1 | -1): unknown {
  const value = valueAt(document, path);
  if (!Array.isArray(value)) return value;
  const sorted = [...value].sort((left, right) => compare(left, right) * direction);
  return sorted.length === 0 && rankOf(value) === 5 ? undefined : sorted[0];
}

/** Throws MongoDB's duplicate key error (11000) where an index forbids it. */
export function insertRow(file: SqliteFile, table: Table, document: Document, json: string): void {
  const names = (): string[] => ['_id', '$doc', ...table.paths];
  const statement = statementOf(
    table,
    file,
    'insert',
    () =>
      `INSERT INTO ${table.sql} (${names().map(quoted).join(', ')}) VALUES (${names()
        .map(() => '?')
        .join(', ')})`,
  );
  const cells = [idOf(document), json, ...cellsOf(table, document)];
  guarded(table, document, () => statement.run(cells));
}

/** Writes what became of a row; false where nothing changed. */
export function updateRow(
  file: SqliteFile,
  table: Table,
  row: Cell,
  before: { json: string; cells: readonly Cell[] },
  after: Document,
): boolean {
  const json = encode(after);
  if (json === before.json) return false;
  const cells = cellsOf(table, after);
  writeRow(file, table, row, changedBits(before.cells, cells), cells, json, after);
  return true;
}

/** Which cells differ, as bits. */
export function changedBits(before: readonly Cell[], after: readonly Cell[]): number {
  let bits = 0;
  for (let index = 0; index < after.length; index += 1) if (after[index] !== before[index]) bits |= 1 << index;
  return bits;
}

/** Sets the document and those columns only whose value is another: SQLite rewrites the index of every column it is told of. */
export function writeRow(
  file: SqliteFile,
  table: Table,
  row: Cell,
  changed: number,
  cells: readonly Cell[],
  json: string,
  after: Document,
): void {
  const statement = statementOf(
    table,
    file,
    `update ${String(changed)}`,
    () => `UPDATE ${table.sql} SET ${setList(table, changed)} WHERE "$row" = ?`,
  );
  const bound = [json, ...cells.filter((_cell, index) => changed & (1 << index)), row];
  guarded(table, after, () => statement.run(bound));
}

function setList(table: Table, changed: number): string {
  return ['$doc', ...table.paths.filter((_path, index) => changed & (1 << index))]
    .map((name) => `${quoted(name)} = ?`)
    .join(', ');
}

/** A replacement that holds only while one number that has a column is what it was when the document was read: a version. */
export interface Guard {
  id: string;
  path: string;
  value: number;
}

/**
 * The hottest write of all, without reading the document. It first supposes that the same columns change as the last time,
 * which is one statement; where that fails, it reads the columns. False where the guard does not hold.
 */
export function replaceGuarded(file: SqliteFile, table: Table, { id, path, value }: Guard, after: Document): boolean {
  const json = encode(after);
  const cells = cellsOf(table, after);
  const supposed = table.lastChanged;
  const holds = `"_id" = ? AND ${quoted(path)} = ?`;
  const quick = statementOf(table, file, `guarded ${path} ${String(supposed)}`, () => {
    const same = table.paths
      .filter((_path, index) => !(supposed & (1 << index)))
      .map((name) => ` AND ${quoted(name)} IS ?`);
    return `UPDATE ${table.sql} SET ${setList(table, supposed)} WHERE ${holds}${same.join('')}`;
  });
  const bound = [
    json,
    ...cells.filter((_cell, index) => supposed & (1 << index)),
    id,
    value,
    ...cells.filter((_cell, index) => !(supposed & (1 << index))),
  ];
  if (guarded(table, after, () => quick.run(bound)) > 0) return true;
  const look = statementOf(
    table,
    file,
    `look ${path}`,
    () => `SELECT "$row"${table.paths.map((name) => `, ${quoted(name)}`).join('')} FROM ${table.sql} WHERE ${holds}`,
  );
  const found = look.get([id, value]);
  if (!found) return false;
  const [row, ...before] = found;
  const changed = changedBits(before, cells);
  writeRow(file, table, row ?? null, changed, cells, json, after);
  table.lastChanged = changed;
  return true;
}

export function deleteRow(file: SqliteFile, table: Table, row: Cell): void {
  file.prepare(`DELETE FROM ${table.sql} WHERE "$row" = ?`).run([row]);
}

export function guarded<T>(table: Table, document: Document, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    const index = violated(table, error.message);
    const keyValue = Object.fromEntries(Object.keys(index.key).map((path) => [path, valueAt(document, path) ?? null]));
    throw duplicateKey(table.collection, index.name, index.key, keyValue);
  }
}

/** How SQLite would find the rows of a query. */
export function explainQuery(file: SqliteFile, table: Table, query: Query): string[] {
  const plan = planOf(table, query);
  return explainSql(file, `SELECT "$row", "$doc" ${plan.where}${plan.order} LIMIT ? OFFSET ?`, [
    ...plan.cells,
    query.limit || -1,
    query.skip,
  ]);
}

export function explainSql(file: SqliteFile, sql: string, cells: readonly Cell[]): string[] {
  const statement = file.prepare(`EXPLAIN QUERY PLAN ${sql}`);
  const steps = statement.all(cells).map((row) => String(row.at(-1)));
  // A plan read to its end may stay open, and this connection then could not write after another has.
  statement.get(cells);
  return steps;
}
