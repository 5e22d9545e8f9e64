/** People: who works here, with which roles over what; made, moved, disabled and erased by admins. */
import { z } from 'zod';
import { invalid, readGiven } from '../core/import-given.js';
import { unknownUnit } from '../core/people/standing.js';
import { LianfaError } from '../core/errors.js';
import type { Person } from '../core/model/person.js';
import { confirmRole, giveRole, takeRole } from '../core/people/grants.js';
import { importPeople } from '../core/people/import.js';
import { peopleImportResult } from '../core/people/import-result.js';
import { peopleImport, personShape } from '../core/people/input.js';
import { makeLink, type LinkMeans, type NewLink } from '../core/people/links.js';
import {
  disablePerson,
  editPerson,
  enablePerson,
  erasePerson,
  invitePerson,
  movePerson,
  takeFactorOff,
} from '../core/people/persons.js';
import { inletNames } from '../core/alerts/inlets.js';
import { holdingsOf, listPeople, namesOf, type Holding, type Listed } from '../core/people/register.js';
import {
  invited,
  namesQuery,
  newGrant,
  newLink,
  newPerson,
  peopleQuery,
  personBody,
  personEdit,
  personLeaves,
  personLeft,
  personListed,
  personMove,
  personName,
  personRemoved,
  type HoldingBody,
  type PersonListed,
} from './contract/people.js';
import { pageOf } from './contract/pages.js';
import { endpoint, type Caller, type Endpoint } from './endpoint.js';
import type { Store } from '../core/store/store.js';
import { importFile, importQuery, sendTemplate } from './import-file.js';
import type { Services } from './services.js';

const params = z.object({ id: z.string() });
const manage = { permission: 'people.manage', over: 'person' } as const;

export function peopleEndpoints(services: Pick<Services, 'store' | 'vault' | 'config' | 'taskKeepers'>): Endpoint[] {
  const { store, vault, config, taskKeepers: keepers } = services;
  const means: LinkMeans = { store, vault, hubUrl: config.url };

  async function bodies(listed: readonly Listed[]): Promise<PersonListed[]> {
    const names = await unitNames(
      store,
      listed.flatMap(({ person, holdings }) => [person, ...holdings]),
    );
    return listed.map((one) => listedBody(one, names));
  }
  async function bodyOf(person: Person): Promise<PersonListed> {
    const holdings = (await holdingsOf(means, [person._id])).get(person._id) ?? [];
    const [body] = await bodies([{ person, holdings }]);
    if (!body) throw new LianfaError('not_found', { what: person._id });
    return body;
  }
  /** A unit that one may not see is not there. @throws LianfaError field_invalid */
  async function requireSeen({ rights }: Caller, organization: string | null | undefined): Promise<void> {
    if (organization === null || organization === undefined) return;
    const unit = await store.organizations.findById(organization, { path: 1 }).lean();
    if (!unit || !rights.may('units.read', unit.path)) throw invalid('organization', unknownUnit);
  }
  async function known(id: string): Promise<Person> {
    const person = await store.people.findById(id).lean();
    if (!person || person.erased) throw new LianfaError('not_found', { what: id });
    return person;
  }
  async function whole(id: string, { rights }: Caller): Promise<z.input<typeof personBody>> {
    const person = await known(id);
    const mayManage = rights.may('people.manage', person.path);
    if (!mayManage) return { ...(await bodyOf(person)), mayManage };
    const link = await store.links.findOne({ person: id }).lean();
    const waiting = await Promise.all(keepers.map((keeper) => keeper.of(store, id)));
    return {
      ...(await bodyOf(person)),
      mayManage,
      managed: {
        ...(person.address !== undefined && { address: person.address }),
        factor: person.factor !== undefined,
        removed: person.removed === true,
        ...(link && link.until > new Date() && { linkUntil: link.until.toISOString() }),
        waiting: waiting.flat().map(({ kind, id, title }) => ({ kind, id, title })),
      },
    };
  }

  return [
    endpoint(
      {
        method: 'get',
        path: '/people',
        summary: { zh: '人员列表', en: 'People' },
        needs: { permission: 'people.read', over: 'places' },
        query: peopleQuery,
        answer: { status: 200, schema: pageOf(personListed) },
      },
      async ({ query }, { rights }) => {
        const { items, next } = await listPeople(means, query, rights.places('people.read'));
        return { items: await bodies(items), ...(next !== undefined && { next }) };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/people/names',
        summary: {
          zh: '编号对应的人名（已注销的也有）、订阅源和监视文件夹的名称',
          en: 'Who these ids are, also those who are gone, and feeds and folders that write drafts',
        },
        needs: { permission: 'any' },
        query: namesQuery,
        answer: { status: 200, schema: z.array(personName) },
      },
      async ({ query: { id } }) => [...(await namesOf(store, id)), ...(await inletNames(store, id))],
    ),
    endpoint(
      {
        method: 'get',
        path: '/people/template',
        summary: { zh: '人员导入模板（CSV）', en: 'An empty table of people (CSV)' },
        needs: { permission: 'any' },
        answer: { status: 200, mime: 'text/csv' },
      },
      ({ response }) => {
        const names = personShape.layout.columns.map(({ key, names }) => names[0] ?? key);
        sendTemplate(response, 'people', names);
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/people',
        summary: {
          zh: '新增人员：返回只显示一次的邀请链接',
          en: 'Make a person; the answer holds the link to invite them by, shown once',
        },
        needs: { permission: 'people.manage', over: 'places' },
        body: newPerson,
        answer: { status: 201, schema: invited },
      },
      async ({ body }, caller) => {
        await requireSeen(caller, body.organization);
        const { person, link } = await invitePerson(means, caller.actor, body);
        return { person: await bodyOf(person), ...linkBody(link) };
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/people/import',
        summary: {
          zh: '导入人员（CSV、Excel 或 JSON）：每人一个邀请链接，只显示这一次',
          en: 'Import people (CSV, Excel or JSON); each gets a link, shown this once',
        },
        needs: { permission: 'people.manage', over: 'places' },
        query: importQuery,
        bytes: importFile(peopleImport),
        answer: { status: 200, schema: peopleImportResult },
      },
      async ({ bytes, query: { dryRun } }, { actor, rights }) =>
        importPeople(means, actor, await readGiven(bytes, personShape), {
          dryRun: dryRun === 'true',
          may: (path) => rights.may('people.manage', path),
        }),
    ),
    endpoint(
      {
        method: 'get',
        path: '/people/:id',
        summary: { zh: '一个人和他的角色', en: 'A person with their roles' },
        needs: { permission: 'people.read', over: 'person' },
        params,
        answer: { status: 200, schema: personBody },
      },
      ({ params: { id } }, caller) => whole(id, caller),
    ),
    endpoint(
      {
        method: 'put',
        path: '/people/:id',
        summary: { zh: '修改姓名或邮箱', en: 'Change name or address' },
        needs: manage,
        params,
        body: personEdit,
        answer: { status: 200, schema: personBody },
      },
      async ({ params: { id }, body }, caller) => {
        await editPerson(means, caller.actor, id, body);
        return whole(id, caller);
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/people/:id/link',
        summary: {
          zh: '重新发邀请或重设密码的链接（旧链接作废，只显示一次）',
          en: 'A new link to choose a password by; older ones end, and it is shown once',
        },
        needs: manage,
        params,
        answer: { status: 201, schema: newLink },
      },
      async ({ params: { id } }, { actor }) => linkBody(await makeLink(means, actor, id)),
    ),
    endpoint(
      {
        method: 'post',
        path: '/people/:id/grants',
        summary: { zh: '授予角色', en: 'Give a role' },
        needs: manage,
        params,
        body: newGrant,
        answer: { status: 201, schema: personBody },
      },
      async ({ params: { id }, body: { organization, ...wish } }, caller) => {
        await requireSeen(caller, organization);
        await giveRole(means, caller.actor, { person: id, organization: organization ?? undefined, ...wish });
        return whole(id, caller);
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/grants/:id/confirm',
        summary: { zh: '确认授权（第二位管理员）', en: 'Confirm a grant, as the second admin' },
        needs: { permission: 'people.manage', over: 'grant' },
        params,
        answer: { status: 204 },
      },
      async ({ params: { id } }, { actor }) => {
        await confirmRole(means, actor, id);
      },
    ),
    endpoint(
      {
        method: 'delete',
        path: '/grants/:id',
        summary: { zh: '收回角色', en: 'Take a role back' },
        needs: { permission: 'people.manage', over: 'grant' },
        params,
        answer: { status: 204 },
      },
      ({ params: { id } }, { actor }) => takeRole(means, actor, id),
    ),
    endpoint(
      {
        method: 'post',
        path: '/people/:id/move',
        summary: { zh: '调到另一个单位', en: 'Move a person to another unit' },
        needs: manage,
        params,
        body: personMove,
        answer: { status: 200, schema: personListed },
      },
      async ({ params: { id }, body: { organization, endRoles } }, caller) => {
        await requireSeen(caller, organization);
        return bodyOf(await movePerson(means, caller.actor, id, { organization: organization ?? undefined, endRoles }));
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/people/:id/factor-off',
        summary: { zh: '关闭丢失的动态口令', en: 'Take a lost second step off' },
        needs: manage,
        params,
        answer: { status: 204 },
      },
      ({ params: { id } }, { actor }) => takeFactorOff(means, actor, id),
    ),
    endpoint(
      {
        method: 'post',
        path: '/people/:id/disable',
        summary: {
          zh: '停用：会话、密钥、代理即止，待办移交',
          en: 'Disable a person and hand over what waits for them',
        },
        needs: manage,
        params,
        body: personLeaves,
        answer: { status: 200, schema: personLeft },
      },
      ({ params: { id }, body: { handTo } }, { actor }) => disablePerson(means, actor, id, { to: handTo, keepers }),
    ),
    endpoint(
      {
        method: 'post',
        path: '/people/:id/remove',
        summary: {
          zh: '因故停用：另外通知本单位，其签发而未发出的计划停下等人决定',
          en: 'Disable a person for cause: the unit is told, and what they signed and has not gone out yet asks',
        },
        needs: manage,
        params,
        body: personRemoved,
        answer: { status: 200, schema: personLeft },
      },
      ({ params: { id }, body: { handTo, reason } }, { actor }) =>
        disablePerson(means, actor, id, { to: handTo, keepers, cause: reason }),
    ),
    endpoint(
      {
        method: 'post',
        path: '/people/:id/enable',
        summary: { zh: '重新启用（原密钥不恢复）', en: 'Enable again; old keys stay dead' },
        needs: manage,
        params,
        answer: { status: 200, schema: personBody },
      },
      async ({ params: { id } }, caller) => {
        await enablePerson(means, caller.actor, id);
        return whole(id, caller);
      },
    ),
    endpoint(
      {
        method: 'delete',
        path: '/people/:id',
        summary: {
          zh: '注销：抹去姓名和邮箱，所做的事留在编号下',
          en: 'Erase name and address; what was done stays under the id',
        },
        needs: manage,
        params,
        answer: { status: 204 },
      },
      ({ params: { id } }, { actor }) => erasePerson(means, actor, id),
    ),
  ];
}

function linkBody({ address, until }: NewLink): { link: string; until: string } {
  return { link: address, until: until.toISOString() };
}

function listedBody({ person, holdings }: Listed, names: ReadonlyMap<string, string>): PersonListed {
  const { _id: id, name, displayName, organization, enabled, passwordHash } = person;
  return {
    id,
    name,
    displayName,
    ...unitOf(organization, names),
    enabled,
    invited: passwordHash === undefined,
    holdings: holdings.map((one) => holdingBody(one, names)),
  };
}

export function holdingBody(
  { path: _path, from, until, organization, ...rest }: Holding,
  names: ReadonlyMap<string, string>,
): HoldingBody {
  return {
    ...rest,
    ...unitOf(organization, names),
    ...(from && { from: from.toISOString() }),
    ...(until && { until: until.toISOString() }),
  };
}

function unitOf(organization: string | undefined, names: ReadonlyMap<string, string>) {
  return organization === undefined ? {} : { organization, organizationName: names.get(organization) ?? organization };
}

export async function unitNames(
  store: Store,
  rows: readonly { organization?: string | undefined }[],
): Promise<Map<string, string>> {
  const named = [...new Set(rows.flatMap(({ organization }) => organization ?? []))];
  const units = await store.organizations.find({ _id: { $in: named } }, { name: 1 }).lean();
  return new Map(units.map(({ _id, name }) => [_id, name]));
}
