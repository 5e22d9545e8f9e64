/** One row of an import as the account that it asks for. */
import type { Channel } from '../../channels/channel.js';
import { LianfaError } from '../errors.js';
import { checkFields } from '../field-errors.js';
import { newId } from '../ids.js';
import { invalid } from '../import-given.js';
import type { AccountRow } from '../model/account.js';
import { placeOf, type Organization } from '../model/organization.js';
import { credentialsFor, type Rerouted } from './credentials.js';
import type { ImportRow } from './input.js';
import { overlaid, tidied } from './values.js';
import type { Vault } from './vault.js';

/** A row as it will be stored. */
export interface Draft {
  row: number;
  before: AccountRow | undefined;
  account: AccountRow;
  fields: string[];
  /** Credentials go elsewhere than before. */
  rerouted?: Rerouted;
}

/** @throws LianfaError by the field at fault; credential_anew where the kept credentials would go elsewhere */
export function draftOf(
  row: ImportRow,
  context: {
    before: AccountRow | undefined;
    unit: Organization | undefined;
    channels: ReadonlyMap<string, Channel>;
    vault: Vault;
    now: Date;
  },
): Omit<Draft, 'row'> {
  const { before, unit, channels, vault, now } = context;
  const channel = channels.get(row.channel);
  if (!channel) {
    const known = [...channels.keys()].join(', ');
    throw new LianfaError('channel_unknown', { field: 'channel', channel: row.channel, known });
  }
  if (!unit) throw invalid('organization', noUnit(row.organization));
  const { settings: schema } = channel.accountSchema;
  const cells = row.cells ?? {};
  const settings = tidied(
    overlaid(row.settings ?? before?.settings ?? {}, cells, 'settings', schema),
  ) as AccountRow['settings'];
  const parsed = checkFields(schema, settings, 'settings');
  const _id = before?._id ?? newId('a', now.getTime());
  const credentials = credentialsFor(row, { channel, vault, before, settings: parsed });
  const account: AccountRow = {
    _id,
    channel: row.channel,
    name: row.name,
    organization: unit._id,
    ...placeOf(unit),
    tags: row.tags === undefined ? (before?.tags ?? []) : [...new Set(row.tags ?? [])],
    enabled: before?.enabled ?? true,
    ...((row.exercise === undefined ? before?.exercise : row.exercise) && { exercise: true as const }),
    identity: `${channel.name} ${channel.identity(parsed)}`,
    settings,
    sealed: credentials.given === undefined && before ? before.sealed : vault.seal(_id, credentials.given ?? {}),
    credential: credentials.given === undefined && before ? before.credential : { state: 'unchecked' },
    checkDueAt: now,
    createdAt: before?.createdAt ?? now,
  };
  const { rerouted } = credentials;
  return {
    before,
    account,
    fields: fieldsChanged(before, account, credentials.given !== undefined),
    ...(rerouted && { rerouted }),
  };
}

function fieldsChanged(before: AccountRow | undefined, after: AccountRow, credentials: boolean): string[] {
  const differs = (one: unknown, other: unknown): boolean => JSON.stringify(one) !== JSON.stringify(other);
  const names = [...new Set([...Object.keys(before?.settings ?? {}), ...Object.keys(after.settings)])].sort();
  return [
    ...(before ? [] : ['channel', 'name', 'organization']),
    ...(differs(before?.tags ?? [], after.tags) ? ['tags'] : []),
    ...(differs(before?.exercise, after.exercise) ? ['exercise'] : []),
    ...names.filter((name) => differs(before?.settings[name], after.settings[name])).map((name) => `settings.${name}`),
    ...(credentials ? ['credentials'] : []),
    ...(before && before.identity !== after.identity && !differs(before.settings, after.settings) ? ['identity'] : []),
  ];
}

function noUnit(unit: string) {
  return {
    zh: `没有单位“${unit}”，请先导入单位。`,
    en: `there is no unit "${unit}"; import the units first.`,
  };
}
