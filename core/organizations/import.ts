/** The tree of units comes in as rows, parents in any order over the whole file. A unit that moves takes its subtree and its accounts along. */
import type { ClientSession } from 'mongoose';
import type { Said } from '../../channels/channel.js';
import { act, type Doer } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import { counted, invalid, refuse, resultOf, type Given } from '../import-given.js';
import type { ImportResult } from '../import-result.js';
import { placeOf, subtree, type Organization } from '../model/organization.js';
import { isDuplicate } from '../store/duplicates.js';
import type { Store } from '../store/store.js';
import { breathe } from '../tables/table.js';
import type { UnitRow } from './input.js';
import { Tree, type Wish } from './tree.js';

/** A row is refused where its parent is unknown, refused itself, or below it; the others come in. With `dryRun` nothing is stored. */
export async function importOrganizations(
  store: Store,
  given: Given<UnitRow>,
  {
    dryRun = false,
    may = () => true,
    by = 'import',
  }: { dryRun?: boolean; may?: (path: string) => boolean; by?: Doer } = {},
): Promise<ImportResult> {
  const result = resultOf(given, dryRun);
  const named = given.rows.flatMap(({ value: { id, parent } }) => [id, ...(parent ? [parent] : [])]);
  const tree = new Tree(await withAncestors(store, named));
  const first = new Map<string, number>();
  for (const { row, value } of given.rows) {
    const earlier = first.get(value.id);
    try {
      if (earlier !== undefined) throw invalid('id', sameAs(earlier));
      first.set(value.id, row);
      tree.wish(row, whole(value, tree.stored.get(value.id)));
    } catch (error) {
      tree.turnedDown.set(value.id, row);
      refuse(result.refused, row, error);
    }
  }
  for (const { row, reason } of await tree.settle()) refuse(result.refused, row, invalid('parent', reason));
  const changes: Change[] = [];
  for (const wish of tree.wishes.values()) {
    if (changes.length % 1_000 === 0) await breathe();
    const change = changeOf(wish, tree);
    if (change.fields.length === 0) continue;
    const { before, after } = change;
    if (may(after.path) && (!before || may(before.path))) changes.push(change);
    else refuse(result.refused, wish.row, invalid('id', notYours));
  }
  if (!dryRun) await write(store, changes, result, by);
  const late = new Set(result.refused.map(({ row }) => row));
  for (const { row, after, before, fields } of changes) {
    if (!late.has(row)) result.changes.push({ row, is: before ? 'updated' : 'created', name: after.name, fields });
  }
  return counted(result, given.rows.length + given.refused.length);
}

interface Change {
  row: number;
  before: Organization | undefined;
  after: Organization;
  fields: string[];
}

function changeOf({ row, unit }: Wish, tree: Tree): Change {
  const before = tree.stored.get(unit.id);
  const { id, name, region, parent, position } = unit;
  const above = parent !== undefined && { parent };
  const after = { _id: id, name, region, path: tree.pathOf(id), ...above, ...(position && { position }) };
  const fields: string[] = (['name', 'parent', 'region'] as const).filter((field) => before?.[field] !== after[field]);
  if (before?.position?.lat !== position?.lat || before?.position?.lon !== position?.lon) fields.push('position');
  // Where only a unit above it moves, its own row says nothing new, and that move brings it along.
  return { row, before, after, fields };
}

/** What the row leaves out is taken from what is stored. @throws LianfaError field_missing */
function whole({ id, name, parent, region, position }: UnitRow, before: Organization | undefined): Wish['unit'] {
  const above = parent === undefined ? before?.parent : (parent ?? undefined);
  const place = position === undefined ? before?.position : (position ?? undefined);
  return {
    id,
    name: must('name', name ?? before?.name),
    region: must('region', region ?? before?.region),
    ...(above !== undefined && { parent: above }),
    ...(place && { position: place }),
  };
}

function must(field: string, value: string | undefined): string {
  if (value === undefined) throw new LianfaError('field_missing', { field });
  return value;
}

async function withAncestors(store: Store, ids: readonly string[]): Promise<Map<string, Organization>> {
  const found = new Map<string, Organization>();
  for (let wanted = new Set(ids); wanted.size > 0;) {
    const list = [...wanted];
    const above = new Set<string>();
    for (let at = 0; at < list.length; at += 500) {
      for (const unit of await store.organizations.find({ _id: { $in: list.slice(at, at + 500) } }).lean()) {
        found.set(unit._id, unit);
        for (const id of unit.path.split('/')) if (id !== '' && !wanted.has(id)) above.add(id);
      }
      await breathe();
    }
    wanted = new Set([...above].filter((id) => !found.has(id)));
  }
  return found;
}

async function write(store: Store, changes: readonly Change[], { refused }: ImportResult, by: Doer): Promise<void> {
  const fresh = changes.filter(({ before }) => !before).sort((a, b) => a.after.path.length - b.after.path.length);
  for (let at = 0; at < fresh.length; at += 250) {
    const part = fresh.slice(at, at + 250);
    // Where somebody else has just made one of them, none of this part is made: then each by itself.
    if (!(await made(store, part, by)))
      for (const one of part) if (!(await made(store, [one], by))) refuse(refused, one.row, invalid('id', meanwhile));
    await breathe();
  }
  // Deepest first: a unit that leaves a subtree is out of it before the subtree itself moves.
  const moved = changes.flatMap(({ row, before, after }) => (before ? [{ row, before, after }] : []));
  moved.sort((a, b) => b.before.path.length - a.before.path.length);
  for (const { row, before, after } of moved) {
    try {
      await move(store, before, after, by);
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      refuse(refused, row, invalid('parent', meanwhile));
    }
  }
}

/** Makes all of them and enters that they were made, or neither; false where one of them is there already. */
async function made(store: Store, part: readonly Change[], by: Doer): Promise<boolean> {
  const after = part.map((one) => one.after);
  const entry = { act: 'unit.create', outcome: 'done' as const, who: by, on: onlyUnit(part), after };
  try {
    await act(store, entry, (session) => store.organizations.insertMany(after, { session }));
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

function onlyUnit(part: readonly Change[]): Record<string, string> {
  const [only] = part;
  return only && part.length === 1 ? { unit: only.after._id } : {};
}

/** Writes a unit anew together with all that repeats its path or region. */
async function move(store: Store, before: Organization, after: Organization, by: Doer): Promise<void> {
  const range = subtree(before.path);
  const on = { unit: after._id };
  await act(
    store,
    { act: 'unit.change', outcome: 'done', who: by, unit: after._id, on, before, after },
    async (session) => {
      const { _id, name, path, region, parent, position } = after;
      const gone = { ...(parent === undefined && { parent: 1 }), ...(!position && { position: 1 }) };
      await store.organizations.updateOne(
        { _id },
        {
          $set: { name, path, region, parent, position },
          ...(Object.keys(gone).length > 0 && { $unset: gone }),
        },
        { session },
      );
      const unplaced = position ? {} : { $unset: { lat: 1, lon: 1 } };
      await store.accounts.updateMany({ organization: _id }, { $set: placeOf(after), ...unplaced }, { session });
      if (path === before.path) return;
      await movePaths(store, _id, path, session);
      for (const unit of await store.organizations.find({ path: range }, null, { session }).lean()) {
        const moved = path + unit.path.slice(before.path.length);
        await store.organizations.updateOne({ _id: unit._id }, { $set: { path: moved } }, { session });
        await store.accounts.updateMany({ organization: unit._id }, { $set: { path: moved } }, { session });
        await movePaths(store, unit._id, moved, session);
      }
    },
  );
}

/** Rights follow the tree as it is: whatever repeats the path of a unit moves with it. */
async function movePaths(store: Store, organization: string, path: string, session: ClientSession): Promise<void> {
  const moved = { $set: { path } };
  await store.releases.updateMany({ organization }, moved, { session });
  await store.reviews.updateMany({ organization }, moved, { session });
  await store.people.updateMany({ organization }, moved, { session });
  await store.grants.updateMany({ organization }, moved, { session });
  await store.apiKeys.updateMany({ organization }, moved, { session });
  await store.dutyEntries.updateMany({ organization }, moved, { session });
  await store.dutyRules.updateMany({ _id: organization }, moved, { session });
  await store.savedAudiences.updateMany({ organization }, moved, { session });
  await store.drillScenarios.updateMany({ organization }, moved, { session });
  await store.drills.updateMany({ organization }, moved, { session });
  // Written whole under its version: whoever has read the old path must read again.
  for (const { _id, version } of await store.callouts.find({ organization }, { version: 1 }, { session }).lean())
    await store.callouts.updateOne({ _id, version }, { $set: { path, version: version + 1 } }, { session });
}

function sameAs(row: number): Said {
  return {
    zh: `与第 ${row} 行是同一个单位编号，以第 ${row} 行为准。`,
    en: `row ${row} has the same id, and counts.`,
  };
}

const notYours: Said = {
  zh: '这个单位不在您的管理范围内。',
  en: 'the unit is not among those that you manage.',
};
const meanwhile: Said = {
  zh: '另一次导入刚刚改动了这个单位，请重新导入。',
  en: 'another import has just changed this unit; import it again.',
};
