/** Paragraphs, tables and what holds them (ECMA-376 part 1, 17.2 to 17.4). */
import { inControl, meansNothing, readInlines } from './inline.js';
import { lookOf } from './look.js';
import { isBlank, plainParagraph, wordsOf, type Block, type Inline, type Paragraph } from './model.js';
import type { PrintedNumber } from './numbering.js';
import type { Story } from './story.js';
import { tellUnknown } from './properties.js';
import { paragraphLook, type ParagraphLook, type Style } from './styles.js';
import { readTable } from './table.js';
import { childOf, elementsOf, valueOf, type XmlElement } from './xml.js';

type Home = (story: Story, element: XmlElement, into: Block[]) => void;

export const blockHomes: Readonly<Record<string, Home>> = {
  'w:p': readParagraph,
  'w:tbl': (story, element, into) => {
    readTable(story, element, into);
  },
  'w:sdt': (story, element, into) => {
    inControl(story, element, (content) => {
      readBlocks(story, content, into);
    });
  },
  'w:customXml': readBlocks,
  'w:altChunk': (story, element, into) => {
    story.source.readInserted(story, element, into);
  },
  // How the page is laid out.
  'w:sectPr': tellUnknown,
  'm:oMathPara': loose,
  'm:oMath': loose,
};

export function readBlocks(story: Story, parent: XmlElement, into: Block[]): void {
  for (const child of elementsOf(parent)) {
    const home = blockHomes[child.name];
    if (home) home(story, child, into);
    else if (!meansNothing.test(child.name) && !/^w:(?:footnote|endnote)Pr$/.test(child.name))
      story.losses.tell('wordUnknown', child.name);
  }
  const { initial } = story;
  if (initial.length === 0) return;
  // A first letter that no paragraph follows.
  story.initial = [];
  into.push(plainParagraph(initial));
}

/** A formula that no paragraph is around. */
function loose(story: Story, element: XmlElement, into: Block[]): void {
  readParagraph(story, { name: 'w:p', attributes: {}, children: [element] }, into);
}

function readParagraph(story: Story, element: XmlElement, into: Block[]): void {
  const properties = childOf(element, 'w:pPr');
  tellUnknown(story, properties);
  const { styles } = story.source;
  const style = styles.get(valueOf(properties, 'w:pStyle')) ?? styles.get(styles.defaultParagraph);
  const look: ParagraphLook = { ...style?.paragraph, ...paragraphLook(properties) };
  const name = style?.name.toLowerCase() ?? '';
  story.losses.nextLine();
  const outer = { ground: story.ground, left: story.fields.inLeft };
  story.ground = look.ground ?? story.ground;
  story.paragraphStyle = style;
  story.leaders = leadersOf(properties);
  story.passedHidden = false;
  story.faces = undefined;
  story.inlines = [];
  // A page of contents is one also where its field is gone.
  const isContents = !outer.left && /^toc (?:\d|heading)/.test(name);
  if (isContents) inContents(story, element, into);
  else readInlines(story, element);
  story.ground = outer.ground;
  const { inlines, boxes } = story;
  [story.inlines, story.boxes] = [[], []];
  if ((outer.left || story.fields.inLeft) && isBlank(inlines)) dropHeading(into);
  else if (!isContents) addParagraph(story, { properties, style, look, name, inlines }, into);
  for (const block of boxes) into.push(block);
}

function inContents(story: Story, element: XmlElement, into: Block[]): void {
  story.fields.begin(undefined, 'TOC');
  if (story.fields.separate()) story.losses.tell('wordContents');
  readInlines(story, element);
  story.fields.end();
  dropHeading(into);
}

/** 目　录, above a page of contents that is left out. */
function dropHeading(into: Block[]): void {
  const last = into.at(-1);
  if (
    last?.kind === 'paragraph' &&
    /^(?:目录|目次|contents|tableofcontents)$/i.test(wordsOf(last.inlines).replace(/\s/g, ''))
  )
    into.pop();
}

interface Parts {
  properties: XmlElement | undefined;
  style: Style | undefined;
  look: ParagraphLook;
  name: string;
  inlines: Inline[];
}

function addParagraph(story: Story, { properties, style, look, name, inlines }: Parts, into: Block[]): void {
  const mark = lookOf(childOf(properties, 'w:rPr'));
  const blank = isBlank(inlines);
  // Hidden with its mark, it isn't printed at all, and no number is counted for it.
  if (blank && story.passedHidden && story.source.styles.look(mark, style, undefined).hidden) return;
  if (isInitial(properties) && !blank) {
    story.initial = [...story.initial, ...inlines];
    return;
  }
  const number = numberOf(story, look, style);
  const whole = story.initial.length > 0 ? [...story.initial, ...inlines] : inlines;
  story.initial = [];
  if (isBlank(whole) && number === undefined) return;
  into.push({
    kind: 'paragraph',
    style: name,
    heading: story.inCell ? undefined : look.outline,
    align: alignOf(look.align),
    number,
    inlines: whole,
    ...facesOf(story, style, whole),
  });
}

function isInitial(properties: XmlElement | undefined): boolean {
  const drop = childOf(properties, 'w:framePr')?.attributes['w:dropCap'];
  return drop !== undefined && drop !== 'none';
}

/** How the words as a whole look, by which a letterhead and a title are known. */
function facesOf(
  { faces, source }: Story,
  style: Style | undefined,
  inlines: readonly Inline[],
): Pick<Paragraph, 'size' | 'red' | 'bold'> {
  const words = inlines.filter((inline) => inline.kind === 'text' && inline.text.trim() !== '');
  return {
    size: faces?.size ?? style?.look.size ?? source.styles.defaultSize,
    red: faces?.red ?? false,
    bold: words.length > 0 && words.every((inline) => inline.kind === 'text' && inline.marks.bold === true),
  };
}

function alignOf(align: string | undefined): Paragraph['align'] {
  if (align === 'center') return 'center';
  return align === 'right' || align === 'end' ? 'right' : 'left';
}

function leadersOf(properties: XmlElement | undefined): string[] {
  const stops = [...elementsOf(childOf(properties, 'w:tabs'))];
  return stops
    .filter(({ attributes }) => attributes['w:val'] !== 'clear')
    .map(({ attributes }) => attributes['w:leader'] ?? 'none');
}

function numberOf(story: Story, look: ParagraphLook, style: Style | undefined): PrintedNumber | undefined {
  const { numbering, losses } = story.source;
  if (look.list === undefined || look.list === '0') return undefined;
  const level = look.level ?? numbering.levelOf(look.list, style?.id) ?? 0;
  const number = numbering.next(look.list, level);
  if (number?.strange !== undefined) losses.tell('wordNumber', number.strange);
  return number;
}
