/** What is done to a body beside the event loop: pure functions of what can travel between threads. */
import { taskOf } from '../threads/task.js';
import { beginningOf } from './beginning.js';
import { digestOf } from './digest.js';
import { canonical, type Canonical } from './canonical.js';
import { DroppedList, type Lost } from './dropped.js';
import { markdownToHtml } from './markdown/markdown.js';
import { textToHtml } from './text.js';

export interface Cleaned extends Omit<Canonical, 'dropped' | 'words'> {
  /** As in `digestOf`: the words themselves need not travel. */
  digest: string;
  /** The beginning of the text, for a release without a summary. */
  beginning: string;
  lost: Lost[];
}

/** A text of another format as HTML, not yet cleaned. */
export interface Read {
  html: string;
  lost: Lost[];
}

export const tasks = {
  html: taskOf(import.meta.filename, 'html', (given: { format: 'markdown' | 'text'; content: string }): Read => {
    const dropped = new DroppedList();
    const html = given.format === 'markdown' ? markdownToHtml(given.content, dropped) : textToHtml(given.content);
    return { html, lost: dropped.entries() };
  }),
  clean: taskOf(import.meta.filename, 'clean', ({ html, known }: { html: string; known: string[] }): Cleaned => {
    const dropped = new DroppedList();
    const { html: body, words, pictures } = canonical(html, new Set(known), dropped);
    return { html: body, digest: digestOf(words), pictures, beginning: beginningOf(body), lost: dropped.entries() };
  }),
};
