/** A freeze (冻结): nothing in its scope becomes public until it is thawed. */
import { Schema } from 'mongoose';

/** What a freeze holds: all · a GB/T 2260 region, with its subtree · a unit, with its subtree · a channel · an account · one release, which is to pause it (暂停). */
export type FreezeScope =
  | { kind: 'everything' }
  | { kind: 'region'; region: string }
  | { kind: 'organization'; organization: string }
  | { kind: 'channel'; channel: string }
  | { kind: 'account'; account: string }
  | { kind: 'release'; release: string };

export interface Freeze {
  _id: string;
  scope: FreezeScope;
  /** Places outside which it holds nothing: those that whoever froze commands; an empty path is the hub as a whole. */
  within: string[];
  /** What the scope was called when it was frozen: a unit's or an account's name, a release's title. */
  name?: string;
  /** Frozen by name: the emergency lane does not pass. */
  emergencyToo: boolean;
  reason: string;
  /** Person, by id; so in what follows. */
  by: string;
  at: Date;
  /** When it came into the ledger, where that could not be written as it was ordered: it was in force all the same. */
  recordedAt?: Date;
  /** In force, and in no ledger yet: see core/freezes/unwritten.ts. Never stored. */
  unwritten?: true;
  /** Its place in the one order of all that ever happened to freezes. */
  version: number;
  /** Somebody wants it thawed. It holds until a second person confirms. */
  asked?: { by: string; at: Date; reason: string };
  thawed?: { askedBy: string; confirmedBy: string; at: Date; version: number };
  /** Until then; absent with what is thawed. For the index alone. */
  inForce?: true;
}

/** One document: whoever changes the set of freezes raises it in the same transaction, so all changes are one line. */
export interface FreezeHead {
  _id: string;
  version: number;
}

export const freezeSchema = new Schema<Freeze>(
  {
    _id: { type: String, required: true },
    scope: { type: Schema.Types.Mixed, required: true },
    within: { type: [String], required: true },
    name: String,
    emergencyToo: { type: Boolean, required: true },
    reason: { type: String, required: true },
    by: { type: String, required: true },
    at: { type: Date, required: true },
    recordedAt: Date,
    version: { type: Number, required: true },
    asked: Schema.Types.Mixed,
    thawed: Schema.Types.Mixed,
    inForce: Boolean,
  },
  { versionKey: false, collection: 'freezes', minimize: false },
);

freezeSchema.index({ version: 1 }, { unique: true });
freezeSchema.index({ inForce: 1, version: 1 }, { sparse: true });

export const freezeHeadSchema = new Schema<FreezeHead>(
  { _id: { type: String, required: true }, version: { type: Number, required: true } },
  { versionKey: false, collection: 'freezeHeads' },
);
