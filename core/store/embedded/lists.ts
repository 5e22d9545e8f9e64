/**
 * Indexes over the elements of a list, as MongoDB keeps them of any index that meets one: a table of element and id, which
 * SQLite's own triggers keep as the documents are. Here such an index is told by its name, which ends with `_each`; its key
 * is the list and `_id`, so that a page by id is read straight off it. It holds texts.
 */
import type { Cell, SqliteFile } from './binding.js';
import { refuse } from './errors.js';
import type { Condition } from './filter.js';
import { jsonPath, quoted } from './sql.js';
import type { Index, Table } from './table.js';
import { tag } from './values.js';

export function isOfElements({ name }: Pick<Index, 'name'>): boolean {
  return name.endsWith('_each');
}

/** The path of its list. @throws UnsupportedByStore where an index of elements asks for more */
export function listOf({ name, key, unique, sparse, partial }: Index): string {
  const [path, id, ...others] = Object.keys(key);
  if (path === undefined || path.includes('.') || id !== '_id' || others.length > 0 || unique || sparse || partial)
    return refuse(`the index ${name}: one of elements has one list and "_id", and nothing else`);
  return path;
}

function tableOf(collection: string, path: string): string {
  return quoted(`lianfa_each ${collection} ${path}`);
}

/** Elements of the list in a document, as SQL. */
function elementsIn(document: string, path: string): string {
  return `json_each(${document}, ${jsonPath(path)}) AS e WHERE e.type = 'text'`;
}

/** Inside a write: the table, filled from what is there, and what keeps it. */
export function makeLists(file: SqliteFile, { collection, sql }: Table, index: Index): void {
  const path = listOf(index);
  const lists = tableOf(collection, path);
  const add = (document: string, id: string): string =>
    `INSERT OR IGNORE INTO ${lists} SELECT e.value, ${id} FROM ${elementsIn(document, path)}`;
  const remove = `DELETE FROM ${lists} WHERE "$element" IN (SELECT e.value FROM ${elementsIn('old."$doc"', path)}) AND "$id" = old."_id"`;
  const insert = add('new."$doc"', 'new."_id"');
  const at = jsonPath(path);
  file.exec(`
    CREATE TABLE ${lists} ("$element" TEXT, "$id" TEXT, PRIMARY KEY ("$element", "$id")) WITHOUT ROWID;
    INSERT OR IGNORE INTO ${lists} SELECT e.value, d."_id" FROM ${sql} AS d, ${elementsIn('d."$doc"', path)};
    CREATE TRIGGER ${trigger(collection, path, 'insert')} AFTER INSERT ON ${sql} BEGIN ${insert}; END;
    CREATE TRIGGER ${trigger(collection, path, 'delete')} AFTER DELETE ON ${sql} BEGIN ${remove}; END;
    CREATE TRIGGER ${trigger(collection, path, 'update')} AFTER UPDATE OF "$doc" ON ${sql}
      WHEN old."$doc" -> ${at} IS NOT new."$doc" -> ${at} BEGIN ${remove}; ${insert}; END;
  `);
}

function trigger(collection: string, path: string, event: string): string {
  return quoted(`lianfa_each ${collection} ${path} ${event}`);
}

/** Inside a write. The triggers go too. */
export function dropLists(file: SqliteFile, { collection }: Table, index: Index): void {
  const path = listOf(index);
  for (const event of ['insert', 'delete', 'update'])
    file.exec(`DROP TRIGGER IF EXISTS ${trigger(collection, path, event)}`);
  file.exec(`DROP TABLE IF EXISTS ${tableOf(collection, path)}`);
}

/** A query for documents whose list has one certain element: the table to begin with, and what is still to be asked. */
export interface ByElement {
  /** In place of the table's name after FROM. */
  from: string;
  /** What holds of the list's table. */
  sql: string;
  cells: Cell[];
  rest: Condition;
}

/** `undefined` where the query does not ask for one element of an indexed list. */
export function byElement({ collection, sql, lists }: Table, condition: Condition): ByElement | undefined {
  if (lists.size === 0) return undefined;
  const parts = partsOf(condition);
  for (const part of parts) {
    if (part.kind !== 'in' || !lists.has(part.path)) continue;
    const [element, ...others] = part.values;
    if (typeof element !== 'string' || element.startsWith(tag) || others.length > 0) continue;
    const mine = tableOf(collection, part.path);
    // The list's table is walked in the order of ids: a page that begins after an id begins there.
    const afters = parts.flatMap((one) =>
      one.kind === 'range' && one.path === '_id' && one.operator === '$gt' && typeof one.value === 'string'
        ? [one.value]
        : [],
    );
    return {
      from: `${mine} CROSS JOIN ${sql} ON ${sql}."_id" = "$id"`,
      sql: ['"$element" = ?', ...afters.map(() => '"$id" > ?')].join(' AND '),
      cells: [element, ...afters],
      rest: { kind: 'and', all: parts.filter((one) => one !== part) },
    };
  }
  return undefined;
}

/** What must all hold. */
function partsOf(condition: Condition): Condition[] {
  return condition.kind === 'and' ? condition.all.flatMap(partsOf) : [condition];
}
