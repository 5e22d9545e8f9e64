/** Runs: stretches of one look, and all that may stand in one (ECMA-376 part 1, 17.3.3). */
import { readDrawing, readObject, readPict } from './drawing.js';
import { isUnseen, lookOf, type Look } from './look.js';
import type { Marks } from './model.js';
import type { Story } from './story.js';
import { drawsSigns, signOf } from './symbols.js';
import { childOf, descendants, textOf, type XmlElement } from './xml.js';

interface Run {
  look: Look;
  marks: Marks;
  /** Nobody sees it on the page. */
  hidden: boolean;
  /** A note's own mark, which stands in this run. */
  noteMark: string | undefined;
}

type Home = (story: Story, element: XmlElement, run: Run) => void;

const leaderSigns: Readonly<Record<string, string>> = {
  underscore: '____',
  heavy: '____',
  hyphen: '----',
  dot: '……',
  middleDot: '……',
};

const nothing: Home = () => undefined;
const breakLine: Home = (story) => {
  story.put({ kind: 'break' });
};
const tab: Home = (story) => {
  story.put({ kind: 'tab', leader: leaderSigns[story.leaders.shift() ?? ''] ?? '' }, ' ');
};
/** A date or page number that Word works out as it prints. */
const printedLate: Home = (story, { name }) => {
  story.losses.tell('wordField', name);
};

/** What may stand in a run, and what becomes of it. */
export const runHomes: Readonly<Record<string, Home>> = {
  'w:rPr': nothing,
  'w:t': (story, element, run) => {
    if (run.noteMark === undefined) addText(story, wordsIn(element), run);
  },
  'w:tab': tab,
  'w:ptab': tab,
  'w:br': (story, element, run) => {
    // A new page or column is no part of a text that has none.
    if (!/^(?:page|column)$/.test(element.attributes['w:type'] ?? '')) breakLine(story, element, run);
  },
  'w:cr': breakLine,
  'w:noBreakHyphen': (story, _, { marks }) => {
    story.text('-', marks);
  },
  // Shows only where a line happens to end.
  'w:softHyphen': nothing,
  'w:sym': (story, element, { marks }) => {
    const font = element.attributes['w:font'] ?? '';
    const code = element.attributes['w:char'] ?? '';
    const sign = signOf(font, Number.parseInt(code, 16) || 0);
    if (sign === undefined) story.losses.tell('wordSymbol', `${font} ${code}`);
    else story.text(sign, marks);
  },
  'w:instrText': (story, element) => {
    story.fields.code(textOf(element));
  },
  'w:fldChar': (story, element, { marks }) => {
    if (!story.looseMarks.has(element)) fieldMark(story, element, marks);
    else if (element.attributes['w:fldCharType'] === 'begin') story.losses.tell('wordField', 'w:fldChar');
  },
  'w:ruby': (story, element, { marks }) => {
    const [base, over] = [lettersOf(childOf(element, 'w:rubyBase')), lettersOf(childOf(element, 'w:rt'))];
    if (over === '') story.text(base, marks);
    else story.put({ kind: 'ruby', base, over, marks }, base);
  },
  'w:footnoteReference': (story, element, run) => {
    refer(story, 'footnote', element, run);
  },
  'w:endnoteReference': (story, element, run) => {
    refer(story, 'endnote', element, run);
  },
  'w:commentReference': (story) => {
    if (!story.muted) story.losses.tell('wordComment');
  },
  // Deleted, and outside of any change that somebody could still undo.
  'w:delText': (story) => {
    story.losses.tell('wordHidden');
  },
  'w:delInstrText': nothing,
  'w:drawing': readDrawing,
  'w:pict': readPict,
  'w:object': readObject,
  'w:contentPart': (story) => {
    story.losses.tell('wordInk');
  },
  'w:dayShort': printedLate,
  'w:dayLong': printedLate,
  'w:monthShort': printedLate,
  'w:monthLong': printedLate,
  'w:yearShort': printedLate,
  'w:yearLong': printedLate,
  'w:pgNum': printedLate,
  // A note's own number, and the line above notes: we write them.
  'w:footnoteRef': nothing,
  'w:endnoteRef': nothing,
  'w:separator': nothing,
  'w:continuationSeparator': nothing,
  'w:lastRenderedPageBreak': nothing,
};

/** They are obeyed even where the run is hidden: a field's code often is. */
const structural = new Set(['w:rPr', 'w:instrText', 'w:fldChar', 'w:commentReference', 'w:lastRenderedPageBreak']);

export function readRun(story: Story, element: XmlElement): void {
  const properties = childOf(element, 'w:rPr');
  const direct = lookOf(properties, (name) => {
    story.losses.tell('wordProperty', name);
  });
  const look = story.source.styles.look(direct, story.paragraphStyle, story.tableStyle);
  const ground = story.ground === 'unknown' ? undefined : (story.ground ?? 'FFFFFF');
  const hidden =
    look.hidden === true ||
    look.webHidden === true ||
    (ground === undefined ? isUnseen({ ...look, color: undefined }, undefined) : isUnseen(look, ground));
  const script = look.script ?? raised(look, story);
  const run: Run = { look, marks: marksOf({ ...look, script }), hidden, noteMark: ownMark(element) };
  if (
    !hidden &&
    !story.muted &&
    element.children.some((child) => typeof child !== 'string' && child.name === 'w:t' && shows(child))
  ) {
    const { size = story.source.styles.defaultSize, color } = look;
    story.faces = { size: Math.max(story.faces?.size ?? 0, size), red: (story.faces?.red ?? true) && isRed(color) };
    tellLook(story, { ...direct, script: script === look.script ? undefined : script });
  }
  let passed = false;
  for (const child of element.children) {
    if (typeof child === 'string') continue;
    const home = runHomes[child.name];
    if (hidden && !structural.has(child.name)) passed ||= shows(child);
    else if (home) home(story, child, run);
    else story.losses.tell('wordUnknown', child.name);
  }
  if (!passed) return;
  story.passedHidden = true;
  // A field whose result is hidden has one all the same.
  story.fields.heard(' ');
  if (!story.muted) story.losses.tell('wordHidden');
}

function shows(element: XmlElement): boolean {
  return element.name === 'w:t' ? textOf(element).trim() !== '' : !/^w:(?:tab|br|cr|softHyphen)$/.test(element.name);
}

function marksOf({ bold, italic, underline, strike, script, emphasis }: Look): Marks {
  return {
    ...(bold && { bold }),
    ...((italic || emphasis) && { italic: true }),
    ...(underline && { underline }),
    ...(strike && { strike }),
    ...(script && { script }),
  };
}

/** Letters set off the line by hand: a little where they are small, else by three points or more. */
function raised({ position = 0, size }: Look, story: Story): 'sup' | 'sub' | undefined {
  const usual = story.paragraphStyle?.look.size ?? story.source.styles.defaultSize;
  const small = size !== undefined && size <= usual * 0.8;
  if (Math.abs(position) < (small ? 2 : 6)) return undefined;
  return position > 0 ? 'sup' : 'sub';
}

function isRed(color: string | undefined): boolean {
  return color !== undefined && /^[c-f].[0-5].[0-5].$/i.test(color);
}

/** What of a run's own look is lost or taken for something else. */
function tellLook(story: Story, direct: Look): void {
  const { emphasis, combined, color, highlight, script, size = 0 } = direct;
  if (!emphasis && !combined && !script && color === undefined && highlight === undefined) return;
  if (emphasis) story.losses.tell('wordEmphasis');
  if (combined) story.losses.tell('wordCombined');
  if (script) story.losses.tell('wordRaised');
  // Large letters in colour are the letterhead's, which is told by itself.
  const colored = color !== undefined && !/^[0-3].[0-3].[0-3].$/.test(color) && size < 44;
  if (colored || highlight !== undefined) story.losses.tell('wordLook');
}

function wordsIn(element: XmlElement): string {
  const text = textOf(element);
  return element.attributes['xml:space'] === 'preserve' ? text : text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
}

function addText(story: Story, text: string, { look, marks }: Run): void {
  const words = look.caps ? text.toUpperCase() : text;
  const font = look.ascii ?? look.other;
  if (!drawsSigns(font) && !drawsSigns(look.other) && !/[\ue000-\uf8ff]/.test(words)) {
    // Blanks that are underlined are a line to write on; HTML would fold them into one.
    story.text(look.underline && /^ +$/.test(words) ? words.replace(/ /g, '\u00a0') : words, marks);
    return;
  }
  for (const letter of words) {
    const code = letter.codePointAt(0) ?? 0;
    const drawn = code < 0x80 ? font : (look.other ?? font);
    const sign = code < 0x100 || (code >= 0xe000 && code <= 0xf8ff) ? signOf(drawn, code) : letter;
    if (sign === undefined) story.losses.tell('wordSymbol', `${drawn ?? ''} ${code.toString(16).toUpperCase()}`);
    else story.text(sign, marks);
  }
}

function fieldMark(story: Story, element: XmlElement, marks: Marks): void {
  const type = element.attributes['w:fldCharType'];
  if (type === 'begin') story.fields.begin(element);
  else if (type === 'separate') {
    if (story.fields.separate()) story.losses.tell('wordContents');
  } else story.ended(story.fields.end(), marks);
}

function lettersOf(element: XmlElement | undefined): string {
  return element ? Array.from(descendants(element, new Set(['w:t'])), textOf).join('') : '';
}

function ownMark(run: XmlElement): string | undefined {
  const custom = run.children.some(
    (child) =>
      typeof child !== 'string' &&
      /^w:(?:foot|end)noteReference$/.test(child.name) &&
      /^(?:1|true|on)$/.test(child.attributes['w:customMarkFollows'] ?? ''),
  );
  return custom ? lettersOf(run) : undefined;
}

function refer(story: Story, kind: 'footnote' | 'endnote', element: XmlElement, { noteMark }: Run): void {
  if (story.muted) return;
  const mark = story.source.notes.refer(kind, element.attributes['w:id'] ?? '', noteMark);
  if (mark === undefined) story.losses.tell('wordUnknown', element.name);
  else story.put({ kind: 'note', mark });
}
