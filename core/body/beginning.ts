/** A summary where the author gave none. */
import { plainText } from './canonical.js';

/** Characters of it. */
const length = 100;

/** The beginning of the text, cut at the end of a sentence where there is one in the second half. Cells and captions in a row make no sentence. */
export function beginningOf(html: string): string {
  const sentences = plainText(html.replace(/<(table|figcaption)\b[\s\S]*?<\/\1>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
  const text = sentences || plainText(html).replace(/\s+/g, ' ');
  const characters = [...text];
  if (characters.length <= length) return text;
  const start = characters.slice(0, length).join('');
  const end = Math.max(...['。', '！', '？', '!', '?', '；'].map((mark) => start.lastIndexOf(mark)));
  return end >= start.length / 2 ? start.slice(0, end + 1) : `${start.slice(0, -1)}…`;
}
