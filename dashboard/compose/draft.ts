/** What a person has typed so far, and what of it is sent. */
import type { Kind, MediumBody, ReleaseBody, ReleaseDraft } from '../api';

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
  policy: ReleaseDraft['policy'];
}

export function emptyDraft(): Draft {
  return { title: '', summary: '', kind: 'news', language: 'zh-Hans', format: 'markdown', body: '', source: '', author: '', columns: [], keywords: [], pictures: [], cover: undefined, attachments: [], policy: undefined };
}

/** A stored revision, to be edited into the next one; its body is canonical HTML. */
export function draftOf({ revision, kind }: ReleaseBody): Draft {
  return {
    title: revision.title, summary: revision.summary, kind, language: revision.language, format: 'html', body: revision.body, source: revision.source,
    author: revision.author ?? '', columns: [...revision.columns], keywords: [...revision.keywords], cover: revision.cover, policy: revision.policy,
    pictures: revision.pictures.map(({ hash, alt }) => ({ key: hash, name: alt || hash.slice(0, 8), hash, alt, state: 'ready', progress: 1 })),
    attachments: revision.attachments.map(({ hash, name, bytes }) => ({ hash, name, bytes })),
  };
}

export function isPlaced(draft: Draft, hash: string | undefined): boolean {
  return hash !== undefined && draft.body.includes(`media:${hash}`);
}

export function missingFields(draft: Draft): ('title' | 'source')[] {
  return (['title', 'source'] as const).filter((name) => draft[name].trim() === '');
}

/** The draft as the hub wants it. Pictures that the body places are found there. */
export function toRelease(draft: Draft): ReleaseDraft {
  const uploaded = draft.pictures.flatMap((picture) => (picture.hash === undefined || picture.state === 'refused' ? [] : [{ hash: picture.hash, alt: picture.alt.trim() }]));
  const author = draft.author.trim();
  return {
    title: draft.title.trim(), summary: draft.summary.trim(), kind: draft.kind, language: draft.language, body: { format: draft.format, content: draft.body },
    source: draft.source.trim(), columns: draft.columns, keywords: draft.keywords,
    pictures: uploaded.filter(({ hash }) => !isPlaced(draft, hash)), attachments: draft.attachments.map(({ hash, name }) => ({ hash, name })),
    ...(author !== '' && { author }), ...(draft.cover !== undefined && { cover: draft.cover }), ...(draft.policy && { policy: draft.policy }),
  };
}
