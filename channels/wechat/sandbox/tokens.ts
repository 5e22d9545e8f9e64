/** token and stable_token: two separate kinds, each with its own overlap of old and new. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { SandboxAnswer, SandboxRequest } from '../../sandbox.js';
import { Refusal, ok, readJson } from './replies.js';
import type { AccountState, Token, World } from './world.js';

const life = 7200_000;
/** Old and new tokens are both good for five minutes. */
const overlap = 300_000;

const stableBody = z.object({
  grant_type: z.string().default(''),
  appid: z.string().default(''),
  secret: z.string().default(''),
  force_refresh: z.boolean().default(false),
});

export function plainToken(world: World, request: SandboxRequest): SandboxAnswer {
  const account = admitted(
    world,
    request,
    request.query.get('grant_type') ?? '',
    request.query.get('appid') ?? '',
    request.query.get('secret') ?? '',
  );
  const now = world.now();
  for (const old of account.tokens) if (old.kind === 'plain') old.until = Math.min(old.until, now + overlap);
  return ok({ access_token: issue(world, account, 'plain').value, expires_in: life / 1000 });
}

export function stableToken(world: World, request: SandboxRequest): SandboxAnswer {
  const body = stableBody.safeParse(readJson(request));
  if (!body.success) throw new Refusal(47001);
  const account = admitted(world, request, body.data.grant_type, body.data.appid, body.data.secret);
  const now = world.now();
  const current = account.tokens.findLast((token) => token.kind === 'stable');
  if (body.data.force_refresh) {
    account.forcedAt = account.forcedAt.filter((at) => at > now - 24 * 3600_000);
    if (account.forcedAt.length >= 20) throw new Refusal(45009);
    if (account.forcedAt.some((at) => at > now - 30_000)) throw new Refusal(45011);
    account.forcedAt.push(now);
    for (const token of account.tokens) if (token.kind === 'stable') token.invalid = true;
    return ok({ access_token: issue(world, account, 'stable').value, expires_in: life / 1000 });
  }
  // A token that a control made invalid is still handed out, as the real one is until it is forced; an expired one is not.
  if (current && current.until - now > overlap)
    return ok({ access_token: current.value, expires_in: Math.floor((current.until - now) / 1000) });
  return ok({ access_token: issue(world, account, 'stable').value, expires_in: life / 1000 });
}

/** Whose token this is. @throws Refusal 40001, 40014, 41001, 42001 */
export function accountOf(world: World, request: SandboxRequest): AccountState {
  const value = request.query.get('access_token');
  if (value === null) throw new Refusal(41001);
  if (value === '') throw new Refusal(40014);
  const known = world.tokens.get(value);
  if (!known || known.token.invalid) throw new Refusal(40001);
  if (known.token.until <= world.now()) throw new Refusal(42001);
  return known.account;
}

function admitted(world: World, request: SandboxRequest, grant: string, appid: string, secret: string): AccountState {
  if (grant !== 'client_credential') throw new Refusal(40002);
  if (appid === '') throw new Refusal(41002);
  if (secret === '') throw new Refusal(41004);
  const account = world.account(appid);
  if (!account) throw new Refusal(40013);
  if (secret !== account.secret) throw new Refusal(40125);
  if (account.whitelist && !account.whitelist.includes(request.peer))
    throw new Refusal(40164, `invalid ip ${request.peer} ipv6 ::ffff:${request.peer}, not in whitelist`);
  return account;
}

function issue(world: World, account: AccountState, kind: Token['kind']): Token {
  const now = world.now();
  for (const old of account.tokens) if (old.until + life <= now) world.tokens.delete(old.value);
  account.tokens = account.tokens.filter((old) => old.until + life > now);
  const token: Token = {
    value: `83_${randomBytes(96).toString('base64url')}`,
    kind,
    issuedAt: now,
    until: now + life,
    invalid: false,
  };
  account.tokens.push(token);
  world.tokens.set(token.value, { account, token });
  return token;
}
