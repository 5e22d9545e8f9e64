/** `lianfa start`: everything on one machine, or one role of a data centre. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { readConfig, redisOf } from '../core/hub/config.js';
import { openHub } from '../core/hub/hub.js';
import { awaitRedis } from '../core/queue/fitness.js';
import { lanes, type Lane } from '../core/model/placement.js';
import { serve } from '../server/serve.js';
import { startWorker, workerRoles } from '../workers/roles.js';
import { lowerTo, priorityOf } from './priority.js';
import { pulseEvery, supervise, type ReadyMessage } from './supervisor.js';

/** Milliseconds in which a role that is told to end may finish what it is at; less than its supervisor waits. */
const longestEnding = 10_000;

const roleList = z
  .string()
  .transform((list) => list.split(','))
  .pipe(z.array(z.enum(['server', ...workerRoles])).min(1));

const laneList = z
  .enum(lanes)
  .optional()
  .transform((lane) => (lane === undefined ? lanes : [lane]));

export function register(program: Command): void {
  program
    .command('start')
    .description('启动（默认在本机启动全部进程） Start everything, or the named roles')
    .option('--role <roles>', `server, ${workerRoles.join(', ')}; 多个用逗号分隔 several with commas`)
    .option('--lane <lane>', `publish、record、dispatch 只办这一级 those roles for one lane alone: ${lanes.join(', ')}`)
    .action(async (options: { role?: string; lane?: string }) => {
      if (options.role === undefined) await startDesk();
      else await startRoles(roleList.parse(options.role), laneList.parse(options.lane));
    });
}

async function startDesk(): Promise<void> {
  const told = untilTold();
  const config = readConfig();
  const say = (line: string): void => {
    console.error(line);
  };
  if (config.redisUrl !== undefined) await orTold(awaitRedis(redisOf(config), say), told);
  const hub = await supervise(config, process.argv[1] as string, say, { told });
  console.log(`联发已启动 Lianfa is up: ${hub.address}`);
  if (hub.firstUser)
    console.log(
      `首个用户（只显示这一次） first user, shown only now: ${hub.firstUser.name} / ${hub.firstUser.password}`,
    );
  await told;
  await hub.stop();
  process.exit(0);
}

/** Who is told to end while nothing is open yet ends at once. */
async function orTold(work: Promise<void>, told: Promise<void>): Promise<void> {
  await Promise.race([work, told.then(() => process.exit(0))]);
}

async function startRoles(roles: z.infer<typeof roleList>, mine: readonly Lane[]): Promise<void> {
  lowerTo(priorityOf(roles, mine));
  const told = untilTold();
  const config = readConfig();
  const fit = awaitRedis(redisOf(config), (line) => {
    console.error(line);
  });
  await orTold(fit, told);
  const hub = await openHub(config, roles.join(','));
  const running: { close(): Promise<void> }[] = [];
  const message: ReadyMessage = { ready: roles.join(',') };
  for (const role of roles) {
    if (role === 'server') {
      const server = await serve(hub);
      message.address = server.address;
      if (server.firstUser) message.firstUser = server.firstUser;
      running.push(server);
    } else {
      running.push(startWorker(role, hub, process.env['LIANFA_NAME'] ?? `${role}-1`, mine));
    }
  }
  if (process.send) process.send(message);
  else console.log(JSON.stringify(message));
  const pulse = setInterval(() => beat(hub.config.pulseFile), pulseEvery);
  beat(hub.config.pulseFile);
  await told;
  clearInterval(pulse);
  // Redis may be gone for good, and what waits for it would keep the process for ever. Nothing is lost by leaving: what is not confirmed comes again.
  setTimeout(() => process.exit(1), longestEnding).unref();
  await Promise.all(running.map((one) => one.close()));
  await hub.close();
  process.exit(0);
}

/** Tells whoever watches that the loop still turns. */
function beat(file: string | undefined): void {
  if (process.connected) process.send?.({ alive: true });
  // Where it cannot be written, the check finds it old: that is what it is for.
  if (file !== undefined) writeFile(file, '').catch(() => undefined);
}

/**
 * Until the terminal, the system or a vanished supervisor says so. To be asked before anything is started. What is told
 * twice, by the terminal and by whoever started it, ends once: without a listener the second signal would end the process
 * in the middle of its ending, and leave behind what it was about to end.
 */
export function untilTold(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        done();
      });
    process.once('disconnect', () => {
      done();
    });
  });
}
