/** Settings or credentials out of a table's cells, laid over what is stored. */
import { z } from 'zod';
import { tidyLine } from '../text.js';
import { listed } from './input.js';

type Values = Record<string, unknown>;

/** A copy of `stored` with the cells of the group (`settings.…`) laid over it; a null cell takes its value away. */
export function overlaid(
  stored: Values,
  cells: Readonly<Record<string, string | null>>,
  group: string,
  schema: z.ZodType,
): Values {
  const result = structuredClone(stored);
  for (const [column, cell] of Object.entries(cells)) {
    const [first, ...path] = column.split('.');
    if (first === group) lay(result, path, cell === null ? undefined : valueOf(cell, kindsAt(schema, path)));
  }
  return result;
}

function lay(into: Values, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (['__proto__', 'constructor', 'prototype'].includes(first)) return;
  if (rest.length > 0) {
    const inner = into[first];
    const next: Values = isValues(inner) ? inner : {};
    into[first] = next;
    lay(next, rest, value);
  } else if (value === undefined) delete into[first];
  else into[first] = value;
}

/** A cell is text; what else the channel asks for there is read from it. `=…` is JSON, whatever is asked for. */
function valueOf(cell: string, kinds: ReadonlySet<string>): unknown {
  if (cell.startsWith('=')) return parsed(cell.slice(1)) ?? cell;
  if (kinds.has('string')) return cell;
  if (kinds.has('boolean') && /^(true|是)$/i.test(cell)) return true;
  if (kinds.has('boolean') && /^(false|否)$/i.test(cell)) return false;
  if ((kinds.has('integer') || kinds.has('number')) && /^-?\d+(\.\d+)?$/.test(cell)) return Number(cell);
  if (kinds.has('object') || kinds.has('array')) return parsed(cell) ?? (kinds.has('array') ? listed(cell) : cell);
  return cell;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

interface Shown {
  type?: string | string[];
  anyOf?: Shown[];
  oneOf?: Shown[];
  allOf?: Shown[];
  properties?: Record<string, Shown>;
  additionalProperties?: Shown | boolean;
}

const shown = new WeakMap<z.ZodType, Shown>();

/** The JSON types that the schema takes at a path, in any of its variants. */
function kindsAt(schema: z.ZodType, path: readonly string[]): ReadonlySet<string> {
  const known = shown.get(schema) ?? (z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shown);
  shown.set(schema, known);
  let nodes = variants(known);
  for (const part of path)
    nodes = nodes.flatMap(({ properties, additionalProperties: more }) => {
      const next = properties?.[part] ?? (typeof more === 'object' ? more : undefined);
      return next ? variants(next) : [];
    });
  return new Set(nodes.flatMap(({ type }) => type ?? []));
}

function variants(node: Shown): Shown[] {
  const inner = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])];
  return inner.length === 0 ? [node] : [node, ...inner.flatMap(variants)];
}

/** Every text in it cleaned: a site's name with a vertical tab breaks the site's feeds. */
export function tidied(value: unknown): unknown {
  if (typeof value === 'string') return tidyLine(value);
  if (Array.isArray(value)) return value.map(tidied);
  return isValues(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [tidyLine(key), tidied(inner)]))
    : value;
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
