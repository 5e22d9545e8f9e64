/** HTML documents, also as Word and WPS put them on the clipboard: where their title is. */
import { attributesOf, htmlParts, isElement, wordsIn, type HtmlElement, type HtmlNode } from '../body/tree.js';

/**
 * Finds the title of an HTML text: its Word title, its only h1, else the first heading (h1–h3), else its `<title>`. What
 * serves as title, or repeats `given`, is taken out of the text; the rest stays as it was written. A heading of a section,
 * behind words, stays where it is: it lends its words and is not the title for sure.
 * @throws LianfaError document_too_deep, document_too_large
 */
export function splitHeading(html: string, given?: string): { title: string | undefined; html: string } {
  const { source, nodes } = htmlParts(html);
  const found = candidates(nodes);
  const sure = found.word ?? (found.tops.length === 1 ? found.tops[0] : undefined);
  const heading = sure ?? found.first;
  const isSection = !sure && found.isBehindWords;
  const words = wordsOf(heading);
  const page = wordsOf(found.page);
  const title = given ?? (words || page || undefined);
  const taken = [
    ...(heading && (given === undefined ? words && !isSection : words === squeeze(given)) ? [heading] : []),
    ...(found.page && title !== undefined && page === squeeze(title) ? [found.page] : []),
  ];
  return { title, html: without(source, taken) };
}

interface Candidates {
  /** The paragraph that Word says is the title. */
  word: HtmlElement | undefined;
  tops: HtmlElement[];
  first: HtmlElement | undefined;
  /** Words of the text stand before the first heading. */
  isBehindWords: boolean;
  /** `<title>`. */
  page: HtmlElement | undefined;
}

function candidates(nodes: readonly HtmlNode[]): Candidates {
  const found: Candidates = { word: undefined, tops: [], first: undefined, isBehindWords: false, page: undefined };
  const look = (parts: readonly HtmlNode[]): void => {
    for (const node of parts) {
      if (node.nodeName === '#text' && 'value' in node && node.value.trim() !== '')
        found.isBehindWords ||= found.first === undefined;
      if (!isElement(node)) continue;
      if (node.tagName === 'p' && /\bMsoTitle\b/.test(attributesOf(node).get('class') ?? '')) found.word ??= node;
      if (/^h[123]$/.test(node.tagName)) found.first ??= node;
      if (node.tagName === 'h1') found.tops.push(node);
      if (node.tagName === 'title') found.page ??= node;
      else if (!/^(?:script|style)$/.test(node.tagName)) look(node.childNodes);
    }
  };
  look(nodes);
  return found;
}

function without(source: string, elements: readonly HtmlElement[]): string {
  return elements
    .flatMap(({ sourceCodeLocation }) => sourceCodeLocation ?? [])
    .sort((one, other) => other.startOffset - one.startOffset)
    .reduce((text, { startOffset, endOffset }) => text.slice(0, startOffset) + text.slice(endOffset), source);
}

function wordsOf(element: HtmlElement | undefined): string {
  return element ? wordsIn(element, Infinity) : '';
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
