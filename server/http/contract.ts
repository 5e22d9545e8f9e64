/**
 * The HTTP API as zod schemas. The server checks requests with them, `/api/openapi.json` is made from them, and the
 * dashboard and the CLI take their types from here. All under `/api/v1`. Dates are ISO 8601 in UTC.
 */
import { z } from 'zod';
import { emergencySchema } from '../../channels/emergency.js';
import { lanes } from '../deliveries/delivery.js';
import { actions, states } from '../deliveries/states.js';
import { noticeLevels } from '../notices/notice.js';
import { kinds } from '../releases/release.js';

const id = z.string().min(1).max(80);
const instant = z.iso.datetime();
export const said = z.object({ zh: z.string(), en: z.string() });

export const errorBody = z.object({
  error: z.object({ code: z.string(), field: z.string().optional(), message: said, todo: said }),
});

// Sessions: POST /session, GET /session, DELETE /session
export const signIn = z.object({ name: z.string().min(1).max(100), password: z.string().min(1).max(500) });
export const session = z.object({ user: z.object({ id, name: z.string(), displayName: z.string() }) });

// GET /people: who the ids in `by` and `createdBy` are.
export const person = z.object({ id, displayName: z.string() });

// GET /channels
export const channelInfo = z.object({
  name: z.string(),
  label: said,
  settings: z.record(z.string(), z.unknown()).describe("JSON Schema of an account's settings"),
  credentials: z.record(z.string(), z.unknown()).describe("JSON Schema of an account's credentials"),
  /** An account's keeper can authorise it on the platform, from the dashboard. */
  authorisable: z.boolean(),
});

// GET /organizations (whole tree, at most 5,000 nodes a page by `after`), POST /organizations/import
export const organization = z.object({ id, name: z.string(), parent: id.optional(), region: z.string() });
export const organizationImport = z.object({
  organizations: z
    .array(
      z.object({
        id: id.regex(/^[a-z0-9-]+$/),
        name: z.string().trim().min(1).max(100),
        parent: id.optional(),
        region: z.string().regex(/^\d{6}$/),
      }),
    )
    .min(1)
    .max(5_000),
});

// GET /accounts?channel&organization&credential&after&limit, POST /accounts/import, POST /accounts/:id/check
export const credentialStates = ['unchecked', 'ok', 'dead'] as const;
export const account = z.object({
  id,
  channel: z.string(),
  name: z.string(),
  organization: id,
  organizationName: z.string(),
  region: z.string(),
  tags: z.array(z.string()),
  enabled: z.boolean(),
  settings: z.record(z.string(), z.unknown()),
  credential: z.object({
    state: z.enum(credentialStates),
    checkedAt: instant.optional(),
    daysLeft: z.number().optional(),
    cause: said.optional(),
    todo: said.optional(),
  }),
});
export const accountImport = z.object({
  accounts: z
    .array(
      z.object({
        channel: z.string().min(1),
        name: z.string().trim().min(1).max(100),
        organization: id,
        tags: z.array(z.string().trim().min(1).max(40)).max(20).default([]),
        settings: z.record(z.string(), z.unknown()).default({}),
        credentials: z.record(z.string(), z.unknown()).default({}),
      }),
    )
    .min(1)
    .max(5_000),
});
// POST /accounts/:id/authorise, GET /authorisations/:id
export const authorisationAddress = z.object({ address: z.url() });
export const authorisationOutcomes = ['done', 'unproven', 'refused', 'stale', 'failed'] as const;
/** What became of an authorisation. `unproven`: stored, but the check that followed did not pass. The last three changed nothing. */
export const authorisation = z.object({
  outcome: z.enum(authorisationOutcomes),
  account: id.optional(),
  said,
  todo: said.optional(),
});
/** A row that is refused does not stop the others. `row` counts from 1. */
export const importResult = z.object({
  created: z.int(),
  updated: z.int(),
  refused: z.array(z.object({ row: z.int(), field: z.string(), message: said })),
});

// POST /media: the bytes as body, header X-File-Name (percent-encoded). GET /media/:hash shows the cleaned original.
export const medium = z.object({
  hash: z.string(),
  name: z.string(),
  mime: z.string(),
  bytes: z.int(),
  width: z.int().optional(),
  height: z.int().optional(),
  state: z.enum(['preparing', 'ready', 'refused']),
  /** Share of the channels' variants that are made, 0 to 1. */
  prepared: z.number().min(0).max(1).optional(),
});

// Releases
export const picture = z.object({ hash: z.string(), alt: z.string(), width: z.int(), height: z.int() });
export const attachment = z.object({ hash: z.string(), name: z.string(), mime: z.string(), bytes: z.int() });
export const policyHeader = z.object({
  index: z.string().max(100).optional(),
  number: z.string().max(100).optional(),
  issuer: z.string().max(200).optional(),
  signed: z.iso.date().optional(),
  validity: z.string().max(20).optional(),
  topic: z.string().max(100).optional(),
  keywords: z.array(z.string().max(40)).max(30).optional(),
});
/** POST /releases makes one; PUT /releases/:id makes its next revision (`revision` names the one that was edited). */
export const releaseInput = z.object({
  title: z.string().trim().min(1).max(200),
  summary: z.string().trim().max(500).default(''),
  kind: z.enum(kinds).default('news'),
  language: z
    .string()
    .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)
    .default('zh-Hans'),
  body: z.object({ format: z.enum(['html', 'markdown', 'text']), content: z.string().max(2_000_000) }),
  source: z.string().trim().min(1).max(100),
  author: z.string().trim().max(100).optional(),
  columns: z.array(z.string().trim().min(1).max(40)).max(10).default([]),
  keywords: z.array(z.string().trim().min(1).max(40)).max(30).default([]),
  /** Hashes of uploaded pictures that the body does not place, shown after it. */
  pictures: z
    .array(z.object({ hash: z.string(), alt: z.string().max(200).default('') }))
    .max(100)
    .default([]),
  cover: z.string().optional(),
  attachments: z
    .array(z.object({ hash: z.string(), name: z.string().max(200) }))
    .max(50)
    .default([]),
  policy: policyHeader.optional(),
  /** Only with the kind `emergency`. */
  emergency: emergencySchema.optional(),
  /** Releases that this one interprets (政策解读), and those that interpret it. Either side is enough: each page shows the other. Left out of a change, they stay. */
  interprets: z.array(id).max(20).optional(),
  interpretations: z.array(id).max(50).optional(),
  organization: id.optional(),
});
export const releaseUpdate = releaseInput.extend({ revision: id });
/**
 * POST /releases/import: a document as body (Content-Type and X-File-Name say which), into a new release. Pictures of
 * a .docx come along; pictures a Markdown file names are uploaded before and referred to as `media:HASH`.
 */
export const dropped = z.object({ what: z.string(), count: z.int(), said });
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
  interprets: z.array(id).optional(),
  interpretations: z.array(id).optional(),
  createdAt: instant,
  createdBy: z.string(),
  hash: z.string(),
  signed: z.object({ by: z.string(), at: instant }).optional(),
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
  revision,
});
/** The answer to creating, updating and importing: what the cleaning left out is told. */
export const releaseSaved = z.object({ release, dropped: z.array(dropped) });

export const count = z.object({ channel: z.string(), state: z.enum(states), count: z.int() });
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
  counts: z.array(count),
});

/** POST /preview: an unsaved release; one rendition per channel, with an account of the audience or a specimen profile. */
export const preview = z.object({
  release: releaseInput,
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

export const audience = z.object({
  channels: z.array(z.string()).max(50).optional(),
  regions: z
    .array(z.string().regex(/^\d{6}$/))
    .max(1_000)
    .optional(),
  organizations: z.array(id).max(1_000).optional(),
  tags: z.array(z.string()).max(100).optional(),
  accounts: z.array(id).max(5_000).optional(),
});
/** POST /audience: how many accounts a selector holds now, by channel. */
export const audienceSize = z.object({ total: z.int(), byChannel: z.record(z.string(), z.int()) });

/** POST /releases/:id/publish signs the revision and orders its delivery. 202 once the order is stored. */
/** Without a lane, an emergency takes its own and everything else the routine one. */
export const publishOrder = z.object({ revision: id, audience, lane: z.enum(lanes).optional() });
/** POST /releases/:id/withdraw: from every account it went to, or from those of `audience`. */
export const withdrawOrder = z.object({ audience: audience.optional(), reason: z.string().trim().min(1).max(500) });
export const dispatch = z.object({
  id,
  action: z.enum(actions),
  lane: z.enum(lanes),
  state: z.enum(['running', 'done']),
  deliveries: z.int(),
  at: instant,
  by: z.string(),
});

/**
 * GET /releases/:id/status: what `lianfa status` and the top of the release page show. `counts` and `total`: where it was
 * to be published; `withdrawal`: how far taking it back is. `finished`: every row of both final, all dispatches done.
 */
export const releaseStatus = z.object({
  release: id,
  counts: z.array(count),
  total: z.int(),
  withdrawal: z.array(count),
  finished: z.boolean(),
  dispatches: z.array(dispatch),
});

export const platformWords = z.object({ code: z.string(), words: z.string(), requestId: z.string().optional() });
export const deliveryEvent = z.object({
  id,
  to: z.enum(states),
  at: instant,
  attempt: z.int().optional(),
  by: z.string(),
  cause: said.optional(),
  todo: said.optional(),
  platform: platformWords.optional(),
  url: z.string().optional(),
  dueAt: instant.optional(),
  ignored: z.boolean().optional(),
});
/** GET /releases/:id/deliveries?channel&state&action&q&after&limit */
export const deliveryRow = z.object({
  id,
  release: id,
  action: z.enum(actions),
  channel: z.string(),
  account: id,
  accountName: z.string(),
  organization: id,
  organizationName: z.string(),
  region: z.string(),
  lane: z.enum(lanes),
  state: z.enum(states),
  since: instant,
  dueAt: instant.optional(),
  attempts: z.int(),
  url: z.string().optional(),
  /** Of the newest event. */
  cause: said.optional(),
  todo: said.optional(),
  platform: platformWords.optional(),
});
/** GET /deliveries/:id */
export const delivery = deliveryRow.extend({ events: z.array(deliveryEvent) });
/** POST /deliveries/:id/retry needs no body: failed and needs_action go back to the queue (asking the platform first). */
/** POST /deliveries/:id/resolve: a person says what happened. */
export const resolveOrder = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('published'),
    url: z.url({ protocol: /^https?$/ }).optional(),
    note: z.string().trim().min(1).max(500),
  }),
  z.object({ outcome: z.literal('not_published'), note: z.string().trim().min(1).max(500) }),
  z.object({ outcome: z.literal('cancelled'), note: z.string().trim().min(1).max(500) }),
]);

export function pageOf<T extends z.ZodType>(item: T) {
  /** `next` is the `after` of the following page; absent on the last. */
  return z.object({ items: z.array(item), next: z.string().optional() });
}
export const pageQuery = z.object({
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const accountQuery = pageQuery.extend({
  channel: z.string().optional(),
  organization: id.optional(),
  credential: z.enum(credentialStates).optional(),
});
export const deliveryQuery = pageQuery.extend({
  channel: z.string().optional(),
  state: z.enum(states).optional(),
  action: z.enum(actions).optional(),
  q: z.string().trim().max(100).optional(),
});

/** GET /notices?after&limit, POST /notices/:id/seen, POST /notices/seen: what whoever runs the hub should know. Seen by one is seen. */
export const notice = z.object({
  id,
  at: instant,
  level: z.enum(noticeLevels),
  said,
  todo: said.optional(),
  account: id.optional(),
  seen: z.object({ by: z.string(), at: instant }).optional(),
});
export const unseenCount = z.object({ unseen: z.int() });
export const noticesSeen = z.object({ upTo: id });

/**
 * GET /events?release=ID (SSE). Without `release`: `releases` events for the list.
 *   event: status      data: releaseStatus        at once and whenever counts change, at most 4 a second
 *   event: deliveries  data: {"ids":[…]}          rows that changed since the last one (at most 200 ids; else {"ids":null}: reload)
 *   event: releases    data: {"ids":[…]}          releases whose row in the list changed
 */
export const eventsQuery = z.object({ release: id.optional() });

export type Session = z.infer<typeof session>;
export type Person = z.infer<typeof person>;
export type ChannelInfo = z.infer<typeof channelInfo>;
export type OrganizationBody = z.infer<typeof organization>;
export type AccountBody = z.infer<typeof account>;
export type AuthorisationBody = z.infer<typeof authorisation>;
export type ImportResult = z.infer<typeof importResult>;
export type MediumBody = z.infer<typeof medium>;
export type ReleaseInput = z.infer<typeof releaseInput>;
export type RevisionBody = z.infer<typeof revision>;
export type ReleaseBody = z.infer<typeof release>;
export type ReleaseSaved = z.infer<typeof releaseSaved>;
export type ReleaseRow = z.infer<typeof releaseRow>;
export type Count = z.infer<typeof count>;
export type DeliveryQuery = z.infer<typeof deliveryQuery>;
export interface DeliveryPage {
  items: DeliveryRow[];
  next?: string | undefined;
}
export type PreviewAnswer = z.infer<typeof previewAnswer>;
export type AudienceSize = z.infer<typeof audienceSize>;
export type DispatchBody = z.infer<typeof dispatch>;
export type ReleaseStatus = z.infer<typeof releaseStatus>;
export type DeliveryRow = z.infer<typeof deliveryRow>;
export type DeliveryBody = z.infer<typeof delivery>;
export type ResolveOrder = z.infer<typeof resolveOrder>;
export type NoticeBody = z.infer<typeof notice>;
export type ErrorBody = z.infer<typeof errorBody>;
