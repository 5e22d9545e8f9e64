/** One article as its site keeps it: enough to draw its page again at any time. */
import { z } from 'zod';
import { changes } from '../../channel.js';
import { emergencySchema } from '../../emergency.js';
import { articleId, type SiteHome } from './files.js';
import { readRecord, writeRecord } from './records.js';

const file = z.object({ path: z.string(), hash: z.string() });

/** By what a later message of the Common Alerting Protocol names an earlier one. */
const messageSchema = z.object({ identifier: z.string(), sender: z.string(), sent: z.string() });
export type Message = z.output<typeof messageSchema>;

export const replacedSchema = z.object({ id: z.string(), at: z.string() });

const postedSchema = z.object({
  /** Under whose token: only that may change it. */
  by: z.string(),
  /** What was given, property by property, as the sender gets it back. */
  given: z.record(z.string(), z.array(z.unknown())),
  /** Pictures that were taken from elsewhere: their address, and where they lie under the public folder. */
  taken: z.record(z.string(), z.string()),
});
export type Posted = z.output<typeof postedSchema>;

export const articleSchema = z.object({
  id: z.string().regex(articleId),
  /** Grows with every change: of two tidings of it the higher one holds. */
  version: z.number(),
  /** The newest order of the hub that was carried out here: an older one changes nothing any more. */
  seq: z.number().optional(),
  /** The step whose text it shows; of a post that came in by Micropub, its sender's own mark. */
  key: z.string().optional(),
  /** It came in by the site's own Micropub endpoint. What came from the hub no token may change. */
  posted: postedSchema.optional(),
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
  /** Warnings of other releases that a message of this one has replaced, each since when. */
  replaces: z.array(replacedSchema).optional(),
  /** Articles that this one interprets, and those that interpret it, as its release says; either side is enough. */
  interprets: z.array(z.string()).optional(),
  interpretations: z.array(z.string()).optional(),
});

export type Article = z.output<typeof articleSchema>;

export async function readArticle(site: SiteHome, id: string): Promise<Article | undefined> {
  return articleId.test(id) ? readRecord(site, articleKey(id), articleSchema) : undefined;
}

export function writeArticle(site: SiteHome, article: Article): Promise<void> {
  return writeRecord(site, articleKey(article.id), article);
}

export function articleKey(id: string): string {
  return `article/${id}`;
}

export function everyFileOf({ pictures, attachments, uploads = [] }: Article): string[] {
  return [...[...pictures, ...attachments].map(({ path }) => path), ...uploads];
}

/** Files under the public folder that the article's page needs. */
export function filesOf(article: Article): string[] {
  return article.state === 'public' ? everyFileOf(article) : [];
}
