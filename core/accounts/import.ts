/**
 * Accounts come in as rows; a bad row is refused by its field and stops no other. An account known by unit, channel and
 * name is updated. One identity on a platform is one account, and credentials never follow an address that they were not
 * given for.
 */
import type { AccountProfile, Call, Channel } from '../../channels/channel.js';
import { announceAct, type Doer } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import { counted, invalid, refuse, resultOf, type Given } from '../import-given.js';
import type { ImportResult } from '../import-result.js';
import type { AccountRow } from '../model/account.js';
import type { Organization } from '../model/organization.js';
import { notify } from '../notices/notices.js';
import { refusedWrites } from '../store/duplicates.js';
import type { Store } from '../store/store.js';
import { breathe } from '../tables/table.js';
import { reroutedNotice } from './credentials.js';
import { draftOf, type Draft } from './draft.js';
import { IdentityBook } from './identities.js';
import type { ImportRow } from './input.js';
import type { Vault } from './vault.js';

export interface ImportMeans {
  store: Store;
  channels: ReadonlyMap<string, Channel>;
  vault: Vault;
  callFor(channel: Channel, signal: AbortSignal): Pick<Call, 'memory'>;
}

/** Rows looked for or written in one call to the store. */
const batch = 100;

/** With `dryRun` nothing is stored and nobody told. */
export async function importAccounts(
  means: ImportMeans,
  given: Given<ImportRow>,
  {
    dryRun = false,
    now = new Date(),
    may = () => true,
    by = 'import',
  }: { dryRun?: boolean; now?: Date; may?: (path: string) => boolean; by?: Doer } = {},
): Promise<ImportResult> {
  const { store } = means;
  const result = resultOf(given, dryRun);
  const rows = given.rows.map(({ row, value }) => ({ row, value: { ...value, channel: channelNamed(means, value) } }));
  const units = await unitsById(store, rows);
  const present = await accountsByKey(store, rows);
  const seen = new Map<string, number>();
  const drafts: Draft[] = [];
  for (const [place, { row, value }] of rows.entries()) {
    if (place % batch === 0) await breathe();
    try {
      const key = keyOf(value);
      const earlier = seen.get(key);
      if (earlier !== undefined) throw invalid('name', sameAs(earlier));
      seen.set(key, row);
      const unit = units.get(value.organization);
      if (unit && !may(unit.path)) throw invalid('organization', notYours);
      drafts.push({ row, ...draftOf(value, { before: present.get(key), unit, ...means, now }) });
    } catch (error) {
      if (error instanceof LianfaError && error.code === 'credential_anew' && !dryRun)
        await tellDrawnAt(means, value, error, now);
      refuse(result.refused, row, error);
    }
  }
  const book = await IdentityBook.open(store, drafts);
  const changed = drafts.filter((draft) => {
    const taken = book.take(draft);
    if (taken) refuse(result.refused, draft.row, taken);
    return !taken && draft.fields.length > 0;
  });
  const written = dryRun ? changed : await write(means, changed, result, now, by);
  for (const { row, before, account, fields } of written)
    result.changes.push({ row, is: before ? 'updated' : 'created', name: account.name, fields });
  return counted(result, given.rows.length + given.refused.length);
}

function keyOf({ organization, channel, name }: Pick<AccountRow, 'organization' | 'channel' | 'name'>): string {
  return JSON.stringify([organization, channel, name]);
}

/** People write 微信公众号 where programs write wechat. */
function channelNamed({ channels }: ImportMeans, { channel }: ImportRow): string {
  const named = [...channels.values()].find(({ name, label }) => [name, label.zh, label.en].includes(channel));
  return named?.name ?? channel;
}

/** @returns the drafts that are stored; the others are refused */
async function write(
  means: ImportMeans,
  drafts: readonly Draft[],
  { refused }: ImportResult,
  now: Date,
  by: Doer,
): Promise<Draft[]> {
  const { store } = means;
  const written: Draft[] = [];
  const done = async (part: readonly Draft[], work: () => Promise<unknown>): Promise<void> => {
    await announceAct(store, {
      act: 'account.save',
      outcome: 'done',
      who: by,
      on: onOne(part),
      after: part.map(savedOf),
    });
    const failed = new Set(await refusedWrites(work));
    for (const [place, draft] of part.entries()) {
      if (!failed.has(place)) written.push(draft);
      else refuse(refused, draft.row, await IdentityBook.meanwhile(store, draft));
    }
    await breathe();
  };
  for (const part of parts(drafts.filter(({ before }) => !before)))
    await done(part, () =>
      store.accounts.insertMany(
        part.map(({ account }) => account),
        { ordered: false },
      ),
    );
  for (const part of parts(drafts.filter(({ before }) => before)))
    await done(part, () => store.accounts.bulkWrite(part.map(updateOf), { ordered: false }));
  for (const [place, draft] of written.entries()) {
    if (place % batch === 0) await breathe();
    await followUp(means, draft, now);
  }
  return written;
}

/** What the book keeps of a row: which fields change, and no setting or credential of it. */
function savedOf({ before, account: { _id, channel, name, organization }, fields }: Draft): object {
  return { is: before ? 'updated' : 'created', account: _id, channel, name, organization, fields };
}

function onOne(part: readonly Draft[]): Record<string, string> {
  const [only] = part;
  return only && part.length === 1 ? { account: only.account._id } : {};
}

function updateOf({ account }: Draft) {
  const { _id, tags, exercise, settings, sealed, path, region, lat, lon, credential, checkDueAt, identity } = account;
  return {
    updateOne: {
      filter: { _id },
      update: {
        $set: {
          ...{ tags, settings, sealed, path, region, lat, lon, credential, checkDueAt, identity },
          ...(exercise && { exercise }),
        },
        $unset: {
          ...(!exercise && { exercise: 1 as const }),
          ...(lat === undefined && { lat: 1 as const, lon: 1 as const }),
        },
      },
    },
  };
}

/** What the old credentials brought is dropped, and a new destination told to the keeper. */
async function followUp(means: ImportMeans, { before, account, fields, rerouted }: Draft, now: Date): Promise<void> {
  const channel = means.channels.get(account.channel);
  if (!before || !channel || !fields.some((field) => field !== 'tags')) return;
  const settings = channel.accountSchema.settings.safeParse(before.settings);
  if (settings.success) {
    const profile: AccountProfile<unknown> = { ...before, id: before._id, settings: settings.data };
    if (rerouted || before.sealed !== account.sealed)
      await channel.forget?.(profile, means.callFor(channel, AbortSignal.timeout(10_000)).memory);
  }
  if (rerouted) await notify(means.store, reroutedNotice(before, rerouted, now), now);
}

/** Somebody tried to have the kept credentials sent elsewhere. */
async function tellDrawnAt(means: ImportMeans, row: ImportRow, error: LianfaError, now: Date): Promise<void> {
  const before = await means.store.accounts
    .findOne({ organization: row.organization, channel: row.channel, name: row.name }, { name: 1 })
    .lean();
  if (!before) return;
  const { zh, en } = error.toJSON().message;
  const notice = {
    level: 'urgent' as const,
    account: before._id,
    key: `reroute refused ${before._id} ${now.toISOString().slice(0, 10)} ${zh}`.slice(0, 400),
    said: {
      zh: `拒绝了一次对账号“${before.name}”的导入：${zh}`,
      en: `An import of the account “${before.name}” was refused: ${en}`,
    },
    todo: {
      zh: '如不是本单位所为，请查明是谁导入的，并检查其接口密钥。',
      en: 'If this was nobody of yours, find out who imported it and look at their API key.',
    },
  };
  await notify(means.store, notice, now);
}

async function unitsById(store: Store, rows: Given<ImportRow>['rows']): Promise<ReadonlyMap<string, Organization>> {
  const found = new Map<string, Organization>();
  for (const part of parts([...new Set(rows.map(({ value }) => value.organization))])) {
    for (const unit of await store.organizations.find({ _id: { $in: part } }).lean()) found.set(unit._id, unit);
    await breathe();
  }
  return found;
}

/** Only those that the rows name: a part of a long file touches every unit, and their accounts together are all there are. */
async function accountsByKey(store: Store, rows: Given<ImportRow>['rows']): Promise<ReadonlyMap<string, AccountRow>> {
  const found = new Map<string, AccountRow>();
  for (const part of parts(rows)) {
    const named = part.map(({ value: { organization, channel, name } }) => ({ organization, channel, name }));
    for (const row of await store.accounts.find({ $or: named }).lean()) found.set(keyOf(row), row);
    await breathe();
  }
  return found;
}

function parts<T>(list: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(list.length / batch) }, (_, n) => list.slice(n * batch, (n + 1) * batch));
}

const notYours = {
  zh: '这个单位不在您的管理范围内。',
  en: 'the unit is not among those that you manage.',
};

function sameAs(row: number) {
  return {
    zh: `与第 ${row} 行是同一个账号（单位、渠道、名称都相同），以第 ${row} 行为准。`,
    en: `row ${row} is the same account (unit, channel and name), and counts.`,
  };
}
