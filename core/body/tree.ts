/** HTML as browsers parse it, within bounds: what is deeper or larger is refused while it is read, not after. */
import {
  defaultTreeAdapter,
  parse,
  type DefaultTreeAdapterMap,
  type DefaultTreeAdapterTypes,
  type TreeAdapter,
} from 'parse5';
import { LianfaError } from '../errors.js';
import { tidyText } from '../text.js';

export type HtmlNode = DefaultTreeAdapterTypes.ChildNode;
export type HtmlElement = DefaultTreeAdapterTypes.Element;

/** A body that people wrote stays far below each of these. */
export const htmlBounds = {
  /** Elements inside one another. A page copied from WeChat has some sixty. */
  depth: 512,
  /** A table of 10,000 rows and eight columns fits. */
  elements: 100_000,
  /** Attributes of one element. */
  attributes: 200,
} as const;

export interface Unclosed {
  /** `<!--`, `<title>`, … */
  what: string;
  /** The words that it swallowed begin so. */
  at: string;
}

/**
 * Parses HTML in linear time.
 * @throws LianfaError document_too_deep, document_too_large naming the bound and the words beside the place
 */
export function parseHtml(html: string): { root: DefaultTreeAdapterTypes.Document; unclosed: Unclosed[] } {
  const source = withDoctype(tidyText(html));
  const unclosed: Unclosed[] = [];
  const root = parse(source, {
    treeAdapter: boundedAdapter(),
    onParseError: ({ code }) => {
      if (code === 'eof-in-comment') unclosed.push({ what: '<!--', at: after(source, source.lastIndexOf('<!--') + 4) });
      else if (code === 'eof-in-tag') unclosed.push({ what: '<', at: after(source, source.lastIndexOf('<')) });
    },
  });
  const swallower = unclosedRawText(source);
  if (swallower) unclosed.push(swallower);
  return { root, unclosed };
}

/** The nodes of a text, each with its place in `source`. @throws LianfaError document_too_deep, document_too_large */
export function htmlParts(html: string): { source: string; nodes: HtmlNode[] } {
  const source = withDoctype(tidyText(html));
  const { childNodes } = parse(source, { treeAdapter: boundedAdapter(), sourceCodeLocationInfo: true });
  return { source, nodes: childNodes };
}

/** Without it browsers fall back to rules of the nineties, by which a table stands inside a paragraph. */
function withDoctype(source: string): string {
  return /^\s*<!doctype/i.test(source) ? source : `<!DOCTYPE html>${source}`;
}

/** Everything behind these is taken for their text until they are closed. */
const rawText = ['title', 'textarea', 'style', 'script', 'xmp', 'iframe', 'noembed', 'noframes', 'noscript'];

function unclosedRawText(source: string): Unclosed | undefined {
  for (const name of rawText) {
    const opened = source.toLowerCase().lastIndexOf(`<${name}`);
    if (opened < 0 || !/[\s/>]/.test(source[opened + name.length + 1] ?? '')) continue;
    const closed = source.toLowerCase().indexOf(`</${name}`, opened);
    const end = source.indexOf('>', opened);
    if (closed < 0 && end > 0 && source.slice(end + 1).trim()) return { what: `<${name}>`, at: after(source, end + 1) };
  }
  return undefined;
}

function after(source: string, at: number): string {
  return source
    .slice(at, at + 200)
    .replace(/<[^>]*>?|\s+/g, ' ')
    .trim()
    .slice(0, 20);
}

function boundedAdapter(): TreeAdapter<DefaultTreeAdapterMap> {
  let elements = 0;
  let depth = 0;
  let words = '';
  const tooLarge = (what: { zh: string; en: string }, limit: number): LianfaError =>
    new LianfaError('document_too_large', { what, limit: String(limit), place: words });
  return {
    ...defaultTreeAdapter,
    createElement(name, namespace, attributes) {
      elements += 1;
      if (elements > htmlBounds.elements) throw tooLarge({ zh: '排版元素', en: 'elements' }, htmlBounds.elements);
      if (attributes.length > htmlBounds.attributes)
        throw tooLarge({ zh: '一个元素的属性', en: 'attributes of one element' }, htmlBounds.attributes);
      return defaultTreeAdapter.createElement(name, namespace, attributes);
    },
    onItemPush() {
      depth += 1;
      if (depth > htmlBounds.depth) throw tooDeep(htmlBounds.depth, words);
    },
    onItemPop() {
      depth -= 1;
    },
    insertText(parent, text) {
      words = text.trim().slice(-20) || words;
      defaultTreeAdapter.insertText(parent, text);
    },
    // The parser's own look from the first child on; what it seeks is among the last.
    insertTextBefore(parent, text, reference) {
      words = text.trim().slice(-20) || words;
      const before = parent.childNodes[parent.childNodes.lastIndexOf(reference) - 1];
      if (before && defaultTreeAdapter.isTextNode(before)) before.value += text;
      else this.insertBefore(parent, defaultTreeAdapter.createTextNode(text), reference);
    },
    insertBefore(parent, node, reference) {
      parent.childNodes.splice(parent.childNodes.lastIndexOf(reference), 0, node);
      node.parentNode = parent;
    },
    detachNode(node) {
      const parent = node.parentNode;
      if (!parent) return;
      parent.childNodes.splice(parent.childNodes.lastIndexOf(node), 1);
      node.parentNode = null;
    },
  };
}

export function tooDeep(limit: number, place: string): LianfaError {
  return new LianfaError('document_too_deep', { limit: String(limit), place });
}

export function isElement(node: HtmlNode): node is HtmlElement {
  return 'tagName' in node;
}

export function attributesOf(element: HtmlElement): ReadonlyMap<string, string> {
  return new Map(element.attrs.map(({ name, value }) => [name, value]));
}

/** Words that stand in a part of the tree, at most about `limit` characters of them. */
export function wordsIn(node: HtmlNode, limit = 20): string {
  let words = '';
  const waiting: HtmlNode[] = [node];
  for (let next = waiting.pop(); next && words.length < limit * 4; next = waiting.pop()) {
    if (next.nodeName === '#text' && 'value' in next) words += next.value;
    if ('childNodes' in next)
      for (let n = next.childNodes.length - 1; n >= 0; n -= 1) push(waiting, next.childNodes[n]);
  }
  return [...words.replace(/\s+/g, ' ').trim()].slice(0, limit).join('');
}

function push(waiting: HtmlNode[], node: HtmlNode | undefined): void {
  if (node) waiting.push(node);
}
