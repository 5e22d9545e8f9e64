/**
 * Conditions as SQL. An indexed path is a column of its own, which holds scalars only; any other is read out of the
 * document. What SQL cannot decide exactly it lets pass, and `exact: false` asks for a second look by `matches`.
 */
import { isDate } from 'node:util/types';
import type { Cell } from './binding.js';
import type { Condition, RangeOperator } from './filter.js';
import { rankOf, tag, toCell } from './values.js';

export interface Where {
  sql: string;
  cells: Cell[];
  exact: boolean;
}

const everything: Where = { sql: '1', cells: [], exact: true };
const undecided: Where = { sql: '1', cells: [], exact: false };
/** More alternatives than this on a path without a column are decided row by row. */
const mostAlternatives = 100;

const signs: Record<RangeOperator, string> = { $gt: '>', $gte: '>=', $lt: '<', $lte: '<=' };

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function compile(condition: Condition, columns: ReadonlySet<string>): Where {
  switch (condition.kind) {
    case 'and':
      return join('AND', withBrackets(condition.all, columns));
    case 'or':
      return join(
        'OR',
        condition.all.map((inner) => compile(inner, columns)),
      );
    case 'not':
      return negated(condition.inner, columns);
    case 'exists':
      return {
        ...typeTest(condition.path, 'IS NOT NULL'),
        exact: columns.has(condition.path) || !condition.path.includes('.'),
      };
    case 'in':
      return columns.has(condition.path)
        ? columnIn(condition.path, condition.values)
        : fieldTest(condition.path, alternatives(condition.values));
    case 'range':
      return columns.has(condition.path)
        ? join('AND', withBrackets([condition], columns))
        : fieldTest(condition.path, [rangeOf(condition.operator, condition.value)]);
  }
}

function join(word: 'AND' | 'OR', parts: Where[]): Where {
  if (parts.length === 0) return everything;
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  return {
    sql: parts.map((part) => `(${part.sql})`).join(` ${word} `),
    cells: parts.flatMap((part) => part.cells),
    exact: parts.every((part) => part.exact),
  };
}

function negated(inner: Condition, columns: ReadonlySet<string>): Where {
  if (inner.kind === 'in' && inner.values.length === 1 && inner.values[0] === null && columns.has(inner.path)) {
    return { sql: `${quoted(inner.path)} IS NOT NULL`, cells: [], exact: true };
  }
  const { sql, cells, exact } = compile(inner, columns);
  return exact ? { sql: `NOT ifnull((${sql}), 0)`, cells, exact } : undecided;
}

function columnIn(path: string, values: readonly unknown[]): Where {
  const column = quoted(path);
  const scalars = values.filter((value) => ![4, 5].includes(rankOf(value)));
  const cells = scalars.filter((value) => value !== null).map((value) => toCell(value, path));
  const parts: Where[] = [];
  if (cells.length === 1) parts.push({ sql: `${column} = ?`, cells, exact: true });
  else if (cells.length > 1)
    parts.push({ sql: `${column} IN (SELECT value FROM json_each(?))`, cells: [JSON.stringify(cells)], exact: true });
  if (scalars.includes(null)) parts.push({ sql: `${column} IS NULL`, cells: [], exact: true });
  return parts.length === 0 ? { sql: '0', cells: [], exact: true } : join('OR', parts);
}

/**
 * The parts of an AND. A range on a column also says where its type ends, unless the filter bounds that side itself:
 * of two bounds on one side SQLite would pick either for the index.
 */
function withBrackets(all: readonly Condition[], columns: ReadonlySet<string>): Where[] {
  const bounded = new Set<string>();
  for (const part of all) if (part.kind === 'range') bounded.add(sideOf(part, part.operator));
  return all.flatMap((part) => {
    if (part.kind !== 'range' || !columns.has(part.path)) return [compile(part, columns)];
    const column = quoted(part.path);
    const wheres: Where[] = [
      { sql: `${column} ${signs[part.operator]} ?`, cells: [toCell(part.value, part.path)], exact: true },
    ];
    const upwards = part.operator.startsWith('$g');
    if (!bounded.has(sideOf(part, upwards ? '$lt' : '$gt')) && part.path !== '_id') {
      const [from, to] = bracketOf(part.value);
      const bound = upwards ? to : from;
      if (bound !== undefined) wheres.push({ sql: `${column} ${upwards ? '<' : '>='} ?`, cells: [bound], exact: true });
    }
    return wheres;
  });
}

/** Names one side of one type's range on a path: a bound of another type bounds nothing here. */
function sideOf({ path, value }: { path: string; value: unknown }, operator: RangeOperator): string {
  return `${operator.slice(0, 2)} ${String(rankOf(value))} ${path}`;
}

/** First cell of a value's type and first cell after it. */
function bracketOf(value: unknown): [from: string | undefined, to: string | undefined] {
  switch (rankOf(value)) {
    case 2:
      return [undefined, ''];
    case 3:
      return ['', tag];
    case 8:
      return [`${tag}b`, `${tag}c`];
    default:
      return [`${tag}d`, undefined];
  }
}

/** A test of a value, given how SQL names the value and its JSON type. */
interface FieldTest {
  sql: (value: string, type: string) => string;
  cells: Cell[];
}

function alternatives(values: readonly unknown[]): FieldTest[] | undefined {
  if (values.length > mostAlternatives || values.some((value) => [4, 5].includes(rankOf(value)))) return undefined;
  return values.map((wanted) => {
    if (wanted === null) return { sql: (_value, type) => `ifnull(${type}, 'null') = 'null'`, cells: [] };
    return { sql: (value, type) => `${value} = ? AND ${type} ${jsonTypes(wanted)}`, cells: [jsonCell(wanted)] };
  });
}

function rangeOf(operator: RangeOperator, limit: unknown): FieldTest {
  const end = typeof limit === 'string' ? `< '${tag}'` : isDate(limit) ? `>= '${tag}d'` : 'IS NOT NULL';
  return {
    sql: (value, type) => `${value} ${signs[operator]} ? AND ${value} ${end} AND ${type} ${jsonTypes(limit)}`,
    cells: [jsonCell(limit)],
  };
}

function jsonTypes(value: unknown): string {
  if (typeof value === 'number') return `IN ('integer', 'real')`;
  return typeof value === 'boolean' ? `IN ('true', 'false')` : `= 'text'`;
}

function jsonCell(value: unknown): Cell {
  return typeof value === 'boolean' ? Number(value) : toCell(value, 'a filter');
}

/** Tests on a path without a column: on the value, or on an element where it is an array. */
function fieldTest(path: string, tests: FieldTest[] | undefined): Where {
  if (!tests) return undecided;
  if (tests.length === 0) return { sql: '0', cells: [], exact: true };
  const place = `"$doc", ${jsonPath(path)}`;
  const on = (value: string, type: string): string => tests.map(({ sql }) => `(${sql(value, type)})`).join(' OR ');
  const onElement = `EXISTS (SELECT 1 FROM json_each(${place}) AS e WHERE ${on('e.value', 'e.type')})`;
  const onValue = on(`json_extract(${place})`, `json_type(${place})`);
  const cells = tests.flatMap((test) => test.cells);
  return throughArrays(path, {
    sql: `CASE json_type(${place}) WHEN 'array' THEN ${onElement} ELSE ${onValue} END`,
    cells: [...cells, ...cells],
    exact: true,
  });
}

function typeTest(path: string, test: string): Where {
  return throughArrays(path, { sql: `json_type("$doc", ${jsonPath(path)}) ${test}`, cells: [], exact: true });
}

/** SQL does not look into arrays on the way to a field: rows that have one there pass, to be looked at again. */
function throughArrays(path: string, where: Where): Where {
  const parts = path.split('.');
  if (parts.length === 1) return where;
  const ways = parts
    .slice(1)
    .map((_, index) => `json_type("$doc", ${jsonPath(parts.slice(0, index + 1).join('.'))}) = 'array'`);
  return { sql: `${ways.join(' OR ')} OR ${where.sql}`, cells: where.cells, exact: false };
}

export function jsonPath(path: string): string {
  return `'$${path
    .split('.')
    .map((part) => `."${part.replaceAll(`'`, `''`)}"`)
    .join('')}'`;
}
