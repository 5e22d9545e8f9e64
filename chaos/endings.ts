/**
 * `npm run chaos -- endings [--times 20] [--only demo]`: each program ended in every way, so many times; then its processes
 * are counted, by a mark in their environment, and its folders. After a kill that nothing can answer, the next start clears.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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
});

/** ms that may pass from the ending until nothing is left. */
const longest = 40_000;

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
    const all = [...processesOf(running.mark).keys()];
    const pid = all[Math.floor(Math.random() * all.length)];
    if (pid !== undefined) send(pid, 'SIGTERM');
    await pause(Math.random() * 3_000);
    // What only serves the others is started again, and all goes on.
    group(running.child, 'SIGINT');
  },
  'kill -9 of the first': ({ child }) => void child.kill('SIGKILL'),
  'kill -9 of the owner': (running) => {
    for (const [pid, words] of processesOf(running.mark))
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

/** Processes that bear the mark, with their command lines. */
function processesOf(mark: string): Map<number, string> {
  const found = new Map<number, string>();
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      if (!readFileSync(`/proc/${name}/environ`, 'utf8').includes(`LIANFA_MARK=${mark}`)) continue;
      found.set(Number(name), readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' '));
    } catch {
      // It has just ended.
    }
  }
  return found;
}

async function start(name: Name, folder: string, mark: string, redisUrl: string): Promise<Running> {
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
      LIANFA_PORT: String(await freePort()),
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
  await working;
  return { child, mark, folder };
}

/** What is left when it has had its time. */
async function leftOf({ mark, folder }: Running): Promise<string[]> {
  for (const end = Date.now() + longest; ; await pause(100)) {
    const left = [...processesOf(mark).values(), ...readdirSync(folder).filter((one) => one.startsWith('lianfa-'))];
    if (left.length === 0 || Date.now() > end) return left;
  }
}

/** One ending. Answers what it left. */
async function trial(name: Name, way: string, redisUrl: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'endings-'));
  mkdirSync(join(folder, 'data'));
  const mark = newId('m');
  const clear = (): void => {
    for (const pid of processesOf(mark).keys()) send(pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  // Also where the proof itself is interrupted.
  process.once('exit', clear);
  try {
    const running = await start(name, folder, mark, redisUrl);
    // Somewhere in the middle of what it does.
    await pause(Math.random() * 1_500);
    await ways[way]?.(running);
    if (way.startsWith('kill')) {
      // Its children hear that they are alone, and end; the next start clears what could not hear.
      await pause(3_000);
      await ways['Ctrl+C']?.(await start(name, folder, mark, redisUrl));
    }
    return await leftOf(running);
  } finally {
    clear();
    process.off('exit', clear);
  }
}

export async function endings(args: string[]): Promise<boolean> {
  const { values } = parseArgs({ args, options: { times: { type: 'string' }, only: { type: 'string' } } });
  const { times, only } = options.parse(values);
  const folder = mkdtempSync(join(tmpdir(), 'endings-redis-'));
  const redis = await startServer(folder, ['appendonly yes', 'save ""', 'maxmemory-policy noeviction']);
  process.once('exit', () => {
    redis.end();
    rmSync(folder, { recursive: true, force: true });
  });
  let [ended, left] = [0, 0];
  for (const name of only ? [only] : (Object.keys(programs) as Name[]))
    for (const way of Object.keys(ways)) {
      let clean = 0;
      for (let n = 0; n < times; n += 1) {
        const rest = await trial(name, way, `redis://127.0.0.1:${redis.port}`);
        if (rest.length === 0) clean += 1;
        else console.error(`    ${rest.map((one) => one.slice(0, 120)).join('\n    ')}`);
      }
      console.error(`  ${name.padEnd(8)} ${way.padEnd(22)} ${clean} / ${times}`);
      ended += times;
      left += times - clean;
    }
  console.log(JSON.stringify({ endings: ended, left }));
  return left === 0;
}
