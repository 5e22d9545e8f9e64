/**
 * The characters of an XML message: by its byte-order mark, else by what its declaration says, else UTF-8 (XML 1.0,
 * appendix F). What does not decode whole is refused with the line of the first wrong byte, never cut off there.
 */
import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import type { AlertFault } from './alert.js';

/** Names of the IANA registry. GB2312 and GBK are read as their successor, in which files call themselves by all three names. */
const known =
  /^(utf-?8|us-ascii|iso-8859-\d{1,2}|windows-125\d|gb2312|gbk|gb18030|big5|shift_jis|euc-jp|euc-kr|koi8-[ru])$/i;

/** @throws nothing */
export function textOf(bytes: Buffer): { text: string; encoding: string } | { fault: AlertFault } {
  const wide = wideOf(bytes);
  if (wide) return strictly(bytes, wide);
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const said = marked ? undefined : encodingSaid(bytes);
  const encoding = said ?? 'utf-8';
  if (!known.test(encoding))
    return {
      fault: {
        element: 'alert',
        line: 1,
        reason: {
          zh: `声明的编码“${encoding.slice(0, 40)}”无法读取。`,
          en: `the encoding "${encoding.slice(0, 40)}" that it declares cannot be read.`,
        },
      },
    };
  if (/^(utf-?8|us-ascii)$/i.test(encoding))
    return isUtf8(bytes)
      ? { text: bytes.toString('utf8').replace(/^\ufeff/, ''), encoding: 'UTF-8' }
      : {
          fault: undecodable(
            lineOfFirst(bytes, (part) => !isUtf8(part)),
            encoding,
          ),
        };
  const name = /^gb/i.test(encoding) ? 'gb18030' : encoding;
  const text = iconv.decode(bytes, name);
  if (!text.includes('\ufffd')) return { text, encoding: name.toUpperCase() };
  return {
    fault: undecodable(
      lineOfFirst(bytes, (part) => iconv.decode(part, name).includes('\ufffd')),
      encoding,
    ),
  };
}

/** UTF-16, with its mark or by the zero bytes beside `<` and the sign behind it. */
function wideOf(bytes: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0x3c && second === 0 && third !== 0 && fourth === 0) return 'utf-16le';
  return first === 0 && second === 0x3c && third === 0 ? 'utf-16be' : undefined;
}

function encodingSaid(bytes: Buffer): string | undefined {
  const head = bytes.subarray(0, 400).toString('latin1');
  return /^\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']/.exec(head)?.[1];
}

function strictly(bytes: Buffer, encoding: string): { text: string; encoding: string } | { fault: AlertFault } {
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return { text, encoding: encoding.toUpperCase() };
  } catch {
    const lines = new TextDecoder(encoding).decode(bytes).split('\n');
    const line = lines.findIndex((text) => text.includes('\ufffd')) + 1;
    return { fault: undecodable(line || lines.length, encoding) };
  }
}

/** None of the encodings uses the byte of a line feed inside a character. */
function lineOfFirst(bytes: Buffer, isWrong: (part: Buffer) => boolean): number {
  let line = 1;
  for (let from = 0; from < bytes.length; line += 1) {
    const end = bytes.indexOf(0x0a, from);
    if (isWrong(bytes.subarray(from, end < 0 ? bytes.length : end))) return line;
    if (end < 0) return line;
    from = end + 1;
  }
  return line;
}

function undecodable(line: number, encoding: string): AlertFault {
  return {
    element: 'alert',
    line,
    reason: {
      zh: `这一行有不属于所声明编码（${encoding}）的字节。`,
      en: `this line holds bytes that are not ${encoding}, which it declares.`,
    },
  };
}
