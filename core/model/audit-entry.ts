/** The book of acts (审计): who did what, in one line of entries of which each names the one before it by its hash. */
import { Schema } from 'mongoose';

export const outcomes = ['done', 'refused'] as const;
export type Outcome = (typeof outcomes)[number];

/**
 * One entry as it is stored. `body` is the record: the exact text that was hashed. Everything else repeats a part of it
 * so that it can be asked for, and is compared with it when the book is checked.
 */
export interface AuditEntry {
  /** SHA-256 of `body`, hex. */
  _id: string;
  /** Its place in the line, from 1. */
  n: number;
  /** Canonical JSON (RFC 8785) of an `EntryBody`. */
  body: string;
  at: Date;
  act: string;
  outcome: Outcome;
  person?: string;
  /** Of the unit concerned, as it was then; empty for what is of the hub as a whole. */
  path: string;
  release?: string;
}

export const auditEntrySchema = new Schema<AuditEntry>(
  {
    _id: { type: String, required: true },
    n: { type: Number, required: true },
    body: { type: String, required: true },
    at: { type: Date, required: true },
    act: { type: String, required: true },
    outcome: { type: String, enum: outcomes, required: true },
    person: String,
    path: { type: String, default: '' },
    release: String,
  },
  { versionKey: false, collection: 'audit_entries' },
);

auditEntrySchema.index({ n: 1 }, { unique: true });
auditEntrySchema.index({ person: 1, n: 1 });
auditEntrySchema.index({ release: 1, n: 1 });
auditEntrySchema.index({ path: 1, n: 1 });
auditEntrySchema.index({ act: 1, n: 1 });
auditEntrySchema.index({ outcome: 1, n: 1 });
auditEntrySchema.index({ at: 1 });

/** Where the line ends. Every act writes it first, so that acts happen one after another, on either store. */
export interface AuditHead {
  _id: 'head';
  /** The hub whose line it is: made by chance with the first entry. */
  hub: string;
  n: number;
  /** Of the newest entry. */
  hash: string;
  /** Written by whoever acts next, before anything else. */
  turn: string;
}

export const auditHeadSchema = new Schema<AuditHead>(
  {
    _id: { type: String, required: true },
    hub: { type: String, required: true },
    n: { type: Number, required: true },
    hash: { type: String, required: true },
    turn: { type: String, required: true },
  },
  { versionKey: false, collection: 'audit_head' },
);

/** The head as it was when a day (Beijing time) was over: published, so that strangers hold it. */
export interface AuditDay {
  /** `2026-11-28`. */
  _id: string;
  hub: string;
  n: number;
  hash: string;
  /** Of the tree over the line up to there: see core/audit/tree.ts. */
  root: string;
  at: Date;
}

export const auditDaySchema = new Schema<AuditDay>(
  {
    _id: { type: String, required: true },
    hub: { type: String, required: true },
    n: { type: Number, required: true },
    hash: { type: String, required: true },
    root: { type: String, required: true },
    at: { type: Date, required: true },
  },
  { versionKey: false, collection: 'audit_days' },
);
