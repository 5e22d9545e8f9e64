/** What somebody who is called reads. An exercise says so first, and neither that nor the link is ever cut. */
import { beijingMinute } from '../../channels/beijing-calendar.js';
import type { Said } from '../../channels/channel.js';
import type { Callout, CalloutItem, CalloutMessage, Reason } from '../model/callout.js';
import { cut } from './sms-length.js';

export const reasonWords: Readonly<Record<Reason, Said>> = {
  hand: { zh: '需要人工发布', en: 'to be published by hand' },
  unknown: { zh: '结果不明，需要人工核实', en: 'nobody knows whether it went out' },
  action: { zh: '需要人工处理', en: 'needs a person' },
};

export interface Letter {
  subject: string;
  text: string;
}

/** What of the list still waits; once nothing does, all of it. */
function told({ items }: Callout): CalloutItem[] {
  const open = items.filter(({ state }) => state === 'open');
  return open.length > 0 ? open : items;
}

/** `《台风红色预警》等 3 项`. */
function titled(row: Callout, most: number): { zh: string; en: string } {
  const list = told(row);
  const title = cut(list[0]?.title ?? '', most);
  return list.length < 2
    ? { zh: `《${title}》`, en: `"${title}"` }
    : { zh: `《${title}》等 ${list.length} 项`, en: `"${title}" and ${list.length - 1} more` };
}

/** Lines in one letter; the link shows all. */
const mostListed = 20;

export function letterOf(row: Callout, { kind, ended }: CalloutMessage, link: string): Letter {
  if (ended) return endedLetter(row, ended, link);
  const mark = row.exercise ? '【演练 Exercise】' : '';
  const list = told(row);
  const title = titled(row, 60);
  if (kind === 'stand-down')
    return {
      subject: `${mark}已有人处理：${title.zh}`,
      text: `${mark}${row.unitName}：${title.zh}已有人处理，您不必再做什么。\nSomebody has taken care of it; there is nothing left for you to do.\n${link}`,
    };
  const [first] = list;
  const reason = reasonWords[first?.reason ?? 'action'];
  const lines = [
    `${mark}${row.unitName}：${title.zh}${list.length > 1 ? '需要您处理。' : `${reason.zh}。`}`,
    ...list.slice(0, mostListed).flatMap((item) => listedZh(item, mark)),
    ...(list.length > mostListed ? [`…… 共 ${list.length} 项，请打开链接查看。`] : []),
    '办理后请打开链接逐项确认（不必登录）：',
    link,
    '',
    `${mark}${row.unitName}: ${title.en} ${list.length > 1 ? 'need you' : reason.en}. Confirm each by the link, without signing in.`,
  ];
  return { subject: `${mark}${list.length > 1 ? '需要处理' : reason.zh}：${title.zh}`, text: lines.join('\n') };
}

/** Whoever was told to put it there must not do so any more. */
function endedLetter(row: Callout, ids: readonly string[], link: string): Letter {
  const mark = row.exercise ? '【演练 Exercise】' : '';
  const list = row.items.filter(({ id }) => ids.includes(id));
  const first = list[0]?.title ?? '';
  const title = `《${cut(first, 60)}》${list.length > 1 ? `等 ${list.length} 项` : ''}`;
  const lines = [
    `${mark}${row.unitName}：${title}的预警已失效，不要再发布；已经发布的请撤下，或标明“已失效”。`,
    ...list
      .slice(0, mostListed)
      .map((item) => `· ${item.accountName}《${cut(item.title, 60)}》${beijingMinute(item.ended ?? row.at)} 失效`),
    ...(list.length > mostListed ? [`…… 共 ${list.length} 项，请打开链接查看。`] : []),
    `${mark}The warning has ended: do not publish it any more; where you have, take it away or mark it as expired.`,
    link,
  ];
  return { subject: `${mark}不要再发布：${title}已失效`, text: lines.join('\n') };
}

function listedZh({ accountName, title, reason, cause, todo, spoken }: CalloutItem, mark: string): string[] {
  const words = [cause?.zh, todo?.zh].filter((one) => one !== undefined).join('');
  return [
    `· ${accountName}《${cut(title, 60)}》${reasonWords[reason].zh}。${words}`,
    ...(spoken === undefined ? [] : [`口播稿：${mark}${spoken}${mark}`]),
  ];
}

export interface ShortFields {
  mark: string;
  unit: string;
  title: string;
  token: string;
}

/** For a text message's template, each of at most `most` characters. How many there are is never cut. */
export function shortFields(row: Callout, token: string, most: number, ended?: readonly string[]): ShortFields {
  const list = ended ? row.items.filter(({ id }) => ended.includes(id)) : told(row);
  const filled = (text: string, room = most): string => cut(text, room) || '-';
  const more = list.length > 1 ? `等${list.length}项` : '';
  // The provider's approved words say that there is nothing left to do; why is said here.
  const why = ended ? '已失效勿再发布：' : '';
  const title = `${why}${filled(list[0]?.title ?? '', Math.max(1, most - more.length - why.length))}${more}`;
  return { mark: row.exercise ? '演练' : '正式', unit: filled(row.unitName), title, token };
}
