/** Footnotes and endnotes: numbered where they are referred to, read at the end. */
import { formatNumber } from './number-format.js';
import type { Relations } from './package.js';
import { childOf, descendants, elementsOf, valueOf, type XmlElement } from './xml.js';

export type NoteKind = 'footnote' | 'endnote';

export interface Note {
  mark: string;
  element: XmlElement;
  relations: Relations;
  /** Whose note it is. */
  notes: Notes;
}

interface Count {
  format: string;
  next: number;
}

/** Marks that are given so far: the outermost document says how, and documents inserted in it go on counting. */
export class Marked {
  readonly referred: Note[] = [];
  readonly counts: Record<NoteKind, Count>;
  /** Whether Word starts to count anew on each page or section. */
  readonly restarts: boolean;

  constructor(document: XmlElement, settings: XmlElement | undefined) {
    const properties = {
      footnote: propertiesOf('footnote', document, settings),
      endnote: propertiesOf('endnote', document, settings),
    };
    const count = (kind: NoteKind): Count => ({
      format: valueOf(properties[kind], 'w:numFmt') ?? (kind === 'footnote' ? 'decimal' : 'lowerRoman'),
      next: Number(valueOf(properties[kind], 'w:numStart') ?? 1) || 1,
    });
    this.counts = { footnote: count('footnote'), endnote: count('endnote') };
    this.restarts = Object.values(properties).some((of) => /^each/.test(valueOf(of, 'w:numRestart') ?? ''));
  }
}

interface Part {
  notes: ReadonlyMap<string, XmlElement>;
  relations: Relations;
}

/** The notes of one file. */
export class Notes {
  readonly #marked: Marked;
  readonly #marks = new Map<XmlElement, string>();
  readonly #parts: Record<NoteKind, Part>;

  constructor(parts: Record<NoteKind, { root: XmlElement | undefined; relations: Relations }>, marked: Marked) {
    const part = ({ root, relations }: (typeof parts)[NoteKind]): Part => ({
      notes: new Map([...elementsOf(root)].map((element) => [element.attributes['w:id'] ?? '', element] as const)),
      relations,
    });
    this.#marked = marked;
    this.#parts = { footnote: part(parts.footnote), endnote: part(parts.endnote) };
  }

  /** The mark of one more reference; undefined where the note isn't in the document. `own` is a mark that stands there instead of a number. */
  refer(kind: NoteKind, id: string, own: string | undefined): string | undefined {
    const part = this.#parts[kind];
    const element = part.notes.get(id);
    if (!element) return undefined;
    // Named twice, also from inside itself, it is one note.
    const known = this.#marks.get(element);
    if (known !== undefined) return known;
    const count = this.#marked.counts[kind];
    const mark = own ?? formatNumber(count.next, count.format) ?? String(count.next);
    if (own === undefined) count.next += 1;
    this.#marks.set(element, mark);
    this.#marked.referred.push({ mark, element, relations: part.relations, notes: this });
    return mark;
  }
}

function propertiesOf(kind: NoteKind, document: XmlElement, settings: XmlElement | undefined): XmlElement | undefined {
  const name = kind === 'footnote' ? 'w:footnotePr' : 'w:endnotePr';
  for (const section of descendants(document, new Set(['w:sectPr']))) {
    const own = childOf(section, name);
    if (own) return own;
  }
  return childOf(settings, name);
}
