/** Alerts from outside (来文), and from whom they are taken (来源). */
import { z } from 'zod';
import { wordsOf } from '../core/alerts/outcomes.js';
import { alertLimit } from '../core/alerts/read.js';
import { refusalOf } from '../core/alerts/rehearse.js';
import { addSource, changeSource, listSources, sourceInput } from '../core/alerts/sources.js';
import { tasks } from '../core/alerts/tasks.js';
import { rawOf, takeAgain, takeIn, type Taker } from '../core/alerts/take-in.js';
import { LianfaError } from '../core/errors.js';
import type { AlertRow, AlertSource } from '../core/model/alert.js';
import { within } from '../core/model/organization.js';
import type { Permission } from '../core/model/roles.js';
import type { Store } from '../core/store/store.js';
import { beside } from '../core/threads/pool.js';
import { alert, alertTaken, alertWhole, source, type AlertBody, type SourceBody } from './contract/alerts.js';
import { pageOf, pageQuery } from './contract/pages.js';
import { endpoint, unitFor, type Caller, type Endpoint } from './endpoint.js';
import { fileName, fileNameHeader } from './file-name.js';
import type { Services } from './services.js';

const byId = z.object({ id: z.string() });

export function alertEndpoints({ store }: Pick<Services, 'store'>): Endpoint[] {
  return [...taking(store), ...reading(store), ...sources(store)];
}

/** Who takes an alert in by this request. */
export async function takerOf(store: Store, caller: Caller): Promise<Taker> {
  const unit = await unitFor(store, caller, 'alerts.take', undefined);
  return { actor: caller.actor, unit, places: caller.rights.places('alerts.take') };
}

function taking(store: Store): Endpoint[] {
  const again = (
    path: string,
    permission: Permission,
    anyway: boolean,
    summary: { zh: string; en: string },
  ): Endpoint =>
    endpoint(
      {
        method: 'post',
        path,
        summary,
        needs: { permission, over: 'alert' },
        params: byId,
        answer: { status: 200, schema: alert },
      },
      async ({ params }, caller) =>
        bodyOf(store, await takeAgain(store, params.id, await takerOf(store, caller), anyway)),
    );
  return [
    endpoint(
      {
        method: 'post',
        path: '/alerts',
        summary: {
          zh: '收一条 CAP 1.2 预警：成为草稿或所指预警的下一版，或说明为什么先扣下；无效的指出元素和行',
          en: 'Take in an alert (CAP 1.2): a draft, the next revision of what it names, or why it is held; what is not valid is refused by element and line',
        },
        needs: { permission: 'alerts.take', over: 'new' },
        headers: fileNameHeader,
        bytes: { limit: alertLimit + 1_024, types: ['application/cap+xml', 'application/xml', 'text/xml'] },
        answer: { status: 201, schema: alertTaken },
      },
      async ({ bytes, request }, caller) => {
        const name = request.get('x-file-name') === undefined ? undefined : fileName(request);
        const origin = { by: originOf(request.get('x-origin')), ...(name !== undefined && { name }) };
        const { row, again: repeated } = await takeIn(store, { bytes, origin }, await takerOf(store, caller));
        requireValid(row);
        return { ...(await bodyOf(store, row)), again: repeated };
      },
    ),
    again('/alerts/:id/take', 'alerts.take', false, {
      zh: '重收扣下的来文（例如来源已登记）',
      en: 'Take again an alert that was held, as once its source is registered',
    }),
    again('/alerts/:id/vouch', 'alerts.vouch', true, {
      zh: '仍然收下扣下的来文：由本人负责，成为单独的草稿',
      en: 'Take in all the same an alert that was held: a person vouches, and it becomes a draft of its own',
    }),
  ];
}

function originOf(said: string | undefined): 'http' | 'command' | 'file' {
  return said === 'command' || said === 'file' ? said : 'http';
}

/** @throws LianfaError alert_refused, with element and line; what came is kept */
export function requireValid({ outcome }: AlertRow): void {
  if (outcome.is !== 'refused') return;
  const { element, line, why: reason } = outcome;
  throw refusalOf({ element, line, reason });
}

function reading(store: Store): Endpoint[] {
  return [
    endpoint(
      {
        method: 'get',
        path: '/alerts',
        summary: { zh: '来文列表（新的在前）', en: 'Alerts received, newest first' },
        needs: { permission: 'alerts.read', over: 'places' },
        query: pageQuery,
        answer: { status: 200, schema: pageOf(alert) },
      },
      async ({ query: { after, limit } }, { rights }) => {
        const mine = within<AlertRow>(rights.places('alerts.read'));
        const rows: AlertRow[] = await store.alerts
          .find(after === undefined ? mine : { ...mine, _id: { $lt: after } })
          .sort({ _id: -1 })
          .limit(limit + 1)
          .lean();
        const items = await Promise.all(rows.slice(0, limit).map((row) => bodyOf(store, row)));
        return { items, ...(rows.length > limit && { next: items.at(-1)?.id }) };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/alerts/:id',
        summary: { zh: '一条来文，含原文', en: 'One alert received, with its text' },
        needs: { permission: 'alerts.read', over: 'alert' },
        params: byId,
        answer: { status: 200, schema: alertWhole },
      },
      async ({ params }) => {
        const row = await found(store, params.id);
        const bytes = await rawOf(store, row._id);
        return { ...(await bodyOf(store, row)), text: await beside(tasks.text, { bytes }, bytes.length) };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/alerts/:id/raw',
        summary: { zh: '来文原件（收到的字节）', en: 'The bytes of an alert, as they came' },
        needs: { permission: 'alerts.read', over: 'alert' },
        params: byId,
        answer: { status: 200, mime: 'application/octet-stream' },
      },
      async ({ params, response }) => {
        const row = await found(store, params.id);
        response
          .type('application/octet-stream')
          .attachment(`${row._id}.cap.xml`)
          .send(await rawOf(store, row._id));
      },
    ),
  ];
}

async function found(store: Store, id: string): Promise<AlertRow> {
  const row = await store.alerts.findById(id).lean();
  if (!row) throw new LianfaError('not_found', { what: id });
  return row;
}

function sources(store: Store): Endpoint[] {
  return [
    endpoint(
      {
        method: 'get',
        path: '/alert-sources',
        summary: { zh: '来源：收谁的来文', en: 'Sources: from whom alerts are taken' },
        needs: { permission: 'alerts.read', over: 'places' },
        answer: { status: 200, schema: z.object({ items: z.array(source) }) },
      },
      async (_, { rights }) => ({ items: (await listSources(store, rights.places('alerts.read'))).map(sourceBody) }),
    ),
    endpoint(
      {
        method: 'post',
        path: '/alert-sources',
        summary: { zh: '登记来源', en: 'Register a source' },
        needs: { permission: 'sources.manage', over: 'new' },
        body: sourceInput,
        answer: { status: 201, schema: source },
      },
      async ({ body }, caller) => {
        const unit = await unitFor(store, caller, 'sources.manage', body.organization);
        return sourceBody(await addSource(store, body, unit, caller.actor));
      },
    ),
    endpoint(
      {
        method: 'put',
        path: '/alert-sources/:id',
        summary: { zh: '修改来源', en: 'Change a source' },
        needs: { permission: 'sources.manage', over: 'source' },
        params: byId,
        body: sourceInput,
        answer: { status: 200, schema: source },
      },
      async ({ params, body }, caller) => {
        const unit = await unitFor(store, caller, 'sources.manage', body.organization);
        return sourceBody(await changeSource(store, params.id, body, unit, caller.actor));
      },
    ),
  ];
}

async function bodyOf(store: Store, row: AlertRow): Promise<AlertBody> {
  const { _id, outcome, origin, signatures, vouched } = row;
  const { said, todo, may } = wordsOf(row);
  const known = row.source === undefined ? null : await store.alertSources.findById(row.source, { name: 1 }).lean();
  const { sender, identifier, sent, status, msgType, scope, event, headline } = row;
  return {
    id: _id,
    at: row.at.toISOString(),
    by: row.by,
    origin,
    ...(known && { source: known.name }),
    sender,
    identifier,
    sent,
    status,
    msgType,
    scope,
    event,
    headline,
    ...(row.expires && { expires: row.expires.toISOString() }),
    bytes: row.bytes,
    hash: row.hash,
    signature: signatures > 0 ? 'unchecked' : 'none',
    outcome: outcome.is,
    ...(outcome.is === 'refused' && { element: outcome.element, line: outcome.line }),
    said,
    todo,
    releases: 'release' in outcome ? [outcome.release] : 'releases' in outcome ? outcome.releases : [],
    like: row.like,
    remarks: row.remarks,
    repeats: row.repeats,
    lastAt: row.lastAt.toISOString(),
    may,
    ...(vouched && { vouched: { by: vouched.by, at: vouched.at.toISOString() } }),
  };
}

function sourceBody({ _id, sender, name, organization, signed, hourly, enabled }: AlertSource): SourceBody {
  return { id: _id, sender, name, ...(organization !== undefined && { organization }), signed, hourly, enabled };
}
