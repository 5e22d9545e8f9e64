/** Aggregation: one `$match` and one `$group` that counts rows. Grouping by columns stays in SQL. */
import type { Cell } from './binding.js';
import { tableOf, type Opened } from './database.js';
import { refuse } from './errors.js';
import { readFilter, type Condition } from './filter.js';
import { explainSql, selectAll } from './rows.js';
import { compile, quoted } from './sql.js';
import type { Table } from './table.js';
import { encode, fromCell, isPlainObject, valueAt, type Document } from './values.js';

/** A pipeline as read: of what it counts, and by which paths (one without a name: the key itself). */
export interface Counting {
  condition: Condition;
  key: { name: string | undefined; path: string }[];
  /** What the numbers are called. */
  counts: string[];
}

/** Throws `UnsupportedByStore` where a pipeline is more than one `$match` and the numbers of one `$group`. */
export function readPipeline(pipeline: unknown): Counting {
  if (!Array.isArray(pipeline) || !pipeline.every(isPlainObject)) return refuse('a pipeline that is no list of stages');
  const stages: [string, unknown][] = pipeline.flatMap((stage) => Object.entries(stage));
  const [first = ['', {}]] = stages;
  const [group, ...more] = first[0] === '$match' ? stages.slice(1) : stages;
  const strange = group?.[0] === '$group' ? more[0] : (group ?? ['no $group']);
  if (strange) return refuse(`the aggregation stage ${strange[0]}`);
  return { condition: readFilter(first[0] === '$match' ? first[1] : {}), ...readGroup(group?.[1]) };
}

export function aggregate(at: Opened, collection: string, counting: Counting): Document[] {
  const table = tableOf(at, collection);
  return table ? (countBySql(at, table, counting) ?? countInMemory(at, table, counting)) : [];
}

function readGroup(stage: unknown): Pick<Counting, 'key' | 'counts'> {
  if (!isPlainObject(stage)) return refuse('a $group that is no plain object');
  const { _id, ...others } = stage;
  for (const operation of Object.values(others)) {
    const [[operator, operand] = ['']] = isPlainObject(operation) ? Object.entries(operation) : [];
    if (operator !== '$sum') return refuse(`the accumulator ${operator}`);
    if (operand !== 1) return refuse(`$sum of ${JSON.stringify(operand)}: only numbers of rows`);
  }
  return {
    key:
      isPlainObject(_id) && Object.keys(_id).length > 0
        ? Object.entries(_id).map(([name, path]) => ({ name, path: pathOf(path) }))
        : [{ name: undefined, path: pathOf(_id) }],
    counts: Object.keys(others),
  };
}

function pathOf(expression: unknown): string {
  return typeof expression === 'string' && expression.startsWith('$') && !expression.startsWith('$$')
    ? expression.slice(1)
    : refuse(`the expression ${JSON.stringify(expression)}`);
}

/** The groups as one scan, where every path is a column and SQL decides the filter; else undefined. */
function countingSql(table: Table, { condition, key }: Counting): { sql: string; cells: Cell[] } | undefined {
  const { sql, cells, exact } = compile(condition, table.columns);
  if (!exact || !key.every(({ path }) => table.columns.has(path))) return undefined;
  const keys = key.map(({ path }) => quoted(path)).join(', ');
  return { sql: `SELECT ${keys}, count(*) FROM ${table.sql} WHERE ${sql} GROUP BY ${keys}`, cells };
}

function countBySql(at: Opened, table: Table, counting: Counting): Document[] | undefined {
  const asked = countingSql(table, counting);
  if (!asked) return undefined;
  return at.file
    .prepare(asked.sql)
    .all(asked.cells)
    .map((row) => numbered(counting, keyFrom(counting, row.slice(0, -1).map(fromCell)), Number(row.at(-1))));
}

/** SQLite's plan of a pipeline that stays in SQL; for tests. */
export function explainGroup(at: Opened, collection: string, pipeline: unknown): string[] {
  const table = tableOf(at, collection);
  const asked = table && countingSql(table, readPipeline(pipeline));
  return asked ? explainSql(at.file, asked.sql, asked.cells) : [];
}

function countInMemory(at: Opened, table: Table, counting: Counting): Document[] {
  const groups = new Map<string, { id: unknown; count: number }>();
  const { condition, key } = counting;
  for (const { document } of selectAll(at.file, table, { condition, sort: [], skip: 0, limit: 0 })) {
    const id = keyFrom(
      counting,
      key.map(({ path }) => valueAt(document, path)),
    );
    const name = encode({ id });
    const known = groups.get(name);
    if (known) known.count += 1;
    else groups.set(name, { id, count: 1 });
  }
  return [...groups.values()].map(({ id, count }) => numbered(counting, id, count));
}

function numbered({ counts }: Counting, id: unknown, count: number): Document {
  return { _id: id, ...Object.fromEntries(counts.map((name) => [name, count])) };
}

function keyFrom({ key }: Counting, values: readonly unknown[]): unknown {
  if (key[0]?.name === undefined) return values[0] ?? null;
  return Object.fromEntries(
    key.flatMap(({ name }, place) =>
      values[place] === undefined || values[place] === null ? [] : [[name, values[place]]],
    ),
  );
}
