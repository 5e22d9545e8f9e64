/** The first sheet of a workbook. The package reads in a thread of its own. */
import readWorkbook from 'read-excel-file/node';
import type { Said } from '../../channels/channel.js';
import { boundedZipParts } from '../documents/zip-bounds.js';
import { cellOfValue } from './excel-signs.js';
import { breathe, type Line, type Sheet } from './table.js';

/** @throws Error where it is no workbook, or unpacks to more than one may */
export async function readXlsx(bytes: Buffer): Promise<Sheet> {
  await boundedZipParts(bytes);
  const sheets = await readWorkbook(bytes, { trim: false });
  const [first] = sheets;
  if (!first) throw new Error('a workbook without sheets');
  const lines: Line[] = [];
  for (const cells of first.data) {
    if (lines.length % 500 === 0) await breathe();
    lines.push({ row: lines.length + 1, cells: cells.map(cellOfValue) });
  }
  return { lines, told: sheets.length > 1 ? [moreSheets(first.sheet, sheets.length - 1)] : [] };
}

function moreSheets(name: string, others: number): Said {
  return {
    zh: `只读取了第一张工作表“${name}”，另有 ${others} 张未读取。`,
    en: `Only the first sheet, "${name}", was read; ${others} more were not.`,
  };
}
