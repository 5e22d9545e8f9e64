/** The library of drills (演练库): scenarios, of a unit, for it and all below; and each drill that was begun from one. */
import { Schema } from 'mongoose';
import { levels, type Level } from '../../channels/emergency.js';
import type { Audience } from './order.js';

/** Which units a scenario asks to hold it: its own, those directly below, or its own and all below. */
export const holders = ['own', 'below', 'all'] as const;
type Holders = (typeof holders)[number];

export interface DrillScenario {
  _id: string;
  title: string;
  organization?: string;
  /** Of the unit; empty of the hub as a whole. */
  path: string;
  event: string;
  level: Level;
  /** Plain text. */
  text: string;
  instruction: string;
  /** By which event template the text was made, as a person names it. */
  template?: string;
  audience: Audience;
  /** What is rehearsed: faults and steps, one a line. */
  injects: string[];
  holders: Holders;
  /** How often each of those units must hold it, in months; absent: whenever it likes. */
  everyMonths?: number;
  /** Grows with every change: a change says which one it saw. */
  version: number;
  by: string;
  at: Date;
  /** Since when it asks to be held: units have their months from then on. */
  since: Date;
  closedAt?: Date;
}

export const drillScenarioSchema = new Schema<DrillScenario>(
  {
    _id: { type: String, required: true },
    title: { type: String, required: true },
    organization: String,
    path: { type: String, default: '' },
    event: { type: String, required: true },
    level: { type: String, enum: levels, required: true },
    text: { type: String, required: true },
    instruction: { type: String, required: true },
    template: String,
    audience: { type: Schema.Types.Mixed, required: true },
    injects: { type: [String], default: [] },
    holders: { type: String, enum: holders, required: true },
    everyMonths: Number,
    version: { type: Number, required: true },
    by: { type: String, required: true },
    at: { type: Date, required: true },
    since: { type: Date, required: true },
    closedAt: Date,
  },
  { versionKey: false, collection: 'drill_scenarios', minimize: false },
);

drillScenarioSchema.index({ path: 1, _id: 1 });
drillScenarioSchema.index({ organization: 1 });

/** What a drill has shown, in a person's words, and who sees to it by when. */
export interface Finding {
  id: string;
  text: string;
  /** A person's id. */
  owner: string;
  /** Civil day in Beijing, `YYYY-MM-DD`. */
  due: string;
  by: string;
  at: Date;
  done?: { by: string; at: Date };
}

/** A drill that a unit began: its release is an exercise, and was held once that went out. */
export interface Drill {
  _id: string;
  scenario: string;
  title: string;
  /** What the scenario rehearsed then. */
  injects: string[];
  audience: Audience;
  organization?: string;
  path: string;
  release: string;
  by: string;
  at: Date;
  findings: Finding[];
  /** Persons who have a finding to see to, each once. */
  owners: string[];
  version: number;
}

export const drillSchema = new Schema<Drill>(
  {
    _id: { type: String, required: true },
    scenario: { type: String, required: true },
    title: { type: String, required: true },
    injects: { type: [String], default: [] },
    audience: { type: Schema.Types.Mixed, required: true },
    organization: String,
    path: { type: String, default: '' },
    release: { type: String, required: true },
    by: { type: String, required: true },
    at: { type: Date, required: true },
    findings: { type: Schema.Types.Mixed, default: [] },
    owners: { type: [String], default: [] },
    version: { type: Number, required: true },
  },
  { versionKey: false, collection: 'drills', minimize: false },
);

drillSchema.index({ scenario: 1, _id: 1 });
drillSchema.index({ path: 1, _id: 1 });
drillSchema.index({ organization: 1 });
drillSchema.index({ release: 1 }, { unique: true });
// Of each of them: see core/store/embedded/lists.ts.
drillSchema.index({ owners: 1, _id: 1 }, { name: 'owners_each' });
