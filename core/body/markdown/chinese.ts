/** Which characters are set without blanks between them. */

/** Han, kana, and the punctuation and full-width forms set among them. */
const signs =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Bopomofo}\\u3000-\\u303f\\uff01-\\uffee';
const chinese = new RegExp(`^[${signs}]$`, 'u');

export function isChineseSign(character: string): boolean {
  return chinese.test(character);
}

/** Such a sign, or one of the quotes and dashes that Chinese shares with others: never part of an address in running text. */
export const chineseSign = new RegExp(`[${signs}“”‘’…—]`, 'u');
export const runsWithoutChinese = new RegExp(`[^${signs}“”‘’…—]+`, 'gu');
