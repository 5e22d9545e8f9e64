/** Files that all processes of a hub share, and the folder of one machine as the first of two ways of keeping them. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** One file as it was at the moment of opening. */
export interface OpenFile {
  /** Bytes. */
  size: number;
  /** With its quotes; another with every change. */
  etag: string;
  modified: Date;
  /** From byte `first` to `last`, both included. @throws FileChanged where another has taken its place */
  read(first: number, last: number): Promise<Buffer>;
  close(): Promise<void>;
}

/**
 * Files under names that are paths with `/`. Each is there whole or not at all, whoever reads and whatever crashes; what
 * was written is there for everybody when the call returns. What has no answer throws StorageAway, or the disk's own error.
 */
export interface Files {
  /** Undefined where there is none. */
  read(name: string): Promise<Buffer | undefined>;
  has(name: string): Promise<boolean>;
  open(name: string): Promise<OpenFile | undefined>;
  /** `type`: what whoever serves it without us must call it. */
  write(name: string, content: Buffer | string, type?: string): Promise<void>;
  /**
   * Writes what was drawn from records and can be drawn again. Whoever draws one file side by side gives it an order, two
   * texts of one length compared as texts: where a bucket already holds what a higher one drew, that stays. In a folder it
   * is the drawer's lock that keeps the order. What is the same keeps its ETag.
   */
  draw(name: string, content: string, order: string, type?: string): Promise<void>;
  drop(name: string): Promise<void>;
  /** Those below a folder. `hidden`: for nobody outside, and nowhere else: kept from other users of the machine, and on the disk when written. */
  under(path: string, hidden?: 'hidden'): Files;
}

/** Another file has taken the place of the one that was opened. */
export class FileChanged extends Error {
  override name = 'FileChanged';
}

/** The storage gave no answer, or none that could be used: for now nothing can be said of any file. */
export class StorageAway extends Error {
  override name = 'StorageAway';
}

/** Whether an error, or what it came from, is the storage's silence. */
export function isStorageAway(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) if (one instanceof StorageAway) return true;
  return false;
}

/** @throws RangeError for a name that could lead elsewhere */
export function safeName(name: string): string {
  if (!/^[\w.-]+(?:\/[\w.-]+)*$/.test(name) || /(?:^|\/)\.\.?(?:\/|$)/.test(name))
    throw new RangeError(`"${name}" is not the name of a file`);
  return name;
}

/** Files in a folder of this machine. */
export function filesInFolder(folder: string, hidden?: 'hidden'): Files {
  const [fileMode, folderMode] = hidden ? [0o600, 0o700] : [0o644, 0o755];
  const pathOf = (name: string): string => join(folder, safeName(name));
  return {
    read: (name) => orNothing(readFile(pathOf(name))),
    has: async (name) => (await orNothing(stat(pathOf(name))))?.isFile() ?? false,
    open: (name) => openFile(pathOf(name)),
    async write(name, content) {
      const path = pathOf(name);
      const draft = draftOf(path);
      try {
        const handle = await opened(draft, folderMode, fileMode);
        try {
          await handle.writeFile(content);
          if (hidden) await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(draft, path);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    },
    async draw(name, content) {
      replace(pathOf(name), Buffer.from(content), folderMode, fileMode);
    },
    drop: (name) => rm(pathOf(name), { force: true }),
    under: (path, below = hidden) => filesInFolder(pathOf(path), below),
  };
}

/** A name beside the target that no other writer has. */
function draftOf(path: string): string {
  return `${path}.${process.pid}-${randomBytes(6).toString('hex')}.part`;
}

async function opened(draft: string, folderMode: number, fileMode: number) {
  try {
    return await open(draft, 'wx', fileMode);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await mkdir(dirname(draft), { recursive: true, mode: folderMode });
    return open(draft, 'wx', fileMode);
  }
}

/**
 * Without the event loop: over thousands of small files, waiting for each costs several times the work itself. Only what
 * differs, so that an unchanged page keeps its ETag.
 */
function replace(path: string, bytes: Buffer, folderMode: number, fileMode: number): void {
  if (bytesIfThere(path)?.equals(bytes)) return;
  const draft = draftOf(path);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: folderMode });
    writeFileSync(draft, bytes, { mode: fileMode });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function bytesIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function openFile(path: string): Promise<OpenFile | undefined> {
  const handle = await orNothing(open(path, 'r'));
  if (!handle) return undefined;
  const close = () => handle.close();
  try {
    const about = await handle.stat();
    if (!about.isFile()) {
      await close();
      return undefined;
    }
    const { ino, size, mtime, mtimeMs } = about;
    const etag = `"${ino.toString(36)}-${size.toString(36)}-${Math.trunc(mtimeMs).toString(36)}"`;
    return {
      ...{ size, etag, modified: mtime, close },
      async read(first, last) {
        const bytes = Buffer.alloc(last - first + 1);
        for (let done = 0; done < bytes.length;) {
          const { bytesRead } = await handle.read(bytes, done, bytes.length - done, first + done);
          // A file is never shortened in place; a disk that fails says so itself.
          if (bytesRead === 0) throw new Error('a file ended before its own length');
          done += bytesRead;
        }
        return bytes;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function orNothing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(fileCode(error));
}

/** The file system's own code of an error, or nothing. */
export function fileCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}
