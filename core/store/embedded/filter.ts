/** Filters, read once into a small tree: refused by name where outside the surface, and matched against a document. */
import { isDate } from 'node:util/types';
import { codes, refuse, serverError } from './errors.js';
import { compare, equal, isPlainObject, rankOf, type Document } from './values.js';

export type RangeOperator = '$gt' | '$gte' | '$lt' | '$lte';

export type Condition =
  | { kind: 'and' | 'or'; all: Condition[] }
  | { kind: 'not'; inner: Condition }
  | { kind: 'in'; path: string; values: unknown[] }
  | { kind: 'range'; path: string; operator: RangeOperator; value: unknown }
  | { kind: 'exists'; path: string };

/** Reads a MongoDB filter. Throws `UnsupportedByStore` for an operator or value outside the surface. */
export function readFilter(filter: unknown): Condition {
  if (!isPlainObject(filter)) return refuse('a filter that is no plain object');
  const all: Condition[] = [];
  for (const [key, operand] of Object.entries(filter)) {
    if (key === '$and' || key === '$or') {
      if (!Array.isArray(operand) || operand.length === 0)
        throw serverError(codes.badValue, `${key} argument must be a non-empty array`);
      all.push({ kind: key === '$and' ? 'and' : 'or', all: operand.map(readFilter) });
    } else {
      if (key.startsWith('$')) refuse(`the filter operator ${key}`);
      all.push(...readField(key, operand));
    }
  }
  return all.length === 1 && all[0] ? all[0] : { kind: 'and', all };
}

function readField(path: string, operand: unknown): Condition[] {
  checkPath(path);
  if (!isPlainObject(operand)) return [isEqual(path, operand)];
  const operators = Object.keys(operand).filter((key) => key.startsWith('$'));
  if (operators.length === 0) return [isEqual(path, operand)];
  if (operators.length < Object.keys(operand).length) refuse(`a filter on "${path}" that mixes operators and fields`);
  return Object.entries(operand).map(([operator, value]) => readOperator(path, operator, value));
}

function readOperator(path: string, operator: string, value: unknown): Condition {
  switch (operator) {
    case '$in':
      return isOneOf(path, value);
    case '$exists':
      return value ? { kind: 'exists', path } : { kind: 'not', inner: { kind: 'exists', path } };
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      if (![2, 3, 8, 9].includes(rankOf(value)))
        refuse(`${operator} on "${path}" with something else than a number, string, boolean or date`);
      return { kind: 'range', path, operator, value: checked(path, value) };
    default:
      return refuse(`the filter operator ${operator}`);
  }
}

function isEqual(path: string, value: unknown): Condition {
  return { kind: 'in', path, values: [checked(path, value)] };
}

function isOneOf(path: string, values: unknown): Condition {
  if (!Array.isArray(values)) throw serverError(codes.badValue, '$in needs an array');
  return { kind: 'in', path, values: values.map((value) => checked(path, value)) };
}

/** An `undefined` would ask for null on one store and for anything on the other, so it is refused on both. */
function checked(path: string, value: unknown): unknown {
  if (value === undefined) return refuse(`undefined as the value of "${path}" in a filter`);
  if (typeof value === 'number' && !Number.isFinite(value)) return refuse(`${String(value)} in a filter`);
  if (typeof value === 'object' && value !== null && !isDate(value) && !Array.isArray(value) && !isPlainObject(value)) {
    return refuse(`a ${value.constructor.name} in a filter`);
  }
  return value;
}

/** Field names whose meaning is the same in both stores. */
export function checkPath(path: string): void {
  if (path === '' || path.includes('"') || path.includes('\0')) refuse(`the field name "${path}"`);
  for (const part of path.split('.')) {
    if (part === '' || part === '__proto__' || part.startsWith('$') || /^\d+$/.test(part)) refuse(`the path "${path}"`);
  }
}

/** Whether the document fulfils the condition, as MongoDB would say. */
export function matches(condition: Condition, document: Document): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.all.every((inner) => matches(inner, document));
    case 'or':
      return condition.all.some((inner) => matches(inner, document));
    case 'not':
      return !matches(condition.inner, document);
    case 'exists':
      return leaves(document, condition.path.split('.')).some((value) => value !== undefined);
    case 'in':
    case 'range':
      return leaves(document, condition.path.split('.')).some((leaf) => matchesLeaf(condition, leaf));
  }
}

type LeafCondition = Extract<Condition, { kind: 'in' | 'range' }>;

/** An array fulfils a condition itself or by one of its elements. */
function matchesLeaf(condition: LeafCondition, leaf: unknown): boolean {
  return (
    matchesValue(condition, leaf) || (Array.isArray(leaf) && leaf.some((element) => matchesValue(condition, element)))
  );
}

function matchesValue(condition: LeafCondition, value: unknown): boolean {
  if (condition.kind === 'in') return condition.values.some((wanted) => equal(wanted, value));
  if (rankOf(value) !== rankOf(condition.value)) return false;
  const order = compare(value, condition.value);
  switch (condition.operator) {
    case '$gt':
      return order > 0;
    case '$gte':
      return order >= 0;
    case '$lt':
      return order < 0;
    case '$lte':
      return order <= 0;
  }
}

/** All values at the path. Arrays of objects on the way are entered; what such an array holds besides objects has no fields. */
function leaves(value: unknown, parts: readonly string[]): unknown[] {
  const [part, ...rest] = parts;
  if (part === undefined) return [value];
  if (isPlainObject(value)) return leavesOfField(value, part, rest);
  if (Array.isArray(value)) return value.filter(isPlainObject).flatMap((element) => leavesOfField(element, part, rest));
  return [undefined];
}

function leavesOfField(holder: Document, part: string, rest: readonly string[]): unknown[] {
  return leaves(Object.hasOwn(holder, part) ? holder[part] : undefined, rest);
}
