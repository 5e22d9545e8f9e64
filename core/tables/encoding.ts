/** Which encoding a text file is in, proved by decoding all of it; what fits none is refused, nothing is replaced by `�`. */
import iconv from 'iconv-lite';
import type { Said } from '../../channels/channel.js';
import { hasInvisible } from '../text.js';
import { breathe } from './table.js';

export interface Decoded {
  text: string;
  encoding: 'UTF-8' | 'UTF-16 LE' | 'UTF-16 BE' | 'GB18030';
}

/** @returns undefined where it is none of the encodings that spreadsheets here write, or is cut off within a character */
export async function decode(bytes: Buffer): Promise<Decoded | undefined> {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return utf16(bytes.subarray(2), 'UTF-16 LE');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return utf16(bytes.subarray(2), 'UTF-16 BE');
  const utf8 = strictly('utf-8', bytes);
  const isWide = nulsIn(bytes) * 8 > bytes.length;
  if (utf8 !== undefined && !isWide) return { text: utf8, encoding: 'UTF-8' };
  return isWide ? (utf16(bytes, 'UTF-16 LE') ?? utf16(bytes, 'UTF-16 BE')) : gb18030(bytes);
}

export function toldEncoding({ encoding }: Decoded): Said {
  return encoding === 'GB18030'
    ? { zh: '文件编码按 GBK/GB18030 读取。', en: 'The file was read as GBK/GB18030.' }
    : { zh: `文件编码按 ${encoding} 读取。`, en: `The file was read as ${encoding}.` };
}

/** Latin text, separators and line ends in UTF-16 are valid UTF-8 too, with a NUL beside each; a stray one is a fault of its cell. */
function nulsIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(0); at >= 0 && at < 4_096; at = bytes.indexOf(0, at + 1)) count += 1;
  return count * Math.max(1, bytes.length / 4_096);
}

function strictly(name: 'utf-8' | 'utf-16le', bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(name, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Without its mark either order decodes nearly anything: the right one has line ends and holds nothing that cannot be seen. */
function utf16(bytes: Buffer, encoding: 'UTF-16 LE' | 'UTF-16 BE'): Decoded | undefined {
  if (bytes.length % 2 !== 0) return undefined;
  const text = strictly('utf-16le', encoding === 'UTF-16 LE' ? bytes : Buffer.from(bytes).swap16());
  if (text === undefined || hasInvisible(text.slice(0, 10_000).replace(/[\t\r\n]/g, ''))) return undefined;
  return { text, encoding };
}

/** Bytes proved in one go: a few milliseconds. */
const piece = 64 * 1024;

/** Right where encoding it again gives the same bytes. GBK is part of it; private signs of old fonts would come out as others. */
async function gb18030(bytes: Buffer): Promise<Decoded | undefined> {
  const [decoder, encoder] = [iconv.getDecoder('gb18030'), iconv.getEncoder('gb18030')];
  let text = '';
  let proved = 0;
  const isSame = (part: string, again: Buffer | undefined): boolean => {
    if (part.includes('\ufffd')) return false;
    text += part;
    const from = proved;
    proved += again?.length ?? 0;
    return again === undefined || bytes.subarray(from, proved).equals(again);
  };
  for (let at = 0; at < bytes.length; at += piece) {
    const part = decoder.write(bytes.subarray(at, at + piece));
    if (!isSame(part, encoder.write(part))) return undefined;
    await breathe();
  }
  const rest = decoder.end() ?? '';
  const last = encoder.write(rest);
  const whole = isSame(rest, last) && isSame('', encoder.end()) && proved === bytes.length;
  return whole ? { text, encoding: 'GB18030' } : undefined;
}
