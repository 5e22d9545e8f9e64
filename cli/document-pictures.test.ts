import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uploadPictures } from './document-pictures.js';

let folder: string;
let uploaded: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lianfa-doc-'));
  await mkdir(join(folder, 'doc/图'), { recursive: true });
  await writeFile(join(folder, 'secret.png'), 'secret');
  await writeFile(join(folder, 'doc/a.png'), 'a');
  await writeFile(join(folder, 'doc/图/b c.jpg'), 'b');
  uploaded = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const replace = (text: string) =>
  uploadPictures(text, join(folder, 'doc/a.md'), (bytes, name) => {
    uploaded.push(`${name}=${bytes.toString()}`);
    return Promise.resolve(`hash-${name}`);
  });

it('uploads each picture once and names it by its hash, in Markdown and in HTML', async () => {
  expect(
    await replace('![甲](a.png "题") ![甲](./a.png)\n<img class="x" src="a.png" alt="乙"> ![丙](图/b%20c.jpg)'),
  ).toBe(
    '![甲](media:hash-a.png "题") ![甲](media:hash-a.png)\n<img class="x" src="media:hash-a.png" alt="乙"> ![丙](media:hash-b c.jpg)',
  );
  expect(uploaded).toEqual(['a.png=a', 'a.png=a', 'b c.jpg=b']);
});

it.each([
  '../secret.png',
  '/etc/passwd',
  'file:///etc/passwd',
  'https://example.com/a.png',
  '%2e%2e/secret.png',
  'gone.png',
  '%zz',
  '..',
])('leaves %s as it is', async (path) => {
  const text = `![甲](${path}) <img src="${path}">`;
  expect(await replace(text)).toBe(text);
  expect(uploaded).toEqual([]);
});
