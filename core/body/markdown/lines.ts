/** The line ends of hard-wrapped text: none inside Chinese, a blank between Latin words. */
import type { Token } from 'markdown-it';
import type { DroppedList } from '../dropped.js';
import { isChineseSign } from './chinese.js';
import { inlineParts, wordsBeside } from './parts.js';

/** A figure that was cut in two by a line end could be read as two figures: told, and nothing goes on. */
export function joinLines(tokens: readonly Token[], dropped: DroppedList): void {
  for (const { children } of inlineParts(tokens)) {
    for (const [index, token] of children.entries()) {
      if (token.type !== 'softbreak') continue;
      const before = nearest(children, index, -1);
      const after = nearest(children, index, 1);
      if (isChineseSign(before) || isChineseSign(after)) token.hidden = true;
      if (/\d/.test(before) && /\d/.test(after)) dropped.tell('cutFigure', '', wordsBeside(children, index));
    }
  }
}

/** The character that a reader sees next to the line end; a picture, a formula or a footnote is none. */
function nearest(parts: readonly Token[], from: number, step: 1 | -1): string {
  for (let index = from + step; ; index += step) {
    const part = parts[index];
    if (!part || part.type === 'hardbreak') return '';
    const text = part.type === 'softbreak' ? ' ' : part.content;
    if (text && part.type !== 'html_inline') return (step === 1 ? [...text].at(0) : [...text.slice(-2)].at(-1)) ?? '';
    if (part.type === 'image' || part.type === 'footnote_ref') return '';
  }
}
