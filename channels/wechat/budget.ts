/**
 * Our own count of the calls by which an account publishes and is read back, so that routine work stops before the
 * platform says no and an emergency finds its share. Quotas are the platform's for a new account, unless the account's
 * settings say that it has others; a refusal that comes in spite of the count is classed as such.
 */
import { shareOf, type Call, type Lane } from '../channel.js';
import { scopeOf, type Settings, type WeChatAccount } from './account.js';
import { BudgetSpent, nextPlatformDay } from './errors.js';

/** The calls that have few enough a day to be counted, each a budget of its own. */
const counted: Readonly<Record<string, keyof Settings['budget']>> = {
  'freepublish/submit': 'submitsPerDay',
  'message/mass/sendall': 'sendsPerDay',
  'freepublish/getarticle': 'readsPerDay',
  'freepublish/batchget': 'readsPerDay',
};

type Spender = Pick<Call, 'memory' | 'now'> & { lane?: Lane };

/** Counts one call. @throws BudgetSpent, counting nothing, where the lane's share of the day is used up */
export async function spend(account: WeChatAccount, call: Spender, path: string): Promise<void> {
  const budget = counted[path];
  if (budget !== undefined && !(await mayCall(account, call, path, account.settings.budget[budget])))
    throw new BudgetSpent(`${path}: the routine share of the day is used up`);
}

/** Counts one call of so many a day. An emergency is never stopped by our count: only the platform knows for sure. */
export async function mayCall(account: WeChatAccount, call: Spender, name: string, perDay: number): Promise<boolean> {
  const day = nextPlatformDay(call.now()).toISOString().slice(0, 10);
  const limit = call.lane === 'emergency' ? Number.MAX_SAFE_INTEGER : shareOf(perDay);
  const key = `calls:${name}:${scopeOf(account)}:${day}`;
  return (await call.memory.spend([{ key, limit, ttl: 26 * 3600 }])) === undefined;
}
