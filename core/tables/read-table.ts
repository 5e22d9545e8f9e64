/**
 * The one reader of tables, for the command and the dashboard alike: a file's bytes in, rows by their columns out, each
 * under the number that the spreadsheet shows. What is wrong with one row is that row's affair.
 */
import type { Said } from '../../channels/channel.js';
import { LianfaError } from '../errors.js';
import { hasInvisible, tidyLine } from '../text.js';
import { readCsv } from './csv.js';
import { decode, toldEncoding } from './encoding.js';
import { bounds, breathe, type Cell, type Line, type Sheet } from './table.js';
import { readXlsx } from './xlsx.js';

export interface Column {
  key: string;
  /** As a template and people name it. */
  names: readonly string[];
}

export interface Layout {
  columns: readonly Column[];
  /** Beginnings of columns that are named freely behind a dot, as `settings.site` and `设置.site` are. */
  groups: readonly Column[];
}

/** A row's cells by column, those that hold something; or why it can't be taken. */
export type Row = { row: number; cells: ReadonlyMap<string, string> } | { row: number; field: string; refused: Said };

export interface Table {
  /** That the layout knows, in the file's order. */
  columns: string[];
  rows: Row[];
  blank: number;
  told: Said[];
}

/** @throws LianfaError table_unreadable */
export async function readTable(bytes: Buffer, layout: Layout): Promise<Table> {
  const { lines, told } = await sheetOf(bytes);
  if (lines.length > bounds.rows) throw unreadable(tooManyRows);
  const at = lines.findIndex((line) => !isBlank(line));
  const head = lines[at];
  if (!head) throw unreadable(empty);
  const columns = columnsOf(head, layout, told);
  const rows: Row[] = [];
  const unclean: number[] = [];
  let blank = at;
  for (const [place, line] of lines.slice(at + 1).entries()) {
    if (place % 500 === 0) await breathe();
    if (isBlank(line)) {
      blank += 1;
      continue;
    }
    if (line.cells.some((cell) => typeof cell === 'string' && isUnclean(cell))) unclean.push(line.row);
    rows.push(rowOf(line, columns));
  }
  if (blank > 0) told.push({ zh: `跳过 ${blank} 个空行。`, en: `${blank} blank rows were skipped.` });
  if (unclean.length > 0) told.push(invisibleIn(unclean));
  return { columns: columns.filter((key) => key !== undefined), rows, blank, told };
}

async function sheetOf(bytes: Buffer): Promise<Sheet> {
  if (bytes.subarray(0, 4).equals(Buffer.from('d0cf11e0', 'hex'))) throw unreadable(oldWorkbook);
  if (bytes.subarray(0, 2).toString('latin1') === 'PK') {
    return readXlsx(bytes).catch((error: unknown) => {
      throw unreadable(brokenWorkbook, error);
    });
  }
  const decoded = await decode(bytes);
  if (!decoded) throw unreadable((await brokenOff(bytes)) ?? noEncoding);
  return { lines: await readCsv(decoded.text), told: [toldEncoding(decoded)] };
}

/** Where the file would be whole without its last bytes: they are a part of a character. */
async function brokenOff(bytes: Buffer): Promise<Said | undefined> {
  const wide = ['fffe', 'feff'].includes(bytes.subarray(0, 2).toString('hex'));
  for (const cut of wide ? [1] : [1, 2, 3]) {
    const begins = bytes.at(-cut) ?? 0;
    // What begins no character in any encoding is a stray byte, and a line ends in no character.
    if (cut >= bytes.length || bytes.subarray(-cut).includes(10)) continue;
    if (!wide && (begins < 0x80 || begins === 0xff)) continue;
    if (!(await decode(bytes.subarray(0, -cut)))) continue;
    const row = bytes.toString('latin1').split('\n').length;
    return {
      zh: `文件在第 ${row} 行的一个字中间断开，不完整，没有导入任何一行。请重新导出或重新上传。`,
      en: `the file breaks off within a character in row ${row}, so no row of it was taken; export or upload it again.`,
    };
  }
  return undefined;
}

/** Whose cells each place of a row holds; undefined where nobody asks for it, which is told. */
function columnsOf({ row, cells }: Line, layout: Layout, told: Said[]): (string | undefined)[] {
  const names = cells.map((cell) => (typeof cell === 'string' ? plain(cell) : ''));
  if (names.length > bounds.columns) throw unreadable(tooManyColumns);
  const [only] = cells;
  if (names.length === 1 && typeof only === 'string' && /[，；、]/.test(only)) throw unreadable(wideSeparators(row));
  const keys = names.map((name) => keyOf(name, layout));
  const twice = keys.find((key, place) => key !== undefined && keys.indexOf(key) !== place);
  if (twice !== undefined) throw unreadable(namedTwice(twice));
  const unknown = names.filter((name, place) => name !== '' && keys[place] === undefined);
  if (keys.every((key) => key === undefined)) throw unreadable(noColumns(row, layout));
  if (unknown.length > 0)
    told.push({
      zh: `未使用的列：${unknown.join('、')}（不认识的列名）。`,
      en: `Columns not used, for their names are unknown: ${unknown.join(', ')}.`,
    });
  return keys;
}

function keyOf(name: string, { columns, groups }: Layout): string | undefined {
  const known = columns.find(({ key, names }) => [key, ...names].some((one) => plain(one) === name));
  if (known) return known.key;
  const [first = '', ...rest] = name.split('.');
  const group = groups.find(({ key, names }) => [key, ...names].some((one) => plain(one) === first.toLowerCase()));
  return group && rest.every(Boolean) && rest.length > 0 ? [group.key, ...rest].join('.') : undefined;
}

/** A column's name without what people add to it: full-width letters, a star, a remark in brackets. Behind a dot, letters keep their case. */
function plain(name: string): string {
  const bare = tidyLine(name.normalize('NFKC'))
    .replace(/\(.*\)$/, '')
    .replace(/^\*|\*$/g, '')
    .trim();
  const dot = bare.indexOf('.');
  return dot < 0 ? bare.toLowerCase() : bare.slice(0, dot).toLowerCase() + bare.slice(dot);
}

function rowOf({ row, cells }: Line, columns: readonly (string | undefined)[]): Row {
  const shown = cells.map((cell) => (typeof cell === 'string' ? cell : ''));
  const wide = shown.join('').split('，').length - 1;
  if (cells.length < columns.length && cells.length + wide >= columns.length && wide > 0)
    return { row, field: columns[0] ?? '', refused: wideCommas };
  const beyond = shown.findIndex((cell, place) => place >= columns.length && cell !== '');
  if (beyond >= 0) return { row, field: `${beyond + 1}`, refused: tooManyCells(columns.length) };
  const held = new Map<string, string>();
  for (const [place, key] of columns.entries()) {
    const cell: Cell = cells[place] ?? '';
    if (key === undefined || cell === '') continue;
    if (typeof cell !== 'string') return { row, field: key, refused: cell.lost };
    if (cell.length > bounds.cell) return { row, field: key, refused: tooLong };
    held.set(key, cell);
  }
  return { row, cells: held };
}

function isBlank({ cells }: Line): boolean {
  return cells.every((cell) => typeof cell === 'string' && tidyLine(cell) === '');
}

function isUnclean(cell: string): boolean {
  return hasInvisible(cell.replace(/[\t\r\n]/g, ''));
}

function unreadable(reason: Said, cause?: unknown): LianfaError {
  return new LianfaError('table_unreadable', { reason }, cause === undefined ? undefined : { cause });
}

/** Row numbers as people read them: the first few. */
function few(rows: readonly number[]): string {
  return rows.slice(0, 5).join('、') + (rows.length > 5 ? '…' : '');
}

function invisibleIn(rows: readonly number[]): Said {
  return {
    zh: `第 ${few(rows)} 行有看不见的控制字符：名称和文字中的已去掉，编号中的不予接受。`,
    en: `Rows ${few(rows)} hold control characters: taken out of names and words, refused in ids.`,
  };
}

function wideSeparators(row: number): Said {
  return {
    zh: `第 ${row} 行的列名用全角标点（，；、）分隔，请改用半角逗号。`,
    en: `the column names in row ${row} are parted by full-width signs; use plain commas.`,
  };
}

function namedTwice(key: string): Said {
  return { zh: `列“${key}”出现了两次，请只保留一列。`, en: `the column "${key}" is there twice; keep one.` };
}

function noColumns(row: number, { columns, groups }: Layout): Said {
  const known = [
    ...columns.map(({ key, names }) => `${names[0] ?? ''} ${key}`),
    ...groups.map(({ key }) => `${key}.*`),
  ];
  return {
    zh: `第 ${row} 行里没有认识的列名。列名应为：${known.join('、')}。`,
    en: `row ${row} holds no known column name. Known are: ${known.join(', ')}.`,
  };
}

function tooManyCells(count: number): Said {
  return {
    zh: `这一行的格数多于列名（${count} 列）：内容里的逗号要用引号括起来。`,
    en: `this row has more cells than there are columns (${count}); put text that holds a comma in quotes.`,
  };
}

const wideCommas: Said = {
  zh: '这一行用全角逗号（，）分隔，无法分清各格，请改用半角逗号。',
  en: 'this row is parted by full-width commas; use plain ones.',
};
const tooLong: Said = {
  zh: `单元格超过 ${bounds.cell} 个字符。`,
  en: `the cell has more than ${bounds.cell} characters.`,
};
const empty: Said = { zh: '文件是空的。', en: 'it is empty.' };
const oldWorkbook: Said = {
  zh: '这是旧版 Excel（.xls）文件，请另存为 .xlsx 或 CSV。',
  en: 'it is a workbook of an old Excel (.xls); save it as .xlsx or CSV.',
};
const brokenWorkbook: Said = {
  zh: '不是有效的 .xlsx 工作簿，或内容过大。',
  en: 'it is no sound .xlsx workbook, or too large.',
};
const noEncoding: Said = {
  zh: '文字编码不是 UTF-8、UTF-16 或 GBK/GB18030，或文件不完整（在一个字中间断开）。请用 Excel 另存为“CSV UTF-8”或 .xlsx。',
  en: 'it is in none of UTF-8, UTF-16 and GBK/GB18030, or breaks off within a character. Save it as "CSV UTF-8" or .xlsx.',
};
const tooManyRows: Said = {
  zh: `超过 ${bounds.rows} 行，请分成几个文件。`,
  en: `it has more than ${bounds.rows} rows; make several files of it.`,
};
const tooManyColumns: Said = {
  zh: `超过 ${bounds.columns} 列。`,
  en: `it has more than ${bounds.columns} columns.`,
};
