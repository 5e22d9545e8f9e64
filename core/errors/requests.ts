/** What is wrong with a request itself, whatever it asks. */
import type { Entry } from './entry.js';

export const requests = {
  field_invalid: {
    status: 422,
    said: { zh: '“{field}”填写有误：{reason}', en: 'Field "{field}" is not valid: {reason}' },
    todo: { zh: '请改正该项后重新提交，其他内容已保留。', en: 'Correct this field and send again; the rest is kept.' },
  },
  field_missing: {
    status: 422,
    said: { zh: '缺少必填项“{field}”。', en: 'Required field "{field}" is missing.' },
    todo: { zh: '请补充该项后重新提交。', en: 'Fill in this field and send again.' },
  },
  body_too_large: {
    status: 413,
    said: { zh: '内容过大（上限 {limit}）。', en: 'The content is too large (limit {limit}).' },
    todo: {
      zh: '请压缩图片或把大文件改为附件链接后再提交。',
      en: 'Shrink pictures or link large files instead, then send again.',
    },
  },
  request_malformed: {
    status: 400,
    said: { zh: '请求格式有误，无法读取。', en: 'The request cannot be read.' },
    todo: { zh: '请检查请求正文是否为有效的 JSON（UTF-8）。', en: 'Check that the body is valid JSON in UTF-8.' },
  },
  name_taken: {
    status: 409,
    said: { zh: '登录名“{name}”已有人使用。', en: 'The sign-in name "{name}" is taken.' },
    todo: { zh: '请换一个登录名。', en: 'Choose another name.' },
  },
  changed_meanwhile: {
    status: 409,
    said: { zh: '“{what}”刚刚被别人修改过。', en: '"{what}" was changed by somebody else a moment ago.' },
    todo: { zh: '请刷新页面，看清现在的内容后再操作。', en: 'Reload, look at what it says now, and try again.' },
  },
  too_many_streams: {
    status: 429,
    said: {
      zh: '同时打开的实时页面过多（上限 {limit} 个）。',
      en: 'Too many live pages are open at a time (limit {limit}).',
    },
    todo: { zh: '请关闭不用的页面后重试。', en: 'Close those that are not needed and try again.' },
  },
  forbidden_origin: {
    status: 403,
    said: {
      zh: '该请求不是从本系统页面发出的，已拒绝。',
      en: 'This request did not come from our own pages and was refused.',
    },
    todo: {
      zh: '请从 {url} 打开本系统后重新操作；如果网址不对，请管理员修改 LIANFA_URL。',
      en: 'Open it at {url} and try again; where that is not its address, the operator sets LIANFA_URL right.',
    },
  },
  not_found: {
    status: 404,
    said: { zh: '没有找到“{what}”。', en: '"{what}" was not found.' },
    todo: { zh: '请核对编号或地址。', en: 'Check the id or address.' },
  },
} as const satisfies Record<string, Entry>;
