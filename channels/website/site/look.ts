/** How the site speaks of itself on every page, and its style and script. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { builtinSchema, type BuiltinSettings } from '../settings.js';
import type { SiteHome } from './files.js';
import { readRecord } from './records.js';

const folder = join(import.meta.dirname, '..', '..', '..', 'templates', 'website');

export const styles = readFileSync(join(folder, 'site.css'), 'utf8');
export const script = readFileSync(join(folder, 'site.js'), 'utf8');
export const icon = readFileSync(join(folder, 'icon.svg'), 'utf8');
const mark = createHash('sha256').update(styles).update(script).digest('hex').slice(0, 8);
/** Changes with anything that pages are made of. */
export const pageMark = readdirSync(folder)
  .sort()
  .reduce((hash, name) => hash.update(readFileSync(join(folder, name))), createHash('sha256'))
  .digest('hex');

/** What every page of a site depends on besides its own article. */
export interface Site {
  settings: BuiltinSettings;
  /** The unit that owns it. */
  organization: string;
  /** Public address without trailing slash. */
  address: string;
}

const siteSchema = z.object({
  settings: builtinSchema,
  organization: z.string(),
  address: z.string(),
  /** Whose it is: by the clock, it is that account that is looked after. */
  account: z.string(),
  /** Mark of templates and styles. */
  look: z.string(),
});
/** A site as it was last built. */
export type Built = z.output<typeof siteSchema>;

export function siteOf(settings: BuiltinSettings, organization: string, hubUrl: string): Site {
  return { settings, organization, address: settings.address ?? `${hubUrl}/sites/${settings.site}` };
}

/** How a built site is kept: the same whoever asks, the account's owner or a reader. */
export function builtOf({ site, account }: { site: Site; account: string }): Built {
  const { settings, organization, address } = site;
  return siteSchema.parse({ settings, organization, address, account, look: pageMark });
}

/** Undefined where it was never built. */
export function readSite(home: SiteHome): Promise<Built | undefined> {
  return readRecord(home, 'site', siteSchema);
}

/** The path at which the site hangs on its host, `` or `/sites/name`. Pages use it in every link, so that they read the same with and without a closing slash. */
export const rootOf = perSite(({ address }) => new URL(address).pathname.replace(/\/$/, ''));

/** What depends on the site alone is made once for all of its pages. */
export function perSite<T>(make: (site: Site) => T): (site: Site) => T {
  const made = new WeakMap<Site, { value: T }>();
  return (site) => {
    const kept = made.get(site) ?? { value: make(site) };
    made.set(site, kept);
    return kept.value;
  };
}

export function styleAddress(root: string): string {
  return `${root}/assets/site.css?v=${mark}`;
}

export function scriptAddress(root: string): string {
  return `${root}/assets/site.js?v=${mark}`;
}

export function articleAddress(site: Site, id: string): string {
  return `${site.address}/articles/${id}`;
}

/** BCP 47 as a reader's fonts understand it: without a region Chinese can come out in Japanese forms. */
export function pageLanguage(language: string): string {
  const known: Record<string, string> = { 'zh-hans': 'zh-CN', zh: 'zh-CN', 'zh-hant': 'zh-Hant' };
  return known[language.toLowerCase()] ?? (/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(language) ? language : 'zh-CN');
}

export function sizeOf(bytes: number): string {
  if (bytes < 1_000) return `${bytes} 字节`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
