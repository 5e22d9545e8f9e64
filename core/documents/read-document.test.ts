import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { LianfaError } from '../errors.js';
import { canonical, plainText } from '../body/canonical.js';
import { readDocument, type IncomingDocument } from './read-document.js';

const hash = 'ab'.repeat(32);
const noPicture = () => Promise.resolve(undefined);
const sample = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'fixtures', name));

async function read(
  document: Partial<IncomingDocument> & { bytes: Buffer },
  keepPicture = noPicture as (bytes: Buffer) => Promise<string | undefined>,
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

  it('names what is wrong in the front matter', async () => {
    expect(await errorOf({ bytes: Buffer.from('---\ntitle: [a\n---\n乙'), name: 'a.md' })).toMatchObject({
      code: 'field_invalid',
      field: 'front matter',
    });
    expect(await errorOf({ bytes: Buffer.from('---\n- a\n---\n乙'), name: 'a.md' })).toMatchObject({
      code: 'field_invalid',
      field: 'front matter',
    });
    expect(
      await errorOf({ bytes: Buffer.from('---\ntitle: a\nsource: b\npolicy: {signed: 昨天}\n---\n乙'), name: 'a.md' }),
    ).toMatchObject({ code: 'field_invalid', field: 'policy.signed' });
  });

  it('does not unfold a YAML bomb', async () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...['b', 'c', 'd', 'e', 'f', 'g', 'h'].map(
        (name, n) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[n]}`).join(',')}]`,
      ),
    ].join('\n');
    expect(await errorOf({ bytes: Buffer.from(`---\ntitle: t\n${bomb}\n---\n乙`), name: 'a.md' })).toMatchObject({
      code: 'field_invalid',
      field: 'front matter',
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
    ['a.pdf', ''],
    ['a.doc', 'application/msword'],
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

/** A zip of deflated parts; `claim` lies about the unpacked size. */
function zip(parts: Record<string, Buffer>, claim?: number): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(parts)) {
    const packed = deflateRawSync(content);
    const label = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(claim ?? content.length, 18);
    common.writeUInt16LE(label.length, 22);
    locals.push(Buffer.from('PK\x03\x04', 'latin1'), common, label, packed);
    const entry = Buffer.alloc(14);
    entry.writeUInt32LE(at, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, entry, label);
    at += 30 + label.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(Object.keys(parts).length, 8);
  end.writeUInt16LE(Object.keys(parts).length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, ...directory, end]);
}

const crcless = {
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
    expect(html).toContain('<td><p>综合受理</p></td>');
    expect(html).toContain(`<img src="media:${hash}" alt="示意图">`);
  });

  it('leaves out a picture that cannot be used, and tells it', async () => {
    const { html, dropped } = await read({ bytes: sample('notice.docx'), name: '通知.docx' });
    expect(html).not.toContain('<img');
    expect(dropped).toEqual(['picture_missing:示意图']);
  });

  it.each([
    ['no zip at all', Buffer.from('PK nothing')],
    ['an old .doc under a new name', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])],
    ['a zip that is no document', zip({ 'a.txt': Buffer.from('a') })],
    ['half a document', sample('notice.docx').subarray(0, 900)],
  ])('says that %s is unreadable', async (_, bytes) => {
    expect(await errorOf({ bytes, name: 'a.docx' })).toMatchObject({ code: 'document_unreadable' });
  });

  it('does not unpack a bomb, even one that lies about its size', async () => {
    const bomb = zip({ ...crcless, 'word/document.xml': Buffer.alloc(40 * 1024 * 1024, ' ') }, 100);
    expect(bomb.length).toBeLessThan(100_000);
    const before = process.memoryUsage.rss();
    expect(await errorOf({ bytes: bomb, name: 'a.docx' })).toMatchObject({ code: 'document_unreadable' });
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024);
  });
});
