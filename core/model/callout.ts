/** A callout (叫应): what of one unit asks for a hand, in one list, and what was done to find somebody who answers for it. */
import { Schema } from 'mongoose';
import type { PlatformWords, Said } from '../../channels/channel.js';
import type { Way } from './duty.js';
import type { Lane } from './placement.js';

export const reasons = ['hand', 'unknown', 'action'] as const;
export const calloutStates = ['calling', 'answered', 'over'] as const;
export const itemStates = ['open', 'answered', 'over'] as const;
export const messageStates = ['queued', 'sending', 'accepted', 'failed', 'unknown', 'withdrawn'] as const;
export const calloutHappenings = [
  'made',
  'joined',
  'called',
  'skipped',
  'exhausted',
  'accepted',
  'failed',
  'unknown',
  'opened',
  'receipt',
  'late',
  'answered',
  'over',
  'withdrawn',
] as const;

/** `hand`: a draft lies there, or the account has no API. `unknown`: nobody knows what became of it. `action`: anything else. */
export type Reason = (typeof reasons)[number];

/** `answered`: all that it lists has an end, and a person's word gave it. `over`: nothing of it asks for anybody any more. */
export type CalloutState = (typeof calloutStates)[number];

/** One placement that asks for a hand. A receipt for it says nothing of its neighbours. */
export interface CalloutItem {
  /** Made of its placement and the instant since which that asks. */
  id: string;
  placement: string;
  release: string;
  title: string;
  account: string;
  accountName: string;
  channel: string;
  reason: Reason;
  cause?: Said;
  todo?: Said;
  /** What a loudspeaker is to read of it. */
  spoken?: string;
  /** Since when the placement asks. */
  since: Date;
  state: (typeof itemStates)[number];
  /** It was to be put there by hand, and its warning ended by the clock before anybody had: when. */
  ended?: Date;
  /** Its receipt is still to be told to the ledger. */
  owed?: true;
}

/** Somebody who is told, as the roster had them then. */
export interface Called {
  /** Of the unit whose roster it is, and how many levels above the account's own. */
  unit: string;
  unitName: string;
  level: number;
  step: number;
  name: string;
  person?: string;
  phone?: string;
  mail?: string;
  webhook?: string;
  required?: true;
}

/**
 * `accepted` is the next system's yes. `unknown`: it left and nobody can tell whether it arrived. A message that was
 * claimed and has no outcome is `sending`.
 */
export type MessageState = (typeof messageStates)[number];

/** One message to one person by one way. The four instants are four different truths: none follows from another. */
export interface CalloutMessage {
  /** Within its callout, from 1. */
  n: number;
  /** `stand-down`: somebody else has answered, or nobody needs to any more. */
  kind: 'call' | 'stand-down';
  /** Of a stand-down: the items whose warnings have ended, which are not to be put anywhere any more. */
  ended?: string[];
  to: Called;
  way: Way;
  state: MessageState;
  /** Not before. */
  dueAt: Date;
  tries: number;
  /** A try may have landed without an answer: where the next system can be asked, it is asked first. */
  doubted?: true;
  /** It failed at least once: its step need not be waited for. */
  stumbled?: true;
  claim?: { token: string; until: Date };
  /** The request has left. */
  sentAt?: Date;
  /** The next system (mail server, provider, receiver of the webhook) has taken it. */
  acceptedAt?: Date;
  /** Its link was opened by hand. */
  openedAt?: Date;
  /** Its link brought a receipt, the first of perhaps several. */
  receiptAt?: Date;
  cause?: Said;
  platform?: PlatformWords;
}

/** A unit's confirmation (回执): a person's word. */
export interface Receipt {
  at: Date;
  /** What of the list it is for. */
  item: string;
  /** By which message's link. */
  message: number;
  /** As they signed it; `person` where the roster knows who that is. */
  name: string;
  person?: string;
  unit: string;
  url?: string;
  words?: string;
  /** SHA-256 of the picture that proves it, in the media library. */
  picture?: string;
  /** It came when nobody waited for it any more: kept, and nothing follows from it. */
  late?: true;
}

export interface CalloutEvent {
  at: Date;
  is: (typeof calloutHappenings)[number];
  /** Whom it concerns. */
  name?: string;
  unitName?: string;
  step?: number;
  way?: Way;
  message?: number;
  /** What of the list it is about. */
  item?: string;
  cause?: Said;
}

export interface Callout {
  /** That of its first item: unique by construction. */
  _id: string;
  /** Which unit's list it is, as long as more may join: there is one at a time. */
  open?: string;
  /** Never empty; in the order in which they joined. */
  items: CalloutItem[];
  /** Those of its items. */
  releases: string[];
  organization: string;
  unitName: string;
  path: string;
  lane: Lane;
  /** Of an exercise: every text says so first. */
  exercise?: true;
  at: Date;
  state: CalloutState;
  /** Until the next step, from the beginning of one. */
  minutes: number;
  /** Steps that have had their turn, as `unit/step`. */
  passed: string[];
  /** When the next step has its turn; absent where none is left or nobody is waited for. */
  stepAt?: Date;
  /** Every step had its turn and nobody has answered. */
  exhausted?: true;
  messages: CalloutMessage[];
  receipts: Receipt[];
  happened: CalloutEvent[];
  /** When the clock looks at it next; absent where there is nothing to do. */
  dueAt?: Date;
  /** A receipt is still to be told to the ledger. */
  settleAt?: Date;
  version: number;
}

/** Written whole under its version: what two could do at once is decided by one write. */
export const calloutSchema = new Schema<Callout>(
  {
    _id: { type: String, required: true },
    open: String,
    items: [Schema.Types.Mixed],
    releases: [String],
    organization: { type: String, required: true },
    unitName: { type: String, required: true },
    path: { type: String, required: true },
    lane: { type: String, required: true },
    exercise: Boolean,
    at: { type: Date, required: true },
    state: { type: String, enum: calloutStates, required: true },
    minutes: { type: Number, required: true },
    passed: [String],
    stepAt: Date,
    exhausted: Boolean,
    messages: [Schema.Types.Mixed],
    receipts: [Schema.Types.Mixed],
    happened: [Schema.Types.Mixed],
    dueAt: Date,
    settleAt: Date,
    version: { type: Number, required: true },
  },
  { versionKey: false, collection: 'callouts', minimize: false },
);

calloutSchema.index({ lane: 1, dueAt: 1 });
calloutSchema.index({ open: 1 }, { unique: true, sparse: true });
calloutSchema.index({ releases: 1, _id: 1 }, { name: 'releases_each' });
calloutSchema.index({ state: 1, _id: 1 });
calloutSchema.index({ path: 1 });
calloutSchema.index({ organization: 1 });
calloutSchema.index({ settleAt: 1 }, { sparse: true });

/** By which ways the hub as a whole tells people; secrets are sealed under this row's id. */
export interface CalloutSettings {
  _id: 'callouts';
  mail?: { host: string; port: number; secure: boolean; from: string; user?: string };
  sms?: { adapter: string; settings: Record<string, unknown> };
  /** `{ webhook?, mail?, sms? }` */
  sealed: string;
  version: number;
}

export const calloutSettingsSchema = new Schema<CalloutSettings>(
  {
    _id: { type: String, required: true },
    mail: Schema.Types.Mixed,
    sms: Schema.Types.Mixed,
    sealed: { type: String, required: true },
    version: { type: Number, required: true },
  },
  { versionKey: false, collection: 'callout_settings', minimize: false },
);

/** A placement that has begun to ask for a person, written by `record` with the row that says so. It stays, so that what is noted twice is one. */
export interface Asking {
  /** Of the item that becomes of it. */
  _id: string;
  placement: string;
  /** Until it stands on a list. */
  lane?: Lane;
  since: Date;
}

export const askingSchema = new Schema<Asking>(
  {
    _id: { type: String, required: true },
    placement: { type: String, required: true },
    lane: String,
    since: { type: Date, required: true },
  },
  { versionKey: false, collection: 'askings' },
);

askingSchema.index({ lane: 1, _id: 1 }, { sparse: true });
