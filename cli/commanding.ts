/** What stops and starts everything works on the machine alone: with the ledger and Redis, without a server. */
import { readConfig } from '../core/hub/config.js';
import { openHub, type Hub } from '../core/hub/hub.js';
import { LianfaError } from '../core/errors.js';
import { openFreezeDesk, type FreezeDesk } from '../core/freezes/desk.js';
import type { Actor } from '../core/model/actor.js';
import { passwordFits } from '../core/people/passwords.js';
import { activePerson } from '../core/people/read.js';
import { knownRedisUrl } from '../core/queue/redis-child.js';
import { nameAndPassword } from './sign-in.js';

/** Nobody listens there. Where no Redis is known, none is running, and nothing can leave; the ledger is written all the same. */
const noRedis = 'redis://127.0.0.1:1';

/** Does the work as whoever signs in: LIANFA_USER and LIANFA_PASSWORD, else the terminal is asked. */
export async function commanding(work: (desk: FreezeDesk, by: Actor) => Promise<void>): Promise<void> {
  const config = readConfig({ ...process.env, LIANFA_LOG: process.env['LIANFA_LOG'] ?? 'silent' });
  const redisUrl = config.redisUrl ?? knownRedisUrl(config.dataFolder) ?? noRedis;
  const hub = await openHub({ ...config, redisUrl }, 'freeze');
  try {
    const by = await whoAsks(hub);
    await work(openFreezeDesk(hub, hub.connect('producer'), hub.settings), by);
  } finally {
    await hub.close();
  }
}

/** @throws LianfaError sign_in_failed */
async function whoAsks(hub: Hub): Promise<Actor> {
  const { name, password } = await nameAndPassword(process.env);
  const row = name === undefined ? null : await hub.store.people.findOne({ name: name.toLowerCase() }).lean();
  const person = row && (await activePerson(hub, row._id));
  if (!(await passwordFits(password ?? '', person?.passwordHash)) || !person) throw new LianfaError('sign_in_failed');
  return { person: person._id, from: { ip: 'local', agent: 'lianfa' } };
}
