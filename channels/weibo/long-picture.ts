/**
 * The whole text as one tall picture, for bodies that do not fit 140 characters. It is drawn as SVG when the release
 * is rendered, so that preview and post show the same; only the pixels are made when it is published.
 */
import sharp from 'sharp';
import { isSalutation, type Line } from './blocks.js';
import type { Cell } from './cells.js';
import { baseline, cellPadding, columnsOf, setRow, tableSize, type TableRow } from './long-table.js';
import { drillLayer } from '../drill-mark.js';
import { foot, fontsFor, isChinese, longDate, plainQuotes } from './long-words.js';
import { breakEvenly, breakRows } from './typesetting.js';

export interface LongPicture {
  svg: string;
  width: number;
  height: number;
  /** The text went on below the greatest height. */
  cut: boolean;
}

export interface LongText {
  title: string;
  source: string;
  language: string;
  signedAt: Date;
  /** The hour counts, as in a warning. */
  timed: boolean;
  /** Of an exercise: 演练 lies over all of it. */
  drill: boolean;
  lines: readonly Line[];
  link: string | undefined;
}

const width = 750;
const margin = 48;
const inner = width - 2 * margin;
/** Pixels. The platform shows taller pictures badly, and a text of this height has some six thousand characters. */
const maxHeight = 13_000;
const footRoom = 240;

interface Style {
  size: number;
  leading: number;
  before: number;
  bold: boolean;
  colour: string;
  /** Of the first row and of the others, in characters of this size. */
  indent: readonly [number, number];
}

const ink = '#262626';
const styles = {
  byline: { size: 26, leading: 40, before: 12, bold: false, colour: '#5f5f5f', indent: [0, 0] },
  heading: { size: 32, leading: 52, before: 28, bold: true, colour: '#1a1a1a', indent: [0, 0] },
  text: { size: 30, leading: 52, before: 16, bold: false, colour: ink, indent: [2, 0] },
  strong: { size: 30, leading: 52, before: 16, bold: true, colour: ink, indent: [2, 0] },
  item: { size: 30, leading: 52, before: 10, bold: false, colour: ink, indent: [1, 2] },
  quote: { size: 30, leading: 50, before: 0, bold: false, colour: '#404040', indent: [1, 1] },
  foot: { size: 24, leading: 38, before: 0, bold: false, colour: '#5f5f5f', indent: [0, 0] },
} as const satisfies Record<string, Style>;
const title = { size: 40, leading: 60, before: 24 };

/** Pure: the same text gives the same drawing. */
export function drawLongPicture(text: LongText): LongPicture {
  const page = new Page(text.language);
  page.title(text.title);
  page.byline(text.source, longDate(text.signedAt, text.language, text.timed));
  page.rule('#c8161d', 3, 20);
  const signature = signatureAt(text.lines);
  for (let place = 0; place < text.lines.length && !page.cut; place += 1) {
    const line = text.lines[place];
    if (!line) break;
    if (line.kind === 'row') {
      const rows = text.lines.flatMap((other) => (other.kind === 'row' && other.table === line.table ? [other] : []));
      page.table(rows.map((row) => row.cells));
      place += rows.length - 1;
    } else if (line.kind === 'quote') {
      page.quote(line.text, text.lines[place - 1]?.kind === 'quote');
    } else if (line.kind === 'right' || place >= signature) {
      page.aside(line.text, styles.text, 'end');
    } else if (line.kind === 'center') {
      page.aside(line.text, styles.text, 'middle');
    } else {
      page.paragraph(line.text, styles[line.kind], place === 0 && line.kind === 'text' && isSalutation(line.text));
    }
  }
  const cut = page.cut;
  page.rule('#d9d9d9', 1, 40);
  for (const words of foot(text.language, cut, text.link)) page.paragraph(words, styles.foot, true, true);
  return page.finish(cut, text.drill);
}

const dateLine =
  /^(?:\d{4}|[二〇○零一三四五六七八九]{4})\s*年.{1,4}月.{1,4}日$|^\d{1,2} [A-Z][a-z]+ \d{4}$|^[A-Z][a-z]+ \d{1,2}, \d{4}$/u;

/** Where the issuer's name and the date stand that close a document; the number of lines where there are none. */
function signatureAt(lines: readonly Line[]): number {
  const last = lines.at(-1);
  if (last?.kind !== 'text' || !dateLine.test(last.text)) return lines.length;
  const name = lines.at(-2);
  return name?.kind === 'text' && !/[。！？；：，.!?;:]$/u.test(name.text) && name.text.length <= 60
    ? lines.length - 2
    : lines.length - 1;
}

class Page {
  cut = false;
  #y = margin;
  readonly #parts: string[] = [];
  readonly #language: string;
  readonly #chinese: boolean;

  constructor(language: string) {
    this.#language = language;
    this.#chinese = isChinese(language);
  }

  title(text: string): void {
    this.#y += title.before;
    for (const row of breakEvenly(text, inner / title.size, true)) {
      this.#y += title.leading;
      this.#text(margin, this.#y, row, { size: title.size, bold: true, colour: '#1a1a1a' });
    }
  }

  /** Who and when: side by side where both fit. */
  byline(source: string, date: string): void {
    const both = `${source}${this.#chinese ? '　' : ' · '}${date}`;
    for (const words of breakRows(both, { room: () => inner / styles.byline.size }).length > 1
      ? [source, date]
      : [both])
      this.paragraph(words, styles.byline);
  }

  /** `flush`: no indent. Only the foot may go below the greatest height. */
  paragraph(text: string, style: Style, flush = false, always = false): void {
    this.#y += style.before;
    // A first row is set in where Chinese is; Latin paragraphs stand apart already.
    const indentOf = (row: number): number =>
      flush || (!this.#chinese && style.indent[0] > style.indent[1]) ? 0 : style.indent[row === 0 ? 0 : 1];
    for (const [n, row] of breakRows(text, {
      room: (row) => inner / style.size - indentOf(row),
      bold: style.bold,
    }).entries()) {
      if (!always && !this.#fits(style.leading)) return;
      this.#y += style.leading;
      this.#text(margin + style.size * indentOf(n), this.#y, row, style);
    }
  }

  /** Set to the right edge, or in the middle. */
  aside(text: string, style: Style, anchor: 'end' | 'middle'): void {
    this.#y += style.before;
    for (const row of breakRows(text, { room: () => inner / style.size })) {
      if (!this.#fits(style.leading)) return;
      this.#y += style.leading;
      this.#text(anchor === 'end' ? width - margin : width / 2, this.#y, row, style, anchor);
    }
  }

  quote(text: string, goesOn: boolean): void {
    const { size, leading } = styles.quote;
    if (!goesOn) this.#y += 24;
    const rows = breakRows(text, { room: () => inner / size - 2 });
    const height = rows.length * leading + 16;
    if (!this.#fits(height)) return;
    this.#rect(margin, this.#y, inner, height, '#f4f4f4');
    this.#rect(margin, this.#y, 6, height, '#c8161d');
    for (const [n, row] of rows.entries()) this.#text(margin + size, this.#y + leading * n + 42, row, styles.quote);
    this.#y += height;
  }

  table(rows: readonly Cell[][]): void {
    this.#y += 20;
    const columns = columnsOf(rows, inner);
    if (!columns) return this.#tableAsBlocks(rows);
    for (const row of rows) {
      const set = setRow(row, columns);
      if (!this.#fits(set.height)) return;
      this.#row(set);
    }
    this.#y += 8;
  }

  /** Too many columns for a phone: each row becomes a block that names its columns. */
  #tableAsBlocks([head = [], ...rows]: readonly Cell[][]): void {
    const names = head.flatMap((cell) => Array.from({ length: cell.span }, () => cell.text));
    for (const row of rows) {
      let column = 0;
      for (const cell of row) {
        if (cell.text)
          this.paragraph(
            `${names[column] ? `${names[column] ?? ''}${this.#chinese ? '：' : ': '}` : ''}${cell.text}`,
            column === 0 ? styles.strong : styles.item,
            column === 0,
          );
        column += cell.span;
      }
    }
  }

  #row({ cells, height }: TableRow): void {
    for (const { x, width: wide, rows, head } of cells) {
      if (head) this.#rect(margin + x, this.#y, wide, height, '#f0f0f0');
      this.#parts.push(
        `<rect x="${round(margin + x)}" y="${this.#y}" width="${round(wide)}" height="${height}" fill="none" stroke="#bdbdbd"/>`,
      );
      for (const [n, row] of rows.entries())
        this.#text(margin + x + cellPadding, this.#y + baseline(n), row, { size: tableSize, bold: head, colour: ink });
    }
    this.#y += height;
  }

  rule(colour: string, thick: number, before: number): void {
    this.#y += before;
    this.#rect(margin, this.#y, inner, thick, colour);
  }

  finish(cut: boolean, drill: boolean): LongPicture {
    const height = this.#y + margin;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" xml:lang="${escaped(this.#language)}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${fontsFor(this.#language)}"><rect width="${width}" height="${height}" fill="#fff"/>${this.#parts.join('')}${drill ? drillLayer({ width, height }) : ''}</svg>`;
    return { svg, width, height, cut };
  }

  #fits(more: number): boolean {
    if (this.#y + more > maxHeight - footRoom) this.cut = true;
    return !this.cut;
  }

  #rect(x: number, y: number, wide: number, high: number, fill: string): void {
    this.#parts.push(`<rect x="${round(x)}" y="${y}" width="${round(wide)}" height="${high}" fill="${fill}"/>`);
  }

  #text(
    x: number,
    y: number,
    text: string,
    { size, bold, colour }: Pick<Style, 'size' | 'bold' | 'colour'>,
    anchor: 'start' | 'middle' | 'end' = 'start',
  ): void {
    const words = this.#chinese ? text : plainQuotes(text);
    this.#parts.push(
      `<text x="${round(x)}" y="${y}" font-size="${size}"${bold ? ' font-weight="700"' : ''}${anchor === 'start' ? '' : ` text-anchor="${anchor}"`} fill="${colour}">${escaped(words)}</text>`,
    );
  }
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

function escaped(text: string): string {
  return text.replace(
    /[&<>"]/g,
    (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character] ?? '',
  );
}

const drawn = new WeakMap<object, Promise<Buffer>>();

/** The drawing as PNG; made once for all accounts that share the rendition. */
export function pixelsOf(picture: LongPicture): Promise<Buffer> {
  let pixels = drawn.get(picture);
  if (!pixels) {
    pixels = sharp(Buffer.from(picture.svg))
      .toColourspace('srgb')
      .png({ palette: true, colours: 32, effort: 3 })
      .toBuffer();
    drawn.set(picture, pixels);
    // A failure must not be kept; the caller who awaits it is told.
    pixels.catch(() => drawn.delete(picture));
  }
  return pixels;
}
