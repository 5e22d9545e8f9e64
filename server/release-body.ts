/** Releases and revisions as the API shows them. */
import type { Release, Revision } from '../core/model/release.js';
import type { SavedRelease } from '../core/releases/revisions.js';
import type { ReleaseBody, ReleaseRow, RevisionRow } from './contract/releases.js';

export function rowBody(row: Release): Omit<ReleaseRow, 'counts'> {
  return {
    id: row._id,
    title: row.title,
    kind: row.kind,
    updatedAt: row.updatedAt.toISOString(),
    createdBy: row.createdBy,
    ...(row.publishedAt && { publishedAt: row.publishedAt.toISOString() }),
    ...(row.withdrawnAt && { withdrawnAt: row.withdrawnAt.toISOString() }),
  };
}

export type RevisionHead = Pick<Revision, '_id' | 'number' | 'title' | 'change' | 'createdAt' | 'createdBy' | 'signed'>;

export function revisionRowBody({
  _id,
  number,
  title,
  change,
  createdAt,
  createdBy,
  signed,
}: RevisionHead): RevisionRow {
  return {
    id: _id,
    number,
    title,
    createdBy,
    createdAt: createdAt.toISOString(),
    ...(change && { change }),
    ...(signed && { signed: { by: signed.by, at: new Date(signed.at).toISOString() } }),
  };
}

export function releaseBody({ release: row, revision }: SavedRelease): ReleaseBody {
  const {
    kind,
    language,
    summary,
    body,
    source,
    author,
    columns,
    keywords,
    cover,
    pictures,
    attachments,
    policy,
    emergency,
    interprets,
    interpretations,
    template,
    hash,
  } = revision;
  return {
    ...rowBody(row),
    revisions: row.revisions,
    createdAt: row.createdAt.toISOString(),
    ...(row.signed !== undefined && { signed: row.signed }),
    ...(row.lastAlert !== undefined && { alert: row.lastAlert }),
    revision: {
      ...revisionRowBody(revision),
      kind,
      language,
      summary,
      body,
      source,
      author,
      columns,
      keywords,
      cover,
      pictures,
      attachments,
      policy,
      emergency,
      interprets,
      interpretations,
      template,
      hash,
    },
  };
}
