import { DroppedList } from '../body/dropped.js';
import { LianfaError } from '../errors.js';
import { splitFrontMatter } from './front-matter.js';
import { readDocument } from './read-document.js';

const doors = { keepPicture: () => Promise.resolve(undefined), releaseNamed: () => Promise.resolve(undefined) };

async function read(front: string, body = '正文') {
  const dropped = new DroppedList();
  const bytes = Buffer.from(`---\n${front}\n---\n${body}`);
  const { input } = await readDocument({ bytes, name: 'a.md', type: '', source: '县水利局' }, doors, dropped);
  const list = dropped.list();
  return { input, told: list.map(({ what }) => what), stops: list.filter(({ stops }) => stops).length };
}

async function errorOf(text: string) {
  const error: unknown = await readDocument(
    { bytes: Buffer.from(text), name: 'a.md', type: '', source: '县水利局' },
    doors,
  ).catch((thrown: unknown) => thrown);
  if (!(error instanceof LianfaError)) throw new Error('it was read');
  return error.toJSON();
}

describe('a title', () => {
  it.each([
    ['关于供水的通知: 第二次'],
    ['通知 # 第二次'],
    ['2026'],
    ['1.10'],
    ['007'],
    ['2026-11-20'],
    ['yes'],
    ['0x1F'],
    ['1e3'],
    ['@各单位'],
    ['*号通知'],
    ['&号'],
    ['!注意'],
    ['%5 的税'],
    ['[急]关于放假的通知'],
    ['“引号”：开头'],
    ['- 横线'],
    ['> 大于'],
    ['"甲"与乙'],
    ['null 值'],
  ])('is what was typed: %s', async (title) => {
    expect(await read(`title: ${title}`)).toMatchObject({ input: { title }, told: [], stops: 0 });
  });

  it.each([
    ['title："关于放假"', '关于放假'],
    ['title：关于放假', '关于放假'],
    ['title:关于放假', '关于放假'],
    ['\ufefftitle: 关于放假', '关于放假'],
    ['title: 关于调整水价\n  的通知', '关于调整水价的通知'],
    ['title: >\n  关于调整水价\n  的通知', '关于调整水价的通知'],
    ['title: "一: 二" # 题', '一: 二'],
    ['title: About\n  water', 'About water'],
  ])('is read from %j', async (front, title) => {
    expect((await read(front)).input.title).toBe(title);
  });
});

describe('other fields', () => {
  it('keeps figures as they are typed', async () => {
    const { input } = await read(
      'title: 甲\npolicy:\n  index: 01-2026-0007\n  number: 1.10\n  topic: 科技、教育\\教育',
    );
    expect(input.policy).toEqual({ index: '01-2026-0007', number: '1.10', topic: '科技、教育\\教育' });
  });

  it.each([['2026年11月20日'], ['2026-11-20'], ['2026/11/20']])('reads the date %s', async (signed) => {
    expect((await read(`title: 甲\npolicy:\n\tsigned: ${signed}`)).input.policy).toEqual({ signed: '2026-11-20' });
  });

  it.each([
    ['要闻、通知公告', ['要闻', '通知公告']],
    ['要闻，通知公告', ['要闻', '通知公告']],
    ['[要闻, 通知公告]', ['要闻', '通知公告']],
    ['\n  - 要闻\n  - 通知公告', ['要闻', '通知公告']],
    ['要闻', ['要闻']],
    ['', []],
  ])('reads the list %j', async (columns, list) => {
    expect((await read(`title: 甲\ncolumns: ${columns}\nkeywords: ${columns}`)).input).toMatchObject({
      columns: list,
      keywords: list,
    });
  });

  it('tells a comment behind a value, and fields that nothing uses, in every block', async () => {
    const { input, told } = await read('title: 甲\nkind: notice # 通知\nslug: x\npolicy:\n  sign: 今天\n# 一行注释');
    expect(input.kind).toBe('notice');
    expect(told).toEqual(['header_comment:kind: # 通知', 'field:slug', 'field:policy.sign']);
  });

  it('tells a title of its own behind a `---` in the text, and stops', async () => {
    expect(await read('title: 甲', '一\n\n---\ntitle: 乙\n---\n二')).toMatchObject({
      told: ['second_document:乙'],
      stops: 1,
    });
    expect((await read('title: 甲', '一\n\n---\n\n二')).told).toEqual([]);
  });

  it('unfolds no bomb', async () => {
    const rows = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((name, n) => `${name}: &${name} [${`*${'abcdefg'[n] ?? ''},`.repeat(9)}]`),
    ];
    expect((await read(`title: t\n${rows.join('\n')}`)).told).toHaveLength(rows.length);
  });
});

describe('refusals', () => {
  it.each([
    ['---\ntitle: 甲\ndraft: true\n---\n乙', 'document_is_draft', 'draft', ''],
    ['---\ntitle: 甲\ndraft: 是\n---\n乙', 'document_is_draft', 'draft', ''],
    ['---\ntitle: 甲\ndraft: 也许\n---\n乙', 'field_invalid', 'draft', '（第 3 行）'],
    ['---\ntitle: 甲\ntitle: 乙\n---\n丙', 'field_invalid', 'title', '第 3 行，“title”写了两遍，请只留一处。'],
    ['---\ntitle: [甲\n---\n乙', 'field_invalid', 'title', '“title”的引号或括号没有配对。'],
    ['---\ntitle: "甲\n---\n乙', 'field_invalid', 'title', '“title”的引号或括号没有配对。'],
    ['---\ntitle: [甲, 乙]\n---\n丙', 'field_invalid', 'title', '这里要写一段文字，不能是列表或分项。'],
    ['---\n- 甲\n---\n乙', 'field_invalid', 'front matter', '每行要写成“名称: 值”，冒号后空一格。'],
    ['---\n甲乙丙\n---\n丁', 'field_invalid', 'front matter', '每行要写成“名称: 值”，冒号后空一格。'],
    ['---\ntitle: 甲\n\n正文', 'field_invalid', 'front matter', '文件头没有结束：请在最后一行之后另起一行写 ---。'],
    ['+++\ntitle = "甲"\n+++\n乙', 'field_invalid', 'front matter', '文件头用的是 TOML（+++）。'],
    [
      '---\ntitle: 甲\npolicy:\n  signed: 昨天\n---\n乙',
      'field_invalid',
      'policy.signed',
      '“昨天”不是完整的日期，请写成“2026-11-20”或“2026年11月20日”。（第 4 行）',
    ],
    ['---\ntitle: 甲\npolicy: 乙\n---\n丙', 'field_invalid', 'policy', '请在下面缩进两格'],
    ['---\ntitle: 甲\nrelease: r1\nchange: 改\n---\n丙', 'field_invalid', 'change', '（第 4 行）'],
  ])('of %j name the field and the line, in words of an office', async (text, code, field, words) => {
    const error = await errorOf(text);
    expect(error).toMatchObject({ code, field });
    expect(error.message.zh).toContain(words);
    expect(error.message.zh).not.toMatch(/YAML|string|array|object|map|scalar|undefined/i);
  });
});

it.each(['正文', '---\n\n正文', '甲\n---\n乙', '--- 甲\n---\n乙'])('leaves a text without one as it is: %j', (text) => {
  expect(splitFrontMatter(text, new DroppedList())).toMatchObject({ values: {}, body: text });
});
