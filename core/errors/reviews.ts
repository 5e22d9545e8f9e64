/** Review and signing. */
import type { Entry } from './entry.js';

export const reviews = {
  no_signing_key: {
    status: 409,
    said: { zh: '您的签名密钥已停用，不能签发。', en: 'Your signing key was retired, so you cannot sign.' },
    todo: { zh: '请重试；仍不行的，请联系系统管理员。', en: 'Try again; if it stays so, ask an administrator.' },
  },
  already_signed: {
    status: 409,
    said: { zh: '该版本已经签发。', en: 'This revision is signed already.' },
    todo: { zh: '请刷新页面查看。', en: 'Reload to see it.' },
  },
  own_text: {
    status: 403,
    said: {
      zh: '这一版是您写的、改的或提交的，不能由您自己审签。',
      en: 'You wrote, changed or submitted this text, so you may not pass it yourself.',
    },
    todo: { zh: '请另一位同事审签。', en: 'Have a colleague do it.' },
  },
  decided_before: {
    status: 403,
    said: {
      zh: '您已在这次审签中办理过“{step}”，同一人不能办理两步。',
      en: 'You have passed "{step}" in this review already; nobody takes two steps of one.',
    },
    todo: { zh: '请另一位同事办理这一步。', en: 'Have a colleague take this step.' },
  },
  step_of_others: {
    status: 403,
    said: { zh: '“{step}”这一步指定由 {names} 办理。', en: 'The step "{step}" is for {names}.' },
    todo: {
      zh: '请他们办理；他们都不能办理时，本单位的系统管理员可以写明原因，转给其他有此角色的人。',
      en: "Have one of them do it. Where none of them can, the unit's admin passes it on to others of that role, with a reason.",
    },
  },
  review_decided: {
    status: 409,
    said: {
      zh: '{who}已于 {at}（北京时间）办理：{what}。',
      en: '{who} was first, at {at}, Beijing time: {what}.',
    },
    todo: {
      zh: '请刷新页面查看现在的状态，您的操作没有生效。',
      en: 'Reload to see how it stands; what you did had no effect.',
    },
  },
  step_open: {
    status: 409,
    said: {
      zh: '“{step}”这一步有人可以办理，不能转出。',
      en: 'Somebody can take the step "{step}", so it is not passed on.',
    },
    todo: { zh: '请催办：{names}。', en: 'Remind them: {names}.' },
  },
  signing_is_next: {
    status: 409,
    said: { zh: '接下来是签发，需要再次验证身份。', en: 'The next step signs, and takes a proof of who you are.' },
    todo: { zh: '请打开审签页签发。', en: 'Open the review and sign it there.' },
  },
  not_yet_signing: {
    status: 409,
    said: { zh: '还有“{step}”没有办理，不能签发。', en: 'The step "{step}" is still open, so it cannot be signed.' },
    todo: { zh: '请先办理这一步。', en: 'Have that step taken first.' },
  },
  audience_changed: {
    status: 409,
    said: {
      zh: '投放范围现在有 {now} 个账号，您看到的是 {seen} 个。',
      en: 'The audience now holds {now} accounts, not the {seen} that you saw.',
    },
    todo: { zh: '请核对新的数目后再签发。', en: 'Check the new number, then sign.' },
  },
  solo_emergency: {
    status: 403,
    said: {
      zh: '单人值守不能签发发往其他单位账号的应急信息。',
      en: 'Nobody signs an emergency to accounts of other units alone.',
    },
    todo: {
      zh: '请另一位签发人签发，或把范围改为本单位的账号。',
      en: "Have another person sign, or narrow it to your unit's own accounts.",
    },
  },
  chain_looser: {
    status: 422,
    said: {
      zh: '上级单位的审签流程要求“{step}”，下级只能更严。',
      en: 'A unit above asks for the step "{step}"; a chain below may only be stricter.',
    },
    todo: { zh: '请按上级流程的顺序补上这一步。', en: 'Add this step, in the order in which the chain above has it.' },
  },
  chain_unknown: {
    status: 409,
    said: {
      zh: '这次审签所用的流程记录缺失或被改动，不能继续。',
      en: 'The chain that this review follows is gone or was changed by hand, so it cannot go on.',
    },
    todo: {
      zh: '请重新提交，并请运维核对数据库的访问记录。',
      en: 'Submit it again, and have operations look who reached the database.',
    },
  },
  text_changed: {
    status: 409,
    said: {
      zh: '正文与提交审签时不同，没有执行。',
      en: 'The text is not the one that was submitted; nothing was done.',
    },
    todo: {
      zh: '若不是有意改动，请运维核对数据库的访问记录；另存新版后重新提交。',
      en: 'Unless it was changed on purpose, have operations look who reached the database; save it anew and submit again.',
    },
  },
  decision_unsigned: {
    status: 409,
    said: {
      zh: '{who}的审核意见没有有效的签名，不能据此签发。',
      en: 'The decision of {who} bears no valid signature, so nothing is signed on it.',
    },
    todo: {
      zh: '请重新提交审签，并请运维核对数据库的访问记录。',
      en: 'Submit it again, and have operations look who reached the database.',
    },
  },
  comment_closed: {
    status: 409,
    said: { zh: '这条意见已由{who}关闭。', en: 'This comment was closed by {who}.' },
    todo: { zh: '如有新的问题，请另写一条意见。', en: 'Write another comment if something is left.' },
  },
  revision_stale: {
    status: 409,
    said: { zh: '内容已被他人修改，您看到的不是最新版本。', en: 'The content was changed by somebody else meanwhile.' },
    todo: { zh: '请刷新后核对最新内容再操作。', en: 'Reload, check the newest content and repeat.' },
  },
} as const satisfies Record<string, Entry>;
