/** What a channel may rely on in its records: the same table over both stores and over the records of one process. */
import type { Records } from '../../channels/channel.js';
import { recordsInProcess } from '../../channels/records-in-process.js';
import { recordSchema, type KeptRecord } from '../../core/model/record.js';
import { openRecords } from '../../core/store/records.js';
import { EmbeddedCollection } from '../../core/store/embedded/collection.js';
import { connect, stores } from './store/stores.js';

interface Ground {
  /** Two processes' own ways to the same records. */
  one: Records;
  other: Records;
  /** Another channel's, where they are kept together. */
  strange: Records;
  end(): Promise<void>;
}

const inProcess = {
  name: 'of one process',
  open(): Promise<Ground> {
    const one = recordsInProcess();
    return Promise.resolve({ one, other: one, strange: recordsInProcess(), end: () => Promise.resolve() });
  },
};

const inStores = stores.map(({ name, embedded, open }) => ({
  name: `in the ${name} store`,
  async open(): Promise<Ground> {
    const opened = await open();
    const second = embedded ? await connect(opened.address) : opened.connection;
    const [here, there] = [opened.connection, second].map((connection) =>
      openRecords({ records: connection.models['Record'] ?? connection.model<KeptRecord>('Record', recordSchema) }),
    ) as [ReturnType<typeof openRecords>, ReturnType<typeof openRecords>];
    return {
      one: here('toy'),
      other: there('toy'),
      strange: here('toy2'),
      async end() {
        if (embedded) await second.close();
        await opened.end();
      },
    };
  },
}));

describe.each([inProcess, ...inStores])('records $name', ({ open }) => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await open();
  });
  afterAll(() => ground.end());

  it('give back what was set last, and nothing once it is deleted', async () => {
    await ground.one.set('a', '1');
    await ground.other.set('a', '2');
    expect(await ground.one.get('a')).toBe('2');
    await ground.one.delete('a');
    expect(await ground.other.get('a')).toBeUndefined();
  });

  it('keep channels apart', async () => {
    await ground.one.set('apart', 'mine');
    expect(await ground.strange.get('apart')).toBeUndefined();
    expect(await ground.strange.first('apart', 'theirs')).toBe('theirs');
    expect(await ground.one.list('apart', { limit: 9 })).toEqual([{ key: 'apart', value: 'mine' }]);
  });

  it('keep the first value of a key, and answer it to everybody who comes later', async () => {
    expect(await ground.one.first('seat', 'early')).toBe('early');
    expect(await ground.other.first('seat', 'late')).toBe('early');
    expect(await ground.one.get('seat')).toBe('early');
    await ground.one.delete('seat');
    expect(await ground.other.first('seat', 'late')).toBe('late');
  });

  it('give a seat to one of many who ask at once, and tell all of them who has it', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) => (n % 2 ? ground.one : ground.other).first('crowd', `guest ${n}`)),
    );
    expect(new Set(answers).size).toBe(1);
    expect(await ground.one.get('crowd')).toBe(answers[0]);
  });

  it('make an ordered log without a lock: nothing lost, nothing twice, the same for every reader', async () => {
    const append = async (records: Records, entry: string): Promise<void> => {
      for (let n = 0; ; n += 1) if ((await records.first(`log:${String(n).padStart(6, '0')}`, entry)) === entry) return;
    };
    const entries = Array.from({ length: 12 }, (_, n) => `entry ${n}`);
    await Promise.all(entries.map((entry, n) => append(n % 2 ? ground.one : ground.other, entry)));
    const read = await ground.one.list('log:', { limit: 99 });
    expect(read.map(({ key }) => key)).toEqual(entries.map((_, n) => `log:${String(n).padStart(6, '0')}`));
    expect(read.map(({ value }) => value).sort()).toEqual([...entries].sort());
    expect(await ground.other.list('log:', { limit: 99 })).toEqual(read);
  });

  it('list what begins so, in the order of its keys by code point, from behind a key on, and no more than asked', async () => {
    const keys = ['o:', 'o:1', 'o:10', 'o:2', 'o:政', 'o:\uFFFD', 'o:😀'];
    for (const key of ['n', 'o', 'p', ...[...keys].reverse()]) await ground.one.set(key, `of ${key}`);
    const asked = async (range: { after?: string; limit: number }): Promise<string[]> =>
      (await ground.other.list('o:', range)).map(({ key }) => key);
    expect(await asked({ limit: 99 })).toEqual(keys);
    expect(await asked({ limit: 2 })).toEqual(keys.slice(0, 2));
    expect(await asked({ after: 'o:10', limit: 2 })).toEqual(keys.slice(3, 5));
    expect(await asked({ after: 'a', limit: 1 })).toEqual(['o:']);
    expect(await asked({ after: 'o:😀', limit: 9 })).toEqual([]);
    expect(await ground.one.list('o:2', { limit: 9 })).toEqual([{ key: 'o:2', value: 'of o:2' }]);
  });
});

it('reads a list of records by their keys, without sorting', async () => {
  const opened = await stores[0]?.open();
  const collection = opened?.connection.model('Record', recordSchema) && opened.connection.db?.collection('records');
  if (!opened || !((collection as unknown) instanceof EmbeddedCollection)) throw new Error('not the embedded store');
  const embedded = collection as unknown as EmbeddedCollection;
  await embedded.insertOne({ _id: 'app:log:1', value: 'x' });
  const filter = { _id: { $gte: 'app:log:', $lt: 'app:log:\u{10FFFF}', $gt: 'app:log:0' } };
  const plan = (await embedded.explain(filter, { sort: { _id: 1 }, limit: 9 })).join('\n');
  await opened.end();
  expect(plan).toContain('SEARCH');
  expect(plan).not.toContain('TEMP B-TREE');
});
