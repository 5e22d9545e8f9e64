/** Bearer tokens with which others may post to a site. Only their hashes are kept. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { SiteHome } from './files.js';
import { readRecord, writeRecord } from './records.js';

export const scopes = ['create', 'update', 'delete', 'undelete', 'media'] as const;
export type Scope = (typeof scopes)[number];

/** Whose request it is: what came in under another name is not his to change. */
export interface Bearer {
  name: string;
  scopes: readonly Scope[];
}

const tokensSchema = z.array(z.object({ name: z.string(), hash: z.string(), scopes: z.array(z.enum(scopes)) }));
type Tokens = z.output<typeof tokensSchema>;

const account = 'account';

/** Lets the token of the site's own account in, with every scope; without one, takes it away. */
export function ownToken(site: SiteHome, token: string | undefined): Promise<void> {
  return token === undefined ? revokeToken(site, account) : grantToken(site, account, token, scopes);
}

/** `name` says whose it is; a second token under a name replaces the first. */
export async function grantToken(
  site: SiteHome,
  name: string,
  token: string,
  granted: readonly Scope[],
): Promise<void> {
  const tokens = await readTokens(site);
  const added = { name, hash: hashOf(token), scopes: [...granted] };
  if (tokens.some((entry) => JSON.stringify(entry) === JSON.stringify(added))) return;
  await write(site, [...tokens.filter((entry) => entry.name !== name), added]);
}

export async function revokeToken(site: SiteHome, name: string): Promise<void> {
  const tokens = await readTokens(site);
  if (tokens.some((entry) => entry.name === name))
    await write(
      site,
      tokens.filter((entry) => entry.name !== name),
    );
}

/** Undefined for a token that is not known. */
export async function bearerOf(site: SiteHome, token: string): Promise<Bearer | undefined> {
  const hash = Buffer.from(hashOf(token));
  return (await readTokens(site)).find(
    (entry) => entry.hash.length === hash.length && timingSafeEqual(Buffer.from(entry.hash), hash),
  );
}

async function readTokens(site: SiteHome): Promise<Tokens> {
  return (await readRecord(site, 'tokens', tokensSchema)) ?? [];
}

function write(site: SiteHome, tokens: Tokens): Promise<void> {
  return writeRecord(site, 'tokens', tokens);
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
