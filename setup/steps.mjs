/**
 * Plain steps that bring a bare machine to where the program can run. No dependencies: it runs before there are any.
 * Each step is remembered under .setup/ by what it depends on, so the second time is quick and silent.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');
const notes = join(root, '.setup');

/** Ends the program with one plain sentence. */
export function giveUp(zh, en) {
  console.error(`\n${zh}\n${en}`);
  process.exit(1);
}

/** Runs `work` unless the note says that it was done for the same `key`. */
export function once(name, key, words, work) {
  mkdirSync(notes, { recursive: true });
  const note = join(notes, name);
  if (existsSync(note) && readFileSync(note, 'utf8') === key) return;
  const began = Date.now();
  process.stderr.write(`· ${words} … `);
  work();
  writeFileSync(note, key);
  process.stderr.write(`${((Date.now() - began) / 1000).toFixed(1)} s\n`);
}

/** Runs a command quietly; shows what it said only if it fails. */
export function quietly(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...options });
  if (done.status === 0) return;
  process.stderr.write(`\n${done.stdout ?? ''}${done.stderr ?? ''}${done.error ? `${done.error.message}\n` : ''}`);
  giveUp(
    `“${command} ${args.join(' ')}”未能完成，原因见上。`,
    `"${command} ${args.join(' ')}" failed; the reason is above.`,
  );
}

/** Installs what package-lock.json says, without running packages' own scripts: none of ours needs them. */
export function packages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (!existsSync(join(root, 'node_modules'))) forget('packages');
  once('packages', lock, '安装 npm 软件包 Installing npm packages', () =>
    quietly('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']),
  );
}

function forget(...names) {
  for (const name of names) rmSync(join(notes, name), { force: true });
}

const programs = {
  'redis-server': () => answers('redis-server', ['--version']),
  openssl: () => answers('openssl', ['version']),
  haproxy: () => answers('haproxy', ['-v']) || answers('/usr/sbin/haproxy', ['-v']),
  chromium: () => answers('chromium', ['--version']),
  iproute2: () => answers('ip', ['-V']),
  'fonts-noto-cjk': () =>
    existsSync('/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc') ||
    spawnSync('fc-list', [':lang=zh'], { encoding: 'utf8' }).stdout?.includes(':') === true,
};

function answers(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** Makes sure that Debian packages are there: by apt where it may, else with one sentence that says what to install. */
export function systemPrograms(names) {
  const missing = names.filter((name) => !programs[name]());
  if (missing.length === 0) return;
  const byHand = `apt-get install ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !answers('apt-get', ['--version']))
    giveUp(
      `缺少系统软件：${missing.join('、')}。请以管理员身份执行：${byHand}`,
      `Missing: ${missing.join(', ')}. As administrator run: ${byHand}`,
    );
  process.stderr.write(`· 安装系统软件 Installing ${missing.join(', ')} … `);
  const began = Date.now();
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  quietly('apt-get', ['update', '-qq'], { env });
  quietly('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env });
  process.stderr.write(`${((Date.now() - began) / 1000).toFixed(1)} s\n`);
}

/** The second is written by building the dashboard, each time anew: as a source it would have it built at every start. */
const notSources = ['node_modules', 'components.d.ts'];

/** A key over names, sizes and times of files below folders of the project: changes when any source does. */
export function sources(...folders) {
  const hash = createHash('sha256');
  const walk = (path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) return;
    if (!stat.isDirectory()) {
      hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`);
      return;
    }
    for (const name of readdirSync(path).sort()) if (!notSources.includes(name)) walk(join(path, name));
  };
  for (const folder of folders) walk(join(root, folder));
  return hash.digest('hex');
}

/** Compiles the program into dist/ and copies what it reads. */
export function buildProgram() {
  if (!existsSync(join(root, 'dist', 'cli', 'main.js'))) forget('program', 'build.tsbuildinfo');
  once(
    'program',
    sources(
      'core',
      'server',
      'channels',
      'sms',
      'workers',
      'cli',
      'bench',
      'chaos',
      'templates',
      'samples',
      'tsconfig.json',
      'tsconfig.build.json',
    ),
    '编译程序 Compiling',
    () => {
      quietly(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json']);
      for (const folder of ['templates', 'samples'])
        cpSync(join(root, folder), join(root, 'dist', folder), { recursive: true });
      const verifier = join('core', 'evidence', 'verify.mjs');
      cpSync(join(root, verifier), join(root, 'dist', verifier));
    },
  );
}

/** Builds the dashboard into dist/dashboard. */
export function buildDashboard() {
  if (!existsSync(join(root, 'dist', 'dashboard', 'index.html'))) forget('dashboard');
  once('dashboard', sources('dashboard', 'core', 'server/contract'), '构建工作台 Building the dashboard', () =>
    quietly(process.execPath, [
      join('node_modules', 'vite', 'bin', 'vite.js'),
      'build',
      '-c',
      'dashboard/vite.config.ts',
    ]),
  );
}
