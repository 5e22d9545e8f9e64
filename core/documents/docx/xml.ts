/** The tree of an XML part, under one set of names whatever dialect wrote it. Linear, bounded in depth and elements; no DTD, no entities of its own. */
import { SaxesParser } from 'saxes';
import { DocumentTooLarge, type Tally } from '../too-large.js';
import { prefixOf, understood } from './namespaces.js';

export interface XmlElement {
  /** With our prefix: `w:p`. */
  readonly name: string;
  /** Under our prefixes too: `w:val`, `r:id`; one without a prefix stays bare. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlElement | string)[];
}

interface Growing extends XmlElement {
  readonly children: (XmlElement | string)[];
}

const maxDepth = 250;
const none: Readonly<Record<string, string>> = Object.freeze({});

/** @throws Error where it is not well-formed, DocumentTooLarge where it is more than a document may be */
export function parseXml(bytes: Buffer, tally: Tally): XmlElement {
  const parser = new SaxesParser({ xmlns: true });
  const root: Growing = { name: '', attributes: none, children: [] };
  const open: Growing[] = [root];
  /** Choices among alternatives that ask only for what this reader knows. */
  const known = new Set<XmlElement>();
  /** Namespaces that the part lets a reader pass over where it does not know them. */
  let ignorable = new Set<string>();
  const passed = new Set<XmlElement>();
  let elements = 0;
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => {
    throw new Error('a document type declaration');
  });
  parser.on('opentag', ({ uri, local, attributes }) => {
    const name = prefixOf(uri, local);
    elements += 1;
    tally.add('elements');
    if (open.length > maxDepth) throw new DocumentTooLarge('depth', maxDepth);
    if (name === 'w:p') tally.add('paragraphs');
    const element: Growing = { name, attributes: attributesOf(attributes), children: [] };
    if (name === 'mc:Choice') {
      const asked = (attributes['Requires']?.value ?? '').split(/\s+/);
      if (asked.every((prefix) => understood.has(parser.resolve(prefix) ?? ''))) known.add(element);
    }
    if (elements === 1)
      ignorable = new Set(
        (element.attributes['mc:Ignorable'] ?? '').match(/\S+/g)?.map((prefix) => parser.resolve(prefix) ?? ''),
      );
    if (name.startsWith('?') && ignorable.has(uri)) passed.add(element);
    open.push(element);
  });
  const addText = (text: string): void => {
    open.at(-1)?.children.push(text);
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const done = open.pop();
    const parent = open.at(-1);
    if (!done || !parent || passed.has(done)) return;
    if (done.name !== 'mc:AlternateContent') parent.children.push(done);
    else for (const child of alternative(done, known)) parent.children.push(child);
  });
  parser.write(decode(bytes)).close();
  const [element] = elementsOf(root);
  if (!element) throw new Error('an empty part');
  return element;
}

/** The same thing drawn for several programs: the first that we know, once. What has neither stays, and is told as unknown. */
function alternative(element: XmlElement, known: ReadonlySet<XmlElement>): XmlElement['children'] {
  const choices = [...elementsOf(element)];
  const chosen = choices.find((child) => known.has(child)) ?? choices.find(({ name }) => name === 'mc:Fallback');
  return chosen ? chosen.children : choices;
}

function attributesOf(
  attributes: Readonly<Record<string, { uri: string; local: string; value: string }>>,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  let some = false;
  for (const { uri, local, value } of Object.values(attributes)) {
    // Marks of editing sessions, on every run of a document that Word wrote.
    if (local.startsWith('rsid')) continue;
    found[uri ? prefixOf(uri, local) : local] = value;
    some = true;
  }
  return some ? found : none;
}

function decode(bytes: Buffer): string {
  const mark = bytes.length > 1 ? bytes.readUInt16BE(0) : 0;
  const encoding = mark === 0xfffe ? 'utf-16le' : mark === 0xfeff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding, { fatal: true }).decode(bytes);
}

export function* elementsOf(element: XmlElement | undefined): Generator<XmlElement> {
  if (element) for (const child of element.children) if (typeof child !== 'string') yield child;
}

export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  if (element) for (const child of element.children) if (typeof child !== 'string' && child.name === name) return child;
  return undefined;
}

/** `w:val` of a child. */
export function valueOf(element: XmlElement | undefined, name: string): string | undefined {
  return childOf(element, name)?.attributes['w:val'];
}

/** A switch: there without a value, or with one that does not say no. Undefined where it is not there. */
export function switchOf(element: XmlElement | undefined, name: string): boolean | undefined {
  const child = childOf(element, name);
  return child && isOn(child.attributes['w:val']);
}

export function isOn(value: string | undefined): boolean {
  return value === undefined || !/^(?:0|false|off)$/i.test(value);
}

/** Every descendant of one of the names, in order, itself not among them. */
export function* descendants(element: XmlElement, names: ReadonlySet<string>): Generator<XmlElement> {
  const stack: XmlElement[] = [...elementsOf(element)].reverse();
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (names.has(next.name)) yield next;
    for (let at = next.children.length - 1; at >= 0; at -= 1) {
      const child = next.children[at];
      if (child !== undefined && typeof child !== 'string') stack.push(child);
    }
  }
}

/** All text inside, as it stands. */
export function textOf(element: XmlElement): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}
