/** Templates of a file, or those shipped: one of a name that the unit has already becomes its next version. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { invalid, refuse } from '../import-given.js';
import type { ImportResult } from '../import-result.js';
import type { Actor } from '../model/actor.js';
import type { Content, EventTemplate } from '../model/event-template.js';
import type { Store } from '../store/store.js';
import { changeTemplate, contentOf, makeTemplate } from './book.js';
import { checkedContent } from './content.js';

const folder = join(import.meta.dirname, '..', '..', 'templates', 'events');

/** Those that come with the program. */
export function shippedTemplates(): unknown[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as unknown);
}

/** A refused one stops no other; with `dryRun` nothing is stored. */
export async function importTemplates(
  store: Store,
  given: readonly unknown[],
  { unit, dryRun, by }: { unit: { organization?: string; path: string }; dryRun: boolean; by: Actor },
): Promise<ImportResult> {
  const result: ImportResult = {
    dryRun,
    ...{ created: 0, updated: 0, unchanged: 0, blank: 0 },
    ...{ changes: [], refused: [], told: [] },
  };
  const seen = new Set<string>();
  for (const [place, value] of given.entries()) {
    const row = place + 1;
    try {
      const content = checkedContent(value);
      if (seen.has(content.name)) throw invalid('name', { zh: '文件里有两个同名的模板。', en: 'named twice here.' });
      seen.add(content.name);
      const before = await store.eventTemplates
        .findOne({ path: unit.path, name: content.name, withdrawn: { $exists: false } })
        .lean<EventTemplate>();
      const fields = before && changedFields(await contentOf(store, before._id, before.version), content);
      if (fields?.length === 0) {
        result.unchanged += 1;
        continue;
      }
      if (!dryRun && before) await changeTemplate(store, before._id, { content, version: before.version }, by);
      else if (!dryRun) await makeTemplate(store, { content, unit }, by);
      result.changes.push({ row, is: before ? 'updated' : 'created', name: content.name, fields: fields ?? [] });
      if (before) result.updated += 1;
      else result.created += 1;
    } catch (error) {
      refuse(result.refused, row, error);
    }
  }
  return result;
}

function changedFields(before: Content, after: Content): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof Content)[];
  return names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}
