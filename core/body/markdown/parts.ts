/** The parts of a parsed text that stand inside a line. */
import type { Token } from 'markdown-it';

export interface Line {
  children: Token[];
  /** The first of its lines in the text, counted from 0. */
  line: number;
  /** As it was written. */
  content: string;
}

export function inlineParts(tokens: readonly Token[]): Line[] {
  // A cell does not know its line; its row does.
  let line = 0;
  return tokens.flatMap(({ type, children, map, content }) => {
    line = map?.[0] ?? line;
    return type === 'inline' && children ? [{ children, line, content }] : [];
  });
}

const most = 12;

/** The words around a part, by which its place is named. */
export function wordsBeside(parts: readonly Token[], index: number): string {
  let before = '';
  for (let at = index - 1; at >= 0 && before.length < most; at -= 1) before = `${wordsOf(parts[at])}${before}`;
  let after = wordsOf(parts[index]);
  for (let at = index + 1; at < parts.length && after.length < most; at += 1) after += wordsOf(parts[at]);
  return `${[...before].slice(-most).join('')}${[...after].slice(0, most).join('')}`.trim();
}

function wordsOf(part: Token | undefined): string {
  if (part?.type === 'softbreak' || part?.type === 'hardbreak') return ' ';
  return part && part.type !== 'html_inline' ? part.content.slice(0, 200) : '';
}
