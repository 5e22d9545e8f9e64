/** The files beside a document: found however their name is written, and only in the document's own folder or below. */
import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Said } from '../channels/channel.js';
import { LianfaError } from '../core/errors.js';

export interface FoundFile {
  name: string;
  bytes: Buffer;
}

/** A file that a document names and that cannot go along, and why. */
export interface Unfit {
  line: number;
  named: string;
  why: Said;
}

/** Whether a name is one of a file beside the document; else it is an address, or names what is uploaded already. */
export function isLocal(named: string): boolean {
  return /^(?:file:|[a-z]:[\\/])/i.test(named) || !/^(?:[a-z][a-z0-9+.-]*:|\/\/|#)/i.test(named);
}

const missing: Said = { zh: '没有找到这个文件', en: 'there is no such file' };
const outside: Said = { zh: '不在文档所在的文件夹内，不能使用', en: 'it lies outside the folder of the document' };
const empty: Said = { zh: '是空文件', en: 'it is empty' };
const unreadable: Said = { zh: '无法读取', en: 'it cannot be read' };

/** `endings` may be left out of the name. A document from elsewhere must not be able to publish files of this machine, nor by way of a link. */
export async function findFile(
  named: string,
  document: string,
  endings: readonly string[] = [],
): Promise<FoundFile | Said> {
  const folder = dirname(document);
  let refused = missing;
  for (const written of new Set(spellings(named))) {
    for (const ending of ['', ...endings]) {
      const path = await pathBelow(folder, `${written}${ending}`);
      if (path === outside) refused = outside;
      if (typeof path !== 'string') continue;
      const inside = `${await realpath(folder)}${sep}`;
      if (!(await realpath(path)).startsWith(inside)) return outside;
      const bytes = await readFile(path).catch(() => undefined);
      if (!bytes) return unreadable;
      return bytes.length === 0 ? empty : { name: basename(path), bytes };
    }
  }
  return refused;
}

/** As it is written, without what follows `?`, and with %20 read as a blank. */
function* spellings(named: string): Generator<string> {
  yield named;
  const path = named.split(/[?#]/)[0] ?? '';
  yield path;
  try {
    yield /^file:\/\//i.test(named) ? fileURLToPath(named) : decodeURIComponent(path.replace(/^file:/i, ''));
  } catch {
    // Not encoded, then.
  }
}

/** A step at a time: by its own letters, else by the same in another Unicode form or case. */
async function pathBelow(folder: string, written: string): Promise<string | Said | undefined> {
  const prefix = folder.replaceAll('\\', '/').replace(/\/?$/, '/');
  const relative = written.replaceAll('\\', '/');
  const steps = (relative.startsWith(prefix) ? relative.slice(prefix.length) : relative)
    .split('/')
    .filter((step) => step !== '.');
  if (steps.includes('..') || steps[0] === '' || /^[a-z]:$/i.test(steps[0] ?? '')) return outside;
  let path = folder;
  for (const [index, step] of steps.entries()) {
    if (step === '') continue;
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    const alike = (fold: (name: string) => string) => entries.find(({ name }) => fold(name) === fold(step));
    const entry =
      alike((name) => name) ??
      alike((name) => name.normalize('NFC')) ??
      alike((name) => name.normalize('NFC').toLowerCase());
    if (!entry || (index === steps.length - 1 && entry.isDirectory())) return undefined;
    path = join(path, entry.name);
  }
  return path === folder ? undefined : path;
}

/** @throws LianfaError files_missing, which names each with its line */
export function refuseUnfit(document: string, unfit: readonly Unfit[]): void {
  if (unfit.length === 0) return;
  const files = {
    zh: unfit.map(({ line, named, why }) => `第 ${line} 行“${named}”${why.zh}`).join('；'),
    en: unfit.map(({ line, named, why }) => `line ${line}, "${named}": ${why.en}`).join('; '),
  };
  throw new LianfaError('files_missing', { file: basename(document), files });
}
