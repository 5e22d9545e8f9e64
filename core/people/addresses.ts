/** Mail addresses as they are kept: one text for what reads as one address. */
import type { Said } from '../../channels/channel.js';
import { invalid } from '../import-given.js';
import { tidyLine } from '../text.js';

/**
 * Compatibility forms are one (NFKC), letters are small, blanks around are gone. Letters come from the Latin alphabet or
 * are Chinese characters: a Cyrillic а would pass for another person's address.
 * @throws LianfaError field_invalid
 */
export function addressOf(written: string): string {
  const address = tidyLine(written.normalize('NFKC')).toLowerCase().normalize('NFKC');
  if (!/^[^\s@,;<>"]{1,64}@[^\s@.,;<>"]+(\.[^\s@.,;<>"]+)+$/.test(address) || address.length > 200)
    throw invalid('address', noAddress);
  const strange = [...address].find((sign) => /\p{L}/u.test(sign) && !/[\p{Script=Latin}\p{Script=Han}]/u.test(sign));
  if (strange !== undefined) throw invalid('address', lookalike(strange));
  return address;
}

const noAddress: Said = { zh: '不是有效的邮箱地址。', en: 'it is no mail address.' };

function lookalike(sign: string): Said {
  const code = `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return {
    zh: `其中的“${sign}”（${code}）不是拉丁字母或汉字，容易与别人的地址混淆。`,
    en: `"${sign}" (${code}) in it is neither a Latin letter nor a Chinese character, and could pass for another address.`,
  };
}
