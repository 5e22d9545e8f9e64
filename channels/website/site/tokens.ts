/** Bearer tokens with which others may post to a site. Only their hashes are kept. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { readIfThere, writeWhole, type SiteFolder } from './files.js';

export const scopes = ['create', 'update', 'delete', 'undelete', 'media'] as const;
export type Scope = (typeof scopes)[number];

const tokensSchema = z.array(z.object({ name: z.string(), hash: z.string(), scopes: z.array(z.enum(scopes)) }));
type Tokens = z.output<typeof tokensSchema>;

const account = 'account';

/** Lets the token of the site's own account in, with every scope; without one, takes it away. */
export function ownToken(site: SiteFolder, token: string | undefined): Promise<void> {
  return token === undefined ? revokeToken(site, account) : grantToken(site, account, token, scopes);
}

/** `name` says whose it is; a second token under a name replaces the first. */
export async function grantToken(
  site: SiteFolder,
  name: string,
  token: string,
  granted: readonly Scope[],
): Promise<void> {
  const tokens = await readTokens(site);
  const added = { name, hash: hashOf(token), scopes: [...granted] };
  if (tokens.some((entry) => JSON.stringify(entry) === JSON.stringify(added))) return;
  await write(site, [...tokens.filter((entry) => entry.name !== name), added]);
}

export async function revokeToken(site: SiteFolder, name: string): Promise<void> {
  const tokens = await readTokens(site);
  if (tokens.some((entry) => entry.name === name))
    await write(
      site,
      tokens.filter((entry) => entry.name !== name),
    );
}

/** What the token may do; undefined for one that is not known. */
export async function scopesOf(site: SiteFolder, token: string): Promise<readonly Scope[] | undefined> {
  const hash = Buffer.from(hashOf(token));
  return (await readTokens(site)).find(
    (entry) => entry.hash.length === hash.length && timingSafeEqual(Buffer.from(entry.hash), hash),
  )?.scopes;
}

async function readTokens(site: SiteFolder): Promise<Tokens> {
  const bytes = await readIfThere(join(site.state, 'tokens.json'));
  return bytes ? tokensSchema.parse(JSON.parse(bytes.toString('utf8'))) : [];
}

function write(site: SiteFolder, tokens: Tokens): Promise<void> {
  return writeWhole(join(site.state, 'tokens.json'), JSON.stringify(tokens), 0o600);
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
