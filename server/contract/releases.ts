/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { changes } from '../../channels/channel.js';
import { emergencySchema } from '../../channels/emergency.js';
import { templateUse } from '../../core/event-templates/schema.js';
import { beijingInstantText, count } from '../../core/placements/report.js';
import { id, instant } from '../../core/ids.js';
import { policyHeader, releaseInput } from '../../core/releases/input.js';
import { kinds } from '../../core/model/release.js';
import { said } from '../../core/said.js';

// Releases
export const picture = z.object({ hash: z.string(), alt: z.string(), width: z.int(), height: z.int() });
export const attachment = z.object({ hash: z.string(), name: z.string(), mime: z.string(), bytes: z.int() });
/** `change` says what the revision is to the signed one before it: 更正 (the wrong text must not stay) unless told, or 续报. */
export const releaseUpdate = releaseInput.extend({ revision: id, change: z.enum(changes).optional() });
/**
 * POST /releases/import: a document as body (Content-Type and X-File-Name say which), into a new release, or into the
 * next revision of the one that `release` or its front matter names. Pictures of a .docx come along; pictures a Markdown
 * file names are uploaded before and referred to as `media:HASH`.
 */
export const dropped = z.object({
  what: z.string(),
  count: z.int(),
  said,
  places: z.array(z.string()),
  stops: z.boolean().describe('changes what the text says / 影响内容'),
});
export const revision = z.object({
  id,
  number: z.int(),
  kind: z.enum(kinds),
  language: z.string(),
  title: z.string(),
  summary: z.string(),
  body: z.string(),
  source: z.string(),
  author: z.string().optional(),
  columns: z.array(z.string()),
  keywords: z.array(z.string()),
  cover: z.string().optional(),
  pictures: z.array(picture),
  attachments: z.array(attachment),
  policy: policyHeader.optional(),
  emergency: emergencySchema.optional(),
  change: z.enum(changes).optional(),
  interprets: z.array(id).optional(),
  interpretations: z.array(id).optional(),
  /** The event template that it was made from, and with which facts. */
  template: templateUse.optional(),
  createdAt: instant,
  createdBy: z.string(),
  hash: z.string(),
  signed: z.object({ by: z.string(), at: instant }).optional(),
});
/** GET /releases/:id/revisions: oldest first. What stands on an account is told by a revision's id; this says its number. */
export const revisionRow = revision.pick({
  id: true,
  number: true,
  title: true,
  change: true,
  createdAt: true,
  createdBy: true,
  signed: true,
});
export const release = z.object({
  id,
  title: z.string(),
  kind: z.enum(kinds),
  revisions: z.int(),
  createdAt: instant,
  updatedAt: instant,
  createdBy: z.string(),
  publishedAt: instant.optional(),
  withdrawnAt: instant.optional(),
  /** The newest signed revision: an edit of it is a correction or an update. */
  signed: id.optional(),
  /** The newest alert received that it was made of. */
  alert: id.optional(),
  revision,
});
/** The answer to creating, updating and importing: what the cleaning left out is told. */
export const releaseSaved = z.object({
  release,
  dropped: z.array(dropped),
  /** When the document itself says that it goes out, for whoever submits it: as POST /releases/{id}/submit takes it. */
  plan: z.object({ notBefore: z.string().optional(), expires: z.string().optional() }).optional(),
});
/** GET /releases?after&limit: newest first, with the counts of each. */
export const releaseRow = z.object({
  id,
  title: z.string(),
  kind: z.enum(kinds),
  updatedAt: instant,
  createdBy: z.string(),
  publishedAt: instant.optional(),
  withdrawnAt: instant.optional(),
  /** The newest revision is a warning's exercise. */
  drill: z.literal(true).optional(),
  /** It is planned, or its plan is held and asks a person. */
  plan: z.object({ held: z.boolean(), notBefore: beijingInstantText }).optional(),
  counts: z.array(count),
});
/**
 * POST /preview: an unsaved release; one rendition per channel, with an account of the audience or a specimen profile.
 * `of`: the release whose next revision it is to be.
 */
export const preview = z.object({
  release: releaseInput,
  of: z.object({ release: id, change: z.enum(changes).optional() }).optional(),
  channels: z.array(z.string()).optional(),
  organization: id.optional(),
});
export const rendition = z.object({
  channel: z.string(),
  account: z.string().optional(),
  html: z.string(),
  warnings: z.array(z.object({ code: z.string(), field: z.string().optional(), said })),
});
export const previewAnswer = z.object({ renditions: z.array(rendition), dropped: z.array(dropped) });
export type RevisionBody = z.infer<typeof revision>;
export type RevisionRow = z.infer<typeof revisionRow>;
export type ReleaseBody = z.infer<typeof release>;
export type ReleaseSaved = z.infer<typeof releaseSaved>;
export type ReleaseRow = z.infer<typeof releaseRow>;
export type PreviewAnswer = z.infer<typeof previewAnswer>;
