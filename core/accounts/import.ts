/** Accounts come in as rows; a bad row is refused by its field and stops no other. An account known by unit, channel and name is updated. */
import type { z } from 'zod';
import type { Channel } from '../../channels/channel.js';
import { LianfaError } from '../errors.js';
import { checkFields } from '../field-errors.js';
import type { accountImport } from './input.js';
import type { ImportResult } from '../import-result.js';
import { newId } from '../ids.js';
import type { Organization } from '../model/organization.js';
import type { Store } from '../store/store.js';
import type { AccountRow } from '../model/account.js';
import type { Vault } from './vault.js';

export type ImportRow = z.infer<typeof accountImport>['accounts'][number];

export interface ImportMeans {
  store: Store;
  channels: ReadonlyMap<string, Channel>;
  vault: Vault;
}

/** Rows looked for or written in one call to the store. */
const batch = 250;

export async function importAccounts(
  { store, channels, vault }: ImportMeans,
  rows: readonly ImportRow[],
  now = new Date(),
): Promise<ImportResult> {
  const units = await unitsById(store, rows);
  const present = await accountsByKey(store, rows);
  const refused: ImportResult['refused'] = [];
  const fresh = new Map<string, AccountRow>();
  const changed = new Map<string, AccountRow>();
  for (const [index, row] of rows.entries()) {
    try {
      const key = keyOf(row);
      const before = fresh.get(key) ?? changed.get(key) ?? present.get(key);
      const made = accountOf(row, { before, unit: units.get(row.organization), channels, vault, now });
      (before && !fresh.has(key) ? changed : fresh).set(key, made);
    } catch (error) {
      if (!(error instanceof LianfaError)) throw error;
      refused.push({ row: index + 1, field: error.field ?? 'channel', message: error.toJSON().message });
    }
  }
  for (const part of parts([...fresh.values()])) await store.accounts.insertMany(part);
  for (const part of parts([...changed.values()])) {
    await store.accounts.bulkWrite(
      part.map(({ _id, tags, settings, sealed, path, region, credential, checkDueAt }) => ({
        updateOne: {
          filter: { _id },
          update: { $set: { tags, settings, sealed, path, region, credential, checkDueAt } },
        },
      })),
    );
  }
  return { created: fresh.size, updated: changed.size, refused };
}

function keyOf({ organization, channel, name }: Pick<AccountRow, 'organization' | 'channel' | 'name'>): string {
  return JSON.stringify([organization, channel, name]);
}

function accountOf(
  row: ImportRow,
  context: {
    before: AccountRow | undefined;
    unit: Organization | undefined;
    channels: ReadonlyMap<string, Channel>;
    vault: Vault;
    now: Date;
  },
): AccountRow {
  const { before, unit, channels, vault, now } = context;
  const channel = channels.get(row.channel);
  if (!channel)
    throw new LianfaError('channel_unknown', {
      field: 'channel',
      channel: row.channel,
      known: [...channels.keys()].join(', '),
    });
  if (!unit) {
    throw new LianfaError('field_invalid', {
      field: 'organization',
      reason: {
        zh: `没有单位“${row.organization}”，请先导入单位。`,
        en: `there is no unit "${row.organization}"; import the units first.`,
      },
    });
  }
  checkFields(channel.accountSchema.settings, row.settings, 'settings');
  const _id = before?._id ?? newId('a', now.getTime());
  // Credentials are never shown again; so a row without them keeps those that are there.
  const keep = before !== undefined && Object.keys(row.credentials).length === 0;
  if (!keep) checkFields(channel.accountSchema.credentials, row.credentials, 'credentials');
  return {
    _id,
    channel: row.channel,
    name: row.name,
    organization: unit._id,
    path: unit.path,
    region: unit.region,
    tags: [...new Set(row.tags)],
    enabled: before?.enabled ?? true,
    settings: row.settings,
    sealed: keep ? before.sealed : vault.seal(_id, row.credentials),
    credential: keep ? before.credential : { state: 'unchecked' },
    checkDueAt: now,
    createdAt: before?.createdAt ?? now,
  };
}

async function unitsById(store: Store, rows: readonly ImportRow[]): Promise<ReadonlyMap<string, Organization>> {
  const found = await store.organizations
    .find({ _id: { $in: [...new Set(rows.map((row) => row.organization))] } })
    .lean();
  return new Map(found.map((unit) => [unit._id, unit]));
}

/** Only those that the rows name: a part of a long file touches every unit, and their accounts together are all there are. */
async function accountsByKey(store: Store, rows: readonly ImportRow[]): Promise<ReadonlyMap<string, AccountRow>> {
  const found = new Map<string, AccountRow>();
  for (const part of parts(rows)) {
    const named = part.map(({ organization, channel, name }) => ({ organization, channel, name }));
    for (const row of await store.accounts.find({ $or: named }).lean()) found.set(keyOf(row), row);
  }
  return found;
}

function parts<T>(list: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(list.length / batch) }, (_, n) => list.slice(n * batch, (n + 1) * batch));
}
