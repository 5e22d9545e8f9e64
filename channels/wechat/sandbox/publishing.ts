/** freepublish/* and message/mass/*: jobs that end later, and what they leave in public. */
import { z } from 'zod';
import type { SandboxAnswer } from '../../sandbox.js';
import { draftOf, itemOf, mediaBody, pageBody, parseBody, seconds } from './drafts.js';
import { Refusal, ok } from './replies.js';
import type { AccountState, Draft, Job, Publication, World } from './world.js';

const publishBody = z.object({ publish_id: z.union([z.string(), z.number()]).transform(String) });
const deleteBody = z.object({ article_id: z.string(), index: z.coerce.number().default(0) });
const articleBody = z.object({ article_id: z.string() });
const sentBody = z.object({
  mpnews: mediaBody,
  msgtype: z.literal('mpnews'),
  clientmsgid: z.string().optional(),
});
const massBody = sentBody.extend({
  filter: z.object({ is_to_all: z.boolean().optional(), tag_id: z.union([z.string(), z.number()]).optional() }),
});
const listedBody = sentBody.extend({ touser: z.array(z.string()) });
const messageBody = z.object({
  msg_id: z.union([z.string(), z.number()]).transform(String),
  article_idx: z.coerce.number().default(0),
});

export function submit(world: World, account: AccountState, body: unknown): SandboxAnswer {
  const draft = draftOf(account, parseBody(mediaBody, body).media_id);
  const first = [...account.jobs.values()].find(
    (job) => !job.done && job.kind === 'publish' && job.draft.id === draft.id,
  );
  const second = account.secondSubmit ?? world.secondSubmit;
  if (first && second.answer === 'refused') throw new Refusal(second.code);
  const job = first ?? startJob(world, account, 'publish', draft);
  if (!first) commit(world, account, 'freepublish/submit', job);
  return ok({ errcode: 0, errmsg: 'ok', publish_id: job.id, msg_data_id: Number(job.dataId) });
}

/** 0 done, 1 running, 2 to 4 failed, 5 deleted by the account, 6 banned. */
export function publishState(world: World, account: AccountState, body: unknown): SandboxAnswer {
  const job = account.jobs.get(parseBody(publishBody, body).publish_id);
  if (job?.kind !== 'publish') throw new Refusal(53502);
  return ok({ publish_id: job.id, ...publishResult(world, job) });
}

export function publishResult(
  world: World,
  job: Job,
): {
  publish_status: number;
  article_id?: string;
  article_detail?: { count: number; item: { idx: number; article_url: string }[] };
  fail_idx: number[];
} {
  if (!job.done) return { publish_status: 1, fail_idx: [] };
  const { publication } = job;
  if (!publication) return { publish_status: job.outcome, fail_idx: job.outcome === 2 || job.outcome === 3 ? [1] : [] };
  const status = publication.banned ? 6 : publication.deleted.size === publication.articles.length ? 5 : 0;
  if (status !== 0) return { publish_status: status, fail_idx: [] };
  return {
    publish_status: 0,
    article_id: publication.articleId,
    fail_idx: [],
    article_detail: {
      count: publication.articles.length,
      item: publication.articles.map((_, index) => ({
        idx: index + 1,
        article_url: world.addressOf(publication, index),
      })),
    },
  };
}

/** `index` counts from 1; without it, all of them. */
export function deletePublished(account: AccountState, body: unknown): SandboxAnswer {
  const { article_id, index } = parseBody(deleteBody, body);
  const publication = publicationOf(account, article_id);
  if (publication.deleted.size === publication.articles.length) throw new Refusal(53600);
  if (index > publication.articles.length || index < 0) throw new Refusal(40060);
  if (index > 0) publication.deleted.add(index - 1);
  else publication.articles.forEach((_, place) => publication.deleted.add(place));
  return ok();
}

export function getArticle(world: World, account: AccountState, body: unknown): SandboxAnswer {
  const publication = publicationOf(account, parseBody(articleBody, body).article_id);
  return ok({ news_item: publicItems(world, publication, true) });
}

/** Oldest first here: the order is not promised, so clients must read every page. */
export function listPublished(world: World, account: AccountState, body: unknown): SandboxAnswer {
  const { offset, count, no_content } = parseBody(pageBody, body);
  const all = [...account.publications.values()].filter(
    (entry) => !entry.mass && !entry.banned && entry.deleted.size < entry.articles.length,
  );
  const page = all.slice(offset, offset + count);
  return ok({
    total_count: all.length,
    item_count: page.length,
    item: page.map((entry) => ({
      article_id: entry.articleId,
      update_time: seconds(entry.at),
      content: {
        news_item: publicItems(world, entry, no_content === 0),
        create_time: seconds(entry.at),
        update_time: seconds(entry.at),
      },
    })),
  });
}

/** `charge` counts it against the day's mass sends; a known clientmsgid costs nothing. */
export function sendToAll(world: World, account: AccountState, body: unknown, charge: () => void): SandboxAnswer {
  const { filter, ...sent } = parseBody(massBody, body);
  requireNew(account, sent.clientmsgid);
  if (filter.is_to_all !== true && filter.tag_id === undefined) throw new Refusal(40035);
  return massSend(world, account, 'message/mass/sendall', sent, charge);
}

/** To named readers, by their openids; for service accounts. */
export function sendToSome(world: World, account: AccountState, body: unknown): SandboxAnswer {
  const { touser, ...sent } = parseBody(listedBody, body);
  requireNew(account, sent.clientmsgid);
  if (touser.length < 2 || touser.length > 10_000) throw new Refusal(40130);
  if (touser.some((openid) => !/^[\w-]{20,40}$/.test(openid))) throw new Refusal(40003);
  return massSend(world, account, 'message/mass/send', sent);
}

function requireNew(account: AccountState, clientmsgid: string | undefined): void {
  if (clientmsgid === undefined) return;
  if (!/^[\w-]{1,32}$/.test(clientmsgid)) throw new Refusal(45067);
  const before = account.clientIds.get(clientmsgid);
  if (before) throw new Refusal(45065, undefined, { msg_id: Number(before.id), msg_data_id: Number(before.dataId) });
}

function massSend(
  world: World,
  account: AccountState,
  call: string,
  { mpnews, clientmsgid }: { mpnews: { media_id: string }; clientmsgid?: string | undefined },
  charge: () => void = () => undefined,
): SandboxAnswer {
  const draft = draftOf(account, mpnews.media_id);
  charge();
  const job = startJob(world, account, 'mass', draft);
  if (clientmsgid !== undefined) account.clientIds.set(clientmsgid, job);
  commit(world, account, call, job);
  return ok({
    errcode: 0,
    errmsg: 'send job submission success',
    msg_id: Number(job.id),
    msg_data_id: Number(job.dataId),
  });
}

export function massState(account: AccountState, body: unknown): SandboxAnswer {
  const job = massJob(account, body);
  const gone = job.publication !== undefined && job.publication.deleted.size > 0;
  return ok({
    msg_id: Number(job.id),
    msg_status: !job.done ? 'SENDING' : gone ? 'DELETE' : job.outcome === 0 ? 'SEND_SUCCESS' : 'SEND_FAIL',
  });
}

export function deleteMass(account: AccountState, body: unknown): SandboxAnswer {
  const { publication } = massJob(account, body);
  if (!publication) throw new Refusal(40035);
  publication.articles.forEach((_, place) => publication.deleted.add(place));
  return ok();
}

function massJob(account: AccountState, body: unknown): Job {
  const job = account.jobs.get(parseBody(messageBody, body).msg_id);
  if (job?.kind !== 'mass') throw new Refusal(40035, 'invalid parameter: msg_id');
  return job;
}

function publicationOf(account: AccountState, articleId: string): Publication {
  const publication = account.publications.get(articleId);
  if (!publication || publication.mass) throw new Refusal(53600);
  return publication;
}

function publicItems(world: World, publication: Publication, content: boolean): Record<string, unknown>[] {
  return publication.articles.map((entry, index) =>
    itemOf(entry, content, {
      url: world.addressOf(publication, index),
      is_deleted: publication.deleted.has(index) || publication.banned,
    }),
  );
}

function startJob(world: World, account: AccountState, kind: Job['kind'], draft: Draft): Job {
  const job: Job = {
    kind,
    id: world.nextNumber(),
    dataId: world.nextNumber(),
    draft: { ...draft, articles: [...draft.articles] },
    readyAt: world.now() + (account.delay ?? world.delay),
    outcome: account.outcomes.shift() ?? 0,
    done: false,
  };
  account.jobs.set(job.id, job);
  account.comments.set(job.dataId, { open: draft.articles.some((entry) => entry.need_open_comment === 1), list: [] });
  world.pending.set(job, account);
  world.onStarted(account, job);
  return job;
}

function commit(world: World, account: AccountState, call: string, job: Job): void {
  const [head] = job.draft.articles;
  world.kit?.accepted({
    account: account.appid,
    call,
    id: job.id,
    subject: [head?.title, head?.content_source_url].filter(Boolean).join(' '),
  });
}
