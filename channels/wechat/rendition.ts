/**
 * A release as a WeChat article: styles inline (the platform drops style sheets), tables that fit a phone, links as
 * numbered notes (outside links don't open there), a cover in both cuts. Everything cut or left out is a warning.
 * Limits: draft/add of developers.weixin.qq.com; where its pages differ, the stricter one warns and the looser one cuts.
 */
import type { ReleaseContent, Rendition, Said, Warning } from '../channel.js';
import { beijingFormat } from '../beijing-calendar.js';
import { beginningOf } from '../graphemes.js';
import { loadBody, runningLine } from '../reading.js';
import { loadTemplate } from '../templates.js';
import type { WeChatProfile } from './account.js';
import { plainText } from './compare.js';
import { articleHtml, countPictures } from './article.js';

export interface WeChatPayload {
  title: string;
  author?: string | undefined;
  digest: string;
  /** Pictures stand as `src="media:HASH"` until they are uploaded for the account. */
  content: string;
  /** Target of 阅读原文, without the delivery's marker. */
  link?: string | undefined;
  comments: 'off' | 'everyone' | 'followers';
  /** Hashes of the pictures in the text. */
  pictures: string[];
  cover?: string | undefined;
  emergency: boolean;
  /** Of an exercise: the standing cover says so, too. */
  drill?: true;
}

const bounds = {
  title: { warn: 32, cut: 64 },
  author: { warn: 8, cut: 16 },
  /** The page says 128, common reports 120. */
  digest: 120,
  /** Taken by the platform where there is no digest. */
  ownDigest: 54,
  cover: { width: 900, height: 383 },
} as const;

const previewPage = loadTemplate<{
  title: string;
  author?: string;
  date: string;
  digest: string;
  content: string;
  link: string | undefined;
  cover: string | undefined;
}>('wechat', 'preview');

/** A pure function of the release and the account's public profile. */
export function render(release: ReleaseContent, profile: WeChatProfile): Rendition<WeChatPayload> {
  const warnings: Warning[] = [];
  const warn = (code: string, said: Said, field?: string) =>
    warnings.push({ code, said, ...(field !== undefined && { field }) });
  const { settings } = profile;
  const emergency = release.kind === 'emergency';
  const link = settings.linkTemplate?.replaceAll('{release}', encodeURIComponent(release.release));

  const title = fitTitle(release.title, warn);
  const author = fitAuthor(release.author ?? settings.author, warn);
  const article = articleHtml(release, link !== undefined);
  warnings.push(...article.warnings);
  const digest = fitDigest(release.summary, release.body, warn);
  const cover = chooseCover(release, article.pictures, warn);
  if (link === undefined)
    warn('no_source_link', {
      zh: '该账号没有设置官网文章地址，文末不会出现“阅读原文”。',
      en: 'This account has no site address, so there will be no "Read more" link.',
    });
  if (settings.mode === 'draft')
    warn('draft_only', {
      zh: '该账号没有发布接口权限：稿件只存入草稿箱，须由人工发表。',
      en: 'This account cannot publish by API: the article goes to its draft box for a person to publish.',
    });
  if (emergency && article.pictures.length > 0) {
    warn(
      'emergency_pictures',
      {
        zh: '紧急稿件不等待图片上传：该账号尚未上传过的图片将不随微信文章发出。',
        en: 'Emergency articles do not wait for uploads: pictures that an account does not have yet are left out on WeChat.',
      },
      'pictures',
    );
  }

  const payload: WeChatPayload = {
    title,
    author,
    digest,
    content: article.content,
    link,
    comments: settings.comments,
    pictures: article.pictures,
    cover,
    emergency,
    ...(release.emergency?.status === 'Exercise' && { drill: true as const }),
  };
  return {
    payload,
    preview: previewPage({
      title,
      ...(author !== undefined && { author }),
      date: chinaDate(release.signedAt, release.language),
      digest,
      // The pieces of a tall picture show as one.
      content: article.content.replace(/<img\b[^>]*\bsrc="media:[0-9a-f]{64}\.\d+"[^>]*>/g, ''),
      link,
      cover,
    }),
    expected: { title, text: plainText(article.content), pictures: countPictures(article.content) },
    warnings,
  };
}

type Warn = (code: string, said: Said, field?: string) => void;

function fitTitle(title: string, warn: Warn): string {
  const signs = [...title.trim()];
  if (signs.length > bounds.title.cut) {
    warn(
      'title_cut',
      {
        zh: `标题 ${signs.length} 字，超过微信 ${bounds.title.cut} 字上限，已截短。`,
        en: `The title has ${signs.length} characters; WeChat takes ${bounds.title.cut}, so it was cut.`,
      },
      'title',
    );
    return cut(title.trim(), bounds.title.cut);
  }
  if (signs.length > bounds.title.warn) {
    warn(
      'title_long',
      {
        zh: `标题 ${signs.length} 字，超过微信建议的 ${bounds.title.warn} 字，列表中会显示不全，个别账号可能被拒绝。`,
        en: `The title has ${signs.length} characters; WeChat advises ${bounds.title.warn}, more is cut in lists and may be refused.`,
      },
      'title',
    );
  }
  return signs.join('');
}

function fitAuthor(author: string | undefined, warn: Warn): string | undefined {
  const signs = [...(author?.trim() ?? '')];
  if (signs.length === 0) return undefined;
  if (signs.length > bounds.author.cut) {
    warn(
      'author_cut',
      {
        zh: `作者 ${signs.length} 字，超过微信 ${bounds.author.cut} 字上限，已截短。`,
        en: `The author has ${signs.length} characters; WeChat takes ${bounds.author.cut}, so it was cut.`,
      },
      'author',
    );
  } else if (signs.length > bounds.author.warn) {
    warn(
      'author_long',
      {
        zh: `作者 ${signs.length} 字，超过 ${bounds.author.warn} 字时部分账号会被微信拒绝。`,
        en: `The author has ${signs.length} characters; more than ${bounds.author.warn} is refused for some accounts.`,
      },
      'author',
    );
  }
  return beginningOf(signs.join(''), bounds.author.cut);
}

function fitDigest(summary: string, body: string, warn: Warn): string {
  const signs = [...summary.trim()];
  if (signs.length === 0) {
    warn(
      'summary_missing',
      {
        zh: `没有摘要，将取正文开头 ${bounds.ownDigest} 字。`,
        en: `There is no summary; the first ${bounds.ownDigest} characters of the text are taken.`,
      },
      'summary',
    );
    return cut(runningText(body), bounds.ownDigest);
  }
  if (signs.length <= bounds.digest) return signs.join('');
  warn(
    'summary_cut',
    {
      zh: `摘要 ${signs.length} 字，超过微信 ${bounds.digest} 字上限，已截短。`,
      en: `The summary has ${signs.length} characters; WeChat takes ${bounds.digest}, so it was cut.`,
    },
    'summary',
  );
  return cut(summary.trim(), bounds.digest);
}

/** At most `limit` signs with an ellipsis; a word that began a short way before the end is left out whole. */
function cut(text: string, limit: number): string {
  if ([...text].length <= limit) return text;
  const whole = beginningOf(text, limit - 1);
  const beginning = whole.trimEnd();
  const within = /[a-z0-9]$/i.test(beginning) && /^[a-z0-9]/i.test(text.slice(whole.length));
  return `${within ? beginning.replace(/(?<=\S)\s+\S{1,20}$/, '') : beginning}…`;
}

/** The text in one line. */
function runningText(html: string): string {
  return runningLine(loadBody(html));
}

function chooseCover(release: ReleaseContent, pictures: readonly string[], warn: Warn): string | undefined {
  const hash = release.cover ?? pictures[0];
  const picture = release.pictures.find((entry) => entry.hash === hash);
  if (!picture) {
    warn(
      'cover_missing',
      { zh: '没有封面图片，将使用通用封面。', en: 'There is no cover picture; the standing cover is used.' },
      'cover',
    );
    return undefined;
  }
  if (picture.width < bounds.cover.width || picture.height < bounds.cover.height) {
    warn(
      'cover_small',
      {
        zh: `封面图片为 ${picture.width}×${picture.height}，小于 ${bounds.cover.width}×${bounds.cover.height}，显示会模糊。`,
        en: `The cover is ${picture.width}×${picture.height}, smaller than ${bounds.cover.width}×${bounds.cover.height}, and will look blurred.`,
      },
      'cover',
    );
  }
  return picture.hash;
}

function chinaDate(instant: Date, language: string): string {
  return beijingFormat(/^en\b/i.test(language) ? 'en-GB' : 'zh-CN', {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
  }).format(instant);
}
