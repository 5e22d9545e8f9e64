/** What Excel makes of cells: signs by which text is kept, and values of which it has thrown digits away. */
import { isDate } from 'node:util/types';
import type { Said } from '../../channels/channel.js';
import type { Cell } from './table.js';

/** Digits that Excel keeps of a number. */
const kept = 15;

/** A CSV cell as it was meant. `="001"` and `'001` are how people keep Excel from reading a number. */
export function cellOf(written: string): Cell {
  const text = written.trim();
  const asText = /^="(.*)"$/s.exec(text)?.[1] ?? /^'(.*)$/s.exec(text)?.[1];
  if (asText !== undefined) return asText.replaceAll('""', '"').trim();
  if (/^[+-]?\d(\.\d+)?E\+\d+$/.test(text)) return { lost: digitsLost(text) };
  if (/^\d+$/.test(text) && text.length > kept && /^0+$/.test(text.slice(kept))) return { lost: digitsLost(text) };
  if (/^#(N\/A|REF!|NAME\?|VALUE!|DIV\/0!|NULL!|NUM!|SPILL!)$/.test(text) || /^#{3,}$/.test(text))
    return { lost: errorThere(text) };
  return text;
}

/** A cell of a workbook, by its kind. */
export function cellOfValue(value: unknown): Cell {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number')
    return Math.abs(value) < 10 ** kept ? String(value) : { lost: digitsLost(String(value)) };
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  // It comes out of another thread.
  if (isDate(value)) return { lost: dateMade(value) };
  return cellOf(String(value));
}

function digitsLost(text: string): Said {
  return {
    zh: `Excel 把这个编号当成数字，后面的数位已丢失（现为 ${text}）。请把该列设为“文本”格式后重新填写。`,
    en: `Excel took this id for a number and its last digits are lost (${text}). Make the column text and fill it in again.`,
  };
}

function dateMade(value: Date): Said {
  const day = value.toISOString().slice(0, 10);
  return {
    zh: `Excel 把这一格变成了日期（${day}），原来的文字已丢失。请把该列设为“文本”格式后重新填写。`,
    en: `Excel made a date of this cell (${day}) and what was typed is lost. Make the column text and fill it in again.`,
  };
}

function errorThere(text: string): Said {
  return {
    zh: `单元格里是 Excel 的错误值 ${text}，不是内容。`,
    en: `the cell holds Excel's error value ${text}, no content.`,
  };
}
