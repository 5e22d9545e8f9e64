/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { id, instant, instantGiven } from '../../core/ids.js';
import { roles } from '../../core/model/roles.js';
import { personStates } from '../../core/people/states.js';
import { line } from '../../core/text.js';
import { pageQuery } from './pages.js';

/** A role of a person: `state` says whether it holds now. Without `organization` over the hub as a whole. */
export const holding = z.object({
  id,
  role: z.enum(roles),
  organization: id.optional(),
  organizationName: z.string().optional(),
  from: instant.optional(),
  until: instant.optional(),
  state: z.enum(['holds', 'asked', 'later', 'over']),
  /** In whose place (代理). */
  deputyOf: id.optional(),
  /** Came by a group of the identity provider. */
  provider: z.boolean().optional(),
  by: z.string(),
  confirmedBy: z.string().optional(),
});
export type HoldingBody = z.infer<typeof holding>;

// GET /people, GET /people/:id
export const peopleQuery = pageQuery.extend({
  organization: id.optional(),
  role: z.enum(roles).optional(),
  state: z.enum(personStates).optional(),
  q: z.string().min(1).max(60).optional(),
});
export const personListed = z.object({
  id,
  name: z.string(),
  displayName: z.string(),
  organization: id.optional(),
  organizationName: z.string().optional(),
  enabled: z.boolean(),
  /** Has not chosen a password yet. */
  invited: z.boolean(),
  holdings: z.array(holding),
});
export type PersonListed = z.infer<typeof personListed>;

export const personBody = personListed.extend({
  /** What the reader may do here. */
  mayManage: z.boolean(),
  /** Only for who manages the person. */
  managed: z
    .object({
      address: z.string().optional(),
      /** The second step is on. */
      factor: z.boolean(),
      /** Disabled for cause. */
      removed: z.boolean(),
      /** Until when the newest link works, where one waits to be opened. */
      linkUntil: instant.optional(),
      /** Tasks that wait for the person by name. */
      waiting: z.array(z.object({ kind: z.string(), id, title: z.string() })),
    })
    .optional(),
});
export type PersonBody = z.infer<typeof personBody>;

// GET /people/names?id=…
export const namesQuery = z.object({
  id: z.union([id, z.array(id).max(200)]).transform((given) => [given].flat()),
});
export const personName = z.object({ id, displayName: z.string() });

// POST /people, POST /people/:id/link
export const newPerson = z.strictObject({
  displayName: line(60),
  address: z.string().max(200),
  organization: id.optional(),
  /** Over their unit. */
  roles: z.array(z.enum(roles)).max(roles.length).default([]),
});
/** Shown once. */
export const newLink = z.object({ link: z.string(), until: instant });
export const invited = newLink.extend({ person: personListed });

// PUT /people/:id, POST /people/:id/move, /disable, /grants
export const personEdit = z.strictObject({ displayName: line(60).optional(), address: z.string().max(200).optional() });
export const personMove = z.strictObject({
  organization: id.nullable(),
  /** Takes the roles over the old unit and below it. */
  endRoles: z.boolean(),
});
export const personLeaves = z.strictObject({
  /** Who takes over what waits; it is free for whoever may where absent. */
  handTo: id.optional(),
});
export const personLeft = z.object({ handedOver: z.int() });
export const newGrant = z.strictObject({
  role: z.enum(roles),
  /** Null: over the hub as a whole. */
  organization: id.nullable(),
  from: instantGiven.optional(),
  until: instantGiven.optional(),
});

// POST /people/:id/remove
export const personRemoved = personLeaves.extend({
  /** For the book of acts alone. */
  reason: line(500),
});

// POST /identities/:id/confirm: whose it is
export const identityConfirm = z.strictObject({ person: id });

// POST /links/look, POST /links/accept
const link = z.string().min(1).max(200);
export const lookAtLink = z.strictObject({ link });
export const linkShown = z.object({
  use: z.enum(['invitation', 'reset']),
  name: z.string(),
  displayName: z.string(),
  until: instant,
  /** A code of the second step is asked for besides. */
  code: z.boolean(),
  /** May be used with the identity provider instead of a password. */
  provider: z.boolean(),
});
export type LinkShown = z.infer<typeof linkShown>;
export const acceptLinkBody = z.strictObject({
  link,
  password: z.string().min(1).max(500),
  code: z.string().max(60).optional(),
});
export const linkAccepted = z.object({ name: z.string() });
