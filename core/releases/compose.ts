/** What a revision says: composed from an input, and hashed. */
import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import type { Attachment, Change, Picture, PolicyHeader } from '../../channels/channel.js';
import { withDrill, type Area, type Emergency } from '../../channels/emergency.js';
import { LianfaError } from '../errors.js';
import type { ReleaseInput } from './input.js';
import { endingsOf } from '../media/kind.js';
import type { Medium } from '../model/medium.js';
import type { Store } from '../store/store.js';
import { mentionedMedia, plainText } from '../body/canonical.js';
import { tidyLine, tidyText } from '../text.js';
import { DroppedList, type Dropped } from '../body/dropped.js';
import { checkedEmergency, endedAt, isLifting } from './emergency.js';
import { requireReleases } from './links.js';
import { withStandIns } from './stand-ins.js';
import type { TemplateUse } from '../model/event-template.js';
import type { Revision } from '../model/release.js';
import { digestOf } from '../body/digest.js';
import { tasks } from '../body/tasks.js';
import { beside } from '../threads/pool.js';

/** What the author decides, and what a signature covers; and how its words are known again. */
export type RevisionContent = Pick<
  Revision,
  | 'kind'
  | 'change'
  | 'language'
  | 'title'
  | 'summary'
  | 'body'
  | 'author'
  | 'source'
  | 'columns'
  | 'keywords'
  | 'cover'
  | 'pictures'
  | 'attachments'
  | 'policy'
  | 'emergency'
  | 'interprets'
  | 'interpretations'
  | 'template'
> &
  Required<Pick<Revision, 'words'>>;

/**
 * Cleans an input into content. Only pictures and files of the media library are taken over. `of`: the release whose signed
 * revision this one follows, and what it is to that.
 * @throws LianfaError drill_picture_unmarked; field_invalid for a picture, cover or attachment that is not in the library, or a link to a release that does not exist; field_missing for a title of nothing but markup
 */
export async function composeContent(
  store: Store,
  given: ReleaseInput,
  dropped = new DroppedList(),
  of?: { release: string; change?: Change | undefined },
): Promise<{ content: RevisionContent; dropped: Dropped[] }> {
  const input = await withStandIns(store, given);
  const { format, content } = input.body;
  const read = format !== 'html' && (await beside(tasks.html, { format, content: tidyText(content) }, content.length));
  if (read) dropped.take(read.lost);
  const html = read ? read.html : content;
  const named = [...input.pictures, ...input.attachments].map(({ hash }) => hash);
  const library = await mediaByHash(store, [
    ...mentionedMedia(html),
    ...named,
    ...(input.cover === undefined ? [] : [input.cover]),
  ]);
  const isPicture = (medium: Medium): boolean => medium.width !== undefined && medium.state !== 'refused';
  const known = new Set([...library.values()].filter(isPicture).map(({ _id }) => _id));
  const body = await beside(tasks.clean, { html, known: [...known] }, html.length);
  dropped.take(body.lost);

  const pictures = picturesOf([...body.pictures, ...input.pictures], library, known);
  if (input.cover !== undefined && !known.has(input.cover)) throw notInLibrary('cover');
  if (input.cover !== undefined && !pictures.some(({ hash }) => hash === input.cover))
    pictures.push(...picturesOf([{ hash: input.cover, alt: '' }], library, known));
  const title = wordsOnly('title', input.title, dropped);
  if (!title) throw new LianfaError('field_missing', { field: 'title' });
  const cover = input.cover ?? pictures[0]?.hash;
  await requireReleases(store, input);
  const emergency =
    input.emergency &&
    (await checkedEmergency(store, input.emergency, {
      kind: input.kind,
      of: of?.release,
      hasText: body.beginning !== '' || body.pictures.length > 0,
    }));
  const ended = emergency && endedAt(emergency);
  if (ended !== undefined) dropped.tell('expired', ended);
  return {
    content: {
      kind: input.kind,
      language: input.language,
      title,
      summary: wordsOnly('summary', input.summary, dropped) || body.beginning,
      body: body.html,
      // A drill is read as one on every channel, so a real warning in its words is another text.
      words: digestOf(withDrill(title, emergency, input.language), body.digest),
      source: composed(input.source),
      columns: input.columns.map(composed),
      keywords: input.keywords.map(composed),
      pictures,
      attachments: attachmentsOf(input.attachments, library),
      ...(input.author && { author: composed(input.author) }),
      ...(cover !== undefined && { cover }),
      ...(input.policy && { policy: input.policy satisfies PolicyHeader }),
      ...(emergency && { emergency }),
      // The first revision changes nothing, and a warning's message type says it already.
      ...(of && !emergency && { change: of.change ?? 'correction' }),
      // What says that a warning is over has other words than the warning.
      ...(input.template && !isLifting(emergency) && { template: input.template }),
      ...(input.interprets?.length && { interprets: [...new Set(input.interprets)] }),
      ...(input.interpretations?.length && { interpretations: [...new Set(input.interpretations)] }),
    },
    dropped: dropped.list(),
  };
}

/** In one Unicode form. The input's schema has cleaned it already; what composes a release without a request has not. */
function composed(text: string): string {
  return tidyLine(text).normalize('NFC');
}

async function mediaByHash(store: Store, hashes: string[]): Promise<ReadonlyMap<string, Medium>> {
  const wanted = [...new Set(hashes)];
  const found = wanted.length ? await store.media.find({ _id: { $in: wanted } }).lean() : [];
  return new Map(found.map((medium) => [medium._id, medium]));
}

function picturesOf(
  named: readonly { hash: string; alt: string }[],
  library: ReadonlyMap<string, Medium>,
  known: ReadonlySet<string>,
): Picture[] {
  const pictures = new Map<string, Picture>();
  named.forEach(({ hash, alt }, index) => {
    const medium = library.get(hash);
    if (!medium || !known.has(hash)) throw notInLibrary(`pictures.${index}.hash`);
    const { width = 0, height = 0, moving } = medium;
    if (!pictures.has(hash)) pictures.set(hash, { hash, alt, width, height, ...(moving && { moving }) });
  });
  return [...pictures.values()];
}

function attachmentsOf(named: ReleaseInput['attachments'], library: ReadonlyMap<string, Medium>): Attachment[] {
  return named.map(({ hash, name }, index) => {
    const medium = library.get(hash);
    if (!medium) throw notInLibrary(`attachments.${index}.hash`);
    return {
      hash,
      name: attachmentName(name || medium.name, medium, `attachments.${index}`),
      mime: medium.mime,
      bytes: medium.bytes,
    };
  });
}

/** A title without an ending gets that of the file, so that what is downloaded opens. A picture may be attached, too. */
function attachmentName(name: string, { mime, name: file, width }: Medium, field: string): string {
  const endings = endingsOf(mime) ?? (width === undefined ? [] : ['.jpg', '.jpeg', '.png', '.gif', '.webp']);
  if (endings.includes(extname(name).toLowerCase())) return name;
  const own = extname(file).toLowerCase();
  if (!/^\.[A-Za-z0-9]{1,5}$/.test(extname(name)) && endings.includes(own)) return `${name}${own}`;
  throw new LianfaError('attachment_refused', {
    field,
    file: name,
    reason: { zh: `内容是 ${mime}，与扩展名不符。`, en: `it holds ${mime}, which is not what its ending says.` },
  });
}

function notInLibrary(field: string): LianfaError {
  return new LianfaError('field_invalid', {
    field,
    reason: {
      zh: '素材库中没有这个文件，请先上传。',
      en: 'the media library does not hold this file; upload it first.',
    },
  });
}

/** A one-line text without markup. Angle brackets around Chinese words are no markup and stay. */
function wordsOnly(field: 'title' | 'summary', text: string, dropped: DroppedList): string {
  if (!/<[a-z!/?]/i.test(text)) return composed(text).replace(/\s+/g, ' ').trim();
  dropped.tell('markup', field);
  return plainText(text).replace(/\s+/g, ' ');
}

/** SHA-256 over everything the author decides, in one order whatever order it came in. */
export function hashOf(content: RevisionContent): string {
  return createHash('sha256').update(hashedText(content)).digest('hex');
}

/** The text that is hashed. */
export function hashedText(content: RevisionContent): string {
  const {
    kind,
    language,
    title,
    summary,
    body,
    author,
    source,
    columns,
    keywords,
    cover,
    pictures,
    attachments,
    policy,
    emergency,
    interprets,
    interpretations,
    change,
    template,
  } = content;
  const { index, number, issuer, signed, validity, topic, keywords: topics } = policy ?? {};
  const ordered = [
    kind,
    language,
    title,
    summary,
    body,
    author,
    source,
    columns,
    keywords,
    cover,
    pictures.map(({ hash, alt, width, height }) => [hash, alt, width, height]),
    attachments.map(({ hash, name, mime, bytes }) => [hash, name, mime, bytes]),
    [index, number, issuer, signed, validity, topic, topics],
    // Appended only where there is one, so that the hash of every other revision stays what it was.
    ...(emergency ? [emergencyInOrder(emergency)] : []),
    ...(change ? [{ change }] : []),
    ...(interprets || interpretations ? [{ interprets, interpretations }] : []),
    ...(template ? [{ template: templateInOrder(template) }] : []),
  ];
  return JSON.stringify(ordered);
}

function templateInOrder({ id, version, facts }: TemplateUse): unknown[] {
  const { level, areas, onset, expires, urgency, severity, certainty, own } = facts;
  const places = areas.map(({ code, name }) => [code, name]);
  return [id, version, level, places, onset, expires, urgency, severity, certainty, Object.entries(own).sort()];
}

function emergencyInOrder({
  status,
  msgType,
  level,
  category,
  event,
  areas,
  onset,
  expires,
  responseType,
  instruction,
  contact,
  references,
  urgency,
  certainty,
  note,
  severity,
  unsaid,
  short,
  spoken,
}: Emergency): unknown[] {
  return [
    status,
    msgType,
    level,
    category,
    event,
    areas.map(({ code, name, ...shapes }) => [
      code,
      name,
      ...(Object.keys(shapes).length > 0 ? [shapesInOrder(shapes)] : []),
    ]),
    onset,
    expires,
    responseType,
    instruction,
    contact,
    references.map(({ release, revision, sent, expires }) => [
      ...[release, revision, sent],
      // It came later, as what is below.
      ...(expires === undefined ? [] : [expires]),
    ]),
    // JSON would write what is absent as null: these came later, and what was signed before keeps its hash.
    ...((urgency ?? certainty ?? note ?? severity ?? unsaid ?? short ?? spoken)
      ? [{ urgency, certainty, note, severity, unsaid, short, spoken }]
      : []),
  ];
}

function shapesInOrder({ polygons, circles, geocodes }: Omit<Area, 'code' | 'name'>): object {
  return { polygons, circles, geocodes: geocodes?.map(({ name, value }) => [name, value]) };
}
