/** Texts compared as people read them. */
import { createHash } from 'node:crypto';

/** SHA-256 over the words, each run of white space counting as one blank: how a text was typed or laid out changes nothing. */
export function digestOf(...texts: readonly string[]): string {
  const read = texts.map((text) => text.normalize('NFC').replace(/\s+/g, ' ').trim());
  return createHash('sha256').update(JSON.stringify(read)).digest('hex');
}
