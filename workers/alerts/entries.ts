/** Alerts that a feed lists: asked for where they lie, and taken in by the times that their senders gave them. What cannot be had, or is none, is asked for again at growing intervals, and stops no other. */
import type { Said } from '../../channels/channel.js';
import { wordsOf } from '../../core/alerts/outcomes.js';
import { alertLimit } from '../../core/alerts/read.js';
import { LianfaError } from '../../core/errors.js';
import type { AlertEntry, AlertInlet } from '../../core/model/alert-inlet.js';
import type { Store } from '../../core/store/store.js';
import { fetched, Unreached } from './fetching.js';
import type { PollMeans, Turn } from './turn.js';
import { inOrder, taken, type Fetched } from './taking.js';

/** Alerts asked for in one look, of these at once, and bytes of all; what goes beyond is asked for in the next, which follows at once. */
const inOneLook = { alerts: 100, together: 3, bytes: 32 * 1024 * 1024 };
/** Milliseconds for one of them. */
const patience = 20_000;
/** How often one is asked for that cannot be had or is none, seconds before the second time, and at most before any. */
const tries = { most: 8, first: 60, longest: 6 * 3_600 };
/** Seconds after which one is asked for again that we had no room for. */
const noRoom = 30;

/** One that stands within the feed; its row is written once it is taken in. */
export interface Embedded {
  row: AlertEntry;
  text: string;
  line: number;
}

interface Held extends Fetched {
  entry: AlertEntry;
  isEmbedded: boolean;
}

/** Takes in what is due, and what came with the feed. Answers whether more is due. @throws LianfaError where what came with the feed cannot be taken in now */
export async function takeDue(
  { store, http }: PollMeans,
  inlet: AlertInlet,
  embedded: readonly Embedded[],
  turn: Turn,
): Promise<boolean> {
  const due: AlertEntry[] = await store.alertEntries
    .find({ inlet: inlet._id, dueAt: { $lte: turn.now() } })
    .sort({ dueAt: 1 })
    .limit(inOneLook.alerts + 1)
    .lean();
  const held: Held[] = embedded.map(({ row, text, line }) => ({
    entry: row,
    isEmbedded: true,
    bytes: Buffer.from(text),
    line,
    origin: originOf(inlet, row, inlet.address),
  }));
  let at = 0;
  for (
    let bytes = 0;
    at < Math.min(due.length, inOneLook.alerts) && bytes < inOneLook.bytes;
    at += inOneLook.together
  ) {
    await turn.keep();
    const group = due.slice(at, Math.min(at + inOneLook.together, inOneLook.alerts));
    const got = await Promise.all(group.map((entry) => ask({ store, http }, inlet, entry, turn)));
    for (const one of got) if (one) held.push(one);
    bytes += got.reduce((sum, one) => sum + (one?.bytes.length ?? 0), 0);
  }
  for (const one of await inOrder(held)) {
    await turn.keep();
    await take(store, inlet, one, turn.now);
  }
  return due.length > Math.min(at, inOneLook.alerts);
}

async function ask(
  { store, http }: Pick<PollMeans, 'store' | 'http'>,
  inlet: AlertInlet,
  entry: AlertEntry,
  turn: Turn,
): Promise<Held | undefined> {
  const headers = { accept: 'application/cap+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1' };
  try {
    const got = await fetched(http, entry.link ?? '', { headers, maxBytes: alertLimit, patience }, turn);
    if (got.status !== 200)
      throw new Unreached({ zh: `对方返回 ${got.status}。`, en: `its server answered ${got.status}.` });
    return { entry, isEmbedded: false, bytes: got.body, origin: originOf(inlet, entry, got.address) };
  } catch (error) {
    if (!(error instanceof Unreached) || turn.signal.aborted) throw error;
    const now = turn.now();
    await write(store, entry, { state: 'unreached', why: error.said, ...later(entry, now, error.wait) }, now);
    return undefined;
  }
}

async function take(
  store: Store,
  inlet: AlertInlet,
  { entry, isEmbedded, ...given }: Held,
  now: () => Date,
): Promise<void> {
  try {
    const row = await taken(store, inlet, given);
    const isRefused = row.state === 'refused';
    const change = isRefused
      ? { state: 'refused' as const, why: wordsOf(row).said, ...(isEmbedded ? { tries: 1 } : later(entry, now())) }
      : { state: 'taken' as const, tries: 0 };
    await write(store, entry, { ...change, alert: row._id }, now());
  } catch (error) {
    // What came with the feed comes with it again, for its marks are not kept then.
    if (isEmbedded || !(error instanceof LianfaError)) throw error;
    const dueAt = new Date(now().getTime() + noRoom * 1_000);
    await store.alertEntries.updateOne({ _id: entry._id }, { $set: { dueAt } });
  }
}

/** When it is asked for again; not at all after so many times. */
function later({ tries: before }: AlertEntry, now: Date, wait = 0): Pick<AlertEntry, 'tries' | 'dueAt'> {
  const seconds = Math.max(wait, Math.min(tries.first * 4 ** before, tries.longest));
  return {
    tries: before + 1,
    ...(before + 1 < tries.most && { dueAt: new Date(now.getTime() + seconds * 1_000) }),
  };
}

async function write(
  store: Store,
  entry: AlertEntry,
  change: Pick<AlertEntry, 'state' | 'tries'> & { why?: Said; alert?: string; dueAt?: Date },
  askedAt: Date,
): Promise<void> {
  const { _id, ...row } = entry;
  const gone = { ...(!change.dueAt && { dueAt: 1 as const }), ...(!change.why && { why: 1 as const }) };
  const { dueAt: _due, why: _why, ...kept } = row;
  await store.alertEntries.updateOne(
    { _id },
    { $set: { ...kept, ...change, askedAt }, $unset: gone },
    { upsert: true },
  );
}

function originOf({ _id, name }: AlertInlet, { title }: AlertEntry, address: string): Fetched['origin'] {
  return { by: 'feed', name: `${name}${title && `：${title}`}`.slice(0, 200), address, inlet: _id };
}
