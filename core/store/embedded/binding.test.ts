import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bindings,
  configure,
  isBusy,
  isUniqueViolation,
  openSqlite,
  type Binding,
  type SqliteFile,
} from './binding.js';

const folder = mkdtempSync(join(tmpdir(), 'lianfa-binding-'));
const path = join(folder, 'one.sqlite');
const open: SqliteFile[] = [];
afterAll(() => {
  for (const file of open) file.close();
  rmSync(folder, { recursive: true });
});

function opened(binding: Binding): SqliteFile {
  const file = openSqlite(path, [binding]);
  configure(file);
  open.push(file);
  return file;
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

const names = [...bindings.keys()];

it("takes Node's own binding from Node 24 on, and libsql before", () => {
  expect(names).toEqual(Number.parseInt(process.versions.node) >= 24 ? ['node:sqlite', 'libsql'] : ['libsql']);
});

describe.each([...bindings])('by %s', (name, binding) => {
  it('reads rows as lists of cells, what other bindings wrote into the same file too', () => {
    const file = opened(binding);
    file.exec('CREATE TABLE IF NOT EXISTS rows (name TEXT UNIQUE, number, void)');
    const cells = [`${name} 政务😀`, 1.5, null];
    expect(file.prepare('INSERT INTO rows VALUES (?, ?, ?)').run(cells)).toBe(1);
    const all = file.prepare('SELECT * FROM rows');
    expect(all.get()).toEqual([`${names[0] ?? ''} 政务😀`, 1.5, null]);
    expect(all.all().map(([first]) => first)).toEqual(
      names.slice(0, names.indexOf(name) + 1).map((one) => `${one} 政务😀`),
    );
    expect(file.prepare('SELECT 1 WHERE 0').get()).toBeUndefined();
    expect(file.prepare('UPDATE rows SET number = 2 WHERE 0').run()).toBe(0);
  });

  it('tells a lock and a unique index from any other failure', () => {
    const [file, other] = [opened(binding), opened(binding)];
    const twice = thrownBy(() => file.prepare('INSERT INTO rows (name) VALUES (?)').run([`${name} 政务😀`]));
    expect([isUniqueViolation(twice), isBusy(twice)]).toEqual([true, false]);
    expect((twice as Error).message).toContain('rows.name');
    other.exec('BEGIN IMMEDIATE');
    const locked = thrownBy(() => {
      file.exec('BEGIN IMMEDIATE');
    });
    other.exec('ROLLBACK');
    expect([isUniqueViolation(locked), isBusy(locked)]).toEqual([false, true]);
    const wrong = thrownBy(() => file.prepare('SELECT * FROM nowhere'));
    expect([isUniqueViolation(wrong), isBusy(wrong)]).toEqual([false, false]);
  });
});
