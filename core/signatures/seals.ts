/** The seals of orders as a process that dispatches or publishes knows them: each checked once, then remembered, for what is signed never changes. */
import { LRUCache } from 'lru-cache';
import type { Vault } from '../accounts/vault.js';
import { idsOf } from '../model/account-list.js';
import type { Order } from '../model/order.js';
import type { Store } from '../store/store.js';
import { fault } from './faults.js';
import { readKey, type KnownKey } from './keys.js';
import { contentHash } from './renditions.js';
import { checkRow, checkSeal, no, statedBy, type Checked, type SealMeans } from './seal.js';
import { leavesFrom, type Statement } from './statement.js';

/** A signed order. */
export interface Sealed {
  statement: Statement;
  /** Its canonical text. */
  text: string;
  /** When it may leave, and until when: of a broadcast not before its countdown has passed. */
  times: Pick<Statement, 'notBefore' | 'expires'>;
  /** What its audience held at signing; absent where the audience decides nothing. */
  accounts: ReadonlySet<string> | undefined;
  /** Hashes of the renditions that were signed, by channel. */
  renditions: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface Seals {
  /** Whether the order as it was read is one that was signed. Throws only where the store does. */
  check(order: Order): Promise<Checked<Sealed>>;
  /** The order of a release by its sequence. */
  find(release: string, seq: number): Promise<Checked<Sealed>>;
  /** Whether the order may act on the account: it was in its audience at signing, or the release went there by an earlier one. */
  reaches(sealed: Sealed, account: string): Promise<boolean>;
}

export interface SealsMeans {
  store: Pick<Store, 'orders' | 'revisions' | 'accountLists' | 'signingKeys' | 'connection'>;
  vault: Vault;
}

/** Accounts and renditions that a process remembers, over all orders: some 100 bytes each. */
const most = 1_000_000;

/** By which a signature names the hub: of its secret, but telling nothing of it. */
export function hubId(vault: Pick<Vault, 'mark'>): string {
  return vault.mark('hub', []).slice(0, 22);
}

export function openSeals(means: SealsMeans): Seals {
  const { store, vault } = means;
  const hub = hubId(vault);
  const known = new LRUCache<string, Sealed>({ maxSize: most, sizeCalculation: sizeOf });
  const earlier = new WeakMap<Sealed, readonly Sealed[]>();
  /** Checks under way: the batches of an order come together. */
  const looking = new Map<string, Promise<Checked<Sealed>>>();

  async function check(order: Order): Promise<Checked<Sealed>> {
    const kept = known.get(keyOf(order));
    if (kept && kept.text === order.statement) {
      const wrong = checkRow(order, kept.statement);
      return wrong ? no(wrong) : { holds: true, is: kept };
    }
    const checked = checkSeal(order, await meansFor(order));
    if (!checked.holds) return checked;
    const accounts = await accountsOf(checked.is);
    if (accounts === 'changed') return no(fault('accounts_changed'));
    const times = { notBefore: leavesFrom(checked.is, order.second), expires: checked.is.expires };
    const renditions = setsOf(checked.is);
    const sealed = { statement: checked.is, text: order.statement ?? '', times, accounts, renditions };
    known.set(keyOf(order), sealed);
    return { holds: true, is: sealed };
  }

  async function meansFor(order: Order): Promise<SealMeans> {
    const stated = statedBy(order);
    if (!stated.holds) return { hub, keys: new Map(), text: undefined };
    const { decisions, signers, revision } = stated.is;
    const keys = await keysNamed(means, [...decisions, ...signers, ...(order.second ? [order.second] : [])]);
    const row = revision && (await store.revisions.findById(revision.id).lean());
    const text =
      row?.signed && row.release === order.release
        ? { hash: contentHash(row), dated: new Date(row.signed.at).toISOString() }
        : undefined;
    return { hub, keys, text };
  }

  async function accountsOf({ accounts }: Statement): Promise<ReadonlySet<string> | undefined | 'changed'> {
    if (!accounts) return undefined;
    const list = await store.accountLists.findById(accounts.digest).lean();
    const ids = list ? idsOf(list) : undefined;
    return ids?.length === accounts.number ? new Set(ids) : 'changed';
  }

  /** Orders before this one that took the release somewhere. */
  async function before(sealed: Sealed): Promise<readonly Sealed[]> {
    const found = earlier.get(sealed);
    if (found) return found;
    const { release, seq } = sealed.statement;
    const rows = await store.orders.find({ release, seq: { $lt: seq } }).lean();
    const checked = await Promise.all(rows.filter(({ reach }) => reach.audience).map(check));
    const orders = checked.flatMap((one) => (one.holds ? [one.is] : []));
    // What does not hold now may have been put right by the next time.
    if (orders.length === checked.length) earlier.set(sealed, orders);
    return orders;
  }

  async function look(release: string, seq: number): Promise<Checked<Sealed>> {
    const row = await store.orders.findOne({ release, seq }).lean();
    return row ? check(row) : no(fault('no_order'));
  }

  return {
    check,
    async find(release, seq) {
      const key = keyOf({ release, seq });
      // Nobody can sign another order under this number, so what was found once needs no second look.
      const kept = known.get(key);
      if (kept) return { holds: true, is: kept };
      const under = looking.get(key) ?? look(release, seq).finally(() => looking.delete(key));
      looking.set(key, under);
      return under;
    },
    async reaches(sealed, account) {
      const { action, reach } = sealed.statement;
      const named = sealed.accounts?.has(account);
      if (reach.audience && named) return true;
      if (!reach.standing || (action !== 'publish' && named === false)) return false;
      return (await before(sealed)).some(({ accounts }) => accounts?.has(account));
    },
  };
}

/** Those of the keys that this hub registered. */
export async function keysNamed(
  means: Pick<SealsMeans, 'store' | 'vault'>,
  by: readonly { key: string }[],
): Promise<Map<string, KnownKey>> {
  const keys = new Map<string, KnownKey>();
  for (const { key } of by) {
    const row = await readKey(means, key);
    if (row) keys.set(key, row);
  }
  return keys;
}

function keyOf({ release, seq }: { release: string; seq: number }): string {
  return `${release} ${seq}`;
}

function setsOf({ renditions = {} }: Statement): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(Object.entries(renditions).map(([channel, hashes]) => [channel, new Set(hashes)]));
}

function sizeOf({ accounts, renditions }: Sealed): number {
  return [...renditions.values()].reduce((sum, { size }) => sum + size, 10 + (accounts?.size ?? 0));
}

/** Whether this is one of the renditions that were signed for the channel. */
export function isSigned(sealed: Sealed, channel: string, hash: string): boolean {
  return sealed.renditions.get(channel)?.has(hash) ?? false;
}
