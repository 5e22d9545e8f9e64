/** The sandboxes as a child process, which ends with its parent. */
import { fork, type ChildProcess } from 'node:child_process';
import { z } from 'zod';

const started = z.object({
  platforms: z.array(z.object({ platform: z.string(), url: z.string(), control: z.string() })),
});
export type StartedPlatform = z.infer<typeof started>['platforms'][number];

/** Resolves when every platform answers. Throws where the child ends before it has said so; then nothing is left running. */
export async function startSandboxChild(program: string): Promise<{
  platforms: StartedPlatform[];
  pid: number | undefined;
  stop(): void;
}> {
  const child = fork(program, ['sandbox', '--json'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const stop = (): void => {
    child.kill('SIGKILL');
  };
  try {
    return { ...started.parse(JSON.parse(await firstLine(child))), pid: child.pid, stop };
  } catch (error) {
    stop();
    throw error;
  }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let text = '';
    child.once('exit', (code) => {
      fail(new Error(`the sandboxes ended early (${String(code)})`));
    });
    child.stdout?.on('data', (part: Buffer) => {
      text += part.toString('utf8');
      const end = text.indexOf('\n');
      if (end >= 0) done(text.slice(0, end));
    });
  });
}
