/** One door for documents: chooses the reader by name and type, and makes of each the same input that the composer sends. */
import { extname } from 'node:path';
import type { Change } from '../../channels/channel.js';
import { LianfaError } from '../errors.js';
import { checkFields } from '../field-errors.js';
import { releaseInput, type ReleaseInput } from '../releases/input.js';
import { tidyText } from '../text.js';
import { docxToHtml, type KeepPicture } from './docx.js';
import { DroppedList } from '../body/dropped.js';
import { emergencyOfHeader } from '../releases/emergency.js';
import { textOfBytes } from './encoding.js';
import { tasks as bodyTasks } from '../body/tasks.js';
import { tasks } from './tasks.js';
import { beside } from '../threads/pool.js';
import { linksOf } from '../releases/links.js';
import { splitFrontMatter } from './front-matter.js';
import { kinds } from '../model/release.js';
import { splitTitle, textToHtml } from '../body/text.js';

export interface IncomingDocument {
  bytes: Buffer;
  /** File name; its ending decides where there is one. */
  name: string;
  /** Content-Type. */
  type: string;
  /** Used where the document itself doesn't say. */
  source?: string | undefined;
  title?: string | undefined;
  organization?: string | undefined;
}

/** The release whose next revision the document is, and what it is to the one before. */
export interface Following {
  release: string;
  change?: Change | undefined;
}

/** Ways back into the hub for what a document holds or names. */
export interface Doors {
  keepPicture: KeepPicture;
  /** Id of the release that has this id, or was imported from a file of this name. */
  releaseNamed(name: string): Promise<string | undefined>;
}

type Format = 'markdown' | 'html' | 'docx' | 'text';

const byEnding: Readonly<Record<string, Format>> = {
  '.md': 'markdown',
  '.markdown': 'markdown',
  '.html': 'html',
  '.htm': 'html',
  '.docx': 'docx',
  '.txt': 'text',
};
const byType: Readonly<Record<string, Format>> = {
  'text/markdown': 'markdown',
  'text/html': 'html',
  'text/plain': 'text',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
};

/**
 * Reads a document into an input for a new release, or for the next revision of the one that its front matter names, and
 * lists what was left out of it.
 * @throws LianfaError document_unsupported, document_not_utf8, document_unreadable, field_missing, field_invalid
 */
export async function readDocument(
  document: IncomingDocument,
  { keepPicture, releaseNamed }: Doors,
  dropped = new DroppedList(),
): Promise<{ input: ReleaseInput; follows: Following | undefined; dropped: DroppedList }> {
  const { header, title, html } = await readParts(document, keepPicture, dropped);
  const fields = fieldsOf(header, dropped);
  const given = asText(fields['title']) ?? document.title ?? title;
  const found = await beside(tasks.heading, { html, given, guess: formatOf(document) === 'docx' }, html.length);
  const input = checkFields(releaseInput, {
    ...fields,
    ...(await linksOf(header, releaseNamed, dropped)),
    title: found.title,
    source: asText(fields['source']) ?? document.source,
    organization: document.organization,
    body: { format: 'html', content: found.html },
  });
  return { input, follows: followingOf(header), dropped };
}

async function readParts(
  document: IncomingDocument,
  keepPicture: KeepPicture,
  dropped: DroppedList,
): Promise<{ header: Record<string, unknown>; title?: string | undefined; html: string }> {
  switch (formatOf(document)) {
    case 'markdown': {
      const { header, body } = splitFrontMatter(decode(document, dropped));
      return { header, html: await beside(bodyTasks.html, { format: 'markdown', content: body }, body.length) };
    }
    case 'html':
      return { header: {}, html: decode(document, dropped) };
    case 'text': {
      const { title, body } = splitTitle(decode(document, dropped));
      return { header: {}, title, html: textToHtml(body) };
    }
    case 'docx': {
      try {
        return { header: {}, html: await docxToHtml(document.bytes, keepPicture, dropped) };
      } catch (error) {
        throw new LianfaError('document_unreadable', { file: document.name }, { cause: error });
      }
    }
  }
}

function formatOf({ name, type }: IncomingDocument): Format {
  const ending = extname(name).toLowerCase();
  const format = ending ? byEnding[ending] : byType[type.split(';')[0]?.trim().toLowerCase() ?? ''];
  if (!format) throw new LianfaError('document_unsupported', { file: name || type });
  return format;
}

function decode(document: IncomingDocument, dropped: DroppedList): string {
  const { text, encoding } = textOfBytes(document);
  if (encoding !== 'UTF-8') dropped.tell('encoding', encoding);
  return tidyText(text).normalize('NFC');
}

const plainFields = ['title', 'summary', 'language', 'source', 'author', 'cover'] as const;
const listFields = ['columns', 'keywords'] as const;

/** The fields of the front matter, under the names of the API; what has no use is told. */
function fieldsOf(header: Record<string, unknown>, dropped: DroppedList): Record<string, unknown> {
  const {
    kind,
    type,
    policy,
    emergency,
    attachments,
    interprets: _interprets,
    interpretation: _one,
    interpretations: _several,
    release: _release,
    change: _change,
    ...rest
  } = header;
  const fields: Record<string, unknown> = {
    ...(policy !== undefined && { policy }),
    ...(emergency !== undefined && emergency !== null && { emergency: emergencyOfHeader(emergency) }),
  };
  for (const name of plainFields)
    if (rest[name] !== undefined && rest[name] !== null) fields[name] = asText(rest[name]) ?? rest[name];
  for (const name of listFields)
    if (rest[name] !== undefined && rest[name] !== null)
      fields[name] = typeof rest[name] === 'string' ? [rest[name]] : rest[name];
  for (const name of Object.keys(rest))
    if (![...plainFields, ...listFields].some((known) => known === name)) dropped.tell('field', name.slice(0, 60));
  const asked = kind ?? type;
  if (kinds.some((known) => known === asked)) fields['kind'] = asked;
  else if (asked !== undefined) dropped.tell('kind', String(asked).slice(0, 60));
  fields['attachments'] = attachmentsOf(attachments, dropped);
  return fields;
}

const changeWords: Readonly<Record<string, Change>> = {
  correction: 'correction',
  更正: 'correction',
  update: 'update',
  续报: 'update',
};

/** A correction that names no release would go out beside the wrong text, so it is refused. */
function followingOf(header: Record<string, unknown>): Following | undefined {
  const release = asText(header['release'])?.trim();
  const word = header['change'] ?? undefined;
  const change = typeof word === 'string' ? changeWords[word.trim()] : undefined;
  if (word !== undefined && change === undefined)
    throw new LianfaError('field_invalid', {
      field: 'change',
      reason: { zh: '请写“更正”或“续报”。', en: 'write correction or update.' },
    });
  if (release) return { release, change };
  if (change !== undefined) throw new LianfaError('field_missing', { field: 'release' });
  return undefined;
}

/** `{hash, name}` of uploaded files; a bare name has nothing behind it and is told. */
function attachmentsOf(listed: unknown, dropped: DroppedList): unknown[] {
  if (!Array.isArray(listed)) return [];
  return listed.filter((entry: unknown) => {
    if (typeof entry !== 'string') return true;
    dropped.tell('attachment', entry.slice(0, 100));
    return false;
  });
}

/** YAML reads `title: 2026` as a number. */
function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}
