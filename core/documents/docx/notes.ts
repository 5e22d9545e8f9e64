/** Footnotes and endnotes: numbered where they are referred to, read at the end. */
import { formatNumber } from './number-format.js';
import type { Relations } from './package.js';
import { childOf, descendants, elementsOf, valueOf, type XmlElement } from './xml.js';

export type NoteKind = 'footnote' | 'endnote';

export interface Note {
  mark: string;
  element: XmlElement;
  relations: Relations;
}

interface Part {
  notes: ReadonlyMap<string, XmlElement>;
  relations: Relations;
  format: string;
  start: number;
  count: number;
}

export class Notes {
  readonly referred: Note[] = [];
  /** Whether Word starts to count anew on each page or section. */
  readonly restarts: boolean;
  readonly #marks = new Map<XmlElement, string>();
  readonly #parts: Record<NoteKind, Part>;

  constructor(
    parts: Record<NoteKind, { root: XmlElement | undefined; relations: Relations }>,
    document: XmlElement,
    settings: XmlElement | undefined,
  ) {
    const part = (kind: NoteKind): Part & { restarts: boolean } => {
      const properties = propertiesOf(kind, document, settings);
      return {
        notes: new Map(
          [...elementsOf(parts[kind].root)].map((element) => [element.attributes['w:id'] ?? '', element] as const),
        ),
        relations: parts[kind].relations,
        format: valueOf(properties, 'w:numFmt') ?? (kind === 'footnote' ? 'decimal' : 'lowerRoman'),
        start: Number(valueOf(properties, 'w:numStart') ?? 1) || 1,
        count: 0,
        restarts: /^each/.test(valueOf(properties, 'w:numRestart') ?? ''),
      };
    };
    const [footnote, endnote] = [part('footnote'), part('endnote')];
    this.restarts = footnote.restarts || endnote.restarts;
    this.#parts = { footnote, endnote };
  }

  /** The mark of one more reference; undefined where the note isn't in the document. `own` is a mark that stands there instead of a number. */
  refer(kind: NoteKind, id: string, own: string | undefined): string | undefined {
    const part = this.#parts[kind];
    const element = part.notes.get(id);
    if (!element) return undefined;
    // Named twice, also from inside itself, it is one note.
    const known = this.#marks.get(element);
    if (known !== undefined) return known;
    if (own === undefined) part.count += 1;
    const n = part.start + part.count - 1;
    const mark = own ?? formatNumber(n, part.format) ?? String(n);
    this.#marks.set(element, mark);
    this.referred.push({ mark, element, relations: part.relations });
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
