/** The tree of units comes in as rows, parents in any order. A unit that moves takes its subtree and its accounts along. */
import type { z } from 'zod';
import { LianfaError } from '../errors.js';
import type { ImportResult } from '../import-result.js';
import type { organizationImport } from './input.js';
import type { Store } from '../store/store.js';
import { subtree, type Organization } from '../model/organization.js';

export type UnitRow = z.infer<typeof organizationImport>['organizations'][number];

/** More levels than any tree of government has. */
const deepest = 20;

/** A row is refused where its parent is unknown, refused itself, or below it; the others come in. */
export async function importOrganizations(store: Store, rows: readonly UnitRow[]): Promise<ImportResult> {
  // Of a unit named twice the first row counts.
  const given = new Map([...rows].reverse().map((row) => [row.id, row]));
  const present = await unitsById(store, [
    ...new Set(rows.flatMap((row) => [row.id, ...(row.parent === undefined ? [] : [row.parent])])),
  ]);
  const refused: ImportResult['refused'] = [];
  const fresh: Organization[] = [];
  const changed: { before: Organization; after: Organization }[] = [];
  for (const [index, row] of rows.entries()) {
    if (given.get(row.id) !== row) {
      refused.push(
        refusal(index, 'id', '同一单位编号在本文件中出现多次。', 'the id occurs more than once in this file.'),
      );
      continue;
    }
    const path = pathOf(row, given, present);
    if (path === undefined) {
      refused.push(
        refusal(
          index,
          'parent',
          `上级单位“${row.parent ?? ''}”不存在或与本单位互为上下级。`,
          `the parent "${row.parent ?? ''}" does not exist or lies below this unit.`,
        ),
      );
      continue;
    }
    const unit: Organization = {
      _id: row.id,
      name: row.name,
      path,
      region: row.region,
      ...(row.parent !== undefined && { parent: row.parent }),
    };
    const before = present.get(row.id);
    if (!before) fresh.push(unit);
    else if (before.name !== unit.name || before.path !== unit.path || before.region !== unit.region)
      changed.push({ before, after: unit });
  }
  fresh.sort((a, b) => a.path.length - b.path.length);
  for (let at = 0; at < fresh.length; at += 500) await store.organizations.insertMany(fresh.slice(at, at + 500));
  // Deepest first: a unit that leaves a subtree is out of it before the subtree itself moves.
  changed.sort((a, b) => b.before.path.length - a.before.path.length);
  for (const { before, after } of changed) await move(store, before, after);
  return { created: fresh.length, updated: changed.length, refused };
}

function refusal(index: number, field: string, zh: string, en: string): ImportResult['refused'][number] {
  return {
    row: index + 1,
    field,
    message: new LianfaError('field_invalid', { field, reason: { zh, en } }).toJSON().message,
  };
}

async function unitsById(store: Store, ids: readonly string[]): Promise<ReadonlyMap<string, Organization>> {
  const found = new Map<string, Organization>();
  for (let at = 0; at < ids.length; at += 500) {
    for (const unit of await store.organizations.find({ _id: { $in: ids.slice(at, at + 500) } }).lean())
      found.set(unit._id, unit);
  }
  return found;
}

/** Undefined where the way up doesn't end at a root or at a unit that is there. */
function pathOf(
  row: UnitRow,
  given: ReadonlyMap<string, UnitRow>,
  present: ReadonlyMap<string, Organization>,
): string | undefined {
  const ids = [row.id];
  for (let parent = row.parent; parent !== undefined;) {
    if (ids.includes(parent) || ids.length >= deepest) return undefined;
    const next = given.get(parent);
    const known = present.get(parent);
    if (!next && known)
      return known.path.split('/').some((id) => id !== '' && ids.includes(id))
        ? undefined
        : `${known.path}${ids.join('/')}/`;
    if (!next) return undefined;
    ids.unshift(parent);
    parent = next.parent;
  }
  return `${ids.join('/')}/`;
}

/** Writes a unit anew together with all that repeats its path or region. */
async function move(store: Store, before: Organization, after: Organization): Promise<void> {
  const range = subtree(before.path);
  await store.connection.transaction(async (session) => {
    const { _id, name, path, region, parent } = after;
    await store.organizations.updateOne(
      { _id },
      parent === undefined
        ? { $set: { name, path, region }, $unset: { parent: 1 } }
        : { $set: { name, path, region, parent } },
      { session },
    );
    await store.accounts.updateMany({ organization: _id }, { $set: { path, region } }, { session });
    if (path === before.path) return;
    for (const unit of await store.organizations.find({ path: range }, null, { session }).lean()) {
      const moved = path + unit.path.slice(before.path.length);
      await store.organizations.updateOne({ _id: unit._id }, { $set: { path: moved } }, { session });
      await store.accounts.updateMany({ organization: unit._id }, { $set: { path: moved } }, { session });
    }
  });
}
