/** The command as a person types it, run in this process against a test server. */
import { Command } from 'commander';
import type { TestServer } from './http.js';

export interface Said {
  out: string;
  err: string;
  code: number;
}

type Lianfa = (args: string[], env?: Record<string, string>) => Promise<Said>;

/** Gives back what it printed and its exit code. `env`: who asks, where that is not the server's own user. */
export function openTerminal(
  server: () => Pick<TestServer, 'url' | 'user'>,
  commands: readonly { register(program: Command): void }[],
): Lianfa {
  return async (args, env = {}) => {
    const [out, err] = [[] as string[], [] as string[]];
    const spies = [
      jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
        out.push(String(text));
        return true;
      }),
      jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
        err.push(String(text));
        return true;
      }),
    ];
    const before = { ...process.env };
    const { url, user } = server();
    Object.assign(process.env, { LIANFA_URL: url, LIANFA_USER: user.name, LIANFA_PASSWORD: user.password, ...env });
    try {
      const program = new Command('lianfa').exitOverride();
      for (const command of commands) command.register(program);
      await program.parseAsync(['node', 'lianfa', ...args]);
      return { out: out.join(''), err: err.join(''), code: Number(process.exitCode ?? 0) };
    } finally {
      for (const spy of spies) spy.mockRestore();
      process.env = before;
      process.exitCode = 0;
    }
  };
}
