/** Asks the platform whether an account's credentials still work, and keeps the answer. What follows from it is for `clock`. */
import { createHash } from 'node:crypto';
import type { Account, Call, Channel, Said } from '../../channels/channel.js';
import type { Store } from '../store/store.js';
import type { AccountRow, Credential } from '../model/account.js';
import { openAccount } from './open.js';
import type { Vault } from './vault.js';

const hour = 3_600_000;
const day = 24 * hour;
/** A check without an answer says nothing; this long after it, ms, it is done again. */
const soon = hour / 2;

/** Days before the end of a credential at which people are warned, once each. */
export const warnedAhead = [14, 7, 3, 1] as const;

interface CheckMeans {
  store: Store;
  vault: Vault;
  channel: Channel;
  call: Call;
}

/**
 * Checks one account. A platform that can't be reached says nothing about the credential: the kept state stays, with
 * the cause beside it, and the check is done again sooner. Credentials replaced meanwhile keep their own state.
 */
export async function checkAccount(means: CheckMeans, row: AccountRow): Promise<Credential> {
  const { credential, answered } = await stateOf(means, row);
  const now = means.call.now();
  await means.store.accounts.updateOne(
    { _id: row._id, sealed: row.sealed },
    {
      $set: {
        credential,
        checkDueAt: answered ? nextCheck(row._id, now, credential.daysLeft) : new Date(now.getTime() + soon),
        ...(answered && { settleAt: now }),
      },
    },
  );
  return credential;
}

/** Has it checked once more at once, by the worker that also stages what its channel can stage. */
export async function stageSoon(store: Store, account: string): Promise<void> {
  await store.accounts.updateOne({ _id: account }, { $set: { checkDueAt: new Date() } });
}

/** While publishing, the platform has refused the credential even after its renewal: nothing more is sent with it. */
export async function refuseCredential(
  store: Store,
  row: Pick<AccountRow, '_id' | 'sealed'>,
  said: { cause?: Said; todo?: Said },
): Promise<void> {
  const now = new Date();
  await store.accounts.updateOne(
    { _id: row._id, sealed: row.sealed },
    {
      $set: {
        credential: { state: 'dead', checkedAt: now, ...said },
        settleAt: now,
        checkDueAt: new Date(now.getTime() + soon),
      },
    },
  );
}

/**
 * Every account has its own time of day, so that a hundred thousand are never checked at once. Where the platform says
 * how long the credential lasts, it is also looked at when a warning falls due, and when it ends.
 */
export function nextCheck(account: string, now: Date, daysLeft?: number): Date {
  const timeOfDay = (createHash('sha256').update(account).digest().readUInt32BE() / 2 ** 32) * day;
  let at = Math.floor(now.getTime() / day) * day + timeOfDay;
  while (at < now.getTime() + hour) at += day;
  const turns =
    daysLeft === undefined ? [] : [...warnedAhead, 0].map((ahead) => now.getTime() + (daysLeft - ahead) * day + 1_000);
  return new Date(Math.min(at, ...turns.filter((turn) => turn > now.getTime())));
}

async function stateOf(
  { store, vault, channel, call }: CheckMeans,
  row: AccountRow,
): Promise<{ credential: Credential; answered: boolean }> {
  const checkedAt = call.now();
  const unit = await store.organizations.findById(row.organization).lean();
  const account = opened(channel, row, unit?.name ?? row.organization, vault);
  if (!account) return { credential: { state: 'dead', checkedAt, ...unreadable }, answered: true };
  try {
    const health = await channel.check(account, call);
    if (health.outcome === 'dead')
      return { credential: { state: 'dead', checkedAt, cause: health.cause, todo: health.todo }, answered: true };
    return {
      credential: { state: 'ok', checkedAt, ...(health.daysLeft !== undefined && { daysLeft: health.daysLeft }) },
      answered: true,
    };
  } catch (error) {
    const disposition = channel.classify(error, checkedAt);
    // What is not the platform's own word may be a fault of ours, and must not stop an account.
    const dead =
      disposition.class === 'action' ||
      disposition.class === 'refresh' ||
      (disposition.class === 'permanent' && disposition.platform !== undefined);
    const todo =
      'todo' in disposition
        ? disposition.todo
        : dead
          ? unreadable.todo
          : { zh: '稍后会自动再检查。', en: 'It is checked again by itself.' };
    return {
      credential: { ...row.credential, ...(dead && { state: 'dead' }), checkedAt, cause: disposition.cause, todo },
      answered: dead,
    };
  }
}

function opened(channel: Channel, row: AccountRow, unit: string, vault: Vault): Account<unknown, unknown> | undefined {
  try {
    return openAccount(channel, row, unit, vault);
  } catch {
    // Sealed under another secret, or no longer as the channel takes it: only new credentials help.
    return undefined;
  }
}

const unreadable = {
  cause: { zh: '账号的设置或凭据无法读取。', en: "The account's settings or credentials cannot be read." },
  todo: {
    zh: '请重新授权，或用新的凭据重新导入该账号。',
    en: 'Authorise the account again, or import it with new credentials.',
  },
};
