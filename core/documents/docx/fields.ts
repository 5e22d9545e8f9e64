/** Fields: an instruction, and the result that Word printed when it last worked it out (ECMA-376 part 1, 17.16). */
import { DocumentTooLarge } from '../too-large.js';
import { signOf } from './symbols.js';
import { childOf, descendants, elementsOf, isOn, valueOf, type XmlElement } from './xml.js';

interface Field {
  begin: XmlElement | undefined;
  instruction: string;
  phase: 'code' | 'result';
  /** A contents page or an index: neither it nor what is in it is read. */
  left: boolean;
  /** Whether its result holds anything. */
  had: boolean;
  result: string;
  href: string | undefined;
}

/** What the end of a field asks for. */
export type Ended =
  | { kind: 'nothing' }
  | { kind: 'text'; text: string }
  | { kind: 'ruby'; base: string; over: string }
  | { kind: 'formula'; text: string }
  | { kind: 'empty' | 'date' | 'merge' | 'broken'; name: string };

/** They print nothing. */
const silent = new Set(
  'XE TC TA RD SET ASK FILLIN BOOKMARK NEXT NEXTIF SKIPIF PRIVATE ADVANCE PRINT COMMENTS FORMTEXT HYPERLINK TOC TOA INDEX'.split(
    ' ',
  ),
);
const pages = new Set(['TOC', 'TOA', 'INDEX']);
const dates = new Set(['DATE', 'TIME']);

const mostNested = 60;

/** The fields open at a place of the text. */
export class Fields {
  readonly #open: Field[] = [];
  #coding = 0;
  #leaving = 0;

  /** Text now is part of an instruction. */
  get inCode(): boolean {
    return this.#coding > 0;
  }

  /** Text now belongs to a page that is left out. */
  get inLeft(): boolean {
    return this.#leaving > 0;
  }

  get href(): string | undefined {
    return this.#open.findLast(({ href }) => href !== undefined)?.href;
  }

  /** @throws DocumentTooLarge where fields are nested deeper than any program writes them */
  begin(begin: XmlElement | undefined, instruction = ''): void {
    if (this.#open.length >= mostNested) throw new DocumentTooLarge('depth', mostNested);
    this.#open.push({ begin, instruction, phase: 'code', left: false, had: false, result: '', href: undefined });
    this.#coding += 1;
  }

  code(text: string): void {
    const field = this.#open.at(-1);
    if (field?.phase === 'code' && field.instruction.length < 4_000) field.instruction += text;
  }

  /** The result begins. True where a contents page or an index does. */
  separate(): boolean {
    const field = this.#open.at(-1);
    if (field?.phase !== 'code') return false;
    field.phase = 'result';
    this.#coding -= 1;
    const [name = '', ...rest] = wordsOfCode(field.instruction);
    if (name.toUpperCase() === 'HYPERLINK') field.href = addressOf(rest);
    if (!pages.has(name.toUpperCase()) || this.inCode) return false;
    field.left = true;
    this.#leaving += 1;
    return this.#leaving === 1;
  }

  /** Something printed. In an instruction it is the result of a field inside one. */
  heard(text: string): void {
    for (let at = this.#open.length - 1; at >= 0; at -= 1) {
      const field = this.#open[at];
      if (!field) return;
      if (field.phase === 'code') {
        if (field.instruction.length < 4_000) field.instruction += text;
        return;
      }
      if (field.result.length < 200) field.result += text;
      else if (field.had) return;
      field.had = true;
    }
  }

  end(): Ended {
    const field = this.#open.pop();
    if (!field) return { kind: 'nothing' };
    if (field.phase === 'code') this.#coding -= 1;
    if (field.left) this.#leaving -= 1;
    return this.inCode || this.inLeft ? { kind: 'nothing' } : endOf(field);
  }
}

function endOf({ begin, instruction, had, result }: Field): Ended {
  const [word = '', ...rest] = wordsOfCode(instruction);
  const name = word.toUpperCase();
  const text = result.trim();
  if (name === 'FORMCHECKBOX') return { kind: 'text', text: isChecked(begin) ? '☑' : '☐' };
  if (name === 'FORMDROPDOWN' && !had) return { kind: 'text', text: chosenOf(begin) };
  if (name === 'MERGEFIELD' && (!had || text.includes('«'))) return { kind: 'merge', name: rest[0] ?? '' };
  if (/^(?:错误[!！]|Error!|錯誤[!！])/.test(text)) return { kind: 'broken', name: text };
  if (had) return dates.has(name) ? { kind: 'date', name: text } : { kind: 'nothing' };
  if (name === '' || silent.has(name)) return { kind: 'nothing' };
  if (name === 'SYMBOL') {
    const sign = symbolOf(rest);
    return sign === undefined ? { kind: 'empty', name: instruction } : { kind: 'text', text: sign };
  }
  if (name === 'MACROBUTTON' || name === 'GOTOBUTTON') return { kind: 'text', text: rest.slice(1).join(' ') };
  if (name === 'EQ') return equationOf(instruction.replace(/^\s*EQ\s*/i, '')) ?? { kind: 'empty', name: instruction };
  return { kind: 'empty', name: instruction };
}

/** Words and quoted strings of an instruction. */
function wordsOfCode(code: string): string[] {
  return Array.from(code.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g), ([, quoted, bare]) =>
    quoted === undefined ? (bare ?? '') : quoted.replace(/\\(.)/g, '$1'),
  );
}

/** `HYPERLINK "http://…" \l "place"`; one without an address leads to a place inside. */
function addressOf(rest: readonly string[]): string {
  const at = rest.findIndex((word) => /^\\l$/i.test(word));
  const place = at < 0 ? '' : `#${rest[at + 1] ?? ''}`;
  const first = rest[0] ?? '';
  return first.startsWith('\\') ? place : first + place;
}

function symbolOf(rest: readonly string[]): string | undefined {
  const at = rest.findIndex((word) => /^\\f$/i.test(word));
  const code = Number(rest[0] ?? '');
  return Number.isInteger(code) ? signOf(at < 0 ? undefined : rest[at + 1], code) : undefined;
}

function isChecked(begin: XmlElement | undefined): boolean {
  const box = childOf(childOf(begin, 'w:ffData'), 'w:checkBox');
  const own = childOf(box, 'w:checked') ?? childOf(box, 'w:default');
  return own !== undefined && isOn(own.attributes['w:val']);
}

function chosenOf(begin: XmlElement | undefined): string {
  const list = childOf(childOf(begin, 'w:ffData'), 'w:ddList');
  const entries = [...elementsOf(list)].filter(({ name }) => name === 'w:listEntry');
  const chosen = Number(valueOf(list, 'w:result') ?? valueOf(list, 'w:default') ?? 0);
  return entries[chosen]?.attributes['w:val'] ?? '';
}

/** EQ, the formula field that Chinese Word uses for signs in a circle and for ruby as well. */
function equationOf(code: string): Ended | undefined {
  const ruby = /\\o\\a[a-z]\(\\s\\up\s*-?\d+\(([^()]*)\)\s*[,，;；]\s*([^()]*)\)/i.exec(code);
  if (ruby) return { kind: 'ruby', over: ruby[1] ?? '', base: ruby[2] ?? '' };
  const inCircle =
    /^(?:\\\*[^\\]*)*\\o\\a[a-z]\((?:\\s\\(?:up|do)\d*\()?([○〇△□◇])\)?\s*[,，;；]\s*(?:\\s\\(?:up|do)\d*\()?([^()]*)\)?\)/i.exec(
      code.replace(/\\\*\s*(?:jc\d|hps\d+|"[^"]*")\s*/gi, ''),
    );
  if (inCircle) {
    const [, ring, word = ''] = inCircle;
    const number = ring === '○' || ring === '〇' ? Number(word.trim()) : 0;
    if (number >= 1 && number <= 20) return { kind: 'text', text: String.fromCodePoint(0x245f + number) };
    return { kind: 'formula', text: `(${word.trim()})` };
  }
  const text = plainEquation(code.replace(/\\\*\s*\S+/g, '').trim());
  return text === undefined ? undefined : { kind: 'formula', text };
}

/** Fractions, roots, raised and lowered words, from the inside out. */
function plainEquation(code: string): string | undefined {
  let text = code;
  for (let round = 0; round < 20; round += 1) {
    const next = text
      .replace(
        /\\f\s*\(([^()\\,，;；]*)[,，;；]([^()\\,，;；]*)\)/gi,
        (_, top: string, bottom: string) => `${whole(top)}/${whole(bottom)}`,
      )
      .replace(/\\r\s*\(([^()\\,，;；]*)\)/gi, '√{$1}')
      .replace(/\\r\s*\(([^()\\,，;；]*)[,，;；]([^()\\,，;；]*)\)/gi, '$1√{$2}')
      .replace(/\\s\s*\\up\s*\d*\s*\(([^()\\]*)\)/gi, '^{$1}')
      .replace(/\\s\s*\\do\s*\d*\s*\(([^()\\]*)\)/gi, '_{$1}')
      .replace(/\\x\s*(?:\\[a-z]+\s*)*\(([^()\\]*)\)/gi, '$1');
    if (next === text) break;
    text = next;
  }
  return text.includes('\\') || text === '' ? undefined : text.replace(/\{/g, '(').replace(/\}/g, ')').trim();
}

const whole = (part: string): string => (/^[\p{L}\p{N}.%]*$/u.test(part.trim()) ? part.trim() : `{${part.trim()}}`);

const marks = new Set(['w:fldChar']);

/** Marks of fields that never end, or end what never began: taken as not there, so that no text is swallowed by them. */
export function looseMarks(story: XmlElement): ReadonlySet<XmlElement> {
  const loose = new Set<XmlElement>();
  const open: XmlElement[][] = [];
  for (const mark of descendants(story, marks)) {
    const type = mark.attributes['w:fldCharType'];
    if (type === 'begin') open.push([mark]);
    else if (type === 'separate' && open.length > 0) open.at(-1)?.push(mark);
    else if (type === 'end' && open.length > 0) open.pop();
    else loose.add(mark);
  }
  for (const field of open) for (const mark of field) loose.add(mark);
  return loose;
}
