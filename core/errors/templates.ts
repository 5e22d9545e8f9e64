/** Event templates (事件模板). */
import type { Entry } from './entry.js';

export const templates = {
  template_facts_missing: {
    status: 422,
    said: { zh: '填写模板还缺：{what}。', en: 'To fill in the template these are missing: {what}.' },
    todo: { zh: '请补上这些要素，再填写一次。', en: 'Give these facts and fill it in again.' },
  },
  template_locked: {
    status: 422,
    said: {
      zh: '{passage}已由事件模板锁定，与模板不一致。',
      en: 'The event template has locked {passage}, and the text differs from it.',
    },
    todo: {
      zh: '请恢复这一段的原文；时间、地点等要素有变时用“改要素重填”。不想用模板时请另建一件。',
      en: 'Put the passage back; where a fact has changed, fill the template in anew. To go without the template, write another release.',
    },
  },
  template_left_out: {
    status: 422,
    said: {
      zh: '这件稿子由事件模板写成，不能去掉模板。',
      en: 'This text was made from an event template, which cannot be taken off it.',
    },
    todo: {
      zh: '请另建一件不用模板的稿子，或改用另一个模板重新填写。',
      en: 'Write another release without it, or fill in another template.',
    },
  },
  template_changed: {
    status: 409,
    said: {
      zh: '事件模板“{name}”已改为第 {version} 版。',
      en: 'The event template "{name}" has version {version} by now.',
    },
    todo: { zh: '请用新版重新填写一次，要素不必重找。', en: 'Fill in the new version; the facts are the same.' },
  },
  template_withdrawn: {
    status: 409,
    said: {
      zh: '事件模板“{name}”已停用：{reason}',
      en: 'The event template "{name}" was withdrawn: {reason}',
    },
    todo: { zh: '请换一个模板，或不用模板直接写。', en: 'Take another template, or write without one.' },
  },
  template_looser: {
    status: 422,
    said: {
      zh: '{what}在上级单位的模板中已锁定，下级模板只能更严。',
      en: 'The template of the unit above has locked {what}; one below it may only be stricter.',
    },
    todo: {
      zh: '请按上级模板恢复这一项；可以增加段落、锁定更多，或另建一个不依据它的模板。',
      en: 'Put it back as it is above; you may add passages and lock more, or make a template that follows none.',
    },
  },
} as const satisfies Record<string, Entry>;
