/** The words and letters of a long picture that are not the release's own, in its language. */
import { beijingFormat } from '../beijing-calendar.js';

export function isChinese(language: string): boolean {
  return /^zh\b/i.test(language);
}

function isTraditional(language: string): boolean {
  return /^zh-(?:hant|tw|hk|mo)\b/i.test(language);
}

/** Below the text: what prevails, and where it is. A picture is passed on without its post, so the address stands in it. */
export function foot(language: string, cut: boolean, link: string | undefined): string[] {
  const words = !isChinese(language)
    ? {
        whole: 'The original on the issuer’s website prevails:',
        cut: 'Shortened here; the whole text is at:',
        nowhere: 'The original on the issuer’s website prevails.',
      }
    : isTraditional(language)
      ? {
          whole: '以發布單位網站上的原文為準：',
          cut: '篇幅所限，以上為節選，全文見：',
          nowhere: '以發布單位網站上的原文為準。',
        }
      : {
          whole: '以发布单位网站上的原文为准：',
          cut: '篇幅所限，以上为节选，全文见：',
          nowhere: '以发布单位网站上的原文为准。',
        };
  return link === undefined ? [words.nowhere] : [cut ? words.cut : words.whole, link];
}

/** The day in Beijing, as documents write it; with the time where that counts. */
export function longDate(at: Date, language: string, timed: boolean): string {
  return beijingFormat(isChinese(language) ? 'zh-CN' : 'en-GB', {
    dateStyle: 'long',
    ...(timed && { timeStyle: 'short' }),
  }).format(at);
}

/** The shapes of characters differ between the mainland and Taiwan or Hong Kong, and a font that has only one shows the other by accident. */
export function fontsFor(language: string): string {
  const simplified = ['Noto Sans CJK SC', 'Noto Sans SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei'];
  const traditional = ['Noto Sans CJK TC', 'Noto Sans TC', 'Source Han Sans TC', 'PingFang TC', 'Microsoft JhengHei'];
  return [...(isTraditional(language) ? traditional : []), ...simplified]
    .map((name) => `'${name}'`)
    .concat('sans-serif')
    .join(',');
}

/** In a CJK font, curly quotation marks take a whole square, which tears Latin words apart. */
export function plainQuotes(text: string): string {
  return text.replace(/[‘’]/g, "'").replace(/[“”]/g, '"');
}
