/** A message is read beside the event loop where it is long. */
import { taskOf } from '../threads/task.js';
import { readAlert } from './read.js';

export const tasks = {
  read: taskOf(import.meta.filename, 'read', ({ bytes }: { bytes: Uint8Array }) => readAlert(Buffer.from(bytes))),
};
