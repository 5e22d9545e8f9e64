/**
 * The way to data: mongoose models on one connection. MongoDB where `uri` is given, else the embedded store over one
 * SQLite file. Mongoose instances are made per store, so both can live in one process.
 */
import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import mongoose, { type Connection, type Model } from 'mongoose';
import { alertEntrySchema, alertInletSchema, type AlertEntry, type AlertInlet } from '../model/alert-inlet.js';
import {
  alertRawSchema,
  alertSchema,
  alertSourceSchema,
  type AlertRaw,
  type AlertRow,
  type AlertSource,
} from '../model/alert.js';
import { accountSchema, type AccountRow } from '../model/account.js';
import {
  askingSchema,
  calloutSchema,
  calloutSettingsSchema,
  type Asking,
  type Callout,
  type CalloutSettings,
} from '../model/callout.js';
import { chainSchema, soloSchema, type ChainVersion, type SoloDuty } from '../model/chain.js';
import { commentSchema, type Comment } from '../model/comment.js';
import {
  auditDaySchema,
  auditEntrySchema,
  auditHeadSchema,
  type AuditDay,
  type AuditEntry,
  type AuditHead,
} from '../model/audit-entry.js';
import { calendarYearSchema, type CalendarYear } from '../model/calendar-year.js';
import { drillScenarioSchema, drillSchema, type Drill, type DrillScenario } from '../model/drill.js';
import { dutyEntrySchema, dutyRuleSchema, type DutyEntry, type DutyRule } from '../model/duty.js';
import {
  eventTemplateSchema,
  eventTemplateVersionSchema,
  type EventTemplate,
  type EventTemplateVersion,
} from '../model/event-template.js';
import { freezeHeadSchema, freezeSchema, type Freeze, type FreezeHead } from '../model/freeze.js';
import { orderSchema, type Order } from '../model/order.js';
import { eventSchema, placementSchema, type LoggedEvent, type Placement } from '../model/placement.js';
import { recordSchema, type KeptRecord } from '../model/record.js';
import { lookSchema, type Look } from '../model/look.js';
import { mediumSchema, type Medium } from '../model/medium.js';
import { noticeSchema, type Notice } from '../model/notice.js';
import { personalNoticeSchema, type PersonalNotice } from '../model/personal-notice.js';
import { organizationSchema, type Organization } from '../model/organization.js';
import { regionOutlineSchema, type RegionOutline } from '../model/region-outline.js';
import { releaseSchema, revisionSchema, type Release, type Revision } from '../model/release.js';
import { reviewSchema, type Review } from '../model/review.js';
import { savedAudienceSchema, type SavedAudience } from '../model/saved-audience.js';
import { accountListSchema, type AccountList } from '../model/account-list.js';
import { signingKeySchema, type SigningKey } from '../model/signing-key.js';
import { apiKeySchema, grantSchema, personSchema, type ApiKey, type Grant, type Person } from '../model/person.js';
import {
  identityAskedSchema,
  identitySchema,
  linkSchema,
  recoveryCodeSchema,
  spentStepSchema,
  type Identity,
  type IdentityAsked,
  type Link,
  type RecoveryCode,
  type SpentStep,
} from '../model/sign-in.js';
import { closedMongoDriver } from './closed.js';
import { embeddedDriver } from './embedded/driver.js';
import { decided, patience, watch } from './mongodb/decided.js';
import { requireFit } from './mongodb/fitness.js';
import { refuseNewer, refuseOlder } from './upgrade.js';

const embeddedFile = 'lianfa.sqlite';

export interface Store {
  kind: 'mongodb' | 'embedded';
  connection: Connection;
  organizations: Model<Organization>;
  accounts: Model<AccountRow>;
  regionOutlines: Model<RegionOutline>;
  savedAudiences: Model<SavedAudience>;
  /** The library of drills, and those begun from it. */
  drillScenarios: Model<DrillScenario>;
  drills: Model<Drill>;
  eventTemplates: Model<EventTemplate>;
  eventTemplateVersions: Model<EventTemplateVersion>;
  releases: Model<Release>;
  revisions: Model<Revision>;
  orders: Model<Order>;
  accountLists: Model<AccountList>;
  placements: Model<Placement>;
  /** What happened to placements and is no longer kept in their rows. */
  events: Model<LoggedEvent>;
  records: Model<KeptRecord>;
  /** Legal holidays that operators entered. */
  calendarYears: Model<CalendarYear>;
  media: Model<Medium>;
  notices: Model<Notice>;
  personalNotices: Model<PersonalNotice>;
  freezes: Model<Freeze>;
  freezeHeads: Model<FreezeHead>;
  dutyEntries: Model<DutyEntry>;
  dutyRules: Model<DutyRule>;
  /** Written by `record`, taken away by the clock. */
  askings: Model<Asking>;
  callouts: Model<Callout>;
  calloutSettings: Model<CalloutSettings>;
  people: Model<Person>;
  grants: Model<Grant>;
  apiKeys: Model<ApiKey>;
  chains: Model<ChainVersion>;
  soloDuties: Model<SoloDuty>;
  reviews: Model<Review>;
  comments: Model<Comment>;
  looks: Model<Look>;
  signingKeys: Model<SigningKey>;
  links: Model<Link>;
  spentSteps: Model<SpentStep>;
  recoveryCodes: Model<RecoveryCode>;
  identities: Model<Identity>;
  /** Messages received from outside, and apart from them their bytes. */
  alerts: Model<AlertRow>;
  alertRaws: Model<AlertRaw>;
  alertSources: Model<AlertSource>;
  alertInlets: Model<AlertInlet>;
  alertEntries: Model<AlertEntry>;
  /** Identities that wait for an admin. */
  identitiesAsked: Model<IdentityAsked>;
  /** Written by core/audit/book.ts alone. */
  auditEntries: Model<AuditEntry>;
  auditHead: Model<AuditHead>;
  /** Written by core/audit/days.ts alone. */
  auditDays: Model<AuditDay>;
  close(): Promise<void>;
}

export interface StorePlace {
  uri?: string | undefined;
  dataFolder: string;
}

/** Opens the store and makes its indexes. `dataFolder` must exist. Throws where the database cannot be reached within 10 s, LianfaError store_unfit where it cannot carry the hub, and OlderStore and LianfaError newer_version where another version's data lie in it. */
export async function openStore(place: StorePlace): Promise<Store> {
  const store = await openStoreAsFound(place);
  try {
    await refuseOlder(store.connection);
    await refuseNewer(store.connection);
  } catch (error) {
    await store.close();
    throw error;
  }
  for (const model of Object.values(store.connection.models)) await model.createIndexes();
  return store;
}

/** Whether there is a database yet that could be opened; where it is on a server, only that can tell. */
export function hasStore({ uri, dataFolder }: StorePlace): boolean {
  return uri !== undefined || existsSync(join(dataFolder, embeddedFile));
}

/** The same without making indexes, for whoever checks what somebody may have tampered with. Throws where the database cannot be reached within 10 s. */
export async function openStoreAsFound(options: StorePlace): Promise<Store> {
  if (options.uri === undefined) ownersOnly(join(options.dataFolder, embeddedFile));
  else await requireFit(options.uri);
  const odm = new mongoose.Mongoose();
  odm.setDriver(options.uri ? closedMongoDriver : embeddedDriver);
  const address = options.uri ?? `lianfa-embedded://${join(options.dataFolder, embeddedFile)}`;
  const connection = await odm
    .createConnection(address, {
      ...{ ...decided, ...watch, serverSelectionTimeoutMS: patience.selection },
      // Mongoose would hold back for as long what begins while there is no primary, and call it by no name of the driver's.
      ...{ autoIndex: false, ignoreUndefined: true, bufferCommands: false },
    })
    .asPromise();
  return {
    kind: options.uri ? ('mongodb' as const) : ('embedded' as const),
    connection,
    organizations: connection.model<Organization>('Organization', organizationSchema),
    accounts: connection.model<AccountRow>('Account', accountSchema),
    regionOutlines: connection.model<RegionOutline>('RegionOutline', regionOutlineSchema),
    savedAudiences: connection.model<SavedAudience>('SavedAudience', savedAudienceSchema),
    drillScenarios: connection.model<DrillScenario>('DrillScenario', drillScenarioSchema),
    drills: connection.model<Drill>('Drill', drillSchema),
    eventTemplates: connection.model<EventTemplate>('EventTemplate', eventTemplateSchema),
    eventTemplateVersions: connection.model<EventTemplateVersion>('EventTemplateVersion', eventTemplateVersionSchema),
    releases: connection.model<Release>('Release', releaseSchema),
    revisions: connection.model<Revision>('Revision', revisionSchema),
    orders: connection.model<Order>('Order', orderSchema),
    accountLists: connection.model<AccountList>('AccountList', accountListSchema),
    placements: connection.model<Placement>('Placement', placementSchema),
    events: connection.model<LoggedEvent>('Event', eventSchema),
    records: connection.model<KeptRecord>('Record', recordSchema),
    calendarYears: connection.model<CalendarYear>('CalendarYear', calendarYearSchema),
    media: connection.model<Medium>('Medium', mediumSchema),
    notices: connection.model<Notice>('Notice', noticeSchema),
    personalNotices: connection.model<PersonalNotice>('PersonalNotice', personalNoticeSchema),
    freezes: connection.model<Freeze>('Freeze', freezeSchema),
    freezeHeads: connection.model<FreezeHead>('FreezeHead', freezeHeadSchema),
    dutyEntries: connection.model<DutyEntry>('DutyEntry', dutyEntrySchema),
    dutyRules: connection.model<DutyRule>('DutyRule', dutyRuleSchema),
    askings: connection.model<Asking>('Asking', askingSchema),
    callouts: connection.model<Callout>('Callout', calloutSchema),
    calloutSettings: connection.model<CalloutSettings>('CalloutSettings', calloutSettingsSchema),
    people: connection.model<Person>('Person', personSchema),
    grants: connection.model<Grant>('Grant', grantSchema),
    apiKeys: connection.model<ApiKey>('ApiKey', apiKeySchema),
    chains: connection.model<ChainVersion>('Chain', chainSchema),
    soloDuties: connection.model<SoloDuty>('SoloDuty', soloSchema),
    reviews: connection.model<Review>('Review', reviewSchema),
    comments: connection.model<Comment>('Comment', commentSchema),
    looks: connection.model<Look>('Look', lookSchema),
    signingKeys: connection.model<SigningKey>('SigningKey', signingKeySchema),
    links: connection.model<Link>('Link', linkSchema),
    spentSteps: connection.model<SpentStep>('SpentStep', spentStepSchema),
    recoveryCodes: connection.model<RecoveryCode>('RecoveryCode', recoveryCodeSchema),
    identities: connection.model<Identity>('Identity', identitySchema),
    alerts: connection.model<AlertRow>('Alert', alertSchema),
    alertRaws: connection.model<AlertRaw>('AlertRaw', alertRawSchema),
    alertSources: connection.model<AlertSource>('AlertSource', alertSourceSchema),
    alertInlets: connection.model<AlertInlet>('AlertInlet', alertInletSchema),
    alertEntries: connection.model<AlertEntry>('AlertEntry', alertEntrySchema),
    identitiesAsked: connection.model<IdentityAsked>('IdentityAsked', identityAskedSchema),
    auditEntries: connection.model<AuditEntry>('AuditEntry', auditEntrySchema),
    auditHead: connection.model<AuditHead>('AuditHead', auditHeadSchema),
    auditDays: connection.model<AuditDay>('AuditDay', auditDaySchema),
    close: () => connection.close(),
  };
}

/** SQLite gives the files beside it the rights that this one has. */
function ownersOnly(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}
