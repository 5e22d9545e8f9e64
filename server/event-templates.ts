/** Event templates (事件模板): read by all below the unit that made them, filled in to a draft, changed by its commanders. */
import { z } from 'zod';
import {
  changeTemplate,
  contentOf,
  isSeenFrom,
  makeTemplate,
  readTemplate,
  refuseUnusable,
  templatesFor,
  withdrawTemplate,
  type Whole,
} from '../core/event-templates/book.js';
import { checkedContent, levelsOf } from '../core/event-templates/content.js';
import { missingFacts, questionsOf, readFacts } from '../core/event-templates/facts.js';
import { fill, joined } from '../core/event-templates/fill.js';
import { importTemplates, shippedTemplates } from '../core/event-templates/import.js';
import { fits } from '../core/event-templates/match.js';
import { sampleFacts } from '../core/event-templates/sample.js';
import { LianfaError } from '../core/errors.js';
import { importResult } from '../core/import-result.js';
import { versionId, type EventTemplate, type EventTemplateVersion } from '../core/model/event-template.js';
import { isWithin, within } from '../core/model/organization.js';
import type { Release } from '../core/model/release.js';
import { readPlannedTime } from '../core/plans/planned-time.js';
import type { Store } from '../core/store/store.js';
import {
  newTemplate,
  templateChange,
  templateFilled,
  templateFilling,
  templateImport,
  templateQuery,
  templateRow,
  templateTrial,
  templateTried,
  templateWhole,
  templateWithdrawal,
  type TemplateFilled,
  type TemplateRow,
  type TemplateWhole,
} from './contract/event-templates.js';
import { pageOf } from './contract/pages.js';
import { endpoint, unitFor, type Caller, type Endpoint } from './endpoint.js';
import type { Services } from './services.js';

const byId = z.object({ id: z.string() });
/** Texts made from a template that are shown with it. */
const mostDrafts = 20;
const mostFollowers = 100;

export function eventTemplateEndpoints({ store }: Pick<Services, 'store'>): Endpoint[] {
  return [...reading(store), ...filling(store), ...managing(store)];
}

function reading(store: Store): Endpoint[] {
  return [
    endpoint(
      {
        method: 'get',
        path: '/event-templates',
        summary: {
          zh: '事件模板（本单位、下级的，和上级下发的）',
          en: 'Event templates of one’s units, those below, and those handed down from above',
        },
        needs: { permission: 'templates.read', over: 'places' },
        query: templateQuery,
        answer: { status: 200, schema: pageOf(templateRow) },
      },
      async ({ query: { event, withdrawn, after, limit } }, caller) => {
        const places = caller.rights.places('templates.read');
        const rows = await templatesFor(store, places, { after, limit: limit + 1, withdrawn: withdrawn === 'true' });
        const page = rows.slice(0, limit);
        const fitting = event === undefined ? page : await thoseThatFit(store, page, event);
        return {
          items: await rowsOf(store, fitting, caller),
          ...(rows.length > limit && { next: page.at(-1)?._id }),
        };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/event-templates/:id',
        summary: {
          zh: '一个事件模板：内容、各版本、用它写的稿件',
          en: 'One event template: what it says, its versions, what was made from it',
        },
        needs: { permission: 'templates.read', over: 'places' },
        params: byId,
        query: z.object({ version: z.coerce.number().int().min(1).optional() }),
        answer: { status: 200, schema: templateWhole },
      },
      async ({ params, query }, caller) =>
        wholeBody(store, await seen(store, params.id, caller, query.version), caller),
    ),
  ];
}

/** @throws LianfaError not_found, also of one that is not handed down to the caller */
async function seen(store: Store, id: string, { rights }: Caller, version?: number): Promise<Whole> {
  const whole = await readTemplate(store, id, version);
  if (!isSeenFrom(rights.places('templates.read'), whole.template)) throw new LianfaError('not_found', { what: id });
  return whole;
}

async function thoseThatFit(store: Store, rows: readonly EventTemplate[], event: string): Promise<EventTemplate[]> {
  const ids = rows.map(({ _id, version }) => versionId(_id, version));
  const versions = await store.eventTemplateVersions.find({ _id: { $in: ids } }).lean<EventTemplateVersion[]>();
  const fitting = new Set(versions.filter(({ content }) => fits(content, event)).map(({ template }) => template));
  return rows.filter(({ _id }) => fitting.has(_id));
}

async function rowsOf(store: Store, rows: readonly EventTemplate[], { rights }: Caller): Promise<TemplateRow[]> {
  const ids = [...new Set(rows.flatMap(({ organization }) => organization ?? []))];
  const units = await store.organizations.find({ _id: { $in: ids } }, { name: 1 }).lean();
  const names = new Map(units.map(({ _id, name }) => [_id, name]));
  return rows.map(({ _id, at, path, withdrawn, organization, ...row }) => {
    const unitName = organization === undefined ? undefined : names.get(organization);
    return {
      id: _id,
      ...row,
      ...(organization !== undefined && { organization }),
      ...(unitName !== undefined && { unitName }),
      at: new Date(at).toISOString(),
      ...(withdrawn && { withdrawn: { ...withdrawn, at: new Date(withdrawn.at).toISOString() } }),
      may: !withdrawn && rights.may('templates.manage', path),
    };
  });
}

async function wholeBody(
  store: Store,
  { template, version: shown, content }: Whole,
  caller: Caller,
): Promise<TemplateWhole> {
  const id = template._id;
  const [row] = await rowsOf(store, [template], caller);
  const versions = await store.eventTemplateVersions
    .find({ template: id }, { version: 1, by: 1, at: 1 })
    .sort({ version: -1 })
    .limit(100)
    .lean<Omit<EventTemplateVersion, 'content'>[]>();
  const made = await store.releases
    .find({ $and: [{ template: id }, within<Release>(caller.rights.places('releases.read'))] })
    .sort({ _id: -1 })
    .limit(mostDrafts)
    .lean<Release[]>();
  const texts = await store.revisions
    .find({ _id: { $in: made.map(({ revision }) => revision) } }, { template: 1, createdBy: 1 })
    .lean();
  const followers = await store.eventTemplates.find({ follows: id }).limit(mostFollowers).lean<EventTemplate[]>();
  const places = caller.rights.places('templates.read');
  if (!row) throw new LianfaError('not_found', { what: id });
  return {
    ...row,
    shown,
    content,
    questions: levelsOf(content).map((level) => ({ level, asked: questionsOf(content, level) })),
    versions: versions.map(({ version, by, at }) => ({ version, by, at: new Date(at).toISOString() })),
    ...(await whyUnusable(store, template)),
    drafts: made.map((release) => {
      const text = texts.find(({ _id }) => _id === release.revision);
      return {
        id: release._id,
        title: release.title,
        version: text?.template?.version ?? 0,
        signed: release.signed === release.revision,
        by: text?.createdBy ?? release.createdBy,
        at: new Date(release.updatedAt).toISOString(),
      };
    }),
    followers: await rowsOf(
      store,
      followers.filter((one) => isSeenFrom(places, one)),
      caller,
    ),
  };
}

/** Told before somebody has typed the facts. */
async function whyUnusable(store: Store, template: EventTemplate): Promise<Pick<TemplateWhole, 'unusable'>> {
  try {
    await refuseUnusable(store, { template, content: await contentOf(store, template._id, template.version) });
    return {};
  } catch (error) {
    if (error instanceof LianfaError) return { unusable: error.toJSON().message };
    throw error;
  }
}

const readTime = (written: string): Date | undefined => readPlannedTime(written, 'ends');

function filling(store: Store): Endpoint[] {
  return [
    endpoint(
      {
        method: 'post',
        path: '/event-templates/:id/fill',
        summary: {
          zh: '用几个要素把模板填成一件完整的草稿（不保存）；缺的要素按名称指出',
          en: 'Fill a template in to a whole draft, which is not stored; missing facts are named',
        },
        needs: { permission: 'releases.write', over: 'places' },
        params: byId,
        body: templateFilling,
        answer: { status: 200, schema: templateFilled },
      },
      async ({ params, body }, caller) => {
        const whole = await seen(store, params.id, caller);
        const unit = await unitFor(store, caller, 'releases.write', body.organization);
        if (!isWithin(unit.path, whole.template.path)) throw new LianfaError('not_found', { what: params.id });
        await refuseUnusable(store, whole);
        return draftOf(store, whole, body, unit);
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/event-templates/try',
        summary: { zh: '预览未保存的模板（用样例要素）', en: 'An unsaved template, with samples of its facts' },
        needs: { permission: 'templates.manage', over: 'places' },
        body: templateTrial,
        answer: { status: 200, schema: templateTried },
      },
      ({ body: { content: given, level } }) => {
        const content = checkedContent(given, 'content');
        const facts = sampleFacts(content, new Date(), level);
        const { title, short, long, spoken } = fill(content, facts, content.source ?? '示例县人民政府');
        return {
          title: title.text,
          short: joined(short),
          long: joined(long),
          spoken: joined(spoken),
          asked: questionsOf(content, facts.level),
        };
      },
    ),
  ];
}

async function draftOf(
  store: Store,
  { template, content }: Whole,
  { facts: given, exercise, source: named }: z.output<typeof templateFilling>,
  { organization }: { organization?: string },
): Promise<TemplateFilled> {
  const facts = readFacts(content, given, { now: new Date(), readTime });
  const unit = organization === undefined ? null : await store.organizations.findById(organization).lean();
  const source = named ?? content.source ?? unit?.name;
  if (source === undefined) throw missingFacts(['发布单位']);
  const { title, short, long, emergency } = fill(content, facts, source);
  return {
    release: {
      title: title.text,
      kind: 'emergency',
      source,
      summary: joined(short),
      body: { format: 'html', content: joined(long) },
      emergency: { ...emergency, ...(exercise && { status: 'Exercise' as const }) },
      template: { id: template._id, version: template.version, facts },
      ...(organization !== undefined && { organization }),
    },
  };
}

function managing(store: Store): Endpoint[] {
  const answered = async (row: EventTemplate, caller: Caller): Promise<TemplateRow> => {
    const [body] = await rowsOf(store, [row], caller);
    if (!body) throw new LianfaError('not_found', { what: row._id });
    return body;
  };
  return [
    endpoint(
      {
        method: 'post',
        path: '/event-templates',
        summary: {
          zh: '新建事件模板；依据上级模板时只能更严',
          en: 'Make an event template; one that follows a template from above may only be stricter',
        },
        needs: { permission: 'templates.manage', over: 'new' },
        body: newTemplate,
        answer: { status: 201, schema: templateRow },
      },
      async ({ body: { organization, follows, content } }, caller) => {
        const unit = await unitFor(store, caller, 'templates.manage', organization);
        const making = { content: checkedContent(content, 'content'), unit, follows };
        return answered(await makeTemplate(store, making, caller.actor), caller);
      },
    ),
    endpoint(
      {
        method: 'put',
        path: '/event-templates/:id',
        summary: {
          zh: '修改事件模板（生成新版本；已有草稿不变，通知作者）',
          en: 'Change an event template: its next version; drafts stay as they are, and their writers are told',
        },
        needs: { permission: 'templates.manage', over: 'template' },
        params: byId,
        body: templateChange,
        answer: { status: 200, schema: templateRow },
      },
      async ({ params, body: { version, content } }, caller) => {
        const change = { version, content: checkedContent(content, 'content') };
        return answered(await changeTemplate(store, params.id, change, caller.actor), caller);
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/event-templates/:id/withdraw',
        summary: { zh: '停用事件模板（已有草稿不变，通知作者）', en: 'Withdraw an event template' },
        needs: { permission: 'templates.manage', over: 'template' },
        params: byId,
        body: templateWithdrawal,
        answer: { status: 200, schema: templateRow },
      },
      async ({ params, body }, caller) =>
        answered(await withdrawTemplate(store, params.id, body, caller.actor), caller),
    ),
    endpoint(
      {
        method: 'post',
        path: '/event-templates/import',
        summary: {
          zh: '导入事件模板（文件中的，或随附的一套）；有误的单独指出，其余照常导入',
          en: 'Import event templates of a file or those that come with the program; a bad one stops no other',
        },
        needs: { permission: 'templates.manage', over: 'new' },
        body: templateImport,
        answer: { status: 200, schema: importResult },
      },
      async ({ body: { organization, shipped, templates, dryRun } }, caller) => {
        const unit = await unitFor(store, caller, 'templates.manage', organization);
        const given = shipped ? shippedTemplates() : templates;
        return importTemplates(store, given, { unit, dryRun, by: caller.actor });
      },
    ),
  ];
}
