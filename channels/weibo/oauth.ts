/**
 * Authorisation by the account's keeper (OAuth 2 code grant). Web apps get no refresh token: when the time is up, the
 * keeper authorises again; doing so before the end lengthens it.
 */
import { z } from 'zod';
import type { Call } from '../channel.js';
import { read, repeatable } from './client.js';
import { WeiboError } from './errors.js';

export interface WeiboApp {
  endpoint: string;
  appKey: string;
  appSecret: string;
}

/** The address at which the keeper says yes. `state` must be unguessable and be compared on the way back. */
export function authorizeUrl(
  { endpoint, appKey }: Pick<WeiboApp, 'endpoint' | 'appKey'>,
  redirectUri: string,
  state: string,
  forceLogin = false,
): string {
  const query = new URLSearchParams({
    client_id: appKey,
    response_type: 'code',
    redirect_uri: redirectUri,
    state,
    ...(forceLogin && { forcelogin: 'true' }),
  });
  return `${endpoint}/oauth2/authorize?${query.toString()}`;
}

const granted = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number(),
  uid: z.union([z.string(), z.number()]).transform(String),
});

/** Exchanges the code that came back. A code works once; throws `WeiboError` 21325 for a used or old one. */
export async function exchangeCode(
  app: WeiboApp,
  code: string,
  redirectUri: string,
  call: Pick<Call, 'http' | 'signal' | 'now'>,
): Promise<{ accessToken: string; uid: string; expiresAt: string }> {
  const body = new URLSearchParams({
    client_id: app.appKey,
    client_secret: app.appSecret,
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
  }).toString();
  const answer = await repeatable(call, `${app.endpoint}/oauth2/access_token`, { method: 'POST', headers: form, body });
  const { access_token, expires_in, uid } = read('oauth2/access_token', answer, granted);
  return {
    accessToken: access_token,
    uid,
    expiresAt: new Date(call.now().getTime() + expires_in * 1000).toISOString(),
  };
}

const info = z.object({ uid: z.union([z.string(), z.number()]).transform(String), expire_in: z.coerce.number() });

/** Whose token it is and how many seconds it still works. Throws `WeiboError` where it works no more. */
export async function tokenInfo(
  endpoint: string,
  accessToken: string,
  call: Pick<Call, 'http' | 'signal'>,
): Promise<{ uid: string; secondsLeft: number }> {
  const body = new URLSearchParams({ access_token: accessToken }).toString();
  const { uid, expire_in } = read(
    'oauth2/get_token_info',
    await repeatable(call, `${endpoint}/oauth2/get_token_info`, { method: 'POST', headers: form, body }),
    info,
  );
  return { uid, secondsLeft: expire_in };
}

/** Takes the authorisation back. */
export async function revoke(
  endpoint: string,
  accessToken: string,
  call: Pick<Call, 'http' | 'signal'>,
): Promise<void> {
  const body = new URLSearchParams({ access_token: accessToken }).toString();
  const answer = await repeatable(call, `${endpoint}/oauth2/revokeoauth2`, { method: 'POST', headers: form, body });
  const { result } = read(
    'oauth2/revokeoauth2',
    answer,
    z.object({ result: z.union([z.string(), z.boolean()]).transform(String) }),
  );
  if (result !== 'true') throw new WeiboError('oauth2/revokeoauth2', '21330', `result ${result}`);
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };
