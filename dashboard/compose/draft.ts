/** What a person has typed so far, and what of it is sent. */
import type { Change, Following, Kind, MediumBody, ReleaseBody, ReleaseDraft, TemplateUse } from '../api';
import { emptyWarning, isComplete, toEmergency, warningOf, type DraftWarning } from './warning';

export interface DraftPicture {
  /** Names the row while there is no hash yet. */
  key: string;
  name: string;
  hash?: string;
  alt: string;
  state: 'uploading' | MediumBody['state'];
  progress: number;
}
export interface DraftAttachment {
  hash: string;
  name: string;
  bytes: number;
}
export interface Draft {
  title: string;
  summary: string;
  kind: Kind;
  language: string;
  format: ReleaseDraft['body']['format'];
  body: string;
  source: string;
  author: string;
  columns: string[];
  keywords: string[];
  pictures: DraftPicture[];
  cover: string | undefined;
  attachments: DraftAttachment[];
  policy: DraftPolicy;
  /** Ids of the policies that an interpretation explains. */
  interprets: string[];
  emergency: DraftWarning;
  /** The event template that it was filled in from. */
  template: TemplateUse | undefined;
  /** The release whose signed revision this one follows. */
  of: string | undefined;
  /** What it is to that; a warning says it by its message type. */
  change: Change;
}

/** The header block of a public document; what is empty is not sent. */
export interface DraftPolicy {
  index: string;
  number: string;
  issuer: string;
  /** `YYYY-MM-DD`. */
  signed: string;
  validity: string;
  topic: string;
  keywords: string[];
}

const emptyPolicy = (): DraftPolicy => ({
  index: '',
  number: '',
  issuer: '',
  signed: '',
  validity: '',
  topic: '',
  keywords: [],
});

export function emptyDraft(): Draft {
  return {
    title: '',
    summary: '',
    kind: 'news',
    language: 'zh-Hans',
    format: 'markdown',
    body: '',
    source: '',
    author: '',
    columns: [],
    keywords: [],
    pictures: [],
    cover: undefined,
    attachments: [],
    policy: emptyPolicy(),
    interprets: [],
    emergency: emptyWarning(true),
    template: undefined,
    of: undefined,
    change: 'correction',
  };
}

/** A stored revision, to be edited into the next one; its body is canonical HTML. */
export function draftOf({ id, revision, kind, signed }: ReleaseBody): Draft {
  return {
    title: revision.title,
    summary: revision.summary,
    kind,
    language: revision.language,
    format: 'html',
    body: revision.body,
    source: revision.source,
    author: revision.author ?? '',
    columns: [...revision.columns],
    keywords: [...revision.keywords],
    cover: revision.cover,
    policy: { ...emptyPolicy(), ...given(revision.policy) },
    interprets: [...(revision.interprets ?? [])],
    emergency: warningOf(revision.emergency, signed === undefined ? undefined : id),
    template: revision.template,
    of: signed === undefined ? undefined : id,
    // An edit that is not signed yet has said it; of a signed text the next is a correction unless told.
    change: (revision.signed ? undefined : revision.change) ?? 'correction',
    pictures: revision.pictures.map(({ hash, alt }) => ({
      key: hash,
      name: alt || hash.slice(0, 8),
      hash,
      alt,
      state: 'ready',
      progress: 1,
    })),
    attachments: revision.attachments.map(({ hash, name, bytes }) => ({ hash, name, bytes })),
  };
}

export function isPlaced(draft: Draft, hash: string | undefined): boolean {
  return hash !== undefined && draft.body.includes(`media:${hash}`);
}

export function missingFields(draft: Draft): ('title' | 'source')[] {
  return (['title', 'source'] as const).filter((name) => draft[name].trim() === '');
}

/** Without the names that hold nothing: JSON leaves those out, a copied object does not. */
function given(policy: ReleaseDraft['policy']): Partial<DraftPolicy> {
  return Object.fromEntries(Object.entries(policy ?? {}).filter(([, value]) => value !== undefined));
}

export function hasPolicy({ policy }: Draft): boolean {
  return Object.values(policy).some((value: string | string[] | undefined) => value !== undefined && value.length > 0);
}

function toPolicy({ policy }: Draft): NonNullable<ReleaseDraft['policy']> {
  const trimmed = Object.entries(policy).map(
    ([name, value]: [string, string | string[] | undefined]) =>
      [name, typeof value === 'string' ? value.trim() : value] as const,
  );
  return Object.fromEntries(trimmed.filter(([, value]) => value !== undefined && value.length > 0));
}

/** For what the hub must know of the release that a draft follows. */
export function followingOf({ of, change }: Draft): Following | undefined {
  return of === undefined ? undefined : { release: of, change };
}

/** As `toRelease`, but without a warning that is half filled in: the rest can be seen all the same. */
export function toPreview(draft: Draft): ReleaseDraft {
  return toRelease(
    isComplete(draft.emergency, draft.of) ? draft : { ...draft, emergency: { ...draft.emergency, on: false } },
  );
}

/** The draft as the hub wants it. Pictures that the body places are found there. */
export function toRelease(draft: Draft): ReleaseDraft {
  const uploaded = draft.pictures.flatMap((picture) =>
    picture.hash === undefined || picture.state === 'refused' ? [] : [{ hash: picture.hash, alt: picture.alt.trim() }],
  );
  const author = draft.author.trim();
  return {
    title: draft.title.trim(),
    summary: draft.summary.trim(),
    kind: draft.kind,
    language: draft.language,
    body: { format: draft.format, content: draft.body },
    source: draft.source.trim(),
    columns: draft.columns,
    keywords: draft.keywords,
    pictures: uploaded.filter(({ hash }) => !isPlaced(draft, hash)),
    attachments: draft.attachments.map(({ hash, name }) => ({ hash, name })),
    ...(author !== '' && { author }),
    ...(draft.cover !== undefined && { cover: draft.cover }),
    ...(hasPolicy(draft) && { policy: toPolicy(draft) }),
    // Of another kind they are left out, and the hub keeps what it has.
    ...(draft.kind === 'interpretation' && { interprets: draft.interprets }),
    ...(draft.kind === 'emergency' && draft.emergency.on && { emergency: toEmergency(draft.emergency) }),
    ...(draft.template && { template: draft.template }),
  };
}
