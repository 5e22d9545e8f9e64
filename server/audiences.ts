/** Whom a release will reach and whom not, audiences kept under a name, and outlines of regions. */
import { z } from 'zod';
import { changeAudience, closeAudience, saveAudience, savedAudiences } from '../core/audiences/saved.js';
import { LianfaError } from '../core/errors.js';
import { gapsOf, surveyAudience, type SurveyAsked } from '../core/gaps/survey.js';
import { importOutlines, outlineBounds } from '../core/geography/import-outlines.js';
import { importResult } from '../core/import-result.js';
import type { SavedAudience } from '../core/model/saved-audience.js';
import {
  gapPage,
  gapsAsked,
  newSavedAudience,
  regionOutline,
  savedAudience,
  savedAudienceChange,
  survey,
  surveyAsked,
} from './contract/audiences.js';
import { pageOf, pageQuery } from './contract/pages.js';
import { endpoint, unitFor, type Caller, type Endpoint } from './endpoint.js';
import { importQuery } from './import-file.js';
import type { Services } from './services.js';

const byId = z.object({ id: z.string() });

type Means = Pick<Services, 'store' | 'channels'>;

export function audienceEndpoints(services: Means): Endpoint[] {
  return [...surveying(services), ...keeping(services), ...outlining(services)];
}

function surveying({ store, channels }: Means): Endpoint[] {
  async function askedBy(
    { audience, areas, organization }: z.output<typeof surveyAsked>,
    { rights }: Caller,
  ): Promise<SurveyAsked> {
    const unit = organization === undefined ? undefined : await store.organizations.findById(organization).lean();
    if (organization !== undefined && !unit) throw new LianfaError('not_found', { what: organization });
    const places = rights.places('accounts.read');
    return { store, channels, audience, areas, place: unit?.path ?? '', places, now: new Date() };
  }

  return [
    endpoint(
      {
        method: 'post',
        path: '/audiences/survey',
        summary: {
          zh: '投放范围摸底：按渠道、地区的账号数和缺口',
          en: 'What an audience reaches by channel and region, and its gaps',
        },
        needs: { permission: 'accounts.read', over: 'places' },
        body: surveyAsked,
        answer: { status: 200, schema: survey },
      },
      async ({ body }, caller) => surveyAudience(await askedBy(body, caller)),
    ),
    endpoint(
      {
        method: 'post',
        path: '/audiences/gaps',
        summary: { zh: '一类缺口（分页）', en: 'Gaps of one kind, by page' },
        needs: { permission: 'accounts.read', over: 'places' },
        body: gapsAsked,
        answer: { status: 200, schema: gapPage },
      },
      async ({ body: { kind, from, limit, ...asked } }, caller) =>
        gapsOf(await askedBy(asked, caller), { kind, from, limit }),
    ),
  ];
}

function keeping(means: Means): Endpoint[] {
  const { store } = means;
  return [
    endpoint(
      {
        method: 'get',
        path: '/audiences',
        summary: {
          zh: '常用范围（本单位、下级和上级的）',
          en: 'Saved audiences of one’s units, those below and above',
        },
        needs: { permission: 'accounts.read', over: 'places' },
        query: pageQuery,
        answer: { status: 200, schema: pageOf(savedAudience) },
      },
      async ({ query: { after, limit } }, { rights }) => {
        const rows = await savedAudiences(store, rights.places('accounts.read'), { after, limit: limit + 1 });
        const items = rows.slice(0, limit).map(bodyOf);
        return { items, ...(rows.length > limit && { next: items.at(-1)?.id }) };
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/audiences',
        summary: { zh: '新建常用范围', en: 'Save an audience under a name' },
        needs: { permission: 'audiences.manage', over: 'new' },
        body: newSavedAudience,
        answer: { status: 201, schema: savedAudience },
      },
      async ({ body: { organization, ...named } }, caller) => {
        const unit = await unitFor(store, caller, 'audiences.manage', organization);
        return bodyOf(await saveAudience(means, named, unit, caller.actor));
      },
    ),
    endpoint(
      {
        method: 'put',
        path: '/audiences/:id',
        summary: { zh: '修改常用范围', en: 'Change a saved audience' },
        needs: { permission: 'audiences.manage', over: 'audience' },
        params: byId,
        body: savedAudienceChange,
        answer: { status: 200, schema: savedAudience },
      },
      async ({ params, body }, { actor }) => bodyOf(await changeAudience(means, params.id, body, actor)),
    ),
    endpoint(
      {
        method: 'post',
        path: '/audiences/:id/close',
        summary: { zh: '停用常用范围', en: 'Close a saved audience' },
        needs: { permission: 'audiences.manage', over: 'audience' },
        params: byId,
        answer: { status: 200, schema: savedAudience },
      },
      async ({ params }, { actor }) => bodyOf(await closeAudience(store, params.id, actor)),
    ),
  ];
}

function bodyOf({ _id, at, closedAt: _, path: __, ...row }: SavedAudience): z.input<typeof savedAudience> {
  return { id: _id, ...row, at: new Date(at).toISOString() };
}

function outlining({ store }: Means): Endpoint[] {
  return [
    endpoint(
      {
        method: 'get',
        path: '/regions',
        summary: { zh: '已有边界的地区', en: 'Regions that have an outline' },
        needs: { permission: 'units.read', over: 'places' },
        query: pageQuery,
        answer: { status: 200, schema: pageOf(regionOutline) },
      },
      async ({ query: { after = '', limit } }) => {
        const rows = await store.regionOutlines
          .find({ _id: { $gt: after } }, { name: 1, points: 1, at: 1 })
          .sort({ _id: 1 })
          .limit(limit + 1)
          .lean();
        const items = rows
          .slice(0, limit)
          .map(({ _id, name, points, at }) => ({ code: _id, name, points, at: at.toISOString() }));
        return { items, ...(rows.length > limit && { next: items.at(-1)?.code }) };
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/regions/import',
        summary: {
          zh: '导入地区边界（GeoJSON；不能用的要素单独指出，其余照常导入）',
          en: 'Import outlines of regions (GeoJSON); a bad feature stops no other',
        },
        needs: { permission: 'units.manage', over: 'places' },
        query: importQuery.extend({
          property: z.string().max(60).optional().describe('the property that holds the code / 存放区划代码的属性名'),
        }),
        bytes: { limit: outlineBounds.bytes, types: ['application/geo+json', 'application/json'] },
        answer: { status: 200, schema: importResult },
      },
      ({ bytes, query: { dryRun, property } }, { rights, actor }) =>
        importOutlines(store, bytes, {
          dryRun: dryRun === 'true',
          property,
          by: actor,
          places: rights.places('units.manage'),
        }),
    ),
  ];
}
