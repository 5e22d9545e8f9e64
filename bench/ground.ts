/** What a bench stands on: sandboxes in a process of their own, Redis, a data folder. All of it goes when the bench ends. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { readConfig, type Config } from '../core/hub/config.js';
import { freePort } from '../core/free-port.js';
import { startSandboxChild } from '../cli/sandbox-child.js';
import { roleFlags } from '../cli/supervisor.js';
import { startRedisChild } from '../core/queue/redis-child.js';
import { cpuSeconds } from './cpu.js';

export const program = join(import.meta.dirname, '..', 'cli', 'main.js');

/** What a ready Weibo account of the sandbox holds, as far as a bare loop needs it. */
export const weiboAccounts = z.object({
  entries: z.array(
    z.object({
      name: z.string(),
      settings: z.looseObject({ uid: z.string(), rip: z.string(), linkTemplate: z.string() }),
      credentials: z.looseObject({ accessToken: z.string() }),
    }),
  ),
});
export type WeiboAccount = z.infer<typeof weiboAccounts>['entries'][number];

export interface Ground {
  config: Config;
  /** Address of the sandbox, without trailing slash. */
  weibo: string;
  accounts(from: number, count: number): Promise<WeiboAccount[]>;
  /** How often each account posted, since the last reset. */
  posts(): Promise<Map<string, number>>;
  reset(): Promise<void>;
  /** Seconds of the processor that each part has used: `sandbox`, `redis`, and the roles by name. Not a number where the system does not say. */
  cpu(): Record<string, number>;
  /** A control of the Weibo sandbox. */
  control(path: string, body: unknown): Promise<void>;
  /** Starts roles, and a lane where one is named (`publish --lane emergency`), in a process of their own, with the ground's settings; resolves when it works. */
  role(roles: string): Promise<void>;
  close(): Promise<void>;
}

/** `reachable`: further addresses of this machine that the hub may reach. */
export async function openGround(reachable: readonly string[] = []): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'lianfa-bench-'));
  const children: { roles: string; child: ChildProcess }[] = [];
  const { platforms, pid, stop } = await startSandboxChild(program);
  const weibo = platforms.find((one) => one.platform === 'weibo');
  if (!weibo) throw new Error('there is no weibo sandbox');
  const redis = await startRedisChild(folder, (line) => {
    console.error(line);
  });
  const env = {
    ...process.env,
    LIANFA_DATA: folder,
    LIANFA_PORT: String(await freePort()),
    REDIS_URL: redis.url,
    LIANFA_ALLOW_INNER: [weibo.url, ...reachable].join(','),
    LIANFA_LOG: 'warn',
    MONGODB_URI: undefined,
  };

  /** Also where the bench is interrupted. */
  const endAll = (): void => {
    for (const { child } of children) child.kill('SIGKILL');
    stop();
    if (redis.pid !== undefined) process.kill(redis.pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once('exit', endAll);

  const ask = async (path: string, init?: RequestInit): Promise<unknown> =>
    (await fetch(`${weibo.control}${path}`, init)).json();

  return {
    config: readConfig(env),
    weibo: weibo.url,
    async accounts(from, count) {
      const entries: WeiboAccount[] = [];
      for (let at = 0; at < count; at += 10_000)
        entries.push(
          ...weiboAccounts.parse(await ask(`/accounts?from=${from + at}&count=${Math.min(10_000, count - at)}`))
            .entries,
        );
      return entries;
    },
    async posts() {
      const { entries } = z
        .object({ entries: z.array(z.object({ account: z.string() })) })
        .parse(await ask('/accepted?call=statuses/share'));
      const counts = new Map<string, number>();
      for (const { account } of entries) counts.set(account, (counts.get(account) ?? 0) + 1);
      return counts;
    },
    async reset() {
      await ask('/reset', { method: 'POST', body: '{}' });
    },
    cpu() {
      const used: Record<string, number> = {};
      const processes = [
        ['sandbox', pid],
        ['redis', redis.pid],
        ...children.map(({ roles, child }) => [roles, child.pid]),
      ];
      for (const [part, id] of processes as [string, number | undefined][])
        used[part] = (used[part] ?? 0) + (cpuSeconds(id) ?? Number.NaN);
      return used;
    },
    async control(path, body) {
      await ask(path, { method: 'POST', body: JSON.stringify(body) });
    },
    async role(roles) {
      const child = fork(program, ['start', '--role', ...roles.split(' ')], {
        env,
        execArgv: roleFlags,
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      children.push({ roles, child });
      const ended = once(child, 'exit').then(() => {
        throw new Error(`the role ${roles} ended early`);
      });
      await Promise.race([once(child, 'message'), ended]);
    },
    async close() {
      process.off('exit', endAll);
      for (const { child } of children) child.kill('SIGKILL');
      stop();
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
