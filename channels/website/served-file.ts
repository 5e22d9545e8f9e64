/** One file of a site over HTTP: whole, in part, or not at all where the reader has it (RFC 9110, sections 13 and 14). */
import { open, type FileHandle } from 'node:fs/promises';
import type { PublicAnswer, PublicRequest } from '../channel.js';
import { isMissing } from './site/files.js';

type Asked = Pick<PublicRequest, 'method' | 'headers'>;

/**
 * The file as it was at the moment of opening: a rename in between changes nothing for this reader. Undefined where
 * there is none. `own` are headers of the file, whatever part of it is sent.
 */
export async function serveFile(
  { method, headers: asked }: Asked,
  path: string,
  own: Readonly<Record<string, string>>,
): Promise<PublicAnswer | undefined> {
  let handle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const about = await handle.stat();
    if (!about.isFile()) return undefined;
    const { ino, size, mtime, mtimeMs } = about;
    const etag = `"${ino.toString(36)}-${size.toString(36)}-${Math.trunc(mtimeMs).toString(36)}"`;
    return await answer(
      handle,
      size,
      { method, headers: asked },
      { ...own, etag, 'last-modified': mtime.toUTCString(), 'accept-ranges': 'bytes' },
    );
  } finally {
    await handle.close();
  }
}

async function answer(
  handle: FileHandle,
  size: number,
  { method, headers: asked }: Asked,
  headers: Record<string, string>,
): Promise<PublicAnswer> {
  if (changedSince(asked, headers)) return { status: 412, headers, body: '' };
  if (unchanged(asked, headers)) return { status: 304, headers, body: '' };
  const part = method === 'GET' && mayTakePart(asked, headers) ? partOf(asked['range'], size) : undefined;
  if (part === 'none') return { status: 416, headers: { ...headers, 'content-range': `bytes */${size}` }, body: '' };
  const { first, last } = part ?? { first: 0, last: size - 1 };
  const length = last - first + 1;
  const sized = { ...headers, 'content-length': String(length) };
  if (method === 'HEAD') return { status: 200, headers: sized, body: '' };
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(bytes, done, length - done, first + done);
    // A file is never shortened in place; a disk that fails says so itself.
    if (bytesRead === 0) throw new Error('a file ended before its own length');
    done += bytesRead;
  }
  return part
    ? { status: 206, headers: { ...sized, 'content-range': `bytes ${first}-${last}/${size}` }, body: bytes }
    : { status: 200, headers: sized, body: bytes };
}

function names(list: string, etag: string, weakly: boolean): boolean {
  return list
    .split(',')
    .map((tag) => tag.trim())
    .some((tag) => tag === '*' || (weakly ? tag.replace(/^W\//, '') : tag) === etag);
}

/** Whole seconds, as dates in headers are. Not a number where there is no date. */
function seconds(date: string | undefined): number {
  return Math.floor(Date.parse(date ?? '') / 1_000);
}

function changedSince(
  asked: Asked['headers'],
  { etag = '', 'last-modified': modified }: Record<string, string>,
): boolean {
  if (asked['if-match'] !== undefined) return !names(asked['if-match'], etag, false);
  return seconds(modified) > seconds(asked['if-unmodified-since']);
}

function unchanged(asked: Asked['headers'], { etag = '', 'last-modified': modified }: Record<string, string>): boolean {
  if (asked['if-none-match'] !== undefined) return names(asked['if-none-match'], etag, true);
  return seconds(modified) <= seconds(asked['if-modified-since']);
}

/** A reader who goes on with an older part gets the whole of what is there now. */
function mayTakePart(asked: Asked['headers'], { etag, 'last-modified': modified }: Record<string, string>): boolean {
  const since = asked['if-range']?.trim();
  return since === undefined || since === etag || since === modified;
}

/** Undefined: the whole. Several parts at once are not sent, which a server may decide; nor is what cannot be read as a range. */
function partOf(range: string | undefined, size: number): { first: number; last: number } | 'none' | undefined {
  const [, from = '', to = ''] = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i.exec(range ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  if (from === '')
    return Number(to) > 0 && size > 0 ? { first: Math.max(0, size - Number(to)), last: size - 1 } : 'none';
  if (to !== '' && Number(to) < Number(from)) return undefined;
  return Number(from) < size
    ? { first: Number(from), last: Math.min(size - 1, to === '' ? size - 1 : Number(to)) }
    : 'none';
}
