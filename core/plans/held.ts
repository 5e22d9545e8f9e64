/** What is said of a planned order: where it is, why it is held, and what a person can do. */
import type { Said } from '../../channels/channel.js';
import type { Hold, HoldReason, OrderState } from '../model/order.js';

const words: Readonly<Record<HoldReason, { said: Said; todo: Said }>> = {
  late: {
    said: {
      zh: '已过排定时间 {minutes} 分钟，超过允许的延误，没有自动发出。',
      en: 'It is late by {minutes} minutes, more than it may be, and did not go out by itself.',
    },
    todo: {
      zh: '请核对内容是否仍适用，再选择“仍然发出”或“取消排期”。',
      en: 'See whether the text still holds, then choose to send it or to drop it.',
    },
  },
  signer_removed: {
    said: {
      zh: '签发人因故被停用，这项排期已暂停。',
      en: 'Whoever signed it was disabled for cause; the plan is held.',
    },
    todo: {
      zh: '请应急指挥或签发人核对：确认无误的选择“仍然发出”，否则取消排期，由其他人重新签发。',
      en: 'A commander or signer checks it: send it if it holds, else drop it and have somebody else sign.',
    },
  },
  signer_missing: {
    said: {
      zh: '签发人的记录不在数据库中了：本系统从不删除人员，是有人直接改动了数据库。没有发出。',
      en: 'Whoever signed it is not in the database any more. This hub never deletes a person: somebody has changed the database by hand. It did not go out.',
    },
    todo: {
      zh: '请运维核对数据库的访问记录并从备份恢复；确需发布的，由其他人重新签发。',
      en: 'Have operations look who reached the database, and restore it from a backup; to publish it, have somebody else sign it anew.',
    },
  },
  expired: {
    said: { zh: '已过这项发布令的截止时间，没有发出。', en: 'The order has expired and did not go out.' },
    todo: { zh: '如仍需发布，请重新下达发布令。', en: 'If it is still wanted, order it again.' },
  },
  warning_ended: {
    said: {
      zh: '预警在排定时间之前已失效，没有发出，以免误导公众。',
      en: 'The warning has ended by its time: it would mislead, and did not go out.',
    },
    todo: {
      zh: '预警仍有效的，请改写失效时间并重新签发；否则取消排期。',
      en: 'If it still holds, set a later end and have it signed anew; else drop the plan.',
    },
  },
  not_signed: {
    said: {
      zh: '排定的版本已没有有效的签发，没有发出。',
      en: 'The planned revision is no longer signed; it did not go out.',
    },
    todo: { zh: '请重新签发后再排期。', en: 'Have it signed, then plan it again.' },
  },
  audience_empty: {
    said: {
      zh: '到时间时投放范围内已没有可用账号，没有发出。',
      en: 'By its time the audience held no usable account; it did not go out.',
    },
    todo: {
      zh: '请启用账号或调整投放范围后重新排期。',
      en: 'Enable accounts or change the audience, then plan it again.',
    },
  },
};

export function sayHeld({ reason, minutes }: Hold): { said: Said; todo: Said } {
  const { said, todo } = words[reason];
  const filled = (text: string): string => text.replace('{minutes}', String(minutes ?? 0));
  return { said: { zh: filled(said.zh), en: filled(said.en) }, todo };
}

/** Where an order is, for whoever wanted to move it and came too late. */
export const stateWords: Readonly<Record<OrderState, Said>> = {
  planned: { zh: '正等待排定的时间', en: 'it waits for its time' },
  held: { zh: '已暂停，等待人工决定', en: 'it is held and asks a person' },
  unscheduled: { zh: '已取消排期', en: 'it was taken back' },
  running: { zh: '已到时间，正在发出', en: 'its time has come and it is going out' },
  done: { zh: '已发出', en: 'it has gone out' },
  refused: { zh: '签名核对不通过，没有发送', en: 'its signature does not hold, and nothing was sent' },
};
