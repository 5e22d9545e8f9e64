/**
 * Our own count of what the platform allows, so that we stop before it says no: calls of one account in a Beijing day,
 * posts of one account in a clock hour, calls of all accounts from this address in a clock hour. Whether the platform's
 * windows are fixed or sliding is not documented; a refusal that comes in spite of the count is classed as such.
 * One step for each call, shared by all processes.
 */
import { shareOf, type Call, type Lane } from '../channel.js';
import { BudgetSpent, nextHour, nextMidnight } from './errors.js';
import type { WeiboAccount } from './settings.js';

/** Reading back must not use up what posting, and looking for an earlier post, may need: it leaves a fifth of its lane's day. */
export type Purpose = 'post' | 'find' | 'read';
const readersShare = 0.8;

const hour = 3_600_000;
const day = 24 * hour;
const beijing = 8 * hour;

const names = ['day', 'address', 'hour'] as const satisfies readonly BudgetSpent['budget'][];

/** Counts one call. Throws `BudgetSpent`, and counts nothing, where a budget is used up. */
export async function spend(account: WeiboAccount, call: Call & { lane?: Lane }, purpose: Purpose): Promise<void> {
  const { uid, endpoint, budget } = account.settings;
  const now = call.now();
  const today = Math.floor((now.getTime() + beijing) / day);
  const thisHour = Math.floor(now.getTime() / hour);
  const share = (most: number): number => shareOf(most, call.lane);
  const ofDay = share(budget.callsPerDay);
  const callsPerDay = purpose === 'read' ? Math.max(1, Math.floor(ofDay * readersShare)) : ofDay;
  const counters = [
    { key: `day:${today}:${endpoint}`, of: uid, limit: callsPerDay, ttl: 25 * 3600 },
    { key: `address:${thisHour}:${endpoint}`, of: 'all', limit: share(budget.addressCallsPerHour), ttl: 3700 },
  ];
  if (purpose === 'post')
    counters.push({ key: `hour:${thisHour}:${endpoint}`, of: uid, limit: share(budget.postsPerHour), ttl: 3700 });
  const spent = names[(await call.memory.spend(counters)) ?? -1];
  if (spent) throw new BudgetSpent(spent, spent === 'day' ? nextMidnight(now) : nextHour(now), call.lane);
}
