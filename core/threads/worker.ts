/** The thread's side: does one task, and answers an error of ours by its code, which threads cannot pass on as it is. */
import { pathToFileURL } from 'node:url';
import { LianfaError } from '../errors.js';
import type { Task } from './task.js';

export default async function work({
  file,
  name,
  input,
}: {
  file: string;
  name: string;
  input: unknown;
}): Promise<unknown> {
  try {
    const { tasks } = (await import(pathToFileURL(file).href)) as { tasks: Record<string, Task<unknown, unknown>> };
    return { value: await tasks[name]?.run(input) };
  } catch (error) {
    if (!(error instanceof LianfaError)) throw error;
    return { code: error.code, details: error.details };
  }
}
