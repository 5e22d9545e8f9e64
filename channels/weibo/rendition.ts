/** A release as one post: words, link, at most one picture. A pure function of release and profile. */
import type { Picture, ReleaseContent, Rendition, Warning } from '../channel.js';
import { loadTemplate } from '../templates.js';
import { linesOf, squeeze, tidyLine } from './blocks.js';
import { count, halfUnits, limit, linksIn, withoutLinks } from './counter.js';
import { drawLongPicture, type LongPicture } from './long-picture.js';
import { markerRoom, withMarker } from './marker.js';
import { isSafe, linkOf, type WeiboProfile } from './settings.js';
import { facts, wordingOf, type Fact, type Wording } from './wording.js';

export interface WeiboPayload {
  /** The post without its link. */
  words: string;
  /** Without the step's marker; absent where the account has no link template. */
  link?: string;
  picture?: { from: 'release'; hash: string; alt: string } | ({ from: 'text' } & LongPicture);
}

/** The post as it is sent. Throws nothing. */
export function statusOf(words: string, link: string, key: string): string {
  return `${words} ${withMarker(link, key)}`;
}

export function renderWeibo(release: ReleaseContent, profile: WeiboProfile): Rendition<WeiboPayload> {
  const { clean, removed } = withoutTopics(release);
  const link = linkOf(profile.settings, release.release);
  // A link counts the same whatever marker it carries, unless it is very long.
  const linkUnits = link === undefined ? 0 : halfUnits(`${link}${markerRoom}`) + 1;
  const lines = linesOf(clean.body);
  const wording = wordingOf(clean, lines, 2 * limit - linkUnits);
  const { picture, warnings } = choosePicture(clean, lines, wording, link);
  const payload: WeiboPayload = {
    words: wording.words,
    ...(link !== undefined && { link }),
    ...(picture && { picture }),
  };
  return {
    payload,
    preview: previewOf(clean, payload),
    expected: { title: release.title, text: squeeze(withoutLinks(wording.words)), pictures: picture ? 1 : 0 },
    warnings: [
      ...wordingWarnings(wording),
      ...linkWarnings(link, profile),
      ...strayLinkWarnings(wording.words, profile),
      ...(removed ? [topicWarning(removed)] : []),
      ...mentionWarnings(wording.words),
      ...warnings,
    ],
  };
}

/** `#词#` is filtered by the platform without a word, so it becomes “词” here; any single mark that is left could pair with another. */
function withoutTopics(release: ReleaseContent): { clean: ReleaseContent; removed: number } {
  let removed = 0;
  const quote = (text: string): string =>
    text
      .replace(/(?<!&)[#＃]([^#＃<>\n]+)(?<!&)[#＃]/gu, (_, word: string) => {
        removed += 1;
        return `“${word}”`;
      })
      .replace(/(?<!&)#/gu, '＃');
  return {
    clean: {
      ...release,
      title: quote(release.title),
      summary: quote(release.summary),
      body: quoteText(release.body, quote),
      source: quote(release.source),
    },
    removed,
  };
}

/** Only what stands between tags. */
function quoteText(html: string, quote: (text: string) => string): string {
  return html.replace(
    /(<[^>]*>)|([^<]+)/g,
    (_, tag: string | undefined, text: string | undefined) => tag ?? quote(text ?? ''),
  );
}

function choosePicture(
  release: ReleaseContent,
  lines: ReturnType<typeof linesOf>,
  wording: Wording,
  link: string | undefined,
): { picture: WeiboPayload['picture']; warnings: Warning[] } {
  const warnings: Warning[] = [];
  const chosen = coverOf(release);
  const rest = release.pictures.length - (chosen ? 1 : 0);
  if (rest > 0)
    warnings.push({
      code: 'pictures_dropped',
      field: 'pictures',
      said: {
        zh: `微博只能带一张图，其余 ${rest} 张不会出现。`,
        en: `A post carries one picture; ${rest} more will not be seen.`,
      },
    });
  if (/<(video|audio)\b/.test(release.body))
    warnings.push({
      code: 'media_dropped',
      field: 'body',
      said: {
        zh: '音频、视频不能随微博发布，读者须从链接打开。',
        en: 'Audio and video are left out; readers find them by the link.',
      },
    });
  if (release.attachments.length > 0)
    warnings.push({
      code: 'attachments_dropped',
      field: 'attachments',
      said: {
        zh: `${release.attachments.length} 个附件不能随微博发布，读者须从链接打开。`,
        en: `${release.attachments.length} attachment(s) are left out; readers find them by the link.`,
      },
    });
  if (chosen) return { picture: { from: 'release', hash: chosen.hash, alt: chosen.alt }, warnings };
  if (wording.whole || lines.length === 0) return { picture: undefined, warnings };
  const drawn = drawLongPicture({
    title: tidyLine(release.title),
    source: tidyLine(release.source),
    language: release.language,
    signedAt: release.signedAt,
    timed: release.kind === 'emergency',
    drill: release.emergency?.status === 'Exercise',
    lines,
    link,
  });
  warnings.push({
    code: 'long_picture',
    said: {
      zh: '正文超过 140 字，全文将以长图随微博发出。',
      en: 'The body is longer than 140 characters; the whole text goes along as a long picture.',
    },
  });
  if (drawn.cut)
    warnings.push({
      code: 'long_picture_cut',
      field: 'body',
      said: {
        zh: '正文过长，长图只画到限定高度，图末注明请从链接阅读全文。',
        en: 'The body is too long for one picture; it ends at the greatest height and refers to the link.',
      },
    });
  return { picture: { from: 'text', ...drawn }, warnings };
}

function coverOf(release: ReleaseContent): Picture | undefined {
  return release.pictures.find((picture) => picture.hash === release.cover) ?? release.pictures[0];
}

const factNames: Readonly<Record<Fact, { zh: string; en: string }>> = {
  level: { zh: '级别', en: 'level' },
  place: { zh: '影响范围', en: 'place' },
  time: { zh: '时间', en: 'time' },
  action: { zh: '应采取的措施', en: 'action to take' },
};

function wordingWarnings({ lost, unsaid }: Wording): Warning[] {
  const texts: Readonly<Record<Wording['lost'][number], Omit<Warning, 'code'>>> = {
    title_cut: {
      field: 'title',
      said: { zh: '标题过长，微博中会截短。', en: 'The title is too long and is shortened in the post.' },
    },
    summary_cut: {
      field: 'summary',
      said: {
        zh: '摘要放不下 140 字，微博中会截短。',
        en: 'The summary does not fit 140 characters and is shortened in the post.',
      },
    },
    summary_missing: {
      field: 'summary',
      said: {
        zh: '没有填写摘要，微博取正文开头；建议补写一句摘要。',
        en: 'There is no summary, so the post takes the beginning of the body; better write one.',
      },
    },
    emergency_cut: {
      field: 'body',
      said: {
        zh: '级别、范围、时间、措施、来源合计超过 140 字，已逐项截短，请核对预览。',
        en: 'Level, place, time, action and source together exceed 140 characters; each was shortened. Check the preview.',
      },
    },
  };
  const cuts = lost.map((code): Warning => ({ code, ...texts[code] }));
  return [
    ...cuts,
    ...facts
      .filter((fact) => unsaid.includes(fact))
      .map((fact): Warning => ({
        code: 'emergency_fact_missing',
        field: 'body',
        said: {
          zh: `正文没有写明“${factNames[fact].zh}”，预警信息应当包含。`,
          en: `The text does not state the ${factNames[fact].en}, which a warning must hold.`,
        },
      })),
  ];
}

function linkWarnings(link: string | undefined, { settings }: WeiboProfile): Warning[] {
  if (link === undefined)
    return [
      {
        code: 'link_missing',
        said: {
          zh: '账号未设置链接模板；微博要求正文带安全域名链接，否则拒绝发布（10017）。',
          en: 'The account has no link template; Weibo refuses a post without a safe-domain link (10017).',
        },
      },
    ];
  if (settings.safeDomains.length === 0)
    return [
      {
        code: 'no_safe_domain',
        said: {
          zh: '账号未登记安全域名，无法事先核对链接；若未在微博开放平台绑定，微博会拒绝发布（10017）。',
          en: 'No safe domain is recorded, so the link cannot be checked; Weibo refuses it (10017) unless it is bound.',
        },
      },
    ];
  if (isSafe(link, settings.safeDomains)) return [];
  return [
    {
      code: 'no_safe_domain',
      said: {
        zh: '链接不在账号登记的安全域名内，微博会拒绝发布（10017）。',
        en: 'The link is not under a recorded safe domain; Weibo will refuse it (10017).',
      },
    },
  ];
}

/** The platform takes links under the domains bound to the app alone, wherever in the text they stand. */
function strayLinkWarnings(words: string, { settings }: WeiboProfile): Warning[] {
  if (settings.safeDomains.length === 0) return [];
  return linksIn(words)
    .filter((link) => !isSafe(link, settings.safeDomains))
    .map((link) => ({
      code: 'stray_link',
      field: 'summary',
      said: {
        zh: `文中的链接“${link}”不在安全域名内，微博会拒绝发布（10017），请从摘要或正文中去掉。`,
        en: `The link "${link}" in the text is not under a safe domain; Weibo will refuse the post (10017). Take it out of the text.`,
      },
    }));
}

function topicWarning(removed: number): Warning {
  return {
    code: 'topic_marks',
    said: {
      zh: `微博接口不接受 #话题#，已把 ${removed} 处改为引号。`,
      en: `The Weibo API takes no #topics#; ${removed} became quotation marks.`,
    },
  };
}

/** The platform takes what stands behind an @ for an account, tells it of the post, and links there. */
function mentionWarnings(words: string): Warning[] {
  const names = [...new Set(words.match(/[@＠][\p{Script=Han}\w-]{2,30}/gu) ?? [])];
  if (names.length === 0) return [];
  return [
    {
      code: 'mentions',
      said: {
        zh: `微博会把“${names.join('”“')}”当作提到的账号，并提醒对方；如果是邮箱等，请改写。`,
        en: `Weibo takes ${names.join(', ')} for accounts and tells them of the post; rewrite it where it is, say, an e-mail address.`,
      },
    },
  ];
}

interface PreviewValues {
  language: string;
  name: string;
  words: string;
  link: string;
  used: number;
  hash: string;
  alt: string;
  drawing: string;
}

let preview: ((values: PreviewValues) => string) | undefined;

function previewOf(release: ReleaseContent, { words, link, picture }: WeiboPayload): string {
  preview ??= loadTemplate<PreviewValues>('weibo', 'preview');
  return preview({
    language: release.language,
    name: tidyLine(release.source),
    words,
    link: link ?? '',
    used: count(link === undefined ? words : `${words} ${link}`),
    hash: picture?.from === 'release' ? picture.hash : '',
    alt: picture?.from === 'release' ? picture.alt : '',
    drawing: picture?.from === 'text' ? `data:image/svg+xml;base64,${Buffer.from(picture.svg).toString('base64')}` : '',
  });
}
