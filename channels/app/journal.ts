/**
 * What has been promised, on the disk for certain. A feed's own log survives any crash of a process, because the system
 * writes it out in its own time; this journal survives the loss of power too. Syncing costs a disk turn, so all that ask
 * while one sync is under way share the next: a broadcast to thousands of feeds waits for a few syncs in one file.
 *
 * After a restart of the machine, what a feed's log has lost is put back from here; before one, nothing can be missing.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { namesIn, readIfThere, syncFolder } from './files.js';

export interface Journal {
  /** Lines of feeds' logs, from before the machine's last start, by feed, oldest first. */
  earlier: ReadonlyMap<string, readonly string[]>;
  /** Returns once the lines are on the disk. */
  append(slug: string, lines: readonly string[]): Promise<void>;
}

/** The system writes its files out within minutes; a cid lives a day. */
const keepMs = 48 * 3600 * 1000;
const writer = randomBytes(6).toString('hex');
const journals = new Map<string, Promise<Journal>>();

export function journalOf(folder: string): Promise<Journal> {
  let journal = journals.get(folder);
  if (!journal) {
    journal = openJournal(join(folder, '.journal'));
    journals.set(folder, journal);
    // A failure is this caller's; the next one tries anew.
    journal.catch(() => journals.delete(folder));
  }
  return journal;
}

async function openJournal(folder: string): Promise<Journal> {
  await mkdir(folder, { recursive: true });
  const boot = await bootName();
  const earlier = await readEarlier(folder, boot);
  let waiting: { text: string; done: () => void; fail: (error: unknown) => void }[] = [];
  let writing = false;

  async function writeGroups(): Promise<void> {
    writing = true;
    while (waiting.length) {
      const group = waiting;
      waiting = [];
      try {
        await appendSynced(
          folder,
          `${new Date().toISOString().slice(0, 10)}.${boot}.${writer}`,
          group.map((entry) => entry.text).join(''),
        );
        for (const entry of group) entry.done();
      } catch (error) {
        for (const entry of group) entry.fail(error);
      }
    }
    writing = false;
  }

  return {
    earlier,
    append: (slug, lines) =>
      new Promise((done, fail) => {
        waiting.push({ text: lines.map((line) => `${slug} ${line}\n`).join(''), done, fail });
        if (!writing) void writeGroups();
      }),
  };
}

/** Names this run of the machine. Where the system tells none, every process reads what the others left. */
async function bootName(): Promise<string> {
  const id = (await readIfThere('/proc/sys/kernel/random/boot_id'))?.toString('utf8').replace(/[^0-9a-f]/g, '');
  return id || writer;
}

async function appendSynced(folder: string, name: string, text: string): Promise<void> {
  const handle = await open(join(folder, name), 'a');
  try {
    const { size } = await handle.stat();
    // A full disk may have cut a line short; it must not spoil the next.
    await handle.writeFile(size ? `\n${text}` : text);
    await handle.datasync();
    if (size === 0) await syncFolder(folder);
  } finally {
    await handle.close();
  }
}

/** Throws away what is too old to matter; what this run of the machine wrote, the system still holds. */
async function readEarlier(folder: string, boot: string): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const name of (await namesIn(folder)).sort()) {
    const file = join(folder, name);
    if (Date.now() - (await stat(file)).mtimeMs > keepMs) {
      await unlink(file);
      continue;
    }
    if (name.split('.')[1] === boot) continue;
    for (const text of ((await readIfThere(file))?.toString('utf8') ?? '').split('\n')) {
      const space = text.indexOf(' ');
      if (space < 1) continue;
      const lines = found.get(text.slice(0, space)) ?? [];
      lines.push(text.slice(space + 1));
      found.set(text.slice(0, space), lines);
    }
  }
  return found;
}
