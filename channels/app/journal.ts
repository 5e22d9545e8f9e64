/**
 * Cids in use, on the disk for certain before they are used. A file of its own for each delivery survives any crash of a
 * process; this journal survives the loss of power. Syncing costs a disk turn, so all that ask while one sync is under
 * way share the next: a broadcast waits for a few syncs, not for one a delivery.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { namesIn, readIfThere } from './files.js';

/** An empty cid: the reservation was given back. */
const line = z.object({ delivery: z.string(), cid: z.string(), at: z.string() });
export type Reservation = z.output<typeof line>;

interface Journal {
  /** What processes before this one left behind, by delivery. */
  earlier: Map<string, Reservation>;
  append(entry: Reservation): Promise<void>;
}

/** Longer than a cid lives. */
const keepMs = 48 * 3600 * 1000;
const writer = randomBytes(6).toString('hex');
const journals = new Map<string, Promise<Journal>>();

export function journalOf(folder: string, now: Date): Promise<Journal> {
  let journal = journals.get(folder);
  if (!journal) {
    journal = openJournal(join(folder, '.journal'), now);
    journals.set(folder, journal);
    // A failure is this caller's; the next one tries anew.
    journal.catch(() => journals.delete(folder));
  }
  return journal;
}

async function openJournal(folder: string, now: Date): Promise<Journal> {
  await mkdir(folder, { recursive: true });
  const earlier = await readEarlier(folder, now);
  let waiting: { text: string; done: () => void; fail: (error: unknown) => void }[] = [];
  let writing = false;

  async function writeGroups(): Promise<void> {
    writing = true;
    while (waiting.length) {
      const group = waiting;
      waiting = [];
      try {
        await writeSynced(join(folder, `${new Date().toISOString().slice(0, 10)}-${writer}.log`), group.map((entry) => entry.text).join(''));
        for (const entry of group) entry.done();
      } catch (error) {
        for (const entry of group) entry.fail(error);
      }
    }
    writing = false;
  }

  return {
    earlier,
    append: (entry) => new Promise((done, fail) => {
      waiting.push({ text: `${JSON.stringify(entry)}\n`, done, fail });
      if (!writing) void writeGroups();
    }),
  };
}

async function writeSynced(file: string, text: string): Promise<void> {
  const handle = await open(file, 'a');
  try {
    await handle.writeFile(text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** Reads what is there and throws away what is too old to matter. A last line cut short by a crash was never acted on. */
async function readEarlier(folder: string, now: Date): Promise<Map<string, Reservation>> {
  const found = new Map<string, Reservation>();
  for (const name of await namesIn(folder)) {
    const file = join(folder, name);
    if (now.getTime() - (await stat(file)).mtimeMs > keepMs) {
      await unlink(file);
      continue;
    }
    for (const text of ((await readIfThere(file))?.toString('utf8') ?? '').split('\n')) {
      const entry = readLine(text);
      if (entry?.cid) found.set(entry.delivery, entry);
      else if (entry) found.delete(entry.delivery);
    }
  }
  return found;
}

function readLine(text: string): Reservation | undefined {
  try {
    return line.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
