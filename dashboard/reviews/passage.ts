/** The words that a person has selected, as the hub keeps the place of a comment. */
import type { Remark } from '../api';

type Anchor = NonNullable<Remark['anchor']>;

const around = 40;
const longest = 2_000;

/** Undefined where nothing is selected, or more than one block. */
export function selectedIn(text: HTMLElement): Anchor | undefined {
  const selection = window.getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return undefined;
  const range = selection.getRangeAt(0);
  const blocks = [...text.children];
  const block = blocks.findIndex((one) => one.contains(range.startContainer));
  const element = blocks[block];
  if (!element?.contains(range.endContainer)) return undefined;
  const before = document.createRange();
  before.selectNodeContents(element);
  before.setEnd(range.startContainer, range.startOffset);
  const words = element.textContent ?? '';
  const start = before.toString().length;
  const quote = range.toString();
  if (quote.trim() === '' || quote.length > longest) return undefined;
  const end = start + quote.length;
  return {
    block,
    quote,
    prefix: words.slice(Math.max(0, start - around), start),
    suffix: words.slice(end, end + around),
  };
}

/** Marks characters of a block, whatever elements they lie in. */
export function markIn(block: Element, start: number, end: number, name: string): void {
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  const parts: { node: Text; from: number; to: number }[] = [];
  for (let at = 0, node = walker.nextNode(); node; node = walker.nextNode()) {
    const { length } = node.textContent ?? '';
    const [from, to] = [Math.max(0, start - at), Math.min(length, end - at)];
    if (from < to && node instanceof Text) parts.push({ node, from, to });
    at += length;
  }
  for (const { node, from, to } of parts) {
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, to);
    const mark = document.createElement('mark');
    mark.dataset['comment'] = name;
    range.surroundContents(mark);
  }
}
