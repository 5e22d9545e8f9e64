/**
 * The Official Account platform on loopback: `/cgi-bin/…` as documented, article pages at `/s/…`, pictures at
 * `/mmbiz_…`. Quotas are those of a new account (接口调用频次限制). It shares no code with the adapter.
 */
import type { SandboxAnswer, SandboxPlatform, SandboxRequest } from '../sandbox.js';
import { CallbackSender } from './sandbox/callbacks.js';
import { commentCalls } from './sandbox/comments.js';
import { controlsOf } from './sandbox/controls.js';
import { addDraft, deleteDraft, getDraft, listDrafts, mediaBody, parseBody, updateDraft } from './sandbox/drafts.js';
import {
  addMaterial,
  countMaterials,
  deleteMaterial,
  getMaterial,
  listMaterials,
  pictureName,
  temporary,
  uploadimg,
} from './sandbox/media.js';
import { articlePage, listPage } from './sandbox/pages.js';
import {
  deleteMass,
  deletePublished,
  getArticle,
  listPublished,
  massState,
  publishState,
  sendToAll,
  sendToSome,
  submit,
} from './sandbox/publishing.js';
import { Refusal, ok, readJson, refusal } from './sandbox/replies.js';
import { accountOf, plainToken, stableToken } from './sandbox/tokens.js';
import { World, appIdOf, credentialsOf, platformDay, type AccountState } from './sandbox/world.js';

interface Call {
  /** Absent where the call counts by itself. */
  perDay?: number;
  /** Which right it takes; without it 48001. */
  right?: keyof AccountState['rights'];
  work(
    world: World,
    account: AccountState,
    body: unknown,
    request: SandboxRequest,
  ): SandboxAnswer | Promise<SandboxAnswer>;
}

const byGet: ReadonlySet<string> = new Set(['draft/count', 'material/get_materialcount']);

/** Uploads take a form, all others JSON by POST. */
const uploads: Readonly<Record<string, Call>> = {
  'media/uploadimg': { perDay: 100_000, work: (world, account, _, request) => uploadimg(world, account, request) },
  'media/upload': { perDay: 100_000, work: (world, account, _, request) => temporary(world, account, request) },
  'material/add_material': {
    perDay: 100_000,
    work: (world, account, _, request) => addMaterial(world, account, request),
  },
};

const calls: Readonly<Record<string, Call>> = {
  'material/del_material': {
    perDay: 1000,
    work: (_, account, body) => deleteMaterial(account, parseBody(mediaBody, body).media_id),
  },
  'material/get_material': {
    perDay: 200_000,
    work: (world, account, body) => getMaterial(world, account, parseBody(mediaBody, body).media_id),
  },
  'material/batchget_material': { perDay: 1000, work: (_, account, body) => listMaterials(account, body) },
  'material/get_materialcount': { perDay: 1000, work: (_, account) => countMaterials(account) },
  /** Says that the draft box is on, as it is for everybody since it left its trial. */
  'draft/switch': {
    perDay: 1000,
    work: (_, __, ___, request) =>
      ok({ errcode: 0, errmsg: 'ok', ...(request.query.get('checkonly') && { is_open: 1 }) }),
  },
  'draft/add': {
    perDay: 1000,
    right: 'draft',
    work: (world, account, body, request) => addDraft(world, account, body, request.body.toString('utf8')),
  },
  'draft/update': {
    perDay: 1000,
    right: 'draft',
    work: (world, account, body, request) => updateDraft(world, account, body, request.body.toString('utf8')),
  },
  'draft/delete': { perDay: 1000, right: 'draft', work: (_, account, body) => deleteDraft(account, body) },
  'draft/get': { perDay: 500, right: 'draft', work: getDraft },
  'draft/batchget': { perDay: 1000, right: 'draft', work: listDrafts },
  'draft/count': { perDay: 1000, right: 'draft', work: (_, account) => ok({ total_count: account.drafts.size }) },
  'freepublish/submit': { perDay: 100, right: 'publish', work: submit },
  'freepublish/get': { perDay: 100, right: 'publish', work: publishState },
  'freepublish/delete': { perDay: 10, right: 'publish', work: (_, account, body) => deletePublished(account, body) },
  'freepublish/getarticle': { perDay: 100, right: 'publish', work: getArticle },
  'freepublish/batchget': { perDay: 100, right: 'publish', work: listPublished },
  /** A subscription account's one a day, counted only where it is sent. */
  'message/mass/sendall': {
    right: 'mass',
    work: (world, account, body) =>
      sendToAll(world, account, body, () => spend(world, account, 'message/mass/sendall', 1, 45028)),
  },
  'message/mass/send': { perDay: 100, right: 'mass', work: sendToSome },
  'message/mass/get': { perDay: 100, right: 'mass', work: (_, account, body) => massState(account, body) },
  'message/mass/delete': { perDay: 10, right: 'mass', work: (_, account, body) => deleteMass(account, body) },
  'message/mass/preview': {
    perDay: 100,
    right: 'mass',
    work: (world) => ok({ errcode: 0, errmsg: 'preview success', msg_id: Number(world.nextNumber()) }),
  },
  ...Object.fromEntries(
    Object.entries(commentCalls).map(([name, work]): [string, Call] => [
      name,
      { perDay: 100_000, right: 'comment', work },
    ]),
  ),
};

export function wechatSandbox(): SandboxPlatform {
  const world = new World();
  const sender = new CallbackSender(world);
  world.onFinished = (account, job) => sender.send(account, job);
  // Without somebody to tell, a job ends when anybody looks; a callback needs a clock.
  world.onStarted = (account, job) => {
    if (account.callback)
      sender.later(job.readyAt - world.now(), () => {
        world.finish(account, job);
      });
  };

  async function api(name: string, request: SandboxRequest): Promise<SandboxAnswer> {
    if (name === 'token') return plainToken(world, request);
    if (name === 'stable_token') return stableToken(world, request);
    const call = uploads[name] ?? calls[name];
    if (!call) throw new Refusal(40066);
    const account = accountOf(world, request);
    world.settle(account);
    if (call.right !== undefined && !account.rights[call.right])
      throw new Refusal(call.right === 'comment' ? 88000 : 48001);
    if (!byGet.has(name) && request.method !== 'POST') throw new Refusal(43002);
    if (call.perDay !== undefined) spend(world, account, name, call.perDay, 45009);
    return call.work(
      world,
      account,
      name in uploads || name === 'draft/switch' || request.method === 'GET' ? undefined : readJson(request),
      request,
    );
  }

  return {
    name: 'wechat',
    open(kit) {
      world.kit = kit;
    },
    callOf({ path }) {
      if (path.startsWith('/cgi-bin/')) return path.slice('/cgi-bin/'.length);
      return path.startsWith('/s/') ? 'page' : 'picture';
    },
    async handle(request) {
      const { path } = request;
      if (path.startsWith('/s/')) return articlePage(world, path.slice('/s/'.length));
      if (path.startsWith('/u/'))
        return {
          status: 200,
          headers: { 'content-type': 'text/html; charset=utf-8' },
          body: listPage(world, path.slice('/u/'.length)),
        };
      const picture = world.pictures.get(pictureName(path) ?? '');
      if (picture)
        return {
          status: 200,
          headers: { 'content-type': picture.mime, 'cache-control': 'max-age=31536000' },
          body: picture.bytes,
        };
      if (!path.startsWith('/cgi-bin/')) return { status: 404, headers: { 'content-type': 'text/plain' }, body: '404' };
      try {
        return await api(path.slice('/cgi-bin/'.length), request);
      } catch (error) {
        if (error instanceof Refusal) return refusal(error.code, error.words, error.extra);
        throw error;
      }
    },
    /** A three-digit code from 400 to 599 is an HTTP status from the gateway; `garbage` is a page in place of JSON. */
    failure(_, code) {
      const status = Number(code);
      if (code === 'garbage')
        return { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>welcome</html>' };
      if (status >= 400 && status < 600)
        return { status, headers: { 'content-type': 'text/html' }, body: `<html><h1>${status}</h1></html>` };
      return refusal(status);
    },
    account(n) {
      const appId = appIdOf(n);
      const { secret, token, aesKey } = credentialsOf(appId);
      return {
        name: `示例公众号${n + 1}`,
        settings: {
          appId,
          endpoint: world.url,
          mode: 'publish',
          linkTemplate: 'https://www.example.gov.cn/articles/{release}',
        },
        credentials: { appSecret: secret, callbackToken: token, encodingAesKey: aesKey },
      };
    },
    publicPage: () => listPage(world),
    controls: controlsOf(world, sender),
    close: () => sender.close(),
  };
}

/** Counts one call against the day's number. @throws Refusal with `code` where it is used up */
function spend(world: World, account: AccountState, name: string, perDay: number, code: number): void {
  const day = platformDay(world.now());
  const before = account.quota.get(name);
  const used = before?.day === day ? before.used : 0;
  if (used >= (account.quotaLimits.get(name) ?? perDay)) throw new Refusal(code);
  account.quota.set(name, { day, used: used + 1 });
}
