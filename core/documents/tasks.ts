/** What is done to a document beside the event loop. */
import { taskOf } from '../threads/task.js';
import { splitHeading } from './html.js';

export const tasks = {
  heading: taskOf(
    import.meta.filename,
    'heading',
    ({ html, given, guess }: { html: string; given?: string | undefined; guess: boolean }) =>
      splitHeading(html, given, guess),
  ),
};
