/** What reaches a reader, held against what the same way out shows of an honest text: no script, no handler, no foreign scheme, no further element. */
import { XMLValidator } from 'fast-xml-parser';
import { parse, type DefaultTreeAdapterTypes as Tree } from 'parse5';
import { homes } from '../../core/body/elements.js';

type Node = Tree.ChildNode | Tree.Document | Tree.DocumentFragment;

/** What an honest page of this way out holds. */
export interface Honest {
  elements: Set<string>;
  scripts: Set<string>;
}

const written = new Set(
  [...homes].flatMap(([name, { as }]) =>
    /^(?:script|embed|hidden|title|control|formula|nothing)$/.test(as) ? [] : name,
  ),
);

export function honestOf(pages: readonly string[]): Honest {
  const honest: Honest = { elements: new Set(), scripts: new Set() };
  for (const page of pages)
    for (const element of elementsOf(parse(page))) {
      honest.elements.add(element.tagName);
      if (element.tagName === 'script') honest.scripts.add(scriptOf(element));
    }
  return honest;
}

/** What of a page could do something in a reader's browser, or comes from a template that was run. */
export function faultsOf(page: string, { elements, scripts }: Honest): string[] {
  const faults: string[] = [];
  for (const element of elementsOf(parse(page))) {
    const { tagName: name, attrs } = element;
    if (!written.has(name) && !elements.has(name)) faults.push(`<${name}>`);
    if (name === 'script' && !scripts.has(scriptOf(element)))
      faults.push(`a script: ${scriptOf(element).slice(0, 80)}`);
    for (const attribute of attrs) {
      const fault = attributeFault(name, attribute);
      if (fault) faults.push(`<${name} ${attribute.name}="${attribute.value.slice(0, 80)}">`);
    }
  }
  if (/\b1337\b/.test(page)) faults.push('a template was run');
  if (page.includes('root:x:0')) faults.push('a file of the machine');
  return faults;
}

const held = new Set([
  'href',
  'src',
  'action',
  'formaction',
  'poster',
  'data',
  'background',
  'cite',
  'xlink:href',
  'ping',
]);

function attributeFault(element: string, { name, value }: { name: string; value: string }): boolean {
  if (/^on|^(?:srcdoc|formaction|ping)$/i.test(name)) return true;
  if (name === 'srcset') return value.split(',').some((one) => isForeign(element, one));
  if (name === 'style')
    return /expression|javascript:|behavior|-moz-binding|@import|position\s*:\s*fixed|url\(\s*["']?(?!data:image\/|https?:)/i.test(
      value,
    );
  if (name === 'http-equiv') return /refresh/i.test(value);
  return held.has(name) && isForeign(element, value);
}

/** Drawings of our own stand in pages as data; they are looked into as pages are. */
function isForeign(element: string, address: string): boolean {
  const base = 'https://page.example/';
  if (!URL.canParse(address, base)) return false;
  const { protocol, host, pathname } = new URL(address, base);
  if (protocol === 'data:') {
    const drawing = /^image\/svg\+xml;base64,(.+)$/.exec(pathname)?.[1];
    if (drawing !== undefined)
      return /<script|\son\w+=|javascript:|<foreignObject/i.test(Buffer.from(drawing, 'base64').toString());
    return element !== 'img' || !/^image\/(?:png|jpeg|gif|webp)/.test(pathname);
  }
  // A link that somebody writes may lead anywhere by name; nothing is loaded from there.
  if (element !== 'a' && host === 'evil.example') return true;
  return !['http:', 'https:', 'mailto:', 'tel:'].includes(protocol);
}

function* elementsOf(node: Node): Generator<Tree.Element> {
  if ('tagName' in node) yield node;
  if ('content' in node) yield* elementsOf(node.content);
  if ('childNodes' in node) for (const child of node.childNodes) yield* elementsOf(child);
}

/** A file by its address; data for search engines by its form alone, for it holds the titles. */
function scriptOf(element: Tree.Element): string {
  const attributes = new Map(element.attrs.map(({ name, value }) => [name, value]));
  const inside = element.childNodes.map((child) => ('value' in child ? child.value : '')).join('');
  if (attributes.get('type') === 'application/ld+json') {
    JSON.parse(inside);
    return 'application/ld+json';
  }
  return attributes.get('src') ?? inside;
}

/** What is wrong with an XML answer; HTML inside it is a page of its own. */
export function xmlFaults(xml: string): string[] {
  const whole = XMLValidator.validate(xml);
  const faults = whole === true ? [] : [`${whole.err.line}: ${whole.err.msg}`];
  // XML 1.0, 2.2: no other characters may stand in it, escaped or not.
  if (/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.test(xml))
    faults.push('a character that is none');
  if (/<!(?:DOCTYPE|ENTITY)/i.test(xml)) faults.push('a document type');
  return faults;
}
