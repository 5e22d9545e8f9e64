/**
 * One token per account, shared by all processes. It is renewed under a lock with a re-check inside, and the old one
 * stays in place until the new one is stored, so that a renewal stops nobody. A token that the platform has refused is
 * remembered as such: who comes to renew it after somebody else did finds a different one and takes that.
 */
import { z } from 'zod';
import type { Call, SharedMemory } from '../channel.js';
import { scopeOf, type WeChatAccount, type WeChatProfile } from './account.js';
import { readAnswer } from './answer.js';
import { harmless } from './errors.js';

const stored = z.object({ value: z.string(), until: z.number() });
type Token = z.infer<typeof stored>;

const answer = z.object({ access_token: z.string().min(1), expires_in: z.number() });

/** Seconds before its end from which a token is renewed: the platform hands out the next one 300 s ahead. */
const ahead = 240;

const tokenKey = (account: WeChatProfile) => `token:${scopeOf(account)}`;
const refusedKey = (account: WeChatProfile) => `token-refused:${scopeOf(account)}`;

/** A token to call with. @throws WeChatError, TransportError, NoAnswer, GatewayError where none can be had. */
export async function tokenOf(account: WeChatAccount, call: Call): Promise<string> {
  const current = await read(account, call);
  if (current && current.until > call.now().getTime()) return current.value;
  return renewToken(account, call);
}

/** Renews the token unless another process has done so; eight callers make one request. */
export async function renewToken(account: WeChatAccount, call: Call): Promise<string> {
  return call.memory.lock(`token-lock:${scopeOf(account)}`, 30, async () => {
    const current = await read(account, call);
    const refused = await call.memory.get(refusedKey(account));
    if (current && current.value !== refused && current.until > call.now().getTime()) return current.value;
    let fresh = await request(account, call, false);
    if (fresh.value === refused) fresh = await request(account, call, true);
    await call.memory.set(
      tokenKey(account),
      JSON.stringify(fresh),
      Math.max(60, Math.ceil((fresh.until - call.now().getTime()) / 1000)),
    );
    return fresh.value;
  });
}

/** Remembers that the platform has refused this token. */
export async function condemnToken(account: WeChatAccount, call: Call, token: string): Promise<void> {
  await call.memory.set(refusedKey(account), token, 7200);
}

/** The token was had with an AppSecret, or from a host, that is the account's no more. */
export async function forgetTokens(profile: WeChatProfile, memory: SharedMemory): Promise<void> {
  await Promise.all([memory.delete(tokenKey(profile)), memory.delete(refusedKey(profile))]);
}

async function read(account: WeChatAccount, call: Call): Promise<Token | undefined> {
  const text = await call.memory.get(tokenKey(account));
  return text === undefined ? undefined : stored.parse(JSON.parse(text));
}

/**
 * `stable_token` returns the same token until shortly before its end; `force` (20 a day, 30 s apart) makes a new one
 * where the platform goes on handing out one that it refuses. `token` always makes a new one.
 */
async function request(account: WeChatAccount, call: Call, force: boolean): Promise<Token> {
  const { endpoint, appId, token: kind } = account.settings;
  const secret = account.credentials.appSecret;
  const asked =
    kind === 'stable'
      ? call.http.request(`${endpoint}/cgi-bin/stable_token`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          signal: call.signal,
          body: JSON.stringify({
            grant_type: 'client_credential',
            appid: appId,
            secret,
            ...(force && { force_refresh: true }),
          }),
        })
      : call.http.request(
          `${endpoint}/cgi-bin/token?${new URLSearchParams({ grant_type: 'client_credential', appid: appId, secret }).toString()}`,
          { signal: call.signal },
        );
  const reply = await asked.catch((error: unknown) => {
    throw harmless(error);
  });
  const { access_token, expires_in } = readAnswer(kind === 'stable' ? 'stable_token' : 'token', answer, reply);
  return {
    value: access_token,
    until: call.now().getTime() + Math.max(expires_in - ahead, Math.min(expires_in, 30)) * 1000,
  };
}
