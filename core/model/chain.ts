/** The chain of review (审签流程) as data: which steps a text passes before it is ordered, by unit, kind and occasion. */
import { Schema } from 'mongoose';
import type { Kind, Said } from '../../channels/channel.js';
import { kinds } from './release.js';
import type { Role } from './roles.js';

/** A first publication, a later revision of what is signed, a withdrawal. */
export const occasions = ['publish', 'correct', 'withdraw'] as const;
export type Occasion = (typeof occasions)[number];

export const stepRoles = ['reviewer', 'signer', 'commander'] as const satisfies readonly Role[];
export type StepRole = (typeof stepRoles)[number];

export interface ChainStep {
  id: string;
  name: Said;
  role: StepRole;
  /** Whose step it is, of those who have the role; anybody of them where absent. */
  persons?: string[] | undefined;
}

/** One version of one chain. It is never changed: a change is the next version. Written by core/reviews/chains.ts alone, which seals it. */
export interface ChainVersion {
  /** `<scope>@<version>` */
  _id: string;
  /** Unit, kind and occasion that it is for, as one text. */
  scope: string;
  version: number;
  /** Id of the unit; empty: the hub as a whole. */
  unit: string;
  kind?: Kind;
  occasion?: Occasion;
  /** The last one signs. Empty: the unit has no chain of its own any more. */
  steps: ChainStep[];
  by: string;
  at: Date;
  /** By the hub's secret: a version written by hand in the database counts for nothing. */
  seal: string;
}

export const chainSchema = new Schema<ChainVersion>(
  {
    _id: { type: String, required: true },
    scope: { type: String, required: true },
    version: { type: Number, required: true },
    unit: { type: String, default: '' },
    kind: { type: String, enum: kinds },
    occasion: { type: String, enum: occasions },
    steps: { type: Schema.Types.Mixed, required: true },
    by: { type: String, required: true },
    at: { type: Date, required: true },
    seal: { type: String, required: true },
  },
  { versionKey: false, collection: 'chains' },
);

chainSchema.index({ scope: 1, version: -1 }, { unique: true });
chainSchema.index({ unit: 1 });

/** What persons may do alone whom an admin names: write and sign (单人值守), or send a broadcast when nobody else can be had (紧急直发). */
export const soloKinds = ['unit', 'glass'] as const;
export type SoloKind = (typeof soloKinds)[number];

/** Persons of a unit who may do that, each named by an admin. One row a unit and kind, sealed like a chain. */
export interface SoloDuty {
  /** `<kind>:<id>` */
  _id: string;
  /** Empty: the hub as a whole. */
  unit: string;
  persons: string[];
  /** The place that the admin is over: it lifts no chain that was set above that. */
  reach: string;
  by: string;
  at: Date;
  seal: string;
}

export const soloSchema = new Schema<SoloDuty>(
  {
    _id: { type: String, required: true },
    unit: { type: String, default: '' },
    persons: { type: [String], required: true },
    reach: { type: String, default: '' },
    by: { type: String, required: true },
    at: { type: Date, required: true },
    seal: { type: String, required: true },
  },
  { versionKey: false, collection: 'solo_duties' },
);
