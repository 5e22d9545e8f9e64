/** What is done to a body beside the event loop: pure functions of what can travel between threads. */
import { taskOf } from '../threads/task.js';
import { beginningOf } from './beginning.js';
import { canonical, type Canonical } from './canonical.js';
import { DroppedList, type Lost } from './dropped.js';
import { markdownToHtml } from './markdown.js';
import { textToHtml } from './text.js';

export interface Cleaned extends Omit<Canonical, 'dropped'> {
  /** The beginning of the text, for a release without a summary. */
  beginning: string;
  lost: Lost[];
}

export const tasks = {
  html: taskOf(import.meta.filename, 'html', (given: { format: 'markdown' | 'text'; content: string }): string =>
    given.format === 'markdown' ? markdownToHtml(given.content) : textToHtml(given.content),
  ),
  clean: taskOf(import.meta.filename, 'clean', ({ html, known }: { html: string; known: string[] }): Cleaned => {
    const dropped = new DroppedList();
    const { html: body, pictures } = canonical(html, new Set(known), dropped);
    return { html: body, pictures, beginning: beginningOf(body), lost: dropped.entries() };
  }),
};
