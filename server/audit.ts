/** The book of acts for the auditor, and its heads of days for anybody. */
import { pipeline } from 'node:stream/promises';
import { announceAct } from '../core/audit/book.js';
import { checkBook, lastCheck } from '../core/audit/checking.js';
import { publishedDays } from '../core/audit/days.js';
import { exported } from '../core/audit/export.js';
import { pageOfEntries, type AuditFilter } from '../core/audit/query.js';
import { LianfaError } from '../core/errors.js';
import { openFaultLog } from '../core/hub/fault-log.js';
import type { Rights } from '../core/people/rights.js';
import type { Store } from '../core/store/store.js';
import type { z } from 'zod';
import { auditCheck, auditExportQuery, auditHeads, auditPage, auditQuery } from './contract/audit.js';
import { endpoint, openEndpoint, type Endpoint } from './endpoint.js';
import type { Services } from './services.js';

const needs = { permission: 'audit.read', over: 'places' } as const;

export function auditEndpoints({ store, anchors, log }: Pick<Services, 'store' | 'anchors' | 'log'>): Endpoint[] {
  const report = openFaultLog(log);
  let running = false;
  return [
    endpoint(
      {
        method: 'get',
        path: '/audit',
        summary: { zh: '审计记录，新的在前', en: 'The book of acts, newest first' },
        needs,
        query: auditQuery,
        answer: { status: 200, schema: auditPage },
      },
      async ({ query: { after, limit, ...asked } }, { rights }) =>
        pageOfEntries(store, await filterOf(store, asked, rights), { before: after, limit }),
    ),
    endpoint(
      {
        method: 'get',
        path: '/audit/export',
        summary: { zh: '导出审计记录（CSV 或 JSON），旧的在前', en: 'The book of acts as CSV or JSON, oldest first' },
        needs,
        query: auditExportQuery,
        answer: { status: 200, mime: 'text/csv' },
      },
      async ({ query: { format, ...asked }, response }, { rights, actor, organization }) => {
        const filter = await filterOf(store, asked, rights);
        const entry = { act: 'audit.export', unit: organization, on: {}, after: { format, ...asked } };
        await announceAct(store, { ...entry, outcome: 'done', who: { ...actor, role: 'auditor' } });
        response.type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json').attachment(`audit.${format}`);
        await pipeline(exported(store, filter, format), response).catch((error: unknown) => {
          // Whoever asked has gone.
          if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
        });
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/audit/check',
        summary: { zh: '最近一次核验的结果', en: 'What came of the last check of the book' },
        needs,
        answer: { status: 200, schema: auditCheck },
      },
      async () => {
        // Asked first: whoever hears that none runs also reads what it found.
        const answer = { running };
        const last = await lastCheck(store);
        return { ...answer, ...(last && { last }) };
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/audit/check',
        summary: {
          zh: '核验整个审计链（记录数多时需要一两分钟）',
          en: 'Check the whole book; a large one takes a minute',
        },
        needs,
        answer: { status: 202 },
      },
      (_, { actor }) => {
        if (running) return;
        running = true;
        void checkBook(store, anchors, { ...actor, role: 'auditor' })
          .catch((error: unknown) => report(error, 'checking the book of acts'))
          .finally(() => {
            running = false;
          });
      },
    ),
    openEndpoint(
      {
        method: 'get',
        path: '/audit/heads',
        summary: {
          zh: '每日审计链头（公开）：任何人都可留存，用于日后比对',
          en: 'The head of each day, public: whoever keeps them can tell later whether history was rewritten',
        },
        answer: { status: 200, schema: auditHeads },
      },
      async () => {
        const heads = await publishedDays(store);
        return { hub: heads[0]?.hub, heads };
      },
    ),
  ];
}

/** A unit that one may not audit is not there. @throws LianfaError not_found */
async function filterOf(
  store: Store,
  { unit, from, to, ...same }: Omit<z.output<typeof auditExportQuery>, 'format'>,
  rights: Rights,
): Promise<AuditFilter> {
  const times = {
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
  };
  if (unit === undefined) return { ...same, ...times, places: rights.places('audit.read') };
  const row = await store.organizations.findById(unit, { path: 1 }).lean();
  if (!row || !rights.may('audit.read', row.path)) throw new LianfaError('not_found', { what: unit });
  return { ...same, ...times, places: [row.path] };
}
