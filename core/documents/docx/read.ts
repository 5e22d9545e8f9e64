/** Reads a Word document: from bytes to HTML and an account of what is not in it. Plain data on both sides, nothing outside is asked. */
import type { Said } from '../../../channels/channel.js';
import { readBlocks } from './blocks.js';
import { looseMarks } from './fields.js';
import { blocksHtml } from './html.js';
import { Losses } from './losses.js';
import type { Block, Lost } from './model.js';
import { Notes } from './notes.js';
import { Numbering } from './numbering.js';
import { findOfficial } from './official.js';
import { Package, type Relations } from './package.js';
import { Pictures } from './pictures.js';
import { countTracked, isTracked, settle, type RevisionChoice, type Tracked } from './revisions.js';
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

/** @throws TrackedChanges, DocumentTooLarge, Error where it is no whole Word document */
export async function readDocx(bytes: Buffer, { revisions }: DocxChoices): Promise<DocxReading> {
  const file = await Package.open(bytes);
  const parts = await partsOf(file);
  const tracked = countTracked(
    [parts.document, parts.footnotes.root, parts.endnotes.root].filter(isThere),
    parts.comments,
  );
  if (isTracked(tracked) && !revisions) throw new TrackedChanges(tracked);
  const settled = (root: XmlElement): XmlElement => (revisions ? settle(root, revisions) : root);
  const document = settled(parts.document);
  const losses = new Losses();
  const styles = new Styles(parts.styles);
  const pictures = new Pictures();
  const notes = new Notes({ footnote: parts.footnotes, endnote: parts.endnotes }, document, parts.settings);
  const numbering = new Numbering(parts.numbering, (style) => styles.numberOf(style));
  const source: Source = { styles, numbering, losses, pictures, notes };
  const blocks: Block[] = [];
  // One is the rule; a document joined by a program may hold several, and all are printed.
  for (const part of elementsOf(document))
    if (part.name === 'w:body')
      for (const block of storyBlocks(source, part, parts.relations, groundOfPage(document))) blocks.push(block);
    else if (part.name !== 'w:background') losses.tell('wordUnknown', part.name);
  const official = findOfficial(blocks);
  const noteBlocks = readNotes(source, settled);
  tellAround(losses, parts, notes);
  return {
    html: blocksHtml(official.blocks) + noteBlocks,
    title: official.title,
    number: official.number,
    issuer: official.issuer,
    pictures: await picturesOf(file, pictures),
    lost: [...official.lost, ...losses.list],
  };
}

const isThere = <T>(value: T | undefined): value is T => value !== undefined;

function storyBlocks(source: Source, root: XmlElement, relations: Relations, ground: string | undefined): Block[] {
  const story = new Story(source, relations, looseMarks(root), readBlocks);
  story.ground = ground;
  const blocks: Block[] = [];
  readBlocks(story, root, blocks);
  return blocks;
}

function groundOfPage(document: XmlElement): string | undefined {
  return childOf(document, 'w:background') ? 'unknown' : undefined;
}

/** Notes in the order of their marks, after a line at the end. A note may hold a reference in turn. */
function readNotes({ notes, ...rest }: Source, settled: (root: XmlElement) => XmlElement): string {
  let html = '';
  const source = { notes, ...rest };
  for (let at = 0; at < notes.referred.length; at += 1) {
    const note = notes.referred[at];
    if (!note) break;
    const blocks = storyBlocks(source, settled(note.element), note.relations, undefined);
    const [first] = blocks;
    const mark = { kind: 'text', text: `[${note.mark}] `, marks: {} } as const;
    if (first?.kind === 'paragraph') {
      const [start, ...words] = first.inlines;
      const opening = start?.kind === 'text' ? [{ ...start, text: start.text.trimStart() }] : start ? [start] : [];
      first.inlines = [mark, ...opening, ...words];
    } else
      blocks.unshift({
        kind: 'paragraph',
        style: '',
        heading: undefined,
        align: 'left',
        number: undefined,
        inlines: [mark],
        size: 0,
        red: false,
        bold: false,
      });
    html += blocksHtml(blocks);
  }
  return html && `<hr>${html}`;
}

interface Parts {
  document: XmlElement;
  relations: Relations;
  styles: XmlElement | undefined;
  numbering: XmlElement | undefined;
  settings: XmlElement | undefined;
  comments: XmlElement | undefined;
  footnotes: { root: XmlElement | undefined; relations: Relations };
  endnotes: { root: XmlElement | undefined; relations: Relations };
  /** Headers and footers. */
  margins: XmlElement[];
  properties: string[];
  hasMacros: boolean;
}

async function partsOf(file: Package): Promise<Parts> {
  const document = await file.xml(file.main);
  if (!document || document.name !== 'w:document') throw new Error('no Word document inside');
  const relations = await file.relations(file.main);
  const all = [...relations.values()].filter(({ outside }) => !outside);
  const one = async (type: string): Promise<{ root: XmlElement | undefined; relations: Relations }> => {
    const part = all.find((relation) => relation.type === type)?.target;
    if (part === undefined) return { root: undefined, relations: new Map() };
    return { root: await file.xml(part), relations: await file.relations(part) };
  };
  const margins: XmlElement[] = [];
  const shown = new Set(
    Array.from(
      descendants(document, new Set(['w:headerReference', 'w:footerReference'])),
      ({ attributes }) => attributes['r:id'] ?? '',
    ),
  );
  for (const id of shown) {
    const relation = relations.get(id);
    const root = relation && !relation.outside ? await file.xml(relation.target) : undefined;
    if (root) margins.push(root);
  }
  return {
    document,
    relations,
    styles: (await one('styles')).root,
    numbering: (await one('numbering')).root,
    settings: (await one('settings')).root,
    comments: (await one('comments')).root,
    footnotes: await one('footnotes'),
    endnotes: await one('endnotes'),
    margins,
    properties: await propertiesOf(file),
    hasMacros: all.some(({ type }) => type === 'vbaProject'),
  };
}

/** Names of the properties of the file that say something. */
async function propertiesOf(file: Package): Promise<string[]> {
  const named: Readonly<Record<string, string>> = {
    creator: '作者 author',
    lastModifiedBy: '修改者 last modified by',
    subject: '主题 subject',
    keywords: '关键词 keywords',
    description: '备注 comments',
    category: '类别 category',
    Company: '单位 company',
    Manager: '经理 manager',
  };
  const found = new Set<string>();
  for (const part of ['docProps/core.xml', 'docProps/app.xml', 'docProps/custom.xml'])
    for (const element of elementsOf(await file.xml(part))) {
      const name = part.endsWith('custom.xml')
        ? element.attributes['name']
        : named[element.name.split(':').at(-1) ?? ''];
      if (name !== undefined && textOf(element).trim() !== '') found.add(name);
    }
  return [...found];
}

/** Around the text: headers, footers, watermarks, properties, macros. */
function tellAround(losses: Losses, { margins, properties, hasMacros }: Parts, notes: Notes): void {
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
  }
  if (properties.length > 0) losses.tellOutside('wordMetadata', properties.join('、').slice(0, 110));
  if (hasMacros) losses.tellOutside('wordMacros');
  if (notes.restarts && notes.referred.length > 1) losses.tellOutside('wordNoteNumbers');
}

function paragraphWords(paragraph: XmlElement): string {
  return Array.from(descendants(paragraph, new Set(['w:t'])), textOf).join('');
}

async function picturesOf(file: Package, pictures: Pictures): Promise<DocxPicture[]> {
  const read: DocxPicture[] = [];
  for (const [at, part] of pictures.parts.entries()) {
    const label = pictures.labels[at] ?? '';
    const bytes = await file.read(part);
    // One that is named and isn't there is told where the others are placed, as one that cannot be used.
    read.push({ name: part.split('/').at(-1) ?? '', label, bytes: bytes ?? new Uint8Array() });
  }
  return read;
}
