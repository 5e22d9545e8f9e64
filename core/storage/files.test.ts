/** Files are the same wherever they lie: in a folder, in a bucket, in a bucket whose storage knows no conditions. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileChanged, filesInFolder, type Files } from '../../channels/files.js';
import { startStorage, type StorageServer } from '../../test/support/storage-server.js';

let folder: string;
let storage: StorageServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lianfa-files-'));
  storage = await startStorage();
});
afterAll(async () => {
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
});

const places: Readonly<Record<string, () => Files>> = {
  'a folder': () => filesInFolder(folder),
  'a bucket': () => storage.machine().files,
  'a bucket without conditions': () => storage.machine().files,
};

describe.each(Object.entries(places))('in %s', (place, open) => {
  let files: Files;
  beforeEach(() => {
    storage.conditions = place === 'a bucket without conditions' ? 'refused' : 'kept';
    files = open().under(`t${place.length}`);
  });
  afterAll(() => {
    storage.conditions = 'kept';
  });

  it('are read as they were written, under names that are paths, and gone when they are dropped', async () => {
    expect([await files.read('a/b.html'), await files.has('a/b.html'), await files.open('a/b.html')]).toEqual([
      undefined,
      false,
      undefined,
    ]);
    await files.write('a/b.html', '第一');
    await files.write('a/b.html', '第二', 'text/html; charset=utf-8');
    await files.write('empty', Buffer.alloc(0));
    expect((await files.read('a/b.html'))?.toString()).toBe('第二');
    expect((await files.under('a').read('b.html'))?.toString()).toBe('第二');
    expect([await files.has('a/b.html'), await files.has('a'), (await files.read('empty'))?.length]).toEqual([
      true,
      false,
      0,
    ]);
    await files.drop('a/b.html');
    await files.drop('a/b.html');
    expect(await files.has('a/b.html')).toBe(false);
  });

  it('are read in part, each part of the file that was opened', async () => {
    await files.write('part', '0123456789');
    const opened = await files.open('part');
    if (!opened) throw new Error('not there');
    expect([opened.size, String(await opened.read(2, 4)), String(await opened.read(0, 9))]).toEqual([
      10,
      '234',
      '0123456789',
    ]);
    expect(Math.abs(opened.modified.getTime() - Date.now())).toBeLessThan(60_000);
    await files.write('part', 'abcdefghij');
    const part = await opened.read(0, 0).catch((error: unknown) => error);
    // A folder goes on with the old one, a bucket has the new one alone; nobody gets a piece of each.
    expect(part instanceof FileChanged || String(part) === '0').toBe(true);
    await opened.close();
    const other = await files.open('part');
    expect(other?.etag).not.toBe(opened.etag);
    await other?.close();
  });

  it('keep their ETag where what is drawn is the same', async () => {
    const etag = async (): Promise<string | undefined> => {
      const opened = await files.open('drawn.html');
      await opened?.close();
      return opened?.etag;
    };
    await files.draw('drawn.html', '一', '1');
    const first = await etag();
    await files.draw('drawn.html', '一', '2');
    expect(await etag()).toBe(first);
    await files.draw('drawn.html', '二', '3');
    expect([(await files.read('drawn.html'))?.toString(), (await etag()) === first]).toEqual(['二', false]);
  });

  it('are never met half written, however many write', async () => {
    const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(200_000));
    await files.write('busy', texts[0] ?? '');
    const read: string[] = [];
    await Promise.all([
      ...Array.from({ length: 12 }, (_, n) => files.write('busy', texts[n % 3] ?? '')),
      ...Array.from({ length: 12 }, async () => {
        read.push(String(await files.read('busy')));
      }),
    ]);
    expect(read.filter((text) => !texts.includes(text))).toEqual([]);
  });

  it.each(['', '/etc/passwd', '../x', 'a/../../x', 'a//b', 'a/', './x', 'a\0b', '中'])(
    'refuse the name %j',
    async (name) => {
      expect(() => files.under(name)).toThrow(RangeError);
      await expect((async () => files.read(name))()).rejects.toThrow(RangeError);
      await expect((async () => files.write(name, ''))()).rejects.toThrow(RangeError);
    },
  );
});

it('that are hidden no other user of the machine may read', async () => {
  const hidden = filesInFolder(folder).under('own', 'hidden');
  await hidden.write('deep/secret', 'x');
  await filesInFolder(folder).write('shown/page', 'x');
  const mode = (path: string) => statSync(join(folder, path)).mode & 0o077;
  expect([mode('own/deep/secret'), mode('own/deep')]).toEqual([0, 0]);
  expect(mode('shown/page') & 0o044).toBe(0o044);
});
