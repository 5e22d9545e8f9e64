import { Command } from 'commander';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVault, readSecret } from '../core/accounts/vault.js';
import { anchorFolder, raise, type AnchorPlace } from '../core/audit/anchors.js';
import { act } from '../core/audit/book.js';
import { closeDay, publishedDays } from '../core/audit/days.js';
import { fill, mutations } from '../core/audit/fixtures/mutations.js';
import { readCsv } from '../core/tables/csv.js';
import { openStore, type Store } from '../core/store/store.js';
import * as audit from './audit.js';

let dataFolder: string;
let place: AnchorPlace;
const before = { ...process.env };

beforeEach(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'lianfa-audit-cli-'));
  process.env['LIANFA_DATA'] = dataFolder;
  delete process.env['MONGODB_URI'];
  delete process.env['LIANFA_SECRET'];
  place = { folder: anchorFolder(dataFolder), vault: createVault(await readSecret({ secret: undefined, dataFolder })) };
});
afterEach(() => {
  rmSync(dataFolder, { recursive: true, force: true });
});
afterAll(() => {
  process.env = before;
});

async function within(work: (store: Store) => Promise<void>): Promise<void> {
  const store = await openStore({ dataFolder });
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

async function run(...args: string[]): Promise<{ out: string; code: number }> {
  let out = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation(((text: string | Buffer, ...rest: unknown[]) => {
    out += String(text);
    const done = rest.at(-1);
    if (typeof done === 'function') (done as () => void)();
    return true;
  }) as never);
  process.exitCode = 0;
  const program = new Command().exitOverride();
  audit.register(program);
  try {
    await program.parseAsync(['node', 'lianfa', 'audit', ...args]);
  } finally {
    write.mockRestore();
  }
  const code = process.exitCode;
  process.exitCode = 0;
  return { out, code: Number(code) };
}

const sound = async (): Promise<void> =>
  within(async (store) => {
    await fill(store, 24);
    await raise(store, place);
  });

describe('lianfa audit verify', () => {
  it.each(mutations)('$name: by its exit code alone', async ({ apply, says }) => {
    await sound();
    await within(async (store) => {
      await apply(store);
    });
    expect((await run('verify', '--json')).code).toBe(says.length === 0 ? 0 : 3);
  });

  it('says what is intact with the number of entries and the head, and what is broken with the place', async () => {
    await sound();
    expect((await run('verify')).out).toMatch(
      /^✓ 完好：24 条.* Intact: 24 entries; 1 heads kept elsewhere agree\.\n {2}[0-9a-f]{64}\n$/,
    );
    await within((store) => mutations.find(({ name }) => name === 'delete-middle')?.apply(store) ?? Promise.reject());
    expect((await run('verify')).out).toBe(
      '✗ 链已被破坏： Broken: 第 4 条之后缺少第 5 条。 Entry 5 is missing: there is a gap after 4.\n',
    );
    expect(JSON.parse((await run('verify', '--json')).out)).toMatchObject({ state: 'broken', at: 5, what: 'missing' });
  });

  it('finds the database file of an hour ago put back', async () => {
    await sound();
    const files = readdirSync(dataFolder).filter((name) => /^lianfa\.sqlite(-wal)?$/.test(name));
    for (const name of files) copyFileSync(join(dataFolder, name), join(dataFolder, `old.${name}`));
    await sound();
    for (const name of ['lianfa.sqlite', 'lianfa.sqlite-wal', 'lianfa.sqlite-shm'])
      rmSync(join(dataFolder, name), { force: true });
    for (const name of files) copyFileSync(join(dataFolder, `old.${name}`), join(dataFolder, name));
    const { out, code } = await run('verify', '--json');
    expect({ code, verdict: JSON.parse(out) as unknown }).toMatchObject({
      code: 3,
      verdict: { at: 25, what: 'shorter' },
    });
  });

  it.each([
    ['no database', () => rmSync(join(dataFolder, 'lianfa.sqlite'))],
    ['a database that is none', () => writeFileSync(join(dataFolder, 'lianfa.sqlite'), 'x'.repeat(9_000))],
    ['another secret', () => writeFileSync(join(dataFolder, 'secret.key'), Buffer.alloc(32).toString('base64'))],
    ['no secret', () => rmSync(join(dataFolder, 'secret.key'))],
    [
      'kept heads that cannot be read',
      () => {
        rmSync(anchorFolder(dataFolder), { recursive: true });
        writeFileSync(anchorFolder(dataFolder), '');
      },
    ],
    ['a setting that cannot be read', () => (process.env['LIANFA_PORT'] = 'x')],
    [
      'a folder in place of the database',
      () => {
        rmSync(join(dataFolder, 'lianfa.sqlite'));
        mkdirSync(join(dataFolder, 'lianfa.sqlite'));
      },
    ],
  ])('says "could not be checked", by a code of its own, where there is %s', async (_, spoil) => {
    await sound();
    for (const name of ['lianfa.sqlite-wal', 'lianfa.sqlite-shm']) rmSync(join(dataFolder, name), { force: true });
    spoil();
    const { out, code } = await run('verify');
    delete process.env['LIANFA_PORT'];
    expect(code).toBe(4);
    expect(out).toMatch(/^\? 无法核验.* Could not be checked: .*\n {2}→ /);
  });

  it('compares with the heads that a stranger holds, though all that is kept here was taken away', async () => {
    await sound();
    await within(async (store) => {
      await closeDay(store, place);
      const heads = await publishedDays(store);
      writeFileSync(join(dataFolder, 'theirs.json'), JSON.stringify({ hub: heads[0]?.hub, heads }));
    });
    expect((await run('verify', '--heads', join(dataFolder, 'theirs.json'))).code).toBe(0);
    await within(async (store) => {
      await mutations.find(({ name }) => name === 'rehash-all')?.apply(store);
      await store.auditDays.deleteMany({});
    });
    rmSync(anchorFolder(dataFolder), { recursive: true });
    expect((await run('verify', '--heads', join(dataFolder, 'theirs.json'))).code).toBe(3);
    expect((await run('verify', '--heads', join(dataFolder, 'missing.json'))).code).toBe(4);
  });
});

describe('lianfa audit export', () => {
  const nasty = [
    '=1+1',
    '+1',
    '-1',
    '@SUM(1)',
    '\t=1',
    ' =1',
    '＝1',
    '"quoted", with commas',
    'two\r\nlines',
    '中文，正常',
  ];

  beforeEach(async () => {
    await within(async (store) => {
      await store.organizations.create({ _id: 'o1', name: '市', path: 'o1/', region: '350100' });
      await store.organizations.create({ _id: 'o2', name: '县', parent: 'o1', path: 'o1/o2/', region: '350122' });
      for (const [index, text] of nasty.entries()) {
        const person = `u${String(index)}`;
        await store.people.create({
          ...{
            _id: person,
            name: person,
            displayName: text,
            path: '',
            enabled: true,
            rights: 1,
            createdAt: new Date(),
            seal: 'x',
          },
        });
        await act(
          store,
          {
            ...{ act: 'review.return', outcome: 'done', who: { person }, note: text, after: { title: text } },
            ...{ on: { release: `r${String(index % 2)}` }, unit: index < 3 ? 'o2' : 'o1' },
          },
          async () => undefined,
        );
      }
    });
  });

  it('gives CSV without formulas, one line for each, Chinese as it is', async () => {
    const { out } = await run('export', '--format', 'csv');
    expect(out.startsWith('\uFEFF')).toBe(true);
    const lines = out.trimEnd().split('\r\n');
    expect(lines).toHaveLength(nasty.length + 1);
    expect(out).not.toMatch(/(^|,)"?[\s]*[=+\-@＝]/m);
    const [titles, ...rows] = await readCsv(out.slice(1));
    const note = titles?.cells.indexOf('说明 note') ?? -1;
    const name = titles?.cells.indexOf('姓名 name') ?? -1;
    expect(rows.map(({ cells }) => cells[note])).toEqual(nasty.map((text) => text.replace('\r\n', '↵').trim()));
    expect(rows.map(({ cells }) => cells[name])).toEqual(rows.map(({ cells }) => cells[note]));
  });

  it('gives JSON exactly as it was recorded', async () => {
    const { out } = await run('export', '--format', 'json');
    const entries = JSON.parse(out) as { n: number; note: string; after: unknown; hash: string }[];
    expect(entries.map(({ note }) => note)).toEqual(nasty);
    expect(entries.map(({ after }) => after)).toEqual(nasty.map((title) => ({ title })));
    await within(async (store) => {
      const rows = await store.auditEntries.find({}).sort({ n: 1 }).lean();
      expect(entries.map(({ hash, ...body }) => [hash, body])).toEqual(
        rows.map(({ _id, body }) => [_id, JSON.parse(body) as unknown]),
      );
    });
  });

  it.each([
    [['--person', 'u3'], [4]],
    [
      ['--release', 'r1'],
      [2, 4, 6, 8, 10],
    ],
    [
      ['--unit', 'o2'],
      [1, 2, 3],
    ],
    [
      ['--unit', 'o1', '--release', 'r0'],
      [1, 3, 5, 7, 9],
    ],
    [['--from', '2126-01-01'], []],
    [['--to', '2126-01-01T00:00:00Z', '--person', 'u0'], [1]],
  ])('takes what %j asks for', async (options, numbers) => {
    const { out } = await run('export', '--format', 'json', ...options);
    expect((JSON.parse(out) as { n: number }[]).map(({ n }) => n)).toEqual(numbers);
  });

  it.each([
    ['--unit', 'o9'],
    ['--from', 'yesterday'],
  ])('refuses %s %s', async (...options) => {
    expect(await run('export', ...options)).toEqual({ out: '', code: 1 });
  });
});
