/** A stored revision as channels see it. */
import type { ReleaseContent } from '../../channels/channel.js';
import { bodyOfDrill, endDrill, nameOfDrill, withDrill } from '../../channels/emergency.js';
import type { Revision } from '../model/release.js';

/** An unsigned revision is dated by its making, so that a preview has a date to show. */
export function contentOf(revision: Omit<Revision, 'number' | 'createdBy' | 'hash'>): ReleaseContent {
  return {
    release: revision.release,
    revision: revision._id,
    kind: revision.kind,
    language: revision.language,
    title: withDrill(revision.title, revision.emergency, revision.language),
    summary: marked(revision.summary, revision),
    body: bodyOfDrill(revision.body, revision.emergency, revision.language),
    author: revision.author,
    source: revision.source,
    columns: revision.columns,
    keywords: revision.keywords,
    signedAt: revision.signed?.at ?? revision.createdAt,
    cover: revision.cover,
    pictures: revision.pictures.map((picture) => ({ ...picture, alt: marked(picture.alt, revision) })),
    attachments: revision.attachments.map((file) => ({
      ...file,
      name: nameOfDrill(file.name, revision.emergency, revision.language),
    })),
    policy: revision.policy,
    emergency: revision.emergency,
    change: revision.change,
    interprets: revision.interprets,
    interpretations: revision.interpretations,
  };
}

function marked(text: string, { emergency, language }: Pick<Revision, 'emergency' | 'language'>): string {
  return text === '' ? '' : endDrill(withDrill(text, emergency, language), emergency, language);
}
