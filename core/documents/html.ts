/** HTML documents, also as Word and WPS put them on the clipboard: where their title is. */
import { attributesOf, htmlParts, isElement, wordsIn, type HtmlElement, type HtmlNode } from '../body/tree.js';

/**
 * Finds the title of an HTML text: its first heading (a Word title, else h1–h3), else its `<title>`. What serves as
 * title, or repeats `given`, is taken out of the text; the rest stays as it was written.
 * @throws LianfaError document_too_deep, document_too_large
 */
export function splitHeading(html: string, given?: string): { title: string | undefined; html: string } {
  const { source, nodes } = htmlParts(html);
  const found = candidates(nodes);
  const { heading } = found;
  const words = wordsOf(heading);
  const page = wordsOf(found.title);
  const title = given ?? (words || page || undefined);
  const taken = [
    ...(heading && (given === undefined ? words : words === squeeze(given)) ? [heading] : []),
    ...(found.title && title !== undefined && page === squeeze(title) ? [found.title] : []),
  ];
  return { title, html: without(source, taken) };
}

interface Candidates {
  heading: HtmlElement | undefined;
  title: HtmlElement | undefined;
}

/** The first of each, in the order of the text. */
function candidates(nodes: readonly HtmlNode[]): Candidates {
  const found: Candidates = { heading: undefined, title: undefined };
  const look = (parts: readonly HtmlNode[]): void => {
    for (const node of parts) {
      if (!isElement(node)) continue;
      const isTitle = node.tagName === 'p' && /\bMsoTitle\b/.test(attributesOf(node).get('class') ?? '');
      if (isTitle || /^h[123]$/.test(node.tagName)) found.heading ??= node;
      if (node.tagName === 'title') found.title ??= node;
      look(node.childNodes);
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
