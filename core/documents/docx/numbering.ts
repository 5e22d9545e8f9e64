/** Automatic numbers, counted as Word counts them (ECMA-376 part 1, 17.9). */
import { formatNumber } from './number-format.js';
import { childOf, elementsOf, switchOf, valueOf, type XmlElement } from './xml.js';

interface Level {
  start: number;
  format: string;
  /** `%1.%2`, or the bullet itself. */
  text: string;
  /** All levels are printed in digits, whatever their own format. */
  legal: boolean;
  /** What stands between the number and the words. */
  suffix: 'tab' | 'space' | 'nothing';
  /** The level (counted from 1) whose number starts this one anew; 0 is none. */
  restart: number | undefined;
  /** Paragraph style that takes this level. */
  style: string | undefined;
  font: string | undefined;
  hidden: boolean;
}

/** A number as printed before the words of its paragraph. */
export interface PrintedNumber {
  text: string;
  /** Between it and the words. */
  gap: string;
  list: string;
  level: number;
  value: number;
  format: string;
  /** As an ordered list prints it by itself (`3.`). */
  plain: boolean;
  font: string | undefined;
  /** A format that we cannot write; decimal stands in its place. */
  strange: string | undefined;
}

interface List {
  /** Lists of one definition count together. */
  counted: string;
  levels: readonly (Level | undefined)[];
  /** Starts that hold from the list's first use on. */
  starts: ReadonlyMap<number, number>;
}

const levelCount = 9;

export class Numbering {
  readonly #lists = new Map<string, List>();
  readonly #counters = new Map<string, (number | undefined)[]>();
  readonly #used = new Set<string>();

  /** `styleNumber` gives the list that a numbering style names. */
  constructor(root: XmlElement | undefined, styleNumber: (style: string) => string | undefined) {
    const definitions = new Map<string, XmlElement>();
    const byStyle = new Map<string, XmlElement>();
    const lists: XmlElement[] = [];
    for (const element of elementsOf(root)) {
      if (element.name === 'w:abstractNum') {
        definitions.set(element.attributes['w:abstractNumId'] ?? '', element);
        const style = valueOf(element, 'w:styleLink');
        if (style !== undefined) byStyle.set(style, element);
      } else if (element.name === 'w:num') lists.push(element);
    }
    const parents = new Map(
      lists.map((num) => [num.attributes['w:numId'] ?? '', valueOf(num, 'w:abstractNumId') ?? '']),
    );
    for (const num of lists) {
      const definition = definitions.get(valueOf(num, 'w:abstractNumId') ?? '');
      const link = valueOf(definition, 'w:numStyleLink');
      const linked =
        link === undefined
          ? undefined
          : (byStyle.get(link) ?? definitions.get(parents.get(styleNumber(link) ?? '') ?? ''));
      const used = linked ?? definition;
      if (used) this.#lists.set(num.attributes['w:numId'] ?? '', listOf(num, used));
    }
  }

  /** The level of a list that a paragraph style takes. */
  levelOf(list: string, style: string | undefined): number | undefined {
    if (style === undefined) return undefined;
    const level = this.#lists.get(list)?.levels.findIndex((entry) => entry?.style === style) ?? -1;
    return level < 0 ? undefined : level;
  }

  /** The next number of a list. Undefined where there is no such list: nothing is printed. */
  next(id: string, level: number): PrintedNumber | undefined {
    const list = this.#lists.get(id);
    const own = list?.levels[level];
    if (!list || !own) return undefined;
    const counters = this.#counters.get(list.counted) ?? Array<number | undefined>(levelCount).fill(undefined);
    this.#counters.set(list.counted, counters);
    if (!this.#used.has(id)) {
      this.#used.add(id);
      for (const [at] of list.starts) counters[at] = undefined;
    }
    const start = (at: number): number => list.starts.get(at) ?? list.levels[at]?.start ?? 1;
    for (let above = 0; above < level; above += 1) counters[above] ??= start(above);
    const before = counters[level];
    const value = before === undefined ? start(level) : before + 1;
    counters[level] = value;
    for (let below = level + 1; below < levelCount; below += 1)
      if ((list.levels[below]?.restart ?? below) > level) counters[below] = undefined;
    if (own.hidden) return undefined;
    return { ...printed(own, list, counters, level), list: id, level, value, format: own.format, font: own.font };
  }
}

function printed(
  own: Level,
  list: List,
  counters: readonly (number | undefined)[],
  level: number,
): Pick<PrintedNumber, 'text' | 'gap' | 'plain' | 'strange'> {
  let strange: string | undefined;
  const text =
    own.format === 'bullet'
      ? own.text
      : own.text.replace(/%([1-9])/g, (_, digit: string) => {
          const at = Number(digit) - 1;
          const entry = list.levels[at];
          const format = own.legal && entry?.format !== 'decimalZero' ? 'decimal' : (entry?.format ?? 'decimal');
          const value = counters[at] ?? entry?.start ?? 1;
          const written = formatNumber(value, format);
          if (written === undefined) strange = format;
          return written ?? String(value);
        });
  return {
    text,
    gap: gapAfter(text, own.suffix),
    plain: own.format === 'decimal' && own.text === `%${level + 1}.`,
    strange,
  };
}

/** A tab behind a Chinese mark shows as nothing, behind a word as a blank. */
function gapAfter(text: string, suffix: Level['suffix']): string {
  if (suffix === 'nothing' || /[、，．。：）】〕]$/.test(text)) return '';
  return /[\u2e80-\u9fff]$/.test(text) ? '\u3000' : ' ';
}

function listOf(num: XmlElement, definition: XmlElement): List {
  const levels: (Level | undefined)[] = [];
  for (const element of elementsOf(definition))
    if (element.name === 'w:lvl') levels[Number(element.attributes['w:ilvl'])] = levelFrom(element);
  const starts = new Map<number, number>();
  for (const element of elementsOf(num)) {
    if (element.name !== 'w:lvlOverride') continue;
    const at = Number(element.attributes['w:ilvl']);
    const level = childOf(element, 'w:lvl');
    if (level) levels[at] = levelFrom(level);
    const start = valueOf(element, 'w:startOverride');
    if (start !== undefined) starts.set(at, Number(start) || 0);
  }
  return { counted: definition.attributes['w:abstractNumId'] ?? '', levels, starts };
}

function levelFrom(level: XmlElement): Level {
  const look = childOf(level, 'w:rPr');
  const restart = valueOf(level, 'w:lvlRestart');
  const suffix = valueOf(level, 'w:suff');
  const fonts = childOf(look, 'w:rFonts')?.attributes;
  return {
    start: Number(valueOf(level, 'w:start') ?? 0) || 0,
    format: formatOf(childOf(level, 'w:numFmt')),
    text: valueOf(level, 'w:lvlText') ?? '',
    legal: switchOf(level, 'w:isLgl') === true,
    suffix: suffix === 'space' || suffix === 'nothing' ? suffix : 'tab',
    restart: restart === undefined ? undefined : Number(restart),
    style: valueOf(level, 'w:pStyle'),
    font: fonts?.['w:ascii'] ?? fonts?.['w:hAnsi'],
    hidden: switchOf(look, 'w:vanish') === true,
  };
}

/** A custom format (`001, 002, …`) is named by its first values. */
function formatOf(element: XmlElement | undefined): string {
  const format = element?.attributes['w:val'] ?? 'decimal';
  if (format !== 'custom') return format;
  return /^0\d,/.test(element?.attributes['w:format'] ?? '') ? 'decimalZero' : 'decimal';
}
