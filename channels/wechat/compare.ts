/** Compares what the public sees with what was signed. */
import { load } from 'cheerio';
import type { Rendition, Said, Verification } from '../channel.js';
import { readWords } from '../reading.js';

export interface PublicArticle {
  title: string;
  text: string;
  pictures: number;
}

/** Text without any white space or invisible signs, in one Unicode form. */
export function squeeze(text: string): string {
  return text.normalize('NFC').replace(/[\s\u00a0\u200b-\u200d\u2060\ufeff]+/g, '');
}

/** The quick parser: pages are read by the thousand, and both sides of the comparison go through it. */
const quick = { xml: { xmlMode: false, decodeEntities: true } } as const;

export function plainText(html: string): string {
  return squeeze(readWords(load(html, quick).root()[0]));
}

/** An article's content as the API gives it. */
export function articleOf(title: string, content: string): PublicArticle {
  const $ = load(content, quick);
  return { title, text: squeeze(readWords($.root()[0])), pictures: $('img').length };
}

/** What a public article page shows; `gone` where it says so, nothing where it is not an article page (a login or check page). */
export function readPage(html: string): PublicArticle | 'gone' | undefined {
  const $ = load(html, quick);
  const content = $('#js_content');
  if (content.length > 0)
    return {
      title: squeeze($('#activity-name').text()),
      text: squeeze(readWords(content[0])),
      pictures: content.find('img').length,
    };
  return /已被发布者删除|内容违规|无法查看|has been deleted by/.test($('body').text()) ? 'gone' : undefined;
}

/** What differs, or nothing. `dropped`: pictures left out on purpose in an emergency. */
export function difference(
  shown: PublicArticle,
  { title, text, pictures }: Rendition<unknown>['expected'],
  dropped: number,
): Said | undefined {
  if (squeeze(shown.title) !== squeeze(title))
    return {
      zh: `公开页面的标题是“${shown.title}”，与签发的不同。`,
      en: `The public page has another title: "${shown.title}".`,
    };
  if (shown.text !== text) {
    if (shown.text === '' && text !== '')
      return { zh: '公开页面的正文是空的。', en: 'The text of the public page is empty.' };
    if (text.startsWith(shown.text))
      return {
        zh: `公开页面的正文不完整：应有 ${text.length} 字，只显示 ${shown.text.length} 字。`,
        en: `The public text is cut short: ${shown.text.length} of ${text.length} characters.`,
      };
    return { zh: '公开页面的正文与签发的不同。', en: 'The public text is not the one that was signed.' };
  }
  if (shown.pictures !== pictures - dropped)
    return {
      zh: `公开页面有 ${shown.pictures} 张图片，应为 ${pictures - dropped} 张。`,
      en: `The public page shows ${shown.pictures} pictures instead of ${pictures - dropped}.`,
    };
  return undefined;
}

export const gone: Extract<Verification, { outcome: 'mismatch' }> = {
  outcome: 'mismatch',
  cause: {
    zh: '文章已被删除，或因平台处理而无法查看。',
    en: 'The article was deleted, or the platform does not show it.',
  },
  todo: {
    zh: '请登录公众平台查看通知；如需恢复，请新建发布件重新发布。',
    en: 'Read the notices on the platform; to restore it, publish a new release.',
  },
};

export function mismatch(cause: Said): Extract<Verification, { outcome: 'mismatch' }> {
  return {
    outcome: 'mismatch',
    cause,
    todo: {
      zh: '请打开公开页面核对；确有问题时撤回并重新发布。',
      en: 'Open the public page and check; withdraw and publish again if it is wrong.',
    },
  };
}
