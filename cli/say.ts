/** What the command prints: results on stdout, everything else on stderr; with `--json`, one line for machines. */
import { SingleBar } from 'cli-progress';
import type { Said } from '../channels/channel.js';
import { LianfaError } from '../core/errors.js';
import { CommandFailure } from './client.js';

export function both({ zh, en }: Said): string {
  return `${zh} ${en}`;
}

export function note(said: Said): void {
  process.stderr.write(`${both(said)}\n`);
}

/** A progress bar for a terminal; none where nobody watches. */
export function openBar(format: string): SingleBar | undefined {
  return process.stderr.isTTY
    ? new SingleBar({ format, stream: process.stderr, hideCursor: true, clearOnComplete: false })
    : undefined;
}

/** Runs the work of a command: prints what it throws, and sets the exit code. */
export async function running(json: boolean | undefined, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.exitCode = 1;
    const failure = asFailure(error);
    if (json) {
      process.stdout.write(
        `${JSON.stringify({ error: { code: failure.code, ...(failure.field !== undefined && { field: failure.field }), message: failure.said, todo: failure.todo } })}\n`,
      );
      return;
    }
    process.stderr.write(`✗ ${both(failure.said)}\n  → ${both(failure.todo)}\n`);
  }
}

function asFailure(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  if (error instanceof LianfaError) return new CommandFailure(error.toJSON(), { cause: error });
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR') {
    return new CommandFailure(
      {
        code: 'file_unreadable',
        message: { zh: `无法读取文件“${path ?? ''}”。`, en: `File "${path ?? ''}" cannot be read.` },
        todo: { zh: '请检查路径和权限。', en: 'Check the path and its permissions.' },
      },
      { cause: error },
    );
  }
  return new CommandFailure(
    {
      code: 'unexpected',
      message: { zh: `发生意外错误：${message}`, en: `Something unexpected happened: ${message}` },
      todo: { zh: '请把这条信息告诉运维人员。', en: 'Tell operations this message.' },
    },
    { cause: error },
  );
}
