import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { NamedPicture } from '../core/body/html-pictures.js';
import { findPictures, namePictures } from './document-pictures.js';

let folder: string;
const document = () => join(folder, 'doc/a.md');
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lianfa-doc-'));
  await mkdir(join(folder, 'doc/图'), { recursive: true });
  await writeFile(join(folder, 'secret.png'), 'secret');
  for (const name of ['a.png', '图/现场 图.png', '图/附图(1).png', '图/b[1].JPG', '图/café.png', '100%.png'])
    await writeFile(join(folder, 'doc', name.normalize('NFC')), name);
  await writeFile(join(folder, 'doc', '图', 'e\u0301.png'), 'nfd');
  await writeFile(join(folder, 'doc/empty.png'), '');
  await symlink('../secret.png', join(folder, 'doc/link.png'));
  await symlink('..', join(folder, 'doc/up'));
  await copyFile(join(folder, 'doc/a.png'), join(folder, 'doc/b.png'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The text with every picture found named by the name of its file, and what was not found. */
async function read(text: string, markdown = true): Promise<{ named: string; unfit: string[] }> {
  const { placed, unfit } = await findPictures(text, document(), markdown);
  const hashes = new Map<NamedPicture, string>(placed.map(({ picture, found }) => [picture, found.name]));
  return {
    named: namePictures(text, hashes),
    unfit: unfit.map(({ line, named, why }) => `${line} ${named} ${why.zh}`),
  };
}

it.each([
  ['![甲](a.png)', '![甲](media:a.png)'],
  ['![甲](./a.png)', '![甲](media:a.png)'],
  ['![甲](图/现场 图.png)', '![甲](media:现场 图.png)'],
  ['![甲](<图/现场 图.png>)', '![甲](media:现场 图.png)'],
  ['![甲](图/%E7%8E%B0%E5%9C%BA%20%E5%9B%BE.png)', '![甲](media:现场 图.png)'],
  ['![甲](图\\附图(1).png)', '![甲](media:附图(1).png)'],
  ['![甲](图/附图(1).png "说明")', '![甲](media:附图(1).png "说明")'],
  ['![甲](图/b[1].jpg)', '![甲](media:b[1].JPG)'],
  ['![甲](A.PNG)', '![甲](media:a.png)'],
  ['![甲](图/cafe\u0301.png)', '![甲](media:café.png)'],
  ['![甲](图/\u00e9.png)', '![甲](media:e\u0301.png)'],
  ['![甲](100%.png)', '![甲](media:100%.png)'],
  ['![甲](a.png?v=2)', '![甲](media:a.png)'],
  ['![甲](a.png =300x200)', '![甲](media:a.png)'],
  ['[![甲](a.png)](https://a.gov.cn/)', '[![甲](media:a.png)](https://a.gov.cn/)'],
  ['![甲][p]\n\n[p]: a.png', '![甲](media:a.png)\n\n[p]: a.png'],
  ['![[a.png]] 与 ![[图/现场 图.png|说明]]', '![](media:a.png) 与 ![说明](media:现场 图.png)'],
  ['> - ![甲](a.png)', '> - ![甲](media:a.png)'],
  ['| 甲 |\n|---|\n| ![甲](a.png) |', '| 甲 |\n|---|\n| ![甲](media:a.png) |'],
  ['![甲](a.png) ![乙](b.png)\n![甲](a.png)', '![甲](media:a.png) ![乙](media:b.png)\n![甲](media:a.png)'],
  ['甲<img alt="x" src=\'图/现场 图.png\'>', '甲<img alt="x" src="media:现场 图.png">'],
  ['<p>\n<img src="a.png">\n</p>', '<p>\n<img src="media:a.png">\n</p>'],
  ['```\n![甲](a.png)\n```', '```\n![甲](a.png)\n```'],
  ['---\ntitle: 甲\n---\n![甲](a.png)', '---\ntitle: 甲\n---\n![甲](media:a.png)'],
])('finds the picture of %s', async (text, named) => {
  expect(await read(text)).toEqual({ named, unfit: [] });
});

it('finds a picture by a file address, and those of an HTML file', async () => {
  const address = pathToFileURL(join(folder, 'doc/图/现场 图.png')).href;
  expect((await read(`![甲](${address})`)).named).toBe('![甲](media:现场 图.png)');
  expect(await read('<p>甲\n<img class=x src="图/现场%20图.png"></p>', false)).toEqual({
    named: '<p>甲\n<img class=x src="media:现场 图.png"></p>',
    unfit: [],
  });
});

it.each([
  ['---\ntitle: 甲\n---\n前文。\n\n![现场](16-missing.jpg)', '6 16-missing.jpg 没有找到这个文件'],
  ['![甲](图/没有 这个.png)', '1 图/没有 这个.png 没有找到这个文件'],
  ['![甲](empty.png)', '1 empty.png 是空文件'],
  ['![甲](图)', '1 图 没有找到这个文件'],
  ['![甲](../secret.png)', '1 ../secret.png 不在文档所在的文件夹内，不能使用'],
  ['![甲](..\\secret.png)', '1 ..\\secret.png 不在文档所在的文件夹内，不能使用'],
  ['![甲](%2e%2e/secret.png)', '1 ../secret.png 不在文档所在的文件夹内，不能使用'],
  ['![甲](/etc/passwd)', '1 /etc/passwd 不在文档所在的文件夹内，不能使用'],
  ['![甲](file:///etc/passwd)', '1 file:///etc/passwd 不在文档所在的文件夹内，不能使用'],
  ['![甲](C:\\图\\a.png)', '1 C:\\图\\a.png 不在文档所在的文件夹内，不能使用'],
  ['![甲](link.png)', '1 link.png 不在文档所在的文件夹内，不能使用'],
  ['![甲](up/secret.png)', '1 up/secret.png 不在文档所在的文件夹内，不能使用'],
  ['甲<img src="x.png">', '1 x.png 没有找到这个文件'],
  ['<div>\n\n<img src="x.png">\n</div>', '3 x.png 没有找到这个文件'],
])('names what is wrong with the picture of %j, and its line', async (text, unfit) => {
  expect(await read(text)).toEqual({ named: text, unfit: [unfit] });
});

it.each([
  '![甲](https://a.gov.cn/a.png)',
  '![甲](//a.gov.cn/a.png)',
  '![甲](media:ab)',
  '![甲](data:image/png;base64,AA==)',
])('leaves an address to the server: %s', async (text) => {
  expect(await read(text)).toEqual({ named: text, unfit: [] });
});
