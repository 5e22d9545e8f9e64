/** A Word document opened: its parts as trees, and every file that is inserted in it, opened as well. Nothing is read yet. */
import { DocumentTooLarge, type Tally } from '../too-large.js';
import { insertedText, kindOf, type InsertedText } from './inserted.js';
import { Package, type Relation, type Relations } from './package.js';
import { descendants, elementsOf, textOf, type XmlElement } from './xml.js';

export interface Opened {
  file: Package;
  document: XmlElement;
  relations: Relations;
  styles: XmlElement | undefined;
  numbering: XmlElement | undefined;
  settings: XmlElement | undefined;
  comments: XmlElement | undefined;
  footnotes: Root;
  endnotes: Root;
  /** Headers and footers. */
  margins: XmlElement[];
  properties: string[];
  hasMacros: boolean;
  /** By the element in whose place each stands. */
  inserted: ReadonlyMap<XmlElement, Inserted>;
}

export interface Root {
  root: XmlElement | undefined;
  relations: Relations;
}

export type Inserted = { name: string } & (
  | { kind: 'word'; opened: Opened }
  | InsertedText
  /** Outside of the document, not there, damaged, or of a kind that is not read here. */
  | { kind: 'unread' }
);

/** Files inserted in one another: an office joins documents once, perhaps twice. */
const deepest = 4;

/** @throws DocumentTooLarge, Error where it is no whole Word document */
export async function openWord(bytes: Buffer, tally: Tally, level = 0): Promise<Opened> {
  if (level > deepest) throw new DocumentTooLarge('within', deepest);
  const file = await Package.open(bytes, tally);
  const document = await file.xml(file.main);
  if (!document || document.name !== 'w:document') throw new Error('no Word document inside');
  const relations = await file.relations(file.main);
  const all = [...relations.values()].filter(({ outside }) => !outside);
  const one = async (type: string): Promise<Root> => {
    const part = all.find((relation) => relation.type === type)?.target;
    if (part === undefined) return { root: undefined, relations: new Map() };
    return { root: await file.xml(part), relations: await file.relations(part) };
  };
  const [footnotes, endnotes] = [await one('footnotes'), await one('endnotes')];
  return {
    file,
    document,
    relations,
    styles: (await one('styles')).root,
    numbering: (await one('numbering')).root,
    settings: (await one('settings')).root,
    comments: (await one('comments')).root,
    footnotes,
    endnotes,
    margins: await marginsOf(file, document, relations),
    properties: await propertiesOf(file),
    hasMacros: all.some(({ type }) => type === 'vbaProject'),
    inserted: await insertedIn(file, [{ root: document, relations }, footnotes, endnotes], tally, level),
  };
}

async function marginsOf(file: Package, document: XmlElement, relations: Relations): Promise<XmlElement[]> {
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
  return margins;
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

async function insertedIn(
  file: Package,
  roots: readonly Root[],
  tally: Tally,
  level: number,
): Promise<Map<XmlElement, Inserted>> {
  const found = new Map<XmlElement, Inserted>();
  for (const { root, relations } of roots)
    for (const element of root ? descendants(root, new Set(['w:altChunk'])) : []) {
      // Each place where it stands is counted: one file that is named a thousand times is a thousand files to read.
      tally.add('inserted');
      const relation = relations.get(element.attributes['r:id'] ?? '');
      const name = relation?.target.split(/[/\\]/).at(-1) ?? '';
      found.set(element, { name, ...(await openInserted(file, relation, tally, level)) });
    }
  return found;
}

type Content = { kind: 'word'; opened: Opened } | InsertedText | { kind: 'unread' };

async function openInserted(
  file: Package,
  relation: Relation | undefined,
  tally: Tally,
  level: number,
): Promise<Content> {
  if (!relation || relation.outside) return { kind: 'unread' };
  const bytes = await file.read(relation.target);
  const type = await file.typeOf(relation.target);
  const kind = kindOf(relation.target, type);
  if (!bytes || !kind) return { kind: 'unread' };
  tally.add('bytes', bytes.length);
  try {
    if (kind === 'word') return { kind, opened: await openWord(bytes, tally, level + 1) };
    return insertedText(kind, bytes, type);
  } catch (error) {
    if (error instanceof DocumentTooLarge) throw error;
    return { kind: 'unread' };
  }
}
