/**
 * Content that many feeds show, on the disk once: `.store/<name>`, and a hard link to it wherever a feed shows it. A
 * release that goes to a thousand feeds costs a thousand links, not a thousand copies, and each feed's own withdrawal
 * still takes away all that the feed holds.
 */
import { existsSync, linkSync } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode, isMissing, isThere, writeSynced, writeWhole } from './files.js';

const underWay = new Map<string, Promise<void>>();

/** Lets `target` (a path within the folder) show what the store holds under `name`; `read` gives it where the store lacks it. */
export async function show(
  folder: string,
  name: string,
  target: string,
  read: () => Promise<Buffer | string>,
): Promise<void> {
  const [stored, shown] = [`${folder}/.store/${name}`, `${folder}/${target}`];
  if (existsSync(shown)) return;
  // Each turn mends one thing that was in the way; another process may take it away again only so often.
  for (let turn = 0; turn < 8; turn += 1) {
    try {
      linkSync(stored, shown);
      return;
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return;
      if (isMissing(error)) {
        await mkdir(dirname(shown), { recursive: true });
        if (!(await isThere(stored))) await fill(stored, read);
      } else if (hasCode(error, 'EMLINK')) {
        // A file system has an end to links of one file: those who show it keep it, and the store begins another.
        await fill(stored, read);
      } else if (hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'ENOSYS')) {
        await writeWhole(shown, await read());
        return;
      } else throw error;
    }
  }
  throw new Error(`${shown} cannot be linked to its content`);
}

/** All that ask at once wait for one writing. */
function fill(stored: string, read: () => Promise<Buffer | string>): Promise<void> {
  let work = underWay.get(stored);
  if (!work) {
    work = (async () => writeSynced(stored, await read()))().finally(() => underWay.delete(stored));
    underWay.set(stored, work);
  }
  return work;
}

/** Takes it away from the feed, and from the store where no other feed shows it. */
export async function hide(folder: string, name: string, target: string): Promise<void> {
  await rm(join(folder, target), { force: true });
  const stored = join(folder, '.store', name);
  try {
    if ((await stat(stored)).nlink === 1) await rm(stored, { force: true });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
