/** How a run of text looks, as far as it says something: marks, hidden or not, raised or lowered, in which font. */
import { isOn, type XmlElement } from './xml.js';

/** Switches that a style turns over where another style has turned them on (ECMA-376 part 1, 17.7.3). */
const toggles = {
  'w:b': 'bold',
  'w:i': 'italic',
  'w:caps': 'caps',
  'w:smallCaps': 'caps',
  'w:strike': 'strike',
  'w:dstrike': 'strike',
  'w:vanish': 'hidden',
  'w:specVanish': 'hidden',
} as const;

export type Toggle = (typeof toggles)[keyof typeof toggles];
export const toggleNames: readonly Toggle[] = [...new Set(Object.values(toggles))];

export interface Look extends Partial<Record<Toggle, boolean>> {
  /** Hidden where a page is shown in a browser: what we publish to. */
  webHidden?: boolean;
  underline?: boolean;
  script?: 'sup' | 'sub' | undefined;
  /** Half-points above the line. */
  position?: number;
  /** Half-points. */
  size?: number;
  /** RRGGBB, or undefined where the program chooses. */
  color?: string | undefined;
  /** What is behind the letters; undefined where nothing is. */
  ground?: string | undefined;
  highlight?: string | undefined;
  /** Percent of the letters' width. */
  width?: number;
  ascii?: string;
  other?: string;
  emphasis?: boolean;
  combined?: boolean;
  style?: string;
}

type Read = (look: Look, value: string | undefined, attributes: Readonly<Record<string, string>>) => void;

const readers: Readonly<Record<string, Read>> = {
  ...Object.fromEntries(
    Object.entries(toggles).map(([name, toggle]): [string, Read] => [
      name,
      (look, value) => {
        // Small capitals off does not turn large ones off: the last "on" among two names for one look wins.
        look[toggle] =
          isOn(value) ||
          (look[toggle] === true && (name === 'w:smallCaps' || name === 'w:dstrike' || name === 'w:specVanish'));
      },
    ]),
  ),
  'w:webHidden': (look, value) => {
    look.webHidden = isOn(value);
  },
  'w:u': (look, value) => {
    look.underline = value !== undefined && value !== 'none';
  },
  'w:vertAlign': (look, value) => {
    look.script = value === 'superscript' ? 'sup' : value === 'subscript' ? 'sub' : undefined;
  },
  'w:position': (look, value) => {
    look.position = Number(value) || 0;
  },
  'w:sz': (look, value) => {
    look.size = Number(value) || 0;
  },
  'w:color': (look, value, attributes) => {
    look.color = colorOf(value, attributes['w:themeColor']);
  },
  'w:shd': (look, _, attributes) => {
    look.ground = groundOf(attributes);
  },
  'w:highlight': (look, value) => {
    look.highlight = value === 'none' ? undefined : value;
  },
  'w:w': (look, value) => {
    look.width = Number(value) || 100;
  },
  'w:rFonts': (look, _, attributes) => {
    const [ascii, other] = [attributes['w:ascii'], attributes['w:hAnsi']];
    if (ascii !== undefined) look.ascii = ascii;
    if (other !== undefined) look.other = other;
  },
  'w:em': (look, value) => {
    look.emphasis = value !== undefined && value !== 'none';
  },
  'w:eastAsianLayout': (look, _, attributes) => {
    look.combined = attributes['w:combine'] !== undefined && isOn(attributes['w:combine']);
  },
  'w:rStyle': (look, value) => {
    if (value !== undefined) look.style = value;
  },
};

/** Properties of a run that only decide how it is set: fonts by script, spacing, outline, language. No channel keeps them. */
const setting = new Set(
  'bCs iCs outline shadow emboss imprint noProof snapToGrid spacing kern szCs effect bdr fitText rtl cs lang oMath'
    .split(' ')
    .map((name) => `w:${name}`),
);

const knownInRun = (name: string): boolean =>
  Object.hasOwn(readers, name) || setting.has(name) || /^w1\d\w*:|^\?|^mc:/.test(name);

export function lookOf(element: XmlElement | undefined, unknown?: (name: string) => void): Look {
  const look: Look = {};
  if (!element) return look;
  for (const child of element.children) {
    if (typeof child === 'string') continue;
    const read = readers[child.name];
    if (read) read(look, child.attributes['w:val'], child.attributes);
    else if (unknown && !knownInRun(child.name)) unknown(child.name);
  }
  return look;
}

export function colorOf(value: string | undefined, theme: string | undefined): string | undefined {
  if (value !== undefined && /^[0-9a-f]{6}$/i.test(value)) return value.toUpperCase();
  return theme === 'background1' || theme === 'light1' ? 'FFFFFF' : undefined;
}

/** What a shading paints behind the words; a pattern of two colours is some colour, whichever. */
export function groundOf(attributes: Readonly<Record<string, string>> | undefined): string | undefined {
  if (!attributes) return undefined;
  const pattern = attributes['w:val'] ?? 'clear';
  const fill = colorOf(attributes['w:fill'], attributes['w:themeFill']);
  if (pattern === 'clear' || pattern === 'nil') return fill;
  return colorOf(attributes['w:color'], undefined) ?? fill ?? '000000';
}

/** Letters that nobody sees on the page: white on white, or one point high. */
export function isUnseen({ color, size, width, highlight, ground }: Look, around: string | undefined): boolean {
  if (size !== undefined && size <= 4) return true;
  if (width !== undefined && width <= 5) return true;
  if (color === undefined || highlight !== undefined) return false;
  const behind = ground ?? around ?? 'FFFFFF';
  return distance(color, behind) <= 24;
}

function distance(one: string, other: string): number {
  return [0, 2, 4].reduce(
    (sum, at) =>
      sum + Math.abs(Number.parseInt(one.slice(at, at + 2), 16) - Number.parseInt(other.slice(at, at + 2), 16)),
    0,
  );
}
