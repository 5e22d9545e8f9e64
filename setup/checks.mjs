/** What holds before a test is worth running: `npm run lint`, and the first part of `npm test`. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { giveUp, root } from './steps.mjs';

const signals = ['SIGINT', 'SIGTERM'];
const eslint = ['eslint/bin/eslint.js', '--max-warnings', '0'];

/** Longest first, so that none is left to run alone at the end. ESLint is two: the dashboard is a program of its own. */
const checks = [
  { zh: '写法（程序）', en: 'style (program)', args: [...eslint, '.', '--ignore-pattern', 'dashboard/'] },
  { zh: '类型（程序与测试）', en: 'types (program and tests)', args: ['typescript/bin/tsc', '-p', 'tsconfig.json'] },
  { zh: '写法（工作台）', en: 'style (dashboard)', args: [...eslint, 'dashboard'] },
  {
    zh: '类型（工作台）',
    en: 'types (dashboard)',
    args: ['vue-tsc/bin/vue-tsc.js', '-p', 'dashboard/tsconfig.json', '--noEmit'],
  },
  {
    zh: '格式',
    en: 'format',
    // What it remembers goes by the content of files, so it cannot be out of date.
    args: [
      'prettier/bin/prettier.cjs',
      '--check',
      '.',
      '--log-level=warn',
      '--cache',
      '--cache-strategy=content',
      '--cache-location=.setup/format',
    ],
  },
  {
    zh: '引用方向',
    en: 'import rules',
    args: [
      'dependency-cruiser/bin/dependency-cruise.mjs',
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'err',
      ...['core', 'server', 'channels', 'sms', 'workers', 'cli', 'bench', 'chaos', 'dashboard'],
    ],
  },
];

/** Runs every check, several side by side. What a check has to say is shown only where it fails; then the program ends. */
export async function check() {
  const waiting = [...checks];
  const failed = [];
  // Who stops the program stops what it has started.
  const stop = new AbortController();
  const stopped = () => {
    stop.abort();
    process.exit(1);
  };
  for (const signal of signals) process.once(signal, stopped);
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const began = Date.now();
      const { status, output } = await heard(next.args, stop.signal);
      const seconds = ((Date.now() - began) / 1000).toFixed(1);
      process.stderr.write(`${status === 0 ? '·' : '✗'} 检查${next.zh} Checking ${next.en} … ${seconds} s\n`);
      if (status !== 0) failed.push({ ...next, output });
    }
  };
  // One of them can take 2 GB: a machine with many cores need not have the memory for all at once.
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 3) }, lane));
  for (const signal of signals) process.off(signal, stopped);
  if (failed.length === 0) return;
  for (const { zh, en, output } of failed) process.stderr.write(`\n✗ ${zh} ${en}\n\n${output.trim()}\n`);
  giveUp(
    `有 ${failed.length} 项检查未通过，原因见上：${failed.map(({ zh }) => zh).join('、')}。`,
    `${failed.length} of ${checks.length} checks failed; the reasons are above: ${failed.map(({ en }) => en).join(', ')}.`,
  );
}

/** Runs a tool of node_modules and keeps what it says. */
function heard([tool, ...args], signal) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', tool), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.once('error', (error) => done({ status: 1, output: error.message }));
    child.once('close', (status, killed) =>
      done({ status, output: killed ? `${output}\n${tool}: ${killed}` : output }),
    );
  });
}
