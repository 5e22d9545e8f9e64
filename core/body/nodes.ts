/** The tree of canonical HTML, and how it is written down. */

import { lowered, raised, struck } from '../../channels/scripts.js';

export interface Element {
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: Node[];
}
export type Node = string | Element;

const alone = new Set(['br', 'hr', 'img']);

/** Writes the tree as HTML, in the form in which parsing and writing it again changes nothing. */
export function write(nodes: readonly Node[]): string {
  const parts: string[] = [];
  for (const node of nodes) writeNode(node, parts);
  return parts.join('');
}

function writeNode(node: Node, parts: string[]): void {
  if (typeof node === 'string') {
    parts.push(escaped(node));
    return;
  }
  parts.push('<', node.name);
  for (const [name, value] of Object.entries(node.attributes))
    parts.push(' ', name, '="', escaped(value).replaceAll('"', '&quot;'), '"');
  parts.push('>');
  if (alone.has(node.name)) return;
  for (const child of node.children) writeNode(child, parts);
  parts.push('</', node.name, '>');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\u00a0': '&nbsp;',
};

/** Quotation marks stay as they are in text: there they mean nothing. */
function escaped(text: string): string {
  return text.replace(/[&<>\u00a0]/g, (sign) => entities[sign] ?? sign);
}

/** The words without markup: a line a block, cells apart, raised, lowered and struck words and readings told from the line. */
export function wordsOf(nodes: readonly Node[]): string {
  return nodes.map(wordsOfNode).join('');
}

function wordsOfNode(node: Node): string {
  if (typeof node === 'string') return node;
  const words = wordsOf(node.children);
  switch (node.name) {
    case 'sup':
      return raised(words);
    case 'sub':
      return lowered(words);
    case 's':
      return struck(words);
    case 'rt':
      return words && `（${words}）`;
    case 'br':
      return '\n';
    case 'td':
    case 'th':
      return ` ${words} `;
    default:
      return inline.has(node.name) ? words : `\n${words}\n`;
  }
}

const inline = new Set(['strong', 'em', 'u', 's', 'code', 'a', 'ruby', 'img']);
