/** The thread's side: does one task, and answers an error of ours by its code, which threads cannot pass on as it is. */
import { LianfaError } from '../errors.js';
import { tasks } from './tasks.js';

export interface Asked {
  name: keyof typeof tasks;
  input: never;
}

export default async function work({ name, input }: Asked): Promise<unknown> {
  try {
    const task = tasks[name] as (given: never) => unknown;
    return { value: await task(input) };
  } catch (error) {
    if (!(error instanceof LianfaError)) throw error;
    return { code: error.code, details: error.details };
  }
}
