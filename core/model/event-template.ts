/**
 * An event template (事件模板): what a warning of one kind says before anybody knows where and until when. A unit's template
 * is used by all units below it. A version never changes, so that a draft can be held against the one it was made from.
 */
import { Schema } from 'mongoose';
import type { Emergency, Level } from '../../channels/emergency.js';

/** Settings of the warning that a template may decide once and for all. Event and level are always the template's. */
export const lockable = ['guide', 'category', 'responseType', 'urgency', 'severity', 'certainty', 'contact'] as const;

/** A part of a text, with slots as `{{影响区域}}`. A locked one nobody may change who fills the template in. */
export interface Passage {
  /** What it is called where it is refused. */
  name?: string | undefined;
  /** Above it, in the long text alone. */
  heading?: string | undefined;
  text: string;
  locked: boolean;
}

/** What is asked of whoever fills the template in, beside what every warning says. */
export interface Fact {
  name: string;
  is: 'text' | 'number' | 'time' | 'choice';
  choices?: string[] | undefined;
  hint?: string | undefined;
  /** Shown in the preview of the template. */
  sample?: string | undefined;
  /** Passages that name it are left out without it. */
  optional?: true | undefined;
}

/** What holds at one level; what is absent is asked. */
export interface OfLevel {
  /** What people must do, one sentence each. */
  guide: string[];
  urgency?: Emergency['urgency'];
  severity?: Emergency['severity'];
  certainty?: Emergency['certainty'];
}

export interface Content {
  name: string;
  event: string;
  /** Other names of the event, as alerts received use them. */
  aliases: string[];
  category: NonNullable<Emergency['category']>;
  responseType?: Emergency['responseType'];
  contact?: string | undefined;
  /** Who issues it; the unit's name where absent. */
  source?: string | undefined;
  levels: Partial<Record<Level, OfLevel | undefined>>;
  /** Else it begins when it is filled in. */
  asksOnset: boolean;
  asksExpires: boolean;
  facts: Fact[];
  title: { text: string; locked: boolean };
  /** Weibo, notifications, text messages. */
  short: Passage[];
  /** Website and WeChat. */
  long: Passage[];
  /** Loudspeakers and broadcast. */
  spoken: Passage[];
  locked: (typeof lockable)[number][];
  /** Until the next person of a unit is called; the unit's own where absent. */
  minutes?: number | undefined;
}

/** The facts that a draft was filled in with, as they were understood. Instants are UTC in ISO 8601. */
export interface GivenFacts {
  level: Level;
  areas: { code?: string | undefined; name: string }[];
  onset: string;
  expires?: string | undefined;
  urgency?: Emergency['urgency'];
  severity?: Emergency['severity'];
  certainty?: Emergency['certainty'];
  /** Of the template's own facts, by name. */
  own: Record<string, string>;
}

/** From which version a text was made, and with what. */
export interface TemplateUse {
  id: string;
  version: number;
  facts: GivenFacts;
}

export interface EventTemplate {
  _id: string;
  /** Of its newest version. */
  name: string;
  event: string;
  organization?: string;
  /** Of the unit; empty of the hub as a whole. */
  path: string;
  /** The number of its newest version, from 1. */
  version: number;
  /** The template of a unit above of which this is a stricter form. */
  follows?: string;
  by: string;
  at: Date;
  /** Since when no new draft is made from it. */
  withdrawn?: { by: string; at: Date; reason: string };
}

export const eventTemplateSchema = new Schema<EventTemplate>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    event: { type: String, required: true },
    organization: String,
    path: { type: String, default: '' },
    version: { type: Number, required: true },
    follows: String,
    by: { type: String, required: true },
    at: { type: Date, required: true },
    withdrawn: Schema.Types.Mixed,
  },
  { versionKey: false, collection: 'event_templates', minimize: false },
);

eventTemplateSchema.index({ path: 1, _id: 1 });
eventTemplateSchema.index({ organization: 1 });
eventTemplateSchema.index({ follows: 1 }, { sparse: true });

export interface EventTemplateVersion {
  /** Of the template and the number, as `versionId` makes it. */
  _id: string;
  template: string;
  version: number;
  content: Content;
  by: string;
  at: Date;
}

export function versionId(template: string, version: number): string {
  return `${template}.${version}`;
}

export const eventTemplateVersionSchema = new Schema<EventTemplateVersion>(
  {
    _id: { type: String, required: true },
    template: { type: String, required: true },
    version: { type: Number, required: true },
    content: { type: Schema.Types.Mixed, required: true },
    by: { type: String, required: true },
    at: { type: Date, required: true },
  },
  { versionKey: false, collection: 'event_template_versions', minimize: false },
);

eventTemplateVersionSchema.index({ template: 1, version: 1 }, { unique: true });
