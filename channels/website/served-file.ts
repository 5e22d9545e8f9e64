/** One file of a site over HTTP: whole, in part, or not at all where the reader has it (RFC 9110, sections 13 and 14). */
import type { PublicAnswer, PublicRequest } from '../channel.js';
import { FileChanged, type Files, type OpenFile } from '../files.js';

type Asked = Pick<PublicRequest, 'method' | 'headers'>;

/**
 * The file as it was at the moment of opening: another in its place changes nothing for this reader. Undefined where
 * there is none. `own` are headers of the file, whatever part of it is sent.
 */
export async function serveFile(
  asked: Asked,
  files: Files,
  path: string,
  own: Readonly<Record<string, string>>,
): Promise<PublicAnswer | undefined> {
  const file = await files.open(path);
  if (!file) return undefined;
  const { etag, modified } = file;
  const headers = { ...own, etag, 'last-modified': modified.toUTCString(), 'accept-ranges': 'bytes' };
  try {
    return await answer(file, asked, headers);
  } catch (error) {
    if (!(error instanceof FileChanged)) throw error;
  } finally {
    await file.close();
  }
  return serveFile(asked, files, path, own);
}

async function answer(
  { size, read }: OpenFile,
  { method, headers: asked }: Asked,
  headers: Record<string, string>,
): Promise<PublicAnswer> {
  if (changedSince(asked, headers)) return { status: 412, headers, body: '' };
  if (unchanged(asked, headers)) return { status: 304, headers, body: '' };
  const part = method === 'GET' && mayTakePart(asked, headers) ? partOf(asked['range'], size) : undefined;
  if (part === 'none') return { status: 416, headers: { ...headers, 'content-range': `bytes */${size}` }, body: '' };
  const { first, last } = part ?? { first: 0, last: size - 1 };
  const sized = { ...headers, 'content-length': String(last - first + 1) };
  if (method === 'HEAD') return { status: 200, headers: sized, body: '' };
  const bytes = size === 0 ? '' : await read(first, last);
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
