/** Lines of a drawn text: how wide words are and where a row may end. No font is asked, so widths lean to the wide side. */
import { graphemes } from '../graphemes.js';

/** Widths of Latin letters in a CJK sans-serif, in ems, each class by its widest; bold is a little wider. */
const latin = new Map(
  (
    [
      [' ', 0.23],
      ["ijlI.,:;'|!", 0.33],
      ['frt-()[]{}/\\"', 0.41],
      ['csvxyzJ?*', 0.55],
      ['aekLFY^+=<>~$#0123456789', 0.58],
      ['mWM@%', 0.96],
      ['wCDGHNOQU–', 0.82],
    ] as const
  ).flatMap(([letters, width]) => Array.from(letters, (letter) => [letter, width] as const)),
);
const otherLatin = 0.66;
const bolder = 1.05;

/** In ems. */
export function widthOf(text: string, bold = false): number {
  let wide = 0;
  for (const character of text) wide += latin.get(character) ?? (character <= '\u024f' ? otherLatin : 1);
  return bold ? wide * bolder : wide;
}

/** These may not begin a row, nor these end one. */
const noStart = /^[，。、；：？！）》」』”’】〕…—％,.;:?!)\]·]/u;
const noEnd = /[（《「『“‘【〔([]$/u;
/** A closing mark may hang over the edge by this much, ems. */
const hang = 1;

export interface Setting {
  /** The pieces between which a row may end; the text's own unless told. */
  words?: readonly string[];
  /** Room of a row in ems, by its place. */
  room(row: number): number;
  bold?: boolean;
}

export function breakRows(text: string, { room, bold = false, words = wordsOf(text) }: Setting): string[] {
  const rows: string[] = [];
  let row: string[] = [];
  let used = 0;
  for (const word of words) {
    const wide = widthOf(word, bold);
    const over = used + wide - room(rows.length);
    const closing = noStart.test(word);
    if (over > 0 && row.length > 0 && !(closing && over <= hang)) {
      const carried = carry(row, closing);
      rows.push(row.join('').trimEnd());
      row = carried;
      used = widthOf(carried.join(''), bold);
    }
    if (word === ' ' && row.length === 0) continue;
    row.push(word);
    used += wide;
  }
  if (row.length > 0) rows.push(row.join('').trimEnd());
  return rows;
}

/** Takes off the row what has to stand with the word that begins the next one. */
function carry(row: string[], closing: boolean): string[] {
  const carried: string[] = [];
  const take = (): void => {
    carried.unshift(row.pop() ?? '');
  };
  for (let open = closing; open && row.length > 1; open = noStart.test(carried[0] ?? '')) take();
  while (row.length > 1 && noEnd.test(row.at(-1) ?? '')) take();
  return carried;
}

const dictionary = new Intl.Segmenter('zh', { granularity: 'word' });

/** As many rows as need be, none much shorter than the others and none that breaks a Chinese word: for titles. */
export function breakEvenly(text: string, room: number, bold: boolean): string[] {
  const words =
    wordsOf(text).length > 200
      ? wordsOf(text)
      : Array.from(dictionary.segment(text), ({ segment }) => segment).flatMap((word) =>
          widthOf(word, bold) > room / 2 ? wordsOf(word) : [word],
        );
  const whole = breakRows(text, { room: () => room, bold, words });
  for (let narrow = Math.max(1, Math.ceil(widthOf(text, bold) / whole.length)); narrow < room; narrow += 1) {
    const rows = breakRows(text, { room: () => narrow, bold, words });
    if (rows.length === whole.length) return rows;
  }
  return whole;
}

/** A number stays with its unit; Latin words and numbers stay whole, in pieces of at most 24 letters. */
const wordPattern =
  /\d[\d.]*[年月日号號时時点點分秒天岁歲元人级級条條项項件个個万萬亿億%％]|[A-Za-z0-9@./:_%+'–-]{1,24}|[^A-Za-z0-9@./:_%+'–-]+/gu;

function wordsOf(text: string): string[] {
  return [...text.matchAll(wordPattern)].flatMap(([part]) =>
    /^[A-Za-z0-9@./:_%+'–-]/.test(part) ? [part] : Array.from(graphemes.segment(part), ({ segment }) => segment),
  );
}

/** The longest piece that no row may break, in ems. */
export function longestWord(text: string, bold = false): number {
  return wordsOf(text).reduce((longest, word) => Math.max(longest, widthOf(word, bold)), 0);
}
