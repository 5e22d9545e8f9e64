/** Accounts of all channels alike, and what their platforms took of each. */
import type { Ground, ReadyAccount, Took } from './ground.js';

/** The call by which each channel's platform takes what the public then reads. */
const calls = { weibo: 'statuses/share', wechat: 'freepublish/submit', website: 'create', app: 'push' } as const;
export const channels = Object.keys(calls) as (keyof typeof calls)[];

export type Accounts = Record<string, ReadyAccount[]>;

/** As many of each channel. */
export async function accountsOf(ground: Ground, from: number, count: number): Promise<Accounts> {
  const accounts: Accounts = {};
  for (const [place, channel] of channels.entries()) {
    const share = Math.floor(count / channels.length) + (place < count % channels.length ? 1 : 0);
    accounts[channel] = await ground.ready(channel, from, share);
  }
  return accounts;
}

/** Of every channel, by channel and account. */
export async function tookOf(ground: Ground): Promise<Map<string, Took[]>> {
  const all = new Map<string, Took[]>();
  for (const channel of channels)
    for (const took of await ground.taken(channel, calls[channel])) {
      const name = `${channel} ${took.account}`;
      const list = all.get(name);
      if (list) list.push(took);
      else all.set(name, [took]);
    }
  return all;
}

/** Throws where a platform has not heard of every account. */
export function requireAll(took: ReadonlyMap<string, unknown>, accounts: number): void {
  if (took.size !== accounts) throw new Error(`the platforms have heard of ${took.size} accounts of ${accounts}`);
}
