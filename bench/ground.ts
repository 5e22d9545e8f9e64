/** What a bench stands on: sandboxes in a process of their own, Redis, a data folder. All of it goes when the bench ends. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { apart } from '../core/hub/apart.js';
import { readConfig, type Config } from '../core/hub/config.js';
import { freePort } from '../core/free-port.js';
import { startSandboxChild } from '../cli/sandbox-child.js';
import { roleFlags } from '../cli/supervisor.js';
import { startRedisChild } from '../core/queue/redis-child.js';
import type { Servers } from './redis-servers.js';
import { cpuSeconds, peakMb } from './cpu.js';

export const program = join(import.meta.dirname, '..', 'cli', 'main.js');

/** A ready account of a sandbox. */
export interface ReadyAccount {
  name: string;
  settings: Record<string, unknown>;
  credentials: Record<string, unknown>;
}

/** What one account took since the last reset, oldest first. */
export interface Took {
  account: string;
  /** Milliseconds since 1970. */
  at: number;
  subject: string;
}

const record = z.record(z.string(), z.unknown());
const readyAccounts = z.object({
  entries: z.array(z.object({ name: z.string(), settings: record, credentials: record })),
});
const accepted = z.object({
  entries: z.array(z.object({ account: z.string(), at: z.iso.datetime(), subject: z.string() })),
});

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
  /** Of any channel. */
  ready(channel: string, from: number, count: number): Promise<ReadyAccount[]>;
  /** What the accounts of a channel took by this call since the last reset, oldest first. */
  taken(channel: string, call: string): Promise<Took[]>;
  reset(): Promise<void>;
  /** Seconds of the processor that each part has used: `sandbox`, `redis`, and the roles by name. Not a number where the system does not say. */
  cpu(): Record<string, number>;
  /** MB of memory that each of the same parts has held at most. */
  memory(): Record<string, number>;
  /** A control of a sandbox. */
  control(channel: string, path: string, body: unknown): Promise<void>;
  /** Starts roles, and a lane where one is named (`publish --lane emergency`), in a process of their own, with the ground's settings; resolves when it works. */
  role(roles: string): Promise<void>;
  close(): Promise<void>;
}

/** `reachable`: further addresses of this machine that the hub may reach. `cluster`: in place of a Redis of its own. */
export async function openGround(reachable: readonly string[] = [], cluster?: Servers): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'lianfa-bench-'));
  const children: { roles: string; child: ChildProcess }[] = [];
  const { platforms, pid, stop } = await startSandboxChild(program);
  const weibo = platforms.find((one) => one.platform === 'weibo');
  if (!weibo) throw new Error('there is no weibo sandbox');
  const redis = cluster
    ? undefined
    : await startRedisChild(folder, (line) => {
        console.error(line);
      });
  const env = {
    ...apart(process.env),
    LIANFA_DATA: folder,
    LIANFA_PORT: String(await freePort()),
    REDIS_URL: cluster?.url ?? redis?.url,
    LIANFA_ALLOW_INNER: [...platforms.map(({ url }) => url), ...reachable].join(','),
    LIANFA_LOG: 'warn',
    LIANFA_SECOND_FACTOR: 'optional',
  };

  /** Also where the bench is interrupted. */
  const endAll = (): void => {
    for (const { child } of children) child.kill('SIGKILL');
    stop();
    if (redis?.pid !== undefined) process.kill(redis.pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once('exit', endAll);

  const controlOf = (channel: string): string => {
    const found = platforms.find((one) => one.platform === channel);
    if (!found) throw new Error(`there is no ${channel} sandbox`);
    return found.control;
  };
  const ask = async (path: string, init?: RequestInit, channel = 'weibo'): Promise<unknown> =>
    (await fetch(`${controlOf(channel)}${path}`, init)).json();

  /** In pieces, as many as a sandbox hands out at once. */
  async function accountsOf<T>(
    channel: string,
    from: number,
    count: number,
    read: (answer: unknown) => T[],
  ): Promise<T[]> {
    const entries: T[] = [];
    for (let at = 0; at < count; at += 10_000) {
      const query = `from=${from + at}&count=${Math.min(10_000, count - at)}`;
      entries.push(...read(await ask(`/accounts?${query}`, undefined, channel)));
    }
    return entries;
  }

  async function taken(channel: string, call: string): Promise<Took[]> {
    const { entries } = accepted.parse(await ask(`/accepted?call=${call}`, undefined, channel));
    return entries.map(({ account, at, subject }) => ({ account, at: Date.parse(at), subject }));
  }

  function eachPart(measure: (pid: number | undefined) => number | undefined): Record<string, number> {
    const sums: Record<string, number> = {};
    const processes: [string, number | undefined][] = [
      ['sandbox', pid],
      ...(cluster?.servers ?? [redis]).map((one): [string, number | undefined] => ['redis', one?.pid]),
      ...children.map(({ roles, child }): [string, number | undefined] => [roles, child.pid]),
    ];
    for (const [part, id] of processes) sums[part] = (sums[part] ?? 0) + (measure(id) ?? Number.NaN);
    return sums;
  }

  return {
    config: readConfig(env),
    weibo: weibo.url,
    accounts: (from, count) => accountsOf('weibo', from, count, (answer) => weiboAccounts.parse(answer).entries),
    ready: (channel, from, count) => accountsOf(channel, from, count, (answer) => readyAccounts.parse(answer).entries),
    taken,
    async reset() {
      for (const { platform } of platforms) await ask('/reset', { method: 'POST', body: '{}' }, platform);
    },
    cpu: () => eachPart(cpuSeconds),
    memory: () => eachPart(peakMb),
    async control(channel, path, body) {
      await ask(path, { method: 'POST', body: JSON.stringify(body) }, channel);
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
      await redis?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
