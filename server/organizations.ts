import { z } from 'zod';
import { importOrganizations } from '../core/organizations/import.js';
import { importResult } from '../core/import-result.js';
import { organizationImport, unitShape } from '../core/organizations/input.js';
import { readGiven } from '../core/import-given.js';
import type { Organization } from '../core/model/organization.js';
import { within } from '../core/model/organization.js';
import { organization } from './contract/organizations.js';
import { pageOf } from './contract/pages.js';
import { endpoint, type Endpoint } from './endpoint.js';
import { importFile, importQuery, sendTemplate } from './import-file.js';
import type { Services } from './services.js';

const query = z.object({
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(5_000).default(5_000),
});

export function organizationEndpoints({ store }: Pick<Services, 'store'>): Endpoint[] {
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
        const items = rows.slice(0, limit).map(({ _id, name, parent, region }) => ({ id: _id, name, parent, region }));
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
      async ({ bytes, query: { dryRun } }, { rights }) =>
        importOrganizations(store, await readGiven(bytes, unitShape), {
          dryRun: dryRun === 'true',
          may: (path) => rights.may('units.manage', path),
        }),
    ),
  ];
}
