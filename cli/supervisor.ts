/** One machine: Redis and every role as children, started again when they fall, ended in order when told. */
import { fork, type ChildProcess } from 'node:child_process';
import { z } from 'zod';
import { startRedisChild, type RedisChild } from '../core/queue/redis-child.js';
import type { Config } from '../core/hub/config.js';

/**
 * The roles of a desk, one process each. Recorder and dispatcher share one: the embedded store has one big writer. The
 * emergency lane has processes of its own: in one with routine work it would stand behind each piece of that which is
 * done without a break, a hundred milliseconds where a thousand rows are written.
 */
export const desk = [
  'server',
  'publish --lane routine',
  'publish --lane emergency',
  'record,dispatch --lane routine',
  'record,dispatch --lane emergency',
  'clock,media',
] as const;

/** What a child tells its supervisor once it works. */
export const readyMessage = z.object({
  ready: z.string(),
  address: z.string().optional(),
  firstUser: z.object({ name: z.string(), password: z.string() }).optional(),
});
export type ReadyMessage = z.infer<typeof readyMessage>;
const message = z.union([readyMessage, z.object({ alive: z.literal(true) })]);

/** How often a role says that it lives, ms. */
export const pulseEvery = 5_000;

/** How many pulses a role may take to be ready, and may then miss. One that hangs holds claims and jobs that others wait for. */
interface Patience {
  /** ms */
  pulse: number;
  starting: number;
  silent: number;
}

export interface Supervisor {
  address: string;
  firstUser: ReadyMessage['firstUser'];
  /** Process ids by role, and of Redis where it is a child. */
  pids(): Record<string, number | undefined>;
  stop(): Promise<void>;
  /** While it stops: nobody waits for what the roles are at. */
  kill(): void;
}

/**
 * How Node runs a role. Sending leaves many short-lived objects, and a nursery of 64 MB instead of 16 is cleared so seldom
 * that its helper threads take half as much of the processor. What outlives it is cleared when it has grown by 30 %, for
 * left alone V8 lets it become four times as much, and a large order would take more memory than a small one for nothing.
 */
export const roleFlags = ['--max-semi-space-size=64', '--heap-growing-percent=30'];

const usual: Patience = { pulse: pulseEvery, starting: 12, silent: 18 };

const shortestPause = 200;
const longestPause = 10_000;

/**
 * Resolves when every role works. Throws where one does not within 60 s; later one that does not, or falls silent for as
 * long as that, is killed and started again. `say` gets plain lines for the terminal. Throws too where it is `told` to end
 * before that; then nothing is left running.
 */
export async function supervise(
  config: Config,
  program: string,
  say: (line: string) => void,
  { told, patience = usual }: { told?: Promise<void>; patience?: Patience } = {},
): Promise<Supervisor> {
  const redis: RedisChild | undefined = config.redisUrl ? undefined : await startRedisChild(config.dataFolder, say);
  const env = {
    ...process.env,
    LIANFA_DATA: config.dataFolder,
    LIANFA_PORT: String(config.port),
    LIANFA_HOST: config.host,
    REDIS_URL: config.redisUrl ?? redis?.url,
  };
  const children = new Map<string, ChildProcess>();
  let stopping = false;

  function start(role: string, ready: (message: ReadyMessage) => void, pause = shortestPause): void {
    const child = fork(program, ['start', '--role', ...role.split(' ')], {
      env,
      execArgv: [...process.execArgv, ...roleFlags],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const began = Date.now();
    children.set(role, child);
    // Counted in our own ticks and not by the clock: when the whole machine stood still, nobody was silent.
    let [missed, most] = [0, patience.starting];
    const ticks = setInterval(() => {
      missed += 1;
      if (missed !== most + 1) return;
      say(`${role} has been silent for ${(most * patience.pulse) / 1_000} s, killing it`);
      child.kill('SIGKILL');
    }, patience.pulse);
    child.on('message', (text) => {
      [missed, most] = [0, patience.silent];
      const heard = message.parse(text);
      if ('ready' in heard) ready(heard);
    });
    child.once('exit', (code, signal) => {
      clearInterval(ticks);
      if (stopping) return;
      const next = Date.now() - began > 30_000 ? shortestPause : Math.min(longestPause, pause * 2);
      say(`${role} ended (${signal ?? String(code)}), starting it again`);
      setTimeout(() => {
        if (!stopping) start(role, ready, next);
      }, pause);
    });
  }

  async function stop(): Promise<void> {
    stopping = true;
    await Promise.all([...children.values()].map(end));
    await redis?.stop();
  }

  try {
    const early = told?.then(() => {
      throw new Error('已中止启动。 It was told to end before it had started.');
    });
    const started = Promise.all(
      desk.map(
        (role) =>
          new Promise<ReadyMessage>((done, fail) => {
            const late = setTimeout(() => {
              fail(new Error(`${role} did not start within ${(patience.starting * patience.pulse) / 1_000} s`));
            }, patience.starting * patience.pulse);
            start(role, (heard) => {
              clearTimeout(late);
              done(heard);
            });
          }),
      ),
    );
    // Whichever of the two comes later concerns nobody.
    early?.catch(() => undefined);
    started.catch(() => undefined);
    const messages = await (early ? Promise.race([started, early]) : started);
    const server = messages.find(({ address }) => address !== undefined);
    return {
      address: server?.address ?? '',
      firstUser: server?.firstUser,
      pids: () => ({
        redis: redis?.pid,
        ...Object.fromEntries([...children].map(([role, child]) => [role, child.pid])),
      }),
      stop,
      kill() {
        for (const child of children.values()) child.kill('SIGKILL');
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Asks first; after 25 s it insists: a publisher may take 20 s to end what it is at, a server 15 s with the time to be seen leaving. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  const insist = setTimeout(() => child.kill('SIGKILL'), 25_000);
  await ended;
  clearTimeout(insist);
}
