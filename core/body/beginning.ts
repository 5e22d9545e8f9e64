/** A summary where the author gave none. */
import { beginningOf as within } from '../../channels/graphemes.js';
import { plainText } from './canonical.js';

/** Characters of it. */
const length = 100;

/** The beginning of the text, cut at the end of a sentence where there is one in the second half. Cells and captions in a row make no sentence. */
export function beginningOf(html: string): string {
  const sentences = plainText(html.replace(/<(table|figcaption)\b[\s\S]*?<\/\1>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
  const text = sentences || plainText(html).replace(/\s+/g, ' ');
  const start = within(text, length);
  if (start === text) return text;
  const end = Math.max(...['。', '！', '？', '!', '?', '；'].map((mark) => start.lastIndexOf(mark)));
  return end >= start.length / 2 ? start.slice(0, end + 1) : `${within(text, length - 1)}…`;
}
