/** The reader's answer as plain data, so that it may run in another thread: errors lose what they are on the way. */
import type { Said } from '../../../channels/channel.js';
import { LianfaError } from '../../errors.js';
import { DocumentTooLarge } from '../too-large.js';
import { readDocx, TrackedChanges, type DocxChoices, type DocxReading } from './read.js';

export type DocxAnswer =
  | { kind: 'read'; reading: DocxReading }
  /** It holds tracked changes or comments, and nobody has chosen. */
  | { kind: 'tracked'; found: Said }
  | { kind: 'too large'; limit: Said }
  | { kind: 'unreadable'; why: string };

/** @throws LianfaError document_too_deep, document_too_large */
export async function answerDocx(bytes: Uint8Array, choices: DocxChoices): Promise<DocxAnswer> {
  try {
    return { kind: 'read', reading: await readDocx(Buffer.from(bytes), choices) };
  } catch (error) {
    if (error instanceof TrackedChanges) return { kind: 'tracked', found: error.found };
    if (error instanceof DocumentTooLarge) return { kind: 'too large', limit: error.limit };
    // Of a page that is inserted: its bound is named already.
    if (error instanceof LianfaError) throw error;
    return { kind: 'unreadable', why: error instanceof Error ? error.message : String(error) };
  }
}
