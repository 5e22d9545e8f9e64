/** What an older version left of a site, and what becomes of it. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { SiteHome } from './files.js';
import { readSite } from './look.js';

/** The site's folder holds what this version does not read. */
export class OlderSite extends Error {
  override name = 'OlderSite';
}

/**
 * Version 0.1.0 kept a site's articles in files beside its pages; no store of that version is opened either
 * (core/store/upgrade.ts), so nothing else knows of them.
 * @throws OlderSite where such a folder lies in the place of a site that the store does not know
 */
export async function refuseOlder(home: SiteHome): Promise<void> {
  if (await readSite(home)) return;
  const theirs = access(join(home.own, '..', 'state', 'site.json'));
  if (
    await theirs.then(
      () => true,
      () => false,
    )
  )
    throw new OlderSite(`the folder of the site "${home.slug}" was written by version 0.1.0`);
}
