import { useWords } from '../i18n';

/** Days and planned instants as people say them. What comes from the hub is Beijing's clock already. */
export function useDayWords() {
  const { language } = useWords();
  const tag = (): string => (language.value === 'zh' ? 'zh-CN' : 'en-GB');
  const format = (text: string, options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat(tag(), { timeZone: 'UTC', ...options }).format(new Date(`${text}T12:00:00Z`));
  /** 12月1日周二 */
  const short = (day: string): string => format(day, { month: 'long', day: 'numeric', weekday: 'short' });
  return {
    short,
    month: (month: string): string => format(`${month}-15`, { year: 'numeric', month: 'long' }),
    weekday: (day: string): string => format(day, { weekday: 'short' }),
    /** 2026年12月1日周二 09:00 */
    instant: (stamp: string): string =>
      `${format(stamp.slice(0, 10), { year: 'numeric', month: 'long', day: 'numeric', weekday: 'short' })} ${stamp.slice(11, 16)}`,
  };
}
