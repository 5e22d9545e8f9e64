/** Asks the platform whether an account's credentials still work, and keeps the answer. */
import type { Call, Channel } from '../../channels/channel.js';
import type { Store } from '../store/store.js';
import type { AccountRow } from './account.js';
import { openAccount } from './open.js';
import type { Vault } from './vault.js';

/**
 * Checks one account. A platform that can't be reached says nothing about the credential: the kept state stays, with
 * the cause beside it.
 */
export async function checkAccount(means: { store: Store; vault: Vault; channel: Channel; call: Call }, row: AccountRow): Promise<AccountRow['credential']> {
  const credential = await stateOf(means, row);
  await means.store.accounts.updateOne({ _id: row._id, sealed: row.sealed }, { $set: { credential } });
  return credential;
}

async function stateOf({ store, vault, channel, call }: { store: Store; vault: Vault; channel: Channel; call: Call }, row: AccountRow): Promise<AccountRow['credential']> {
  const checkedAt = call.now();
  const unit = await store.organizations.findById(row.organization).lean();
  try {
    const account = openAccount(channel, row, unit?.name ?? row.organization, vault);
    const health = await channel.check(account, call);
    if (health.outcome === 'dead') return { state: 'dead', checkedAt, cause: health.cause, todo: health.todo };
    return { state: 'ok', checkedAt, ...(health.daysLeft !== undefined && { daysLeft: health.daysLeft }) };
  } catch (error) {
    const disposition = channel.classify(error, checkedAt);
    const todo = 'todo' in disposition ? disposition.todo : { zh: '请稍后再检查一次。', en: 'Check again later.' };
    const dead = disposition.class === 'action' || disposition.class === 'permanent' || disposition.class === 'refresh';
    return { ...row.credential, state: dead ? 'dead' : row.credential.state, checkedAt, cause: disposition.cause, todo };
  }
}
