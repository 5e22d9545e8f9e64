/** Where the hub fetches alerts by itself (自动收取): feeds and watched folders, and what a feed has listed. */
import { join } from 'node:path';
import { z } from 'zod';
import { addInlet, changeInlet, inletInput, listInlets, plainEvery } from '../core/alerts/inlets.js';
import type { AlertEntry, AlertInlet } from '../core/model/alert-inlet.js';
import { entry, inlet, type EntryBody, type InletBody } from './contract/alerts.js';
import { endpoint, unitFor, type Endpoint } from './endpoint.js';
import type { Services } from './services.js';

const byId = z.object({ id: z.string() });

export function alertInletEndpoints({ store, config }: Pick<Services, 'store' | 'config'>): Endpoint[] {
  const bodyOf = (row: AlertInlet): InletBody => inletBody(row, config.inbox);
  return [
    endpoint(
      {
        method: 'get',
        path: '/alert-inlets',
        summary: { zh: '自动收取：订阅源和监视文件夹', en: 'Where alerts are fetched: feeds and watched folders' },
        needs: { permission: 'alerts.read', over: 'places' },
        answer: { status: 200, schema: z.object({ items: z.array(inlet) }) },
      },
      async (_, { rights }) => ({ items: (await listInlets(store, rights.places('alerts.read'))).map(bodyOf) }),
    ),
    endpoint(
      {
        method: 'post',
        path: '/alert-inlets',
        summary: { zh: '新建自动收取', en: 'Fetch alerts from a feed or a watched folder' },
        needs: { permission: 'sources.manage', over: 'new' },
        body: inletInput,
        answer: { status: 201, schema: inlet },
      },
      async ({ body }, caller) => {
        const unit = await unitFor(store, caller, 'sources.manage', body.organization);
        return bodyOf(await addInlet(store, body, unit, caller.actor));
      },
    ),
    endpoint(
      {
        method: 'put',
        path: '/alert-inlets/:id',
        summary: { zh: '修改、停用或恢复自动收取', en: 'Change, pause or resume it' },
        needs: { permission: 'sources.manage', over: 'inlet' },
        params: byId,
        body: inletInput,
        answer: { status: 200, schema: inlet },
      },
      async ({ params, body }, caller) => {
        const unit = await unitFor(store, caller, 'sources.manage', body.organization);
        return bodyOf(await changeInlet(store, params.id, body, unit, caller.actor));
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/alert-inlets/:id/entries',
        summary: {
          zh: '订阅源最近列出的条目（新的在前，最多 200 条）',
          en: 'What a feed has listed lately, newest first, at most 200',
        },
        needs: { permission: 'alerts.read', over: 'inlet' },
        params: byId,
        answer: { status: 200, schema: z.object({ items: z.array(entry) }) },
      },
      async ({ params }) => {
        const rows: AlertEntry[] = await store.alertEntries
          .find({ inlet: params.id })
          .sort({ at: -1 })
          .limit(200)
          .lean();
        return { items: rows.map(entryBody) };
      },
    ),
  ];
}

function inletBody(row: AlertInlet, inbox: string): InletBody {
  const { _id, is, name, address, every, organization, enabled, fails, listed, via, broken, missed, steppedBack } = row;
  return {
    id: _id,
    is,
    name,
    address,
    every,
    organization,
    enabled,
    fails,
    listed,
    nextAt: row.nextAt?.toISOString(),
    goodAt: row.goodAt?.toISOString(),
    changedAt: row.changedAt?.toISOString(),
    via: via && { ...via, since: via.since.toISOString() },
    broken: broken && { ...broken, since: broken.since.toISOString() },
    missed: missed && { ...missed, at: missed.at.toISOString() },
    steppedBack: steppedBack && {
      at: steppedBack.at.toISOString(),
      from: steppedBack.from.toISOString(),
      to: steppedBack.to.toISOString(),
    },
    ...(is === 'feed'
      ? { plainEvery }
      : { folders: { in: join(inbox, address, 'in'), taken: join(inbox, address, 'taken') } }),
  };
}

function entryBody({ _id, title, link, state, why, alert, tries, at, dated, dueAt }: AlertEntry): EntryBody {
  const times = { at: at.toISOString(), dated: dated?.toISOString(), dueAt: dueAt?.toISOString() };
  return { id: _id, title, link, state, why, alert, tries, ...times };
}
