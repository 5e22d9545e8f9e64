/** The rosters (值班表): who answers for a unit's accounts, and when. */
import { z } from 'zod';
import { ladderOf, rostersOf, type Rosters } from '../core/duty/book.js';
import { dutyImport, dutyRow, dutyShape } from '../core/duty/input.js';
import { gapsOf, onDuty } from '../core/duty/roster.js';
import { importDuty, removeEntry, setRule } from '../core/duty/write.js';
import { importOne } from '../core/import-one.js';
import { importResult } from '../core/import-result.js';
import { readGiven } from '../core/import-given.js';
import { usualMinutes, type DutyEntry, type DutyRule } from '../core/model/duty.js';
import { within, type Organization } from '../core/model/organization.js';
import { dutyQuery, dutyRule, dutyUnit, type DutyLineBody, type DutyUnitBody } from './contract/duty.js';
import { pageOf } from './contract/pages.js';
import { endpoint, type Endpoint } from './endpoint.js';
import { importFile, importQuery, sendTemplate } from './import-file.js';
import type { Services } from './services.js';

const byId = z.object({ id: z.string() });
/** ms within which gaps are told. */
const ahead = 7 * 24 * 3_600_000;

export function dutyEndpoints({ store }: Pick<Services, 'store'>): Endpoint[] {
  return [
    endpoint(
      {
        method: 'get',
        path: '/duty',
        summary: {
          zh: '各单位的值班表、现在谁值班、七天内的空缺',
          en: 'Rosters by unit, who is on duty now, and gaps within seven days',
        },
        needs: { permission: 'duty.read', over: 'places' },
        query: dutyQuery,
        answer: { status: 200, schema: pageOf(dutyUnit) },
      },
      async ({ query: { organization, after, limit } }, { rights }) => {
        const mine = within<Organization>(rights.places('duty.read'));
        const asked =
          organization !== undefined ? { _id: organization } : after !== undefined ? { _id: { $gt: after } } : {};
        const units = await store.organizations
          .find({ $and: [asked, mine] })
          .sort({ _id: 1 })
          .limit(limit + 1)
          .lean<Organization[]>();
        const page = units.slice(0, limit);
        const ids = page.map(({ _id }) => _id);
        const [rosters, rules] = await Promise.all([
          rostersOf(store, ids),
          store.dutyRules.find({ _id: { $in: ids } }).lean<DutyRule[]>(),
        ]);
        const items = page.map((unit) =>
          unitBody(
            unit,
            rosters,
            rules.find(({ _id }) => _id === unit._id),
            new Date(),
          ),
        );
        return { items, ...(units.length > limit && { next: ids.at(-1) }) };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/duty/template',
        summary: { zh: '值班表导入模板（CSV）', en: 'An empty roster (CSV)' },
        needs: { permission: 'any' },
        answer: { status: 200, mime: 'text/csv' },
      },
      ({ response }) => {
        sendTemplate(
          response,
          'duty',
          dutyShape.layout.columns.map(({ key, names }) => names[0] ?? key),
        );
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/duty/import',
        summary: {
          zh: '导入值班表（CSV、Excel 或 JSON；有误的行单独指出，其余照常导入）',
          en: 'Import rosters (CSV, Excel or JSON); a bad row stops no other',
        },
        needs: { permission: 'duty.manage', over: 'places' },
        query: importQuery,
        bytes: importFile(dutyImport),
        answer: { status: 200, schema: importResult },
      },
      async ({ bytes, query: { dryRun } }, { rights, actor }) =>
        importDuty(store, await readGiven(bytes, dutyShape), {
          dryRun: dryRun === 'true',
          may: (path) => rights.may('duty.manage', path),
          by: actor,
        }),
    ),
    endpoint(
      {
        method: 'post',
        path: '/duty',
        summary: { zh: '新建或修改一条值班', en: 'Make or change a line of a roster' },
        needs: { permission: 'duty.manage', over: 'places' },
        body: z.record(z.string(), z.unknown()),
        answer: { status: 204 },
      },
      ({ body }, { rights, actor }) =>
        importOne(body, dutyRow, (given) =>
          importDuty(store, given, { may: (path) => rights.may('duty.manage', path), by: actor }),
        ),
    ),
    endpoint(
      {
        method: 'delete',
        path: '/duty/:id',
        summary: { zh: '删除一条值班', en: 'Take a line off a roster' },
        needs: { permission: 'duty.manage', over: 'duty' },
        params: byId,
        answer: { status: 204 },
      },
      ({ params }, { actor }) => removeEntry(store, actor, params.id),
    ),
    endpoint(
      {
        method: 'put',
        path: '/organizations/:id/duty-rule',
        summary: { zh: '一个单位多少分钟没有回应就转给下一人', en: "Minutes until a unit's next person is told" },
        needs: { permission: 'duty.manage', over: 'unit' },
        params: byId,
        body: dutyRule,
        answer: { status: 200, schema: dutyRule },
      },
      async ({ params, body }, { actor }) => {
        const { emergency, routine } = await setRule(store, actor, params.id, body);
        return { emergency, routine };
      },
    ),
  ];
}

function unitBody(unit: Organization, rosters: Rosters, rule: DutyRule | undefined, now: Date): DutyUnitBody {
  const { gone } = rosters;
  const lines = rosters.entries.get(unit._id) ?? [];
  const { emergency, routine } = rule ?? usualMinutes;
  const superior = ladderOf(rosters, unit._id, now).find(({ level, people }) => level > 0 && people.length > 0);
  const byTime = [...lines].sort(
    (one, other) => (one.from?.getTime() ?? 0) - (other.from?.getTime() ?? 0) || one.step - other.step,
  );
  return {
    organization: unit._id,
    name: unit.name,
    minutes: { emergency, routine },
    lines: byTime.map((line) => lineBody(line, gone)),
    now: onDuty(lines, now, gone).map(({ step, people }) => ({ step, names: people.map(({ name }) => name) })),
    gaps: gapsOf(lines, now, new Date(now.getTime() + ahead), gone).map(({ from, until, step }) => ({
      from: from.toISOString(),
      until: until.toISOString(),
      ...(step !== undefined && { step }),
    })),
    ...(superior && { superior: superior.unitName }),
  };
}

function lineBody(line: DutyEntry, gone: ReadonlySet<string>): DutyLineBody {
  const { _id, step, name, person, phone, mail, webhook, told, required, from, until, instead } = line;
  return {
    id: _id,
    step,
    name,
    person,
    phone,
    mail,
    webhook: webhook === undefined ? undefined : new URL(webhook).host,
    told,
    required: required === true,
    from: from && new Date(from).toISOString(),
    until: until && new Date(until).toISOString(),
    instead,
    gone: person !== undefined && gone.has(person),
  };
}
