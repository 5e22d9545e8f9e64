/** A zip within bounds: the sizes that its directory claims are added up first, and no part unpacks to more than it claimed. */
import { crc32 } from 'node:zlib';
import { buffer } from 'node:stream/consumers';
import { fromBufferPromise, type Entry } from 'yauzl';
import { DocumentTooLarge, Tally } from './too-large.js';

/** Bytes of one XML part: they are all held as a tree in memory. */
const maxXml = 30 * 1024 * 1024;

/** Extra field in which a zip program may give a part another name. */
const unicodeName = 0x7075;

export interface ZipParts {
  names: readonly string[];
  /** Bytes of a part; undefined where there is none of this name. @throws Error where it is damaged */
  read(name: string): Promise<Buffer | undefined>;
}

/** @throws Error where this is no whole zip, DocumentTooLarge where it unpacks to more than a document may be */
export async function openZip(bytes: Buffer, tally = new Tally()): Promise<ZipParts> {
  const zip = await fromBufferPromise(bytes, { lazyEntries: true, validateEntrySizes: true, autoClose: false });
  tally.add('parts', zip.entryCount);
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    // Two parts of one name: which of them a program shows is its own choice.
    if (entries.has(entry.fileName)) throw new Error(`two parts are named ${entry.fileName}`);
    // A second name, beside the first, is the same choice.
    if (entry.extraFields.some(({ id }) => id === unicodeName) && entry.fileNameRaw.toString('utf8') !== entry.fileName)
      throw new Error(`part ${entry.fileName} has another name as well`);
    entries.set(entry.fileName, entry);
    tally.add('bytes', entry.uncompressedSize);
    if (/\.(xml|rels)$/i.test(entry.fileName) && entry.uncompressedSize > maxXml)
      throw new DocumentTooLarge('bytes', maxXml);
  }
  return {
    names: [...entries.keys()],
    async read(name) {
      const entry = entries.get(name);
      if (!entry) return undefined;
      const content = await buffer(await zip.openReadStreamPromise(entry));
      if (crc32(content) !== entry.crc32) throw new Error(`part ${name} is damaged`);
      return content;
    },
  };
}
