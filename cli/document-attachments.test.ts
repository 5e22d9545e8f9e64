import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { uploadAttachments } from './document-attachments.js';

let folder: string;
let uploaded: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lianfa-attach-'));
  await mkdir(join(folder, 'doc/附'), { recursive: true });
  await writeFile(join(folder, 'secret.pdf'), 'secret');
  await writeFile(join(folder, 'doc/附件1：申请材料清单.docx'), 'a');
  await writeFile(join(folder, 'doc/附/b.pdf'), 'b');
  uploaded = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const replace = (text: string) =>
  uploadAttachments(text, join(folder, 'doc/a.md'), (bytes, name, field) => {
    uploaded.push(`${field} ${name}=${bytes.toString()}`);
    return Promise.resolve(`hash-${name}`);
  });
const header = (text: string): unknown => parse(text.split('---')[1] ?? '');

it('uploads what the front matter names, with or without its ending, and leaves the text as it is', async () => {
  const text =
    '---\ntitle: "一: 二" # 题\nattachments: [附件1：申请材料清单, 附/b.pdf, 附件3：没有]\n---\n\n正文\n---\n完\n';
  const replaced = await replace(text);
  expect(header(replaced)).toEqual({
    title: '一: 二',
    attachments: [
      { hash: 'hash-附件1：申请材料清单.docx', name: '附件1：申请材料清单.docx' },
      { hash: 'hash-b.pdf', name: 'b.pdf' },
      '附件3：没有',
    ],
  });
  expect(replaced.endsWith('---\n\n正文\n---\n完\n')).toBe(true);
  expect(replaced).toContain('# 题');
  expect(uploaded).toEqual(['attachments.0 附件1：申请材料清单.docx=a', 'attachments.1 b.pdf=b']);
});

it.each([
  '正文',
  '---\ntitle: 一\n---\n正文',
  '---\nattachments: [../secret.pdf, /etc/passwd, "https://a.example/x.pdf", "%2e%2e/secret"]\n---\n',
  '---\nattachments: 附/b.pdf\n---\n',
  '---\nattachments: [附/b.pdf\n---\n',
  '---\nattachments: [{hash: ab, name: 附/b.pdf}]\n---\n',
])('uploads nothing for %j', async (text) => {
  expect(await replace(text)).toBe(text);
  expect(uploaded).toEqual([]);
});
