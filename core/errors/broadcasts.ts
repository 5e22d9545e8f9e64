/** Broadcasts (联动发布), and what is done in mid-flight. */
import type { Entry } from './entry.js';

export const broadcasts = {
  resend_nobody: {
    status: 409,
    said: {
      zh: '没有可以重发的账号：没有失败的，或都在自动重试。',
      en: 'There is nobody to send to again: none failed, or they are tried again by themselves.',
    },
    todo: {
      zh: '结果不明的账号，请先逐个确认是否已发出。',
      en: 'Where nobody knows whether it is out, say so first, one by one.',
    },
  },
  not_paused: {
    status: 409,
    said: { zh: '这件发布没有暂停。', en: 'It is not paused.' },
    todo: { zh: '无需恢复；请刷新页面查看现状。', en: 'There is nothing to resume; look again how it stands.' },
  },
  narrow_empty: {
    status: 422,
    said: {
      zh: '本次发布没有发往这个范围内的任何账号，无可移出。',
      en: 'It goes to no account of this audience, so there is nothing to take out.',
    },
    todo: { zh: '请核对地区、单位、渠道或账号。', en: 'Check the regions, units, channels or accounts.' },
  },
  number_wrong: {
    status: 422,
    said: {
      zh: '填写的账号数（{typed}）与将要发往的账号数不符，没有签发。',
      en: 'The number of accounts that was typed ({typed}) is not the number it goes to; it was not signed.',
    },
    todo: {
      zh: '请核对投放范围和账号数，再手工填写一次。',
      en: 'Look at the audience and its number of accounts, then type it again.',
    },
  },
  not_looked_at: {
    status: 409,
    said: {
      zh: '还有渠道稿没有打开看过：{channels}。',
      en: 'The text as these channels will show it has not been opened: {channels}.',
    },
    todo: {
      zh: '请逐个打开这些渠道的渠道稿，看完再签发。',
      en: 'Open the text of each of these channels, read it, then sign.',
    },
  },
  consent_missing: {
    status: 409,
    said: { zh: '签发前还须明确同意：{what}。', en: 'Before signing, say yes to each of: {what}.' },
    todo: { zh: '核对后勾选这些项，再签发。', en: 'Check them and tick each, then sign.' },
  },
  same_person: {
    status: 403,
    said: {
      zh: '您与撰稿人或第一位签发人同名且同单位，系统认为是同一个人。',
      en: 'You bear the name, in the same unit, of whoever wrote it or signed it first: for all the hub can tell, one person.',
    },
    todo: {
      zh: '请由另一个人作第二签发；确是两个人的，请系统管理员把姓名区分开。',
      en: 'Have another person sign second; where you are two people, have an administrator tell your names apart.',
    },
  },
  broadcast_by_now: {
    status: 409,
    said: {
      zh: '投放范围现在包含其他单位的账号，这已是联动发布，须两人签发。',
      en: 'The audience by now holds accounts of other units, so it is a broadcast, which two persons sign.',
    },
    todo: { zh: '请重新提交审签。', en: 'Submit it again.' },
  },
  broadcast_changed: {
    status: 409,
    said: {
      zh: '现在的内容与第一位签发人所签的不同：{reason}',
      en: 'It is no longer what the first person signed: {reason}',
    },
    todo: { zh: '请重新提交，由两人重新签发。', en: 'Submit it again and have both sign anew.' },
  },
  broadcast_out: {
    status: 409,
    said: {
      zh: '倒计时已结束，{out} 个账号已经送出，不能再停止。',
      en: 'The countdown is over and {out} accounts have been handed over, so it cannot be stopped any more.',
    },
    todo: {
      zh: '请到发布件页“撤回”：没有送出的随即停止，已送出的逐个撤下。',
      en: 'Withdraw it on its page: what has not left stops at once, what has is taken down.',
    },
  },
  glass_closed: {
    status: 403,
    said: {
      zh: '本单位没有指定您可以紧急直发。',
      en: 'Your unit has not named you as somebody who may send a broadcast alone.',
    },
    todo: {
      zh: '请另一位签发人签发；需要时由系统管理员预先指定人员。',
      en: 'Have a second person sign; an administrator names such persons beforehand.',
    },
  },
  finding_given: {
    status: 409,
    said: { zh: '这次紧急直发已有人完成事后审查。', en: 'Somebody has looked into this already.' },
    todo: { zh: '请刷新页面查看审查意见。', en: 'Reload to read what they found.' },
  },
  drill_real_account: {
    status: 422,
    said: {
      zh: '演练不能发往真实账号“{account}”。',
      en: 'A drill does not go to the real account "{account}".',
    },
    todo: {
      zh: '请只选演练账号（由运维在账号上标明）；确需发到真实账号的，选择“实盘演练”重新提交，签发人须另行同意。',
      en: 'Choose exercise accounts only (operations mark them); for a live drill say so when submitting, and whoever signs says yes to it.',
    },
  },
  drill_picture_unmarked: {
    status: 409,
    said: {
      zh: '图片“{picture}”上没有“演练”标记，演练不能使用。',
      en: 'The picture "{picture}" does not say 演练, so an exercise cannot use it.',
    },
    todo: {
      zh: '请打开该发布件重新保存一次，系统会生成带标记的图片，然后重新提交。',
      en: 'Open the release and save it once more: the hub then makes a picture that says so; submit it again.',
    },
  },
} as const satisfies Record<string, Entry>;
