/** What the text of an element may be: the simple types of the OASIS schema, and what the standard's prose asks beyond it. Each says what is wrong, or nothing. */
import type { Said } from '../../channels/channel.js';

export type Check = (text: string) => Said | undefined;

const collapsed = (text: string): string => text.replace(/[\t\n\r ]+/g, ' ').replace(/^ | $/g, '');
const shown = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

export const anything: Check = () => undefined;

/** Of the schema's strings, of which blanks are a part: ` Actual ` is none of them. */
export function oneOf(values: readonly string[]): Check {
  return (text) =>
    values.includes(text)
      ? undefined
      : {
          zh: `“${shown(text)}”不在允许的取值中（${values.join('、')}）。`,
          en: `"${shown(text)}" is none of ${values.join(', ')}.`,
        };
}

/** Identifier and sender: no spaces, commas, < or & (CAP 1.2, 3.2.1). */
export const name: Check = (text) => {
  if (text.trim() === '') return empty;
  return /[\s,<&]/.test(text)
    ? { zh: '不能含空格、逗号、< 或 &。', en: 'it must hold no blank, comma, < or &.' }
    : undefined;
};

export const words: Check = (text) => (text.trim() === '' ? empty : undefined);
const empty: Said = { zh: '内容为空。', en: 'it is empty.' };

export const language: Check = (text) =>
  /^([a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*)?$/.test(collapsed(text))
    ? undefined
    : { zh: `“${shown(text)}”不是语言代码。`, en: `"${shown(text)}" is no language code.` };

export const integer: Check = (text) =>
  /^[+-]?\d+$/.test(collapsed(text)) ? undefined : { zh: '应为整数。', en: 'it must be a whole number.' };

export const decimal: Check = (text) =>
  isDecimal(collapsed(text)) ? undefined : { zh: '应为数字。', en: 'it must be a number.' };

function isDecimal(text: string): boolean {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text);
}

/** A time with its offset, no fraction and no Z; UTC is written -00:00. */
export const moment: Check = (text) => {
  const written = collapsed(text);
  if (written === '') return empty;
  if (written.endsWith('Z'))
    return {
      zh: '时间不能以 Z 结尾，世界时写作 -00:00。',
      en: 'a time must not end in Z: UTC is written -00:00.',
    };
  if (/:\d\d[.,]\d+/.test(written))
    return { zh: '时间不能带小数秒。', en: 'a time must hold no fraction of a second.' };
  return isMoment(written)
    ? undefined
    : {
        zh: `“${shown(written)}”不是 2026-12-01T08:30:00+08:00 这样带时区的时间。`,
        en: `"${shown(written)}" is no time with an offset like 2026-12-01T08:30:00+08:00.`,
      };
};

export function isMoment(text: string): boolean {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)[+-](\d\d):(\d\d)$/.exec(text);
  if (!parts) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offHour = 0, offMinute = 0] = parts
    .slice(1)
    .map(Number);
  const isDay = year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
  const isClock = (hour < 24 && minute < 60 && second < 60) || (hour === 24 && minute === 0 && second === 0);
  return isDay && isClock && offMinute < 60 && offHour * 60 + offMinute <= 14 * 60;
}

function daysOf(year: number, month: number): number {
  return month === 2
    ? (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
      ? 29
      : 28
    : [4, 6, 9, 11].includes(month)
      ? 30
      : 31;
}

/** At least four pairs, WGS 84, the last the same as the first. Empty: there is none. */
export const polygon: Check = (text) => {
  const pairs = collapsed(text).split(' ');
  if (pairs.length === 1 && pairs[0] === '') return undefined;
  for (const pair of pairs) {
    const wrong = pointFault(pair);
    if (wrong) return wrong;
  }
  if (pairs.length < 4)
    return { zh: `只有 ${pairs.length} 个点，至少要 4 个。`, en: `it has ${pairs.length} points, fewer than 4.` };
  return samePoint(pairs[0] ?? '', pairs.at(-1) ?? '')
    ? undefined
    : { zh: '没有闭合：最后一个点应与第一个点相同。', en: 'it is not closed: the last point must be the first.' };
};

function samePoint(one: string, other: string): boolean {
  const [lat, lon] = one.split(',').map(Number);
  const [lat2, lon2] = other.split(',').map(Number);
  return lat === lat2 && lon === lon2;
}

/** `lat,lon km`. Empty: there is none. */
export const circle: Check = (text) => {
  const written = collapsed(text);
  if (written === '') return undefined;
  const [centre = '', radius, ...more] = written.split(' ');
  if (radius === undefined || more.length > 0)
    return { zh: '应写作“纬度,经度 半径（千米）”。', en: 'it must be "lat,lon radius" (km).' };
  const wrong = pointFault(centre);
  if (wrong) return wrong;
  if (!isDecimal(radius))
    return { zh: `半径“${shown(radius)}”不是数字。`, en: `its radius "${shown(radius)}" is no number.` };
  return Number(radius) < 0 ? { zh: '半径小于 0。', en: 'its radius is below 0.' } : undefined;
};

function pointFault(pair: string): Said | undefined {
  const [lat = '', lon, ...more] = pair.split(',');
  if (lon === undefined || more.length > 0 || !isDecimal(lat) || !isDecimal(lon))
    return { zh: `“${shown(pair)}”不是“纬度,经度”。`, en: `"${shown(pair)}" is no pair "lat,lon".` };
  if (Math.abs(Number(lat)) > 90)
    return { zh: `纬度 ${shown(lat)} 超出 -90 到 90。`, en: `the latitude ${shown(lat)} is not within -90 and 90.` };
  return Math.abs(Number(lon)) > 180
    ? { zh: `经度 ${shown(lon)} 超出 -180 到 180。`, en: `the longitude ${shown(lon)} is not within -180 and 180.` }
    : undefined;
}

/** `sender,identifier,sent` with blanks or line breaks between them. Empty: there are none. */
export const references: Check = (text) => {
  for (const one of collapsed(text).split(' ')) {
    if (one === '') continue;
    const [sender, identifier, sent, ...more] = one.split(',');
    if (!sender || !identifier || sent === undefined || more.length > 0 || !isMoment(sent))
      return {
        zh: `“${shown(one)}”不是“发送者,编号,发送时间”三项。`,
        en: `"${shown(one)}" is not "sender,identifier,sent".`,
      };
  }
  return undefined;
};

export { collapsed };
