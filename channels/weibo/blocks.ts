/** A canonical body as lines of plain text, each with what it is. */
import { loadBody, numbersOf, readWords, type HtmlNode as Node } from '../reading.js';
import { rowsOf, type Cell } from './cells.js';

export type Line =
  /** `strong`: a whole paragraph in bold, as questions in an interpretation are. */
  | { kind: 'heading' | 'text' | 'strong' | 'item' | 'quote' | 'right' | 'center'; text: string }
  /** Rows of one table have the same number. */
  | { kind: 'row'; text: string; cells: Cell[]; table: number };

type Plain = Exclude<Line['kind'], 'row'>;

/** Inner lists, tables and figures have lines of their own. */
const apart: ReadonlySet<string> = new Set(['ul', 'ol', 'table', 'figure']);

/** Captions of pictures are left out: they mean nothing without their picture. */
export function linesOf(html: string): Line[] {
  const $ = loadBody(html);
  const lines: Line[] = [];
  let tables = 0;
  const add = (kind: Plain, text: string): void => {
    for (const part of text.split('\n')) {
      const tidy = tidyLine(part);
      if (tidy) lines.push({ kind, text: tidy });
    }
  };
  const textOf = (node: Node): string => readWords(node, apart);
  const walk = (node: Node, kind: Plain): void => {
    const element = $(node);
    if (node.type === 'text') return add(kind, readWords(node));
    if (element.is('h2, h3, h4')) return add('heading', textOf(node));
    if (element.is('ul, ol')) return walkList(node);
    if (element.is('table')) return walkTable(node);
    if (element.is('figure')) return void element.find('table').each((_, table) => walk(table, kind));
    if (element.is('blockquote')) return void element.contents().each((_, child) => walk(child, 'quote'));
    if (kind === 'text' && element.is('p.right, p.center'))
      return add(element.is('p.right') ? 'right' : 'center', textOf(node));
    add(kind === 'text' && isBold(node) ? 'strong' : kind, textOf(node));
  };
  const isBold = (node: Node): boolean => {
    const bold = $(node).find('strong').not('strong strong');
    return bold.length > 0 && squeeze(bold.text()) === squeeze($(node).text());
  };
  const walkTable = (node: Node): void => {
    tables += 1;
    for (const row of rowsOf($, node)) {
      const cells = row.map((cell) => ({ ...cell, text: tidyLine(cell.text) }));
      const text = cells
        .map((cell) => cell.text)
        .filter(Boolean)
        .join('｜');
      if (text) lines.push({ kind: 'row', text, cells, table: tables });
    }
  };
  const walkList = (node: Node): void => {
    const list = $(node);
    const numbers = numbersOf($, node);
    list.children('li').each((place, item) => {
      add('item', `${list.is('ol') ? `${numbers[place] ?? place + 1}. ` : '• '}${tidyLine(textOf(item))}`);
      $(item)
        .find('> ul, > ol')
        .each((_, inner) => walkList(inner));
    });
  };
  $.root()
    .contents()
    .each((_, node) => walk(node, 'text'));
  return lines;
}

/** One line, single spaces, without halves of surrogate pairs (which cannot be sent). */
export function tidyLine(text: string): string {
  return text
    .replace(/\p{Surrogate}|[\u0000-\u001f\u007f\u200b\ufeff]/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
}

/** “各区人民政府：”, as documents begin. */
export function isSalutation(text: string): boolean {
  return /^[^。！？；]{2,60}(?:人民政府|[府局委办院厅部门位会司校]|全体.{2,10}|同志|朋友|Sir or Madam)(?:們|们)?[：:]$/u.test(
    text,
  );
}

export function squeeze(text: string): string {
  return text.replace(/\s+/gu, '');
}
