/** What is done to a document beside the event loop. */
import { taskOf } from '../threads/task.js';
import { answerDocx } from './docx/answer.js';
import type { DocxChoices } from './docx/read.js';
import { splitHeading } from './html.js';

export const tasks = {
  word: taskOf(import.meta.filename, 'word', ({ bytes, choices }: { bytes: Uint8Array; choices: DocxChoices }) =>
    answerDocx(bytes, choices),
  ),
  heading: taskOf(import.meta.filename, 'heading', ({ html, given }: { html: string; given?: string | undefined }) =>
    splitHeading(html, given),
  ),
};
