/** Freezes (冻结). */
import type { Entry } from './entry.js';

export const freezes = {
  freeze_scope_unknown: {
    status: 422,
    said: {
      zh: '没有“{scope}”这个单位、账号或渠道，没有冻结任何内容。',
      en: 'There is no unit, account or channel "{scope}"; nothing was frozen.',
    },
    todo: {
      zh: '请从列表中选择；情况紧急时可先冻结全部。',
      en: 'Choose one from the list; where it is urgent, freeze everything first.',
    },
  },
  freeze_kept_nowhere: {
    status: 503,
    said: {
      zh: '冻结没有记下：账本和 Redis 现在都写不进。Redis 写不进时不会有新内容发出，但它一恢复就会继续发送，冻结不在其中。',
      en: 'The freeze is kept nowhere: neither the ledger nor Redis can be written. Nothing new leaves while Redis cannot be written, but it goes on as soon as that is back, and knows of no freeze.',
    },
    todo: {
      zh: '请让运维停止发布进程或腾出磁盘空间，然后立即再次冻结，直到显示“已生效”。',
      en: 'Have an operator stop the publishing processes or free the disk, then freeze again until it says that it is in force.',
    },
  },
  already_thawed: {
    status: 409,
    said: { zh: '这一冻结已于 {at} 解冻。', en: 'This freeze was thawed already, at {at}.' },
    todo: {
      zh: '请刷新查看还有哪些冻结；需要继续停发的，请重新冻结。',
      en: 'Reload to see what is still frozen; to go on holding, freeze again.',
    },
  },
  thaw_not_asked: {
    status: 409,
    said: { zh: '还没有人申请解冻，不能确认。', en: 'Nobody has asked for the thaw yet, so it cannot be confirmed.' },
    todo: { zh: '请先由一人申请解冻，再由另一人确认。', en: 'One person asks for the thaw, then another confirms it.' },
  },
  thaw_needs_second_person: {
    status: 403,
    said: {
      zh: '解冻须由申请人以外的另一人确认。',
      en: 'A thaw is confirmed by another person than the one who asked.',
    },
    todo: { zh: '请通知另一位有权限的人登录后确认。', en: 'Let another person who may do it sign in and confirm.' },
  },
} as const satisfies Record<string, Entry>;
