/**
 * How long a text message is: GSM 7-bit where its alphabet holds every character (3GPP TS 23.038, 6.2.1 and its extension
 * table), else UCS-2. A message of several parts has 153 or 67 in each, and neither an escape nor a surrogate pair is cut.
 */
const basic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const extended = '\f^{}\\[~]|€';
const sizes = { gsm: { one: 160, many: 153 }, ucs2: { one: 70, many: 67 } };

export interface SmsLength {
  coding: 'gsm' | 'ucs2';
  /** Septets or UTF-16 units. */
  units: number;
  parts: number;
}

export function smsLength(text: string): SmsLength {
  const signs = [...text];
  const coding = signs.every((sign) => basic.includes(sign) || extended.includes(sign)) ? 'gsm' : 'ucs2';
  const widths = signs.map((sign) => (coding === 'ucs2' ? sign.length : extended.includes(sign) ? 2 : 1));
  const units = widths.reduce((sum, width) => sum + width, 0);
  const { one, many } = sizes[coding];
  if (units <= one) return { coding, units, parts: 1 };
  let [parts, room] = [1, many];
  for (const width of widths) {
    // What does not fit whole begins the next part.
    if (width > room) [parts, room] = [parts + 1, many];
    room -= width;
  }
  return { coding, units, parts };
}

const graphemes = new Intl.Segmenter('zh', { granularity: 'grapheme' });

/** At most so many UTF-16 units, cut between characters as people see them, with `…` where something is gone. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    if (kept.length + segment.length > most - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}
