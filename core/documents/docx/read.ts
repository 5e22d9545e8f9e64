/** Reads a Word document: from bytes to HTML and an account of what is not in it. Plain data on both sides, nothing outside is asked. */
import type { Said } from '../../../channels/channel.js';
import { canonical } from '../../body/canonical.js';
import { DroppedList } from '../../body/dropped.js';
import { tidyText } from '../../text.js';
import { Tally } from '../too-large.js';
import { readBlocks } from './blocks.js';
import { looseMarks } from './fields.js';
import { blocksHtml } from './html.js';
import { Losses } from './losses.js';
import { plainParagraph, type Block, type Lost } from './model.js';
import { Marked, Notes } from './notes.js';
import { Numbering } from './numbering.js';
import { findOfficial } from './official.js';
import { openWord, type Inserted, type Opened } from './opened.js';
import type { Relations } from './package.js';
import { Pictures, type Shown } from './pictures.js';
import { countTracked, isTracked, settle, together, type RevisionChoice, type Tracked } from './revisions.js';
import { Story, type Source } from './story.js';
import { Styles } from './styles.js';
import { childOf, descendants, elementsOf, textOf, type XmlElement } from './xml.js';

export interface DocxChoices {
  /** What to do with tracked changes and comments; without it, a document that holds some is not read. */
  revisions?: RevisionChoice | undefined;
}

export interface DocxPicture {
  /** The file inside the document. */
  name: string;
  /** What to call it in a sentence. */
  label: string;
  bytes: Uint8Array;
}

export interface DocxReading {
  /** Pictures stand in it as `<img src="word:0">`, by their place in `pictures`. */
  html: string;
  title: string | undefined;
  number: string | undefined;
  issuer: string | undefined;
  pictures: DocxPicture[];
  lost: Lost[];
}

/** The document holds tracked changes or comments, and nobody has chosen. */
export class TrackedChanges extends Error {
  readonly found: Said;

  constructor({ insertions, deletions, moves, formats, comments, authors }: Tracked) {
    super('tracked changes');
    const zh = [
      [insertions, '处插入'],
      [deletions, '处删除'],
      [moves, '处移动'],
      [formats, '处格式修改'],
      [comments, '条批注'],
    ] as const;
    const en = [
      [insertions, 'insertion(s)'],
      [deletions, 'deletion(s)'],
      [moves, 'move(s)'],
      [formats, 'change(s) of formatting'],
      [comments, 'comment(s)'],
    ] as const;
    const shown = authors.slice(0, 8);
    const by = {
      zh: shown.length ? `，作者：${shown.join('、')}` : '',
      en: shown.length ? `, by ${shown.join(', ')}` : '',
    };
    this.found = { zh: some(zh, '、', '') + by.zh, en: some(en, ', ', ' ') + by.en };
  }
}

function some(counts: readonly (readonly [number, string])[], comma: string, blank: string): string {
  return counts
    .filter(([n]) => n > 0)
    .map(([n, what]) => `${n}${blank || ' '}${what}`)
    .join(comma);
}

/** @throws TrackedChanges, DocumentTooLarge, Error where it is no whole Word document, and what cleaning inserted HTML throws */
export async function readDocx(bytes: Buffer, { revisions }: DocxChoices): Promise<DocxReading> {
  const opened = await openWord(bytes, new Tally());
  const tracked = together(withInserted(opened).map(trackedIn));
  if (isTracked(tracked) && !revisions) throw new TrackedChanges(tracked);
  const reading: Reading = {
    settled: (root) => (revisions ? settle(root, revisions) : root),
    losses: new Losses(),
    shown: [],
    marked: new Marked(opened.document, opened.settings),
    sources: new Map(),
  };
  const official = findOfficial(readWord(reading, opened, false));
  const noteBlocks = readNotes(reading);
  for (const one of withInserted(opened)) tellAround(reading.losses, one);
  if (reading.marked.restarts && reading.marked.referred.length > 1) reading.losses.tellOutside('wordNoteNumbers');
  return {
    html: blocksHtml(official.blocks) + noteBlocks,
    title: official.title,
    number: official.number,
    issuer: official.issuer,
    pictures: await Promise.all(reading.shown.map(pictureOf)),
    lost: [...official.lost, ...reading.losses.list],
  };
}

/** What a document and all that are inserted in it are read into. */
interface Reading {
  settled: (root: XmlElement) => XmlElement;
  losses: Losses;
  shown: Shown[];
  marked: Marked;
  sources: Map<Notes, Source>;
}

function withInserted(opened: Opened): Opened[] {
  const inner = [...opened.inserted.values()].flatMap((one) => (one.kind === 'word' ? withInserted(one.opened) : []));
  return [opened, ...inner];
}

function trackedIn({ document, footnotes, endnotes, comments }: Opened): Tracked {
  return countTracked([document, footnotes.root, endnotes.root].filter(isThere), comments);
}

const isThere = <T>(value: T | undefined): value is T => value !== undefined;

function readWord(reading: Reading, opened: Opened, inCell: boolean): Block[] {
  const { losses, marked } = reading;
  const styles = new Styles(opened.styles);
  const source: Source = {
    styles,
    numbering: new Numbering(opened.numbering, (style) => styles.numberOf(style)),
    losses,
    pictures: new Pictures(opened.file, reading.shown),
    notes: new Notes({ footnote: opened.footnotes, endnote: opened.endnotes }, marked),
    readInserted: (story, element, into) => {
      readInserted(reading, story, opened.inserted.get(element), into);
    },
  };
  reading.sources.set(source.notes, source);
  const document = reading.settled(opened.document);
  const blocks: Block[] = [];
  // One is the rule; a document joined by a program may hold several, and all are printed.
  for (const part of elementsOf(document))
    if (part.name === 'w:body')
      for (const block of storyBlocks(source, part, opened.relations, { ground: groundOfPage(document), inCell }))
        blocks.push(block);
    else if (part.name !== 'w:background') losses.tell('wordUnknown', part.name);
  return blocks;
}

/** A file that stands whole in the text: read in its place by the reader of its own kind. */
function readInserted(reading: Reading, story: Story, inserted: Inserted | undefined, into: Block[]): void {
  const { losses } = reading;
  if (!inserted || inserted.kind === 'unread' || story.muted) {
    losses.tell('wordAltChunk', inserted?.name);
    return;
  }
  losses.nextLine();
  if (inserted.kind === 'word') {
    for (const block of readWord(reading, inserted.opened, story.inCell)) into.push(block);
    return;
  }
  const { content, encoding, name } = inserted;
  if (encoding !== 'UTF-8') losses.tell('wordAltChunkEncoding', `${name}：${encoding}`);
  if (inserted.kind === 'text') {
    for (const line of tidyText(content).split('\n')) {
      if (line.trim() === '') continue;
      losses.nextLine();
      losses.heard(line);
      into.push(plainParagraph([{ kind: 'text', text: line.trim(), marks: {} }]));
    }
    return;
  }
  // Cleaned by itself: a mark that is never closed in it must not reach what stands behind it.
  const dropped = new DroppedList();
  const { html, words } = canonical(content, new Set(), dropped);
  losses.take(dropped.entries(), words);
  if (html !== '') into.push({ kind: 'html', html });
}

interface Place {
  ground: string | undefined;
  inCell: boolean;
}

function storyBlocks(source: Source, root: XmlElement, relations: Relations, { ground, inCell }: Place): Block[] {
  const story = new Story(source, relations, looseMarks(root), readBlocks);
  story.ground = ground;
  story.inCell = inCell;
  const blocks: Block[] = [];
  readBlocks(story, root, blocks);
  return blocks;
}

function groundOfPage(document: XmlElement): string | undefined {
  return childOf(document, 'w:background') ? 'unknown' : undefined;
}

/** Notes in the order of their marks, after a line at the end. A note may hold a reference in turn. */
function readNotes({ marked: { referred }, sources, settled }: Reading): string {
  let html = '';
  for (let at = 0; at < referred.length; at += 1) {
    const note = referred[at];
    const source = note && sources.get(note.notes);
    if (!source) break;
    const place = { ground: undefined, inCell: false };
    const blocks = storyBlocks(source, settled(note.element), note.relations, place);
    const [first] = blocks;
    const mark = { kind: 'text', text: `[${note.mark}] `, marks: {} } as const;
    if (first?.kind === 'paragraph') {
      const [start, ...words] = first.inlines;
      const opening = start?.kind === 'text' ? [{ ...start, text: start.text.trimStart() }] : start ? [start] : [];
      first.inlines = [mark, ...opening, ...words];
    } else blocks.unshift(plainParagraph([mark]));
    html += blocksHtml(blocks);
  }
  return html && `<hr>${html}`;
}

/** Around the text: headers, footers, watermarks, properties, macros. */
function tellAround(losses: Losses, { margins, properties, hasMacros }: Opened): void {
  for (const margin of margins) {
    for (const { attributes } of descendants(margin, new Set(['v:textpath'])))
      if (attributes['string']) losses.tellOutside('wordWatermark', attributes['string']);
    const words = Array.from(descendants(margin, new Set(['w:p'])), paragraphWords)
      .join(' ')
      .replace(/\s+/g, ' ')
      .trim();
    // Page numbers, in whichever dress, are no words.
    if (words.replace(/page|of|[^\p{L}]|[第共页頁]/giu, '') !== '')
      losses.tellOutside('wordHeader', words.slice(0, 60));
    for (const { name } of descendants(margin, new Set(['w:altChunk']))) losses.tellOutside('wordHeader', name);
  }
  if (properties.length > 0) losses.tellOutside('wordMetadata', properties.join('、').slice(0, 110));
  if (hasMacros) losses.tellOutside('wordMacros');
}

function paragraphWords(paragraph: XmlElement): string {
  return Array.from(descendants(paragraph, new Set(['w:t'])), textOf).join('');
}

async function pictureOf({ file, part, label }: Shown): Promise<DocxPicture> {
  // One that is named and isn't there is told where the others are placed, as one that cannot be used.
  return { name: part.split('/').at(-1) ?? '', label, bytes: (await file.read(part)) ?? new Uint8Array() };
}
