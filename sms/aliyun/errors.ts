/** The provider's codes (help.aliyun.com, document 101346): what each means to us. */
import type { Said } from '../../channels/channel.js';

interface Meaning {
  cause: Said;
  again: boolean;
}

const meanings: Readonly<Record<string, Meaning>> = {
  'isv.BUSINESS_LIMIT_CONTROL': {
    cause: { zh: '向这个号码发送过于频繁，被短信平台限流。', en: 'the provider limits messages to this number.' },
    again: true,
  },
  'isp.SYSTEM_ERROR': { cause: { zh: '短信平台内部错误。', en: 'an error inside the provider.' }, again: true },
  'Throttling.User': { cause: { zh: '短信平台限流。', en: 'the provider limits our requests.' }, again: true },
  'isv.MOBILE_NUMBER_ILLEGAL': {
    cause: { zh: '手机号码不对，请在值班表中改正。', en: 'the number is none; correct it in the roster.' },
    again: false,
  },
  'isv.AMOUNT_NOT_ENOUGH': {
    cause: { zh: '短信账户余额不足，请充值。', en: 'the account has no money left.' },
    again: false,
  },
  'isv.SMS_SIGNATURE_ILLEGAL': {
    cause: { zh: '短信签名未通过审核。', en: 'the sender name is not approved.' },
    again: false,
  },
  'isv.SMS_TEMPLATE_ILLEGAL': {
    cause: { zh: '短信模板未通过审核。', en: 'the template is not approved.' },
    again: false,
  },
  'isv.PARAM_LENGTH_LIMIT': {
    cause: { zh: '模板变量超过长度限制。', en: 'a field of the template is too long.' },
    again: false,
  },
  SignatureDoesNotMatch: {
    cause: { zh: '短信平台的密钥不对，请在“值班”页改正。', en: 'the access key is wrong; correct it under Duty.' },
    again: false,
  },
};

export function meaningOf(code: string, words: string): Meaning {
  const { cause, again } = meanings[code] ?? {
    cause: { zh: '短信平台拒绝：', en: 'the provider refused: ' },
    again: false,
  };
  return meanings[code]
    ? { cause, again }
    : { cause: { zh: `${cause.zh}${code} ${words}`, en: `${cause.en}${code} ${words}` }, again };
}
