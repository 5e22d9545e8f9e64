/** What somebody who is called reads. An exercise says so first, and neither that nor the link is ever cut. */
import type { Said } from '../../channels/channel.js';
import type { Callout, CalloutMessage } from '../model/callout.js';
import { cut } from './sms-length.js';

export const reasonWords: Readonly<Record<Callout['reason'], Said>> = {
  hand: { zh: '需要人工发布', en: 'to be published by hand' },
  unknown: { zh: '结果不明，需要人工核实', en: 'nobody knows whether it went out' },
  action: { zh: '需要人工处理', en: 'needs a person' },
};

export interface Letter {
  subject: string;
  text: string;
}

export function letterOf(row: Callout, { kind }: CalloutMessage, link: string): Letter {
  const mark = row.exercise ? '【演练 Exercise】' : '';
  const title = cut(row.title, 60);
  const where = `${row.unitName} · ${row.accountName}`;
  if (kind === 'stand-down')
    return {
      subject: `${mark}已有人处理：${title}`,
      text: `${mark}${where}：《${row.title}》已有人处理，您不必再做什么。\nSomebody has taken care of it; there is nothing left for you to do.\n${link}`,
    };
  const reason = reasonWords[row.reason];
  const lines = [
    `${mark}${where}：《${row.title}》${reason.zh}。`,
    ...(row.cause ? [row.cause.zh] : []),
    ...(row.todo ? [row.todo.zh] : []),
    ...(row.spoken === undefined ? [] : [`口播稿：${mark}${row.spoken}${mark}`]),
    '办理后请打开链接确认（不必登录）：',
    link,
    '',
    `${mark}"${row.title}" on ${row.accountName}: ${reason.en}. Confirm by the link, without signing in.`,
  ];
  return { subject: `${mark}${reason.zh}：${title}`, text: lines.join('\n') };
}

export interface ShortFields {
  mark: string;
  unit: string;
  title: string;
  token: string;
}

/** For a text message's template, each of at most `most` characters. */
export function shortFields(row: Callout, token: string, most: number): ShortFields {
  const filled = (text: string): string => cut(text, most) || '-';
  return { mark: row.exercise ? '演练' : '正式', unit: filled(row.unitName), title: filled(row.title), token };
}
