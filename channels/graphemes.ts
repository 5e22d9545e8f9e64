/** Text cut where people see a character end: 👨‍👩‍👧‍👦 is one, and no half of it is shown. */

const segmenter = new Intl.Segmenter('zh', { granularity: 'grapheme' });

/** The longest beginning of whole characters within so many code points, as platforms count them. */
export function beginningOf(text: string, most: number): string {
  // A code point is at least one UTF-16 unit, so a text this short needs no counting.
  if (text.length <= most) return text;
  let [end, count] = [0, 0];
  for (const { segment, index } of segmenter.segment(text)) {
    count += [...segment].length;
    if (count > most) return text.slice(0, end);
    end = index + segment.length;
  }
  return text;
}
