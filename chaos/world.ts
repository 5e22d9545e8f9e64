/** The hub under attack: its roles as real processes that are started again when they fall, a real Redis with its file. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { roleFlags } from '../cli/supervisor.js';
import { apart } from '../core/hub/apart.js';
import { freePort } from '../core/free-port.js';
import { readConfig } from '../core/hub/config.js';
import { openHub, type Hub } from '../core/hub/hub.js';
import { startRedisChild } from '../core/queue/redis-child.js';
import { publishers } from './plan.js';

const program = join(import.meta.dirname, '..', 'cli', 'main.js');

/** Milliseconds until a fallen process is started again. */
const restart = 400;

/** How far back, ms, Redis is when it comes back older; it writes to its file each second. */
const ago = 1_500;

export interface World {
  hub: Hub;
  folder: string;
  kill(part: string): void;
  /** Told to end, and another started when it has; answers when that works. `status`: how it ended. */
  replace(part: string): Promise<{ status: number | string; seconds: number }>;
  /** Stands still for so many seconds. */
  stop(part: string, seconds: number): void;
  flush(): Promise<void>;
  /** Killed, and its file lost. */
  lose(): void;
  /** Killed, and back without its last moments. */
  age(): void;
  /** Nobody stands still any more. */
  wake(): void;
  /** Told to end, and started again as this program; resolves when it works. */
  become(part: string, program: string): Promise<void>;
  close(): Promise<void>;
}

export interface Shape {
  /** `port`: of a further server; the first one listens at the hub's own. */
  parts: readonly PartShape[];
  /** Under which the public and the platforms come in, where that is not the first server itself. */
  url?: string;
  /** `cli/main.js` of a version; this one where none is named. */
  program?: string;
  /** A Redis that somebody else starts and ends. */
  redis?: Record<'REDIS_URL', string> & NodeJS.ProcessEnv;
  /** MongoDB in place of the embedded store. */
  mongoUri?: string;
  /** Settings of all of them besides. */
  env?: NodeJS.ProcessEnv;
  /** Where they write what they have to say; else it goes with the world. */
  log?: string;
}

interface PartShape {
  name: string;
  roles: string;
  port?: number;
  /** What stands before the command, where it runs on a host of its own. */
  enter?: readonly string[];
  env?: NodeJS.ProcessEnv;
}

interface Part extends PartShape {
  program: string;
  child: ChildProcess | undefined;
  /** Of the present child. */
  works?: Promise<unknown>;
  timer: NodeJS.Timeout | undefined;
}

/** Two publishers, and one of each other role. */
const usual: Shape = {
  parts: [
    ...publishers.map((name) => ({ name, roles: 'publish' })),
    ...['record,dispatch', 'clock,media', 'server'].map((roles) => ({ name: roles, roles })),
  ],
};

/** `allowInner`: addresses of the platforms. Whatever ends this process ends all that was started here. */
export async function openWorld(allowInner: readonly string[], shape = usual): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'lianfa-chaos-'));
  const log = openSync(shape.log ?? join(folder, 'log'), 'a');
  const redis = shape.redis === undefined ? await startRedisChild(folder, () => undefined) : undefined;
  const port = await freePort();
  const env: NodeJS.ProcessEnv = {
    ...apart(process.env),
    LIANFA_DATA: folder,
    LIANFA_PORT: String(port),
    REDIS_URL: redis?.url,
    ...shape.redis,
    LIANFA_ALLOW_INNER: allowInner.join(','),
    LIANFA_LOG: 'warn',
    LIANFA_SECOND_FACTOR: 'optional',
    ...(shape.url !== undefined && { LIANFA_URL: shape.url }),
    ...shape.env,
  };
  if (shape.mongoUri !== undefined) env['MONGODB_URI'] = shape.mongoUri;
  let closing = false;

  const parts: Part[] = shape.parts.map((part) => ({
    ...part,
    program: shape.program ?? program,
    child: undefined,
    timer: undefined,
  }));

  function start(part: Part): ChildProcess {
    const [execPath = '', ...before] = [...(part.enter ?? []), process.execPath];
    const port = part.port !== undefined && { LIANFA_PORT: String(part.port) };
    const child = fork(part.program, ['start', '--role', part.roles], {
      env: { ...env, LIANFA_NAME: part.name, ...port, ...part.env },
      execPath,
      execArgv: [...before, ...roleFlags],
      stdio: ['ignore', log, log, 'ipc'],
    });
    part.child = child;
    part.works = once(child, 'message');
    child.once('exit', () => {
      if (!closing) setTimeout(() => !closing && start(part), restart);
    });
    return child;
  }

  /** At once, whatever happens to this process. A process that stands still dies of SIGKILL all the same. */
  function endAll(): void {
    closing = true;
    for (const { child, timer } of parts) {
      clearTimeout(timer);
      child?.kill('SIGKILL');
    }
    if (redis?.pid !== undefined) kill(redis.pid);
  }
  const onExit = (): void => {
    endAll();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once('exit', onExit);

  const partNamed = (name: string): Part => {
    const part = parts.find((one) => one.name === name);
    if (!part) throw new Error(`no part "${name}"`);
    return part;
  };

  const aof = join(folder, 'redis', 'appendonlydir');
  const sizes: { at: number; file: string; size: number }[] = [];
  const watch = setInterval(() => {
    const file = newestFile(aof);
    if (file !== undefined) sizes.push({ at: Date.now(), file, size: statSync(file).size });
    if (sizes.length > 60) sizes.shift();
  }, 250);

  await Promise.all(
    parts.map((part) => {
      start(part);
      return part.works;
    }),
  );
  const hub = await openHub(readConfig(env), 'chaos');

  return {
    hub,
    folder,
    kill(name) {
      partNamed(name).child?.kill('SIGKILL');
    },
    async replace(name) {
      const part = partNamed(name);
      const { child } = part;
      if (!child) throw new Error(`${name} does not run`);
      const began = Date.now();
      child.kill('SIGTERM');
      const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
      const seconds = (Date.now() - began) / 1_000;
      while (part.child === child) await pause(20);
      await part.works;
      return { status: code ?? signal ?? '', seconds };
    },
    stop(name, seconds) {
      const part = partNamed(name);
      const { child } = part;
      child?.kill('SIGSTOP');
      clearTimeout(part.timer);
      part.timer = setTimeout(() => child?.kill('SIGCONT'), seconds * 1_000);
    },
    async flush() {
      await hub.redis.flushall();
    },
    lose() {
      if (redis?.pid !== undefined) kill(redis.pid);
      rmSync(aof, { recursive: true, force: true });
    },
    age() {
      const file = newestFile(aof);
      const then = sizes.findLast((one) => one.file === file && one.at <= Date.now() - ago);
      if (redis?.pid !== undefined) kill(redis.pid);
      if (then) truncateSync(then.file, Math.min(then.size, statSync(then.file).size));
    },
    wake() {
      for (const { child } of parts) child?.kill('SIGCONT');
    },
    async become(name, next) {
      const part = partNamed(name);
      part.program = next;
      const { child } = part;
      child?.kill('SIGTERM');
      while (part.child === child) await pause(50);
      if (part.child) await once(part.child, 'message');
    },
    async close() {
      clearInterval(watch);
      endAll();
      process.off('exit', onExit);
      await redis?.stop();
      await hub.close();
      closeSync(log);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function newestFile(folder: string): string | undefined {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.incr.aof'));
    return names.map((name) => join(folder, name)).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
  } catch {
    return undefined;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
