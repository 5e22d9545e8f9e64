/** Callouts and receipts (叫应、回执). */
import type { Entry } from './entry.js';

export const callouts = {
  receipt_link_over: {
    status: 404,
    said: {
      zh: '这个确认链接无效或已过期。',
      en: 'This link for confirming is not valid or is over.',
    },
    todo: {
      zh: '请用最近一条短信、邮件或消息里的完整链接；仍打不开的，请打电话给发布单位。',
      en: 'Use the whole link of the newest message; if it still does not open, telephone those who sent it.',
    },
  },
  receipt_used: {
    status: 409,
    said: {
      zh: '这个链接已经确认过了，先前的确认有效。',
      en: 'This link has been used; what was confirmed before counts.',
    },
    todo: {
      zh: '不必再做什么。要更正的，请打电话给发布单位。',
      en: 'There is nothing left to do. To correct it, telephone those who sent it.',
    },
  },
  receipt_unproven: {
    status: 422,
    said: {
      zh: '确认时要有依据：照片、网址或一句说明，至少一项。',
      en: 'A confirmation needs a proof: a picture, an address or words.',
    },
    todo: { zh: '请拍一张照片，或写明已发布在哪里。', en: 'Take a picture, or write where it was published.' },
  },
  receipt_no_picture: {
    status: 415,
    said: { zh: '这不是照片。', en: 'This is no picture.' },
    todo: { zh: '请上传照片（JPEG、PNG 等）。', en: 'Upload a picture, JPEG or PNG.' },
  },
  sms_unknown: {
    status: 422,
    said: { zh: '没有“{adapter}”这个短信平台。', en: 'There is no provider "{adapter}" of text messages.' },
    todo: { zh: '请从列表中选择。', en: 'Choose one from the list.' },
  },
} as const satisfies Record<string, Entry>;
