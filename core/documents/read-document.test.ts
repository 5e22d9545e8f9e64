import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Said } from '../../channels/channel.js';
import { LianfaError } from '../errors.js';
import { canonical, plainText } from '../body/canonical.js';
import { closeThreads, longFrom } from '../threads/pool.js';
import { cell, docx, p, r, row, table } from './fixtures/docx.js';
import { zip } from './fixtures/zip.js';
import { readDocument, type IncomingDocument } from './read-document.js';
import { tasks } from './tasks.js';

afterAll(closeThreads);

const hash = 'ab'.repeat(32);
const noPicture = () => Promise.resolve(undefined);
const sample = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'fixtures', name));

async function read(
  document: Partial<IncomingDocument> & { bytes: Buffer },
  keepPicture: (bytes: Buffer) => Promise<string | Said | undefined> = noPicture,
) {
  const { input, dropped } = await readDocument(
    { name: '', type: '', source: '示例市人民政府', ...document },
    { keepPicture, releaseNamed: (name) => Promise.resolve(name === 'policy-2026.md' ? 'r1' : undefined) },
  );
  const body = canonical(input.body.content, new Set([hash]), dropped);
  return { input, html: body.html, dropped: body.dropped.map(({ what }) => what) };
}

async function errorOf(document: Partial<IncomingDocument> & { bytes: Buffer }): Promise<unknown> {
  return read({ source: undefined, ...document }).then(
    () => undefined,
    (error: unknown) => (error instanceof LianfaError ? error.toJSON() : error),
  );
}

describe('the samples', () => {
  it('reads the keynote whole; its kind, which we do not know, becomes news and is told', async () => {
    const { input, html, dropped } = await read({ bytes: sample('keynote-2020.md'), name: 'keynote-2020.md' });
    expect(input).toMatchObject({
      title: '推進數字政府建設 深化政務公開',
      kind: 'news',
      language: 'zh-Hant',
      author: '盧向東',
      source: '中國行政管理學會2020年年會主旨發言',
    });
    expect(dropped).toEqual(['kind:speech']);
    expect(html.startsWith('<p><strong>盧向東,國務院辦公廳電子政務辦主任</strong></p>')).toBe(true);
    const words = plainText(html).replace(/\s/g, '');
    const written = sample('keynote-2020.md').toString('utf8').split('---').slice(2).join('').replace(/[\s*]/g, '');
    expect(words).toBe(written);
  });

  it('reads the policy with its header block; attachments that were not uploaded are told', async () => {
    const { input, html, dropped } = await read({ bytes: sample('policy-2026.md'), name: 'policy-2026.md' });
    expect(input.kind).toBe('policy');
    expect(input.policy).toMatchObject({
      number: '示政办发〔2026〕18号',
      signed: '2026-11-20',
      keywords: ['入学', '人才', '服务'],
    });
    expect(html).toContain('<table>');
    expect(html).toContain('<h2>一、适用对象</h2>');
    expect(dropped).toEqual([
      'attachment:附件1：申请材料清单',
      'attachment:附件2：联系方式',
      'interpretations:interpretation-2026.md',
    ]);
  });

  it('reads the interpretation with its links, lists and rare characters', async () => {
    const { input, html } = await read({ bytes: sample('interpretation-2026.md'), name: 'interpretation-2026.md' });
    expect(input).toMatchObject({ kind: 'interpretation', interprets: ['r1'], interpretations: [] });
    expect(html).toContain('<a href="https://service.example/school">https://service.example/school</a>');
    expect(html).toContain('😀 生僻字姓名（如“𠮷”“䶮”）');
    expect(html).toContain('<ul>');
  });

  it('cleans the hostile notice and says everything that went', async () => {
    const { input, html, dropped } = await read({ bytes: sample('notice-bad.md'), name: 'notice-bad.md' });
    expect(input).toMatchObject({ kind: 'notice', source: '示例市人民政府办公室', columns: ['通知公告'] });
    expect(html).toBe(
      [
        '<p>自<strong>2026年12月1日</strong>起，市政务服务中心办公时间调整如下：</p>',
        '<table>',
        '<thead>',
        '<tr>',
        '<th>窗口</th>',
        '<th>工作日</th>',
        '<th>周六</th>',
        '</tr>',
        '</thead>',
        '<tbody>',
        '<tr>',
        '<td>综合受理</td>',
        '<td>8:30–17:30</td>',
        '<td>9:00–12:00</td>',
        '</tr>',
        '<tr>',
        '<td>不动产登记</td>',
        '<td>8:30–17:30</td>',
        '<td>不办理</td>',
        '</tr>',
        '</tbody>',
        '</table>',
        '',
        '<p>办事指南 · <a href="https://service.example/guide">正常链接</a> · 😀𠮷野家 · 联系电话 12345</p>',
      ].join('\n'),
    );
    expect(dropped.sort()).toEqual(['embed:iframe', 'handler', 'link', 'picture:169.254.169.254/meta-data']);
  });
});

describe('titles and sources', () => {
  it.each([
    [
      'a.md',
      '# 报告\n\n前言。\n\n## 一、总体要求\n\n正文。',
      '报告',
      '<p>前言。</p><h2>一、总体要求</h2><p>正文。</p>',
    ],
    ['a.md', '前言。\n\n## 一、总体要求\n\n正文。', '一、总体要求', '<p>前言。</p><h2>一、总体要求</h2><p>正文。</p>'],
    ['a.md', '前言。\n\n# 一、甲\n\n# 二、乙', '一、甲', '<p>前言。</p><h2>一、甲</h2><h2>二、乙</h2>'],
    [
      'a.html',
      '<nav>首页</nav><h2>栏目</h2><h1>关于供水的通知</h1><p>正文。</p>',
      '关于供水的通知',
      '<p>首页</p><h2>栏目</h2><p>正文。</p>',
    ],
    ['a.html', '<title>站点</title><h2>关于供水的通知</h2><p>正文。</p>', '关于供水的通知', '<p>正文。</p>'],
  ])('takes no heading of a section out of the text for a title: %s %#', async (name, text, title, html) => {
    const { input, html: body } = await read({ bytes: Buffer.from(text), name });
    expect(input.title).toBe(title);
    expect(body.replace(/\n/g, '')).toBe(html);
  });

  it('takes the first heading as title where the front matter has none, and out of the body', async () => {
    const { input, html } = await read({ bytes: Buffer.from('# 关于放假的通知\n\n正文一。'), name: 'a.md' });
    expect(input.title).toBe('关于放假的通知');
    expect(html).toBe('<p>正文一。</p>');
  });

  it('does not show a title twice that the body repeats', async () => {
    const { html } = await read({ bytes: Buffer.from('---\ntitle: 通知\n---\n# 通知\n\n正文。'), name: 'a.md' });
    expect(html).toBe('<p>正文。</p>');
  });

  it('reads a title that YAML takes for a number, and a single column', async () => {
    const { input } = await read({ bytes: Buffer.from('---\ntitle: 2026\ncolumns: 要闻\n---\n正文'), name: 'a.md' });
    expect(input).toMatchObject({ title: '2026', columns: ['要闻'] });
  });

  it('takes the first line of a plain text as title', async () => {
    const { input, html } = await read({
      bytes: Buffer.from('停水通知\r\n\r\n明日停水 <8 小时>。\n请备水。'),
      name: 'a.txt',
    });
    expect(input.title).toBe('停水通知');
    expect(html).toBe('<p>明日停水 &lt;8 小时&gt;。</p>\n<p>请备水。</p>');
  });

  it('names the source as missing where neither the document nor the request has one', async () => {
    expect(await errorOf({ bytes: Buffer.from('# 甲\n\n乙'), name: 'a.md' })).toMatchObject({
      code: 'field_missing',
      field: 'source',
      message: { zh: '缺少必填项“来源（source）”。' },
    });
  });

  it('names the title as missing', async () => {
    expect(await errorOf({ bytes: Buffer.from('乙'), name: 'a.md', source: '甲' })).toMatchObject({
      code: 'field_missing',
      field: 'title',
    });
  });

  describe.each(['a.md', 'a.html', 'a.txt'])('where the request names the title of %s', (name) => {
    const bytes = Buffer.from(
      { 'a.md': '---\ntitle: 文件头标题\n---\n# 文中标题\n\n正文。', 'a.html': '<h1>文中标题</h1><p>正文。</p>' }[
        name
      ] ?? '文中标题\n正文。',
    );

    it('takes that one; what was a title in the text stays there', async () => {
      const { input, html, dropped } = await read({ bytes, name, title: '指定的标题' });
      expect(input.title).toBe('指定的标题');
      expect(plainText(html)).toBe('文中标题\n正文。');
      expect(dropped).toEqual(name === 'a.md' ? ['replaced_title:文件头标题'] : []);
    });

    it('shows it once where the text begins with the same', async () => {
      const { html } = await read({ bytes, name, title: '文中标题' });
      expect(plainText(html)).toBe('正文。');
    });
  });
});

describe('pasted office HTML', () => {
  it('keeps the words and tables of Word and nothing of its machinery', async () => {
    const word = `<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!-- p.MsoNormal {mso-style-parent:""} --></style><!--[if gte mso 9]><xml><o:OfficeDocumentSettings/></xml><![endif]--></head>
      <body lang=ZH-CN><p class="MsoTitle" style='text-align:center'><span style='font-size:22.0pt'>关于开展检查的通知<o:p></o:p></span></p>
      <p class=MsoNormal style='text-indent:32.0pt;mso-char-indent-count:2.0'><span lang=EN-US style='color:black'>各单位：<o:p>&nbsp;</o:p></span></p>
      <p class=MsoNormal><span lang=EN-US><o:p>&nbsp;</o:p></span></p>
      <table class=MsoTableGrid border=1><tr style='mso-yfti-irow:0'><td width=284 style='width:213.05pt'><p class=MsoNormal><b>时间</b></p></td></tr></table></body></html>`;
    const { input, html, dropped } = await read({ bytes: Buffer.from(word), name: 'a.html' });
    expect(input.title).toBe('关于开展检查的通知');
    expect(html.replace(/\n\s*/g, '')).toBe(
      '<p>各单位：&nbsp;</p><table><tbody><tr><td><p><strong>时间</strong></p></td></tr></tbody></table>',
    );
    expect(dropped).toEqual([]);
  });
});

describe('refusals', () => {
  it('says that the encoding of a document is not known, by its name', async () => {
    expect(await errorOf({ bytes: Buffer.from([0xb9, 0xd8, 0xff, 0xda]), name: '通知.md' })).toMatchObject({
      code: 'document_not_utf8',
      message: { zh: '文件“通知.md”不是 UTF-8 编码，无法可靠读取。' },
    });
  });

  it.each([
    ['a.mp4', ''],
    ['', 'image/png'],
    ['noending', ''],
  ])('does not take %s (%s)', async (name, type) => {
    expect(await errorOf({ bytes: Buffer.from('x'), name, type })).toMatchObject({ code: 'document_unsupported' });
  });

  it('takes a document without a name by its type', async () => {
    expect((await read({ bytes: Buffer.from('# 甲\n\n乙'), type: 'text/markdown; charset=utf-8' })).input.title).toBe(
      '甲',
    );
  });
});

const types = {
  '[Content_Types].xml': Buffer.from(
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
  ),
};

describe('Word documents', () => {
  it('reads headings, tables and pictures', async () => {
    const { input, html } = await read({ bytes: sample('notice.docx'), name: '通知.docx' }, () =>
      Promise.resolve(hash),
    );
    expect(input.title).toBe('关于调整办公时间的通知');
    expect(html).toContain('<h2>一、调整内容</h2>');
    expect(html).toContain('<strong>2026年12月1日</strong>');
    expect(html).toContain('<td>综合受理</td>');
    expect(html).toContain(`<img src="media:${hash}" alt="示意图">`);
  });

  it('leaves out a picture that cannot be used, and tells it', async () => {
    const { html, dropped } = await read({ bytes: sample('notice.docx'), name: '通知.docx' });
    expect(html).not.toContain('<img');
    expect(dropped).toEqual(['wordPicture:示意图（image1.png）']);
    const reason = { zh: '像素过大。', en: 'too many pixels.' };
    const told = await read({ bytes: sample('notice.docx'), name: '通知.docx' }, () => Promise.resolve(reason));
    expect(told.dropped).toEqual(['wordPicture:示意图（image1.png）：像素过大。 too many pixels.']);
  });

  it.each([
    ['no zip at all', Buffer.from('PK nothing')],
    ['a zip that is no document', zip({ 'a.txt': Buffer.from('a') })],
    ['half a document', sample('notice.docx').subarray(0, 900)],
  ])('says that %s is unreadable', async (_, bytes) => {
    expect(await errorOf({ bytes, name: 'a.docx' })).toMatchObject({ code: 'document_unreadable' });
  });

  it('does not unpack a bomb, even one that lies about its size', async () => {
    const bomb = zip({ ...types, 'word/document.xml': Buffer.alloc(40 * 1024 * 1024, ' ') }, 100);
    expect(bomb.length).toBeLessThan(100_000);
    const before = process.memoryUsage.rss();
    expect(await errorOf({ bytes: bomb, name: 'a.docx' })).toMatchObject({ code: 'document_unreadable' });
    const honest = zip({ ...types, 'word/document.xml': Buffer.alloc(40 * 1024 * 1024, ' ') });
    expect(await errorOf({ bytes: honest, name: 'a.docx' })).toMatchObject({ code: 'file_too_large' });
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024);
  });

  it('does not show a document of which a byte is wrong', async () => {
    const bytes = docx({ body: p(r('合计3,260万元')) });
    const broken = zip({ 'word/document.xml': '<a/>' });
    broken.writeUInt32LE(1, broken.indexOf('PK\x01\x02') + 16);
    expect(await errorOf({ bytes: broken, name: 'a.docx' })).toMatchObject({ code: 'document_unreadable' });
    expect((await read({ bytes, name: 'a.docx' })).input.title).toBe('合计3,260万元');
  });

  it('asks about tracked changes by the name of the file, and takes an answer', async () => {
    const bytes = docx({ body: p(r('标题')) + p(`<w:ins w:id="1" w:author="甲">${r('内容。')}</w:ins>`) });
    expect(await errorOf({ bytes, name: '通知.docx', source: '甲' })).toMatchObject({
      code: 'document_tracked',
      message: { zh: '文件“通知.docx”中有尚未处理的修订或批注：1 处插入，作者：甲。' },
    });
    expect((await read({ bytes, name: '通知.docx', revisions: 'accept' })).html).toBe('<p>内容。</p>');
  });

  it('says which limit a document passes, and reads even a small file beside the event loop', async () => {
    const here = jest.spyOn(tasks.word, 'run');
    const bytes = docx({ body: '<w:p/>'.repeat(100_000) });
    expect(bytes.length).toBeLessThan(longFrom);
    expect(await errorOf({ bytes, name: '大.docx' })).toMatchObject({
      code: 'file_too_large',
      message: { zh: '文件“大.docx”超出可读取的范围（上限 60,000 个段落）。' },
    });
    expect(here).not.toHaveBeenCalled();
  });

  it('keeps the document’s own title in the text where another is asked for', async () => {
    const bytes = docx({ body: p(r('关于放假的通知')) + p(r('正文。')) });
    const { input, html } = await read({ bytes, name: 'a.docx', title: '放假啦' });
    expect(input.title).toBe('放假啦');
    expect(html).toBe('<h2>关于放假的通知</h2><p>正文。</p>');
  });

  it('passes canonical HTML whole: a table with spans', async () => {
    const body = p(r('标题')) + table(row(cell(p(r('甲')), '<w:gridSpan w:val="2"/>'), cell(p(r('乙')))));
    const { html, dropped } = await read({ bytes: docx({ body }), name: 'a.docx' });
    expect(html).toBe('<table><tbody><tr><td colspan="2">甲</td><td>乙</td></tr></tbody></table>');
    expect(dropped).toEqual([]);
  });
});

describe('files of other programs', () => {
  const container = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
  it.each([
    ['a.doc', container, '旧版 Word 文档'],
    ['a.docx', container, '旧版 Word 或 WPS 文档'],
    ['a.docx', Buffer.concat([container, Buffer.from('EncryptedPackage', 'utf16le')]), '加了密码的文档'],
    ['a.docx', Buffer.from('{\\rtf1 a}'), 'RTF 文档'],
    ['a.wps', container, 'WPS 文字文档'],
    ['a.et', container, 'WPS 表格'],
    ['a.docm', zip({}), '带宏的 Word 文档'],
    ['a.ofd', zip({}), 'OFD 版式文件'],
    ['a.pdf', Buffer.from('%PDF'), 'PDF 版式文件'],
  ])('%s is refused by what it is: %#', async (name, bytes, what) => {
    expect(await errorOf({ bytes, name })).toMatchObject({
      code: 'document_of_other_program',
      message: { zh: `“${name}”是${what}，不能直接读取。` },
    });
  });
});
