/** What signing in stands on besides the person: links, spent codes, recovery codes, identities of a provider. Each row is worth nothing unless the hub's secret was in its making. */
import { Schema } from 'mongoose';

/** The one-time link by which a person chooses a password: the first (invitation) or another (reset). Gone once it is used or a newer one is made. */
export interface Link {
  _id: string;
  person: string;
  use: 'invitation' | 'reset';
  /** Over the secret in the link and the rest of the row. */
  mark: string;
  until: Date;
  by: string;
  at: Date;
}

export const linkSchema = new Schema<Link>(
  {
    _id: { type: String, required: true },
    person: { type: String, required: true },
    use: { type: String, required: true },
    mark: { type: String, required: true },
    until: { type: Date, required: true },
    by: { type: String, required: true },
    at: { type: Date, required: true },
  },
  { versionKey: false, collection: 'links' },
);
linkSchema.index({ person: 1 });

/** The newest step of thirty seconds whose code a person has used: no older one is taken, by any process. */
export interface SpentStep {
  /** The person. */
  _id: string;
  step: number;
}

export const spentStepSchema = new Schema<SpentStep>(
  { _id: { type: String, required: true }, step: { type: Number, required: true } },
  { versionKey: false, collection: 'spent_steps' },
);

/** One recovery code that is not used yet; using it takes the row away. */
export interface RecoveryCode {
  /** Over person and code. */
  _id: string;
  person: string;
}

export const recoveryCodeSchema = new Schema<RecoveryCode>(
  { _id: { type: String, required: true }, person: { type: String, required: true } },
  { versionKey: false, collection: 'recovery_codes' },
);
recoveryCodeSchema.index({ person: 1 });

/** Somebody at an identity provider who is a person here. */
export interface Identity {
  /** Over issuer and subject, letter by letter. */
  _id: string;
  person: string;
  issuer: string;
  at: Date;
  /** Over all of it. */
  mark: string;
}

export const identitySchema = new Schema<Identity>(
  {
    _id: { type: String, required: true },
    person: { type: String, required: true },
    issuer: { type: String, required: true },
    at: { type: Date, required: true },
    mark: { type: String, required: true },
  },
  { versionKey: false, collection: 'identities' },
);
identitySchema.index({ person: 1 });

/** Somebody at an identity provider who came without an invitation, and waits until an admin says whose it is. */
export interface IdentityAsked {
  /** As of an `Identity`. */
  _id: string;
  issuer: string;
  /** What the provider calls them: nothing but a hint for whoever decides. */
  name?: string;
  /** What the person reads out to the admin, who compares it. */
  number: string;
  at: Date;
  until: Date;
  /** An admin said no: nothing waits any more, until it is over. */
  refused?: true;
  /** Over all but the refusal. */
  mark: string;
}

export const identityAskedSchema = new Schema<IdentityAsked>(
  {
    _id: { type: String, required: true },
    issuer: { type: String, required: true },
    name: String,
    number: { type: String, required: true },
    at: { type: Date, required: true },
    until: { type: Date, required: true },
    refused: Boolean,
    mark: { type: String, required: true },
  },
  { versionKey: false, collection: 'identities_asked' },
);
identityAskedSchema.index({ until: 1 });
