/** A destination on a channel, owned by a unit. Credentials are sealed; nothing but `accounts/vault.ts` opens them. */
import { Schema } from 'mongoose';
import type { Said } from '../../channels/channel.js';

export type CredentialState = 'unchecked' | 'ok' | 'dead';

export interface Credential {
  state: CredentialState;
  checkedAt?: Date;
  /** From `checkedAt`, where the platform says so. */
  daysLeft?: number;
  /** Why it is dead, or why the last check brought no answer. */
  cause?: Said;
  todo?: Said;
}

export interface AccountRow {
  _id: string;
  channel: string;
  /** What the unit calls it; unique within channel and unit. */
  name: string;
  organization: string;
  /** Of the unit, kept here so that an audience is one query. */
  path: string;
  region: string;
  /** Position of the unit, degrees, as its path and region are: so a shape's box is one query. */
  lat?: number;
  lon?: number;
  tags: string[];
  enabled: boolean;
  /** 演练账号: no public reads it, so a drill may be sent there. Absent of every real account. */
  exercise?: true;
  /** The unit with whose closing it was switched off: it comes back with it. */
  closedWith?: string;
  /** Channel and what it says the settings mean on its platform: no two accounts have the same. */
  identity?: string;
  settings: Record<string, unknown>;
  sealed: string;
  credential: Credential;
  /** When what its channel can stage was staged last, or tried; and why that failed. */
  prepared?: { at: Date; failed?: Said };
  /** When the credential is checked next. While a check is under way: when it is given up and done again. */
  checkDueAt?: Date;
  /** Set with what is new about the credential, until `clock` has acted on it: parked or released, and told people. */
  settleAt?: Date;
  /** What people have been told, so that they are told once. */
  told?: { state: CredentialState; expiresAt?: Date; warned?: number };
  createdAt: Date;
}

export const accountSchema = new Schema<AccountRow>(
  {
    _id: { type: String, required: true },
    channel: { type: String, required: true },
    name: { type: String, required: true },
    organization: { type: String, required: true },
    path: { type: String, required: true },
    region: { type: String, required: true },
    lat: Number,
    lon: Number,
    tags: { type: [String], default: [] },
    enabled: { type: Boolean, default: true },
    exercise: Boolean,
    closedWith: String,
    identity: String,
    settings: { type: Schema.Types.Mixed, required: true },
    sealed: { type: String, required: true },
    credential: { type: Schema.Types.Mixed, default: { state: 'unchecked' } },
    prepared: Schema.Types.Mixed,
    checkDueAt: Date,
    settleAt: Date,
    told: Schema.Types.Mixed,
    createdAt: { type: Date, required: true },
  },
  { versionKey: false, collection: 'accounts', minimize: false },
);

accountSchema.index({ organization: 1, channel: 1, name: 1 }, { unique: true });
accountSchema.index({ identity: 1 }, { unique: true, sparse: true });
accountSchema.index({ channel: 1, _id: 1 });
accountSchema.index({ name: 1 });
accountSchema.index({ path: 1 });
accountSchema.index({ region: 1 });
accountSchema.index({ lat: 1, lon: 1 }, { sparse: true });
accountSchema.index({ closedWith: 1 }, { sparse: true });
// Of each tag: see core/store/embedded/lists.ts.
accountSchema.index({ tags: 1, _id: 1 }, { name: 'tags_each' });
accountSchema.index({ checkDueAt: 1 }, { sparse: true });
accountSchema.index({ settleAt: 1 }, { sparse: true });
