/** Text cut where people see a character end: 👨‍👩‍👧‍👦 is one, and no half of it is shown. */

/** Characters as people see them. */
export const graphemes = new Intl.Segmenter('zh', { granularity: 'grapheme' });

/** The longest beginning of whole characters within so many code points, as platforms count them. */
export function beginningOf(text: string, most: number): string {
  // A code point is at least one UTF-16 unit, so a text this short needs no counting.
  if (text.length <= most) return text;
  let [end, count] = [0, 0];
  for (const { segment, index } of graphemes.segment(text)) {
    count += [...segment].length;
    if (count > most) return text.slice(0, end);
    end = index + segment.length;
  }
  return text;
}
