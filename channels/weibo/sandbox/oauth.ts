/** `oauth2/*`: authorize, access_token, get_token_info, revokeoauth2. */
import type { SandboxAnswer, SandboxRequest } from '../../sandbox.js';
import { loadTemplate } from '../../templates.js';
import { ok, Refusal } from './failures.js';
import type { Parameters } from './forms.js';
import { appKey, appSecret, uidOf, type WeiboState } from './state.js';

const codeLives = 600_000;

let page: ((values: { choices: { name: string; address: string }[]; denial: string }) => string) | undefined;

/** Without `userid` a page on which a person chooses whom to be; with it, the way back with a code. */
export function authorize(state: WeiboState, request: SandboxRequest): SandboxAnswer {
  const { query } = request;
  const redirectUri = query.get('redirect_uri');
  if (query.get('client_id') !== appKey) throw new Refusal('21324');
  if (!redirectUri || !URL.canParse(redirectUri)) throw new Refusal('21322');
  if ((query.get('response_type') ?? 'code') !== 'code') throw new Refusal('21329');
  const back = (values: Record<string, string>): string => {
    const url = new URL(redirectUri);
    for (const [name, value] of Object.entries(values)) url.searchParams.set(name, value);
    const given = query.get('state');
    if (given !== null) url.searchParams.set('state', given);
    return url.href;
  };
  const uid = query.get('userid');
  if (uid === null) {
    page ??= loadTemplate('weibo', 'authorize');
    const choices = Array.from({ length: 5 }, (_, n) => ({ name: `政务微博 ${uidOf(n)}`, address: `/oauth2/authorize?${query.toString()}&userid=${uidOf(n)}` }));
    return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: page({ choices, denial: back({ error: 'access_denied', error_code: '21330' }) }) };
  }
  const code = `c${state.nextId()}${Math.random().toString(36).slice(2)}`;
  state.codes.set(code, { uid, redirectUri, until: state.now() + codeLives });
  return { status: 302, headers: { location: back({ code }) }, body: '' };
}

export function accessToken(state: WeiboState, parameters: Parameters): SandboxAnswer {
  if (parameters.get('client_id') !== appKey || parameters.get('client_secret') !== appSecret) throw new Refusal('21324');
  if (parameters.get('grant_type') !== 'authorization_code') throw new Refusal('21328');
  const code = parameters.get('code') ?? '';
  const grant = state.codes.get(code);
  state.codes.delete(code);
  if (!grant || grant.until < state.now()) throw new Refusal('21325');
  if (grant.redirectUri !== parameters.get('redirect_uri')) throw new Refusal('21322');
  const { accessToken, token } = state.addToken(grant.uid);
  const seconds = Math.floor((token.expiresAt - state.now()) / 1000);
  return ok(JSON.stringify({ access_token: accessToken, remind_in: String(seconds), expires_in: seconds, uid: grant.uid, isRealName: 'true' }));
}

export function tokenInfo(state: WeiboState, parameters: Parameters): SandboxAnswer {
  const token = state.token(parameters.get('access_token') ?? '');
  if (!token) throw new Refusal('21332');
  if (token.revoked) throw new Refusal('21319');
  if (token.expiresAt <= state.now()) throw new Refusal('21327');
  return ok(JSON.stringify({ uid: Number(token.uid), appkey: Number(appKey), scope: null, create_at: Math.floor(token.createdAt / 1000), expire_in: Math.floor((token.expiresAt - state.now()) / 1000) }));
}

export function revoke(state: WeiboState, parameters: Parameters): SandboxAnswer {
  const accessToken = parameters.get('access_token') ?? '';
  if (!state.token(accessToken)) throw new Refusal('21332');
  state.changeToken(accessToken, { revoked: true });
  return ok('{"result":"true"}');
}
