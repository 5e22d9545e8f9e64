/** Pictures that a Markdown or HTML file names by a relative path: found, to be uploaded, and named by hash instead. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize } from 'node:path';

const markdownPicture = /(!\[[^\]]*\]\(\s*<?)([^)\s>]+)(>?(?:\s+(?:"[^"]*"|'[^']*'))?\s*\))/g;
const htmlPicture = /(<img\b[^>]*?\ssrc\s*=\s*["']?)([^"'\s>]+)/gi;

/**
 * Uploads each picture once and puts `media:HASH` in its place. Only files in the document's own folder or below are
 * taken: a document from elsewhere must not be able to publish pictures of this machine. What isn't there stays as it
 * is; the server leaves it out and says so.
 */
export async function uploadPictures(
  text: string,
  file: string,
  upload: (bytes: Buffer, name: string) => Promise<string>,
): Promise<string> {
  const hashes = new Map<string, string>();
  for (const match of [...text.matchAll(markdownPicture), ...text.matchAll(htmlPicture)]) {
    const named = match[2] ?? '';
    const path = localPath(named);
    if (path === undefined || hashes.has(named)) continue;
    const bytes = await readFile(join(dirname(file), path)).catch(() => undefined);
    if (bytes) hashes.set(named, await upload(bytes, basename(path)));
  }
  const renamed = (_: string, before: string, named: string, after = ''): string =>
    `${before}${hashes.has(named) ? `media:${hashes.get(named) ?? ''}` : named}${after}`;
  return text
    .replace(markdownPicture, (whole: string, before: string, named: string, after: string) =>
      renamed(whole, before, named, after),
    )
    .replace(htmlPicture, (whole: string, before: string, named: string) => renamed(whole, before, named));
}

/** The path of a file in the document's own folder or below; undefined for anything else. */
export function localPath(named: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(named) || named.startsWith('//') || named.startsWith('#')) return undefined;
  let path: string;
  try {
    path = normalize(decodeURIComponent(named.split(/[?#]/)[0] ?? ''));
  } catch {
    return undefined;
  }
  return path === '.' || isAbsolute(path) || path.split(/[/\\]/).includes('..') ? undefined : path;
}
