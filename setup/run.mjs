/** `npm run demo|test|start|bench|chaos|build|lint`: set up what that needs, then do it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { whenAlone } from './alone.mjs';
import { check } from './checks.mjs';
import { buildDashboard, buildProgram, giveUp, packages, root, systemPrograms } from './steps.mjs';

const [command, ...rest] = process.argv.slice(2);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19))
  giveUp(
    `需要 Node.js 20.19 或更高版本，当前为 ${process.versions.node}。`,
    `Node.js 20.19 or newer is needed; this is ${process.versions.node}.`,
  );

/** What some of them need besides. */
const besides = { stages: ['chromium'], partition: ['iproute2'], rolling: ['haproxy', 'openssl'] };
const lianfa = (...args) => [join(root, 'dist', 'cli', 'main.js'), ...args];

packages();
switch (command) {
  case 'demo':
    systemPrograms(['redis-server', 'fonts-noto-cjk']);
    buildProgram();
    buildDashboard();
    await run(lianfa('demo', ...rest), 'ipc');
    break;
  case 'start':
    if (!process.env.REDIS_URL) systemPrograms(['redis-server']);
    systemPrograms(['fonts-noto-cjk']);
    buildProgram();
    buildDashboard();
    await run(lianfa('start', ...rest), 'ipc');
    break;
  case 'bench':
  case 'chaos':
    systemPrograms(['redis-server', 'fonts-noto-cjk', ...(besides[rest[0]] ?? [])]);
    buildProgram();
    if (rest[0] === 'stages') buildDashboard();
    await run([join(root, 'dist', command, 'main.js'), ...rest]);
    break;
  case 'test':
    systemPrograms(['redis-server', 'chromium', 'fonts-noto-cjk']);
    buildProgram();
    buildDashboard();
    await check();
    await run([join(root, 'node_modules', 'jest', 'bin', 'jest.js'), ...rest]);
    break;
  case 'build':
    buildProgram();
    buildDashboard();
    break;
  case 'lint':
    await check();
    break;
  default:
    giveUp(`没有“${command ?? ''}”这个命令。`, 'Commands: demo, test, start, bench, chaos, build, lint.');
}

/**
 * Ends with the child's own status where that is not 0. Signals of the terminal reach the child by themselves, others are
 * handed on; and where this process is killed, or npm above it, the child hears that it is alone.
 */
async function run(args, channel = 'ignore') {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['inherit', 'inherit', 'inherit', channel] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // A role says on its channel that it works, where it has one.
  child.on('message', (message) => message.ready && console.log(JSON.stringify(message)));
  const watch = process.env.npm_lifecycle_event ? whenAlone(() => child.kill('SIGTERM')) : undefined;
  const status = await new Promise((done) => child.once('exit', (code, signal) => done(signal ? 1 : code)));
  clearInterval(watch);
  if (status !== 0) process.exit(status);
}
