/** The package around a Word document: parts found by their relationships (ECMA-376 part 2). */
import type { Tally } from '../too-large.js';
import { openZip, type ZipParts } from '../zip-bounds.js';
import { elementsOf, parseXml, type XmlElement } from './xml.js';

export interface Relation {
  /** Last word of the type: `image`, `hyperlink`, `footnotes`. */
  type: string;
  /** Name of the part, or the address outside. */
  target: string;
  outside: boolean;
}

export type Relations = ReadonlyMap<string, Relation>;

export class Package {
  readonly main: string;
  readonly #parts: ZipParts;
  readonly #tally: Tally;
  #types: XmlElement | undefined;

  private constructor(parts: ZipParts, main: string, tally: Tally) {
    this.#parts = parts;
    this.main = main;
    this.#tally = tally;
  }

  /** @throws Error where this is no whole Word document, DocumentTooLarge */
  static async open(bytes: Buffer, tally: Tally): Promise<Package> {
    const parts = await openZip(bytes, tally);
    const root = relationsOf(await xmlOf(parts, '_rels/.rels', tally), '');
    const main = [...root.values()].find(({ type }) => type === 'officeDocument')?.target ?? 'word/document.xml';
    if (!parts.names.includes(main)) throw new Error('no Word document inside');
    return new Package(parts, main, tally);
  }

  read(part: string): Promise<Buffer | undefined> {
    return this.#parts.read(part);
  }

  xml(part: string): Promise<XmlElement | undefined> {
    return xmlOf(this.#parts, part, this.#tally);
  }

  async relations(part: string): Promise<Relations> {
    const slash = part.lastIndexOf('/');
    const [folder, name] = [part.slice(0, slash + 1), part.slice(slash + 1)];
    return relationsOf(await this.xml(`${folder}_rels/${name}.rels`), folder);
  }

  /** The media type that the package gives a part: its own, else that of its ending. */
  async typeOf(part: string): Promise<string | undefined> {
    this.#types ??= await this.xml('[Content_Types].xml');
    let byEnding: string | undefined;
    for (const { name, attributes } of elementsOf(this.#types)) {
      const type = attributes['ContentType']?.toLowerCase();
      if (name === 'ct:Override' && attributes['PartName']?.toLowerCase() === `/${part}`.toLowerCase()) return type;
      const ending = `.${attributes['Extension'] ?? ''}`.toLowerCase();
      if (name === 'ct:Default' && part.toLowerCase().endsWith(ending)) byEnding = type;
    }
    return byEnding;
  }
}

async function xmlOf(parts: ZipParts, name: string, tally: Tally): Promise<XmlElement | undefined> {
  const bytes = await parts.read(name);
  return bytes && parseXml(bytes, tally);
}

function relationsOf(root: XmlElement | undefined, folder: string): Relations {
  const relations = new Map<string, Relation>();
  for (const { name, attributes } of elementsOf(root)) {
    if (name !== 'rel:Relationship') continue;
    const outside = attributes['TargetMode'] === 'External';
    const target = attributes['Target'] ?? '';
    relations.set(attributes['Id'] ?? '', {
      type: (attributes['Type'] ?? '').split('/').at(-1) ?? '',
      target: outside ? target : partName(folder, target),
      outside,
    });
  }
  return relations;
}

/** `../media/image1.png` seen from `word/` is `media/image1.png`. */
function partName(folder: string, target: string): string {
  const steps: string[] = [];
  for (const step of (target.startsWith('/') ? target : folder + target).split(/[/\\]/)) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return steps.join('/');
}
