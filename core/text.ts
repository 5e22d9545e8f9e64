/**
 * The one rule for text from outside. Names and words are cleaned: control characters, lone surrogates and noncharacters
 * (U+FFFE, U+FFFF …) show nothing and break XML, CSV and the store, so they go; what breaks a line becomes a blank in a
 * line, and stays a line break in a text; what turns the direction of writing and never turns it back goes too. Ids and filters are refused instead, for another id is another thing.
 */
import { z } from 'zod';

const invisible = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\uFEFF]/gu;
const breaks = /\r\n?|[\n\v\f\u0085\u2028\u2029]/g;

/** What a name or a heading is: one line, without blanks at its ends. */
export function tidyLine(text: string): string {
  return straight(text.replace(breaks, ' ').replace(/\t/g, ' ').replace(invisible, '')).trim();
}

/** Several lines, each ending in `\n`; tabs stay. */
export function tidyText(text: string): string {
  const clean = text.replace(breaks, '\n').replace(invisible, (sign) => (sign === '\n' || sign === '\t' ? sign : ''));
  return clean.search(turns) < 0 ? clean : clean.split('\n').map(straight).join('\n');
}

const turns = /[\u202A-\u202E\u2066-\u2069]/g;

/**
 * Marks that set the direction of writing stay where each is closed in its line. One that is not turns what stands behind
 * it, and one that turns letters against their own direction (U+202D, U+202E) only makes a line read as what it is not.
 */
function straight(line: string): string {
  const marks = line.match(turns);
  if (!marks) return line;
  const open: string[] = [];
  const paired = marks.every((mark) => {
    if (/[\u202A\u202B]/.test(mark)) return open.push('\u202C') > 0;
    return /[\u2066-\u2068]/.test(mark) ? open.push('\u2069') > 0 : open.pop() === mark;
  });
  return paired && open.length === 0 ? line : line.replace(turns, '');
}

/** Whether it holds what nobody can see or type. */
export function hasInvisible(text: string): boolean {
  return text.search(invisible) >= 0;
}

/** A line of 1 to `max` characters once cleaned. */
export function line(max: number): z.ZodString {
  return z.string().overwrite(tidyLine).min(1).max(max);
}

/** A line that may be empty, once cleaned; a number for its length. */
export function lineOrNone(max: number): z.ZodString {
  return z.string().overwrite(tidyLine).max(max);
}

/** For a schema that knows nothing of this rule: each text in the value is cleaned before the schema sees it. */
export function cleaned<T extends z.ZodType>(schema: T): z.ZodPreprocess<T> {
  return z.preprocess(cleanedWithin, schema);
}

function cleanedWithin(value: unknown): unknown {
  if (typeof value === 'string') return tidyLine(value);
  if (Array.isArray(value)) return value.map(cleanedWithin);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, cleanedWithin(part)]));
}
