/**
 * Canonical HTML: the small closed set of elements in which every body is stored. What comes in is parsed once and walked
 * once, and a tree of our own is built that holds nothing else; so cleaning what is clean changes nothing.
 */
import { DroppedList, type Dropped } from './dropped.js';
import { homes, type Home } from './elements.js';
import { Flow, softParagraph, type Mark, type Shape } from './flow.js';
import { formulaText } from './formula.js';
import {
  isHidden,
  isInvisible,
  lookOf,
  marksOf,
  marksWords,
  plainLook,
  stylesOf,
  type Look,
  type Styles,
} from './look.js';
import { wordsOf, write, type Element, type Node } from './nodes.js';
import { attributesOf, isElement, parseHtml, tooDeep, wordsIn, type HtmlElement, type HtmlNode } from './tree.js';

export interface Canonical {
  html: string;
  /** What people read of it, without markup. */
  words: string;
  /** Hashes of the pictures in the body, in order, each once, with the text beside it. */
  pictures: { hash: string; alt: string }[];
  dropped: Dropped[];
}

/** Blocks inside one another: lists in lists, tables in cells, quotations in quotations. */
const blockDepth = 64;

/**
 * Cleans HTML from anywhere into canonical HTML. `known` are the pictures that may be shown (`<img src="media:HASH">`);
 * any other is left out and told, and nothing is ever fetched. Takes time in proportion to the length.
 * @throws LianfaError document_too_deep, document_too_large
 */
export function canonical(html: string, known: ReadonlySet<string>, dropped = new DroppedList()): Canonical {
  const { root, unclosed } = parseHtml(html);
  for (const { what, at } of unclosed) dropped.tell('unclosed', what, at);
  const cleaner = new Cleaner(known, dropped);
  const nodes = cleaner.clean(root.childNodes);
  return {
    html: write(nodes).trim(),
    words: wordsOf(nodes),
    pictures: cleaner.pictures(),
    dropped: dropped.list(),
  };
}

/**
 * The words of an HTML text, one line a block; raised and lowered figures and readings so that they are not taken for
 * what stands on the line. Markup of any kind is gone; what a script held is gone with it.
 */
export function plainText(html: string): string {
  const { root } = parseHtml(html);
  return wordsOf(new Cleaner(new Set(), new DroppedList()).clean(root.childNodes))
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n\s*/g, '\n')
    .trim();
}

interface Around {
  marks: readonly Mark[];
  look: Look;
  /** Quotations inside one another. */
  quoted: number;
}

type Attributes = ReadonlyMap<string, string>;

class Cleaner {
  readonly #known: ReadonlySet<string>;
  readonly #dropped: DroppedList;
  readonly #pictures = new Map<string, string>();
  #flow = new Flow(softParagraph);
  #depth = 0;
  /** The last words that were read: places are named by them. */
  #last = '';

  constructor(known: ReadonlySet<string>, dropped: DroppedList) {
    this.#known = known;
    this.#dropped = dropped;
  }

  clean(nodes: readonly HtmlNode[]): Node[] {
    this.#walk(nodes, { marks: [], look: plainLook, quoted: 0 });
    return this.#flow.nodes();
  }

  pictures(): Canonical['pictures'] {
    return [...this.#pictures].map(([hash, alt]) => ({ hash, alt }));
  }

  #walk(nodes: readonly HtmlNode[], around: Around): void {
    for (const node of nodes) this.#node(node, around);
  }

  #node(node: HtmlNode, around: Around): void {
    if (isElement(node)) this.#element(node, around);
    else if (node.nodeName === '#text' && 'value' in node) this.#text(node.value, around);
    else if (node.nodeName === '#comment' && 'data' in node && !isFurniture(node.data))
      this.#dropped.tell('comment', '', this.#last);
  }

  #text(text: string, around: Around): void {
    if (text.trim() !== '' && isInvisible(around.look)) {
      this.#dropped.tell('hidden', '', short(text));
      return;
    }
    if (text.trim() !== '') this.#last = short(text.slice(-80), true);
    const { marks, look } = around;
    if (look.spacing === 'kept') this.#flow.add(text, marks);
    else if (look.spacing === 'lines') this.#lines(text, marks);
    else this.#flow.add(text, marks);
  }

  #lines(text: string, marks: readonly Mark[]): void {
    text.split('\n').forEach((line, n) => {
      if (n > 0) this.#flow.add(lineBreak(), marks);
      if (line !== '') this.#flow.add(line, marks);
    });
  }

  #element(element: HtmlElement, around: Around): void {
    const name = element.tagName;
    const attributes = attributesOf(element);
    const styles = stylesOf(attributes);
    for (const attribute of attributes.keys()) if (attribute.startsWith('on')) this.#dropped.tell('handler');
    if (isHidden(element, attributes, styles)) {
      const words = wordsIn(element);
      if (words) this.#dropped.tell('hidden', '', words);
      return;
    }
    const home = homeOf(element);
    if (!home) this.#dropped.tell('element', name.slice(0, 40), wordsIn(element) || this.#last);
    this.#tellColour(element, attributes, styles);
    const look = lookOf(element, attributes, styles, around.look);
    this.#put(home ?? { as: 'inline' }, element, attributes, this.#marked(home, element, styles, { ...around, look }));
  }

  /** Colour that sets words apart is told by its place. Fonts, sizes and distances are each channel's own and need no word. */
  #tellColour(element: HtmlElement, attributes: Attributes, styles: Styles): void {
    const marked = element.tagName === 'mark' || (inline.has(element.tagName) && marksWords(styles, attributes));
    const words = marked ? wordsIn(element) : '';
    if (words) this.#dropped.tell('colour', '', words);
  }

  /** With the marks that its style makes. */
  #marked(home: Home | undefined, element: HtmlElement, styles: Styles, around: Around): Around {
    if (home?.as === 'heading' || home?.as === 'table' || element.tagName === 'th') return around;
    const marks = marksOf(styles).filter((name) => !(home?.as === 'mark' && (home.name === name || home.name === 'a')));
    return marks.reduce((inner, name) => this.#with({ name, attributes: {} }, inner), around);
  }

  #with(mark: Mark, around: Around): Around {
    const nested = mark.name === 'sup' || mark.name === 'sub';
    const pointless = mark.name === 'code' && around.look.spacing === 'kept';
    if (pointless || (!nested && around.marks.some(({ name }) => name === mark.name))) return around;
    return { ...around, marks: [...around.marks, mark] };
  }

  #put(home: Home, element: HtmlElement, attributes: Attributes, around: Around): void {
    const children = element.childNodes;
    switch (home.as) {
      case 'inline':
        return this.#walk(children, around);
      case 'division':
        return this.#division(children, around);
      case 'mark':
        return this.#walk(children, this.#mark(home.name, element, attributes, around));
      case 'paragraph':
        return this.#inHeading
          ? this.#division(children, around)
          : this.#shaped({ name: 'p', attributes: alignment(around.look) }, children, around);
      case 'heading':
        return this.#shaped({ name: home.name, attributes: {} }, children, around);
      case 'term':
        return this.#division(children, this.#with({ name: 'strong', attributes: {} }, around));
      case 'pre':
        return this.#pre(children, around);
      case 'list':
        return this.#list(home.name, children, attributes, around);
      case 'item':
        return this.#list('ul', [element], new Map(), around);
      case 'quote':
        return this.#contained('blockquote', softParagraph, children, around);
      case 'table':
        return this.#table(children, around);
      case 'figure':
        return this.#figure(children, around);
      case 'caption':
        return this.#captionOf(element, around);
      case 'rule':
        return this.#flow.block({ name: 'hr', attributes: {}, children: [] });
      case 'break':
        return around.look.spacing === 'kept'
          ? this.#flow.add('\n', around.marks)
          : this.#flow.add(lineBreak(), around.marks);
      case 'picture':
        return this.#picture(attributes, around);
      case 'media':
        return this.#media(home.name, element, attributes);
      case 'ruby':
        return this.#walk(children, this.#with({ name: 'ruby', attributes: {} }, around));
      case 'reading':
        return this.#reading(children, around);
      case 'quotation':
        return this.#quotation(children, around);
      case 'details':
        this.#dropped.tell('details', '', wordsIn(element));
        return this.#division(children, around);
      case 'control':
        return this.#control(element, attributes, around);
      case 'formula': {
        const text = formulaText(element);
        this.#dropped.tell('formula', text.slice(0, 40), this.#last);
        return this.#text(text, around);
      }
      case 'script':
        return this.#dropped.tell('script');
      case 'title': {
        const words = wordsIn(element);
        if (words) this.#dropped.tell('page_title', words);
        return;
      }
      case 'hidden': {
        const words = wordsIn(element) || wordsOfTemplate(element);
        if (words) this.#dropped.tell('hidden', '', words);
        return;
      }
      case 'embed':
        return this.#leaveOut(element);
      case 'nothing':
        return;
    }
  }

  #leaveOut(element: HtmlElement): void {
    const drawn = element.childNodes
      .filter((child) => !(isElement(child) && /^(?:script|style)$/.test(child.tagName)))
      .map((child) => wordsIn(child))
      .join('');
    if (element.tagName === 'svg' && drawn) this.#dropped.tell('drawn_words', '', drawn);
    else this.#dropped.tell('embed', element.tagName, wordsIn(element) || this.#last);
  }

  /** Its words become paragraphs, whatever stood before. In a heading they stay of the heading. */
  #division(children: readonly HtmlNode[], around: Around): void {
    if (around.look.spacing === 'kept') return this.#ownLine(children, around);
    const aligned = around.look.align ? { name: 'p', attributes: alignment(around.look) } : softParagraph;
    this.#shaped(this.#inHeading ? this.#flow.shape : aligned, children, around);
  }

  get #inHeading(): boolean {
    const { shape } = this.#flow;
    return shape !== 'loose' && /^h\d$/.test(shape.name);
  }

  #shaped(shape: Shape, children: readonly HtmlNode[], around: Around): void {
    if (around.look.spacing === 'kept') return this.#ownLine(children, around);
    const flow = this.#flow;
    const before = flow.shape;
    flow.close();
    flow.shape = shape;
    this.#walk(children, around);
    flow.close();
    flow.shape = before;
  }

  #ownLine(children: readonly HtmlNode[], around: Around): void {
    if (!this.#flow.endsLine) this.#flow.add('\n', around.marks);
    this.#walk(children, around);
    if (!this.#flow.endsLine) this.#flow.add('\n', around.marks);
  }

  #pre(children: readonly HtmlNode[], around: Around): void {
    this.#flow.close();
    const before = this.#flow.shape;
    this.#flow.shape = { name: 'pre', attributes: {} };
    const marks = around.marks.filter(({ name }) => name !== 'code');
    this.#walk(children, { ...around, marks, look: { ...around.look, spacing: 'kept' } });
    this.#flow.close();
    this.#flow.shape = before;
  }

  /** Everything inside as a flow of its own. */
  #inside(shape: Shape, children: readonly HtmlNode[], around: Around): Flow {
    const outer = this.#flow;
    const flow = new Flow(shape);
    this.#flow = flow;
    this.#depth += 1;
    if (this.#depth > blockDepth) throw tooDeep(blockDepth, this.#last);
    this.#walk(children, innerOf(around));
    this.#depth -= 1;
    this.#flow = outer;
    return flow;
  }

  #contained(name: string, shape: Shape, children: readonly HtmlNode[], around: Around): void {
    const flow = this.#inside(shape, children, around);
    if (!flow.empty) this.#flow.block({ name, attributes: {}, children: flow.nodes() });
  }

  /** What stands in a list beside its items, as word processors write inner lists, belongs to the item before. */
  #list(name: 'ul' | 'ol', children: readonly HtmlNode[], attributes: Attributes, around: Around): void {
    const parts: (ListItem | string)[] = [];
    let last: ListItem | undefined;
    for (const child of children) {
      if (!isElement(child) && !wordsIn(child)) {
        if ('value' in child) parts.push(child.value);
      } else if (isElement(child) && child.tagName === 'li') {
        const own = attributesOf(child);
        const inner = this.#into(child, own, around);
        if (!inner) continue;
        last = { flow: this.#inside('loose', child.childNodes, inner), value: wholeNumber(own.get('value')) };
        parts.push(last);
      } else if (last) this.#again(last.flow, [child], around);
      else {
        last = { flow: this.#inside('loose', [child], around), value: undefined };
        parts.push(last);
      }
    }
    if (name === 'ol') this.#tellNumbering(attributes, children);
    const start = name === 'ol' ? wholeNumber(attributes.get('start')) : undefined;
    const items = itemsOf(name, parts, start ?? 1);
    if (!items.some((item) => typeof item !== 'string')) return;
    this.#flow.block({
      name,
      attributes: start === undefined || start === 1 ? {} : { start: String(start) },
      children: items,
    });
  }

  /** Letters and Roman numbers become figures on every channel, and so does what counts backwards. */
  #tellNumbering(attributes: Attributes, children: readonly HtmlNode[]): void {
    const type = attributes.get('type') ?? stylesOf(attributes).get('list-style-type') ?? '1';
    if (!/^(1|decimal|none|disc)/.test(type) || attributes.has('reversed'))
      this.#dropped.tell(
        'numbering',
        attributes.has('reversed') ? 'reversed' : type.slice(0, 40),
        firstWords(children),
      );
  }

  /** What holds inside an element that is not walked by itself; nothing where it is hidden. */
  #into(element: HtmlElement, attributes: Attributes, around: Around): Around | undefined {
    const styles = stylesOf(attributes);
    for (const attribute of attributes.keys()) if (attribute.startsWith('on')) this.#dropped.tell('handler');
    if (isHidden(element, attributes, styles)) {
      const words = wordsIn(element);
      if (words) this.#dropped.tell('hidden', '', words);
      return undefined;
    }
    this.#tellColour(element, attributes, styles);
    const look = lookOf(element, attributes, styles, around.look);
    return this.#marked(homes.get(element.tagName), element, styles, { ...around, look });
  }

  #again(flow: Flow, children: readonly HtmlNode[], around: Around): void {
    const outer = this.#flow;
    this.#flow = flow;
    this.#walk(children, innerOf(around));
    this.#flow = outer;
  }

  #table(children: readonly HtmlNode[], around: Around): void {
    let cells = 0;
    const rows = (nodes: readonly HtmlNode[], inner: Around): Node[] =>
      this.#parts(nodes, inner, (element, within) => {
        const attributes = attributesOf(element);
        switch (element.tagName) {
          case 'caption': {
            const words = inlineOnly(this.#inside('loose', element.childNodes, within).nodes(true));
            return words.length > 0 ? { name: 'caption', attributes: {}, children: words } : undefined;
          }
          case 'thead':
          case 'tbody':
          case 'tfoot':
          case 'tr':
            return { name: element.tagName, attributes: {}, children: rows(element.childNodes, within) };
          case 'td':
          case 'th':
            cells += 1;
            return {
              name: element.tagName,
              attributes: cellAttributes(element.tagName, attributes),
              children: this.#inside('loose', element.childNodes, within).nodes(true),
            };
          default:
            return undefined;
        }
      });
    const parts = rows(children, around);
    if (cells > 0) this.#flow.block({ name: 'table', attributes: {}, children: parts });
  }

  /** The parts of a table that stand in one another; whatever else the parser left there is read as standing before it. */
  #parts(
    nodes: readonly HtmlNode[],
    around: Around,
    make: (element: HtmlElement, inner: Around) => Element | undefined,
  ): Node[] {
    return nodes.flatMap((node): Node[] => {
      if (!isElement(node)) {
        if (node.nodeName === '#text' && 'value' in node && !node.value.trim()) return [node.value];
        this.#node(node, around);
        return [];
      }
      if (!tableParts.has(node.tagName)) {
        if (node.tagName !== 'col' && node.tagName !== 'colgroup') this.#node(node, around);
        return [];
      }
      const inner = this.#into(node, attributesOf(node), around);
      const made = inner && make(node, inner);
      return made ? [made] : [];
    });
  }

  /** A figure holds pictures, media or a table, and one caption; with anything else in it, it is no figure. */
  #figure(children: readonly HtmlNode[], around: Around): void {
    const captions: HtmlElement[] = [];
    const content: HtmlNode[] = [];
    for (const child of children)
      if (isElement(child) && child.tagName === 'figcaption' && captions.length === 0) captions.push(child);
      else content.push(child);
    const nodes = this.#inside('loose', content, around).nodes(true).flatMap(withoutParagraph);
    const [caption] = captions;
    const within = caption && this.#into(caption, attributesOf(caption), around);
    const words = caption && within ? inlineOnly(this.#inside('loose', caption.childNodes, within).nodes(true)) : [];
    if (nodes.every(belongsInFigure) && nodes.some((node) => typeof node !== 'string' && node.name !== 'br')) {
      const last: Node[] = words.length > 0 ? [{ name: 'figcaption', attributes: {}, children: words }] : [];
      this.#flow.block({ name: 'figure', attributes: {}, children: [...nodes, ...last] });
      return;
    }
    this.#pour(nodes, []);
    if (words.length > 0) this.#flow.block({ name: 'p', attributes: {}, children: words });
  }

  #pour(nodes: readonly Node[], marks: readonly Mark[]): void {
    const { shape } = this.#flow;
    const typed = shape !== 'loose' && shape.name === 'pre';
    for (const node of nodes) {
      if (typeof node === 'string' || node.name === 'img') this.#flow.add(node, marks);
      else if (node.name === 'br') this.#flow.add(typed ? '\n' : node, marks);
      else if (inlineNames.has(node.name)) this.#pour(node.children, [...marks, node]);
      else this.#flow.block(node);
    }
  }

  /** Out of its place a caption is a paragraph; what opens a part that folds away is its heading. */
  #captionOf(element: HtmlElement, around: Around): void {
    const inner = element.tagName === 'summary' ? this.#with({ name: 'strong', attributes: {} }, around) : around;
    this.#division(element.childNodes, inner);
  }

  #mark(name: string, element: HtmlElement, attributes: Attributes, around: Around): Around {
    const weight = stylesOf(attributes).get('font-weight') ?? '';
    if (name === 'strong' && /^(normal|lighter|[1-4]00)$/.test(weight)) return around;
    if (name !== 'a') return this.#with({ name, attributes: {} }, around);
    const href = attributes.get('href')?.trim().replaceAll(' ', '%20');
    if (!href) return around;
    if (isOpenAddress(href, ['http:', 'https:', 'mailto:', 'tel:']))
      return this.#with({ name, attributes: { href } }, around);
    this.#dropped.tell('link', '', wordsIn(element) || this.#last);
    return around;
  }

  #picture(attributes: Attributes, around: Around): void {
    const src = (attributes.get('src') || attributes.get('data-src') || attributes.get('o:href') || '').trim();
    const alt = (attributes.get('alt') ?? '').trim().slice(0, 200);
    const hash = /^(?:media:|\/api\/v1\/media\/)([0-9a-f]{64})$/.exec(src)?.[1];
    if (hash !== undefined && this.#known.has(hash)) {
      if (!this.#pictures.has(hash)) this.#pictures.set(hash, alt);
      return this.#flow.add({ name: 'img', attributes: { src: `media:${hash}`, alt }, children: [] }, around.marks);
    }
    // Without a source nothing is shown but the words beside it; one of a pixel counts readers.
    if (!src && !alt) return;
    if ([attributes.get('width'), attributes.get('height')].every((size) => /^[0-2](px)?$/.test(size ?? ''))) return;
    const { kind, name } = lostPicture(src, alt);
    this.#dropped.tell(kind, name, this.#last);
  }

  #media(name: 'video' | 'audio', element: HtmlElement, attributes: Attributes): void {
    const sources = element.childNodes.filter(isElement).filter(({ tagName }) => tagName === 'source');
    const src = [attributes, ...sources.map(attributesOf)]
      .map((from) => from.get('src')?.trim() ?? '')
      .find((address) => isOpenAddress(address, ['http:', 'https:']));
    if (src === undefined) return this.#dropped.tell('media', '', wordsIn(element) || this.#last);
    this.#flow.block({ name, attributes: { src, controls: '' }, children: [] });
  }

  #reading(children: readonly HtmlNode[], around: Around): void {
    if (around.marks.some(({ name }) => name === 'ruby'))
      return this.#walk(children, this.#with({ name: 'rt', attributes: {} }, around));
    this.#flow.add('（', around.marks);
    this.#walk(children, around);
    this.#flow.add('）', around.marks);
  }

  /** Browsers draw the quotation marks themselves; here they are text. */
  #quotation(children: readonly HtmlNode[], around: Around): void {
    const [open, close] = around.quoted % 2 === 0 ? ['“', '”'] : ['‘', '’'];
    this.#flow.add(open, around.marks);
    this.#walk(children, { ...around, quoted: around.quoted + 1 });
    this.#flow.add(close, around.marks);
  }

  #control(element: HtmlElement, attributes: Attributes, around: Around): void {
    const type = attributes.get('type')?.toLowerCase() ?? 'text';
    this.#dropped.tell(
      'control',
      element.tagName === 'input' ? `input ${type}`.slice(0, 40) : element.tagName,
      this.#last,
    );
    if (element.tagName === 'button') return this.#walk(element.childNodes, around);
    if (element.tagName === 'select') return this.#text(chosenOptions(element).join('、'), around);
    const text = element.tagName === 'textarea' ? wordsIn(element, Infinity) : inputWords(type, attributes);
    if (text) this.#lines(text, around.marks);
  }
}

interface ListItem {
  flow: Flow;
  /** The number that it says of itself. */
  value: number | undefined;
}

/** The items that hold something, each with its number where that does not follow from the one before. */
function itemsOf(name: 'ul' | 'ol', parts: readonly (ListItem | string)[], start: number): Node[] {
  let number = start;
  let follows = start;
  return parts.flatMap((part): Node[] => {
    if (typeof part === 'string') return [part];
    number = part.value ?? number;
    const attributes: Record<string, string> = name === 'ol' && number !== follows ? { value: String(number) } : {};
    number += 1;
    if (part.flow.empty) return [];
    follows = number;
    return [{ name: 'li', attributes, children: part.flow.nodes(true) }];
  });
}

const tableParts = new Set(['caption', 'thead', 'tbody', 'tfoot', 'tr', 'td', 'th']);
const inlineNames = new Set(['strong', 'em', 'u', 's', 'sup', 'sub', 'code', 'a', 'ruby', 'rt', 'br', 'img']);
/** Elements around some words of a line, whose colour sets them apart. */
const inline = new Set(['span', 'font', 'strong', 'b', 'em', 'i', 'u', 'mark', 'a', 'big', 'small']);

function homeOf({ tagName }: HtmlElement): Home | undefined {
  const home = homes.get(tagName);
  if (home || !tagName.includes(':')) return home;
  // What word processors write for themselves, as far as it holds no words.
  return tagName === 'v:imagedata' ? { as: 'picture' } : { as: 'inline' };
}

/** Comments by which programs mark what they wrote. */
function isFurniture(comment: string): boolean {
  return /^\s*(\?xml\b|\[(if|endif)|(Start|End)Fragment\b|\/?\*|$)/i.test(comment);
}

function innerOf(around: Around): Around {
  const { look } = around;
  return { ...around, look: { ...look, align: undefined, spacing: look.spacing === 'normal' ? 'normal' : 'lines' } };
}

function alignment({ align }: Look): Record<string, string> {
  return align === undefined ? {} : { class: align };
}

function lineBreak(): Element {
  return { name: 'br', attributes: {}, children: [] };
}

function short(text: string, end = false): string {
  const signs = [...text.replace(/\s+/g, ' ').trim()];
  return (end ? signs.slice(-20) : signs.slice(0, 20)).join('');
}

function firstWords(nodes: readonly HtmlNode[]): string {
  for (const node of nodes) {
    const words = wordsIn(node);
    if (words) return words;
  }
  return '';
}

function wordsOfTemplate(element: HtmlElement): string {
  return 'content' in element ? firstWords((element.content as { childNodes: HtmlNode[] }).childNodes) : '';
}

function wholeNumber(value: string | undefined): number | undefined {
  return /^\s*\d{1,5}\s*$/.test(value ?? '') ? Number(value) : undefined;
}

function cellAttributes(name: 'td' | 'th', attributes: Attributes): Record<string, string> {
  const scope = attributes.get('scope') ?? '';
  return {
    ...span(attributes, 'colspan', 1_000),
    ...span(attributes, 'rowspan', 65_534),
    ...(name === 'th' && /^(row|col)(group)?$/.test(scope) && { scope }),
  };
}

/** As far as browsers let a cell reach. */
function span(attributes: Attributes, name: 'colspan' | 'rowspan', most: number): Record<string, string> {
  const value = Math.min(most, Number(attributes.get(name)));
  return Number.isInteger(value) && value > 1 ? { [name]: String(value) } : {};
}

/** Blocks as one line of words, with line breaks where they ended: for captions. */
function inlineOnly(nodes: readonly Node[]): Node[] {
  const line: Node[] = [];
  for (const node of nodes) {
    if (typeof node === 'string') line.push(node);
    else if (inlineNames.has(node.name)) line.push(node);
    else {
      const inner = inlineOnly(node.children);
      if (inner.length > 0 && line.length > 0) line.push(lineBreak());
      line.push(...inner);
    }
  }
  return line.every((node) => typeof node === 'string' && !node.trim()) ? [] : line;
}

function withoutParagraph(node: Node): Node[] {
  return typeof node !== 'string' && node.name === 'p' && node.children.every(belongsInFigure) ? node.children : [node];
}

function belongsInFigure(node: Node): boolean {
  if (typeof node === 'string') return !node.trim();
  if (node.name === 'a') return node.children.every(belongsInFigure);
  return ['img', 'video', 'audio', 'table', 'br'].includes(node.name);
}

function lostPicture(
  src: string,
  alt: string,
): { kind: 'picture' | 'picture_local' | 'picture_missing'; name: string } {
  const parts = src
    .replace(/[?#].*$/s, '')
    .split(/[/\\]/)
    .filter(Boolean);
  const file = parts.at(-1) ?? '';
  const name = short(file) || alt || short(src);
  if (/^(https?:)?\/\//i.test(src)) {
    const host = parts.find((part) => !part.endsWith(':')) ?? '';
    return {
      kind: 'picture',
      name: [host, file]
        .filter((part, n, all) => all.indexOf(part) === n)
        .map((part) => part.slice(0, 60))
        .join('/'),
    };
  }
  if (/^(media:|\/api\/v1\/media\/)/.test(src))
    return { kind: 'picture_missing', name: alt || short(file.replace('media:', '')) };
  if (/^data:/i.test(src)) return { kind: 'picture_missing', name: alt || src.slice(0, 20) };
  return src === '' || src === 'word:unusable'
    ? { kind: 'picture_missing', name: alt || name }
    : { kind: 'picture_local', name };
}

function chosenOptions(select: HtmlElement): string[] {
  const optionsIn = (nodes: readonly HtmlNode[]): HtmlElement[] =>
    nodes.filter(isElement).flatMap((node) => (node.tagName === 'option' ? [node] : optionsIn(node.childNodes)));
  const options = optionsIn(select.childNodes);
  const own = attributesOf(select);
  if (own.has('multiple') || Number(own.get('size') ?? 1) > 1)
    return options.map((option) => wordsIn(option, Infinity));
  const chosen = options.filter((option) => attributesOf(option).has('selected'));
  return (chosen.length > 0 ? chosen : options.slice(0, 1)).map((option) => wordsIn(option, Infinity));
}

/** What a reader sees in a field of a form. */
function inputWords(type: string, attributes: Attributes): string {
  switch (type) {
    case 'checkbox':
      return attributes.has('checked') ? '☑' : '☐';
    case 'radio':
      return attributes.has('checked') ? '◉' : '○';
    case 'password':
    case 'file':
      return '';
    case 'image':
      return attributes.get('alt') ?? '';
    default:
      return attributes.get('value') ?? '';
  }
}

/** Whether the address names where it goes in full, by one of the given protocols. A browser skips control characters inside an address; so nothing that holds one stays. */
function isOpenAddress(address: string, protocols: readonly string[]): boolean {
  if (/[\u0000-\u0020\u007f-\u00a0\\]/.test(address) || !URL.canParse(address)) return false;
  return protocols.includes(new URL(address).protocol);
}

/** Hashes that a text refers to as `media:HASH` (or by our own address), known or not. */
export function mentionedMedia(html: string): string[] {
  return [
    ...new Set([...html.matchAll(/(?:media:|\/api\/v1\/media\/)([0-9a-f]{64})/g)].map((match) => match[1] ?? '')),
  ];
}
