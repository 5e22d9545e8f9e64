/** Who answers for a unit's accounts, and when (值班表): shifts with an end, and a standing order of steps for all other times. */
import { Schema } from 'mongoose';

export const ways = ['webhook', 'mail', 'sms'] as const;
export type Way = (typeof ways)[number];

/** How somebody is told: `after` is a length of time, in minutes, from the beginning of their step. */
export interface Told {
  by: Way;
  after: number;
}

/** One line of the roster. */
export interface DutyEntry {
  _id: string;
  organization: string;
  /** Of the unit, as with an account. */
  path: string;
  /** 1 is told first; those of one step are told together. */
  step: number;
  name: string;
  /** Id of the person, where it is one of the hub: who has left is told nothing. */
  person?: string;
  phone?: string;
  mail?: string;
  webhook?: string;
  /** By which ways; all that there are, at once, where absent. */
  told?: Told[];
  /** Their own receipt is needed, whoever else has answered. */
  required?: true;
  /** Instants between which it holds. Without either: the standing order, for times without a shift. */
  from?: Date;
  until?: Date;
  /** Stands in for the one of this name, in the same unit, between its instants. */
  instead?: string;
  by: string;
  at: Date;
}

export const dutyEntrySchema = new Schema<DutyEntry>(
  {
    _id: { type: String, required: true },
    organization: { type: String, required: true },
    path: { type: String, required: true },
    step: { type: Number, required: true },
    name: { type: String, required: true },
    person: String,
    phone: String,
    mail: String,
    webhook: String,
    told: { type: [Schema.Types.Mixed], default: undefined },
    required: Boolean,
    from: Date,
    until: Date,
    instead: String,
    by: { type: String, required: true },
    at: { type: Date, required: true },
  },
  { versionKey: false, collection: 'duty_entries' },
);

dutyEntrySchema.index({ organization: 1 });
dutyEntrySchema.index({ path: 1 });
dutyEntrySchema.index({ person: 1 }, { sparse: true });

/** How long a unit lets its people before the next is told, in minutes. */
export interface DutyRule {
  /** The unit's id. */
  _id: string;
  path: string;
  emergency: number;
  routine: number;
}

export const dutyRuleSchema = new Schema<DutyRule>(
  {
    _id: { type: String, required: true },
    path: { type: String, required: true },
    emergency: { type: Number, required: true },
    routine: { type: Number, required: true },
  },
  { versionKey: false, collection: 'duty_rules' },
);

/** Where a unit says nothing, in minutes. */
export const usualMinutes = { emergency: 5, routine: 60 } as const;
