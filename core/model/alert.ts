/** What was received from outside (来文), with the bytes as evidence and what became of it; and from whom alerts are taken (来源). */
import { Schema } from 'mongoose';
import type { Said } from '../../channels/channel.js';

/** As the standard has them (CAP 1.2, 3.2.1). */
export const statusValues = ['Actual', 'Exercise', 'System', 'Test', 'Draft'] as const;
export const typeValues = ['Alert', 'Update', 'Cancel', 'Ack', 'Error'] as const;
export const scopeValues = ['Public', 'Restricted', 'Private'] as const;

/** The way by which it came. `name`: of the file, or of the feed's entry. */
export interface Origin {
  by: 'http' | 'command' | 'file' | 'feed' | 'folder';
  name?: string;
  /** Where it was really read, after all redirects; where the file now lies. */
  address?: string;
  /** The feed or folder, by id. */
  inlet?: string;
}

/**
 * What became of it. `taking`: on its way into a draft; the clock finishes what a crash has left so. `drafted`: a draft of
 * its own. `revised`: the next revision of the releases named. All others made nothing; those that wait for a person say so.
 */
export type AlertOutcome =
  | { is: 'taking'; releases: string[] }
  | { is: 'drafted'; release: string }
  | { is: 'revised'; releases: string[] }
  | { is: 'waits' }
  | { is: 'late'; releases: string[]; why: Said }
  | { is: 'ask'; releases: string[]; why: Said }
  | { is: 'conflict'; first: string }
  | { is: 'unknown_sender' }
  | { is: 'unsigned' }
  | { is: 'flood'; most: number }
  | { is: 'answer' }
  | { is: 'not_drafted'; why: Said }
  | { is: 'refused'; element: string; line: number; why: Said };
export const outcomeNames = [
  'taking',
  'drafted',
  'revised',
  'waits',
  'late',
  'ask',
  'conflict',
  'unknown_sender',
  'unsigned',
  'flood',
  'answer',
  'not_drafted',
  'refused',
] as const satisfies readonly AlertOutcome['is'][];

/** What its draft does not carry, or what whoever signs must look at. */
export interface AlertRemark {
  /** `flag`: to be looked at before it is signed. `left`: not in the draft. `note`: how it was read. */
  is: 'flag' | 'left' | 'note';
  said: Said;
}

export interface AlertRow {
  _id: string;
  origin: Origin;
  /** Person, by id; or a part of the hub. */
  by: string;
  at: Date;
  /** Of the unit whose source it came from, else of whoever took it in. */
  organization?: string;
  path: string;
  bytes: number;
  /** SHA-256 of the bytes, hex. */
  hash: string;
  encoding?: string;
  /** SHA-256 over what it says, whatever its spelling: the same message by another road is the same. Absent of what is no alert. */
  digest?: string;
  /** `sender,identifier`, of what was accepted and was the first of that name. */
  identity?: string;
  sender?: string;
  identifier?: string;
  /** As written. */
  sent?: string;
  sentAt?: Date;
  status?: (typeof statusValues)[number];
  msgType?: (typeof typeValues)[number];
  scope?: (typeof scopeValues)[number];
  event?: string;
  headline?: string;
  expires?: Date;
  /** Identities that it names. */
  refers: string[];
  /** XML signatures that came with it. They are kept and nobody has checked them. */
  signatures: number;
  source?: string;
  outcome: AlertOutcome;
  /** The name of the outcome, to be asked for. */
  state: AlertOutcome['is'];
  remarks: AlertRemark[];
  /** Releases that look like the same hazard though it names none. */
  like: string[];
  /** How often the same came again. */
  repeats: number;
  lastAt: Date;
  /** Who took it in all the same, against its first outcome. */
  vouched?: { by: string; at: Date; over: AlertOutcome['is'] };
}

/** The bytes as they came, in base64: no store changes them. Apart, so that lists stay quick. */
export interface AlertRaw {
  /** Of the alert. */
  _id: string;
  base64: string;
}

export interface AlertSource {
  _id: string;
  /** CAP's `sender`, exactly. */
  sender: string;
  name: string;
  /** Whose drafts its alerts become. */
  organization?: string;
  path: string;
  /** Alerts without a signature are held. */
  signed: boolean;
  /** Drafts an hour; what goes beyond is held. */
  hourly: number;
  enabled: boolean;
  createdBy: string;
  createdAt: Date;
}

export const alertSchema = new Schema<AlertRow>(
  {
    _id: { type: String, required: true },
    origin: { type: Schema.Types.Mixed, required: true },
    by: { type: String, required: true },
    at: { type: Date, required: true },
    organization: String,
    path: { type: String, default: '' },
    bytes: { type: Number, required: true },
    hash: { type: String, required: true },
    encoding: String,
    digest: String,
    identity: String,
    sender: String,
    identifier: String,
    sent: String,
    sentAt: Date,
    status: String,
    msgType: String,
    scope: String,
    event: String,
    headline: String,
    expires: Date,
    refers: { type: [String], default: [] },
    signatures: { type: Number, default: 0 },
    source: String,
    outcome: { type: Schema.Types.Mixed, required: true },
    state: { type: String, enum: outcomeNames, required: true },
    remarks: { type: Schema.Types.Mixed, default: [] },
    like: { type: [String], default: [] },
    repeats: { type: Number, default: 0 },
    lastAt: { type: Date, required: true },
    vouched: Schema.Types.Mixed,
  },
  { versionKey: false, collection: 'alerts', minimize: false },
);

alertSchema.index({ identity: 1 }, { unique: true, sparse: true });
alertSchema.index({ hash: 1 });
alertSchema.index({ path: 1 });
alertSchema.index({ state: 1, sender: 1 });
alertSchema.index({ sender: 1, at: 1 });
alertSchema.index({ sender: 1, identifier: 1 });
alertSchema.index({ sender: 1, event: 1 });

export const alertRawSchema = new Schema<AlertRaw>(
  { _id: { type: String, required: true }, base64: { type: String, required: true } },
  { versionKey: false, collection: 'alert_raws' },
);

export const alertSourceSchema = new Schema<AlertSource>(
  {
    _id: { type: String, required: true },
    sender: { type: String, required: true },
    name: { type: String, required: true },
    organization: String,
    path: { type: String, default: '' },
    signed: { type: Boolean, required: true },
    hourly: { type: Number, required: true },
    enabled: { type: Boolean, required: true },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
  },
  { versionKey: false, collection: 'alert_sources' },
);

alertSourceSchema.index({ sender: 1 }, { unique: true });
alertSourceSchema.index({ path: 1 });
