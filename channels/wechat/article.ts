/** The text of an article: canonical HTML in, HTML with inline styles out, within the platform's bounds. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheerioAPI } from 'cheerio';
import juice from 'juice';
import type { PolicyHeader, ReleaseContent, Said, Warning } from '../channel.js';
import { emergencyWords, type Level } from '../emergency.js';
import { piecesOf } from '../tall-pictures.js';
import { eachText, loadBody, numbersOf, spell, readWords } from '../reading.js';
import { loadTemplate } from '../templates.js';
import { inlineRule } from './picture-rule.js';

type Warn = (code: string, said: Said, field?: string) => void;

export interface ArticleText {
  content: string;
  /** The pictures in it: a hash, or `HASH.2` for the second piece of a tall one. */
  pictures: string[];
  warnings: Warning[];
}

/** draft/add: fewer than 20,000 characters and less than 1 MB. A picture's address is longer than its placeholder. */
const bound = { characters: 19_500, bytes: 1_000_000, pictureAddress: 180, plainBeginning: 8_000 } as const;

interface ArticleValues {
  label: string | undefined;
  /** Of a warning in force, its level, whose name is a class; `over` of one that is lifted. */
  level: Level | 'over' | undefined;
  header: { name: string; value: string }[];
  body: string;
  notes: { number: number; text: string; url: string }[];
  attachments: { name: string }[];
  hasLink: boolean;
  cut: boolean;
  source: string;
  words: Words;
  /** Set from the left: words of a Latin script leave gaps when they are justified. */
  ragged: boolean;
}

interface Words {
  urgent: string;
  cut: string;
  cutWithLink: string;
  files: string;
  filesByLink: string;
  links: string;
  source: string;
}

const simplified: Words = {
  urgent: '紧急信息',
  cut: '（篇幅所限，以上为节选。）',
  cutWithLink: '（篇幅所限，全文请点文末“阅读原文”。）',
  files: '附件',
  filesByLink: '（点“阅读原文”下载）',
  links: '参考链接（可长按复制）',
  source: '来源：',
};
const traditional: Words = {
  urgent: '緊急信息',
  cut: '（篇幅所限，以上為節選。）',
  cutWithLink: '（篇幅所限，全文請點文末“閱讀原文”。）',
  files: '附件',
  filesByLink: '（點“閱讀原文”下載）',
  links: '參考連結（可長按複製）',
  source: '來源：',
};
const english: Words = {
  urgent: 'Emergency',
  cut: '(Shortened.)',
  cutWithLink: '(Shortened; for the whole text press “Read more” below.)',
  files: 'Attachments',
  filesByLink: ' (press “Read more” to download)',
  links: 'Links (press and hold to copy)',
  source: 'Source: ',
};

/** An article speaks its release's own script. */
function wordsFor(language: string): Words {
  if (/^en\b/i.test(language)) return english;
  return /^zh-(hant|tw|hk|mo)\b/i.test(language) ? traditional : simplified;
}

const articleTemplate = loadTemplate<ArticleValues>('wechat', 'article');
const styles = readFileSync(join(import.meta.dirname, '..', '..', 'templates', 'wechat', 'article.css'), 'utf8');

/** Inlining styles takes milliseconds, and one release goes to thousands of accounts: the same text is made once. */
const made = new WeakMap<ReleaseContent, Map<boolean, ArticleText>>();

/** `hasLink`: whether 阅读原文 will lead to the whole text. */
export function articleHtml(release: ReleaseContent, hasLink: boolean): ArticleText {
  const known = made.get(release) ?? new Map<boolean, ArticleText>();
  const text = known.get(hasLink) ?? makeArticle(release, hasLink);
  made.set(release, known.set(hasLink, text));
  return text;
}

function makeArticle(release: ReleaseContent, hasLink: boolean): ArticleText {
  const warnings: Warning[] = [];
  const warn: Warn = (code, said, field) => warnings.push({ code, said, ...(field !== undefined && { field }) });
  const $ = loadBody(release.body);
  dropUnsupported($, release, hasLink, warn);
  spell($, 'ruby');
  writeNumbers($);
  const notes = footnoteLinks($, warn);
  fitTables($, warn);
  addUnplaced($, release);
  fitPictures($, release, warn);
  breakLongRuns($);
  keepLines($);
  if (release.attachments.length > 0) {
    warn(
      'attachments_listed',
      hasLink
        ? {
            zh: '微信文章不能带附件：文末列出附件名称，读者经“阅读原文”下载。',
            en: 'A WeChat article has no attachments: their names are listed and readers get them by "Read more".',
          }
        : {
            zh: '微信文章不能带附件，该账号也没有“阅读原文”：只列出附件名称。',
            en: 'A WeChat article has no attachments, and this account has no "Read more" link: only their names are listed.',
          },
      'attachments',
    );
  }
  const words = wordsFor(release.language);
  let blocks = $.root()
    .contents()
    .toArray()
    .map((block) => $.html(block));
  const warning = emergencyWords(release);
  const label = warning && `${warning.drill ? `${warning.drillWord} ` : ''}${warning.headline}`;
  const build = (kept: number) => {
    const body = blocks.slice(0, kept).join('');
    const shown = new Set([...body.matchAll(/\[(\d+)\]<\/sup>/g)].map(([, number]) => Number(number)));
    return inlined({
      label: label ?? (release.kind === 'emergency' ? words.urgent : undefined),
      level: release.emergency?.msgType === 'Cancel' ? 'over' : release.emergency?.level,
      header: [...(warning?.facts ?? []), ...headerRows(release.policy)],
      body,
      notes: notes.filter(({ number }) => shown.has(number)),
      attachments: release.attachments.map(({ name }) => ({ name })),
      hasLink,
      cut: kept < blocks.length,
      source: release.source,
      words,
      ragged: words === english,
    });
  };

  let kept = mostThatFits(blocks, build);
  const whole = kept === blocks.length;
  if (kept === 0 && !whole) {
    // One endless first block: its beginning as plain text is better than nothing.
    const beginning = [...readWords($.root()[0]).replace(/\s+/g, ' ').trim()].slice(0, bound.plainBeginning).join('');
    blocks = [$('<p></p>').text(`${beginning}……`).prop('outerHTML') ?? '', ''];
    kept = 1;
  }
  const content = build(kept);
  if (!whole) {
    warn(
      'content_cut',
      {
        zh: `正文超过微信 2 万字符上限，后半部分已截去${hasLink ? '，读者经“阅读原文”看全文' : ''}。`,
        en: "The text is over WeChat's 20,000 characters; its last part was cut.",
      },
      'body',
    );
  }
  return {
    content,
    warnings,
    pictures: [...new Set([...content.matchAll(/src="media:([0-9a-f.]+)"/g)].map((match) => match[1] ?? ''))],
  };
}

/** How many leading blocks stay within the platform's bound. Styles only add, so what is too long without them is never tried. */
function mostThatFits(blocks: readonly string[], build: (kept: number) => string): number {
  let most = 0;
  for (let length = 0; most < blocks.length; most += 1) {
    length += blocks[most]?.length ?? 0;
    if (length > bound.characters) break;
  }
  if (most === blocks.length && !tooLong(build(most))) return most;
  let fits = 0;
  for (let beyond = most + 1; beyond - fits > 1;) {
    const middle = Math.floor((fits + beyond) / 2);
    if (middle < blocks.length && !tooLong(build(middle))) fits = middle;
    else beyond = middle;
  }
  return fits;
}

export function countPictures(content: string): number {
  return content.match(/<img\b/g)?.length ?? 0;
}

function tooLong(content: string): boolean {
  const length = content.length + countPictures(content) * bound.pictureAddress;
  return length > bound.characters || Buffer.byteLength(content) > bound.bytes;
}

/** The style sheet becomes style attributes; classes, ids and white space between blocks go. */
function inlined(values: ArticleValues): string {
  const html = juice.inlineContent(articleTemplate(values), styles, {
    inlinePseudoElements: false,
    applyWidthAttributes: false,
    applyHeightAttributes: false,
    applyAttributesTableElements: false,
  });
  return html
    .replace(/ class="[^"]*"/g, '')
    .replace(/>\s*\n\s*</g, '><')
    .replace(
      /style="([^"]*)"/g,
      (_, style: string) => `style="${style.replace(/; /g, ';').replace(/: /g, ':').replace(/;$/, '')}"`,
    )
    .trim();
}

function dropUnsupported($: CheerioAPI, release: ReleaseContent, hasLink: boolean, warn: Warn): void {
  // The body is clean already; these never belong in an article whatever came in.
  $('script, style, iframe, object, embed, form, link, meta').remove();
  const media = $('video, audio');
  if (media.length > 0) {
    media.remove();
    warn(
      'media_dropped',
      {
        zh: `${media.length} 个音视频不能随微信文章发出，已去掉${hasLink ? '，读者可经“阅读原文”观看' : ''}。`,
        en: `${media.length} video or audio items cannot go along and were left out.`,
      },
      'body',
    );
  }
  const known = new Set(release.pictures.map(({ hash }) => `media:${hash}`));
  const strangers = $('img').filter((_, image) => !known.has($(image).attr('src') ?? ''));
  if (strangers.length > 0) {
    strangers.remove();
    warn(
      'picture_dropped',
      {
        zh: `${strangers.length} 张外部图片不能随微信文章发出，已去掉；请上传后再插入。`,
        en: `${strangers.length} outside pictures were left out; upload them and insert them again.`,
      },
      'body',
    );
  }
  $('figure')
    .filter((_, figure) => $(figure).find('img, table').length === 0 && $(figure).text().trim() === '')
    .remove();
}

/** Links inside WeChat stay; all others become a note with the address written out. */
function footnoteLinks($: CheerioAPI, warn: Warn): ArticleValues['notes'] {
  const notes: ArticleValues['notes'] = [];
  const byUrl = new Map<string, ArticleValues['notes'][number]>();
  $('a').each((_, anchor) => {
    const link = $(anchor);
    const url = link.attr('href') ?? '';
    const text = readWords(anchor).replace(/\s+/g, ' ').trim();
    if (/^https?:\/\/mp\.weixin\.qq\.com\//.test(url)) return;
    if (!/^https?:/.test(url)) {
      link.replaceWith(link.contents());
      return;
    }
    const known = byUrl.get(url);
    const note = known ?? { number: notes.length + 1, text: text === url ? '' : text, url };
    if (!known) notes.push(note);
    byUrl.set(url, note);
    link.after(`<sup class="ref">[${note.number}]</sup>`);
    link.replaceWith($('<span class="linked"></span>').append(link.contents()));
  });
  if (notes.length > 0) {
    warn(
      'links_footnoted',
      {
        zh: `微信文章里不能打开外部链接：${notes.length} 个链接改为文末注释，读者可复制网址。`,
        en: `Outside links do not open in WeChat: ${notes.length} became notes with the address written out.`,
      },
      'body',
    );
  }
  return notes;
}

/** A list that does not count from one: whether the platform keeps `start` and `value` is not documented, so its numbers are text. */
function writeNumbers($: CheerioAPI): void {
  for (const list of $('ol[start], ol:has(> li[value])').toArray()) {
    const numbers = numbersOf($, list);
    $(list)
      .children('li')
      .each((n, item) => {
        const number = `${numbers[n] ?? n + 1}. `;
        const first = $(item).contents().first();
        (first.is('p') ? first : $(item)).prepend(number);
        item.attribs = { class: 'numbered' };
        item.tagName = 'section';
      });
    list.attribs = { class: 'numbers' };
    list.tagName = 'section';
  }
}

/** Preformatted text: its line breaks and blanks written out, for the platform's editor joins lines. */
function keepLines($: CheerioAPI): void {
  $('pre').each((_, block) => {
    block.tagName = 'section';
    $(block).addClass('typed');
    eachText(block, (node) => {
      const lines = node.data.replace(/ (?= )|^ /gm, '\u00a0').split('\n');
      $(node).replaceWith(lines.map((line) => $('<p></p>').text(line).html() ?? '').join('<br>'));
    });
  });
  $('code').each((_, code) => {
    code.tagName = 'span';
    $(code).addClass('code');
  });
}

/** A table scrolls sideways inside its own box, so that the page never does. */
function fitTables($: CheerioAPI, warn: Warn): void {
  let widest = 0;
  $('table').each((_, table) => {
    const rows = $(table).find('tr').toArray();
    const columns = Math.max(
      0,
      ...rows.map((row) =>
        $(row)
          .children('td, th')
          .toArray()
          .reduce((sum, cell) => sum + Number($(cell).attr('colspan') ?? 1), 0),
      ),
    );
    widest = Math.max(widest, columns);
    rows.forEach((row, place) => {
      if (place % 2 === 0 && $(row).find('th').length === 0) $(row).addClass('even');
    });
    if (columns > 4) $(table).addClass('wide');
    $(table).wrap('<section class="scroll"></section>');
  });
  if (widest > 4)
    warn(
      'table_wide',
      {
        zh: `有 ${widest} 列的表格，手机上须左右滑动查看。`,
        en: `A table has ${widest} columns; on a phone it is read by swiping sideways.`,
      },
      'body',
    );
}

/** Pictures of the release that its text does not name stand after it; the cover has its own place. */
function addUnplaced($: CheerioAPI, release: ReleaseContent): void {
  const placed = new Set(
    $('img')
      .toArray()
      .map((image) => $(image).attr('src')),
  );
  for (const { hash, alt } of release.pictures) {
    if (hash === release.cover || placed.has(`media:${hash}`)) continue;
    $.root().append($('<figure></figure>').append($('<img>').attr({ src: `media:${hash}`, alt })));
  }
}

/** A long address in running text may break anywhere; otherwise the line before it is stretched to a few signs. */
function breakLongRuns($: CheerioAPI): void {
  const text = (part: string) => $('<p></p>').text(part).html() ?? '';
  eachText($.root()[0], (node) => {
    if (!longRun.test(node.data)) return;
    $(node).replaceWith(
      node.data
        .split(longRun)
        .map((part, place) => (place % 2 ? `<span class="run">${text(part)}</span>` : text(part)))
        .join(''),
    );
  });
}
const longRun = /([!-~]{24,})/;

/** Figures become sections; a small picture keeps its size, others fill the width. */
function fitPictures($: CheerioAPI, release: ReleaseContent, warn: Warn): void {
  const known = new Map(release.pictures.map((picture) => [`media:${picture.hash}`, picture]));
  $('img').each((_, image) => {
    const picture = $(image);
    const src = picture.attr('src') ?? '';
    const alt = picture.attr('alt') ?? '';
    image.attribs = { src, alt, class: (known.get(src)?.width ?? 0) >= 600 ? 'whole' : 'own' };
    for (let piece = piecesOf(inlineRule, known.get(src) ?? { width: 1, height: 1 }); piece > 1; piece -= 1)
      picture.after(picture.clone().attr('src', `${src}.${piece}`));
  });
  const still = [...known].filter(([src, { moving }]) => moving && $(`img[src="${src}"]`).length > 0).length;
  if (still > 0)
    warn(
      'picture_still',
      {
        zh: `微信正文图片不能动：${still} 张动图只显示第一帧。`,
        en: `Pictures in a WeChat article do not move: ${still} will show their first frame.`,
      },
      'pictures',
    );
  $('figcaption').each((_, caption) => {
    $(caption).addClass('caption');
    caption.tagName = 'p';
  });
  $('figure').each((_, figure) => {
    $(figure).addClass('figure');
    figure.tagName = 'section';
  });
}

function headerRows(policy: PolicyHeader | undefined): ArticleValues['header'] {
  if (!policy) return [];
  const rows: [string, string | undefined][] = [
    ['索引号', policy.index],
    ['发文字号', policy.number],
    ['发文机关', policy.issuer],
    ['成文日期', policy.signed && chineseDate(policy.signed)],
    ['主题分类', policy.topic],
    ['有效性', policy.validity],
  ];
  return rows.flatMap(([name, value]) => (value ? [{ name, value }] : []));
}

function chineseDate(date: string): string {
  const [year, month, day] = date.split('-').map(Number);
  return year && month && day ? `${year}年${month}月${day}日` : date;
}
