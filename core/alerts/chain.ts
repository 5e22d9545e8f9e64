/**
 * What an update or a cancel means for the releases that the messages it names became. Decisions alone, pure: the order
 * of messages is that of their `sent`, but for one that names the newest, which is its successor whatever the clock says.
 */
import type { Said } from '../../channels/channel.js';

/** A release that was named, and the newest message taken into it. */
export interface Link {
  release: string;
  /** Its identity, `sender,identifier`. */
  newest: string;
  sentAt: Date;
  /** It was lifted or withdrawn. */
  ended: boolean;
}

export type Following =
  | { is: 'follow'; releases: string[]; remarks: Said[] }
  | { is: 'late'; releases: string[]; why: Said }
  | { is: 'ask'; releases: string[]; why: Said };

interface Message {
  msgType: string;
  sentAt: Date;
  /** Identities that it names. */
  refers: readonly string[];
}

/** `links`: at least one. */
export function followingOf(message: Message, links: readonly Link[]): Following {
  const all = links.map(({ release }) => release);
  const live = links.filter(({ ended }) => !ended);
  if (live.length === 0)
    return {
      is: 'late',
      releases: all,
      why:
        message.msgType === 'Cancel'
          ? { zh: '它要解除的预警已经结束。', en: 'what it cancels has ended already.' }
          : {
              zh: '它要更新的预警已经解除，不会因此重新生效。',
              en: 'what it updates was lifted, and does not come back by it.',
            },
    };
  if (message.msgType !== 'Cancel' && live.length > 1)
    return {
      is: 'ask',
      releases: live.map(({ release }) => release),
      why: {
        zh: `它同时更新 ${live.length} 条仍然有效的预警，不清楚应接在哪一条后面。`,
        en: `it updates ${live.length} warnings that are all in force: which one it follows is not clear.`,
      },
    };
  const names = (link: Link): boolean => message.refers.includes(link.newest);
  const later = live.filter((link) => names(link) || message.sentAt >= link.sentAt);
  if (later.length === 0)
    return {
      is: 'late',
      releases: all,
      why: {
        zh: '已经收到过发送时间更晚的一条，且它没有指明接在那一条之后。',
        en: 'a message sent later is here already, and it does not name that one.',
      },
    };
  return { is: 'follow', releases: later.map(({ release }) => release), remarks: oddities(message, later, names) };
}

function oddities(message: Message, links: readonly Link[], names: (link: Link) => boolean): Said[] {
  const early = links.some((link) => message.sentAt < link.sentAt);
  const fork = links.some((link) => !names(link));
  return [
    ...(early
      ? [
          {
            zh: '它的发送时间早于它所指的那一条：对方时钟不准，仍按指明的次序处理。',
            en: "it was sent before the message that it names: the sender's clock is off, and the order named holds.",
          },
        ]
      : []),
    ...(fork
      ? [
          {
            zh: '它没有指明最近的一条，而是接在更早的一条之后（分叉）：最近的一条已被它取代，请核对。',
            en: 'it does not name the newest message but one before it (a fork): the newest is replaced by it. Please check.',
          },
        ]
      : []),
  ];
}
