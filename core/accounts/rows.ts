/** Import files: a CSV or JSON file as rows for the import. */
import { parse } from 'csv-parse/sync';
import { LianfaError } from '../errors.js';

/**
 * Reads CSV with the columns channel, name, organization, tags (separated by `;`), settings.*, credentials.*. A cell that
 * is empty is absent; every value is text, unless it is written as JSON behind `=` (`=true`, `=123`).
 * @throws LianfaError field_invalid where it is no CSV
 */
export function rowsFromCsv(text: string): Record<string, unknown>[] {
  return recordsOf(text).map((record) => {
    const row: Record<string, unknown> = { settings: {}, credentials: {} };
    for (const [column, cell] of Object.entries(record)) if (cell !== '') place(row, column, cell);
    return row;
  });
}

/** Plain columns, as units are imported. */
export function plainRowsFromCsv(text: string): Record<string, unknown>[] {
  return recordsOf(text).map((record) => Object.fromEntries(Object.entries(record).filter(([, cell]) => cell !== '')));
}

function recordsOf(text: string): Record<string, string>[] {
  try {
    return parse(text, {
      columns: (names: string[]) => names.map((name) => name.trim()),
      bom: true,
      trim: true,
      skip_empty_lines: true,
    });
  } catch (error) {
    const detail = error instanceof Error ? error.message : '';
    throw new LianfaError(
      'field_invalid',
      { field: 'file', reason: { zh: `不是有效的 CSV：${detail}`, en: `it is not valid CSV: ${detail}` } },
      { cause: error },
    );
  }
}

function place(row: Record<string, unknown>, column: string, cell: string): void {
  const [group, ...path] = column.split('.');
  if (column === 'tags')
    row['tags'] = cell
      .split(/[;；]/)
      .map((tag) => tag.trim())
      .filter(Boolean);
  else if ((group === 'settings' || group === 'credentials') && path.length > 0)
    placeDeep(row[group] as Record<string, unknown>, path, valueOf(cell));
  else row[column] = cell;
}

function placeDeep(into: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path;
  if (['__proto__', 'constructor', 'prototype'].includes(first)) return;
  if (rest.length === 0) {
    into[first] = value;
    return;
  }
  const inner = typeof into[first] === 'object' && into[first] !== null ? (into[first] as Record<string, unknown>) : {};
  into[first] = inner;
  placeDeep(inner, rest, value);
}

/** `=true`, `=123`, `=["a"]` are JSON; all else is text, so that an id of digits keeps its zeros. */
function valueOf(cell: string): unknown {
  if (!cell.startsWith('=')) return cell;
  try {
    return JSON.parse(cell.slice(1)) as unknown;
  } catch {
    return cell;
  }
}
