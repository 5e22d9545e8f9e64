/** Who works here: persons, and the keys that they gave to programs. Written by core/people/write.ts alone, which seals each row. */
import { Schema } from 'mongoose';
import { roles, type Permission, type Role } from './roles.js';

export interface Person {
  _id: string;
  /** Sign-in name, lower case, unique. */
  name: string;
  displayName: string;
  /** The unit that the person belongs to; absent with a person of the hub as a whole. */
  organization?: string;
  /** Of the unit, kept here so that a list of a subtree is one query; empty without one. */
  path: string;
  /** As core/people/addresses.ts writes it, unique; nobody signs in or is found by it. */
  address?: string;
  /** Absent until an invited person has chosen a password. */
  passwordHash?: string;
  /** The password was given to the person, who changes it before anything else. */
  mustChange?: true;
  /** Secret of the codes asked for as a second step, sealed. */
  factor?: string;
  enabled: boolean;
  /** Disabled for cause, not because they left in the ordinary way: what they signed and has not gone out yet asks. */
  removed?: true;
  /** Name and address are gone for good; what the person did stays under the id. */
  erased?: true;
  /** Grows with each change of password, grants or enabling. A session keeps the number it began with, and ends with it. */
  rights: number;
  createdAt: Date;
  /** Over what gives power, by the hub's secret: a row changed by hand lets nobody in. */
  seal: string;
}

export const personSchema = new Schema<Person>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    displayName: { type: String, required: true },
    organization: String,
    path: { type: String, default: '' },
    address: String,
    passwordHash: String,
    mustChange: Boolean,
    factor: String,
    enabled: { type: Boolean, default: true },
    removed: Boolean,
    erased: Boolean,
    rights: { type: Number, default: 1 },
    createdAt: { type: Date, required: true },
    seal: { type: String, required: true },
  },
  { versionKey: false, collection: 'people' },
);

personSchema.index({ name: 1 }, { unique: true });
personSchema.index({ address: 1 }, { unique: true, sparse: true });
personSchema.index({ displayName: 1 });
personSchema.index({ path: 1 });
personSchema.index({ organization: 1 }, { sparse: true });

/** A role over a unit's subtree, held by a person: of its own, or in place of somebody (代理). */
export interface Grant {
  _id: string;
  person: string;
  role: Role;
  /** Absent: over the hub as a whole. */
  organization?: string;
  path: string;
  /** Instants between which it holds; open where absent. */
  from?: Date;
  until?: Date;
  /** The grant in whose place it stands: it ends with that one. */
  deputyOf?: string;
  /** Came by a group of the identity provider, and goes with it. */
  provider?: true;
  /** Waits for a second admin until then. */
  asked?: true;
  confirmedBy?: string;
  by: string;
  at: Date;
  /** As with a person. */
  seal: string;
}

export const grantSchema = new Schema<Grant>(
  {
    _id: { type: String, required: true },
    person: { type: String, required: true },
    role: { type: String, enum: roles, required: true },
    organization: String,
    path: { type: String, default: '' },
    from: Date,
    until: Date,
    deputyOf: String,
    provider: Boolean,
    asked: Boolean,
    confirmedBy: String,
    by: { type: String, required: true },
    at: { type: Date, required: true },
    seal: { type: String, required: true },
  },
  { versionKey: false, collection: 'grants' },
);

grantSchema.index({ person: 1 });
grantSchema.index({ organization: 1 });
grantSchema.index({ role: 1 });
grantSchema.index({ path: 1 });
grantSchema.index({ asked: 1 }, { sparse: true });
grantSchema.index({ deputyOf: 1 }, { sparse: true });

/** A key for programs: it acts for the person who made it, within what both may. Only its hash is kept; the key itself is shown once. */
export interface ApiKey {
  _id: string;
  name: string;
  /** Over the secret and all that gives the key power, by the hub's secret: a row written by hand opens nothing. */
  secretHash: string;
  createdBy: string;
  createdAt: Date;
  /** What it may at most; all that a key may where absent. */
  permissions?: Permission[];
  /** The unit within which it holds; wherever its owner's rights do where absent. */
  organization?: string;
  path: string;
  expiresAt?: Date;
  revokedAt?: Date;
}

export const apiKeySchema = new Schema<ApiKey>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    secretHash: { type: String, required: true },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    permissions: { type: [String], default: undefined },
    organization: String,
    path: { type: String, default: '' },
    expiresAt: Date,
    revokedAt: Date,
  },
  { versionKey: false, collection: 'api_keys' },
);

apiKeySchema.index({ createdBy: 1 });
apiKeySchema.index({ organization: 1 }, { sparse: true });
