/**
 * Weibo's open platform on loopback: OAuth 2, posts, comments, and the public pages, with the platform's error bodies,
 * limits and quirks. Calls: oauth2/{authorize,access_token,get_token_info,revokeoauth2}, 2/statuses/{share,
 * user_timeline,show,destroy,count}, 2/users/show, 2/account/get_uid, 2/comments/{show,timeline,mentions,show_batch,create,reply,destroy}; the legacy
 * statuses/{update,upload} and the advanced statuses/upload_url_text answer 10014, as to any ordinary app.
 *
 * Controls: `expire-token` and `revoke-token` {uid or token}, `remove-post` {id}, `comment` {id, text}, `budgets`,
 * `clock` {advance: seconds}, `domains` {domains}, `addresses` {only}, `duplicates` {identicalSeconds, similarSeconds},
 * `links` {form}, `rip` {required}, `delay` {times, seconds}: the next posts answer 20032 and are seen later.
 */
import { z } from 'zod';
import type { SandboxAccount, SandboxAnswer, SandboxKit, SandboxPlatform, SandboxRequest } from '../sandbox.js';
import { midOfBase62 } from './mid.js';
import * as comments from './sandbox/comments.js';
import { failure, ok, Refusal } from './sandbox/failures.js';
import { parametersOf, type Parameters } from './sandbox/forms.js';
import * as oauth from './sandbox/oauth.js';
import { accountPage, postPage, publicPage } from './sandbox/pages.js';
import { appKey, appSecret, readyTokenOf, uidOf, WeiboState, type Token, type User } from './sandbox/state.js';
import * as statuses from './sandbox/statuses.js';
import * as users from './sandbox/users.js';

interface Ground {
  state: WeiboState;
  kit: SandboxKit;
}

type Handler = (ground: Ground, user: User, parameters: Parameters) => string;

const calls: Readonly<Record<string, { method: 'GET' | 'POST'; run: Handler }>> = {
  'statuses/share': {
    method: 'POST',
    run: ({ state, kit }, user, parameters) => statuses.share(state, user, parameters, kit),
  },
  'statuses/user_timeline': {
    method: 'GET',
    run: ({ state, kit }, user, parameters) => statuses.userTimeline(state, user, parameters, kit.url),
  },
  'statuses/show': {
    method: 'GET',
    run: ({ state, kit }, _user, parameters) => statuses.show(state, parameters, kit.url),
  },
  'statuses/destroy': {
    method: 'POST',
    run: ({ state, kit }, user, parameters) => statuses.destroy(state, user, parameters, kit.url),
  },
  'statuses/count': { method: 'GET', run: ({ state }, _user, parameters) => statuses.count(state, parameters) },
  'users/show': { method: 'GET', run: ({ state, kit }, _user, parameters) => users.show(state, parameters, kit.url) },
  'account/get_uid': { method: 'GET', run: (_, user) => users.getUid(user) },
  'comments/show': {
    method: 'GET',
    run: ({ state, kit }, user, parameters) => comments.show(state, user, parameters, kit.url),
  },
  'comments/timeline': {
    method: 'GET',
    run: ({ state, kit }, user, parameters) => comments.timeline(state, user, parameters, kit.url),
  },
  'comments/mentions': {
    method: 'GET',
    run: ({ state, kit }, user, parameters) => comments.mentions(state, user, parameters, kit.url),
  },
  'comments/show_batch': {
    method: 'GET',
    run: ({ state, kit }, _user, parameters) => comments.showBatch(state, parameters, kit.url),
  },
  'comments/create': {
    method: 'POST',
    run: ({ state, kit }, user, parameters) => comments.create(state, user, parameters, kit, 'comments/create'),
  },
  'comments/reply': {
    method: 'POST',
    run: ({ state, kit }, user, parameters) => comments.create(state, user, parameters, kit, 'comments/reply'),
  },
  'comments/destroy': {
    method: 'POST',
    run: ({ state, kit }, user, parameters) => comments.destroy(state, user, parameters, kit.url),
  },
};

/** Legacy, or for apps with a higher permission than ordinary. */
const denied: ReadonlySet<string> = new Set([
  'statuses/update',
  'statuses/upload',
  'statuses/upload_url_text',
  'statuses/upload_url_text/biz',
]);

const html = { 'content-type': 'text/html; charset=utf-8' };
const nothing: SandboxAnswer = {
  status: 404,
  headers: html,
  body: '<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><title>微博不存在</title><p>抱歉，该微博不存在或已被删除。</p></html>',
};

/** `/2/statuses/share.json` → `statuses/share`; `/oauth2/access_token` → itself; a public page → `public`. */
function callOf({ path }: SandboxRequest): string {
  if (path.startsWith('/2/')) return path.endsWith('.json') ? path.slice(3, -5) : path.slice(3);
  return path.startsWith('/oauth2/') ? path.slice(1) : 'public';
}

export function weiboSandbox(): SandboxPlatform {
  let ground: Ground | undefined;
  const opened = (): Ground => {
    if (!ground) throw new Error('the sandbox is not open yet');
    return ground;
  };

  function handle(request: SandboxRequest): SandboxAnswer {
    const call = callOf(request);
    try {
      if (call === 'public') return publicFace(opened().state, request);
      return call.startsWith('oauth2/')
        ? authorisation(opened().state, call, request)
        : platformCall(opened(), call, request);
    } catch (error) {
      if (error instanceof Refusal) return failure(call, error.code, error.said);
      throw error;
    }
  }

  return {
    name: 'weibo',
    open(kit) {
      ground = { state: new WeiboState(() => kit.now().getTime()), kit };
    },
    callOf,
    handle,
    failure: (call, code) => failure(call, code),
    account: (n) => accountOf(n, opened().kit.url),
    publicPage: () => publicPage(ground?.state),
    controls: controlsOf(opened),
  };
}

function platformCall(ground: Ground, call: string, request: SandboxRequest): SandboxAnswer {
  if (denied.has(call)) throw new Refusal('10014');
  const known = Object.hasOwn(calls, call) ? calls[call] : undefined;
  if (!known) throw new Refusal('10020');
  if (request.method !== known.method) throw new Refusal('10021');
  const parameters = parametersOf(request);
  const user = ground.state.admit(parameters.get('access_token') ?? tokenInHeader(request), request.peer);
  return ok(known.run(ground, user, parameters));
}

function tokenInHeader({ headers }: SandboxRequest): string | undefined {
  return /^OAuth2\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

function authorisation(state: WeiboState, call: string, request: SandboxRequest): SandboxAnswer {
  switch (call) {
    case 'oauth2/authorize':
      return oauth.authorize(state, request);
    case 'oauth2/access_token':
      return oauth.accessToken(state, parametersOf(request));
    case 'oauth2/get_token_info':
      return oauth.tokenInfo(state, parametersOf(request));
    case 'oauth2/revokeoauth2':
      return oauth.revoke(state, parametersOf(request));
    default:
      throw new Refusal('10020');
  }
}

function publicFace(state: WeiboState, { path }: SandboxRequest): SandboxAnswer {
  const picture = state.posts.get(/^\/pictures\/(\d+)$/.exec(path)?.[1] ?? '')?.picture;
  if (picture) return { status: 200, headers: { 'content-type': picture.type }, body: picture.bytes };
  const [, whose] = /^\/u\/(\d+)$/.exec(path) ?? [];
  if (whose !== undefined) return { status: 200, headers: html, body: accountPage(state, whose) };
  const [, uid, letters] = /^\/(\d+)\/([0-9A-Za-z]+)$/.exec(path) ?? [];
  const post = letters === undefined ? undefined : state.posts.get(midOfBase62(letters) ?? '');
  return post && post.uid === uid && post.at <= state.now()
    ? { status: 200, headers: html, body: postPage(post) }
    : nothing;
}

function accountOf(n: number, url: string): SandboxAccount {
  const uid = uidOf(n);
  return {
    name: `政务微博 ${uid}`,
    settings: {
      uid,
      endpoint: url,
      publicBase: url,
      rip: '203.0.113.10',
      linkTemplate: 'https://www.x.gov.cn/articles/{release}',
      safeDomains: ['x.gov.cn'],
      // Every account here calls from one loopback address.
      budget: { addressCallsPerHour: 10_000_000 },
    },
    credentials: { accessToken: readyTokenOf(uid), appKey, appSecret },
  };
}

const whose = z.union([z.object({ uid: z.string() }), z.object({ token: z.string() })]);
const positive = z.int().min(0).max(1_000_000_000);
const budgets = z
  .object({ callsPerDay: positive, postsPerHour: positive, commentsPerHour: positive, addressCallsPerHour: positive })
  .partial();

function controlsOf(opened: () => Ground): NonNullable<SandboxPlatform['controls']> {
  const change = (body: unknown, to: Partial<Token>): void => {
    const target = whose.parse(body);
    if ('uid' in target) opened().state.changeTokens(target.uid, to);
    else opened().state.changeToken(target.token, to);
  };
  return {
    'expire-token': (body) => change(body, { expiresAt: 0 }),
    'revoke-token': (body) => change(body, { revoked: true }),
    'remove-post': (body) => ({ removed: opened().state.removePost(z.object({ id: z.string() }).parse(body).id) }),
    comment(body) {
      const { id, text } = z.object({ id: z.string(), text: z.string().min(1) }).parse(body);
      const { state, kit } = opened();
      return { id: comments.addComment(state, id, uidOf(999_999), text, kit, 'reader').id };
    },
    budgets: (body) => void Object.assign(opened().state.budgets, budgets.parse(body)),
    clock: (body) => opened().state.advance(z.object({ advance: z.number() }).parse(body).advance),
    domains(body) {
      opened().state.domains = z.object({ domains: z.array(z.string()) }).parse(body).domains;
    },
    addresses(body) {
      opened().state.addresses = z.object({ only: z.array(z.string()) }).parse(body).only;
    },
    duplicates: (body) =>
      void Object.assign(
        opened().state.duplicates,
        z.object({ identicalSeconds: positive, similarSeconds: positive }).partial().parse(body),
      ),
    links(body) {
      opened().state.links = z.object({ form: z.enum(['kept', 'shortened']) }).parse(body).form;
    },
    rip(body) {
      opened().state.requireRip = z.object({ required: z.boolean() }).parse(body).required;
    },
    delay: (body) =>
      void Object.assign(
        opened().state.delayed,
        z.object({ times: positive, seconds: positive }).partial().parse(body),
      ),
  };
}
