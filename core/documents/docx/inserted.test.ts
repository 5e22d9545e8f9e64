/** Files that stand whole in a Word document (`w:altChunk`): each kind is read in its place, and each bound is held. */
import iconv from 'iconv-lite';
import { LianfaError } from '../../errors.js';
import { cell, docx, p, r, row, styled, table, title, titleStyle, type Parts } from '../fixtures/docx.js';
import { DocumentTooLarge } from '../too-large.js';
import { readDocx, TrackedChanges, type DocxChoices } from './read.js';

const here = '<w:altChunk r:id="chunk"/>';
const types = (overrides: Readonly<Record<string, string>>): string =>
  `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${Object.entries(overrides)
    .map(([part, type]) => `<Override PartName="/${part}" ContentType="${type}"/>`)
    .join('')}</Types>`;

/** A document with one file between two paragraphs; `type` as its package names it. */
function holding(name: string, content: Buffer | string, type?: string, body = p(r('前。')) + here + p(r('后。'))) {
  const part = `word/${name}`;
  const parts: Parts = {
    body: title + body,
    styles: titleStyle,
    relations: { chunk: ['aFChunk', name] },
    files: { [part]: content, ...(type !== undefined && { '[Content_Types].xml': types({ [part]: type }) }) },
  };
  return docx(parts);
}

async function read(bytes: Buffer, choices: DocxChoices = {}) {
  const { html, lost, pictures } = await readDocx(bytes, choices);
  return { html, pictures, lost: lost.map(({ kind, name, at }) => `${kind}${name && `:${name}`}${at && `@${at}`}`) };
}

const word = (body: string, more: Partial<Parts> = {}): Buffer => docx({ body, styles: titleStyle, ...more });

describe('a page', () => {
  const page = '<html><body><p>中。<b>粗</b></p><table><tr><td>1</td></tr></table></body></html>';
  const inPlace =
    '<p>前。</p><p>中。<strong>粗</strong></p><table><tbody><tr><td>1</td></tr></tbody></table><p>后。</p>';

  it.each([
    ['by its type', 'afchunk.dat', 'text/html'],
    ['by its ending, where the package names none', 'afchunk.html', undefined],
    ['by its ending, where the type says nothing', 'afchunk.htm', 'application/octet-stream'],
  ])('is known %s, and stands where it stood', async (_, name, type) => {
    expect(await read(holding(name, page, type))).toEqual({ html: inPlace, lost: [], pictures: [] });
  });

  it('is read in the encoding that it is in, and that is told', async () => {
    const { html, lost } = await read(holding('a.html', iconv.encode('<p>各乡镇人民政府</p>', 'gbk')));
    expect(html).toBe('<p>前。</p><p>各乡镇人民政府</p><p>后。</p>');
    expect(lost).toEqual(['wordAltChunkEncoding:a.html：GB18030@前。']);
  });

  it('swallows nothing of the document behind it, and says what it swallowed of itself', async () => {
    const { html, lost } = await read(holding('a.html', '<p>中。</p><!-- 没有结束 <p>丢</p>'));
    expect(html).toBe('<p>前。</p><p>中。</p><p>后。</p>');
    expect(lost).toEqual(['unclosed:<!--@没有结束  丢', 'comment@中。']);
    const closing = await read(holding('a.html', '</p></td></tr></table></body></html><p>中。'));
    expect(closing.html).toBe('<p>前。</p><p>中。</p><p>后。</p>');
  });

  it('takes no picture of the document for its own, and tells each that it has none for', async () => {
    const { html, lost } = await read(
      holding('a.html', '<p>中<img src="word:0" alt="甲"><img src="image001.png"><script>x()</script></p>'),
    );
    expect(html).toBe('<p>前。</p><p>中</p><p>后。</p>');
    expect(lost).toEqual(['picture_local:word:0@中', 'picture_local:image001.png@中', 'script']);
  });

  it('may be XHTML, in which an empty element is whole', async () => {
    const xhtml =
      '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body><p>一<br/>二</p><div/><p>三<a name="x"/></p></body></html>';
    const { html, lost } = await read(holding('a.dat', xhtml, 'application/xhtml+xml'));
    expect(html).toBe('<p>前。</p><p>一<br>二</p><p>三</p><p>后。</p>');
    expect(lost).toEqual([]);
  });

  it('gives its headings to the text, and what follows it no title', async () => {
    const { html } = await read(
      docx({
        body: here + p(r('某某局')),
        relations: { chunk: ['aFChunk', 'a.html'] },
        files: { 'word/a.html': '<h1>关于供水的通知</h1><p>正文。</p>' },
      }),
    );
    expect(html).toBe('<h2>关于供水的通知</h2><p>正文。</p><p>某某局</p>');
  });
});

describe('a web archive', () => {
  const archive = (page: string, encoding: string): string =>
    [
      'MIME-Version: 1.0',
      'Content-Type: multipart/related;\r\n\tboundary="----=_Next"; type="text/html"',
      '',
      'a browser opens the first part',
      '------=_Next',
      'Content-Location: file:///C:/a.htm',
      `Content-Transfer-Encoding: ${encoding}`,
      'Content-Type: text/html; charset="utf-8"',
      '',
      page,
      '',
      '------=_Next',
      'Content-Type: text/css',
      '',
      'p { color: red }',
      '------=_Next--',
      '',
    ].join('\r\n');
  const quoted = (text: string): string =>
    [...Buffer.from(text)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');

  it.each([
    ['quoted-printable', `<p>${quoted('中')}=\r\n${quoted('。')}</p>`],
    ['base64', Buffer.from('<p>中。</p>').toString('base64')],
    ['8bit', Buffer.from('<p>中。</p>').toString('latin1')],
  ])('gives its page, written in %s', async (encoding, page) => {
    const bytes = Buffer.from(archive(page, encoding), 'latin1');
    expect(await read(holding('a.mht', bytes, 'message/rfc822'))).toMatchObject({
      html: '<p>前。</p><p>中。</p><p>后。</p>',
      lost: [],
    });
  });

  it('is told by name and place where there is no page in it', async () => {
    expect((await read(holding('a.mht', 'MIME-Version: 1.0\n\nnothing'))).lost).toEqual(['wordAltChunk:a.mht@前。']);
    const levels = Array.from({ length: 50 }, (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\n\n--b${n}\n`);
    const deep = `${levels.join('')}Content-Type: text/html\n\n<p>x`;
    expect((await read(holding('a.mht', deep))).lost).toEqual(['wordAltChunk:a.mht@前。']);
    expect((await read(holding('a.mht', archive('<p>x', 'x-uue')))).lost).toEqual(['wordAltChunk:a.mht@前。']);
  });
});

describe('plain text', () => {
  it('becomes paragraphs, and nothing in it is markup', async () => {
    expect(await read(holding('a.txt', '一、<b>甲</b>\r\n\r\n  二、乙\u0000\n', 'text/plain'))).toMatchObject({
      html: '<p>前。</p><p>一、&lt;b&gt;甲&lt;/b&gt;</p><p>二、乙</p><p>后。</p>',
      lost: [],
    });
  });
});

describe('another Word document', () => {
  it.each([
    undefined,
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml',
  ])('is read with its own styles, numbers and pictures (%s)', async (type) => {
    const numbering =
      '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="第%1条"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>';
    const picture =
      '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="图" descr="内图"/><a:graphic><a:graphicData><pic:pic><pic:blipFill><a:blip r:embed="png"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>';
    const inner = word(
      styled('1', '一、总则') + p(r('为加强管理。'), '<w:numPr><w:numId w:val="1"/></w:numPr>') + p(picture),
      { numbering, relations: { png: ['image', 'media/a.png'] }, files: { 'word/media/a.png': 'INNER' } },
    );
    const { html, lost, pictures } = await read(holding('inner.docx', inner, type));
    expect(html).toBe(
      '<p>前。</p><h2>一、总则</h2><p>第一条　为加强管理。</p><p><img src="word:0" alt="内图"></p><p>后。</p>',
    );
    expect(lost).toEqual([]);
    expect(pictures.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()])).toEqual([['a.png', 'INNER']]);
  });

  it('stands in a cell as well', async () => {
    const body = table(row(cell(p(r('甲'))), cell(here + p(''))));
    expect((await read(holding('a.docx', word(p(r('乙'))), undefined, body))).html).toContain('<td>乙</td>');
  });

  it('has its notes counted on with those around it', async () => {
    const refer = '<w:r><w:footnoteReference w:id="1"/></w:r>';
    const note = (text: string): string => `<w:footnote w:id="1">${p(r(text))}</w:footnote>`;
    const outer = docx({
      body: title + p(r('甲') + refer) + here,
      styles: titleStyle,
      footnotes: note('外注。'),
      relations: { chunk: ['aFChunk', 'a.docx'] },
      files: { 'word/a.docx': word(p(r('乙') + refer), { footnotes: note('内注。') }) },
    });
    expect((await read(outer)).html).toBe(
      '<p>甲<sup>[1]</sup></p><p>乙<sup>[2]</sup></p><hr><p>[1] 外注。</p><p>[2] 内注。</p>',
    );
  });

  it('may stand in a note', async () => {
    const outer = docx({
      body: title + p(`${r('甲')}<w:r><w:footnoteReference w:id="1"/></w:r>`),
      styles: titleStyle,
      footnotes: `<w:footnote w:id="1">${here}</w:footnote>`,
      files: {
        'word/a.txt': '注文。',
        'word/_rels/footnotes.xml.rels':
          '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="chunk" Type="x/aFChunk" Target="a.txt"/></Relationships>',
      },
    });
    expect((await read(outer)).html).toBe('<p>甲<sup>[1]</sup></p><hr><p>[1] 注文。</p>');
  });

  it('keeps what is hidden in it to itself, and tells its headers and properties', async () => {
    const inner = word(
      p(r('公开。') + r('内部', '<w:vanish/>')) + '<w:sectPr><w:headerReference r:id="part-header"/></w:sectPr>',
      {
        header: p(r('内部资料')),
        files: { 'docProps/app.xml': '<Properties xmlns="p"><Company>县府办</Company></Properties>' },
      },
    );
    const { html, lost } = await read(holding('a.docx', inner));
    expect(html).toBe('<p>前。</p><p>公开。</p><p>后。</p>');
    expect(lost).toEqual(['wordHidden@公开。', 'wordHeader:内部资料', 'wordMetadata:单位 company']);
  });

  it('stops with its tracked changes and comments, counted with those around it, and takes the same choice', async () => {
    const by = (author: string): string => `w:id="1" w:author="${author}"`;
    const change = (author: string, text: string): string => p(`<w:ins ${by(author)}>${r(text)}</w:ins>${r('。')}`);
    const inner = word(change('乙', '内增'), {
      comments: `<w:comment w:id="1" w:author="丙">${p(r('暂勿公开'))}</w:comment>`,
    });
    const bytes = holding('a.docx', inner, undefined, change('甲', '外增') + here);
    const refused = readDocx(bytes, {});
    await expect(refused).rejects.toBeInstanceOf(TrackedChanges);
    await expect(refused).rejects.toMatchObject({ found: { zh: '2 处插入、1 条批注，作者：甲、乙、丙' } });
    expect((await read(bytes, { revisions: 'accept' })).html).toBe('<p>外增。</p><p>内增。</p>');
    expect((await read(bytes, { revisions: 'reject' })).html).toBe('<p>。</p><p>。</p>');
  });

  it('goes with a tracked insertion that is undone', async () => {
    const body = p(r('甲。')) + `<w:ins w:id="1" w:author="甲">${here}</w:ins>`;
    const bytes = holding('a.docx', word(p(r('乙。'))), undefined, body);
    expect((await read(bytes, { revisions: 'accept' })).html).toBe('<p>甲。</p><p>乙。</p>');
    expect(await read(bytes, { revisions: 'reject' })).toMatchObject({ html: '<p>甲。</p>', lost: [] });
  });
});

describe('what is not read is told by name and place, and stops', () => {
  it.each([
    ['RTF', holding('a.x', '{\\rtf1 中}', 'application/rtf')],
    ['RTF that says it is RTF by its ending alone', holding('a.rtf', '{\\rtf1 中}')],
    ['a Word document in one XML file', holding('a.x', '<pkg:package/>', 'application/xml')],
    ['a broken Word document', holding('a.docx', 'PK broken')],
    ['the document’s own text', holding('a.docx', `<w:document/>`)],
    ['a text in no encoding', holding('a.txt', Buffer.from([0xff, 0x41, 0xfe, 0x81]))],
  ])('%s', async (_, bytes) => {
    const { html, lost } = await read(bytes);
    expect(html).toBe('<p>前。</p><p>后。</p>');
    expect(lost).toHaveLength(1);
    expect(lost[0]?.replace(/a\.\w+/, 'a.x')).toBe('wordAltChunk:a.x@前。');
  });

  it.each([
    ['an address', 'https://evil.example/a.html', true],
    ['a file of the machine', 'file:///etc/passwd', true],
    ['a file above the package', '../../../../../../etc/passwd', false],
    ['a file of the machine that is said to be inside', 'file:///etc/passwd', false],
    ['a part that is not there', 'none.html', false],
  ])('%s is never opened', async (_, target, outside) => {
    const body = title + p(r('前。')) + here;
    const { html, lost } = await read(
      docx({ body, styles: titleStyle, relations: { chunk: ['aFChunk', target, outside] } }),
    );
    expect(html).toBe('<p>前。</p>');
    expect(lost).toEqual([`wordAltChunk:${target.split('/').at(-1) ?? ''}@前。`]);
  });

  it('without a relationship, and in a page header', async () => {
    const body = title + p(r('前。')) + '<w:altChunk/><w:sectPr><w:headerReference r:id="part-header"/></w:sectPr>';
    const { lost } = await read(docx({ body, styles: titleStyle, header: here }));
    expect(lost).toEqual(['wordAltChunk@前。', 'wordHeader:w:altChunk']);
  });
});

describe('bounds', () => {
  /** Documents in documents. */
  function nested(levels: number): Buffer {
    let bytes = word(p(r('里')));
    for (let n = 0; n < levels; n += 1) bytes = holding('a.docx', bytes);
    return bytes;
  }

  it('are held in depth', async () => {
    expect((await read(nested(4))).html).toContain('<p>里</p>');
    const refused = readDocx(nested(5), {});
    await expect(refused).rejects.toBeInstanceOf(DocumentTooLarge);
    await expect(refused).rejects.toMatchObject({ limit: { zh: '4 层互相插入的文件' } });
  });

  it('are held in number, each place counted, also where it is the same file', async () => {
    expect((await read(holding('a.txt', '甲', undefined, here.repeat(100)))).html).toBe('<p>甲</p>'.repeat(100));
    const refused = readDocx(holding('a.txt', '甲', undefined, here.repeat(101)), {});
    await expect(refused).rejects.toMatchObject({ limit: { en: '100 inserted files' } });
  });

  it('are held in bytes over all that is inserted', async () => {
    const page = `<p>${' '.repeat(3_000_000)}`;
    const bytes = holding('a.html', page, undefined, here.repeat(90));
    expect(bytes.length).toBeLessThan(20_000);
    await expect(readDocx(bytes, {})).rejects.toMatchObject({ limit: { zh: '125,829,120 字节（解压后）' } });
  });

  it('are held in paragraphs and parts over all that is inserted', async () => {
    const inner = word('<w:p/>'.repeat(20_000));
    await expect(readDocx(holding('a.docx', inner, undefined, here.repeat(4)), {})).rejects.toMatchObject({
      limit: { zh: '60,000 个段落' },
    });
    const many = word(p(r('甲')), {
      files: Object.fromEntries(Array.from({ length: 700 }, (_, n) => [`word/x${n}`, ''])),
    });
    await expect(readDocx(holding('a.docx', many, undefined, here.repeat(3)), {})).rejects.toMatchObject({
      limit: { zh: '2,000 个部分' },
    });
  });

  it.each([
    ['too deep', '<div>'.repeat(100_000), 'document_too_deep'],
    ['too large', '<p>甲'.repeat(100_001), 'document_too_large'],
  ])('refuse a page that is %s by the name of its own bound', async (_, page, code) => {
    const refused = readDocx(holding('a.html', page), {});
    await expect(refused).rejects.toBeInstanceOf(LianfaError);
    await expect(refused).rejects.toMatchObject({ code });
  });

  it('hold for a document that names itself', async () => {
    const body = title + here;
    const own = docx({ body, styles: titleStyle, relations: { chunk: ['aFChunk', '/word/document.xml'] } });
    expect((await read(own)).lost).toEqual(['wordAltChunk:document.xml@标题']);
  });
});
