/** A message or a feed is read, made into a draft and shown beside the event loop where it is long. */
import { taskOf } from '../threads/task.js';
import type { Alert } from './alert.js';
import { textOf } from './decode.js';
import { draftOf, type Before } from './draft.js';
import { readFeed } from './feed.js';
import { readAlert } from './read.js';

/** Characters of a raw message that a page shows. */
const shown = 200_000;

interface Drafting {
  alert: Alert;
  source: string;
  before: Before | undefined;
}

export const tasks = {
  read: taskOf(import.meta.filename, 'read', ({ bytes, line }: { bytes: Uint8Array; line?: number | undefined }) =>
    readAlert(Buffer.from(bytes), line),
  ),
  feed: taskOf(import.meta.filename, 'feed', ({ bytes, address }: { bytes: Uint8Array; address: string }) =>
    readFeed(Buffer.from(bytes), address),
  ),
  draft: taskOf(import.meta.filename, 'draft', ({ alert, source, before }: Drafting) => draftOf(alert, source, before)),
  /** Its beginning as characters; of what does not decode, byte by byte. */
  text: taskOf(import.meta.filename, 'text', ({ bytes }: { bytes: Uint8Array }) => {
    const raw = Buffer.from(bytes);
    const read = textOf(raw);
    return ('text' in read ? read.text : raw.toString('latin1')).slice(0, shown);
  }),
};
