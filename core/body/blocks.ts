/** A body as its blocks: the paragraphs, headings, lists and tables that stand beside one another, each with its words as a browser tells them. */
import { isElement, parseHtml, type HtmlNode } from './tree.js';

/** @throws LianfaError document_too_deep, document_too_large */
export function blocksOf(html: string): string[] {
  const page = parseHtml(html).root.childNodes.find((node) => node.nodeName === 'html');
  const body = page && 'childNodes' in page ? page.childNodes.find((node) => node.nodeName === 'body') : undefined;
  const nodes = body && 'childNodes' in body ? body.childNodes : [];
  return nodes.filter(isElement).map(textContent);
}

function textContent(node: HtmlNode): string {
  let words = '';
  const waiting: HtmlNode[] = [node];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (next.nodeName === '#text' && 'value' in next) words += next.value;
    if ('childNodes' in next) waiting.push(...next.childNodes.toReversed());
  }
  return words;
}
