/** Aggregation: `$match`, `$group` with sums and extremes, `$sort`, `$skip`, `$limit`, `$project`, `$count`. Grouping by columns stays in SQL. */
import type { Cell } from './binding.js';
import { tableOf, type Opened } from './database.js';
import { refuse } from './errors.js';
import { matches, readFilter } from './filter.js';
import { projectionOf, sortOf } from './options.js';
import { compareBy, explainSql, selectAll } from './rows.js';
import { compile, quoted } from './sql.js';
import type { Table } from './tables.js';
import { compare, encode, fromCell, isPlainObject, valueAt, type Document } from './values.js';

/** `$group` as read: the key's paths by name (one without a name: the key itself), and what is gathered. */
interface Group {
  key: { name: string | undefined; path: string }[];
  gather: { name: string; how: 'sum' | 'min' | 'max' | 'first' | 'count'; path: string | undefined }[];
}

export function aggregate(at: Opened, collection: string, pipeline: readonly Document[]): Document[] {
  const [first, ...others] = pipeline;
  const matching = first && '$match' in first;
  const filter = matching ? first['$match'] : {};
  const stages = matching ? others : pipeline;
  const [next, ...rest] = stages;
  const grouped = next && '$group' in next ? groupBySql(at, collection, filter, readGroup(next['$group'])) : undefined;
  let documents = grouped ?? rowsOf(at, collection, filter);
  for (const stage of grouped ? rest : stages) documents = applyStage(stage, documents);
  return documents;
}

/** Throws `UnsupportedByStore` where a pipeline leaves the surface, without running it. */
export function checkPipeline(pipeline: unknown): void {
  if (!Array.isArray(pipeline) || !pipeline.every(isPlainObject)) return refuse('a pipeline that is no list of stages');
  for (const stage of pipeline) applyStage(stage, []);
}

function rowsOf(at: Opened, collection: string, filter: unknown): Document[] {
  const table = tableOf(at, collection);
  return table
    ? selectAll(at.file, table, { condition: readFilter(filter), sort: [], skip: 0, limit: 0 }).map(
        ({ document }) => document,
      )
    : [];
}

function applyStage(stage: Document, documents: Document[]): Document[] {
  const [[name, value] = [''], ...more] = Object.entries(stage);
  if (more.length > 0) return refuse('an aggregation stage with several operators');
  switch (name) {
    case '$match': {
      const condition = readFilter(value);
      return documents.filter((document) => matches(condition, document));
    }
    case '$group':
      return groupInMemory(documents, readGroup(value));
    case '$sort': {
      const sort = sortOf(value);
      return [...documents].sort((left, right) => compareBy(sort, left, right));
    }
    case '$skip':
      return documents.slice(Number(value));
    case '$limit':
      return documents.slice(0, Number(value));
    case '$project': {
      const project = projectionOf(value);
      return project ? documents.map(project) : documents;
    }
    case '$count':
      return documents.length > 0 ? [{ [String(value)]: documents.length }] : [];
    default:
      return refuse(`the aggregation stage ${name}`);
  }
}

function readGroup(stage: unknown): Group {
  if (!isPlainObject(stage)) return refuse('a $group that is no plain object');
  const { _id, ...others } = stage;
  return {
    key: isPlainObject(_id)
      ? Object.entries(_id).map(([name, path]) => ({ name, path: pathOf(path) }))
      : _id === null
        ? []
        : [{ name: undefined, path: pathOf(_id) }],
    gather: Object.entries(others).map(([name, operation]) => readGather(name, operation)),
  };
}

function readGather(name: string, operation: unknown): Group['gather'][number] {
  const [[operator, operand] = ['']] = isPlainObject(operation) ? Object.entries(operation) : [];
  if (operator === '$count' || (operator === '$sum' && operand === 1)) return { name, how: 'count', path: undefined };
  const how = ({ $sum: 'sum', $min: 'min', $max: 'max', $first: 'first' } as const)[operator];
  return how ? { name, how, path: pathOf(operand) } : refuse(`the accumulator ${operator}`);
}

function pathOf(expression: unknown): string {
  return typeof expression === 'string' && expression.startsWith('$') && !expression.startsWith('$$')
    ? expression.slice(1)
    : refuse(`the expression ${JSON.stringify(expression)}`);
}

/** The group as one scan, where every path is a column and SQL decides the filter; else undefined. */
function groupSql(table: Table, filter: unknown, group: Group): { sql: string; cells: Cell[] } | undefined {
  const { sql, cells, exact } = compile(readFilter(filter), table.columns);
  const plain = group.gather.every(
    ({ how, path }) =>
      how === 'count' || ((how === 'min' || how === 'max') && path !== undefined && table.columns.has(path)),
  );
  if (!exact || !plain || !group.key.every(({ path }) => table.columns.has(path))) return undefined;
  const keys = group.key.map(({ path }) => quoted(path));
  const gathered = group.gather.map(({ how, path }) =>
    how === 'count' ? 'count(*)' : `${how}(${quoted(path ?? '')})`,
  );
  const by = keys.length > 0 ? ` GROUP BY ${keys.join(', ')}` : '';
  return { sql: `SELECT ${[...keys, ...gathered, 'count(*)'].join(', ')} FROM ${table.sql} WHERE ${sql}${by}`, cells };
}

function groupBySql(at: Opened, collection: string, filter: unknown, group: Group): Document[] | undefined {
  const table = tableOf(at, collection);
  if (!table) return [];
  const asked = groupSql(table, filter, group);
  if (!asked) return undefined;
  const width = group.key.length;
  // Without a key SQL gives one row even of nothing; MongoDB gives none.
  const rows = at.file
    .prepare(asked.sql)
    .all(asked.cells)
    .filter((row) => row.at(-1) !== 0);
  return rows.map((row) => ({
    _id: keyFrom(group, row.slice(0, width).map(fromCell)),
    ...Object.fromEntries(group.gather.map(({ name }, place) => [name, fromCell(row[width + place] ?? null)])),
  }));
}

/** SQLite's plan of a `$match` and `$group` that stay in SQL; for tests. */
export function explainGroup(at: Opened, collection: string, match: unknown, group: unknown): string[] {
  const table = tableOf(at, collection);
  const asked = table && groupSql(table, match, readGroup(group));
  return asked ? explainSql(at.file, asked.sql, asked.cells) : [];
}

function keyFrom({ key }: Group, values: readonly unknown[]): unknown {
  if (key.length === 0) return null;
  if (key.length === 1 && key[0]?.name === undefined) return values[0] ?? null;
  return Object.fromEntries(
    key.flatMap(({ name }, place) =>
      values[place] === undefined || values[place] === null ? [] : [[name, values[place]]],
    ),
  );
}

function groupInMemory(documents: readonly Document[], group: Group): Document[] {
  const groups = new Map<string, { id: unknown; members: Document[] }>();
  for (const document of documents) {
    const id = keyFrom(
      group,
      group.key.map(({ path }) => valueAt(document, path)),
    );
    const name = encode({ id });
    const known = groups.get(name);
    if (known) known.members.push(document);
    else groups.set(name, { id, members: [document] });
  }
  return [...groups.values()].map(({ id, members }) => ({
    _id: id,
    ...Object.fromEntries(group.gather.map((gather) => [gather.name, gathered(gather, members)])),
  }));
}

function gathered({ how, path }: Group['gather'][number], members: readonly Document[]): unknown {
  if (how === 'count') return members.length;
  const values = members.map((member) => valueAt(member, path ?? ''));
  const present = values.filter((value) => value !== undefined && value !== null);
  switch (how) {
    case 'first':
      return values[0] ?? null;
    case 'sum':
      return present.reduce<number>((sum, value) => sum + (typeof value === 'number' ? value : 0), 0);
    case 'min':
      return (
        present.reduce<unknown>(
          (best, value) => (best === undefined || compare(value, best) < 0 ? value : best),
          undefined,
        ) ?? null
      );
    case 'max':
      return (
        present.reduce<unknown>(
          (best, value) => (best === undefined || compare(value, best) > 0 ? value : best),
          undefined,
        ) ?? null
      );
  }
}
