/** Word documents (.docx) as the importer takes them: read by `docx/read.ts`, their pictures put into the library. */
import type { Said } from '../../channels/channel.js';
import type { DroppedList } from '../body/dropped.js';
import { LianfaError } from '../errors.js';
import type { DocxAnswer } from './docx/answer.js';
import { tasks } from './tasks.js';
import { beside } from '../threads/pool.js';
import type { DocxChoices, DocxReading } from './docx/read.js';

/** Puts a picture into the library and gives its hash; else the reason why it can't be used, where there is one to tell. */
export type KeepPicture = (bytes: Buffer, name: string) => Promise<string | Said | undefined>;

/** What comes of a Word document: its pictures stand in the HTML as `media:HASH`. */
export type ReadWord = Pick<DocxReading, 'html' | 'title' | 'number' | 'issuer'>;

/** Reads a document and tells what of it is lost. @throws LianfaError document_tracked, file_too_large, document_unreadable */
export async function docxToHtml(
  { bytes, name }: { bytes: Buffer; name: string },
  keepPicture: KeepPicture,
  dropped: DroppedList,
  choices: DocxChoices,
): Promise<ReadWord> {
  const given = { bytes, choices: { revisions: choices.revisions } };
  // However small the file: it says nothing of what it unpacks to.
  const answer = await beside(tasks.word, given, Infinity);
  if (answer.kind !== 'read') throw refusal(answer, name);
  const { reading } = answer;
  for (const { kind, name: what, at } of reading.lost) dropped.tell(kind, what, at);
  return { ...reading, html: await placePictures(reading, keepPicture, dropped) };
}

function refusal(answer: Exclude<DocxAnswer, { kind: 'read' }>, file: string): LianfaError {
  switch (answer.kind) {
    case 'tracked':
      return new LianfaError('document_tracked', { file, found: answer.found });
    case 'too large':
      return new LianfaError('file_too_large', { file, limit: answer.limit });
    case 'unreadable':
      return new LianfaError('document_unreadable', { file }, { cause: answer.why });
  }
}

/** Each picture into the library, and its hash into the text; one that can't be used is taken out and told with the reason. */
async function placePictures(
  { html, pictures }: Pick<DocxReading, 'html' | 'pictures'>,
  keepPicture: KeepPicture,
  dropped: DroppedList,
): Promise<string> {
  const kept: (string | undefined)[] = [];
  for (const { name, label, bytes } of pictures) {
    const answer = bytes.length > 0 ? await keepPicture(Buffer.from(bytes), name) : undefined;
    kept.push(typeof answer === 'string' ? answer : undefined);
    if (typeof answer !== 'string') dropped.tell('wordPicture', answer ? `${label}：${answer.zh} ${answer.en}` : label);
  }
  return html.replace(/<img src="word:(\d+)"([^>]*)>/g, (_, at: string, rest: string) => {
    const hash = kept[Number(at)];
    return hash === undefined ? '' : `<img src="media:${hash}"${rest}>`;
  });
}
