/** A task for a thread: a function of what can travel there, with the file that exports it among its `tasks`. */
export interface Task<I, O> {
  file: string;
  name: string;
  run(input: I): O | Promise<O>;
}

export function taskOf<I, O>(file: string, name: string, run: (input: I) => O | Promise<O>): Task<I, O> {
  return { file, name, run };
}
