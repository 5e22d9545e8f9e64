/** A document with the files that it names: all found first, then uploaded, then named by hash. */
import type { NamedPicture } from '../core/body/html-pictures.js';
import { medium } from '../server/contract/media.js';
import { CommandFailure, type Client } from './client.js';
import { findAttachments, nameAttachments } from './document-attachments.js';
import { refuseUnfit, type FoundFile } from './document-files.js';
import { findPictures, namePictures } from './document-pictures.js';

interface Sent {
  file: string;
  type: string;
  /** Goes on without the files that are not there. */
  acceptLosses?: boolean | undefined;
  client: Client;
}

/** @throws LianfaError files_missing before anything is uploaded; CommandFailure where the server refuses a file, with the place that names it */
export async function withFiles(bytes: Buffer, { file, type, acceptLosses, client }: Sent): Promise<Buffer> {
  if (type !== 'text/markdown' && type !== 'text/html') return bytes;
  const read = bytes.toString('utf8');
  // Bytes that are not UTF-8 go as they are: the server says so better than a guess would.
  if (!Buffer.from(read).equals(bytes)) return bytes;
  const text = read.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  const markdown = type === 'text/markdown';
  const { placed, unfit } = await findPictures(text, file, markdown);
  const listed = markdown ? await findAttachments(text, file) : { attachments: [], unfit: [] };
  if (!acceptLosses)
    refuseUnfit(
      file,
      [...listed.unfit, ...unfit].sort((a, b) => a.line - b.line),
    );

  const uploaded = new Map<string, string>();
  const upload = async ({ name, bytes: content }: FoundFile, field: string, line: number): Promise<string> => {
    const known = uploaded.get(`${name}\0${content.toString('latin1')}`);
    if (known !== undefined) return known;
    const kept = await client
      .call(medium, 'POST', '/media', { bytes: content, type: 'application/octet-stream', name })
      .catch((error: unknown) => {
        throw withPlace(error, field, line);
      });
    uploaded.set(`${name}\0${content.toString('latin1')}`, kept.hash);
    return kept.hash;
  };
  const hashes = new Map<NamedPicture, string>();
  for (const { picture, found } of placed) hashes.set(picture, await upload(found, 'pictures', picture.line));
  for (const [index, entry] of listed.attachments.entries())
    if (entry.found) entry.hash = await upload(entry.found, `attachments.${index}`, entry.line);
  return Buffer.from(nameAttachments(namePictures(text, hashes), listed.attachments));
}

/** A file is refused under the field of the document that names it, and with its line. */
function withPlace(error: unknown, field: string, line: number): unknown {
  if (!(error instanceof CommandFailure) || error.field !== 'file') return error;
  const message = { zh: `第 ${line} 行：${error.said.zh}`, en: `line ${line}: ${error.said.en}` };
  return new CommandFailure({ code: error.code, field, message, todo: error.todo }, { cause: error });
}
