/**
 * A release as the app shows it: an article in the content feed and a notification that leads to it.
 *
 * Notification lengths: the bytes are JPush's own (android ≤ 4000, ios ≤ 2000, UTF-8); it names none for HarmonyOS, so
 * the stricter of the two holds there. The characters are the phone
 * makers': Xiaomi refuses titles over 50 and texts over 128, so these are our bounds; vivo shows about 20 characters of
 * a title and OPPO, Meizu about 32, which is only told as a warning. (Vendors' figures recalled, not re-checked.)
 */
import type { AccountProfile, Change, ReleaseContent, Rendition, Said, Warning } from '../channel.js';
import { composeBody, plainLine, squeeze, visible } from './article.js';
import { characters, cutToCharacters, cutToFit } from './budget.js';
import { emergencyWords, firstExpiries, withDrill, type Emergency, type EmergencyWords } from '../emergency.js';
import { articlePage } from './pages.js';
import type { AppPayload, Notice } from './payload.js';
import type { AppSettings, JPushSettings } from './settings.js';

export const bounds = {
  title: 50,
  text: 128,
  long: 500,
  androidBytes: 4_000,
  iosBytes: 2_000,
  hmosBytes: 2_000,
} as const;
const shownTitle = 20;

/** The same for every account: what differs between them (feed, title, audience) is put in at publishing. */
export function render(release: ReleaseContent): Rendition<AppPayload> {
  const article = composeBody(release);
  const words = emergencyWords(release);
  const { notice, warnings } = composeNotice(release, words, plainLine(article.html));
  if (article.dropped) {
    warnings.push({
      code: 'picture_dropped',
      field: 'body',
      said: {
        zh: `正文中有 ${article.dropped} 处图片不在本发布件内，已略去。`,
        en: `${article.dropped} pictures in the body do not belong to the release and were left out.`,
      },
    });
  }
  const payload: AppPayload = {
    kind: release.kind,
    change: words ? undefined : release.change,
    language: release.language,
    title: release.title,
    summary: release.summary,
    source: release.source,
    author: release.author,
    columns: release.columns,
    keywords: release.keywords,
    body: article.html,
    media: article.media,
    cover: release.cover,
    attachments: release.attachments,
    policy: release.policy,
    notice,
    warning: release.emergency &&
      words && {
        level: release.emergency.level,
        headline: `${words.drill ? `${words.drillWord} ` : ''}${words.headline}`,
        title: noticeTitle(release, words),
        facts: words.facts,
        lifted: release.emergency.msgType === 'Cancel',
        ...(words.drill && { drill: true as const }),
        lifts: othersMeant(release.emergency, release.release, 'Cancel'),
        replaces: othersMeant(release.emergency, release.release, 'Update'),
        ...(release.emergency.msgType === 'Cancel' && { until: firstExpiries(release.emergency)[0] }),
        expires: release.emergency.expires,
      },
  };
  const seen = visible(article.html);
  return {
    payload,
    preview: articlePage({
      payload,
      feedTitle: '移动客户端',
      published: release.signedAt,
      changed: release.signedAt,
      body: article.html,
      attachments: release.attachments.map(() => ({ url: '#' })),
      notice,
    }),
    expected: { title: squeeze(release.title), text: seen.text, pictures: seen.pictures },
    warnings,
  };
}

function othersMeant({ msgType, references }: Emergency, own: string, by: Emergency['msgType']): string[] {
  return msgType === by ? references.map(({ release }) => release).filter((release) => release !== own) : [];
}

export function feedTitle(profile: AccountProfile<AppSettings>): string {
  return profile.settings.title ?? profile.organization;
}

/** What a notification is called, and a warning wherever its title stands alone: so it says first what it is to the one before. */
function noticeTitle(
  { title, change, emergency, language }: ReleaseContent,
  words: EmergencyWords | undefined,
): string {
  const colon = /^zh\b/i.test(language) ? '：' : ': ';
  if (emergency && words) {
    const said = { Alert: /^/, Update: /更新|updat/i, Cancel: /解除|lifted|cancel/i }[emergency.msgType];
    if (said.test(title)) return title;
    const drill = new RegExp(`^[【\\[(（]?${words.drillWord}[】\\])）]?[：:]?\\s*`, 'i');
    return withDrill(`${words.name}${colon}${title.replace(drill, '')}`, emergency, language);
  }
  const word = change && changeWord(change, language);
  return word === undefined || new RegExp(`^[【\\[(（]?${word}`, 'i').test(title) ? title : `${word}${colon}${title}`;
}

function changeWord(change: Change, language: string): string {
  if (!/^zh\b/i.test(language)) return change === 'correction' ? 'Correction' : 'Update';
  if (change === 'correction') return '更正';
  return /^zh-(hant|tw|hk|mo)\b/i.test(language) ? '續報' : '续报';
}

function composeNotice(
  release: ReleaseContent,
  warning: EmergencyWords | undefined,
  bodyText: string,
): { notice: Notice; warnings: Warning[] } {
  const warnings: Warning[] = [];
  const warn = (code: string, field: string, said: Said) => warnings.push({ code, field, said });
  const urgent = release.kind === 'emergency';
  const title = noticeTitle(release, warning);
  const titleLength = characters(title).length;

  if (titleLength > bounds.title) {
    warn('notice_title_cut', 'title', {
      zh: `标题共 ${titleLength} 字，手机通知里只保留前 ${bounds.title} 字（应用内标题完整）。`,
      en: `The title has ${titleLength} characters; the notification keeps ${bounds.title} (it is whole inside the app).`,
    });
  } else if (titleLength > shownTitle) {
    warn('notice_title_long', 'title', {
      zh: `标题超过 ${shownTitle} 字，部分手机（如 vivo）的通知栏显示不全，重要的词请放在前面。`,
      en: `The title is over ${shownTitle} characters; some phones (vivo) show only its beginning.`,
    });
  }
  if (!release.summary && !warning)
    warn('summary_missing', 'summary', {
      zh: '没有摘要，通知正文取自文章开头。',
      en: 'There is no summary; the notification takes the beginning of the text.',
    });

  // The law asks a warning to name who issues it, so the source is never what gets cut.
  const lead = warning?.lead ?? (release.summary || bodyText.slice(0, 2_000) || release.title);
  // Nor the word that says of a drill that it is one.
  const mark = warning?.drill ? `（${warning.drillWord}）` : '';
  const signature = `${urgent && !lead.includes(release.source) ? `（${release.source}）` : ''}${mark}`;
  const withSource = (limit: number) =>
    cutToCharacters(lead, Math.max(1, limit - characters(signature).length)) + signature;
  const text = withSource(bounds.text);
  const long = withSource(bounds.long);
  if (warning && text !== long) {
    warn('notice_text_cut', 'emergency.instruction', {
      zh: `级别、区域、措施合计超过 ${bounds.text} 字，手机通知里会截短（展开后可看到更多）。`,
      en: `Level, area and action are over ${bounds.text} characters; the notification shortens them (opened out it shows more).`,
    });
  } else if (release.summary && text !== long) {
    warn('notice_text_cut', 'summary', {
      zh: `摘要超过 ${bounds.text} 字，手机通知里会截短（展开后可看到更多）。`,
      en: `The summary is over ${bounds.text} characters; the notification shortens it (opened out it shows more).`,
    });
  }
  return {
    notice: {
      title: cutToCharacters(title, bounds.title),
      text,
      long: text === long ? undefined : long,
      urgent,
    },
    warnings,
  };
}

export interface NoticeExtras {
  /** Where the notification leads; the app reads it. */
  url: string;
  item: string;
  feed: string;
}

/** What of an account's settings its notifications depend on; the feed's slug is their thread on iOS. */
export type NoticeSettings = Pick<JPushSettings, 'feed'> &
  Partial<Pick<JPushSettings, 'androidChannel' | 'hmosCategory'>>;

type Block = Record<string, unknown>;
export interface Notification {
  alert: string;
  android: Block;
  ios: Block;
  hmos: Block;
}

/**
 * The `notification` part of a push, within JPush's bytes for each platform whatever the text holds: first the opened-out
 * text gives way, then the text, then the title. The shared `alert` serves platforms without a block of their own.
 */
export function fitNotification(notice: Notice, extras: NoticeExtras, settings: NoticeSettings): Notification {
  const android = (title: string, alert: string, long?: string) => ({
    alert,
    title,
    priority: notice.urgent ? 2 : 0,
    ...(long && { style: 1, big_text: long }),
    ...(settings.androidChannel !== undefined && { channel_id: settings.androidChannel }),
    extras: { ...extras },
  });
  const ios = (title: string, body: string) => ({
    alert: { title, body },
    sound: 'default',
    'thread-id': settings.feed,
    extras: { ...extras },
  });
  const hmos = (title: string, alert: string) => ({
    alert,
    title,
    ...(settings.hmosCategory !== undefined && { category: settings.hmosCategory }),
    extras: { ...extras },
  });
  const fitted = <T>(build: (title: string, text: string) => T, bytes: number): T => {
    const title = cutToFit(notice.title, bytes, (text) => build(text, ''));
    return build(
      title,
      cutToFit(notice.text, bytes, (text) => build(title, text)),
    );
  };

  // The android budget also holds the shared alert, which we count with it to be safe.
  const androidTitle = cutToFit(notice.title, bounds.androidBytes, (title) => android(title, ''));
  const alert = cutToFit(notice.text, bounds.androidBytes, (text) => [text, android(androidTitle, text)]);
  const long =
    notice.long === undefined
      ? ''
      : cutToFit(notice.long, bounds.androidBytes, (text) => [alert, android(androidTitle, alert, text)]);
  return {
    alert,
    android: android(androidTitle, alert, long.length > alert.length ? long : undefined),
    ios: fitted(ios, bounds.iosBytes),
    hmos: fitted(hmos, bounds.hmosBytes),
  };
}
