/** Facts as Chinese texts write them: figures for dates and amounts (GB/T 15835), by the clock of Beijing. */
import { beijingTime } from '../../channels/beijing-calendar.js';

/** `2026年12月1日18时`, `12月1日18时30分`. `after`: an instant named before it, whose year need not be said again. */
export function momentWords(instant: string, { year, after }: { year: boolean; after?: string | undefined }): string {
  const now = beijingTime(instant);
  const other = after !== undefined && beijingTime(after).year !== now.year;
  const said = other || (year && after === undefined) ? `${now.year}年` : '';
  return `${said}${now.month}月${now.day}日${now.hour}时${now.minute === 0 ? '' : `${now.minute}分`}`;
}

/** `1200`, `1.2万`, `35.5`: from ten thousand on by 万, where that takes no more than two decimals. */
export function numberWords(figures: string): string {
  const number = Number(figures);
  if (Math.abs(number) < 10_000 || (number / 100) % 1 !== 0) return figures;
  return Math.abs(number) < 100_000_000 ? `${number / 10_000}万` : hundredMillions(number, figures);
}

function hundredMillions(number: number, figures: string): string {
  return (number / 1_000_000) % 1 === 0 ? `${number / 100_000_000}亿` : figures;
}

/** `甲区、乙区和丙县`; of more than `most` `甲区、乙区等12地`. */
export function areaWords(names: readonly string[], most = Infinity): string {
  if (names.length > most) return `${names.slice(0, most).join('、')}等${names.length}地`;
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join('、')}和${last}`;
}

/** `一`, `十二`: for what is counted aloud. */
export function countWord(number: number): string {
  const digits = '零一二三四五六七八九十';
  return number <= 10 ? digits.charAt(number) : `十${digits.charAt(number - 10)}`;
}
