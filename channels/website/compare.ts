/** Compares what the public sees with what was signed. */
import { load, type CheerioAPI } from 'cheerio';
import type { Rendition, Said } from '../channel.js';
import { readWords } from '../reading.js';
import { plain } from './body.js';

export interface Difference {
  cause: Said;
  todo: Said;
}

const labels = [
  'SiteName',
  'SiteDomain',
  'SiteIDCode',
  'ColumnName',
  'ColumnDescription',
  'ColumnKeywords',
  'ColumnType',
  'ArticleTitle',
  'PubDate',
  'ContentSource',
];

/** One of our own pages: title, text and pictures exactly, and every label of the page-label norm. */
export function compareOwn(html: string, expected: Rendition<unknown>['expected']): Difference | undefined {
  const $ = load(html);
  const missing = labels.filter((name) => !$(`meta[name="${name}"]`).attr('content')?.trim());
  if (missing.length)
    return differs(`页面缺少网页标签：${missing.join('、')}`, `the page lacks the labels ${missing.join(', ')}`);
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d$/.test($('meta[name="PubDate"]').attr('content') ?? ''))
    return differs('页面的发布时间标签格式不对', 'the PubDate label is malformed');
  return compare(
    $('article h1').first().text(),
    readWords($('article .body')[0]),
    $('article .body img').length,
    expected,
  );
}

/** A page with markup of its own. The post is looked for in `e-content` (microformats2), else anywhere on the page. */
export function compareRemote(html: string, expected: Rendition<unknown>['expected']): Difference | undefined {
  const $ = load(html);
  $('script, style, noscript, template').remove();
  const content = $('.e-content').first();
  if (content.length) {
    const post = content.closest('.h-entry');
    const title = (post.length ? post.find('.p-name') : $('.p-name')).first();
    return compare(
      title.length ? title.text() : titleAnywhere($, expected.title),
      readWords(content[0]),
      (post.length ? post : content).find('img').length,
      expected,
      true,
    );
  }
  const page = plain(readWords($('body')[0]));
  if (!plain($.root().text()).includes(expected.title))
    return differs('页面上没有签发的标题', 'the signed title is not on the page');
  if (!page.includes(expected.text)) return differs('页面正文与签发稿不一致', 'the text differs from what was signed');
  const pictures = $('body img').length;
  return pictures < expected.pictures
    ? differs(
        `页面有 ${pictures} 张图片，应有 ${expected.pictures} 张`,
        `${pictures} pictures on the page instead of ${expected.pictures}`,
      )
    : undefined;
}

function titleAnywhere($: CheerioAPI, title: string): string {
  return plain($.root().text()).includes(title) ? title : $('title').text();
}

function compare(
  title: string,
  text: string,
  pictures: number,
  expected: Rendition<unknown>['expected'],
  more = false,
): Difference | undefined {
  if (plain(title) !== expected.title)
    return differs('页面标题与签发稿不一致', 'the title differs from what was signed');
  const seen = plain(text);
  if (!seen && expected.text) return differs('页面正文是空的', 'the page has no text');
  if (seen !== expected.text) {
    return expected.text.startsWith(seen)
      ? differs(
          `页面正文不完整：应有 ${expected.text.length} 字，只有 ${seen.length} 字`,
          `the text is cut: ${seen.length} of ${expected.text.length} characters`,
        )
      : differs('页面正文与签发稿不一致', 'the text differs from what was signed');
  }
  // A site may add pictures of its own (an author's portrait), but may not lose one.
  if (more ? pictures < expected.pictures : pictures !== expected.pictures) {
    return differs(
      `页面有 ${pictures} 张图片，应有 ${expected.pictures} 张`,
      `${pictures} pictures on the page instead of ${expected.pictures}`,
    );
  }
  return undefined;
}

function differs(zh: string, en: string): Difference {
  return {
    cause: { zh: `${zh}。`, en: `${en.charAt(0).toUpperCase()}${en.slice(1)}.` },
    todo: { zh: '请打开页面核对，然后重新发布或撤回。', en: 'Open the page, compare, and publish again or withdraw.' },
  };
}
