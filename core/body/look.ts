/** What inline styles say of an element: whether it can be seen at all, and what of its look carries meaning. */
import type { HtmlElement } from './tree.js';

/** What a part of a document has from what stands around it. */
export interface Look {
  colour: string;
  background: string;
  align: 'right' | 'center' | undefined;
  /** White space stands as typed: wholly, or in its line breaks. */
  spacing: 'normal' | 'kept' | 'lines';
  /** Of no size, or made invisible; what stands inside may be shown again. */
  blank: { size: boolean; visibility: boolean };
}

export const plainLook: Look = {
  colour: '#000000',
  background: '#ffffff',
  align: undefined,
  spacing: 'normal',
  blank: { size: false, visibility: false },
};

export type Styles = ReadonlyMap<string, string>;

/** The declarations of a style attribute; the last of a name counts, as in browsers. */
export function stylesOf(attributes: ReadonlyMap<string, string>): Styles {
  const styles = new Map<string, string>();
  for (const declaration of (attributes.get('style') ?? '').split(';')) {
    const colon = declaration.indexOf(':');
    if (colon < 0) continue;
    const value = declaration
      .slice(colon + 1)
      .replace(/!\s*important/i, '')
      .trim()
      .toLowerCase();
    styles.set(declaration.slice(0, colon).trim().toLowerCase(), value);
  }
  return styles;
}

/** Not shown by any browser, whatever stands around it. `aria-hidden` hides from screen readers only and is shown. */
export function isHidden({ tagName }: HtmlElement, attributes: ReadonlyMap<string, string>, styles: Styles): boolean {
  return (
    attributes.has('hidden') ||
    (tagName === 'dialog' && !attributes.has('open')) ||
    (tagName === 'input' && attributes.get('type')?.toLowerCase() === 'hidden') ||
    styles.get('display') === 'none' ||
    styles.get('mso-hide') === 'all' ||
    /^0(\.0*)?%?$/.test(styles.get('opacity') ?? '')
  );
}

/** The look of an element inside `around`. */
export function lookOf(
  { tagName }: HtmlElement,
  attributes: ReadonlyMap<string, string>,
  styles: Styles,
  around: Look,
): Look {
  const background = backgroundOf(attributes, styles);
  const size = styles.get('font-size');
  const visibility = styles.get('visibility');
  const colour = colourOf(styles.get('color') ?? (tagName === 'font' ? attributes.get('color') : undefined));
  const spacing = styles.get('white-space');
  const aligned =
    styles.get('text-align') ??
    (tagName === 'center' ? 'center' : (attributes.get('align') ?? classAlign(tagName, attributes)));
  return {
    colour: colour ?? around.colour,
    background: background ?? around.background,
    align: aligned === undefined ? around.align : alignOf(aligned.trim().toLowerCase()),
    spacing:
      spacing === undefined || around.spacing === 'kept'
        ? around.spacing
        : /^(pre|break-spaces)/.test(spacing)
          ? 'lines'
          : 'normal',
    blank: {
      size: size === undefined ? around.blank.size : /^0(\.0*)?[a-z%]*$/.test(size),
      visibility: visibility === undefined ? around.blank.visibility : /^(hidden|collapse)$/.test(visibility),
    },
  };
}

/** Our own classes, and those of common editors. */
function classAlign(tagName: string, attributes: ReadonlyMap<string, string>): string | undefined {
  const name = tagName === 'p' ? attributes.get('class') : undefined;
  return /(?:^|\s)(?:text-|ql-align-|has-text-align-)?(right|center)(?:\s|$)/.exec(name ?? '')?.[1];
}

function alignOf(value: string): Look['align'] {
  if (value === 'right' || value === 'end' || value === '-webkit-right') return 'right';
  return /^(-webkit-)?center$/.test(value) ? 'center' : undefined;
}

function backgroundOf(attributes: ReadonlyMap<string, string>, styles: Styles): string | undefined {
  const shorthand = styles.get('background');
  if (styles.has('background-image') || /url\(|gradient\(/.test(shorthand ?? '')) return 'picture';
  const value = styles.get('background-color') ?? shorthand ?? attributes.get('bgcolor');
  const colour = colourOf(value);
  return colour === 'transparent' ? undefined : colour;
}

const named: Readonly<Record<string, string>> = {
  white: '#ffffff',
  black: '#000000',
  windowtext: '#000000',
};

/** One spelling for each colour; undefined where none is named. */
function colourOf(value: string | undefined): string | undefined {
  const text = value?.trim().toLowerCase().replace(/\s+/g, '');
  if (!text || /^(inherit|initial|unset|none|currentcolor|auto|0)$/.test(text)) return undefined;
  const name = named[text] ?? text;
  if (/^rgba\(.*,0(\.0*)?\)$/.test(name)) return 'transparent';
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/.exec(name);
  if (short) return short.slice(1).reduce((whole, digit) => whole + digit + digit, '#');
  const parts = /^rgba?\((\d{1,3}),(\d{1,3}),(\d{1,3})(?:,[\d.]+)?\)$/.exec(name);
  return parts ? parts.slice(1).reduce((whole, part) => whole + Number(part).toString(16).padStart(2, '0'), '#') : name;
}

/** White on white, any colour on itself, of no size, or made invisible. */
export function isInvisible({ colour, background, blank }: Look): boolean {
  return blank.size || blank.visibility || colour === background || colour === 'transparent';
}

/** Whether words in this colour were marked by it: black and greys are how text is set. */
export function marksWords(styles: Styles, attributes: ReadonlyMap<string, string>): boolean {
  const colour = colourOf(styles.get('color') ?? attributes.get('color'));
  const background = colourOf(styles.get('background-color') ?? styles.get('background'));
  return [colour, background].some((value) => value !== undefined && value !== 'transparent' && !isGrey(value));
}

function isGrey(colour: string): boolean {
  const parts = /^#(..)(..)(..)$/
    .exec(colour)
    ?.slice(1)
    .map((part) => Number.parseInt(part, 16));
  if (!parts) return /^(gr[ae]y|darkgr[ae]y|dimgr[ae]y|lightgr[ae]y|silver|whitesmoke)$/.test(colour);
  return Math.max(...parts) - Math.min(...parts) < 24;
}

/** The marks that a style makes of words: `bold` of a span is as strong as `<strong>`. */
export function marksOf(styles: Styles): string[] {
  const weight = styles.get('font-weight') ?? '';
  const line = `${styles.get('text-decoration') ?? ''} ${styles.get('text-decoration-line') ?? ''}`;
  const place = styles.get('vertical-align');
  return [
    ...(/^(bold|bolder|[6-9]00)$/.test(weight) ? ['strong'] : []),
    ...(/^(italic|oblique)/.test(styles.get('font-style') ?? '') ? ['em'] : []),
    ...(line.includes('line-through') ? ['s'] : []),
    ...(line.includes('underline') ? ['u'] : []),
    ...(place === 'super' ? ['sup'] : place === 'sub' ? ['sub'] : []),
  ];
}
