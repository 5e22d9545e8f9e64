import { z } from 'zod';
import { importOrganizations } from '../core/organizations/import.js';
import { importResult } from '../core/import-result.js';
import { LianfaError } from '../core/errors.js';
import { newId } from '../core/ids.js';
import { importOne } from '../core/import-one.js';
import { organizationImport, unitRow, unitShape, type UnitRow } from '../core/organizations/input.js';
import { closeUnit, reopenUnit } from '../core/organizations/open-close.js';
import type { Store } from '../core/store/store.js';
import { readGiven } from '../core/import-given.js';
import type { Organization } from '../core/model/organization.js';
import { within } from '../core/model/organization.js';
import { closing, newOrganization, organization, organizationChange } from './contract/organizations.js';
import { pageOf } from './contract/pages.js';
import { endpoint, type Caller, type Endpoint } from './endpoint.js';
import { importFile, importQuery, sendTemplate } from './import-file.js';
import type { Services } from './services.js';

const byId = z.object({ id: z.string() });
const query = z.object({
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(5_000).default(5_000),
});

export function organizationEndpoints({ store }: Pick<Services, 'store'>): Endpoint[] {
  return [...inFiles(store), ...oneByOne(store)];
}

function inFiles(store: Store): Endpoint[] {
  return [
    endpoint(
      {
        method: 'get',
        path: '/organizations',
        summary: { zh: '单位树', en: 'The tree of units' },
        needs: { permission: 'units.read', over: 'places' },
        query,
        answer: { status: 200, schema: pageOf(organization) },
      },
      async ({ query: { after, limit } }, { rights }) => {
        const mine = within<Organization>(rights.places('units.read'));
        const rows = await store.organizations
          .find(after === undefined ? mine : { ...mine, _id: { $gt: after } })
          .sort({ _id: 1 })
          .limit(limit + 1)
          .lean();
        const items = rows.slice(0, limit).map(bodyOf);
        return { items, ...(rows.length > limit && { next: items.at(-1)?.id }) };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/organizations/template',
        summary: { zh: '单位导入模板（CSV）', en: 'An empty table of units (CSV)' },
        needs: { permission: 'any' },
        answer: { status: 200, mime: 'text/csv' },
      },
      ({ response }) => {
        const names = unitShape.layout.columns.map(({ key, names }) => names[0] ?? key);
        sendTemplate(response, 'units', names);
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/organizations/import',
        summary: {
          zh: '导入单位（CSV、Excel 或 JSON；有误的行单独指出，其余照常导入）',
          en: 'Import units (CSV, Excel or JSON); a bad row stops no other',
        },
        needs: { permission: 'units.manage', over: 'places' },
        query: importQuery,
        bytes: importFile(organizationImport),
        answer: { status: 200, schema: importResult },
      },
      async ({ bytes, query: { dryRun } }, { rights, actor }) =>
        importOrganizations(store, await readGiven(bytes, unitShape), {
          dryRun: dryRun === 'true',
          may: (path) => rights.may('units.manage', path),
          by: actor,
        }),
    ),
  ];
}

function oneByOne(store: Store): Endpoint[] {
  async function save(row: UnitRow, { rights, actor }: Caller): Promise<z.input<typeof organization>> {
    await importOne(row, unitRow, (given) =>
      importOrganizations(store, given, { may: (path) => rights.may('units.manage', path), by: actor }),
    );
    return read(row.id);
  }

  async function read(id: string): Promise<z.input<typeof organization>> {
    const unit = await store.organizations.findById(id).lean();
    if (!unit) throw new LianfaError('not_found', { what: id });
    return bodyOf(unit);
  }

  return [
    endpoint(
      {
        method: 'post',
        path: '/organizations',
        summary: { zh: '新建单位', en: 'Make a unit' },
        needs: { permission: 'units.manage', over: 'places' },
        body: newOrganization,
        answer: { status: 201, schema: organization },
      },
      async ({ body }, caller) => {
        const id = body.id ?? newId('o');
        if (await store.organizations.exists({ _id: id }))
          throw new LianfaError('name_taken', { field: 'id', name: id });
        return save({ ...body, id }, caller);
      },
    ),
    endpoint(
      {
        method: 'put',
        path: '/organizations/:id',
        summary: { zh: '修改或迁移单位（下级和账号随之迁移）', en: 'Change or move a unit, with all below it' },
        needs: { permission: 'units.manage', over: 'unit' },
        params: byId,
        body: organizationChange,
        answer: { status: 200, schema: organization },
      },
      ({ params, body }, caller) => save({ ...body, id: params.id }, caller),
    ),
    endpoint(
      {
        method: 'post',
        path: '/organizations/:id/close',
        summary: { zh: '停用单位：其下账号不再收到发布', en: 'Close a unit: nothing reaches its accounts any more' },
        needs: { permission: 'units.manage', over: 'unit' },
        params: byId,
        body: closing,
        answer: { status: 200, schema: organization },
      },
      async ({ params, body }, { actor }) => {
        await closeUnit(store, params.id, body.reason, actor);
        return read(params.id);
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/organizations/:id/reopen',
        summary: { zh: '恢复单位', en: 'Open a unit again' },
        needs: { permission: 'units.manage', over: 'unit' },
        params: byId,
        answer: { status: 200, schema: organization },
      },
      async ({ params }, { actor }) => {
        await reopenUnit(store, params.id, actor);
        return read(params.id);
      },
    ),
  ];
}

function bodyOf({ _id, name, parent, region, position, closedAt }: Organization): z.input<typeof organization> {
  return {
    id: _id,
    name,
    parent,
    region,
    ...(position && { position }),
    ...(closedAt && { closedAt: closedAt.toISOString() }),
  };
}
