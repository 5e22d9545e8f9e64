/**
 * Long documents are handled in threads, so that a server goes on answering and a publisher goes on keeping its claims.
 * Short ones stay where they are: handing them over would take longer than doing it.
 */
import { Piscina } from 'piscina';
import { LianfaError, type ErrorCode } from '../errors.js';
import type { Task } from './task.js';

/** Characters, or bytes of a file, from which on a document is long. The worst that is shorter takes a twentieth of a second. */
export const longFrom = 16_000;
/** Seconds for one task: shorter than the time a publisher's claim holds. */
const seconds = 20;
const memory = { maxOldGenerationSizeMb: 768, stackSizeMb: 4 } as const;

let pool: Piscina | undefined;

/** Threads are started when they are needed, and end when they have had nothing to do for a while. */
function threads(): Piscina {
  if (pool) return pool;
  pool = new Piscina({
    filename: import.meta.filename.replace(/pool(\.\w+)$/, 'worker$1'),
    minThreads: 0,
    maxThreads: 2,
    idleTimeout: 60_000,
    maxQueue: 50,
    resourceLimits: memory,
    env: { ...process.env },
  });
  // A thread that dies with no task in hand has nobody to tell, and without a listener it would take the process along.
  pool.on('error', (error: Error) => process.emitWarning(error));
  return pool;
}

/**
 * Does a task: here where the document of `length` is short, else in a thread.
 * @throws LianfaError document_takes_too_long, documents_waiting, and what the task itself throws
 */
export async function beside<I, O>(task: Task<I, O>, input: I, length: number): Promise<O> {
  return length < longFrom ? task.run(input) : inThread<O>({ file: task.file, name: task.name, input });
}

async function inThread<T>(asked: object): Promise<T> {
  const limit = AbortSignal.timeout(seconds * 1_000);
  let answer: { value: T } | { code: ErrorCode; details: LianfaError['details'] };
  try {
    answer = (await threads().run(asked, { signal: limit })) as typeof answer;
  } catch (error) {
    throw named(error, limit.aborted);
  }
  if ('code' in answer) throw new LianfaError(answer.code, answer.details);
  return answer.value;
}

function named(error: unknown, late: boolean): unknown {
  if (late) return new LianfaError('document_takes_too_long', { seconds: String(seconds) }, { cause: error });
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'ERR_WORKER_OUT_OF_MEMORY')
    return new LianfaError(
      'document_too_large',
      { what: { zh: '所需内存', en: 'MB of memory' }, limit: String(memory.maxOldGenerationSizeMb), place: '' },
      { cause: error },
    );
  return error instanceof Error && /queue is at limit/i.test(error.message)
    ? new LianfaError('documents_waiting', {}, { cause: error })
    : error;
}

/** Ends the threads; the next long document starts new ones. */
export async function closeThreads(): Promise<void> {
  const open = pool;
  pool = undefined;
  await open?.close({ force: true });
}
