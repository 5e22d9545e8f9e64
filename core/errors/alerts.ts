/** Alerts from outside (来文) and warnings. */
import type { Entry } from './entry.js';

export const alerts = {
  warning_incomplete: {
    status: 422,
    said: {
      zh: '这条预警来自外部来文，来文没有写明{what}，还不能送审或签发。',
      en: 'This warning came in from outside without {what}; it cannot go to review or be signed yet.',
    },
    todo: {
      zh: '请在编辑页补上，保存后再送审；拿不准的向发文单位核实。',
      en: 'Fill it in, save, and submit again; ask the sender where you are not sure.',
    },
  },
  alert_not_public: {
    status: 409,
    said: {
      zh: '这份草稿来自外部来文，不能发布：{reason}',
      en: 'This draft came in from outside and cannot go out: {reason}',
    },
    todo: {
      zh: '需要向公众发布的，请另建发布件，内容由本单位负责。',
      en: 'If the public must know, write a release of your own.',
    },
  },
  alert_refused: {
    status: 422,
    said: {
      zh: '这不是有效的 CAP 1.2 预警：{element}，第 {line} 行：{reason}',
      en: 'This is no valid CAP 1.2 alert: {element}, line {line}: {reason}',
    },
    todo: {
      zh: '请把这句话转给发文单位，请对方改正后重发；原文已留存在“来文”中。',
      en: 'Pass this sentence to the sender, who must correct it and send again; the raw message is kept under "Alerts received".',
    },
  },
  alert_held: {
    status: 409,
    said: {
      zh: '来文已收到并留存，但没有成为草稿：{reason}',
      en: 'The alert was received and kept, and made no draft: {reason}',
    },
    todo: { zh: '请在“来文”页查看并按提示处理。', en: 'Look at it under "Alerts received" and do what it says there.' },
  },
  alert_settled: {
    status: 409,
    said: { zh: '这份来文已经处理过，不需要再收。', en: 'This alert is settled; there is nothing left to take.' },
    todo: { zh: '请在“来文”中查看它的结果。', en: 'See its outcome under "Alerts received".' },
  },
  warning_expired: {
    status: 409,
    said: {
      zh: '预警的失效时间（{until}，北京时间）已过，不能签发或发布，以免误导公众。',
      en: 'The warning ended at {until}, Beijing time: it would mislead, so it is neither signed nor sent.',
    },
    todo: {
      zh: '预警仍有效的，请改写失效时间并另存新版再签发；已经结束的，请发布解除。',
      en: 'If it still holds, set a later end, save that as a new revision and sign it; if it is over, send a cancel.',
    },
  },
} as const satisfies Record<string, Entry>;
