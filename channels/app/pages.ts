/** The HTML pages the app shows: the article, and what stands in its place afterwards. */
import { beijingFormat } from '../beijing-calendar.js';
import { endingWords, type Ending } from '../emergency.js';
import { loadTemplate } from '../templates.js';
import type { AppPayload, Notice } from './payload.js';

interface Labels {
  source: string;
  author: string;
  files: string;
  urgent: string;
  corrected: string;
  updated: string;
  ends: string;
}

const isEnglish = (language: string) => /^en\b/i.test(language);
const isTraditional = (language: string) => /^zh-(hant|tw|hk|mo)\b/i.test(language);

/** A page speaks its release's own script. */
function labelsFor(language: string): Labels {
  if (isEnglish(language))
    return {
      source: 'Source: ',
      author: 'Author: ',
      files: 'Attachments',
      urgent: 'Emergency',
      corrected: 'Corrected',
      updated: 'Update',
      ends: 'It was to hold until {time}',
    };
  if (isTraditional(language))
    return {
      source: '來源：',
      author: '作者：',
      files: '附件',
      urgent: '應急信息',
      corrected: '已更正',
      updated: '續報',
      ends: '原定有效至 {time}',
    };
  return {
    source: '来源：',
    author: '作者：',
    files: '附件',
    urgent: '应急信息',
    corrected: '已更正',
    updated: '续报',
    ends: '原定有效至 {time}',
  };
}

/** What has become of the text, and when. */
interface Mark {
  word: string;
  iso: string;
  time: string;
  /** Where it is said. */
  url: string;
  /** Until when it was to hold. */
  until?: string;
}

interface ArticleValues {
  labels: Labels;
  language: string;
  title: string;
  heading: string;
  marks: Mark[];
  summary: string;
  source: string;
  author: string;
  feedTitle: string;
  feedUrl: string;
  url: string;
  urgent: boolean;
  /** `shade` is the level's colour, or none where it is over. */
  alarm: { shade: string; headline: string } | undefined;
  publishedIso: string;
  published: string;
  header: { zh: string; value: string }[];
  body: string;
  attachments: { name: string; kind: string; url: string }[];
  notice: { title: string; text: string } | undefined;
  nowhere: boolean;
}

let article: ((values: ArticleValues) => string) | undefined;
let absence: ((values: { title: string; zh: string; en: string }) => string) | undefined;

export interface ArticleSource {
  payload: AppPayload;
  feedTitle: string;
  published: Date;
  /** Since when it reads so. */
  changed: Date;
  /** How the warning has ended, since when, and where that is said, if it is elsewhere. */
  over?: { is: Ending; at: Date; url?: string };
  /** With its media resolved. */
  body: string;
  /** In the payload's order. */
  attachments: { url: string }[];
  /** Absent in a preview. */
  url?: string;
  feedUrl?: string;
  /** In a preview: the notification, shown above the article. */
  notice?: Notice;
}

const moment = {
  year: 'numeric',
  month: 'long',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
} as const;
const dates = {
  zh: beijingFormat('zh-CN', moment),
  en: beijingFormat('en-GB', { ...moment, timeZoneName: 'short' }),
};

export function articlePage({ payload, ...source }: ArticleSource): string {
  article ??= loadTemplate<ArticleValues>('app', 'article');
  const { warning } = payload;
  const over = source.over?.is;
  return article({
    labels: labelsFor(payload.language),
    language: payload.language,
    title: payload.title,
    heading: headingOf(payload, over),
    marks: marksOf(payload, source),
    summary: payload.summary,
    source: payload.source,
    author: payload.author ?? '',
    feedTitle: source.feedTitle,
    feedUrl: source.feedUrl ?? '',
    url: source.url ?? '',
    urgent: payload.kind === 'emergency',
    alarm: warning && {
      shade: warning.lifted || warning.drill || over ? 'over' : warning.level,
      headline: warning.headline,
    },
    publishedIso: source.published.toISOString(),
    published: timeIn(payload.language, source.published),
    header: headerRows(payload),
    body: source.body,
    attachments: payload.attachments.map((attachment, n) => ({
      name: attachment.name,
      kind: `${extensionOf(attachment.name).toUpperCase()} ${size(attachment.bytes)}`.trim(),
      url: source.attachments[n]?.url ?? '#',
    })),
    notice: source.notice && { title: source.notice.title, text: source.notice.text },
    nowhere: source.url === undefined,
  });
}

function timeIn(language: string, time: Date): string {
  return dates[isEnglish(language) ? 'en' : 'zh'].format(time);
}

function marksOf(
  { change, language, warning }: AppPayload,
  { changed, over, url: own }: Pick<ArticleSource, 'changed' | 'over' | 'url'>,
): Mark[] {
  const labels = labelsFor(language);
  const mark = (word: string, at: Date, url = ''): Mark => ({
    word,
    iso: at.toISOString(),
    time: timeIn(language, at),
    url,
  });
  // A lifting says of itself since when it is one; in a preview nobody knows yet.
  const ended = over ?? (warning?.lifted && own !== undefined ? { is: 'lifted' as const, at: changed } : undefined);
  const until = ended && ended.is !== 'expired' ? (warning?.lifted ? warning.until : warning?.expires) : undefined;
  return [
    ...(ended ? [{ ...mark(endingIn(ended.is, language), ended.at, over?.url), ...untilIn(until, language) }] : []),
    ...(change ? [mark(change === 'correction' ? labels.corrected : labels.updated, changed)] : []),
  ];
}

function endingIn(ending: Ending, language: string): string {
  if (isEnglish(language)) return endingWords[ending].en;
  return endingWords[ending][isTraditional(language) ? 'hant' : 'zh'];
}

function untilIn(until: string | undefined, language: string): Pick<Mark, 'until'> {
  if (until === undefined) return {};
  return { until: labelsFor(language).ends.replace('{time}', timeIn(language, new Date(until))) };
}

/** As feeds and browsers name it, where the title stands alone: a warning that is over must not pass for one in force. */
export function headingOf({ title, language, warning }: AppPayload, over: Ending | undefined): string {
  const name = warning?.title ?? title;
  return over ? `${endingIn(over, language)}${isEnglish(language) ? ': ' : '：'}${name}` : name;
}

export function absencePage(what: 'withdrawn' | 'missing'): string {
  absence ??= loadTemplate('app', 'absence');
  return absence(
    what === 'withdrawn'
      ? { title: '内容已撤回', zh: '该内容已由发布单位撤回。', en: 'This content has been withdrawn by its publisher.' }
      : {
          title: '没有找到',
          zh: '没有找到这个页面，请核对地址。',
          en: 'There is no such page; please check the address.',
        },
  );
}

function headerRows({ policy, warning }: AppPayload): { zh: string; value: string }[] {
  if (warning) return warning.facts.map(({ name, value }) => ({ zh: name, value }));
  if (!policy) return [];
  const rows: [string, string | undefined][] = [
    ['索引号', policy.index],
    ['发文字号', policy.number],
    ['发文机关', policy.issuer],
    ['成文日期', policy.signed],
    ['主题分类', policy.topic],
    ['效力状态', policy.validity],
    ['主题词', policy.keywords?.join('、')],
  ];
  return rows.flatMap(([zh, value]) => (value ? [{ zh, value }] : []));
}

/** Lower case, letters and digits only; empty where the name has none. */
export function extensionOf(name: string): string {
  return /\.([A-Za-z0-9]{1,8})$/.exec(name)?.[1]?.toLowerCase() ?? '';
}

function size(bytes: number): string {
  return bytes >= 1024 * 1024
    ? `${(bytes / 1024 / 1024).toFixed(1)} MB`
    : `${Math.max(1, Math.round(bytes / 1024))} KB`;
}
