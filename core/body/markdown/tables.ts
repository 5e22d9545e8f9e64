/** Tables in Markdown: cells beyond the columns of the head belong to none, and no program shows them. */
import type { Token } from 'markdown-it';
import type { DroppedList } from '../dropped.js';

export function tellCellsBeyond(text: string, tokens: readonly Token[], dropped: DroppedList): void {
  const lines = text.split('\n');
  let row: { line: string; cells: string[] } | undefined;
  let inHead = false;
  for (const { type, map, content } of tokens) {
    if (type === 'thead_open' || type === 'thead_close') inHead = type === 'thead_open';
    // The head says how many there are.
    if (type === 'tr_open' && !inHead) row = { line: lines[map?.[0] ?? -1] ?? '', cells: [] };
    else if (type === 'inline') row?.cells.push(content);
    else if (type === 'tr_close' && row) {
      const beyond = without(row.line.replace(/^[>\s]*/, ''), row.cells);
      if (beyond !== '') dropped.tell('table_cells', beyond.slice(0, 40), (row.cells.at(-1) ?? '').slice(0, 20));
      row = undefined;
    }
  }
}

/** What is left of a row behind its cells, without the lines between them. */
function without(line: string, cells: readonly string[]): string {
  let at = 0;
  for (const cell of cells) {
    const words = bare(cell);
    for (let taken = 0; taken < words.length && at < line.length; at += 1) if (bare(line[at] ?? '') !== '') taken += 1;
  }
  return line
    .slice(at)
    .replace(/\\\|/g, '|')
    .replace(/^[\s|]+|[\s|]+$/g, '');
}

/** Without what a cell may be written with and read without: bars, blanks, strokes before a bar. */
function bare(text: string): string {
  return text.replace(/[\s|\\]/g, '');
}
