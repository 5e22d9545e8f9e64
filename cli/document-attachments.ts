/** Attachments that a front matter names by a relative path: found, to be uploaded, and named by hash instead. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { attachableEndings } from '../core/media/kind.js';
import { localPath } from './document-pictures.js';

/**
 * Uploads each file and puts `{hash, name}` in its place. A name may leave out the ending. Only files in the document's
 * own folder or below are taken. What isn't there stays as it is; the server leaves it out and says so.
 * `upload` gets the field, by which a refused file is named.
 */
export async function uploadAttachments(
  text: string,
  file: string,
  upload: (bytes: Buffer, name: string, field: string) => Promise<string>,
): Promise<string> {
  const [whole, before = '', front = ''] =
    /^(\s*---[^\S\n]*\r?\n)([\s\S]*?\r?\n)(?=---[^\S\n]*(?:\r?\n|$))/.exec(text) ?? [];
  if (whole === undefined) return text;
  const document = parseDocument(front, { schema: 'core' });
  const listed = isMap(document.contents) && document.errors.length === 0 ? document.get('attachments') : undefined;
  if (!isSeq(listed)) return text;
  let changed = false;
  for (const [index, entry] of listed.items.entries()) {
    const named = isScalar(entry) && typeof entry.value === 'string' ? entry.value : undefined;
    const found = named === undefined ? undefined : await findFile(named, dirname(file));
    if (!found) continue;
    const hash = await upload(found.bytes, found.name, `attachments.${index}`);
    listed.set(index, document.createNode({ hash, name: found.name }));
    changed = true;
  }
  // Only the list is written anew: quoting and comments of the rest stay as the author wrote them.
  return changed ? `${before}${String(document)}${text.slice(whole.length)}` : text;
}

async function findFile(named: string, folder: string): Promise<{ bytes: Buffer; name: string } | undefined> {
  const path = localPath(named);
  if (path === undefined) return undefined;
  for (const candidate of [path, ...attachableEndings.map((ending) => `${path}${ending}`)]) {
    const bytes = await readFile(join(folder, candidate)).catch(() => undefined);
    if (bytes) return { bytes, name: basename(candidate) };
  }
  return undefined;
}
