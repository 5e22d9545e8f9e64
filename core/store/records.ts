/** Channels' records: small values that outlive Redis, written together where many write side by side. */
import type { Records } from '../../channels/channel.js';
import { coalesce } from '../coalesce.js';
import type { Store } from './store.js';

interface Write {
  _id: string;
  /** Absent: it goes. */
  value?: string;
}

/** One turn of the disk for all that ask within it. */
const together = { most: 500, linger: 2 };

/** `namespace` is the channel's name, so that channels cannot read each other. */
export function openRecords(store: Store): (namespace: string) => Records {
  const write = coalesce<Write>((writes) => writeAll(store, writes), together);
  return (namespace) => {
    const idOf = (key: string): string => `${namespace}:${key}`;
    return {
      async get(key) {
        return (await store.records.findById(idOf(key)).lean())?.value;
      },
      set: (key, value) => write({ _id: idOf(key), value }),
      delete: (key) => write({ _id: idOf(key) }),
    };
  };
}

async function writeAll(store: Store, writes: readonly Write[]): Promise<void> {
  // Of several writes of one key the last holds.
  const last = new Map(writes.map((one) => [one._id, one]));
  const at = new Date();
  await store.records.bulkWrite(
    [...last.values()].map(({ _id, value }) =>
      value === undefined
        ? { deleteOne: { filter: { _id } } }
        : { updateOne: { filter: { _id }, update: { $set: { value, at } }, upsert: true } },
    ),
  );
}
