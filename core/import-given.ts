/** What an import file says, row by row, as a spreadsheet or as JSON: the rows that can be read, and those refused at once. */
import type { z } from 'zod';
import type { Said } from '../channels/channel.js';
import { LianfaError } from './errors.js';
import { checkFields } from './field-errors.js';
import type { ImportResult, Refusal } from './import-result.js';
import { readTable, type Layout } from './tables/read-table.js';
import { bounds, breathe } from './tables/table.js';

export interface GivenRow<T> {
  row: number;
  value: T;
}

export interface Given<T> {
  rows: GivenRow<T>[];
  refused: Refusal[];
  blank: number;
  told: Said[];
}

/** How a resource is handed in. */
export interface Shape<T> {
  /** In JSON: the list itself, or an object that holds it under this name. */
  list: string;
  /** A row of JSON. */
  schema: z.ZodType<T>;
  layout: Layout;
  /** A row of a table, once it is put by `ofCells`. */
  tableSchema: z.ZodType<T>;
  /** A table's row as JSON would say it: what the file doesn't have is absent, what it clears is null. */
  ofCells(cells: ReadonlyMap<string, string>): unknown;
}

/** In a cell that may be empty, this empties it. */
export const clears = '-';

/** @throws LianfaError table_unreadable, request_malformed */
export async function readGiven<T>(bytes: Buffer, shape: Shape<T>): Promise<Given<T>> {
  if (/^(\ufeff|\s)*[[{]/.test(bytes.subarray(0, 200).toString('utf8')))
    return givenOf(listOf(bytes, shape.list), shape.schema);
  const table = await readTable(bytes, shape.layout);
  const given: Given<T> = { rows: [], refused: [], blank: table.blank, told: [...table.told, emptyRule] };
  for (const [place, row] of table.rows.entries()) {
    if (place % 250 === 0) await breathe();
    if ('refused' in row) refuse(given.refused, row.row, invalid(row.field, row.refused));
    else take(given, row.row, shape.tableSchema, shape.ofCells(row.cells));
  }
  return given;
}

/** Rows of a JSON list, counted from 1. */
export async function givenOf<T>(list: readonly unknown[], schema: z.ZodType<T>): Promise<Given<T>> {
  const given: Given<T> = { rows: [], refused: [], blank: 0, told: [] };
  for (const [place, value] of list.entries()) {
    if (place % 250 === 0) await breathe();
    take(given, place + 1, schema, value);
  }
  return given;
}

function take<T>(given: Given<T>, row: number, schema: z.ZodType<T>, value: unknown): void {
  try {
    given.rows.push({ row, value: checkFields(schema, value) });
  } catch (error) {
    refuse(given.refused, row, error);
  }
}

function listOf(bytes: Buffer, name: string): unknown[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new LianfaError('request_malformed', {}, { cause: error });
  }
  const list: unknown = Array.isArray(parsed) ? parsed : (parsed as Record<string, unknown>)[name];
  if (!Array.isArray(list)) throw new LianfaError('field_missing', { field: name });
  if (list.length > bounds.rows)
    throw invalid(name, { zh: `最多 ${bounds.rows} 行。`, en: `at most ${bounds.rows} rows.` });
  return list;
}

/** Keeps a refusal. @throws what is no refusal but a fault */
export function refuse(refused: Refusal[], row: number, error: unknown): void {
  if (!(error instanceof LianfaError)) throw error;
  refused.push({
    row,
    field: error.field === undefined || error.field === 'body' ? 'row' : error.field,
    message: error.toJSON().message,
  });
}

export function invalid(field: string, reason: Said): LianfaError {
  return new LianfaError('field_invalid', { field, reason });
}

/** The result to begin with; `unchanged` is what remains. */
export function resultOf(given: Given<unknown>, dryRun: boolean): ImportResult {
  const { refused, blank, told } = given;
  return { dryRun, created: 0, updated: 0, unchanged: 0, blank, changes: [], refused: [...refused], told: [...told] };
}

/** Counted from the changes, so that the numbers and the rows cannot differ. */
export function counted(result: ImportResult, rows: number): ImportResult {
  const created = result.changes.filter(({ is }) => is === 'created').length;
  const updated = result.changes.length - created;
  const byRow = (one: { row: number }, other: { row: number }): number => one.row - other.row;
  result.changes.sort(byRow);
  result.refused.sort(byRow);
  return { ...result, created, updated, unchanged: rows - created - updated - result.refused.length };
}

const emptyRule: Said = {
  zh: `空单元格和文件里没有的列不改动已有内容；要清空请填“${clears}”。`,
  en: `An empty cell, and a column that the file does not have, leave what is stored as it is; "${clears}" empties it.`,
};
