/** A document comes in: as a new release, or as the next revision of one. */
import type { Request } from 'express';
import { z } from 'zod';
import { beijingStamp } from '../channels/beijing-calendar.js';
import { documentPlan } from '../core/plans/document-plan.js';
import { changes, type Said } from '../channels/channel.js';
import { LianfaError } from '../core/errors.js';
import { ingest } from '../core/media/library.js';
import { DroppedList, requireWhole, type Dropped } from '../core/body/dropped.js';
import type { ReleaseInput } from '../core/releases/input.js';
import { releaseNamed } from '../core/releases/links.js';
import type { Following } from '../core/documents/header-fields.js';
import { readDocument } from '../core/documents/read-document.js';
import { wordsOf } from '../core/alerts/outcomes.js';
import { rehearsalOf } from '../core/alerts/rehearse.js';
import { takeIn } from '../core/alerts/take-in.js';
import type { AlertRemark } from '../core/model/alert.js';
import { requireValid, takerOf } from './alerts.js';
import { createRelease, readRelease, updateRelease, type SavedRelease } from '../core/releases/revisions.js';
import { releaseSaved } from './contract/releases.js';
import { openComposing } from './composing.js';
import { endpoint, unitFor, type Caller, type Endpoint } from './endpoint.js';
import { forbidden } from '../core/people/forbidden.js';
import { fileName, fileNameHeader } from './file-name.js';
import { followingOf } from './following.js';
import { releaseBody } from './release-body.js';
import type { Services } from './services.js';

/** Bytes of a document. */
const documentLimit = 20 * 1024 * 1024;

const importQuery = z.object({
  source: z.string().trim().max(100).optional(),
  title: z
    .string()
    .trim()
    .max(200)
    .optional()
    .describe('the title, whatever the document says / 以此为标题，不取文档中的'),
  organization: z.string().max(80).optional(),
  release: z
    .string()
    .trim()
    .max(80)
    .optional()
    .describe('the release whose next revision this is / 作为该发布件的下一版导入'),
  change: z
    .enum(changes)
    .optional()
    .describe('what it is to the signed one before / 与已签发版本的关系：correction 更正、update 续报'),
  revisions: z
    .enum(['accept', 'reject'])
    .optional()
    .describe('what to do with tracked changes; comments never come along / 修订全部接受或全部拒绝；批注都不带入'),
  exercise: z
    .literal('true')
    .optional()
    .describe('as an exercise, whatever the document says; of an alert a copy / 作为演练导入，不论文件怎么写'),
  losses: z
    .literal('accept')
    .optional()
    .describe('import it although something is missing that changes what it says / 缺少影响内容的部分也仍然导入'),
});

export function documentEndpoints({
  store,
  library,
  media,
  log,
}: Pick<Services, 'store' | 'library' | 'media' | 'log'>): Endpoint[] {
  const compose = openComposing({ store, library, media, log });

  async function keepPicture(
    bytes: Buffer,
    name: string,
    by: string,
    unit: string,
  ): Promise<string | Said | undefined> {
    try {
      const medium = await ingest(store, library, { bytes, name, by, unit });
      if (medium.state === 'preparing')
        await media
          .prepare(medium._id)
          .catch((error: unknown) => log.warn({ err: error, medium: medium._id }, 'preparation could not be ordered'));
      return medium.width === undefined ? undefined : medium._id;
    } catch (error) {
      // A picture that can't be used is left out and told, with the reason where it is known.
      if (error instanceof LianfaError) return reasonOf(error);
      throw error;
    }
  }

  interface Incoming {
    input: ReleaseInput;
    list: DroppedList;
    caller: Caller;
    /** The file's name, as far as nothing of it may be missing that changes what it says. */
    whole: string | undefined;
  }
  type Saved = Promise<{ saved: SavedRelease; dropped: Dropped[] }>;

  async function asNew({ input, list, caller, whole }: Incoming, document: string): Saved {
    const unit = await unitFor(store, caller, 'releases.write', input.organization);
    const { content, dropped } = await compose(input, list);
    if (whole !== undefined) requireWhole(whole, dropped);
    return {
      saved: await createRelease(store, content, { by: caller.actor, unit, document }),
      dropped,
    };
  }

  async function asNext({ input, list, caller, whole }: Incoming, following: Following): Saved {
    const { release, revision } = await existing(following.release, caller);
    // As with an edit: links that the document does not name stay as they are.
    const { interprets, interpretations, ...rest } = input;
    const next = {
      ...rest,
      interprets: interprets?.length ? interprets : revision.interprets,
      interpretations: interpretations?.length ? interpretations : revision.interpretations,
      template: revision.template,
    };
    const { content, dropped } = await compose(next, list, await followingOf(store, following));
    if (whole !== undefined) requireWhole(whole, dropped);
    return { saved: await updateRelease(store, release._id, revision._id, content, { by: caller.actor }), dropped };
  }

  async function existing(id: string, { rights }: Caller): Promise<SavedRelease> {
    const row = await store.releases.findById(id, { path: 1 }).lean();
    if (!row || !rights.may('releases.read', row.path))
      throw new LianfaError('not_found', { what: id, field: 'release' });
    if (!rights.may('releases.write', row.path)) throw forbidden('releases.write');
    return readRelease(store, id);
  }

  /** An exercise is a release of its own; of an alert that is none a copy is made. */
  async function asDrill(bytes: Buffer, name: string, caller: Caller): Promise<ReturnType<typeof savedBody>> {
    const drill = await rehearsalOf(bytes);
    if (!drill) return asAlert(bytes, name, caller);
    const incoming = { input: drill.input, list: new DroppedList(), caller, whole: undefined };
    const { saved, dropped } = await asNew(incoming, name);
    return savedBody({ saved, dropped: [...drill.remarks.map(toldOf), ...dropped] });
  }

  /** A message of CAP takes the road of every alert: kept, weighed, and where it may made into a draft. */
  async function asAlert(bytes: Buffer, name: string, caller: Caller): Promise<ReturnType<typeof savedBody>> {
    const given = { bytes, origin: { by: 'file' as const, name } };
    const { row } = await takeIn(store, given, await takerOf(store, caller));
    requireValid(row);
    const [release] =
      'release' in row.outcome ? [row.outcome.release] : 'releases' in row.outcome ? row.outcome.releases : [];
    if (release === undefined || !['drafted', 'revised'].includes(row.state))
      throw new LianfaError('alert_held', { reason: wordsOf(row).said });
    return savedBody({ saved: await existing(release, caller), dropped: row.remarks.map(toldOf) });
  }

  return [
    endpoint(
      {
        method: 'post',
        path: '/releases/import',
        summary: {
          zh: '导入文档（Markdown、HTML、Word、纯文本、CAP 预警），新建发布件或成为某发布件的下一版',
          en: 'Import a document (Markdown, HTML, Word, plain text, a CAP alert): a new release, or the next revision of one',
        },
        needs: { permission: 'releases.write', over: 'new' },
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
            'application/cap+xml',
          ],
        },
        answer: { status: 201, schema: releaseSaved },
      },
      async ({ bytes, query, request }, caller) => {
        if (bytes.length === 0) throw new LianfaError('field_missing', { field: 'file' });
        if (isAlert(request)) {
          refuseOwnWords(query);
          return (query.exercise ? asDrill : asAlert)(bytes, fileName(request), caller);
        }
        const document = {
          bytes,
          name: fileName(request),
          type: request.get('content-type') ?? '',
          title: query.title || undefined,
          source: query.source || fromHeader(request.get('x-source')),
          organization: query.organization,
          revisions: query.revisions,
        };
        const { organization: unit = '' } = await unitFor(store, caller, 'media.write', undefined);
        const list = new DroppedList();
        const {
          input,
          follows,
          plan: written,
        } = await readDocument(
          document,
          {
            keepPicture: (picture, name) => keepPicture(picture, name, caller._id, unit),
            releaseNamed: (name) => releaseNamed(store, name),
          },
          list,
        );
        // Before anything is kept.
        const { notBefore, expires } = documentPlan(written, new Date());
        const plan = {
          ...(notBefore && { notBefore: beijingStamp(notBefore) }),
          ...(expires && { expires: beijingStamp(expires) }),
        };
        const following = agreed(follows, query);
        const whole = query.losses === 'accept' ? undefined : document.name;
        const incoming = { input: query.exercise ? drillOf(input) : input, list, caller, whole };
        const { saved, dropped } = await (following ? asNext(incoming, following) : asNew(incoming, document.name));
        return { ...savedBody({ saved, dropped }), ...((notBefore ?? expires) && { plan }) };
      },
    ),
  ];
}

function savedBody({ saved, dropped }: { saved: SavedRelease; dropped: Dropped[] }) {
  return { release: releaseBody(saved), dropped };
}

function toldOf({ is, said }: AlertRemark): Dropped {
  return { what: `alert:${is}`, count: 1, said, places: [], stops: false };
}

/** @throws LianfaError field_missing where it is no warning: there would be nothing to mark */
function drillOf(input: ReleaseInput): ReleaseInput {
  if (!input.emergency) throw new LianfaError('field_missing', { field: 'emergency' });
  return { ...input, emergency: { ...input.emergency, status: 'Exercise' } };
}

/** An alert says by itself what it is called and what it follows. @throws LianfaError field_invalid */
function refuseOwnWords({ release, change, title }: z.output<typeof importQuery>): void {
  const field = release ? 'release' : change ? 'change' : title ? 'title' : undefined;
  if (field !== undefined)
    throw new LianfaError('field_invalid', {
      field,
      reason: {
        zh: '来文自己写明标题和它接在哪一条之后（references），不能另外指定。',
        en: 'an alert says itself what it is called and what it follows (references).',
      },
    });
}

function isAlert(request: Request): boolean {
  return (
    /\.(cap|xml)$/i.test(fileName(request)) ||
    /^(application\/cap\+xml|(application|text)\/xml)\b/i.test(request.get('content-type') ?? '')
  );
}

/** What the request says and what the document says of itself must not contradict each other: the wrong text would go out. */
function agreed(
  follows: Following | undefined,
  { release, change }: { release?: string | undefined; change?: Following['change'] },
): Following | undefined {
  const target = release || follows?.release;
  if (follows && target !== follows.release)
    throw new LianfaError('field_invalid', {
      field: 'release',
      reason: {
        zh: `文件头写的是 ${follows.release}，与指定的 ${target ?? ''} 不同。`,
        en: `the front matter says ${follows.release}, the request ${target ?? ''}.`,
      },
    });
  if (target) return { release: target, change: change ?? follows?.change };
  if (change !== undefined) throw new LianfaError('field_missing', { field: 'release' });
  return undefined;
}

function reasonOf({ details: { reason } }: LianfaError): Said | undefined {
  return typeof reason === 'object' ? reason : undefined;
}

function fromHeader(value: string | undefined): string | undefined {
  try {
    return value ? decodeURIComponent(value) : undefined;
  } catch {
    return undefined;
  }
}
