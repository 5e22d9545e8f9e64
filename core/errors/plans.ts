/** Plans and the calendar. */
import type { Entry } from './entry.js';

export const plans = {
  plan_in_past: {
    status: 422,
    said: { zh: '排定时间已过：{at}。', en: 'The planned time is past: {at}.' },
    todo: {
      zh: '请改为以后的时间；要立即发布，请去掉定时。',
      en: 'Choose a later time; to publish at once, leave the time out.',
    },
  },
  plan_settled: {
    status: 409,
    said: {
      zh: '这项排期已不在等待：{state}。',
      en: 'This plan is not waiting any more: {state}.',
    },
    todo: { zh: '请刷新页面查看现在的情况。', en: 'Reload to see how it is now.' },
  },
  plan_hopeless: {
    status: 409,
    said: { zh: '不能发出：{reason}', en: 'It cannot go out: {reason}' },
    todo: {
      zh: '请取消这项排期，按原因处理后重新下达发布令。',
      en: 'Drop this plan, put right what the reason says, and order it again.',
    },
  },
  calendar_year_invalid: {
    status: 422,
    said: { zh: '“{day}”不能录入 {year} 年的日历：{reason}', en: '"{day}" cannot be entered for {year}: {reason}' },
    todo: { zh: '请对照放假通知改正后重新录入。', en: 'Compare with the notice and enter it again.' },
  },
} as const satisfies Record<string, Entry>;
