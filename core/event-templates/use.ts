/** Which template a text was made from, and whether it may still say so: asked whenever it is saved, and before it is signed. */
import { LianfaError } from '../errors.js';
import { invalid } from '../import-given.js';
import type { TemplateUse } from '../model/event-template.js';
import { isWithin } from '../model/organization.js';
import type { Revision } from '../model/release.js';
import type { Store } from '../store/store.js';
import { contentOf, readTemplate, refuseUnusable } from './book.js';
import { refuseChangedLocks } from './locked.js';

type Text = Pick<Revision, 'title' | 'body' | 'source' | 'emergency' | 'template'>;

/**
 * `path`: of the unit whose text it is. `before`: what the revision before was made from; a version that it names already
 * may go on, any other must be the newest of a template in use.
 * @throws LianfaError template_locked, template_left_out, template_changed, template_withdrawn, template_looser, field_invalid
 */
export async function refuseUnfit(
  store: Store,
  text: Text,
  path: string,
  before?: TemplateUse | undefined,
): Promise<void> {
  const { template: use, emergency } = text;
  if (!use) {
    if (before && emergency?.msgType !== 'Cancel') throw new LianfaError('template_left_out', { field: 'template' });
    return;
  }
  if (before?.id !== use.id || before.version !== use.version) await refuseOld(store, use, path);
  await refuseChangedLocksOf(store, text);
}

async function refuseOld(store: Store, { id: template, version }: TemplateUse, path: string): Promise<void> {
  const row = await store.eventTemplates.findById(template).lean();
  if (!row || !isWithin(path, row.path))
    throw invalid('template', { zh: '本单位没有这个模板。', en: 'the unit has no such template.' });
  const whole = await readTemplate(store, template);
  await refuseUnusable(store, whole);
  if (row.version !== version)
    throw new LianfaError('template_changed', { name: row.name, version: String(row.version) });
}

/** @throws LianfaError template_locked, field_invalid, not_found */
export async function refuseChangedLocksOf(store: Store, text: Text): Promise<void> {
  const { template: use } = text;
  if (use) await refuseChangedLocks(await contentOf(store, use.id, use.version), use, text);
}
