/**
 * The whole text as one tall picture, for bodies that do not fit 140 characters. It is drawn as SVG when the release
 * is rendered, so that preview and post show the same; only the pixels are made when it is published.
 */
import sharp from 'sharp';
import type { Line } from './blocks.js';

export interface LongPicture {
  svg: string;
  width: number;
  height: number;
  /** The text went on below the greatest height. */
  cut: boolean;
}

const width = 750;
const margin = 48;
/** Pixels. The platform shows taller pictures badly, and a text of this height has some six thousand characters. */
const maxHeight = 13_000;
const foot = 120;

interface Style {
  size: number;
  leading: number;
  before: number;
  weight: number;
  colour: string;
  /** Of the first row and of the others, in characters of this size. */
  indent: readonly [number, number];
}

const styles: Readonly<Record<Line['kind'] | 'title' | 'source', Style>> = {
  title: { size: 40, leading: 60, before: 24, weight: 700, colour: '#1a1a1a', indent: [0, 0] },
  source: { size: 26, leading: 40, before: 12, weight: 400, colour: '#6b6b6b', indent: [0, 0] },
  heading: { size: 32, leading: 52, before: 28, weight: 700, colour: '#1a1a1a', indent: [0, 0] },
  text: { size: 30, leading: 52, before: 16, weight: 400, colour: '#262626', indent: [2, 0] },
  item: { size: 30, leading: 52, before: 10, weight: 400, colour: '#262626', indent: [1, 2] },
  quote: { size: 30, leading: 52, before: 16, weight: 400, colour: '#5a5a5a', indent: [1, 1] },
  row: { size: 26, leading: 44, before: 8, weight: 400, colour: '#262626', indent: [0, 1] },
};

/** Pure: the same text gives the same drawing. */
export function drawLongPicture(text: { title: string; source: string; language: string; lines: readonly Line[]; link: string | undefined }): LongPicture {
  const rows: string[] = [];
  let y = margin;
  let cut = false;
  const put = (style: Style, line: string): void => {
    y += style.before;
    for (const [place, row] of breakRows(line, style).entries()) {
      if (y + style.leading > maxHeight - foot) {
        cut = true;
        return;
      }
      y += style.leading;
      const x = margin + style.size * style.indent[place === 0 ? 0 : 1];
      rows.push(`<text x="${x}" y="${y}" font-size="${style.size}" font-weight="${style.weight}" fill="${style.colour}">${escaped(row)}</text>`);
    }
  };
  put(styles.title, text.title);
  put(styles.source, text.source);
  y += 20;
  rows.push(`<rect x="${margin}" y="${y}" width="${width - 2 * margin}" height="3" fill="#c8161d"/>`);
  for (const line of text.lines) {
    if (cut) break;
    put(styles[line.kind], line.text);
  }
  y += 40;
  rows.push(`<rect x="${margin}" y="${y}" width="${width - 2 * margin}" height="1" fill="#d9d9d9"/>`);
  y += 44;
  rows.push(`<text x="${margin}" y="${y}" font-size="24" fill="#6b6b6b">${cut ? '篇幅所限，以上为节选，全文请点击微博正文中的链接。' : '以微博正文链接中的原文为准。'}</text>`);
  const height = y + margin;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xml:lang="${escaped(text.language)}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="'Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"><rect width="${width}" height="${height}" fill="#fff"/>${rows.join('')}</svg>`;
  return { svg, width, height, cut };
}

/** These may not begin a row, nor these end one. */
const noStart = /^[，。、；：？！）》」』”’】〕…—％%,.;:?!)\]]/u;
const noEnd = /[（《「『“‘【〔([]$/u;

/** Rows no wider than the page. Widths are estimates on the wide side, for no font is asked. */
function breakRows(line: string, { size, indent }: Style): string[] {
  const rows: string[] = [];
  let row = '';
  let used = 0;
  const room = () => (width - 2 * margin) / size - indent[rows.length === 0 ? 0 : 1];
  for (const word of wordsOf(line)) {
    const wide = widthOf(word);
    if (used + wide > room() && row !== '' && !noStart.test(word)) {
      const carried = noEnd.exec(row)?.[0] ?? '';
      rows.push(carried ? row.slice(0, -carried.length) : row);
      row = carried;
      used = widthOf(carried);
    }
    if (row === '' && word === ' ') continue;
    row += word;
    used += wide;
  }
  if (row) rows.push(row);
  return rows;
}

const graphemes = new Intl.Segmenter('zh', { granularity: 'grapheme' });

/** Latin words and numbers stay whole, in pieces of at most 24 letters. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/[A-Za-z0-9@./:_%+-]{1,24}|[^A-Za-z0-9@./:_%+-]+/g)].flatMap(([part]) => (
    /^[A-Za-z0-9@./:_%+-]/.test(part) ? [part] : Array.from(graphemes.segment(part), ({ segment }) => segment)
  ));
}

/** In ems. */
function widthOf(text: string): number {
  let wide = 0;
  for (const character of text) wide += /[ -~]/.test(character) ? (/[A-Zmw@%]/.test(character) ? 0.78 : 0.58) : 1;
  return wide;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character] ?? '');
}

const drawn = new WeakMap<object, Promise<Buffer>>();

/** The drawing as PNG; made once for all accounts that share the rendition. */
export function pixelsOf(picture: LongPicture): Promise<Buffer> {
  let pixels = drawn.get(picture);
  if (!pixels) {
    pixels = sharp(Buffer.from(picture.svg)).toColourspace('srgb').png({ palette: true, colours: 32, effort: 3 }).toBuffer();
    drawn.set(picture, pixels);
    // A failure must not be kept; the caller who awaits it is told.
    pixels.catch(() => drawn.delete(picture));
  }
  return pixels;
}
