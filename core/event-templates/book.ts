/** Event templates in the store: made, changed into the next version, withdrawn. What was made of a version keeps it. */
import type { ClientSession } from 'mongoose';
import type { Said } from '../../channels/channel.js';
import { attempt } from '../audit/attempt.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import { invalid } from '../import-given.js';
import type { Actor } from '../model/actor.js';
import { versionId, type Content, type EventTemplate, type EventTemplateVersion } from '../model/event-template.js';
import { isWithin, within } from '../model/organization.js';
import type { Release } from '../model/release.js';
import { tellPerson } from '../notices/personal.js';
import type { Store } from '../store/store.js';
import { refuseLooser } from './stricter.js';

export interface Whole {
  template: EventTemplate;
  /** Which version the content is of. */
  version: number;
  content: Content;
}

export interface Making {
  content: Content;
  unit: { organization?: string; path: string };
  /** Id of the template above of which it is a stricter form. */
  follows?: string | undefined;
}

/** @throws LianfaError field_invalid, template_looser, template_withdrawn */
export async function makeTemplate(
  store: Store,
  { content, unit, follows }: Making,
  by: Actor,
  now = new Date(),
): Promise<EventTemplate> {
  const row: EventTemplate = {
    _id: newId('t', now.getTime()),
    name: content.name,
    event: content.event,
    ...unit,
    version: 1,
    ...(follows !== undefined && { follows }),
    by: by.person,
    at: now,
  };
  const about = { act: 'event-template.save', who: by, unit: unit.organization, on: { template: row._id } };
  await attempt(store, { ...about, after: saved(row) }, async (session) => {
    await refuseTaken(store, row, session);
    if (follows !== undefined) await refuseLooserThan(store, follows, unit.path, content, session);
    await store.eventTemplates.create([row], { session });
    await store.eventTemplateVersions.create([versionOf(row, content)], { session });
  });
  return row;
}

/** The next version. `version`: the one that whoever changes it saw. Writers of drafts made from it are told. @throws LianfaError not_found, changed_meanwhile, template_withdrawn, template_looser */
export function changeTemplate(
  store: Store,
  id: string,
  { content, version }: { content: Content; version: number },
  by: Actor,
  now = new Date(),
): Promise<EventTemplate> {
  return attempt(store, { act: 'event-template.change', who: by, on: { template: id } }, async (session, tell) => {
    const before = await openOne(store, id, session);
    const after = { name: content.name, event: content.event, version: version + 1, by: by.person, at: now };
    const row: EventTemplate = { ...before, ...after };
    tell({ unit: before.organization, before: saved(before), after: saved(row) });
    await refuseTaken(store, row, session);
    if (before.follows !== undefined) await refuseLooserThan(store, before.follows, before.path, content, session);
    await write(store, before, version, after, session);
    await store.eventTemplateVersions.create([versionOf(row, content)], { session });
    await tellWriters(store, row, session, now);
    return row;
  });
}

/** No new draft is made from it; those there are stay, and their writers are told. @throws LianfaError not_found, changed_meanwhile, template_withdrawn */
export function withdrawTemplate(
  store: Store,
  id: string,
  { reason, version }: { reason: string; version: number },
  by: Actor,
  now = new Date(),
): Promise<EventTemplate> {
  const entry = { act: 'event-template.withdraw', who: by, on: { template: id }, after: { reason } };
  return attempt(store, entry, async (session, tell) => {
    const before = await openOne(store, id, session);
    tell({ unit: before.organization, before: saved(before) });
    const withdrawn = { by: by.person, at: now, reason };
    await write(store, before, version, { withdrawn }, session);
    const row = { ...before, withdrawn };
    await tellWriters(store, row, session, now);
    return row;
  });
}

/** A template with what its newest version says, or the one named. @throws LianfaError not_found */
export async function readTemplate(store: Store, id: string, asked?: number): Promise<Whole> {
  const template = await store.eventTemplates.findById(id).lean<EventTemplate>();
  if (!template) throw new LianfaError('not_found', { what: id });
  const version = asked ?? template.version;
  return { template, version, content: await contentOf(store, id, version) };
}

/** @throws LianfaError not_found */
export async function contentOf(
  store: Store,
  id: string,
  version: number,
  session: ClientSession | null = null,
): Promise<Content> {
  const row = await store.eventTemplateVersions
    .findById(versionId(id, version), null, { session })
    .lean<EventTemplateVersion>();
  if (!row) throw new LianfaError('not_found', { what: versionId(id, version) });
  return row.content;
}

/** Those of the places and of units above them, in order of id. */
export function templatesFor(
  store: Store,
  places: readonly string[],
  { after = '', limit, withdrawn }: { after?: string | undefined; limit: number; withdrawn: boolean },
): Promise<EventTemplate[]> {
  const above = [...new Set(places.flatMap(ancestors))];
  const those =
    above.length > 0
      ? { $or: [within<EventTemplate>(places), { path: { $in: above } }] }
      : within<EventTemplate>(places);
  const open = withdrawn ? {} : { withdrawn: { $exists: false } };
  return store.eventTemplates
    .find({ $and: [those, { ...open, _id: { $gt: after } }] })
    .sort({ _id: 1 })
    .limit(limit)
    .lean<EventTemplate[]>();
}

/** Whether one who may read in these places sees it: their own, those below, and those handed down to them. */
export function isSeenFrom(places: readonly string[], { path }: Pick<EventTemplate, 'path'>): boolean {
  return places.some((place) => isWithin(path, place) || isWithin(place, path));
}

/** Paths above a path, from the hub as a whole on. */
function ancestors(path: string): string[] {
  const ids = path.split('/').filter(Boolean);
  return ids.map((_, depth) =>
    ids
      .slice(0, depth)
      .map((id) => `${id}/`)
      .join(''),
  );
}

/** Whether new drafts may be made from it now: it is in use, and no looser than those above it have become meanwhile. @throws LianfaError template_withdrawn, template_looser */
export async function refuseUnusable(store: Store, { template, content }: Omit<Whole, 'version'>): Promise<void> {
  refuseWithdrawn(template);
  if (template.follows === undefined) return;
  const above = await readTemplate(store, template.follows);
  refuseLooser(above.content, content);
  await refuseUnusable(store, above);
}

function refuseWithdrawn({ name, withdrawn }: EventTemplate): void {
  if (withdrawn) throw new LianfaError('template_withdrawn', { name, reason: withdrawn.reason });
}

async function refuseLooserThan(
  store: Store,
  id: string,
  path: string,
  content: Content,
  session: ClientSession,
): Promise<void> {
  const above = await store.eventTemplates.findById(id, null, { session }).lean<EventTemplate>();
  if (!above || !isWithin(path, above.path) || path === above.path) throw invalid('follows', notAbove);
  refuseWithdrawn(above);
  refuseLooser(await contentOf(store, id, above.version, session), content);
}

const notAbove: Said = {
  zh: '上级单位没有这个模板。',
  en: 'no unit above has this template.',
};

async function openOne(store: Store, id: string, session: ClientSession): Promise<EventTemplate> {
  const row = await store.eventTemplates.findById(id, null, { session }).lean<EventTemplate>();
  if (!row) throw new LianfaError('not_found', { what: id });
  refuseWithdrawn(row);
  return row;
}

async function write(
  store: Store,
  { _id, name }: EventTemplate,
  version: number,
  change: Partial<EventTemplate>,
  session: ClientSession,
): Promise<void> {
  const still = { _id, version, withdrawn: { $exists: false } };
  const { matchedCount } = await store.eventTemplates.updateOne(still, { $set: change }, { session });
  if (matchedCount === 0) throw new LianfaError('changed_meanwhile', { what: name });
}

async function refuseTaken(store: Store, { _id, name, path }: EventTemplate, session: ClientSession): Promise<void> {
  const same = await store.eventTemplates
    .find({ path, name, withdrawn: { $exists: false } }, { _id: 1 }, { session })
    .lean();
  if (same.some((row) => row._id !== _id))
    throw invalid('name', { zh: '本单位已有同名的模板。', en: 'the unit has a template of this name already.' });
}

function versionOf({ _id, version, by, at }: EventTemplate, content: Content): EventTemplateVersion {
  return { _id: versionId(_id, version), template: _id, version, content, by, at };
}

function saved({ name, event, version, follows }: EventTemplate): object {
  return { name, event, version, ...(follows !== undefined && { follows }) };
}

/** Drafts looked through at once. */
const together = 500;

/** One notice a writer, whose first draft it leads to: what is signed concerns nobody any more. */
async function tellWriters(store: Store, row: EventTemplate, session: ClientSession, now: Date): Promise<void> {
  const drafts = new Map<string, { first: string; title: string; count: number }>();
  for (let after = ''; ;) {
    const page = await store.releases
      .find(
        { template: row._id, _id: { $gt: after } },
        { title: 1, revision: 1, signed: 1, withdrawnAt: 1 },
        { session },
      )
      .sort({ _id: 1 })
      .limit(together)
      .lean<Release[]>();
    const open = page.filter(({ signed, revision, withdrawnAt }) => signed !== revision && !withdrawnAt);
    const revisions = await store.revisions
      .find({ _id: { $in: open.map(({ revision }) => revision) } }, { createdBy: 1, release: 1 }, { session })
      .lean();
    for (const { createdBy, release } of revisions) {
      const title = open.find(({ _id }) => _id === release)?.title ?? '';
      const known = drafts.get(createdBy) ?? { first: release, title, count: 0 };
      drafts.set(createdBy, { ...known, count: known.count + 1 });
    }
    after = page.at(-1)?._id ?? '';
    if (page.length < together) break;
  }
  for (const [person, { first, title, count }] of drafts) {
    const more = count > 1 ? { zh: `等 ${count} 件草稿`, en: ` and ${count - 1} more` } : { zh: '', en: '' };
    const what = row.withdrawn
      ? { zh: `停用了（${row.withdrawn.reason}）`, en: `was withdrawn (${row.withdrawn.reason})` }
      : { zh: `改为第 ${row.version} 版`, en: `has version ${row.version}` };
    await tellPerson(
      store,
      {
        person,
        level: 'warning',
        said: {
          zh: `事件模板“${row.name}”由{by}${what.zh}。您的《${title}》${more.zh}仍按原来的版本，不会自动改动。`,
          en: `The event template "${row.name}" ${what.en}, by {by}. Your "${title}"${more.en} stays as it was made.`,
        },
        todo: {
          zh: '请看新版改了什么；需要时在编辑页用“改要素重填”换成新版。',
          en: 'See what the new version says; where it matters, fill the draft in anew in the editor.',
        },
        to: `/releases/${first}/edit`,
        by: row.withdrawn?.by ?? row.by,
      },
      session,
      now,
    );
  }
}
