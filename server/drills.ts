/** The library of drills (演练库): scenarios, drills that were held with what the ledger says of them, and who is overdue. */
import { z } from 'zod';
import { figuresOf } from '../core/drills/figures.js';
import { addFinding, drillsIn, readDrill, settleFinding } from '../core/drills/held.js';
import { overdueIn } from '../core/drills/overdue.js';
import { changeScenario, closeScenario, saveScenario, scenariosFor } from '../core/drills/scenarios.js';
import { startDrill } from '../core/drills/start.js';
import { LianfaError } from '../core/errors.js';
import type { Drill } from '../core/model/drill.js';
import { regionRange } from '../core/model/organization.js';
import * as contract from './contract/drills.js';
import { pageOf, pageQuery } from './contract/pages.js';
import { bodyOf, figuresBody, lastOf, overdueBody, rowsOf, scenarioBody, tookPartOf } from './drill-body.js';
import { endpoint, unitFor, type Endpoint } from './endpoint.js';
import { unitNames } from './people.js';
import type { Services } from './services.js';

const byId = z.object({ id: z.string() });

type Means = Pick<Services, 'store' | 'channels' | 'queries'>;

export function drillEndpoints(services: Means): Endpoint[] {
  return [...library(services), ...holding(services)];
}

function library(means: Means): Endpoint[] {
  const { store } = means;
  return [
    endpoint(
      {
        method: 'get',
        path: '/drill-scenarios',
        summary: {
          zh: '演练脚本（本单位、下级和上级下发的），附上次演练的结果',
          en: 'Scenarios of one’s units, those below and above, each with what its last drill has shown',
        },
        needs: { permission: 'drills.read', over: 'places' },
        query: contract.scenarioQuery,
        answer: { status: 200, schema: pageOf(contract.scenario) },
      },
      async ({ query: { organization, after, limit } }, { rights, path, organization: own }) => {
        const unit = organization === undefined ? null : await store.organizations.findById(organization).lean();
        const place = unit && rights.may('drills.read', unit.path) ? unit.path : path;
        const whose = place === path ? own : organization;
        const rows = await scenariosFor(store, rights.places('drills.read'), { after, limit: limit + 1 });
        const page = rows.slice(0, limit);
        const names = await unitNames(store, page);
        const items = await Promise.all(
          page.map(async (row) => {
            const last = await lastOf(means, row._id, place);
            const tookPart = await tookPartOf(store, row._id, whose);
            return scenarioBody(row, names, { ...(last && { last }), ...(tookPart && { tookPart }) });
          }),
        );
        return { items, ...(rows.length > limit && { next: items.at(-1)?.id }) };
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/drill-scenarios',
        summary: { zh: '新建演练脚本，供本单位和下级使用', en: 'Write a scenario, for the unit and all below' },
        needs: { permission: 'drills.manage', over: 'new' },
        body: contract.newScenario,
        answer: { status: 201, schema: contract.scenario },
      },
      async ({ body: { organization, ...text } }, caller) => {
        const unit = await unitFor(store, caller, 'drills.manage', organization);
        const row = await saveScenario(means, text, unit, caller.actor);
        return scenarioBody(row, await unitNames(store, [row]));
      },
    ),
    endpoint(
      {
        method: 'put',
        path: '/drill-scenarios/:id',
        summary: { zh: '修改演练脚本', en: 'Change a scenario' },
        needs: { permission: 'drills.manage', over: 'scenario' },
        params: byId,
        body: contract.scenarioChange,
        answer: { status: 200, schema: contract.scenario },
      },
      async ({ params, body }, { actor }) => {
        const row = await changeScenario(means, params.id, body, actor);
        return scenarioBody(row, await unitNames(store, [row]));
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/drill-scenarios/:id/close',
        summary: { zh: '停用演练脚本（已有的演练记录保留）', en: 'Close a scenario; drills held stay' },
        needs: { permission: 'drills.manage', over: 'scenario' },
        params: byId,
        answer: { status: 200, schema: contract.scenario },
      },
      async ({ params }, { actor }) => {
        const row = await closeScenario(store, params.id, actor);
        return scenarioBody(row, await unitNames(store, [row]));
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/drill-scenarios/:id/start',
        summary: {
          zh: '按脚本开始一次演练：生成演练草稿，之后照常送审、两人签发',
          en: 'Begin a drill: a draft exercise, which then takes the path of every broadcast',
        },
        // Of a superior's scenario one holds one's own.
        needs: { permission: 'drills.start', over: 'places' },
        params: byId,
        body: contract.startingDrill,
        answer: { status: 201, schema: contract.drillRow },
      },
      async ({ params, body }, caller) => {
        const unit = await unitFor(store, caller, 'drills.start', body.organization);
        const row = await startDrill(store, params.id, unit, caller.actor);
        const [answer] = await rowsOf(store, [row]);
        if (!answer) throw new LianfaError('not_found', { what: row._id });
        return answer;
      },
    ),
  ];
}

function holding({ store, queries }: Means): Endpoint[] {
  const answer = async (row: Drill) => bodyOf(store, row, figuresBody(await figuresOf(store, queries, row.release)));
  return [
    endpoint(
      {
        method: 'get',
        path: '/drills/overdue',
        summary: { zh: '哪些单位该演练了，按地区', en: 'Which units are overdue for a drill, by region' },
        needs: { permission: 'drills.read', over: 'places' },
        query: contract.overdueQuery,
        answer: { status: 200, schema: contract.overdueDrills },
      },
      async ({ query: { region, limit } }, { rights }) => {
        const all = await overdueIn(store, rights.places('drills.read'));
        const { $gte, $lte } = regionRange(region ?? '000000');
        const rows = region === undefined ? all : all.filter(({ unit }) => unit.region >= $gte && unit.region <= $lte);
        return { items: await overdueBody(store, rows.slice(0, limit)), total: rows.length };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/drills',
        summary: { zh: '演练记录（新的在前）', en: 'Drills, newest first' },
        needs: { permission: 'drills.read', over: 'places' },
        query: pageQuery,
        answer: { status: 200, schema: pageOf(contract.drillRow) },
      },
      async ({ query: { after, limit } }, { rights }) => {
        const rows = await drillsIn(store, rights.places('drills.read'), { after, limit: limit + 1 });
        const items = await rowsOf(store, rows.slice(0, limit));
        return { items, ...(rows.length > limit && { next: items.at(-1)?.id }) };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/drills/:id',
        summary: {
          zh: '一次演练：送达、99% 用时、迟到的确认、缺口、发现的问题',
          en: 'One drill: reached, times to 99 %, who confirmed late, gaps, findings',
        },
        needs: { permission: 'drills.read', over: 'drill' },
        params: byId,
        answer: { status: 200, schema: contract.drill },
      },
      async ({ params }) => answer(await readDrill(store, params.id)),
    ),
    endpoint(
      {
        method: 'post',
        path: '/drills/:id/findings',
        summary: {
          zh: '记录演练发现的问题、责任人和期限',
          en: 'Write down what a drill has shown, who sees to it, by when',
        },
        needs: { permission: 'drills.manage', over: 'drill' },
        params: byId,
        body: contract.newFinding,
        answer: { status: 201, schema: contract.drill },
      },
      async ({ params, body }, { actor }) => answer(await addFinding(store, params.id, body, actor)),
    ),
    endpoint(
      {
        method: 'post',
        path: '/drills/:id/settle',
        summary: { zh: '一个问题已整改', en: 'A finding has been seen to' },
        needs: { permission: 'drills.manage', over: 'drill' },
        params: byId,
        body: contract.settling,
        answer: { status: 200, schema: contract.drill },
      },
      async ({ params, body }, { actor }) => answer(await settleFinding(store, params.id, body.finding, actor)),
    ),
  ];
}
