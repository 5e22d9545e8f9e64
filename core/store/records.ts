/** Channels' records: small values that outlive Redis, written together where many write side by side. */
import type { Records } from '../../channels/channel.js';
import { coalesce } from '../coalesce.js';
import { insertMissing } from './insert-missing.js';
import type { Store } from './store.js';

interface Write {
  _id: string;
  /** Absent: it goes. */
  value?: string;
}

interface Asked {
  id: string;
  done: (value: string | undefined) => void;
  fail: (error: unknown) => void;
}

interface Claim {
  _id: string;
  value: string;
  /** What is kept under it, known once it was written. */
  kept?: string | undefined;
}

type RecordStore = Pick<Store, 'records'>;

/** One turn of the disk for all that ask within it. */
const together = { most: 500, linger: 2 };
/** Behind every key that begins so: no key holds the last code point. */
const last = '\u{10FFFF}';

/** `namespace` is the channel's name, so that channels cannot read each other. */
export function openRecords(store: RecordStore): (namespace: string) => Records {
  const write = coalesce<Write>((writes) => writeAll(store, writes), together);
  const claim = coalesce<Claim>((claims) => writeFirst(store, claims), together);
  const asked: Asked[] = [];
  // What deliveries side by side ask for within one turn of the loop is read at once.
  const read = (id: string): Promise<string | undefined> =>
    new Promise((done, fail) => {
      if (asked.push({ id, done, fail }) === 1) setImmediate(() => void readAll(store, asked.splice(0)));
    });
  return (namespace) => {
    const idOf = (key: string): string => `${namespace}:${key}`;
    return {
      get: (key) => read(idOf(key)),
      set: (key, value) => write({ _id: idOf(key), value }),
      async first(key, value) {
        const one: Claim = { _id: idOf(key), value };
        // Where what was kept is deleted before it was read, nobody is the first yet.
        while (one.kept === undefined) await claim(one);
        return one.kept;
      },
      delete: (key) => write({ _id: idOf(key) }),
      async list(prefix, { after, limit }) {
        const begun = { $gte: idOf(prefix), $lt: `${idOf(prefix)}${last}` };
        const rows = await store.records
          .find({ _id: after === undefined ? begun : { ...begun, $gt: idOf(after) } })
          .sort({ _id: 1 })
          .limit(limit)
          .lean();
        return rows.map(({ _id, value }) => ({ key: _id.slice(idOf('').length), value }));
      },
    };
  };
}

async function readAll({ records }: RecordStore, asked: readonly Asked[]): Promise<void> {
  try {
    const rows = await records.find({ _id: { $in: [...new Set(asked.map(({ id }) => id))] } }).lean();
    const values = new Map(rows.map(({ _id, value }) => [_id, value]));
    for (const { id, done } of asked) done(values.get(id));
  } catch (error) {
    for (const { fail } of asked) fail(error);
  }
}

async function writeAll(store: RecordStore, writes: readonly Write[]): Promise<void> {
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

async function writeFirst({ records }: RecordStore, claims: readonly Claim[]): Promise<void> {
  const at = new Date();
  const kept = new Map<string, string>();
  for (const { _id, value } of claims) if (!kept.has(_id)) kept.set(_id, value);
  const fresh = await insertMissing(
    records,
    [...kept].map(([_id, value]) => ({ _id, value, at })),
  );
  const earlier = [...kept.keys()].filter((id) => !fresh.has(id));
  for (const id of earlier) kept.delete(id);
  if (earlier.length > 0)
    for (const { _id, value } of await records.find({ _id: { $in: earlier } }).lean()) kept.set(_id, value);
  for (const one of claims) one.kept = kept.get(one._id);
}
