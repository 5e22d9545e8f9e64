/** One door for documents: chooses the reader by name and type, and makes of each the same input that the composer sends. */
import { extname } from 'node:path';
import { LianfaError } from '../errors.js';
import { checkFields } from '../field-errors.js';
import { releaseInput, type ReleaseInput } from '../releases/input.js';
import { tidyText } from '../text.js';
import { docxToHtml, type KeepPicture } from './docx.js';
import type { DocxChoices } from './docx/read.js';
import { otherProgram } from './other-programs.js';
import { DroppedList } from '../body/dropped.js';
import { textOfBytes } from './encoding.js';
import { tasks as bodyTasks } from '../body/tasks.js';
import { tasks } from './tasks.js';
import { beside } from '../threads/pool.js';
import { linksOf } from '../releases/links.js';
import { splitFrontMatter, type FrontMatter } from './front-matter.js';
import { fieldsOf, followingOf, type Following } from './header-fields.js';
import { planIn, type WrittenPlan } from './header-plan.js';
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
  /** What to do with tracked changes and comments. */
  revisions?: DocxChoices['revisions'];
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
 * @throws LianfaError document_unsupported, document_of_other_program, document_not_utf8, document_unreadable, document_tracked, file_too_large, document_is_draft, field_missing, field_invalid
 */
export async function readDocument(
  document: IncomingDocument,
  { keepPicture, releaseNamed }: Doors,
  dropped = new DroppedList(),
): Promise<{ input: ReleaseInput; follows: Following | undefined; plan: WrittenPlan; dropped: DroppedList }> {
  const { front, title, html } = await readParts(document, keepPicture, dropped);
  const read = (): { fields: Record<string, unknown>; follows: Following | undefined } => ({
    fields: fieldsOf(front.values, dropped),
    follows: followingOf(front.values),
  });
  const { fields, follows } = withLine(front, read);
  const own = textOf(fields['title']);
  if (document.title !== undefined && own !== undefined && own !== document.title)
    dropped.tell('replaced_title', own.slice(0, 100));
  const found = await beside(tasks.heading, { html, given: document.title ?? own ?? title }, html.length);
  const links = await linksOf(fields, releaseNamed, dropped);
  const input = withLine(front, () =>
    checkFields(releaseInput, {
      ...fields,
      ...links,
      title: found.title,
      source: textOf(fields['source']) ?? document.source,
      organization: document.organization,
      body: { format: 'html', content: found.html },
    }),
  );
  return { input, follows, plan: withLine(front, () => planIn(front)), dropped };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** What is wrong with a field is told with the line on which the document has it. */
function withLine<T>(front: FrontMatter, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof LianfaError) || error.code !== 'field_invalid' || error.field === undefined) throw error;
    const line = front.lineOf(error.field);
    const { reason } = error.details;
    if (line === undefined || typeof reason !== 'object') throw error;
    const placed = { zh: `${reason.zh}（第 ${line} 行）`, en: `${reason.en} (line ${line})` };
    throw new LianfaError('field_invalid', { ...error.details, reason: placed }, { cause: error });
  }
}

const noFront: FrontMatter = { values: {}, body: '', lineOf: () => undefined };

async function readParts(
  document: IncomingDocument,
  keepPicture: KeepPicture,
  dropped: DroppedList,
): Promise<{ front: FrontMatter; title?: string | undefined; html: string }> {
  switch (formatOf(document)) {
    case 'markdown': {
      const front = splitFrontMatter(decode(document, dropped), dropped);
      const given = { format: 'markdown' as const, content: front.body };
      const { html, lost } = await beside(bodyTasks.html, given, front.body.length);
      dropped.take(lost);
      return { front, html };
    }
    case 'html':
      return { front: noFront, html: decode(document, dropped) };
    case 'text': {
      const text = decode(document, dropped);
      const { title, body } = splitTitle(text);
      // A first line that is not the title asked for is part of the text.
      const whole = document.title !== undefined && document.title !== title;
      return { front: noFront, title, html: textToHtml(whole ? text : body) };
    }
    case 'docx': {
      const { title, number, issuer, html } = await docxToHtml(document, keepPicture, dropped, document);
      const values = number === undefined ? {} : { policy: { number, ...(issuer !== undefined && { issuer }) } };
      // Another title was asked for: the document's own stays, as its first heading.
      const other = document.title !== undefined && title !== undefined && document.title !== title;
      const heading = other ? textToHtml(title).replace(/^<p>(.*)<\/p>$/, '<h2>$1</h2>') : '';
      return { front: { ...noFront, values }, title, html: `${heading}${html}` };
    }
  }
}

function formatOf({ bytes, name, type }: IncomingDocument): Format {
  const other = otherProgram(name, bytes);
  if (other) throw new LianfaError('document_of_other_program', { file: name || type, what: other });
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
