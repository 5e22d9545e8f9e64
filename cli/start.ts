/** `lianfa start`: everything on one machine, or one role of a data centre. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { readConfig, redisOf, type Config } from '../core/hub/config.js';
import { openHub } from '../core/hub/hub.js';
import type { RedisClient } from '../core/queue/connection.js';
import { awaitRedis } from '../core/queue/fitness.js';
import { takePlace } from '../core/queue/processes.js';
import { tryStorage } from '../core/storage/fitness.js';
import { awaitMongo } from '../core/store/mongodb/fitness.js';
import { markFormat } from '../core/store/upgrade.js';
import { lanes, type Lane } from '../core/model/placement.js';
import { usualDrain } from '../server/leaving.js';
import { serve } from '../server/serve.js';
import { startWorker, workerRoles } from '../workers/roles.js';
import { lowerTo, priorityOf } from './priority.js';
import { both } from './say.js';
import { pulseEvery, supervise, type ReadyMessage } from './supervisor.js';

/** Milliseconds in which a role that is told to end may finish what it is at; with a server's time to be seen leaving, less than its supervisor waits. */
const longestEnding = 10_000;
/** Of a publisher: a post of several requests to a slow platform is not left half done. */
const longestPublishing = 20_000;

/** Milliseconds after which a Redis that is away meanwhile is not waited for any more. */
const awayFor = 3_000;

/** Milliseconds. Signals so close to each other are one: the terminal's, and that of whoever hands it on. */
const oneWord = 1_000;

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
  let insist = (): void => undefined;
  const told = untilTold(() => {
    insist();
  });
  const config = readConfig();
  const say = (line: string): void => {
    console.error(line);
  };
  if (config.redisUrl !== undefined) await orTold(awaitRedis(redisOf(config), say), told);
  await orTold(awaitBesides(config, say), told);
  const hub = await supervise(config, process.argv[1] as string, say, { told });
  insist = hub.kill;
  console.log(`联发已启动 Lianfa is up: ${hub.address}`);
  if (hub.firstUser)
    console.log(
      `首个用户（只显示这一次） first user, shown only now: ${hub.firstUser.name} / ${hub.firstUser.password}`,
    );
  await told;
  await hub.stop();
  process.exit(0);
}

/** What stands beside Redis, where it is named. */
async function awaitBesides({ mongoUri, storage }: Config, say: (line: string) => void): Promise<void> {
  if (mongoUri !== undefined) await awaitMongo(mongoUri, say);
  if (storage) await tryStorage(storage, say);
}

/** Who is told to end while nothing is open yet ends at once; afterwards there is something to be ended first. */
async function orTold<T>(work: Promise<T>, told: Promise<void>): Promise<T> {
  let opening = true;
  void told.then(() => opening && process.exit(0));
  try {
    return await work;
  } finally {
    opening = false;
  }
}

async function startRoles(roles: z.infer<typeof roleList>, mine: readonly Lane[]): Promise<void> {
  lowerTo(priorityOf(roles, mine));
  const told = untilTold(() => process.exit(1));
  const config = readConfig();
  const say = (line: string): void => {
    console.error(line);
  };
  await orTold(awaitRedis(redisOf(config), say), told);
  await orTold(awaitBesides(config, say), told);
  const name = [process.env['LIANFA_NAME'], roles.join(',')].filter(Boolean).join(' ');
  const place = await orTold(takePlace(redisOf(config), { name, say }), told);
  const hub = await openHub(config, roles.join(','));
  await markFormat(hub.store.connection);
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
  const overtaken = await Promise.race([told, place.overtaken]);
  if (overtaken) say(both(overtaken.toJSON().message));
  clearInterval(pulse);
  const seen = roles.includes('server') ? (config.drainSeconds ?? usualDrain) * 1_000 : 0;
  endHardAfter(seen + (roles.includes('publish') ? longestPublishing : longestEnding), hub.redis);
  await Promise.all(running.map((one) => one.close()));
  await hub.close();
  await place.leave();
  process.exit(overtaken ? 1 : 0);
}

/**
 * Redis may be gone for good, and what waits for it would keep the process for ever. Nothing is lost by leaving: what is
 * not confirmed comes again.
 */
function endHardAfter(longest: number, redis: Pick<RedisClient, 'status'>): void {
  const began = performance.now();
  let there = began;
  setInterval(() => {
    const now = performance.now();
    if (redis.status === 'ready') there = now;
    if (now - there > awayFor || now - began > longest) process.exit(1);
  }, 100).unref();
}

/** Tells whoever watches that the loop still turns. */
function beat(file: string | undefined): void {
  // Who vanished in this very moment is told of otherwise.
  if (process.connected) process.send?.({ alive: true }, () => undefined);
  // Where it cannot be written, the check finds it old: that is what it is for.
  if (file !== undefined) writeFile(file, '').catch(() => undefined);
}

/**
 * Until the terminal, the system or a vanished supervisor says so. To be asked before anything is started. What is told
 * twice, by the terminal and by whoever started it, ends once: without a listener the second signal would end the process
 * in the middle of its ending, and leave behind what it was about to end. `again`: somebody says it anew a while later, and
 * will not wait.
 */
export function untilTold(again: () => void = () => undefined): Promise<void> {
  let first: number | undefined;
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        if (first !== undefined && performance.now() - first > oneWord) again();
        first ??= performance.now();
        done();
      });
    process.once('disconnect', () => {
      done();
    });
  });
}
