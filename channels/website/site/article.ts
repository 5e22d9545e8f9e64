/** One article as its site keeps it: enough to draw its page again at any time. */
import { join } from 'node:path';
import { z } from 'zod';
import { changes } from '../../channel.js';
import { emergencySchema } from '../../emergency.js';
import { articleId, readIfThere, writeWhole, type SiteFolder } from './files.js';

const file = z.object({ path: z.string(), hash: z.string() });

/** By what a later message of the Common Alerting Protocol names an earlier one. */
const messageSchema = z.object({ identifier: z.string(), sender: z.string(), sent: z.string() });
export type Message = z.output<typeof messageSchema>;

export const articleSchema = z.object({
  id: z.string().regex(articleId),
  /** The newest order of the hub that was carried out here: an older one changes nothing any more. */
  seq: z.number().optional(),
  /** The step whose text it shows; of a post that came in by Micropub, its sender's own mark. */
  key: z.string().optional(),
  /** It came in by the site's own Micropub endpoint, whose tokens may change it; what came from the hub they may not. */
  posted: z.literal(true).optional(),
  revision: z.string(),
  state: z.enum(['public', 'withdrawn']),
  /** First time public. Set by the system and never changed: forging it is a veto offence. */
  publishedAt: z.string(),
  /** Last time another revision took the place of one. */
  revisedAt: z.string().optional(),
  /** What the revision shown is to the one before. */
  change: z.enum(changes).optional(),
  kind: z.enum(['news', 'notice', 'policy', 'interpretation', 'emergency', 'live']),
  language: z.string(),
  title: z.string(),
  summary: z.string(),
  /** Clean HTML; pictures as `media:HASH`. */
  body: z.string(),
  toc: z.array(z.object({ id: z.string(), text: z.string(), level: z.union([z.literal(2), z.literal(3)]) })),
  author: z.string().optional(),
  source: z.string(),
  columns: z.array(z.string()).min(1),
  keywords: z.array(z.string()),
  cover: z.string().optional(),
  /** Pictures in the body and the cover, with where their files lie under the public folder. */
  pictures: z.array(file.extend({ alt: z.string(), width: z.number(), height: z.number() })),
  attachments: z.array(file.extend({ name: z.string(), mime: z.string(), bytes: z.number() })),
  /** Further files under the public folder that the text links to. */
  uploads: z.array(z.string()).optional(),
  policy: z
    .object({
      index: z.string().optional(),
      number: z.string().optional(),
      issuer: z.string().optional(),
      signed: z.string().optional(),
      validity: z.string().optional(),
      topic: z.string().optional(),
      keywords: z.array(z.string()).optional(),
    })
    .optional(),
  warning: emergencySchema.extend({ sent: z.string() }).optional(),
  /** Earlier messages of this warning that the public could read here, oldest first. */
  messages: z.array(messageSchema).optional(),
  /** Articles that this one interprets, and those that interpret it, as its release says; either side is enough. */
  interprets: z.array(z.string()).optional(),
  interpretations: z.array(z.string()).optional(),
});

export type Article = z.output<typeof articleSchema>;

/** Before there was a word for it, only posts by Micropub bore a hash as their revision. */
export function wasPosted({ posted, seq, revision }: Article): boolean {
  return posted ?? (seq === undefined && /^[0-9a-f]{20}$/.test(revision));
}

export function articleFile(site: SiteFolder, id: string): string {
  if (!articleId.test(id)) throw new RangeError(`"${id}" is not the name of an article`);
  return join(site.state, 'articles', `${id}.json`);
}

export async function readArticle(site: SiteFolder, id: string): Promise<Article | undefined> {
  const bytes = await readIfThere(articleFile(site, id));
  return bytes && articleSchema.parse(JSON.parse(bytes.toString('utf8')));
}

export function writeArticle(site: SiteFolder, article: Article): Promise<void> {
  return writeWhole(articleFile(site, article.id), JSON.stringify(article), 0o600);
}

export function everyFileOf({ pictures, attachments, uploads = [] }: Article): string[] {
  return [...[...pictures, ...attachments].map(({ path }) => path), ...uploads];
}

/** Files under the public folder that the article's page needs. */
export function filesOf(article: Article): string[] {
  return article.state === 'public' ? everyFileOf(article) : [];
}
