/**
 * `npm run chaos -- endings [--times 20] [--only demo] [--at-once 1] [--minutes 600]`: each program ended in every way, so
 * many times; then its processes are counted, by a mark in their environment and by where they work, and its folders.
 * After a kill that nothing can answer, the next start clears. Those at once have ports, folders and a Redis each. When
 * the minutes are over the rounds end, and what came to an end is told.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { apart } from '../core/hub/apart.js';
import { newId } from '../core/ids.js';
import { freePort } from '../core/free-port.js';
import { startServer } from '../bench/redis-servers.js';

const root = join(import.meta.dirname, '..', '..');
const lianfa = join(root, 'dist', 'cli', 'main.js');
const node = process.execPath;
const options = z.object({
  times: z.coerce.number().int().min(1).max(100).default(20),
  only: z.enum(['demo', 'start', 'role', 'sandbox']).optional(),
  'at-once': z.coerce.number().int().min(1).max(16).default(1),
  minutes: z.coerce.number().positive().default(600),
});

/** ms that may pass from the ending until nothing is left. */
const longest = 40_000;
/** ms until a program works. */
const longestStart = 90_000;
/** ms after a kill -9 until the program is started again where something is left: its children hear that they are alone. */
const byThemselves = 15_000;

interface Program {
  command: string;
  args: string[];
  /** What it says when it works. */
  works: RegExp;
}

/** `role` stands on a Redis of its own. */
const programs = {
  demo: { command: 'npm', args: ['run', 'demo'], works: /工作台 dashboard/ },
  start: { command: 'npm', args: ['start'], works: /Lianfa is up/ },
  role: { command: node, args: [lianfa, 'start', '--role', 'publish,record,dispatch'], works: /"ready"/ },
  sandbox: { command: node, args: [lianfa, 'sandbox'], works: /weibo/ },
} as const satisfies Record<string, Program>;
type Name = keyof typeof programs;

interface Running {
  child: ChildProcess;
  mark: string;
  folder: string;
}

/** How it is ended. A group is what a terminal tells; the last two nothing can answer. */
const ways: Record<string, (running: Running) => Promise<void> | void> = {
  'Ctrl+C': ({ child }) => group(child, 'SIGINT'),
  'Ctrl+C twice': async ({ child }) => {
    group(child, 'SIGINT');
    await pause(Math.random() * 400);
    group(child, 'SIGINT');
  },
  'terminal closed': ({ child }) => group(child, 'SIGHUP'),
  'SIGTERM to the first': ({ child }) => void child.kill('SIGTERM'),
  'SIGTERM to any': async (running) => {
    const all = [...processesOf(running).keys()];
    const pid = all[Math.floor(Math.random() * all.length)];
    if (pid !== undefined) send(pid, 'SIGTERM');
    await pause(Math.random() * 3_000);
    // What only serves the others is started again, and all goes on.
    group(running.child, 'SIGINT');
  },
  'kill -9 of the first': ({ child }) => void child.kill('SIGKILL'),
  'kill -9 of the owner': (running) => {
    for (const [pid, words] of processesOf(running))
      if (words.includes('main.js') && isOwner(words)) send(pid, 'SIGKILL');
  },
};

/** Of a program's processes, the one that has started the others; a role and the sandboxes are their own. */
function isOwner(words: string): boolean {
  return !/--role server|--role clock|--lane|sandbox --json|redis-server/.test(words);
}

function group({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined) send(-pid, signal);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}

/**
 * Processes that bear the mark or work in the folder, with their command lines: redis-server writes its title over its
 * environment, so that it is known by where it works alone.
 */
function processesOf({ mark, folder }: Pick<Running, 'mark' | 'folder'>): Map<number, string> {
  const found = new Map<number, string>();
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      const own =
        readFileSync(`/proc/${name}/environ`, 'utf8').includes(`LIANFA_MARK=${mark}`) ||
        readlinkSync(`/proc/${name}/cwd`).startsWith(`${folder}/`);
      if (own) found.set(Number(name), readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' '));
    } catch {
      // It has just ended.
    }
  }
  return found;
}

/** Where one ending after the other takes place. */
interface Place {
  /** The first of a hundred ports that nobody else here takes. */
  port: number;
  redisUrl: string;
}

/** Fails where a program has not come to work for so long that it hangs. */
async function tooLong(name: Name): Promise<void> {
  await pause(longestStart, undefined, { ref: false });
  throw new Error(`${name} neither works nor ends`);
}

async function start(name: Name, folder: string, mark: string, { port, redisUrl }: Place): Promise<Running> {
  const { command, args, works } = programs[name];
  const own = name === 'role' ? { REDIS_URL: redisUrl } : {};
  const child = spawn(command, args, {
    cwd: root,
    // A group of its own, as a terminal gives.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...apart(process.env),
      ...own,
      TMPDIR: folder,
      LIANFA_DATA: join(folder, 'data'),
      LIANFA_PORT: String(await freePort(port)),
      LIANFA_LOG: 'silent',
      LIANFA_MARK: mark,
    },
  });
  const working = new Promise<void>((done, fail) => {
    let said = '';
    const heard = (piece: Buffer): void => {
      said += piece.toString();
      if (works.test(said)) done();
    };
    child.stdout.on('data', heard);
    child.stderr.on('data', heard);
    child.once('exit', () => {
      fail(new Error(`${name} ended early: ${said.slice(-500)}`));
    });
  });
  try {
    await Promise.race([working, tooLong(name)]);
  } catch (error) {
    if (child.exitCode === null) group(child, 'SIGKILL');
    throw error;
  }
  return { child, mark, folder };
}

/** What is left after at most so many ms. */
async function leftOf({ mark, folder }: Omit<Running, 'child'>, within: number): Promise<string[]> {
  for (const end = Date.now() + within; ; await pause(200)) {
    const left = [...processesOf({ mark, folder }).values(), ...readdirSync(folder).filter((one) => one !== 'data')];
    if (left.length === 0 || Date.now() > end) return left;
  }
}

/** What is cleared where the proof itself is interrupted. */
const underWay = new Set<() => void>();

interface Ended {
  /** Absent where it never came to work: then that has ended it. */
  early?: string;
  left: string[];
  /** It took the next start to clear it. */
  again: boolean;
  /** ms from the ending until nothing was left. */
  took: number;
}

/** One ending. */
async function trial(name: Name, way: string, place: Place): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'endings-'));
  mkdirSync(join(folder, 'data'));
  const mark = newId('m');
  const clear = (): void => {
    for (const pid of processesOf({ mark, folder }).keys()) send(pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  underWay.add(clear);
  try {
    const running = await start(name, folder, mark, place).catch(String);
    if (typeof running === 'string')
      return { early: running, left: await leftOf({ mark, folder }, longest), again: false, took: 0 };
    // Somewhere in the middle of what it does.
    await pause(Math.random() * 1_500);
    await ways[way]?.(running);
    const told = performance.now();
    const killed = way.startsWith('kill');
    let left = await leftOf(running, killed ? byThemselves : longest);
    const again = killed && left.length > 0;
    if (again) {
      await ways['Ctrl+C']?.(await start(name, folder, mark, place));
      left = await leftOf(running, longest);
    }
    return { left, again, took: performance.now() - told };
  } catch (error) {
    return { left: [`the next start failed: ${String(error)}`], again: true, took: 0 };
  } finally {
    clear();
    underWay.delete(clear);
  }
}

export async function endings(args: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: {
      ...{ times: { type: 'string' }, only: { type: 'string' } },
      'at-once': { type: 'string' },
      minutes: { type: 'string' },
    },
  });
  const { times, only, 'at-once': atOnce, minutes } = options.parse(values);
  const names = only ? [only] : (Object.keys(programs) as Name[]);
  const rows = names.flatMap((name) => Object.keys(ways).map((way) => ({ name, way, all: [] as Ended[] })));
  // One of each, then the next of each: whenever it ends, all have been tried alike.
  const todo = Array.from({ length: times }, () => rows).flat();
  const folder = mkdtempSync(join(tmpdir(), 'endings-redis-'));
  // Also of a run that is interrupted.
  process.once('exit', () => {
    for (const clear of underWay) clear();
    rmSync(folder, { recursive: true, force: true });
    tell(rows);
  });
  const over = Date.now() + minutes * 60_000;
  const one = async (_: unknown, n: number): Promise<void> => {
    const redis = await startServer(folder, ['appendonly yes', 'save ""', 'maxmemory-policy noeviction']);
    const end = (): void => {
      redis.end();
    };
    underWay.add(end);
    const place = { port: 21_000 + 100 * n, redisUrl: `redis://127.0.0.1:${redis.port}` };
    for (let row = todo.shift(); row && Date.now() < over; row = todo.shift()) {
      const ended = await trial(row.name, row.way, place);
      row.all.push(ended);
      const words = [...(ended.early === undefined ? [] : [ended.early]), ...ended.left].map((line) =>
        line.slice(-300),
      );
      console.error(`  ${row.name}, ${row.way}: ${isClean(ended) ? 'nothing left' : words.join('\n    ')}`);
    }
    end();
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return rows.every(({ all }) => all.length > 0 && all.every(isClean));
}

function tell(rows: readonly { name: Name; way: string; all: readonly Ended[] }[]): void {
  console.error(`  ${'program'.padEnd(8)} ${'ended by'.padEnd(22)} nothing left  by the next start  seconds, longest`);
  for (const { name, way, all } of rows) {
    const clean = all.filter(isClean).length;
    const again = all.filter((one) => one.again).length;
    const seconds = Math.max(0, ...all.map(({ took }) => took)) / 1_000;
    console.error(
      `  ${name.padEnd(8)} ${way.padEnd(22)} ${`${clean} / ${all.length}`.padEnd(12)}  ${String(again).padEnd(17)}  ${seconds.toFixed(1)}`,
    );
  }
  const all = rows.flatMap((row) => row.all);
  const early = all.filter((one) => one.early !== undefined).length;
  const left = all.filter((one) => one.left.length > 0).length;
  console.log(JSON.stringify({ endings: all.length - early, left, early }));
}

function isClean({ early, left }: Ended): boolean {
  return early === undefined && left.length === 0;
}
