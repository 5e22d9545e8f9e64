/** A zip's true size, before anything else opens it: what its directory claims is not believed, each part is unpacked within a bound. */
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';

const inflate = promisify(inflateRaw);

const maxParts = 2_000;
/** Bytes of all parts together; a long illustrated document unpacks to a few dozen MB. */
const maxTotal = 120 * 1024 * 1024;
/** Bytes of one XML part: they are all held as a tree in memory. */
const maxXml = 30 * 1024 * 1024;

/** Names of the parts. @throws Error where this is no whole zip, or is larger than a document may be. */
export async function boundedZipParts(bytes: Buffer): Promise<string[]> {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > bytes.length) throw new Error('no zip directory');
  const count = bytes.readUInt16LE(end + 10);
  if (count > maxParts) throw new Error(`more than ${maxParts} parts`);
  const names: string[] = [];
  let total = 0;
  for (let at = bytes.readUInt32LE(end + 16), n = 0; n < count; n += 1) {
    if (bytes.readUInt32LE(at) !== 0x02014b50) throw new Error('broken zip directory');
    const [nameLength, extra, comment] = [28, 30, 32].map((place) => bytes.readUInt16LE(at + place)) as [
      number,
      number,
      number,
    ];
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    names.push(name);
    total += await trueSize(
      bytes,
      at,
      /\.(xml|rels)$/i.test(name) ? Math.min(maxXml, maxTotal - total) : maxTotal - total,
    );
    at += 46 + nameLength + extra + comment;
  }
  return names;
}

async function trueSize(bytes: Buffer, entry: number, limit: number): Promise<number> {
  const method = bytes.readUInt16LE(entry + 10);
  const packed = bytes.readUInt32LE(entry + 20);
  const local = bytes.readUInt32LE(entry + 42);
  const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  if (start + packed > bytes.length) throw new Error('zip part outside the file');
  if (method === 0 && packed <= limit) return packed;
  if (method !== 8 || limit <= 0) throw new Error('zip part too large or packed in an unknown way');
  return (await inflate(bytes.subarray(start, start + packed), { maxOutputLength: limit })).length;
}
