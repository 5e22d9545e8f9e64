/** The report of a release as a file: CSV with every account, PDF for whoever reads on paper. */
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { z } from 'zod';
import { reportCsv } from '../core/report/csv.js';
import { factsOf } from '../core/report/facts.js';
import { reportPdf } from '../core/report/pdf.js';
import { endpoint, type Endpoint } from './endpoint.js';
import type { Services } from './services.js';

const common = {
  method: 'get',
  needs: { permission: 'releases.read', over: 'release' },
  params: z.object({ id: z.string() }),
} as const;

export function reportEndpoints({
  store,
  queries,
  channels,
  config,
}: Pick<Services, 'store' | 'queries' | 'channels' | 'config'>): Endpoint[] {
  return [
    endpoint(
      {
        ...common,
        path: '/releases/:id/report.csv',
        summary: { zh: '发布情况报告（CSV，每个账号一行）', en: 'The report as CSV, one row an account' },
        answer: { status: 200, mime: 'text/csv' },
      },
      async ({ params, response }) => {
        const facts = await factsOf(store, queries, params.id);
        response.type('text/csv; charset=utf-8').attachment(`report-${params.id}.csv`);
        await given(reportCsv(store, facts), response);
      },
    ),
    endpoint(
      {
        ...common,
        path: '/releases/:id/report.pdf',
        summary: { zh: '发布情况报告（PDF）', en: 'The report as PDF' },
        answer: { status: 200, mime: 'application/pdf' },
      },
      async ({ params, response }) => {
        const paper = reportPdf({ store, channels, config }, await factsOf(store, queries, params.id));
        response.type('application/pdf').attachment(`report-${params.id}.pdf`);
        await given(paper, response);
      },
    ),
  ];
}

async function given(pieces: AsyncIterable<unknown>, response: Response): Promise<void> {
  await pipeline(pieces, response).catch((error: unknown) => {
    // Whoever asked has gone.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}
