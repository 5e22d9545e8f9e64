import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { LianfaError } from '../errors.js';
import { wholeStores, type WholeStore } from '../../test/support/whole-stores.js';
import type { Actor } from '../model/actor.js';
import { act, append, type Entry } from './book.js';
import { hashOf, nothing, rowOf, type EntryBody } from './entry.js';

const entry: Entry = { act: 'test.write', outcome: 'done', who: { person: 'u1' }, on: { release: 'r1' } };

describe.each(wholeStores)('the book on the $name store', ({ open }) => {
  let opened: WholeStore;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(async () => {
    await opened.end();
  });

  async function bodies(): Promise<EntryBody[]> {
    const rows = await opened.store.auditEntries.find({}).sort({ n: 1 }).lean();
    return rows.map(({ body }) => JSON.parse(body) as EntryBody);
  }

  it('keeps who, role, key, from where, on what, before and after, each entry naming the one before', async () => {
    const { store } = opened;
    await store.organizations.create({ _id: 'o1', name: '省政府', path: 'o1/', region: '350000' });
    const who: Actor = { person: 'u1', key: 'k1', role: 'writer', from: { ip: '192.0.2.1', agent: 'Edge' } };
    await act(
      store,
      (made: string) => ({
        act: 'release.save',
        outcome: 'done',
        who,
        unit: 'o1',
        on: { release: made },
        before: { title: '旧' },
        after: { title: '新', at: new Date(0) },
        note: '更正',
      }),
      async () => 'r7',
    );
    await act(store, { ...entry, who: 'clock', outcome: 'refused', code: 'revision_stale' }, async () => undefined);
    const [first, second] = await store.auditEntries.find({}).sort({ n: 1 }).lean();
    const head = await store.auditHead.findById('head').lean();
    expect(JSON.parse(first?.body ?? '')).toEqual({
      v: 1,
      n: 1,
      hub: head?.hub,
      at: first?.at.toISOString(),
      act: 'release.save',
      outcome: 'done',
      who: { person: 'u1', key: 'k1', role: 'writer' },
      from: who.from,
      unit: 'o1',
      path: 'o1/',
      on: { release: 'r7' },
      before: { title: '旧' },
      after: { title: '新', at: '1970-01-01T00:00:00.000Z' },
      note: '更正',
      prev: nothing,
    });
    expect(first).toMatchObject({ _id: hashOf(first?.body ?? ''), n: 1, person: 'u1', path: 'o1/', release: 'r7' });
    expect(JSON.parse(second?.body ?? '')).toMatchObject({
      n: 2,
      who: { process: 'clock' },
      code: 'revision_stale',
      prev: first?._id,
    });
    expect(head).toMatchObject({ n: 2, hash: second?._id });
  });

  it('does nothing and records nothing where the work fails, and says what the work said', async () => {
    const { store } = opened;
    const failing = act(store, entry, async (session) => {
      await store.records.create([{ _id: 'x', value: '1', at: new Date() }], { session });
      throw new LianfaError('revision_stale');
    });
    await expect(failing).rejects.toMatchObject({ code: 'revision_stale' });
    expect(await store.records.countDocuments()).toBe(0);
    expect(await bodies()).toEqual([]);
    await act(store, entry, async () => undefined);
    expect(await bodies()).toMatchObject([{ n: 1 }]);
  });

  it('refuses the act by one code where its entry cannot be written', async () => {
    const { store } = opened;
    const work = jest.fn(async (session) => {
      await store.records.create([{ _id: 'x', value: '1', at: new Date() }], { session });
    });
    // Half a surrogate pair has no canonical form.
    await expect(act(store, { ...entry, note: '\ud800' }, work)).rejects.toMatchObject({ code: 'audit_unavailable' });
    // The place is taken already, by a row that nobody wrote through the book.
    await store.auditEntries.create({ _id: 'stray', n: 1, body: '{}', at: new Date(), act: 'x', outcome: 'done' });
    await expect(act(store, entry, work)).rejects.toMatchObject({ code: 'audit_unavailable' });
    const appended = store.connection.transaction(async (session) => {
      await work(session);
      await append(store, entry, session);
    });
    await expect(appended).rejects.toMatchObject({ code: 'audit_unavailable' });
    expect(work).toHaveBeenCalledTimes(3);
    expect(await store.records.countDocuments()).toBe(0);
  });

  it("appends inside the caller's own transaction, gone with it", async () => {
    const { store } = opened;
    await store.connection.transaction((session) => append(store, entry, session));
    const undone = store.connection.transaction(async (session) => {
      await append(store, entry, session);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await store.connection.transaction((session) => append(store, entry, session));
    expect(await bodies()).toMatchObject([{ n: 1 }, { n: 2 }]);
  });

  it('holds 200 acts at once of three processes in one line: none lost, none late, each after the one before', async () => {
    const { store, dataFolder, uri } = opened;
    await store.records.create({ _id: 'count', value: '0', at: new Date() });
    const writers = [70, 70, 60].map((many, index) =>
      fork(join(import.meta.dirname, '../../test/fixtures/audit-writer.cjs'), [
        dataFolder,
        uri ?? '',
        `u${String(index)}`,
        String(many),
      ]),
    );
    await Promise.all(writers.map((writer) => once(writer, 'message')));
    for (const writer of writers) writer.send('go');
    const refused = await Promise.all(writers.map((writer) => once(writer, 'message')));
    expect(refused.flat(2)).toEqual([]);
    expect((await store.records.findById('count').lean())?.value).toBe('200');
    const rows = await store.auditEntries.find({}).sort({ n: 1 }).lean();
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    expect(rows.map(({ body }) => (JSON.parse(body) as EntryBody).prev)).toEqual([
      nothing,
      ...rows.slice(0, -1).map(({ _id }) => _id),
    ]);
    await Promise.all(writers.map((writer) => (writer.exitCode === null ? once(writer, 'exit') : undefined)));
  });
});

const names = [
  ...[
    'password',
    'newPassword',
    'passwrod',
    'passphrase',
    'pwd',
    'passwordHash',
    'totp',
    'otp',
    'code',
    'recoveryCode',
  ],
  ...[
    'recoveryCodes',
    'key',
    'apiKey',
    'api_key',
    'secret',
    'clientSecret',
    'appSecret',
    'accessToken',
    'refresh_token',
  ],
  ...[
    'token',
    'credentials',
    'authorization',
    'Cookie',
    'privateKey',
    'sealed',
    'session',
    'otpauth',
    'pin',
    'Authorisation',
  ],
];

it.each(names)('keeps nothing under the name %s, at any depth, in what was done and in what was refused', (name) => {
  const marker = 'MARKER-3f9c';
  const holds = { [name]: marker, deep: [{ inner: { [name]: { value: marker } } }] };
  for (const outcome of ['done', 'refused'] as const) {
    const said = { ...entry, outcome, before: holds, after: holds };
    const { body } = rowOf(said, { hub: 'h1', n: 0, hash: nothing }, new Date());
    expect(body).not.toContain(marker);
    expect(body).toContain(`"${name}":"[withheld]"`);
  }
});
