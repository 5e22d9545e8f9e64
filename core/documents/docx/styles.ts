/** Styles, resolved along what they are based on (ECMA-376 part 1, 17.7). */
import { groundOf, lookOf, toggleNames, type Look } from './look.js';
import { childOf, descendants, elementsOf, switchOf, valueOf, type XmlElement } from './xml.js';

export interface ParagraphLook {
  align?: string;
  /** 1 to 9 for a heading. */
  outline?: number | undefined;
  list?: string;
  level?: number;
  ground?: string | undefined;
}

export interface Style {
  id: string;
  /** As all languages' programs store it: `heading 1`, `Title`, `toc 2`. */
  name: string;
  paragraph: ParagraphLook;
  look: Look;
  /** Of a table: paints cells in some colour. */
  paints: boolean;
}

const mostSteps = 30;

export class Styles {
  readonly #elements = new Map<string, XmlElement>();
  readonly #styles = new Map<string, Style>();
  readonly #defaults: Look;
  readonly defaultParagraph: string | undefined;
  readonly defaultTable: string | undefined;

  constructor(root: XmlElement | undefined) {
    for (const element of elementsOf(root))
      if (element.name === 'w:style') this.#elements.set(element.attributes['w:styleId'] ?? '', element);
    const preset = (type: string): string | undefined =>
      [...this.#elements].find(
        ([, { attributes }]) => attributes['w:type'] === type && /^(?:1|true|on)$/.test(attributes['w:default'] ?? ''),
      )?.[0];
    this.defaultParagraph = preset('paragraph');
    this.defaultTable = preset('table');
    this.#defaults = lookOf(childOf(childOf(childOf(root, 'w:docDefaults'), 'w:rPrDefault'), 'w:rPr'));
  }

  get(id: string | undefined): Style | undefined {
    const known = id === undefined ? undefined : this.#styles.get(id);
    if (known || id === undefined || !this.#elements.has(id)) return known;
    const style = this.#resolve(id);
    this.#styles.set(id, style);
    return style;
  }

  /** Half-points of letters that nobody set. */
  get defaultSize(): number {
    return this.get(this.defaultParagraph)?.look.size ?? this.#defaults.size ?? 20;
  }

  /** The list that a numbering style stands for. */
  numberOf(id: string): string | undefined {
    return valueOf(childOf(childOf(this.#elements.get(id), 'w:pPr'), 'w:numPr'), 'w:numId');
  }

  /** The look of a run: what its paragraph's, its own and its table's styles say, turned over by each, then what it says itself. */
  look(direct: Look, paragraph: Style | undefined, table: Style | undefined): Look {
    const own = this.get(direct.style);
    const look: Look = { ...this.#defaults, ...table?.look, ...paragraph?.look, ...own?.look, ...direct };
    for (const toggle of toggleNames) {
      if (direct[toggle] !== undefined) continue;
      const votes = [table, paragraph, own].filter((style) => style?.look[toggle]).length;
      look[toggle] = votes % 2 === 1 || (this.#defaults[toggle] === true && votes === 0);
    }
    return look;
  }

  #resolve(id: string): Style {
    const line: XmlElement[] = [];
    const seen = new Set<string>();
    for (let at: string | undefined = id; at !== undefined && !seen.has(at) && line.length < mostSteps;) {
      seen.add(at);
      const element: XmlElement | undefined = this.#elements.get(at);
      if (!element) break;
      line.unshift(element);
      at = valueOf(element, 'w:basedOn');
    }
    let look: Look = {};
    let paragraph: ParagraphLook = {};
    for (const element of line) {
      look = { ...look, ...lookOf(childOf(element, 'w:rPr')) };
      paragraph = { ...paragraph, ...paragraphLook(childOf(element, 'w:pPr')) };
      const heading = /^heading ([1-9])$/i.exec(valueOf(element, 'w:name') ?? '')?.[1];
      if (heading !== undefined) paragraph.outline ??= Number(heading);
    }
    const name = valueOf(this.#elements.get(id), 'w:name') ?? '';
    return { id, name, look, paragraph, paints: line.some(paintsCells) };
  }
}

function paintsCells(style: XmlElement): boolean {
  if (style.attributes['w:type'] !== 'table') return false;
  for (const shading of descendants(style, new Set(['w:shd']))) if (groundOf(shading.attributes)) return true;
  return false;
}

export function paragraphLook(properties: XmlElement | undefined): ParagraphLook {
  const look: ParagraphLook = {};
  const align = valueOf(properties, 'w:jc');
  const outline = valueOf(properties, 'w:outlineLvl');
  const number = childOf(properties, 'w:numPr');
  const shading = childOf(properties, 'w:shd');
  if (align !== undefined) look.align = align;
  if (switchOf(properties, 'w:bidi') && align !== undefined) look.align = align === 'right' ? 'left' : align;
  if (outline !== undefined) look.outline = Number(outline) < 9 ? Number(outline) + 1 : undefined;
  const [list, level] = [valueOf(number, 'w:numId'), valueOf(number, 'w:ilvl')];
  if (list !== undefined) look.list = list;
  if (level !== undefined) look.level = Number(level) || 0;
  if (shading) look.ground = groundOf(shading.attributes);
  return look;
}
