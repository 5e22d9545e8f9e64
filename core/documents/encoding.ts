/**
 * The characters of a document, by strict decoding: UTF-16 by its mark, UTF-8, what an HTML page or the Content-Type says
 * of itself, and GB18030, in which older Chinese programs save. What does not decode whole is refused, never guessed.
 */
import iconv from 'iconv-lite';
import { LianfaError } from '../errors.js';

export interface Bytes {
  bytes: Buffer;
  /** File name. */
  name: string;
  /** Content-Type. */
  type: string;
}

/** @throws LianfaError document_not_utf8 */
export function textOfBytes({ bytes, name, type }: Bytes): { text: string; encoding: string } {
  for (const encoding of candidates(bytes, type)) {
    const text = decoded(bytes, encoding);
    if (text !== undefined) return { text, encoding: encoding.toUpperCase() };
  }
  throw new LianfaError('document_not_utf8', { file: name });
}

function candidates(bytes: Buffer, type: string): string[] {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return ['utf-16le'];
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return ['utf-16be'];
  const head = bytes.subarray(0, 2_048).toString('latin1');
  const said =
    /charset\s*=\s*["']?([\w-]+)/i.exec(type)?.[1] ?? /<meta[^>]+charset\s*=\s*["']?([\w-]+)/i.exec(head)?.[1];
  // A page that was saved anew often keeps what it said before; so UTF-8, which nothing else looks like, comes first.
  return ['utf-8', ...(/^(gbk|gb2312|gb18030|x-gbk)$/i.test(said ?? '') || !said ? ['gb18030'] : [])];
}

function decoded(bytes: Buffer, encoding: string): string | undefined {
  if (encoding === 'gb18030') return strictly(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Whole where writing it again gives the same bytes; and text, as Chinese offices write it: a damaged UTF-8 file decodes, too, into signs that nobody uses. */
function strictly(bytes: Buffer): string | undefined {
  const text = iconv.decode(bytes, 'gb18030');
  if (text.includes('\ufffd') || !iconv.encode(text, 'gb18030').equals(bytes)) return undefined;
  const signs = text.match(/[^\u0000-\u007f]/gu) ?? [];
  const usual = signs.filter(
    (sign) => /[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef“”‘’—…·×°～℃㎡①-⑳]/u.test(sign) && isLevelOne(sign),
  );
  return usual.length >= signs.length * 0.8 ? text : undefined;
}

/** The 3,755 common characters of GB 2312 and its signs lie in rows 0xA1 to 0xD7, of the second byte from 0xA1 on. */
function isLevelOne(sign: string): boolean {
  const [row = 0, cell = 0] = iconv.encode(sign, 'gb18030');
  return row >= 0xa1 && row <= 0xd7 && cell >= 0xa1;
}
