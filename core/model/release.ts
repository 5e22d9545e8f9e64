/** What is written once. A release has revisions; a revision is frozen when it is signed. */
import { Schema } from 'mongoose';
import type { Emergency } from '../../channels/emergency.js';
import type { TemplateUse } from './event-template.js';
import {
  changes,
  type Attachment,
  type Change,
  type Kind,
  type Picture,
  type PolicyHeader,
} from '../../channels/channel.js';

export const kinds = [
  'news',
  'notice',
  'policy',
  'interpretation',
  'emergency',
  'live',
] as const satisfies readonly Kind[];

export interface Release {
  _id: string;
  /** Of the newest revision, for lists. */
  title: string;
  kind: Kind;
  /** The unit whose release it is; absent with one of the hub as a whole. It reaches accounts of that unit and below. */
  organization?: string;
  /** Of the unit, as with an account; empty without one. */
  path: string;
  revision: string;
  revisions: number;
  createdBy: string;
  createdAt: Date;
  updatedAt: Date;
  /** The newest signed revision. */
  signed?: string;
  /** Orders so far: the sequence of the newest. */
  orders?: number;
  /** Set when it was first sent. */
  publishedAt?: Date;
  withdrawnAt?: Date;
  /** Name of the file it was imported from: other documents refer to it by that. */
  document?: string;
  /** The alert received that it was made of. */
  alert?: string;
  /** The newest alert that became a revision of it. */
  lastAlert?: string;
  /** The event template that its newest revision was made from. */
  template?: string;
}

export interface Revision {
  _id: string;
  release: string;
  number: number;
  kind: Kind;
  language: string;
  title: string;
  summary: string;
  body: string;
  author?: string;
  source: string;
  columns: string[];
  keywords: string[];
  cover?: string;
  pictures: Picture[];
  attachments: Attachment[];
  policy?: PolicyHeader;
  emergency?: Emergency;
  /** What it is to the revision before: 更正 or 续报. Absent of a first one and of a warning. */
  change?: Change;
  /** Ids of releases. Absent where there are none. */
  interprets?: string[];
  interpretations?: string[];
  /** Releases of others whose warnings it updates or lifts. Absent where there are none. */
  means?: string[];
  /** The alert received that this revision was made of. */
  alert?: string;
  /** The event template that it was made from: what that has locked stays. */
  template?: TemplateUse;
  createdBy: string;
  createdAt: Date;
  /** SHA-256 over the content; what a signature covers. */
  hash: string;
  /** SHA-256 over title and body as people read them: the same in two releases is the same text. Absent of what was written before it was kept. */
  words?: string;
  /** Absent while it may still be discarded; once set, the revision never changes. */
  signed?: { by: string; at: Date };
}

export const releaseSchema = new Schema<Release>(
  {
    _id: { type: String, required: true },
    title: { type: String, required: true },
    kind: { type: String, enum: kinds, required: true },
    organization: String,
    path: { type: String, default: '' },
    revision: { type: String, required: true },
    revisions: { type: Number, required: true },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
    signed: String,
    orders: Number,
    publishedAt: Date,
    withdrawnAt: Date,
    document: String,
    alert: String,
    lastAlert: String,
    template: String,
  },
  { versionKey: false, collection: 'releases' },
);

releaseSchema.index({ updatedAt: -1 });
releaseSchema.index({ path: 1 });
releaseSchema.index({ organization: 1 }, { sparse: true });
releaseSchema.index({ document: 1, _id: 1 }, { sparse: true });
releaseSchema.index({ template: 1, _id: 1 }, { sparse: true });
releaseSchema.index({ alert: 1 }, { unique: true, sparse: true });

export const revisionSchema = new Schema<Revision>(
  {
    _id: { type: String, required: true },
    release: { type: String, required: true },
    number: { type: Number, required: true },
    kind: { type: String, enum: kinds, required: true },
    language: { type: String, required: true },
    title: { type: String, required: true },
    summary: { type: String, default: '' },
    body: { type: String, default: '' },
    author: String,
    source: { type: String, required: true },
    columns: { type: [String], default: [] },
    keywords: { type: [String], default: [] },
    cover: String,
    pictures: { type: Schema.Types.Mixed, default: [] },
    attachments: { type: Schema.Types.Mixed, default: [] },
    policy: Schema.Types.Mixed,
    emergency: Schema.Types.Mixed,
    change: { type: String, enum: changes },
    interprets: Schema.Types.Mixed,
    interpretations: Schema.Types.Mixed,
    means: { type: [String], default: undefined },
    alert: String,
    template: Schema.Types.Mixed,
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    hash: { type: String, required: true },
    words: String,
    signed: Schema.Types.Mixed,
  },
  { versionKey: false, collection: 'revisions', minimize: false },
);

revisionSchema.index({ release: 1, number: 1 }, { unique: true });
// By each release that is meant: whoever looks at a warning is told what has become of it.
revisionSchema.index({ means: 1, _id: 1 }, { name: 'means_each' });
/** One release takes an alert once, whatever crashed in between. */
revisionSchema.index({ alert: 1, release: 1 }, { unique: true, partialFilterExpression: { alert: { $gt: '' } } });
