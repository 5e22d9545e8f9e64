/** An account as its channel takes it, checked once more by the channel's own schemas. */
import type { Account, AccountProfile, Channel } from '../../channels/channel.js';
import type { AccountRow } from '../model/account.js';
import type { Vault } from './vault.js';

/** What a rendition may depend on. @throws ZodError where the settings no longer fit the channel */
export function profileOf(channel: Channel, row: AccountRow, unitName: string): AccountProfile<unknown> {
  return {
    id: row._id,
    name: row.name,
    organization: unitName,
    region: row.region,
    settings: channel.accountSchema.settings.parse(row.settings),
  };
}

/** With the credentials opened, for the time of one call. @throws Error where they can't be opened or don't fit */
export function openAccount(
  channel: Channel,
  row: AccountRow,
  unitName: string,
  vault: Vault,
): Account<unknown, unknown> {
  const profile = profileOf(channel, row, unitName);
  return { credentials: channel.accountSchema.credentials.parse(vault.open(row._id, row.sealed)), ...profile };
}
