/** A table of a canonical body as rows of cells. */
import type { CheerioAPI } from 'cheerio';
import { readWords, type HtmlNode as Node } from '../reading.js';

export interface Cell {
  text: string;
  head: boolean;
  /** Columns that it covers. */
  span: number;
}

/** Every row covers all columns that it has: below a cell that reaches down stand empty ones. */
export function rowsOf($: CheerioAPI, table: Node): Cell[][] {
  const rows: Cell[][] = [];
  /** Columns that a cell of an earlier row still covers, with how many rows more. */
  const reaching = new Map<number, number>();
  $(table)
    .find('tr')
    .each((_, row) => {
      const cells: Cell[] = [];
      let column = 0;
      const passCovered = (): void => {
        for (let rest = reaching.get(column); rest; rest = reaching.get(column)) {
          cells.push({ text: '', head: false, span: 1 });
          reaching.set(column, rest - 1);
          column += 1;
        }
      };
      $(row)
        .children('th, td')
        .each((_, cell) => {
          passCovered();
          const span = spanOf($(cell).attr('colspan'), 20);
          const down = spanOf($(cell).attr('rowspan'), 65_534) - 1;
          if (down > 0) for (let n = 0; n < span; n += 1) reaching.set(column + n, down);
          cells.push({ text: textOf($, cell), head: $(cell).is('th'), span });
          column += span;
        });
      passCovered();
      rows.push(cells);
    });
  return rows;
}

/** What stands below one another in a cell stays apart. */
function textOf($: CheerioAPI, cell: Node): string {
  $(cell).find('p, li').append(' ');
  return readWords(cell);
}

function spanOf(value: string | undefined, most: number): number {
  return Math.min(most, Math.max(1, Number.parseInt(value ?? '1', 10) || 1));
}
