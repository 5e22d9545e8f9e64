/** Tracked changes and comments: counted first, then taken or undone in the tree, so that nothing behind this file knows of them. */
import { childOf, elementsOf, type XmlElement } from './xml.js';

export type RevisionChoice = 'accept' | 'reject';

export interface Tracked {
  insertions: number;
  deletions: number;
  moves: number;
  /** Formatting, numbering, properties of tables and sections. */
  formats: number;
  comments: number;
  /** Who made them, each once. */
  authors: string[];
}

const counted: Readonly<Record<string, 'insertions' | 'deletions' | 'moves' | 'formats'>> = {
  'w:ins': 'insertions',
  'w:cellIns': 'insertions',
  'w14:conflictIns': 'insertions',
  'w:del': 'deletions',
  'w:cellDel': 'deletions',
  'w14:conflictDel': 'deletions',
  'w:moveFrom': 'moves',
  'w:cellMerge': 'formats',
  'w:rPrChange': 'formats',
  'w:pPrChange': 'formats',
  'w:tblPrChange': 'formats',
  'w:tblPrExChange': 'formats',
  'w:tblGridChange': 'formats',
  'w:trPrChange': 'formats',
  'w:tcPrChange': 'formats',
  'w:sectPrChange': 'formats',
  'w:numberingChange': 'formats',
};

/** Elements that exist only for tracked changes and comments, and where they go: each name of the standard is here. */
export const revisionElements: readonly string[] = [
  ...Object.keys(counted),
  ...['w:moveTo', 'w:delText', 'w:delInstrText', 'w:commentReference', 'w:annotationRef'],
  ...[
    'commentRange',
    'moveFromRange',
    'moveToRange',
    'customXmlInsRange',
    'customXmlDelRange',
    'customXmlMoveFromRange',
  ].flatMap((name) => [`w:${name}Start`, `w:${name}End`]),
  ...['w:customXmlMoveToRangeStart', 'w:customXmlMoveToRangeEnd'],
];

export function countTracked(stories: readonly XmlElement[], comments: XmlElement | undefined): Tracked {
  const found: Tracked = { insertions: 0, deletions: 0, moves: 0, formats: 0, comments: 0, authors: [] };
  const authors = new Set<string>();
  const mentioned = new Set<string>();
  const visit = (element: XmlElement): void => {
    const kind = counted[element.name];
    if (kind) {
      found[kind] += 1;
      authors.add(element.attributes['w:author'] ?? '');
    }
    if (element.name === 'w:commentReference') mentioned.add(element.attributes['w:id'] ?? '');
    for (const child of elementsOf(element)) visit(child);
  };
  for (const story of stories) visit(story);
  for (const comment of elementsOf(comments)) {
    if (comment.name !== 'w:comment') continue;
    mentioned.add(comment.attributes['w:id'] ?? '');
    authors.add(comment.attributes['w:author'] ?? '');
  }
  return { ...found, comments: mentioned.size, authors: [...authors].filter((name) => name !== '') };
}

/** Of several documents, as of one. */
export function together(all: readonly Tracked[]): Tracked {
  const sum = (count: (one: Tracked) => number): number => all.reduce((total, one) => total + count(one), 0);
  return {
    insertions: sum(({ insertions }) => insertions),
    deletions: sum(({ deletions }) => deletions),
    moves: sum(({ moves }) => moves),
    formats: sum(({ formats }) => formats),
    comments: sum(({ comments }) => comments),
    authors: [...new Set(all.flatMap(({ authors }) => authors))],
  };
}

export function isTracked({ insertions, deletions, moves, formats, comments }: Tracked): boolean {
  return insertions + deletions + moves + formats + comments > 0;
}

const wrappers = {
  accept: {
    kept: new Set(['w:ins', 'w:moveTo', 'w14:conflictIns']),
    gone: new Set(['w:del', 'w:moveFrom', 'w14:conflictDel']),
  },
  reject: {
    kept: new Set(['w:del', 'w:moveFrom', 'w14:conflictDel']),
    gone: new Set(['w:ins', 'w:moveTo', 'w14:conflictIns']),
  },
};
const marks =
  /^w:(?:commentRange(?:Start|End)|annotationRef|cellIns|cellDel|(?:moveFrom|moveTo|customXml(?:Ins|Del|MoveFrom|MoveTo))Range(?:Start|End))$/;
const restored: Readonly<Record<string, string>> = { 'w:delText': 'w:t', 'w:delInstrText': 'w:instrText' };

/** The tree as it is once every change is accepted, or every one undone. Of comments only the marks stay, for the account of what is left out. */
export function settle(element: XmlElement, choice: RevisionChoice): XmlElement {
  const { kept, gone } = wrappers[choice];

  function settled(parent: XmlElement): XmlElement {
    const undone = choice === 'reject' ? formerProperties(parent) : undefined;
    if (undone) return settled(undone);
    const children: (XmlElement | string)[] = [];
    let changed = false;
    let carried: XmlElement[] = [];
    const add = (child: XmlElement | string): void => {
      if (typeof child === 'string') {
        children.push(child);
        return;
      }
      if (child.name === 'w:cellMerge') {
        changed = true;
        const merge = child.attributes[choice === 'accept' ? 'w:vMerge' : 'w:vMergeOrig'];
        if (merge)
          children.push({
            ...child,
            name: 'w:vMerge',
            attributes: { 'w:val': merge === 'rest' ? 'restart' : 'continue' },
          });
        return;
      }
      if (gone.has(child.name) || marks.test(child.name) || child.name.endsWith('Change') || isRemoved(child, choice)) {
        changed = true;
        return;
      }
      if (kept.has(child.name)) {
        changed = true;
        child.children.forEach(add);
        return;
      }
      const before = carried;
      carried = [];
      const now = settled(child);
      if (child.name === 'w:p' && endsRemoved(child, gone)) {
        changed = true;
        carried = before;
        for (const content of contentOf(now)) carried.push(content);
        return;
      }
      if (before.length > 0 && now.name !== 'w:p')
        children.push({ ...now, name: 'w:p', attributes: {}, children: before });
      const whole = before.length > 0 && now.name === 'w:p' ? joined(now, before) : now;
      changed ||= whole !== child;
      children.push(whole);
    };
    parent.children.forEach(add);
    if (carried.length > 0) children.push({ name: 'w:p', attributes: {}, children: carried });
    const name = (choice === 'reject' ? restored[parent.name] : undefined) ?? parent.name;
    return changed || name !== parent.name ? { name, attributes: parent.attributes, children } : parent;
  }
  return settled(element);
}

/** A paragraph whose mark goes runs on into the next one. */
function endsRemoved(paragraph: XmlElement, gone: ReadonlySet<string>): boolean {
  const mark = childOf(childOf(paragraph, 'w:pPr'), 'w:rPr');
  for (const { name } of elementsOf(mark)) if (gone.has(name)) return true;
  return false;
}

function contentOf(paragraph: XmlElement): XmlElement[] {
  return [...elementsOf(paragraph)].filter(({ name }) => name !== 'w:pPr');
}

function joined(paragraph: XmlElement, before: readonly XmlElement[]): XmlElement {
  const properties = childOf(paragraph, 'w:pPr');
  return { ...paragraph, children: [...(properties ? [properties] : []), ...before, ...contentOf(paragraph)] };
}

/** Rows and cells that go as wholes. */
function isRemoved(element: XmlElement, choice: RevisionChoice): boolean {
  if (element.name === 'w:tr') {
    const properties = childOf(element, 'w:trPr');
    return childOf(properties, choice === 'accept' ? 'w:del' : 'w:ins') !== undefined;
  }
  if (element.name === 'w:tc')
    return childOf(childOf(element, 'w:tcPr'), choice === 'accept' ? 'w:cellDel' : 'w:cellIns') !== undefined;
  return false;
}

/** What a `…Change` keeps of the properties before it. A paragraph's mark keeps its own. */
function formerProperties(properties: XmlElement): XmlElement | undefined {
  for (const change of elementsOf(properties)) {
    if (!change.name.endsWith('PrChange') || change.name !== `${properties.name}Change`) continue;
    const former = childOf(change, properties.name);
    const mark =
      properties.name === 'w:pPr'
        ? [...elementsOf(properties)].filter(({ name }) => /^w:(?:rPr|sectPr)$/.test(name))
        : [];
    return { ...properties, children: [...(former?.children ?? []), ...mark] };
  }
  return undefined;
}
