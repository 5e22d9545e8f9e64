/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. What persons see and do of their own account. */
import { z } from 'zod';
import { id, instant, instantGiven } from '../../core/ids.js';
import { permissionNames } from '../../core/model/roles.js';
import { proofGiven } from '../../core/people/proof.js';
import { line } from '../../core/text.js';
import { holding } from './people.js';

/** The present password, and a fresh code where the second step is on. */
const proof = proofGiven;

// GET /account
export const account = z.object({
  name: z.string(),
  displayName: z.string(),
  address: z.string().optional(),
  hasPassword: z.boolean(),
  /** The second step is on; and whether the person's roles ask for it. */
  factor: z.boolean(),
  factorRequired: z.boolean(),
  recoveryCodesLeft: z.int(),
  /** An identity of the provider signs in as this person. */
  provider: z.boolean(),
  holdings: z.array(holding),
  /** Who stands in for the person, from when until when. */
  deputies: z.array(holding.extend({ person: id, displayName: z.string() })),
});
export type OwnAccount = z.infer<typeof account>;

export const proofOnly = z.strictObject({ proof });
export const newPassword = z.strictObject({ password: z.string().min(1).max(500), proof });
export const newAddress = z.strictObject({ address: z.string().max(200), proof });
/** For the app: as text to type, and as the address that a QR code holds. */
export const factorBegun = z.object({ secret: z.string(), address: z.string(), until: instant });
export const factorConfirm = z.strictObject({ code: z.string().min(1).max(60) });
/** Shown once. */
export const recoveryCodes = z.object({ codes: z.array(z.string()) });

// GET /account/sessions
export const ownSession = z.object({
  id: z.string(),
  /** The one that asks. */
  present: z.boolean(),
  agent: z.string(),
  ip: z.string(),
  since: instant,
  seen: instant,
});
export type OwnSession = z.infer<typeof ownSession>;

// GET /account/log: the newest of what was done as this person to sign in or to the account
export const ownAct = z.object({
  at: instant,
  act: z.string(),
  outcome: z.enum(['done', 'refused']),
  code: z.string().optional(),
  ip: z.string().optional(),
  agent: z.string().optional(),
});
export type OwnAct = z.infer<typeof ownAct>;

// GET /account/keys, POST /account/keys
export const ownKey = z.object({
  id,
  name: z.string(),
  createdAt: instant,
  expiresAt: instant.optional(),
  permissions: z.array(z.enum(permissionNames)).optional(),
  organization: id.optional(),
});
export type OwnKey = z.infer<typeof ownKey>;
export const newKey = z.strictObject({
  name: line(60),
  /** All that a key may of its owner's rights where absent. */
  permissions: z.array(z.enum(permissionNames)).min(1).optional(),
  organization: id.optional(),
  expiresAt: instantGiven.optional(),
  proof,
});
/** Shown once. */
export const keyMade = z.object({ key: z.string() });

// POST /account/deputies
export const newDeputy = z.strictObject({ grant: id, to: id, from: instantGiven, until: instantGiven });
