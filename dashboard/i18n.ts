import { createI18n, useI18n } from 'vue-i18n';
import type { Said } from './api';
import { en, zh, type Messages } from './messages/every';

export type Language = 'zh' | 'en';

/** Every path to a sentence, `page.sentence`: a key that is not in the catalogue does not compile. */
export type MessageKey = {
  [Group in keyof Messages & string]: `${Group}.${keyof Messages[Group] & string}`;
}[keyof Messages & string];

export const i18n = createI18n({ legacy: false, locale: 'zh', fallbackLocale: 'zh', messages: { zh, en } });

/** The words of the interface in the person's language, and numbers and times as they are written here. */
export function useWords() {
  const { t: translate, locale } = useI18n({ useScope: 'global' });
  const tag = () => (locale.value === 'zh' ? 'zh-CN' : 'en-GB');
  return {
    t: (key: MessageKey, named: Record<string, string | number> = {}) => translate(key, named),
    /** A sentence that came in both languages. */
    say: (said: Said | undefined) => (said ? (locale.value === 'zh' ? said.zh : said.en) : ''),
    count: (value: number) => value.toLocaleString('zh-CN'),
    time: (instant: string | Date) =>
      formatTime(tag(), instant, {
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
      }),
    clock: (instant: string | Date) =>
      formatTime(tag(), instant, { hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    day: (instant: string | Date) =>
      formatTime(tag(), instant, { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' }),
    bytes: (size: number) =>
      size < 1_000_000 ? `${Math.max(1, Math.round(size / 1_000))} kB` : `${(size / 1_000_000).toFixed(1)} MB`,
    language: locale,
  };
}

/** On screen it is always the time of Beijing, wherever the browser stands. */
function formatTime(tag: string, instant: string | Date, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(tag, { timeZone: 'Asia/Shanghai', hour12: false, ...options }).format(
    new Date(instant),
  );
}
