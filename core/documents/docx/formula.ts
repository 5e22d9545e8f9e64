/** Formulas of Office (OMML, ECMA-376 part 1, 22.1) as text in one line: (a+b)/2, √(x), x². */
import { scriptSigns } from './symbols.js';
import { childOf, elementsOf, textOf, type XmlElement } from './xml.js';

type Write = (element: XmlElement, unknown: (name: string) => void) => string;

/** A part by name, as text. */
const part = (element: XmlElement, name: string, unknown: (name: string) => void): string =>
  inside(childOf(element, name), unknown);
const setting = (element: XmlElement, properties: string, name: string): string | undefined =>
  childOf(childOf(element, properties), name)?.attributes['m:val'];

const homes: Readonly<Record<string, Write>> = {
  'm:oMath': inside,
  'm:oMathPara': inside,
  'm:e': inside,
  'm:r': (run) =>
    [...elementsOf(run)].map((child) => (child.name === 'm:t' || child.name === 'w:t' ? textOf(child) : '')).join(''),
  'm:f': (f, unknown) => {
    const [top, bottom] = [part(f, 'm:num', unknown), part(f, 'm:den', unknown)];
    const type = setting(f, 'm:fPr', 'm:type');
    return type === 'noBar' ? `(${top}¦${bottom})` : `${closed(top)}/${closed(bottom)}`;
  },
  'm:rad': (rad, unknown) => {
    const [degree, content] = [part(rad, 'm:deg', unknown), part(rad, 'm:e', unknown)];
    const sign = degree === '' || degree === '2' ? '√' : ({ '3': '∛', '4': '∜' }[degree] ?? `${raise(degree)}√`);
    return `${sign}(${content})`;
  },
  'm:sSup': (s, unknown) => `${closed(part(s, 'm:e', unknown))}${raise(part(s, 'm:sup', unknown))}`,
  'm:sSub': (s, unknown) => `${closed(part(s, 'm:e', unknown))}${lower(part(s, 'm:sub', unknown))}`,
  'm:sSubSup': (s, unknown) =>
    `${closed(part(s, 'm:e', unknown))}${lower(part(s, 'm:sub', unknown))}${raise(part(s, 'm:sup', unknown))}`,
  'm:sPre': (s, unknown) =>
    `${lower(part(s, 'm:sub', unknown))}${raise(part(s, 'm:sup', unknown))}${part(s, 'm:e', unknown)}`,
  'm:nary': (n, unknown) => {
    const sign = setting(n, 'm:naryPr', 'm:chr') ?? '∫';
    return `${sign}${lower(part(n, 'm:sub', unknown))}${raise(part(n, 'm:sup', unknown))}${closed(part(n, 'm:e', unknown))}`;
  },
  'm:d': (d, unknown) => {
    const [open, close] = [setting(d, 'm:dPr', 'm:begChr') ?? '(', setting(d, 'm:dPr', 'm:endChr') ?? ')'];
    return `${open}${parts(d, 'm:e', unknown).join(setting(d, 'm:dPr', 'm:sepChr') ?? '|')}${close}`;
  },
  'm:m': (m, unknown) => {
    const rows = [...elementsOf(m)].filter(({ name }) => name === 'm:mr');
    return `[${rows.map((row) => parts(row, 'm:e', unknown).join(', ')).join('; ')}]`;
  },
  'm:eqArr': (array, unknown) => parts(array, 'm:e', unknown).join('; '),
  'm:func': (f, unknown) => `${part(f, 'm:fName', unknown)} ${closed(part(f, 'm:e', unknown))}`,
  'm:limLow': (l, unknown) => `${part(l, 'm:e', unknown)}${lower(part(l, 'm:lim', unknown))}`,
  'm:limUpp': (l, unknown) => `${part(l, 'm:e', unknown)}${raise(part(l, 'm:lim', unknown))}`,
  'm:groupChr': (g, unknown) => part(g, 'm:e', unknown),
  'm:acc': (a, unknown) => accented(part(a, 'm:e', unknown), setting(a, 'm:accPr', 'm:chr') ?? '\u0302'),
  'm:bar': (b, unknown) =>
    accented(part(b, 'm:e', unknown), setting(b, 'm:barPr', 'm:pos') === 'top' ? '\u0305' : '\u0332'),
  'm:box': (b, unknown) => part(b, 'm:e', unknown),
  'm:borderBox': (b, unknown) => part(b, 'm:e', unknown),
  'm:phant': (p, unknown) => (setting(p, 'm:phantPr', 'm:show') === '0' ? '' : part(p, 'm:e', unknown)),
  'w:r': (run, unknown) => {
    for (const child of elementsOf(run)) if (!/^w:(?:rPr|t|br|tab)$/.test(child.name)) unknown(child.name);
    return [...elementsOf(run)].map((child) => (child.name === 'w:t' ? textOf(child) : '')).join('');
  },
};

const meaningless = /^m:(?:\w+Pr|argSz)$|^w:(?:bookmark|proofErr|perm|comment)|^w:rPr$/;

export const formulaElements: readonly string[] = Object.keys(homes);

function inside(element: XmlElement | undefined, unknown: (name: string) => void): string {
  let text = '';
  for (const child of elementsOf(element)) {
    const write = homes[child.name];
    if (write) text += write(child, unknown);
    else if (!meaningless.test(child.name)) unknown(child.name);
  }
  return text;
}

const parts = (element: XmlElement, name: string, unknown: (name: string) => void): string[] =>
  [...elementsOf(element)].filter((child) => child.name === name).map((child) => inside(child, unknown));

/** In brackets unless it is one thing. */
function closed(text: string): string {
  return /^[\p{L}\p{M}\p{N}.,%]*$/u.test(text) || /^[([{|][^()[\]{}]*[)\]}|]$/.test(text) ? text : `(${text})`;
}

function raise(text: string): string {
  return text === '' ? '' : (scriptSigns(text, 'sup') ?? (text.length === 1 ? `^${text}` : `^(${text})`));
}

function lower(text: string): string {
  return text === '' ? '' : (scriptSigns(text, 'sub') ?? (text.length === 1 ? `_${text}` : `_(${text})`));
}

function accented(text: string, mark: string): string {
  return [...text].length === 1 ? `${text}${mark}`.normalize('NFC') : `(${text})${mark}`;
}

/** `unknown` hears of each part that has no way to be written. */
export function formulaText(formula: XmlElement, unknown: (name: string) => void): string {
  return (homes[formula.name] ?? inside)(formula, unknown).replace(/\s+/g, ' ').trim();
}
