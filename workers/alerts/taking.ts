/** Alerts that were fetched go in by the one door, in the order in which their senders sent them. */
import type { Actor } from '../../core/model/actor.js';
import type { AlertInlet } from '../../core/model/alert-inlet.js';
import type { AlertRow, Origin } from '../../core/model/alert.js';
import { takeIn } from '../../core/alerts/take-in.js';
import { tasks } from '../../core/alerts/tasks.js';
import { beside } from '../../core/threads/pool.js';
import type { Store } from '../../core/store/store.js';

export interface Fetched {
  bytes: Buffer;
  origin: Origin;
  line?: number | undefined;
}

/** What has no time of its own, for it is no alert, goes last. */
export async function inOrder<T extends Fetched>(all: readonly T[]): Promise<T[]> {
  const timed: { one: T; sent: number }[] = [];
  for (const one of all) {
    const read = await beside(tasks.read, { bytes: one.bytes }, one.bytes.length);
    timed.push({ one, sent: 'alert' in read ? Date.parse(read.alert.sent) : Infinity });
  }
  return timed.sort((a, b) => (a.sent === b.sent ? 0 : a.sent - b.sent)).map(({ one }) => one);
}

/** Into the unit of the feed or folder, of senders registered there or below; it is that which writes the draft. @throws LianfaError as takeIn does */
export async function taken(store: Store, { _id, organization, path }: AlertInlet, given: Fetched): Promise<AlertRow> {
  const actor: Actor = { person: _id, process: true };
  const unit = { path, ...(organization !== undefined && { organization }) };
  return (await takeIn(store, given, { actor, unit, places: [path] })).row;
}
