/** Changing rosters: line by line, or as a table. What would never be reached, or wait for ever, is refused when it is saved. */
import type { Said } from '../../channels/channel.js';
import { attempt } from '../audit/attempt.js';
import { announceAct, type Doer } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import { counted, invalid, refuse, resultOf, type Given } from '../import-given.js';
import type { ImportResult } from '../import-result.js';
import type { Actor } from '../model/actor.js';
import { usualMinutes, type DutyEntry, type DutyRule, type Told } from '../model/duty.js';
import type { Organization } from '../model/organization.js';
import { insertMissing } from '../store/insert-missing.js';
import type { Store } from '../store/store.js';
import { breathe } from '../tables/table.js';
import { goneAmong } from './book.js';
import type { DutyRow } from './input.js';

/** Rows in one commit. */
const together = 250;

interface Change {
  row: number;
  before: DutyEntry | undefined;
  after: DutyEntry;
  fields: string[];
}

/**
 * Takes rows of a roster in. One with the same unit, name, times and person stood in for is the same line and is changed;
 * others of the unit stay. With `dryRun` nothing is stored.
 */
export async function importDuty(
  store: Store,
  given: Given<DutyRow>,
  { dryRun = false, may = () => true, by }: { dryRun?: boolean; may?: (path: string) => boolean; by: Doer },
): Promise<ImportResult> {
  const result = resultOf(given, dryRun);
  const organizations = [...new Set(given.rows.map(({ value }) => value.organization))];
  const known = await knownOf(store, organizations);
  const persons = given.rows.flatMap(({ value }) => value.person ?? []);
  const gone = await goneAmong(store, [...new Set(persons)]);
  const changes: Change[] = [];
  const seen = new Map<string, number>();
  for (const [place, { row, value }] of given.rows.entries()) {
    if (place % together === 0) await breathe();
    try {
      const unit = known.units.get(value.organization);
      if (!unit || !may(unit.path)) throw invalid('organization', noSuchUnit);
      if (value.person !== undefined && gone.has(value.person)) throw invalid('person', noSuchPerson);
      requireInTime(value.told, known.rules.get(unit._id));
      const key = keyOf(value);
      const earlier = seen.get(key);
      if (earlier !== undefined) throw invalid('name', sameAs(earlier));
      seen.set(key, row);
      const before = known.entries.get(key);
      const after = entryOf(value, unit, before?._id ?? newId('y'), typeof by === 'string' ? by : by.person);
      const fields = fieldsChanged(before, after);
      if (fields.length > 0) changes.push({ row, before, after, fields });
    } catch (error) {
      refuse(result.refused, row, error);
    }
  }
  if (!dryRun) await write(store, changes, by);
  for (const { row, before, after, fields } of changes)
    result.changes.push({ row, is: before ? 'updated' : 'created', name: after.name, fields });
  return counted(result, given.rows.length + given.refused.length);
}

async function knownOf(store: Store, organizations: readonly string[]) {
  const units = new Map<string, Organization>();
  const rules = new Map<string, DutyRule>();
  const entries = new Map<string, DutyEntry>();
  for (let at = 0; at < organizations.length; at += together) {
    const ids = organizations.slice(at, at + together);
    for (const unit of await store.organizations.find({ _id: { $in: ids } }).lean<Organization[]>())
      units.set(unit._id, unit);
    for (const rule of await store.dutyRules.find({ _id: { $in: ids } }).lean<DutyRule[]>()) rules.set(rule._id, rule);
    for (const entry of await store.dutyEntries.find({ organization: { $in: ids } }).lean<DutyEntry[]>())
      entries.set(keyOf(entry), entry);
    await breathe();
  }
  return { units, rules, entries };
}

type Line = Pick<DutyRow, 'organization' | 'name' | 'from' | 'until' | 'instead'>;

function keyOf({ organization, name, from, until, instead }: Line): string {
  return JSON.stringify([organization, name, from?.getTime() ?? 0, until?.getTime() ?? 0, instead ?? '']);
}

function entryOf(row: DutyRow, { path }: Organization, _id: string, by: string): DutyEntry {
  const kept = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined && value !== false));
  return { _id, path, by, at: new Date(), ...kept } as DutyEntry;
}

const compared = ['step', 'person', 'phone', 'mail', 'webhook', 'told', 'required'] as const;

function fieldsChanged(before: DutyEntry | undefined, after: DutyEntry): string[] {
  if (!before) return [...compared];
  return compared.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

async function write(store: Store, changes: readonly Change[], by: Doer): Promise<void> {
  for (let at = 0; at < changes.length; at += together) {
    const part = changes.slice(at, at + together);
    const units = [...new Set(part.map(({ after }) => after.organization))];
    const [only] = units.length === 1 ? units : [];
    const about = { ...(only !== undefined && { unit: only }), on: only === undefined ? {} : { unit: only } };
    // As much as one commit takes; phone numbers stay out of the book.
    const after = { rows: part.length, names: part.slice(0, 20).map(({ after }) => after.name) };
    await announceAct(store, { act: 'duty.save', outcome: 'done', who: by, ...about, after });
    await insertMissing(
      store.dutyEntries,
      part.flatMap(({ before, after: line }) => (before ? [] : [line])),
    );
    for (const { before, after: line } of part)
      if (before) await store.dutyEntries.collection.replaceOne({ _id: line._id as never }, line as never);
    await breathe();
  }
}

/** @throws LianfaError not_found */
export function removeEntry(store: Store, by: Actor, id: string): Promise<void> {
  return attempt(store, { act: 'duty.remove', who: by, on: { duty: id } }, async (session, tell) => {
    const entry = await store.dutyEntries.findById(id, null, { session }).lean<DutyEntry>();
    if (!entry) throw new LianfaError('not_found', { what: id });
    tell({ unit: entry.organization, before: { name: entry.name, step: entry.step } });
    await store.dutyEntries.deleteOne({ _id: id }, { session });
  });
}

/** How long each step of a unit is given, minutes. @throws LianfaError not_found, field_invalid */
export function setRule(
  store: Store,
  by: Actor,
  organization: string,
  minutes: { emergency: number; routine: number },
): Promise<DutyRule> {
  const entry = { act: 'duty.rule', who: by, on: { unit: organization }, unit: organization, after: minutes };
  return attempt(store, entry, async (session) => {
    const unit = await store.organizations.findById(organization, null, { session }).lean<Organization>();
    if (!unit) throw new LianfaError('not_found', { what: organization });
    const rule: DutyRule = { _id: organization, path: unit.path, ...minutes };
    for (const { told } of await store.dutyEntries.find({ organization }, null, { session }).lean<DutyEntry[]>())
      requireInTime(told, rule);
    const $set = { path: unit.path, ...minutes };
    await store.dutyRules.updateOne({ _id: organization }, { $set }, { session, upsert: true });
    return rule;
  });
}

/** A way that would come only after the next person has been told would never be used. @throws LianfaError field_invalid */
function requireInTime(told: readonly Told[] | undefined, rule: DutyRule | undefined): void {
  const { emergency, routine } = rule ?? usualMinutes;
  const least = Math.min(emergency, routine);
  const latest = Math.max(0, ...(told ?? []).map(({ after }) => after));
  if (latest >= least)
    throw invalid('told', {
      zh: `有一种方式推迟 ${latest} 分钟，而这个单位 ${least} 分钟没有回应就转给下一人，等于永远用不到。请缩短推迟，或延长单位的等待时间。`,
      en: `a way waits ${latest} minutes, but after ${least} the unit's next person is told, so it would never be used; shorten it, or lengthen the unit's time.`,
    });
}

function sameAs(row: number): Said {
  return { zh: `与第 ${row} 行是同一条值班，以第 ${row} 行为准。`, en: `row ${row} is the same line, and counts.` };
}

const noSuchUnit: Said = {
  zh: '没有这个单位，或不在您的管理范围内。',
  en: 'there is no such unit, or it is not among those that you manage.',
};
const noSuchPerson: Said = { zh: '没有这个人员，或已停用。', en: 'there is no such person, or they are disabled.' };
