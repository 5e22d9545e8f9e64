/** The one door to the hub: typed calls under /api/v1, and errors that say what to do. */
import type { AudienceSize, PlacementBody, OrderBody, ReleaseStatus, ResolveOrder } from '../core/placements/report';
import type { ImportResult } from '../core/import-result';
import type { ReleaseInput } from '../core/releases/input';
import type {
  AlertBody,
  AlertWhole,
  EntryBody as AlertEntryBody,
  InletBody as AlertInletBody,
  SourceBody as AlertSourceBody,
} from '../server/contract/alerts';
import type { GapBody, GapPage, SavedAudienceBody, SurveyBody } from '../server/contract/audiences';
import type { AuditCheck, AuditEntryBody, AuditPage } from '../server/contract/audit';
import type { AccountBody, AuthorisationBody } from '../server/contract/accounts';
import type { ChainBody, UnitChains } from '../server/contract/chains';
import type { ChannelInfo } from '../server/contract/channels';
import type { Board, CauseGroup, OnDutyBody, Retried, RetryOrder, Tile, Troubles } from '../server/contract/command';
import type {
  CalloutBody,
  CalloutFigures,
  CalloutSettingsBody,
  HandCopy,
  ReceiptShown,
} from '../server/contract/callouts';
import type {
  DrillBody,
  DrillRow,
  NewScenario,
  OverdueDrill,
  OverdueDrills,
  ScenarioBody,
  ScenarioChange,
} from '../server/contract/drills';
import type { DutyLineBody, DutyUnitBody } from '../server/contract/duty';
import type {
  FilledBody,
  TemplateQuestion,
  TemplateRow,
  TemplateTried,
  TemplateWhole,
} from '../server/contract/event-templates';
import type { PlacementPage } from '../server/contract/placements';
import type { ErrorBody } from '../server/contract/errors';
import type { FirstSteps } from '../server/contract/first-steps';
import type { FreezeBody, FreezeList, FreezeScopeBody, FrozenBody, PublisherBody } from '../server/contract/freezes';
import type { OutBody, PausedBody, ResentBody, ResumedBody } from '../server/contract/flight';
import type { MediumBody } from '../server/contract/media';
import type { NoticeBody, PersonalNoticeBody } from '../server/contract/notices';
import type { OrganizationBody } from '../server/contract/organizations';
import type { CalendarDayBody, PlanBody } from '../server/contract/plans';
import type { PreviewAnswer, ReleaseBody, ReleaseRow, ReleaseSaved, RevisionRow } from '../server/contract/releases';
import type { BroadcastRow } from '../server/contract/broadcasts';
import type {
  CommentBody,
  Comparison,
  Difference,
  Looked,
  Remark,
  ReviewBody,
  ReviewRow,
  SigningBody,
  TasksBody,
} from '../server/contract/reviews';
import type { Permission, Role } from '../core/model/roles';
import type { PeopleImportResult } from '../core/people/import-result';
import type { OwnAccount, OwnAct, OwnKey, OwnSession } from '../server/contract/account';
import type { LinkShown, PersonBody, PersonListed } from '../server/contract/people';
import type { Session, SignedIn } from '../server/contract/sessions';

export type {
  Board,
  CauseGroup,
  Tile,
  Troubles,
  RetryOrder,
  CalloutBody,
  CalloutFigures,
  HandCopy,
  OnDutyBody,
  CalloutSettingsBody,
  DrillBody,
  DrillRow,
  NewScenario,
  OverdueDrill,
  OverdueDrills,
  ScenarioBody,
  DutyLineBody,
  DutyUnitBody,
  ReceiptShown,
  BroadcastRow,
  Looked,
  SigningBody,
  CommentBody,
  Comparison,
  Difference,
  Remark,
  ReviewBody,
  ReviewRow,
  TasksBody,
  AlertBody,
  AlertEntryBody,
  AlertInletBody,
  AlertSourceBody,
  AuditCheck,
  AuditEntryBody,
  AccountBody,
  FreezeBody,
  FreezeScopeBody,
  FrozenBody,
  GapBody,
  PublisherBody,
  SavedAudienceBody,
  SurveyBody,
  TemplateQuestion,
  TemplateRow,
  TemplateWhole,
  TemplateTried,
  CalendarDayBody,
  PlanBody,
  AudienceSize,
  AuthorisationBody,
  ChainBody,
  ChannelInfo,
  PlacementBody,
  OrderBody,
  FirstSteps,
  ImportResult,
  MediumBody,
  NoticeBody,
  PersonalNoticeBody,
  LinkShown,
  OrganizationBody,
  OutBody,
  OwnAccount,
  OwnAct,
  OwnKey,
  OwnSession,
  PeopleImportResult,
  Permission,
  PersonBody,
  PersonListed,
  PreviewAnswer,
  ReleaseBody,
  ReleaseInput,
  ReleaseRow,
  ReleaseSaved,
  ReleaseStatus,
  ResolveOrder,
  RevisionRow,
  Role,
  Session,
  UnitChains,
};
export type { Count, PlacementRow } from '../core/placements/report';

export interface Said {
  zh: string;
  en: string;
}
/** What is asked for again before something that lets people in changes. */
export interface Proof {
  password: string;
  code?: string;
}
export interface PeopleFilter {
  organization?: string | undefined;
  role?: Role | undefined;
  state?: 'active' | 'invited' | 'disabled' | 'asked' | undefined;
  q?: string | undefined;
}
/** Shown once. */
export interface NewLink {
  link: string;
  until: string;
}
export interface Page<T> {
  items: T[];
  next?: string | undefined;
}
/** What comes in from a file with many rows. */
export type Table = 'accounts' | 'organizations' | 'people' | 'duty';
export type PlacementState = PlacementBody['state'];
export type ChainStep = ChainBody['steps'][number];
export type Occasion = NonNullable<ChainBody['occasion']>;
/** A chain as it is to be. `seen`: the version it is made from. */
export interface ChainDraft {
  organization?: string;
  kind?: Kind;
  occasion?: Occasion;
  steps: ChainStep[];
  seen?: number | undefined;
}
export type Change = NonNullable<RevisionRow['change']>;
export type Lane = PlacementBody['lane'];
export type WarningEnding = NonNullable<ReleaseStatus['ended']>;
export type Kind = ReleaseInput['kind'];
export type User = Session['user'];
export interface Exception {
  organizations?: string[];
  accounts?: string[];
  reason: string;
}
export type Audience = {
  [K in 'channels' | 'regions' | 'organizations' | 'tags' | 'polygons' | 'circles']?: string[];
} & { except?: Exception[] };
/** `areas`: of the warning, as it names them. */
export interface SurveyAsked {
  audience: Audience;
  areas: { name: string; code?: string | undefined }[];
  organization?: string;
}
export type TemplateContent = TemplateWhole['content'];
export type TemplateUse = NonNullable<ReleaseInput['template']>;
export type CredentialState = AccountBody['credential']['state'];
export type Emergency = NonNullable<ReleaseInput['emergency']>;
/** What a person sends; the hub fills in the rest, and names what is missing. */
export type ReleaseDraft = Pick<
  ReleaseInput,
  'title' | 'summary' | 'kind' | 'language' | 'body' | 'source' | 'columns' | 'keywords' | 'pictures' | 'attachments'
> &
  Partial<Pick<ReleaseInput, 'author' | 'cover' | 'policy' | 'organization' | 'template'>> & {
    emergency?: Partial<Emergency>;
  };
/** The release whose next revision a draft is to be, and what it is to the signed one. */
export interface Following {
  release: string;
  change?: Change;
}
export interface AccountDraft {
  exercise: boolean;
  organization: string;
  name: string;
  tags: string[];
  settings: Record<string, unknown>;
  credentials?: Record<string, unknown>;
}
/** A unit to be made. Without an id it is given one. */
export interface UnitDraft {
  id?: string;
  name: string;
  region: string;
  parent?: string;
  position?: { lat: number; lon: number };
}
export interface PlacementFilter {
  channel?: string | undefined;
  state?: PlacementState | undefined;
  q?: string | undefined;
}
export interface TroubleFilter {
  channel?: string | undefined;
  region?: string | undefined;
  organization?: string | undefined;
  state?: 'failed' | 'needs_action' | 'waiting' | undefined;
  why?: string | undefined;
}
export interface AccountFilter {
  channel?: string | undefined;
  organization?: string | undefined;
  credential?: CredentialState | undefined;
}

export interface AuditFilter {
  person?: string | undefined;
  release?: string | undefined;
  unit?: string | undefined;
  act?: string | undefined;
  outcome?: AuditEntryBody['outcome'] | undefined;
  /** Instants. */
  from?: string | undefined;
  to?: string | undefined;
}

/** An answer that is not a yes. `code` is stable; `said` and `todo` are for the person, in both languages. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly said: Said;
  readonly todo: Said;
  readonly field: string | undefined;

  constructor(status: number, body: ErrorBody['error']) {
    super(body.message.en);
    this.status = status;
    this.code = body.code;
    this.said = body.message;
    this.todo = body.todo;
    this.field = body.field;
  }
}

const unreachable: ErrorBody['error'] = {
  code: 'unreachable',
  message: { zh: '连接不上服务器。', en: 'The server cannot be reached.' },
  todo: {
    zh: '请检查网络后重试；您填写的内容仍在本页。',
    en: 'Check the network and try again; what you typed is still on this page.',
  },
};
const unreadable: ErrorBody['error'] = {
  code: 'unreadable',
  message: { zh: '服务器的回答无法读取。', en: 'The answer of the server cannot be read.' },
  todo: { zh: '请稍后重试；若持续出现请联系运维。', en: 'Try again in a moment; call operations if it stays.' },
};

let whenSignedOut: () => void = () => undefined;
/** Tells what to do when the session has ended. */
export function onSignedOut(listener: () => void): void {
  whenSignedOut = listener;
}

/** By which ways the hub calls; null takes one off. */
export interface CalloutSettingsDraft {
  mail: { host: string; port: number; secure: boolean; from: string; user?: string; password?: string } | null;
  sms: { adapter: string; settings: Record<string, unknown>; credentials?: Record<string, unknown> } | null;
  newWebhookSecret?: boolean;
}

interface Options {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  query?: { [name: string]: string | number | undefined };
  json?: unknown;
  signal?: AbortSignal | undefined;
  /** Nobody asked for it now: an ended session is left for what somebody asks for. */
  background?: boolean;
}

/** @throws ApiError; an AbortError where `signal` was raised. */
async function call<T>(
  path: string,
  { method = 'GET', query = {}, json, signal, background = false }: Options = {},
): Promise<T> {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(name, String(value));
  const address = `/api/v1${path}${search.size > 0 ? `?${search.toString()}` : ''}`;
  const answer = await fetch(address, {
    method,
    headers: { accept: 'application/json', ...(json !== undefined && { 'content-type': 'application/json' }) },
    ...(json !== undefined && { body: JSON.stringify(json) }),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, unreachable);
  });
  return settle<T>(answer.status, await answer.text(), background);
}

/** A file by POST. @throws ApiError */
async function file(path: string, json: object): Promise<Blob> {
  const answer = await fetch(`/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(json),
  }).catch(() => {
    throw new ApiError(0, unreachable);
  });
  return answer.ok ? answer.blob() : settle<never>(answer.status, await answer.text(), true);
}

function settle<T>(status: number, text: string, background = false): T {
  const body = readJson(text);
  // A proxy's page is no answer of the hub, whatever status it has.
  if (status >= 200 && status < 300 && (body !== undefined || text === '')) return body as T;
  const error = isErrorBody(body) ? body.error : unreadable;
  if (error.code === 'sign_in_required' && !background) whenSignedOut();
  throw new ApiError(status, error);
}

function readJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isErrorBody(body: unknown): body is ErrorBody {
  return (
    typeof body === 'object' &&
    body !== null &&
    'error' in body &&
    typeof body.error === 'object' &&
    body.error !== null &&
    'todo' in body.error
  );
}

/** What was answered to the hub's questions about a document. */
export interface ImportChoices {
  revisions?: 'accept' | 'reject';
  losses?: 'accept';
}

export interface Upload {
  /** From 0 to 1. */
  progress?: (share: number) => void;
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

/** Sends a file as it is. XMLHttpRequest, because `fetch` cannot tell how far an upload is. */
function send<T>(path: string, file: File, { progress, signal, headers = {} }: Upload = {}): Promise<T> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1${path}`);
    request.setRequestHeader('content-type', file.type || 'application/octet-stream');
    request.setRequestHeader('x-file-name', encodeURIComponent(file.name));
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) progress?.(event.loaded / event.total);
    };
    request.onerror = () => fail(new ApiError(0, unreachable));
    request.onabort = () => fail(new DOMException('aborted', 'AbortError'));
    request.onload = () => {
      try {
        done(settle<T>(request.status, request.responseText));
      } catch (error) {
        fail(error instanceof Error ? error : new ApiError(0, unreadable));
      }
    };
    signal?.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

const part = encodeURIComponent;

export const api = {
  session: () => call<Session>('/session'),
  signIn: (name: string, password: string) => call<SignedIn>('/session', { method: 'POST', json: { name, password } }),
  secondStep: (code: string) => call<SignedIn>('/session/code', { method: 'POST', json: { code } }),
  ways: () => call<{ provider: boolean }>('/session/ways'),
  /** Where the browser goes to sign in by the identity provider. */
  provider: (json: { returnTo?: string; link?: string }) =>
    call<{ address: string }>('/session/provider', { method: 'POST', json }),
  lookAtLink: (link: string) => call<LinkShown>('/links/look', { method: 'POST', json: { link } }),
  acceptLink: (json: { link: string; password: string; code?: string }) =>
    call<{ name: string }>('/links/accept', { method: 'POST', json }),

  account: () => call<OwnAccount>('/account'),
  changePassword: (password: string, proof: Proof) =>
    call<undefined>('/account/password', { method: 'POST', json: { password, proof } }),
  beginFactor: (proof: Proof) =>
    call<{ secret: string; address: string; until: string }>('/account/factor', { method: 'POST', json: { proof } }),
  confirmFactor: (code: string) =>
    call<{ codes: string[] }>('/account/factor/confirm', { method: 'POST', json: { code } }),
  factorOff: (proof: Proof) => call<undefined>('/account/factor/off', { method: 'POST', json: { proof } }),
  recoveryCodes: (proof: Proof) =>
    call<{ codes: string[] }>('/account/recovery-codes', { method: 'POST', json: { proof } }),
  ownSessions: () => call<OwnSession[]>('/account/sessions'),
  endSession: (id: string) => call<undefined>(`/account/sessions/${part(id)}`, { method: 'DELETE' }),
  ownLog: () => call<OwnAct[]>('/account/log'),
  ownKeys: () => call<OwnKey[]>('/account/keys'),
  makeKey: (json: {
    name: string;
    permissions?: Permission[];
    organization?: string;
    expiresAt: string;
    proof: Proof;
  }) => call<{ key: string }>('/account/keys', { method: 'POST', json }),
  revokeKey: (id: string) => call<undefined>(`/account/keys/${part(id)}`, { method: 'DELETE' }),
  giveDeputy: (json: { grant: string; to: string; from: string; until: string }) =>
    call<{ id: string }>('/account/deputies', { method: 'POST', json }),
  endDeputy: (id: string) => call<undefined>(`/account/deputies/${part(id)}`, { method: 'DELETE' }),
  signOut: () => call<undefined>('/session', { method: 'DELETE' }),

  firstSteps: () => call<FirstSteps>('/first-steps'),
  people: (filter: PeopleFilter, after?: string, limit = 50) =>
    call<Page<PersonListed>>('/people', { query: { ...filter, after, limit } }),
  names: (ids: readonly string[]) =>
    call<{ id: string; displayName: string }[]>(`/people/names?${ids.map((id) => `id=${part(id)}`).join('&')}`, {
      background: true,
    }),
  person: (id: string) => call<PersonBody>(`/people/${part(id)}`),
  invite: (json: { displayName: string; address: string; organization?: string; roles: Role[] }) =>
    call<NewLink & { person: PersonListed }>('/people', { method: 'POST', json }),
  editPerson: (id: string, json: { displayName?: string; address?: string }) =>
    call<PersonBody>(`/people/${part(id)}`, { method: 'PUT', json }),
  newLink: (id: string) => call<NewLink>(`/people/${part(id)}/link`, { method: 'POST' }),
  giveRole: (id: string, json: { role: Role; organization: string | null; until?: string }) =>
    call<PersonBody>(`/people/${part(id)}/grants`, { method: 'POST', json }),
  confirmRole: (grant: string) => call<undefined>(`/grants/${part(grant)}/confirm`, { method: 'POST' }),
  takeRole: (grant: string) => call<undefined>(`/grants/${part(grant)}`, { method: 'DELETE' }),
  movePerson: (id: string, json: { organization: string | null; endRoles: boolean }) =>
    call<PersonListed>(`/people/${part(id)}/move`, { method: 'POST', json }),
  disablePerson: (id: string, handTo?: string) =>
    call<{ handedOver: number }>(`/people/${part(id)}/disable`, {
      method: 'POST',
      json: { ...(handTo && { handTo }) },
    }),
  /** For cause: `reason` is for the book alone. */
  removePerson: (id: string, reason: string, handTo?: string) =>
    call<{ handedOver: number }>(`/people/${part(id)}/remove`, {
      method: 'POST',
      json: { reason, ...(handTo && { handTo }) },
    }),
  enablePerson: (id: string) => call<PersonBody>(`/people/${part(id)}/enable`, { method: 'POST' }),
  takeFactorOff: (id: string) => call<undefined>(`/people/${part(id)}/factor-off`, { method: 'POST' }),
  erasePerson: (id: string) => call<undefined>(`/people/${part(id)}`, { method: 'DELETE' }),

  confirmIdentity: (id: string, person: string) =>
    call<undefined>(`/identities/${part(id)}/confirm`, { method: 'POST', json: { person } }),
  refuseIdentity: (id: string) => call<undefined>(`/identities/${part(id)}`, { method: 'DELETE' }),

  unitChains: (organization: string) => call<UnitChains>('/chains/unit', { query: { organization } }),
  setChain: (json: ChainDraft) => call<ChainBody>('/chains', { method: 'PUT', json }),
  setSolo: (json: { organization?: string; persons: string[] }) =>
    call<unknown>('/chains/solo', { method: 'PUT', json }),

  channels: async () => itemsOf(await call<ChannelInfo[] | Page<ChannelInfo>>('/channels')),
  organizations: (after?: string) => call<Page<OrganizationBody>>('/organizations', { query: { after } }),
  makeUnit: (unit: UnitDraft) => call<OrganizationBody>('/organizations', { method: 'POST', json: unit }),
  changeUnit: (
    id: string,
    change: Partial<Omit<UnitDraft, 'parent' | 'position'>> & {
      parent?: string | null;
      position?: UnitDraft['position'] | null;
    },
  ) => call<OrganizationBody>(`/organizations/${part(id)}`, { method: 'PUT', json: change }),
  closeUnit: (id: string, reason: string) =>
    call<OrganizationBody>(`/organizations/${part(id)}/close`, { method: 'POST', json: { reason } }),
  reopenUnit: (id: string) => call<OrganizationBody>(`/organizations/${part(id)}/reopen`, { method: 'POST' }),

  accounts: (filter: AccountFilter, after?: string, limit = 50) =>
    call<Page<AccountBody>>('/accounts', { query: { ...filter, after, limit } }),
  makeAccount: (account: AccountDraft & { channel: string }) =>
    call<AccountBody>('/accounts', { method: 'POST', json: account }),
  changeAccount: (id: string, change: Partial<AccountDraft>) =>
    call<AccountBody>(`/accounts/${part(id)}`, { method: 'PUT', json: change }),
  switchAccount: (id: string, what: 'enable' | 'disable', reason?: string) =>
    call<AccountBody>(`/accounts/${part(id)}/${what}`, { method: 'POST', json: { reason } }),
  authorise: (id: string) => call<{ address: string }>(`/accounts/${part(id)}/authorise`, { method: 'POST' }),
  authorisation: (id: string) => call<AuthorisationBody>(`/authorisations/${part(id)}`),
  checkAccount: (id: string) => call<AccountBody>(`/accounts/${part(id)}/check`, { method: 'POST' }),
  /** The file as it is: the hub reads it. With `dryRun` nothing is stored. */
  importTable: (what: Table, file: File, dryRun: boolean) =>
    send<ImportResult & Partial<Pick<PeopleImportResult, 'links' | 'duplicates'>>>(
      `/${what}/import?dryRun=${dryRun}`,
      file,
    ),
  /** An empty table to fill in. */
  templateAddress: (what: Table, channel?: string) =>
    `/api/v1/${what}/template${channel === undefined ? '' : `?channel=${part(channel)}`}`,

  audit: (filter: AuditFilter, after?: number, limit = 50) =>
    call<AuditPage>('/audit', { query: { ...filter, after, limit } }),
  auditAddress: (format: 'csv' | 'json', filter: AuditFilter) =>
    `/api/v1/audit/export?${new URLSearchParams({ ...given(filter), format }).toString()}`,
  auditCheck: () => call<AuditCheck>('/audit/check'),
  checkAudit: () => call<undefined>('/audit/check', { method: 'POST' }),

  notices: (after?: string, limit = 30) =>
    call<Page<NoticeBody> & { unseen: number }>('/notices', { query: { after, limit } }),
  unseenNotices: async () =>
    (await call<{ unseen: number }>('/notices', { query: { limit: 1 }, background: true })).unseen,
  personalNotices: (background = false) =>
    call<{ items: PersonalNoticeBody[]; unseen: number }>('/account/notices', { background }),
  personalNoticesSeen: (upTo: string) => call<undefined>('/account/notices/seen', { method: 'POST', json: { upTo } }),
  noticeSeen: (id: string) => call<undefined>(`/notices/${part(id)}/seen`, { method: 'POST' }),
  noticesSeen: (upTo: string) => call<undefined>('/notices/seen', { method: 'POST', json: { upTo } }),

  alerts: (after?: string, limit = 30) => call<Page<AlertBody>>('/alerts', { query: { after, limit } }),
  alert: (id: string) => call<AlertWhole>(`/alerts/${part(id)}`),
  takeAlert: (file: File) => send<AlertBody>('/alerts', file),
  decideAlert: (id: string, what: 'take' | 'vouch') =>
    call<AlertBody>(`/alerts/${part(id)}/${what}`, { method: 'POST' }),
  alertSources: () => call<{ items: AlertSourceBody[] }>('/alert-sources'),
  saveAlertSource: (source: Omit<AlertSourceBody, 'id'>, id?: string) =>
    call<AlertSourceBody>(id === undefined ? '/alert-sources' : `/alert-sources/${part(id)}`, {
      method: id === undefined ? 'POST' : 'PUT',
      json: source,
    }),

  alertInlets: () => call<{ items: AlertInletBody[] }>('/alert-inlets'),
  alertEntries: (id: string) => call<{ items: AlertEntryBody[] }>(`/alert-inlets/${part(id)}/entries`),
  saveAlertInlet: (
    inlet: Pick<AlertInletBody, 'is' | 'name' | 'address' | 'every' | 'enabled' | 'organization'>,
    id?: string,
  ) =>
    call<AlertInletBody>(id === undefined ? '/alert-inlets' : `/alert-inlets/${part(id)}`, {
      method: id === undefined ? 'POST' : 'PUT',
      json: inlet,
    }),

  freezes: (background = false) => call<FreezeList>('/freezes', { background }),
  freeze: (order: { scope: FreezeScopeBody; emergencyToo: boolean; reason: string }) =>
    call<FrozenBody>('/freezes', { method: 'POST', json: order }),
  askThaw: (id: string, reason: string) =>
    call<FreezeBody>(`/freezes/${part(id)}/thaw`, { method: 'POST', json: { reason } }),
  confirmThaw: (id: string) => call<FreezeBody>(`/freezes/${part(id)}/thaw/confirm`, { method: 'POST' }),

  upload: (file: File, options?: Upload) => send<MediumBody>('/media', file, options),
  medium: (hash: string) => call<MediumBody>(`/media/${part(hash)}/state`),
  /** `source`: who a document is by that does not say so itself; a Word document never does. */
  importRelease: (file: File, source: string, choices: ImportChoices = {}) =>
    send<ReleaseSaved>(
      `/releases/import?${new URLSearchParams({ ...(source && { source }), ...choices }).toString()}`,
      file,
    ),

  releases: (after?: string, limit = 30) => call<Page<ReleaseRow>>('/releases', { query: { after, limit } }),
  release: (id: string, revision?: string) => call<ReleaseBody>(`/releases/${part(id)}`, { query: { revision } }),
  createRelease: (draft: ReleaseDraft) => call<ReleaseSaved>('/releases', { method: 'POST', json: draft }),
  updateRelease: (id: string, revision: string, draft: ReleaseDraft, change?: Change) =>
    call<ReleaseSaved>(`/releases/${part(id)}`, { method: 'PUT', json: { ...draft, revision, change } }),
  revisions: (id: string) => call<RevisionRow[]>(`/releases/${part(id)}/revisions`),
  preview: (release: ReleaseDraft, of?: Following, signal?: AbortSignal) =>
    call<PreviewAnswer>('/preview', { method: 'POST', json: { release, of }, signal }),
  audience: (audience: Audience, signal?: AbortSignal) =>
    call<AudienceSize>('/audience', { method: 'POST', json: audience, signal }),
  survey: (asked: SurveyAsked, signal?: AbortSignal) =>
    call<SurveyBody>('/audiences/survey', { method: 'POST', json: asked, signal }),
  gaps: (asked: SurveyAsked & { kind: string; from: number }) =>
    call<GapPage>('/audiences/gaps', { method: 'POST', json: asked }),
  savedAudiences: async () => {
    const all: SavedAudienceBody[] = [];
    for (let after: string | undefined, more = true; more;) {
      const page = await call<Page<SavedAudienceBody>>('/audiences', { query: { after, limit: 200 } });
      all.push(...page.items);
      after = page.next;
      more = after !== undefined;
    }
    return all;
  },
  saveAudience: (named: { name: string; audience: Audience }) =>
    call<SavedAudienceBody>('/audiences', { method: 'POST', json: named }),
  changeAudience: (id: string, version: number, named: { name: string; audience: Audience }) =>
    call<SavedAudienceBody>(`/audiences/${part(id)}`, { method: 'PUT', json: { ...named, version } }),
  closeAudience: (id: string) => call<undefined>(`/audiences/${part(id)}/close`, { method: 'POST' }),
  withdraw: (id: string, reason: string, proof: { password: string; code?: string }) =>
    call<OrderBody>(`/releases/${part(id)}/withdraw`, { method: 'POST', json: { reason, ...proof } }),

  eventTemplates: async (query: { event?: string; withdrawn?: boolean } = {}) => {
    const all: TemplateRow[] = [];
    for (let after: string | undefined, more = true; more;) {
      const withdrawn = query.withdrawn === true ? 'true' : 'false';
      const page = await call<Page<TemplateRow>>('/event-templates', {
        query: { event: query.event, withdrawn, after, limit: 200 },
      });
      all.push(...page.items);
      after = page.next;
      more = after !== undefined;
    }
    return all;
  },
  eventTemplate: (id: string, version?: number) =>
    call<TemplateWhole>(`/event-templates/${part(id)}`, { query: { version } }),
  makeTemplate: (json: { content: object; follows?: string }) =>
    call<TemplateRow>('/event-templates', { method: 'POST', json }),
  changeTemplate: (id: string, json: { version: number; content: object }) =>
    call<TemplateRow>(`/event-templates/${part(id)}`, { method: 'PUT', json }),
  withdrawTemplate: (id: string, json: { version: number; reason: string }) =>
    call<TemplateRow>(`/event-templates/${part(id)}/withdraw`, { method: 'POST', json }),
  importTemplates: () => call<ImportResult>('/event-templates/import', { method: 'POST', json: { shipped: true } }),
  tryTemplate: (json: { content: object; level?: string }, signal?: AbortSignal) =>
    call<TemplateTried>('/event-templates/try', { method: 'POST', json, signal }),
  fillTemplate: (id: string, json: { facts: Record<string, unknown>; exercise?: boolean; source?: string }) =>
    call<FilledBody>(`/event-templates/${part(id)}/fill`, { method: 'POST', json }),

  submit: (
    id: string,
    submission: {
      revision: string;
      audience: Audience;
      lane: Lane;
      again?: true;
      live?: true;
      deadline?: number;
      notBefore?: string;
      expires?: string;
    },
  ) => call<ReviewBody>(`/releases/${part(id)}/submit`, { method: 'POST', json: submission }),
  reviewsOf: (release: string) => call<ReviewBody[]>(`/releases/${part(release)}/reviews`),
  review: (id: string) => call<ReviewBody>(`/reviews/${part(id)}`),
  approve: (id: string, step: string) =>
    call<ReviewBody>(`/reviews/${part(id)}/approve`, { method: 'POST', json: { step } }),
  giveBack: (id: string, step: string, reason: string) =>
    call<ReviewBody>(`/reviews/${part(id)}/return`, { method: 'POST', json: { step, reason } }),
  signReview: (id: string, proof: { password: string; code?: string }, total: number) =>
    call<ReviewBody>(`/reviews/${part(id)}/sign`, { method: 'POST', json: { ...proof, counts: { total } } }),
  broadcasts: (after?: string) => call<Page<BroadcastRow>>('/broadcasts', { query: { after } }),
  look: (review: string, channel: string) =>
    call<Looked>(`/reviews/${part(review)}/looks`, { method: 'POST', json: { channel } }),
  signBroadcast: (review: string, signing: SigningBody) =>
    call<ReviewBody>(`/reviews/${part(review)}/sign`, { method: 'POST', json: signing }),
  stopBroadcast: (order: string) => call<OrderBody>(`/orders/${part(order)}/stop`, { method: 'POST' }),
  finding: (review: string, finding: string) =>
    call<ReviewBody>(`/reviews/${part(review)}/finding`, { method: 'POST', json: { finding } }),
  takeBack: (id: string) => call<ReviewBody>(`/reviews/${part(id)}/take-back`, { method: 'POST' }),
  passOn: (id: string, reason: string) =>
    call<ReviewBody>(`/reviews/${part(id)}/pass-on`, { method: 'POST', json: { reason } }),
  comments: (release: string, revision: string) =>
    call<CommentBody[]>(`/releases/${part(release)}/comments`, { query: { revision } }),
  comment: (release: string, revision: string, remark: Remark) =>
    call<CommentBody>(`/releases/${part(release)}/comments`, { method: 'POST', json: { ...remark, revision } }),
  answerComment: (id: string, words: string) =>
    call<CommentBody>(`/comments/${part(id)}/answers`, { method: 'POST', json: { words } }),
  closeComment: (id: string) => call<CommentBody>(`/comments/${part(id)}/close`, { method: 'POST' }),
  compare: (release: string, from: string, to: string) =>
    call<Comparison>(`/releases/${part(release)}/compare`, { query: { from, to } }),
  /** A text that is not saved, with the newest revision. */
  compareDraft: (release: string, revision: string, draft: ReleaseDraft, change?: Change) =>
    call<Comparison>(`/releases/${part(release)}/compare`, { method: 'POST', json: { ...draft, revision, change } }),
  renditions: (release: string, revision: string) =>
    call<Pick<PreviewAnswer, 'renditions'>>(`/releases/${part(release)}/renditions`, { query: { revision } }),
  tasks: () => call<TasksBody>('/tasks'),

  drillScenarios: async () => {
    const all: ScenarioBody[] = [];
    for (let after: string | undefined, more = true; more;) {
      const page = await call<Page<ScenarioBody>>('/drill-scenarios', { query: { after, limit: 200 } });
      all.push(...page.items);
      after = page.next;
      more = after !== undefined;
    }
    return all;
  },
  newScenario: (json: NewScenario) => call<ScenarioBody>('/drill-scenarios', { method: 'POST', json }),
  changeScenario: (id: string, json: ScenarioChange) =>
    call<ScenarioBody>(`/drill-scenarios/${part(id)}`, { method: 'PUT', json }),
  closeScenario: (id: string) => call<ScenarioBody>(`/drill-scenarios/${part(id)}/close`, { method: 'POST' }),
  startDrill: (id: string) => call<DrillRow>(`/drill-scenarios/${part(id)}/start`, { method: 'POST', json: {} }),
  drills: (after?: string) => call<Page<DrillRow>>('/drills', { query: { after } }),
  drill: (id: string) => call<DrillBody>(`/drills/${part(id)}`),
  overdueDrills: () => call<OverdueDrills>('/drills/overdue'),
  addFinding: (id: string, json: { text: string; owner: string; due: string }) =>
    call<DrillBody>(`/drills/${part(id)}/findings`, { method: 'POST', json }),
  settleFinding: (id: string, finding: string) =>
    call<DrillBody>(`/drills/${part(id)}/settle`, { method: 'POST', json: { finding } }),
  duty: (after?: string, organization?: string) =>
    call<Page<DutyUnitBody>>('/duty', { query: { after, organization } }),
  saveDutyLine: (json: object) => call<undefined>('/duty', { method: 'POST', json }),
  removeDutyLine: (id: string) => call<undefined>(`/duty/${part(id)}`, { method: 'DELETE' }),
  setDutyRule: (unit: string, json: { emergency: number; routine: number }) =>
    call<undefined>(`/organizations/${part(unit)}/duty-rule`, { method: 'PUT', json }),
  callouts: () => call<Page<CalloutBody>>('/callouts', { background: true }),
  calloutsOf: (release: string) => call<Page<CalloutBody>>(`/releases/${part(release)}/callouts`, { background: true }),
  calloutSettings: () => call<CalloutSettingsBody>('/callouts/settings'),
  saveCalloutSettings: (json: CalloutSettingsDraft) =>
    call<CalloutSettingsBody>('/callouts/settings', { method: 'PUT', json }),
  lookAtReceipt: (token: string) => call<ReceiptShown>('/receipts/look', { method: 'POST', json: { token } }),
  receiptPicture: (token: string, file: File) =>
    send<{ picture: string }>('/receipts/picture', file, { headers: { 'x-receipt': token } }),
  confirmReceipt: (json: {
    token: string;
    item: string;
    name: string;
    words?: string;
    url?: string;
    picture?: string;
  }) =>
    call<{ item: CalloutBody['items'][number]['state']; state: CalloutBody['state']; late: boolean }>(
      '/receipts/confirm',
      { method: 'POST', json },
    ),
  /** A picture that is to be put there by hand, whole. The link's secret stands in no address. */
  pictureToCopy: (token: string, item: string, hash: string) => file('/receipts/copy-picture', { token, item, hash }),
  copyOf: (placement: string) => call<{ copy?: HandCopy }>(`/placements/${part(placement)}/copy`, { background: true }),
  calloutsOfPlacement: (placement: string) =>
    call<{ items: CalloutBody[] }>(`/placements/${part(placement)}/callouts`, { background: true }),
  calloutFigures: (release: string) =>
    call<CalloutFigures>(`/releases/${part(release)}/callouts/figures`, { background: true }),
  onDuty: (release: string) => call<OnDutyBody>(`/releases/${part(release)}/on-duty`, { background: true }),

  unschedule: (order: string) => call<OrderBody>(`/orders/${part(order)}/unschedule`, { method: 'POST', json: {} }),
  sendHeld: (order: string) => call<OrderBody>(`/orders/${part(order)}/send`, { method: 'POST', json: {} }),
  /** Civil days of Beijing, both included. */
  plans: (from: string, to: string) => call<{ items: PlanBody[]; more: boolean }>('/plans', { query: { from, to } }),
  calendarDays: (from: string, to: string) =>
    call<{ days: CalendarDayBody[] }>('/calendar/days', { query: { from, to } }),

  status: (id: string) => call<ReleaseStatus>(`/releases/${part(id)}/status`),
  placements: (id: string, filter: PlacementFilter, after: string | undefined, limit: number, signal?: AbortSignal) =>
    call<PlacementPage>(`/releases/${part(id)}/placements`, { query: { ...filter, after, limit }, signal }),
  board: (id: string, filter: { region?: string | undefined; channel?: string | undefined }) =>
    call<Board>(`/releases/${part(id)}/board`, { query: filter }),
  troubles: (id: string, filter: TroubleFilter, after: string | undefined, limit: number) =>
    call<Troubles>(`/releases/${part(id)}/troubles`, { query: { ...filter, after, limit } }),
  out: (id: string, region?: string) => call<OutBody>(`/releases/${part(id)}/out`, { query: { region } }),
  outAccounts: (
    id: string,
    asked: { where: string; channel?: string | undefined; region?: string | undefined; after?: string | undefined },
  ) => call<PlacementPage>(`/releases/${part(id)}/out/accounts`, { query: { ...asked, limit: 50 } }),
  pause: (id: string, reason: string) =>
    call<PausedBody>(`/releases/${part(id)}/pause`, { method: 'POST', json: { reason } }),
  resume: (id: string, reason: string) =>
    call<ResumedBody>(`/releases/${part(id)}/resume`, { method: 'POST', json: { reason } }),
  narrow: (id: string, audience: Audience, reason: string, proof: { password: string; code?: string }) =>
    call<OrderBody>(`/releases/${part(id)}/narrow`, { method: 'POST', json: { audience, reason, ...proof } }),
  withdrawFrom: (id: string, audience: Audience, reason: string, proof: { password: string; code?: string }) =>
    call<OrderBody>(`/releases/${part(id)}/withdraw`, { method: 'POST', json: { audience, reason, ...proof } }),
  resend: (id: string) => call<ResentBody>(`/releases/${part(id)}/resend`, { method: 'POST', json: {} }),
  retryGroup: (id: string, group: RetryOrder) =>
    call<Retried>(`/releases/${part(id)}/retry`, { method: 'POST', json: group }),
  /** Where a browser fetches the report. */
  reportAddress: (id: string, format: 'csv' | 'pdf') => `/api/v1/releases/${part(id)}/report.${format}`,
  placement: (id: string) => call<PlacementBody>(`/placements/${part(id)}`),
  retry: (id: string) => call<unknown>(`/placements/${part(id)}/retry`, { method: 'POST' }),
  resolve: (id: string, order: ResolveOrder) =>
    call<unknown>(`/placements/${part(id)}/resolve`, { method: 'POST', json: order }),
};

function itemsOf<T>(answer: T[] | Page<T>): T[] {
  return Array.isArray(answer) ? answer : answer.items;
}

function given(filter: object): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined && value !== ''));
}
