/** A table of a long picture: columns that share the page by what they hold. */
import type { Cell } from './cells.js';
import { breakRows, longestWord, widthOf } from './typesetting.js';

export interface TableRow {
  cells: { x: number; width: number; rows: string[]; head: boolean }[];
  height: number;
}

export const tableSize = 26;
const leading = 38;
export const cellPadding = 12;

/** How wide each column is, in pixels; undefined where they cannot stand side by side in `room`. */
export function columnsOf(rows: readonly Cell[][], room: number): number[] | undefined {
  const count = Math.max(...rows.map((row) => sum(row.map((cell) => cell.span))));
  const wanted = Array.from({ length: count }, () => 0);
  const least = Array.from({ length: count }, () => 0);
  for (const row of rows) {
    let column = 0;
    for (const cell of row) {
      if (cell.span === 1) {
        wanted[column] = Math.max(wanted[column] ?? 0, pixels(widthOf(cell.text, cell.head)));
        least[column] = Math.max(least[column] ?? 0, pixels(Math.max(2, longestWord(cell.text, cell.head))));
      }
      column += cell.span;
    }
  }
  return sum(least) > room ? undefined : shared(wanted, least, room);
}

/** Everyone gets its least; of what is left, those that lack little come first, and the wide ones share the rest. */
function shared(wanted: readonly number[], least: readonly number[], room: number): number[] {
  const widths = [...least];
  const lackOf = (n: number): number => Math.max(0, (wanted[n] ?? 0) - (least[n] ?? 0));
  let spare = room - sum(least);
  const order = [...least.keys()].sort((one, other) => lackOf(one) - lackOf(other));
  for (const [place, n] of order.entries()) {
    const more = Math.min(lackOf(n), spare / (order.length - place));
    widths[n] = (widths[n] ?? 0) + more;
    spare -= more;
  }
  const used = room - spare;
  return widths.map((width) => (width * room) / used);
}

export function setRow(row: readonly Cell[], columns: readonly number[]): TableRow {
  let column = 0;
  let x = 0;
  const cells = row.map((cell) => {
    const width = sum(columns.slice(column, column + cell.span));
    const placed = {
      x,
      width,
      head: cell.head,
      rows: breakRows(cell.text, { room: () => (width - 2 * cellPadding) / tableSize, bold: cell.head }),
    };
    column += cell.span;
    x += width;
    return placed;
  });
  return { cells, height: Math.max(1, ...cells.map(({ rows }) => rows.length)) * leading + 2 * cellPadding };
}

/** Where the n-th row of a cell stands, from the cell's top. */
export function baseline(n: number): number {
  return cellPadding + leading * n + tableSize + 2;
}

function pixels(ems: number): number {
  return Math.ceil(ems * tableSize) + 2 * cellPadding + 2;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
