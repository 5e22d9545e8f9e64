/** Writing, reading, ordering. */
import { z } from 'zod';
import { LianfaError } from '../core/errors.js';
import { mediaFolder } from '../core/media/files.js';
import { ingest } from '../core/media/library.js';
import { composeContent } from '../core/releases/compose.js';
import { DroppedList } from '../core/releases/dropped.js';
import { releaseNamed } from '../core/releases/links.js';
import { readDocument } from '../core/releases/read-document.js';
import { createRelease, readRelease, updateRelease, type SavedRelease } from '../core/releases/revisions.js';
import type { Release } from '../core/model/release.js';
import { dispatchBody } from '../core/deliveries/queries.js';
import {
  audience,
  audienceSize,
  dispatch,
  publishOrder,
  releaseStatus,
  withdrawOrder,
} from '../core/deliveries/report.js';
import { releaseInput } from '../core/releases/input.js';
import { pageOf, pageQuery } from './contract/pages.js';
import {
  release,
  releaseRow,
  releaseSaved,
  releaseUpdate,
  type ReleaseBody,
  type ReleaseRow,
} from './contract/releases.js';
import { endpoint, type Endpoint } from './endpoint.js';
import { fileName, fileNameHeader } from './file-name.js';
import type { Services } from './services.js';

/** Bytes of a document. */
const documentLimit = 20 * 1024 * 1024;

const byId = z.object({ id: z.string() });
const importQuery = z.object({
  source: z.string().trim().max(100).optional(),
  title: z.string().trim().max(200).optional(),
  organization: z.string().max(80).optional(),
});

export function releaseEndpoints(
  services: Pick<Services, 'store' | 'config' | 'media' | 'log' | 'orders' | 'queries'>,
): Endpoint[] {
  return [...writing(services), ...reading(services), ...ordering(services)];
}

function writing({ store, config, media, log }: Pick<Services, 'store' | 'config' | 'media' | 'log'>): Endpoint[] {
  const folder = mediaFolder(config.dataFolder);

  async function keepPicture(bytes: Buffer, name: string, by: string): Promise<string | undefined> {
    try {
      const medium = await ingest(store, folder, { bytes, name, by });
      if (medium.state === 'preparing')
        await media
          .prepare(medium._id)
          .catch((error: unknown) => log.warn({ err: error, medium: medium._id }, 'preparation could not be ordered'));
      return medium.width === undefined ? undefined : medium._id;
    } catch (error) {
      // A picture that can't be used is left out and told; the words still come in.
      if (error instanceof LianfaError) return undefined;
      throw error;
    }
  }

  return [
    endpoint(
      {
        method: 'post',
        path: '/releases',
        summary: { zh: '新建发布件', en: 'Make a release' },
        body: releaseInput,
        answer: { status: 201, schema: releaseSaved },
      },
      async ({ body }, caller) => {
        const { content, dropped } = await composeContent(store, body);
        const saved = await createRelease(store, content, { by: caller._id, organization: body.organization });
        return { release: releaseBody(saved), dropped };
      },
    ),
    endpoint(
      {
        method: 'put',
        path: '/releases/:id',
        summary: { zh: '修改发布件（生成新版本）', en: 'Change a release: makes its next revision' },
        params: byId,
        body: releaseUpdate,
        answer: { status: 200, schema: releaseSaved },
      },
      async ({ params, body }, caller) => {
        const base = await store.revisions.findById(body.revision).lean();
        const { content, dropped } = await composeContent(store, {
          interprets: base?.interprets,
          interpretations: base?.interpretations,
          ...body,
        });
        const saved = await updateRelease(store, params.id, body.revision, content, { by: caller._id });
        return { release: releaseBody(saved), dropped };
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/releases/import',
        summary: {
          zh: '导入文档（Markdown、HTML、Word、纯文本）',
          en: 'Import a document (Markdown, HTML, Word, plain text)',
        },
        query: importQuery,
        headers: fileNameHeader.extend({
          'X-Source': z
            .string()
            .optional()
            .describe('percent-encoded; used where the document names no source / 文档未写来源时使用'),
        }),
        bytes: {
          limit: documentLimit,
          types: [
            'text/markdown',
            'text/html',
            'text/plain',
            'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
          ],
        },
        answer: { status: 201, schema: releaseSaved },
      },
      async ({ bytes, query, request }, caller) => {
        if (bytes.length === 0) throw new LianfaError('field_missing', { field: 'file' });
        const document = {
          bytes,
          name: fileName(request),
          type: request.get('content-type') ?? '',
          title: query.title || undefined,
          source: query.source || fromHeader(request.get('x-source')),
          organization: query.organization,
        };
        const list = new DroppedList();
        const { input } = await readDocument(
          document,
          {
            keepPicture: (picture, name) => keepPicture(picture, name, caller._id),
            releaseNamed: (name) => releaseNamed(store, name),
          },
          list,
        );
        const { content, dropped } = await composeContent(store, input, list);
        const saved = await createRelease(store, content, {
          by: caller._id,
          organization: input.organization,
          document: document.name,
        });
        return { release: releaseBody(saved), dropped };
      },
    ),
  ];
}

function reading({ store, queries }: Pick<Services, 'store' | 'queries'>): Endpoint[] {
  return [
    endpoint(
      {
        method: 'get',
        path: '/releases',
        summary: { zh: '发布件列表（新的在前）', en: 'Releases, newest first' },
        query: pageQuery,
        answer: { status: 200, schema: pageOf(releaseRow) },
      },
      async ({ query: { after, limit } }) => {
        const rows = await store.releases
          .find(after === undefined ? {} : { _id: { $lt: after } })
          .sort({ _id: -1 })
          .limit(limit + 1)
          .lean();
        const page = rows.slice(0, limit);
        const counts = await queries.counts(page.map(({ _id }) => _id));
        const drills = await drillsAmong(store, page);
        const items = page.map((row) => ({
          ...rowBody(row),
          ...(drills.has(row.revision) && { drill: true as const }),
          counts: counts.get(row._id) ?? [],
        }));
        return { items, ...(rows.length > limit && { next: items.at(-1)?.id }) };
      },
    ),
    endpoint(
      {
        method: 'get',
        path: '/releases/:id',
        summary: { zh: '查看发布件（默认最新版本）', en: 'One release, with its newest revision or the one named' },
        params: byId,
        query: z.object({ revision: z.string().max(80).optional() }),
        answer: { status: 200, schema: release },
      },
      async ({ params, query }) => releaseBody(await readRelease(store, params.id, query.revision)),
    ),
    endpoint(
      {
        method: 'get',
        path: '/releases/:id/status',
        summary: { zh: '发布件的投递状态汇总', en: 'How far the deliveries of a release are' },
        params: byId,
        answer: { status: 200, schema: releaseStatus },
      },
      async ({ params }) => {
        await requireRelease(store, params.id);
        return queries.status(params.id);
      },
    ),
  ];
}

function ordering({ store, orders, queries }: Pick<Services, 'store' | 'orders' | 'queries'>): Endpoint[] {
  return [
    endpoint(
      {
        method: 'post',
        path: '/audience',
        summary: { zh: '投放范围内的账号数', en: 'How many accounts an audience holds' },
        body: audience,
        answer: { status: 200, schema: audienceSize },
      },
      ({ body }) => queries.audienceSize(body),
    ),
    endpoint(
      {
        method: 'post',
        path: '/releases/:id/publish',
        summary: { zh: '签发并投递', en: 'Sign and deliver' },
        params: byId,
        body: publishOrder,
        answer: { status: 202, schema: dispatch },
      },
      async ({ params, body }, caller) => {
        await requireRelease(store, params.id);
        return dispatchBody(await orders.publish({ release: params.id, ...body, by: caller._id }));
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/releases/:id/withdraw',
        summary: { zh: '撤回', en: 'Withdraw' },
        params: byId,
        body: withdrawOrder,
        answer: { status: 202, schema: dispatch },
      },
      async ({ params, body }, caller) => {
        await requireRelease(store, params.id);
        return dispatchBody(
          await orders.withdraw({ release: params.id, audience: body.audience, reason: body.reason, by: caller._id }),
        );
      },
    ),
  ];
}

async function requireRelease(store: Services['store'], id: string): Promise<void> {
  if (!(await store.releases.findById(id).lean())) throw new LianfaError('not_found', { what: id });
}

function fromHeader(value: string | undefined): string | undefined {
  try {
    return value ? decodeURIComponent(value) : undefined;
  } catch {
    return undefined;
  }
}

/** Revisions that say they are an exercise: on no screen may one be taken for a real warning. */
async function drillsAmong(store: Services['store'], rows: readonly Release[]): Promise<Set<string>> {
  const warnings = rows.filter(({ kind }) => kind === 'emergency').map(({ revision }) => revision);
  const revisions =
    warnings.length > 0 ? await store.revisions.find({ _id: { $in: warnings } }, { emergency: 1 }).lean() : [];
  return new Set(revisions.filter(({ emergency }) => emergency?.status === 'Exercise').map(({ _id }) => _id));
}

function rowBody(row: Release): Omit<ReleaseRow, 'counts'> {
  return {
    id: row._id,
    title: row.title,
    kind: row.kind,
    updatedAt: row.updatedAt.toISOString(),
    createdBy: row.createdBy,
    ...(row.publishedAt && { publishedAt: row.publishedAt.toISOString() }),
    ...(row.withdrawnAt && { withdrawnAt: row.withdrawnAt.toISOString() }),
  };
}

function releaseBody({ release: row, revision }: SavedRelease): ReleaseBody {
  const {
    _id,
    number,
    kind,
    language,
    title,
    summary,
    body,
    source,
    author,
    columns,
    keywords,
    cover,
    pictures,
    attachments,
    policy,
    emergency,
    interprets,
    interpretations,
    createdAt,
    createdBy,
    hash,
    signed,
  } = revision;
  return {
    ...rowBody(row),
    revisions: row.revisions,
    createdAt: row.createdAt.toISOString(),
    revision: {
      id: _id,
      number,
      kind,
      language,
      title,
      summary,
      body,
      source,
      author,
      columns,
      keywords,
      cover,
      pictures,
      attachments,
      policy,
      emergency,
      interprets,
      interpretations,
      createdBy,
      hash,
      createdAt: createdAt.toISOString(),
      ...(signed && { signed: { by: signed.by, at: new Date(signed.at).toISOString() } }),
    },
  };
}
