import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DroppedList } from '../core/body/dropped.js';
import { splitFrontMatter } from '../core/documents/front-matter.js';
import { findAttachments, nameAttachments } from './document-attachments.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lianfa-attach-'));
  await mkdir(join(folder, 'doc/附'), { recursive: true });
  for (const name of [
    '../secret.pdf',
    '附件1：申请材料清单.docx',
    '附/b.pdf',
    '附/附件1：名单（终稿）.xlsx',
    '甲、乙.pdf',
  ])
    await writeFile(join(folder, 'doc', name), name);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(text: string) {
  const { attachments, unfit } = await findAttachments(text, join(folder, 'doc/a.md'));
  for (const entry of attachments) if (entry.found) entry.hash = `hash-${entry.found.name}`;
  const named = nameAttachments(text, attachments);
  return {
    named,
    listed: splitFrontMatter(named, new DroppedList()).values['attachments'],
    unfit: unfit.map(({ line, named: name, why }) => `${line} ${name} ${why.zh}`),
  };
}

const clerk = { hash: 'hash-附件1：申请材料清单.docx', name: '附件1：申请材料清单.docx' };
const b = { hash: 'hash-b.pdf', name: 'b.pdf' };

it.each([
  ['[附件1：申请材料清单, 附/b.pdf]', [clerk, b]],
  ['\n  - 附件1：申请材料清单.docx\n  - ./附/b.pdf', [clerk, b]],
  ['\n- 附件1：申请材料清单\n- 附\\b.PDF', [clerk, b]],
  ['附件1：申请材料清单、附/b.pdf', [clerk, b]],
  ['附/b.pdf', [b]],
  ['甲、乙.pdf', [{ hash: 'hash-甲、乙.pdf', name: '甲、乙.pdf' }]],
  ['\n  - 附件1: 附/附件1：名单（终稿）.xlsx', [{ hash: 'hash-附件1：名单（终稿）.xlsx', name: '附件1' }]],
  ['\n  - { name: 名单, file: 附/b.pdf }', [{ hash: 'hash-b.pdf', name: '名单' }]],
  ['\n  - { hash: ab, name: 甲.pdf }\n  - 附/b.pdf', [{ hash: 'ab', name: '甲.pdf' }, b]],
])('finds the attachments of %j', async (list, listed) => {
  const text = `---\ntitle: "一: 二" # 题\nattachments: ${list}\nsource: 甲\n---\n\n正文\n---\n完\n`;
  const answer = await read(text);
  expect(answer).toMatchObject({ listed, unfit: [] });
  // Every other line stays as it is, and where it is.
  const lines = (whole: string) =>
    whole.split('\n').flatMap((line, n) => (/题|source|正文|完/.test(line) ? [`${n} ${line}`] : []));
  expect(lines(answer.named)).toEqual(lines(text));
});

it.each([
  ['[附件3：没有]', '3 附件3：没有 没有找到这个文件'],
  ['\n  - 附/b.pdf\n  - 26/没有这个.pdf', '5 26/没有这个.pdf 没有找到这个文件'],
  ['[../secret.pdf]', '3 ../secret.pdf 不在文档所在的文件夹内，不能使用'],
  ['["%2e%2e/secret"]', '3 %2e%2e/secret 不在文档所在的文件夹内，不能使用'],
  ['/etc/passwd', '3 /etc/passwd 不在文档所在的文件夹内，不能使用'],
  ['[https://a.example/x.pdf]', '3 https://a.example/x.pdf 在外部网址上，请先下载到文档旁边'],
])('names what is wrong with the attachments of %j, and its line', async (list, unfit) => {
  expect((await read(`---\ntitle: 一\nattachments: ${list}\n---\n正文`)).unfit).toEqual([unfit]);
});

it.each(['正文', '---\ntitle: 一\n---\n正文', '---\nattachments:\n---\n'])('leaves %j as it is', async (text) => {
  expect((await read(text)).named).toBe(text);
});
