/** `oauth2/*`: authorize, access_token, get_token_info, revokeoauth2. */
import type { SandboxAnswer, SandboxRequest } from '../../sandbox.js';
import { loadTemplate } from '../../templates.js';
import { ok, Refusal } from './failures.js';
import { parametersOf, type Parameters } from './forms.js';
import { appKey, appSecret, isUid, uidOf, type WeiboState } from './state.js';

const codeLives = 600_000;

interface Page {
  app: string;
  host: string;
  hidden: { name: string; value: string }[];
  uid: string;
  wrong: boolean;
  choices: { uid: string; name: string }[];
}

let page: ((values: Page) => string) | undefined;

/** What a person carries through the page and back. */
const carried = ['client_id', 'response_type', 'redirect_uri', 'state', 'forcelogin'] as const;

/** GET: the page on which a person signs in and answers. POST: the answer, which leads back with a code or a denial. */
export function authorize(state: WeiboState, request: SandboxRequest): SandboxAnswer {
  const parameters = parametersOf(request);
  const redirectUri = parameters.get('redirect_uri');
  if (parameters.get('client_id') !== appKey) throw new Refusal('21324');
  if (!redirectUri || !URL.canParse(redirectUri)) throw new Refusal('21322');
  if ((parameters.get('response_type') ?? 'code') !== 'code') throw new Refusal('21329');
  const back = (values: Record<string, string>): SandboxAnswer => {
    const url = new URL(redirectUri);
    for (const [name, value] of Object.entries({ ...values, state: parameters.get('state') }))
      if (value !== undefined) url.searchParams.set(name, value);
    return { status: 302, headers: { location: url.href }, body: '' };
  };
  if (request.method !== 'POST')
    return pageFor(parameters, redirectUri, parameters.get('forcelogin') === 'true' ? '' : uidOf(0), false);
  if (parameters.get('answer') !== 'agree')
    return back({
      error_uri: '/oauth2/authorize',
      error: 'access_denied',
      error_description: 'user denied your request.',
      error_code: '21330',
    });
  const uid = (parameters.get('uid') ?? '').trim();
  if (!isUid(uid)) return pageFor(parameters, redirectUri, uid, true);
  const code = `c${state.nextId()}${Math.random().toString(36).slice(2)}`;
  state.codes.set(code, { uid, redirectUri, until: state.now() + codeLives });
  return back({ code });
}

function pageFor(parameters: Parameters, redirectUri: string, uid: string, wrong: boolean): SandboxAnswer {
  page ??= loadTemplate('weibo', 'authorize');
  const hidden = carried.flatMap((name) => {
    const value = parameters.get(name);
    return value === undefined ? [] : [{ name, value }];
  });
  const choices = Array.from({ length: 10 }, (_, n) => ({ uid: uidOf(n), name: `政务微博 ${uidOf(n)}` }));
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: page({ app: appKey, host: new URL(redirectUri).host, hidden, uid, wrong, choices }),
  };
}

export function accessToken(state: WeiboState, parameters: Parameters): SandboxAnswer {
  if (parameters.get('client_id') !== appKey || parameters.get('client_secret') !== appSecret)
    throw new Refusal('21324');
  if (parameters.get('grant_type') !== 'authorization_code') throw new Refusal('21328');
  const code = parameters.get('code') ?? '';
  const grant = state.codes.get(code);
  state.codes.delete(code);
  if (!grant || grant.until < state.now()) throw new Refusal('21325');
  if (grant.redirectUri !== parameters.get('redirect_uri')) throw new Refusal('21322');
  const { accessToken, token } = state.addToken(grant.uid);
  const seconds = Math.floor((token.expiresAt - state.now()) / 1000);
  return ok(
    JSON.stringify({
      access_token: accessToken,
      remind_in: String(seconds),
      expires_in: seconds,
      uid: grant.uid,
      isRealName: 'true',
    }),
  );
}

export function tokenInfo(state: WeiboState, parameters: Parameters): SandboxAnswer {
  const token = state.token(parameters.get('access_token') ?? '');
  if (!token) throw new Refusal('21332');
  if (token.revoked) throw new Refusal('21319');
  if (token.expiresAt <= state.now()) throw new Refusal('21327');
  return ok(
    JSON.stringify({
      uid: Number(token.uid),
      appkey: Number(appKey),
      scope: null,
      create_at: Math.floor(token.createdAt / 1000),
      expire_in: Math.floor((token.expiresAt - state.now()) / 1000),
    }),
  );
}

export function revoke(state: WeiboState, parameters: Parameters): SandboxAnswer {
  const accessToken = parameters.get('access_token') ?? '';
  if (!state.token(accessToken)) throw new Refusal('21332');
  state.changeToken(accessToken, { revoked: true });
  return ok('{"result":"true"}');
}
