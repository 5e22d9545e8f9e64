/** An account as its channel takes it, checked once more by the channel's own schemas. */
import { LRUCache } from 'lru-cache';
import type { Account, AccountProfile, Channel } from '../../channels/channel.js';
import type { AccountRow } from '../model/account.js';
import type { Vault } from './vault.js';

/** Settings by channel and account, with the text they were read from: as many as are read back within seconds of their publishing. No credential is kept. */
const kept = new LRUCache<string, { text: string; settings: unknown }>({ max: 5_000 });

/** Checked once as long as they stay the same: at each publishing, that would cost as much as opening the credentials. */
function settingsOf({ name, accountSchema }: Channel, row: Pick<AccountRow, '_id' | 'settings'>): unknown {
  const [key, text] = [`${name} ${row._id}`, JSON.stringify(row.settings)];
  const known = kept.get(key);
  if (known?.text === text) return known.settings;
  const settings = accountSchema.settings.parse(row.settings);
  kept.set(key, { text, settings });
  return settings;
}

/** What a rendition may depend on. @throws ZodError where the settings no longer fit the channel */
export function profileOf(
  channel: Channel,
  row: Pick<AccountRow, '_id' | 'name' | 'region' | 'settings'>,
  unitName: string,
): AccountProfile<unknown> {
  return {
    id: row._id,
    name: row.name,
    organization: unitName,
    region: row.region,
    settings: settingsOf(channel, row),
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
