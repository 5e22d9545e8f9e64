/**
 * What a reader reads of a body: its words, with what stands raised, lowered or above them told from what stands on the
 * line. Both sides of every comparison are read so: 10⁴ that has become 104 on the public page is another text.
 */
import { load, type CheerioAPI } from 'cheerio';
import { lowered, raised, struck } from './scripts.js';

export type HtmlNode = ReturnType<ReturnType<CheerioAPI>['contents']>[number];

/**
 * A canonical body to work on. It is well formed, so the plain parser serves; the other one moves every block once more,
 * each time past all that follow it, and a long text takes it minutes.
 */
export function loadBody(html: string): CheerioAPI {
  return load(html, { xml: { xmlMode: false, decodeEntities: true, encodeEntities: 'utf8', emptyAttrs: true } }, false);
}

type TextNode = Extract<HtmlNode, { data: string }>;

/** Every text in a part of the tree, in order; what `visit` puts in its place is not visited. */
export function eachText(node: HtmlNode | undefined, visit: (text: TextNode) => void): void {
  if (!node) return;
  if (node.type === 'text') visit(node);
  else if ('children' in node) for (const child of [...node.children]) eachText(child, visit);
}

/** Holds no words that are read. */
const unread = new Set(['script', 'style', 'template', 'rp']);
const none: ReadonlySet<string> = new Set();

/** Line breaks only where the text has them: `<br>`, and what is preformatted. `leaveOut`: elements that are not read. */
export function readWords(node: HtmlNode | undefined, leaveOut = none, typed = false): string {
  if (!node) return '';
  if (node.type === 'text') return typed ? node.data : node.data.replace(/\n/g, ' ');
  if (!('children' in node)) return '';
  const name = 'name' in node ? node.name : '';
  if (name === 'br') return '\n';
  if (unread.has(name) || leaveOut.has(name)) return '';
  const words = node.children.map((child) => readWords(child, leaveOut, typed || name === 'pre')).join('');
  switch (name) {
    case 'sup':
      return raised(words);
    case 'sub':
      return lowered(words);
    case 's':
      return struck(words);
    case 'rt':
      return words.trim() && `（${words.trim()}）`;
    default:
      return words;
  }
}

/** Writes out in words what a channel has no markup for: `selector` is of sup, sub, ruby. */
export function spell($: CheerioAPI, selector: string): void {
  for (const element of $(selector).toArray().reverse()) $(element).replaceWith(textNode($, readWords(element)));
}

function textNode($: CheerioAPI, text: string) {
  return $('<p></p>').text(text).contents();
}

/** The running text in one line, a space where a block ends; tables and captions make no sentence, and are taken only where there is nothing else. */
export function runningLine($: CheerioAPI): string {
  const line = (leaveOut?: ReadonlySet<string>): string =>
    blockWords($.root()[0], leaveOut ?? none)
      .replace(/\s+/g, ' ')
      .trim();
  return line(new Set(['table', 'figure'])) || line();
}

const spelt = new Set(['sup', 'sub', 's', 'ruby', 'br']);
const blocks = new Set(['p', 'h2', 'h3', 'h4', 'pre', 'li', 'tr', 'td', 'th', 'figcaption', 'caption', 'blockquote']);

function blockWords(node: HtmlNode | undefined, leaveOut: ReadonlySet<string>): string {
  if (!node || !('children' in node) || !('name' in node)) {
    return node && 'children' in node
      ? node.children.map((child) => blockWords(child, leaveOut)).join('')
      : readWords(node);
  }
  if (leaveOut.has(node.name)) return '';
  if (spelt.has(node.name)) return readWords(node);
  const words = node.children.map((child) => blockWords(child, leaveOut)).join('');
  return blocks.has(node.name) ? `${words} ` : words;
}

/** The numbers of a list's items: from its start on, or as an item says of itself. */
export function numbersOf($: CheerioAPI, list: HtmlNode): number[] {
  let next = Number($(list).attr('start') ?? 1);
  return $(list)
    .children('li')
    .toArray()
    .map((item) => {
      const number = Number($(item).attr('value') ?? next);
      next = number + 1;
      return number;
    });
}

/** Paragraphs set to the right or in the middle say so by themselves, where our style sheet does not go along. */
export function alignByStyle($: CheerioAPI): void {
  for (const side of ['right', 'center']) $(`p.${side}`).attr('style', `text-align:${side}`);
}
