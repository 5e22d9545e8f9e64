/** Releases that cannot go out, or not again. */
import type { Entry } from './entry.js';

export const releases = {
  already_withdrawn: {
    status: 409,
    said: { zh: '该发布件已撤回。', en: 'This release has been withdrawn.' },
    todo: { zh: '如需再次发布，请新建发布件。', en: 'To publish again, make a new release.' },
  },
  already_published_lately: {
    status: 409,
    said: {
      zh: '{hours} 小时内，同样的标题和正文已发往（或将按排期发往）投放范围内的账号：《{title}》（{release}），{at}（北京时间）。',
      en: 'Within {hours} hours the same title and text went, or are planned to go, to accounts of this audience: "{title}" ({release}), at {at}, Beijing time.',
    },
    todo: {
      zh: '误发的不必再发，本次没有发出任何内容。确需再发（应急信息也一样），现在就可以：在发布窗口勾选“已核对，仍要再次发布”，命令行加 --again，接口填 "again": true。',
      en: 'If it was a mistake, leave it: nothing was sent now. If it is meant, an emergency too, go on at once: tick "I have checked: publish it again" in the dialog, add --again to the command, or send "again": true.',
    },
  },
} as const satisfies Record<string, Entry>;
