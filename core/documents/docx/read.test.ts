import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  cell,
  docx,
  field,
  namespaces,
  p,
  r,
  row,
  styled,
  table,
  title,
  titleStyle,
  type Parts,
} from '../fixtures/docx.js';
import { DocumentTooLarge } from '../too-large.js';
import { readDocx, TrackedChanges, type DocxChoices } from './read.js';

/** What comes of a body, its lost parts as `kind:name@place`. */
async function read(parts: Parts | string, choices: DocxChoices = {}) {
  const whole = typeof parts === 'string' ? { body: parts } : parts;
  const reading = await readDocx(docx({ styles: titleStyle, ...whole, body: title + whole.body }), choices);
  return {
    ...reading,
    lost: reading.lost.map(({ kind, name, at }) => `${kind}${name && `:${name}`}${at && `@${at}`}`),
  };
}
const html = async (parts: Parts | string): Promise<string> => (await read(parts)).html;

describe('runs', () => {
  it('keeps figures: raised, lowered, struck, bold, underlined', async () => {
    const sup = '<w:vertAlign w:val="superscript"/>';
    expect(await html(p(r('3×10') + r('4', sup) + r('元，CO') + r('2', '<w:vertAlign w:val="subscript"/>')))).toBe(
      '<p>3×10<sup>4</sup>元，CO<sub>2</sub></p>',
    );
    expect(await html(p(r('甲', '<w:b/>') + r('乙', '<w:i/><w:u w:val="single"/>') + r('丙', '<w:dstrike/>')))).toBe(
      '<p><strong>甲</strong><em><u>乙</u></em><s>丙</s></p>',
    );
  });

  it('takes letters that are raised by hand and small as superscript, and tells it', async () => {
    const { html: text, lost } = await read(
      p(r('10') + r('8', '<w:position w:val="10"/><w:sz w:val="12"/>') + r('元')),
    );
    expect(text).toBe('<p>10<sup>8</sup>元</p>');
    expect(lost).toEqual(['wordRaised@10']);
  });

  it('writes capitals as they are printed', async () => {
    expect(await html(p(r('gdp', '<w:caps/>')))).toBe('<p>GDP</p>');
  });

  it('parts words at a tab, fills leaders, keeps breaks and hyphens, and no soft ones', async () => {
    const mixed =
      r('联系人：张三') +
      '<w:r><w:tab/></w:r>' +
      r('电话：12345') +
      '<w:r><w:br/><w:noBreakHyphen/><w:softHyphen/><w:t>a</w:t><w:tab/><w:t>b</w:t></w:r>';
    expect(await html(p(mixed))).toBe('<p>联系人：张三　电话：12345<br>-a b</p>');
    const leaders = '<w:tabs><w:tab w:val="left" w:leader="underscore" w:pos="900"/></w:tabs>';
    expect(await html(p(`${r('姓名')}<w:r><w:tab/></w:r>${r('。')}`, leaders))).toBe('<p>姓名____。</p>');
  });

  it('keeps a blank line to write on', async () => {
    expect(await html(p(r('姓名') + r('    ', '<w:u w:val="single"/>') + r('。')))).toBe(
      '<p>姓名<u>\u00a0\u00a0\u00a0\u00a0</u>。</p>',
    );
  });

  it('shows the signs of symbol fonts, and names one that nobody knows', async () => {
    const signs =
      '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:sym w:font="Wingdings 2" w:char="00A3"/><w:sym w:font="Wingdings 2" w:char="F052"/></w:r>' +
      r('R', '<w:rFonts w:ascii="Wingdings 2" w:hAnsi="Wingdings 2"/>') +
      r('b', '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>');
    expect(await html(p(signs))).toBe('<p>☑□☑☑β</p>');
    const { html: text, lost } = await read(
      p(`${r('前')}<w:r><w:sym w:font="MT Extra" w:char="F04C"/></w:r>${r('后')}`),
    );
    expect(text).toBe('<p>前后</p>');
    expect(lost).toEqual(['wordSymbol:MT Extra F04C@前']);
  });

  it('keeps ruby, and the ruby of old Word’s EQ fields', async () => {
    const ruby = `<w:r><w:ruby><w:rubyPr/><w:rt>${r('yù')}</w:rt><w:rubyBase>${r('蔚')}</w:rubyBase></w:ruby></w:r>`;
    expect(await html(p(ruby + r('县')))).toBe('<p><ruby>蔚<rt>yù</rt></ruby>县</p>');
    const eq = field(' EQ \\* jc2 \\* "Font:宋体" \\* hps10 \\o\\ad(\\s\\up 9(yù),蔚)', undefined);
    expect(await html(p(eq + r('县')))).toBe('<p><ruby>蔚<rt>yù</rt></ruby>县</p>');
  });

  it('tells emphasis marks, two lines in one, colours and highlights', async () => {
    const { lost } = await read(
      p(
        r('甲', '<w:em w:val="dot"/>') +
          r('乙', '<w:eastAsianLayout w:combine="1"/>') +
          r('丙', '<w:color w:val="FF0000"/>'),
      ),
    );
    expect(lost).toEqual(['wordEmphasis@标题', 'wordCombined@甲', 'wordLook@甲乙']);
  });

  it('shows underlined links as links, and tells those that lead inside', async () => {
    const body = p(
      `<w:hyperlink r:id="l">${r('官网', '<w:u w:val="single"/>')}</w:hyperlink><w:hyperlink w:anchor="x">${r('附件')}</w:hyperlink>` +
        field(' HYPERLINK "https://a.example/b" \\o "t" ', r('表', '<w:b/>')),
    );
    const { html: text, lost } = await read({ body, relations: { l: ['hyperlink', 'https://gov.example/', true] } });
    expect(text).toBe(
      '<p><a href="https://gov.example/">官网</a>附件<a href="https://a.example/b"><strong>表</strong></a></p>',
    );
    expect(lost).toEqual(['wordInnerLink@官网']);
  });
});

describe('fields and controls', () => {
  it('keeps the result of every field', async () => {
    const total = field(' =SUM(ABOVE) \\# "#,##0" ', r('3,260'));
    expect(await html(p(r('合计金额') + total + r('万元')))).toBe('<p>合计金额3,260万元</p>');
    const simple = `<w:fldSimple w:instr=" REF _Ref1 \\h ">${r('表1')}</w:fldSimple>`;
    expect(await html(p(r('见') + simple))).toBe('<p>见表1</p>');
    const nested = field(` IF ${field('MERGEFIELD x', r('1'))} = 1 "是" "否" `, r('是'));
    expect(await html(p(r('公开：') + nested))).toBe('<p>公开：是</p>');
  });

  it('names a field that has no result, one that is broken, one not merged, and an automatic date', async () => {
    const { lost, html: text } = await read(
      p(r('合计') + field(' REF 总额 ', undefined) + r('元')) +
        p(field(' REF a ', r('错误!未找到引用源。'))) +
        p(field(' MERGEFIELD 姓名 ', r('«姓名»'))) +
        p(field(' DATE ', r('2026年11月27日'))) +
        p(r('条') + field(' XE "索引" ', undefined)),
    );
    expect(text).toContain('<p>合计元</p>');
    expect(lost).toEqual([
      'wordField:REF 总额@合计',
      'wordReference:错误!未找到引用源。@错误!未找到引用源。',
      'wordMerge:姓名@«姓名»',
      'wordDate:2026年11月27日@2026年11月27日',
    ]);
  });

  it('swallows nothing after a field that never ends', async () => {
    const open =
      '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>';
    const { html: text, lost } = await read(p(open + r('甲')) + p(r('乙')));
    expect(text).toBe('<p>甲</p><p>乙</p>');
    expect(lost).toEqual(['wordField:w:fldChar@标题']);
  });

  it('shows check boxes, lists and dates as they are set', async () => {
    const box = (checked: string): string =>
      `<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="${checked}"/></w14:checkbox></w:sdtPr><w:sdtContent>${r('☒')}</w:sdtContent></w:sdt>`;
    expect(await html(p(box('1') + r('是') + box('0') + r('否')))).toBe('<p>☑是☐否</p>');
    const old = (data: string, code: string): string =>
      `<w:r><w:fldChar w:fldCharType="begin"><w:ffData>${data}</w:ffData></w:fldChar></w:r><w:r><w:instrText>${code}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>`;
    expect(await html(p(old('<w:checkBox><w:default w:val="1"/></w:checkBox>', 'FORMCHECKBOX') + r('同意')))).toBe(
      '<p>☑同意</p>',
    );
    const list = '<w:ddList><w:result w:val="1"/><w:listEntry w:val="甲"/><w:listEntry w:val="乙"/></w:ddList>';
    expect(await html(p(old(list, 'FORMDROPDOWN')))).toBe('<p>乙</p>');
  });

  it('reads through controls, tags and custom XML at every level', async () => {
    const control = (inside: string): string => `<w:sdt><w:sdtPr/><w:sdtContent>${inside}</w:sdtContent></w:sdt>`;
    expect(
      await html(
        control(
          p(
            control(r('甲')) +
              `<w:smartTag w:element="place">${r('乙')}</w:smartTag><w:customXml w:element="x">${r('丙')}</w:customXml>`,
          ),
        ),
      ),
    ).toBe('<p>甲乙丙</p>');
    const rows = control(row(control(cell(p(r('甲')))), cell(p(r('乙')))));
    expect(await html(table(rows))).toBe('<table><tbody><tr><td>甲</td><td>乙</td></tr></tbody></table>');
  });

  it('does not take a prompt for content', async () => {
    const prompt = `<w:sdt><w:sdtPr><w:alias w:val="金额"/><w:showingPlcHdr/></w:sdtPr><w:sdtContent>${r('单击此处输入文字')}</w:sdtContent></w:sdt>`;
    const { html: text, lost } = await read(p(r('合计') + prompt + r('元')));
    expect(text).toBe('<p>合计元</p>');
    expect(lost).toEqual(['wordPlaceholder:金额@合计']);
  });
});

describe('hidden', () => {
  it.each([
    ['vanish', '<w:vanish/>'],
    ['webHidden', '<w:webHidden/>'],
    ['specVanish', '<w:specVanish/>'],
    ['white on white', '<w:color w:val="FFFFFF"/>'],
    ['the page’s colour of the theme', '<w:color w:val="auto" w:themeColor="background1"/>'],
    ['one point', '<w:sz w:val="2"/>'],
    ['red on red', '<w:color w:val="FF0000"/><w:shd w:val="clear" w:fill="FF0000"/>'],
    ['a hidden style', '<w:rStyle w:val="h"/>'],
  ])('leaves out %s, and tells where', async (_, look) => {
    const styles = `${titleStyle}<w:style w:type="character" w:styleId="h"><w:name w:val="h"/><w:rPr><w:vanish/></w:rPr></w:style>`;
    const { html: text, lost } = await read({ styles, body: p(r('公开。') + r('内部', look) + r('公开二。')) });
    expect(text).toBe('<p>公开。公开二。</p>');
    expect(lost).toEqual(['wordHidden@公开。']);
  });

  it('shows what is turned on again, and white words on a dark ground', async () => {
    const dark = '<w:shd w:val="clear" w:fill="C00000"/>';
    expect(await html(p(r('甲', '<w:vanish w:val="0"/>')))).toBe('<p>甲</p>');
    expect(await html(p(r('甲', `<w:color w:val="FFFFFF"/>${dark}`)))).toBe('<p>甲</p>');
    expect(await html(table(row(cell(p(r('甲', '<w:color w:val="FFFFFF"/>')), dark))))).toContain('甲');
  });

  it('leaves out hidden paragraphs without counting them, and hidden rows', async () => {
    const numbering = level(0, 'decimal', '第%1条');
    const number = '<w:numPr><w:numId w:val="1"/></w:numPr>';
    const body =
      p(r('甲'), number) + p(r('内部', '<w:vanish/>'), `${number}<w:rPr><w:vanish/></w:rPr>`) + p(r('乙'), number);
    expect(await html({ numbering: definition(numbering), body })).toBe('<p>第1条　甲</p><p>第2条　乙</p>');
    const { html: text, lost } = await read(
      table(row(cell(p(r('甲')))), `<w:tr><w:trPr><w:hidden/></w:trPr>${cell(p(r('乙')))}</w:tr>`),
    );
    expect(text).not.toContain('乙');
    expect(lost).toEqual(['wordHiddenRow@甲']);
  });
});

function level(at: number, format: string, text: string, more = ''): string {
  return `<w:lvl w:ilvl="${at}"><w:start w:val="1"/><w:numFmt w:val="${format}"/>${more}<w:lvlText w:val="${text}"/></w:lvl>`;
}
function definition(levels: string, more = ''): string {
  return `<w:abstractNum w:abstractNumId="0">${levels}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>${more}`;
}
const numbered = (text: string, list = 1, at = 0): string =>
  p(r(text), `<w:numPr><w:ilvl w:val="${at}"/><w:numId w:val="${list}"/></w:numPr>`);

describe('automatic numbers', () => {
  it('stand in the text as printed, level by level, and go on after a paragraph', async () => {
    const numbering = definition(
      level(0, 'chineseCountingThousand', '%1、') +
        level(1, 'chineseCountingThousand', '（%2）') +
        level(2, 'decimal', '%3.') +
        level(3, 'decimalEnclosedCircle', '%4'),
    );
    const body =
      numbered('甲') +
      numbered('乙', 1, 1) +
      p(r('段')) +
      numbered('丙', 1, 1) +
      numbered('丁') +
      numbered('戊', 1, 1) +
      numbered('己', 1, 3);
    expect(await html({ numbering, body })).toBe(
      '<p>一、甲</p><p>（一）乙</p><p>段</p><p>（二）丙</p><p>二、丁</p><p>（一）戊</p><p>① 己</p>',
    );
  });

  it('make lists where a browser prints the same number', async () => {
    const numbering = definition(level(0, 'decimal', '%1.') + level(1, 'bullet', '•'));
    const body = numbered('甲') + numbered('子', 1, 1) + numbered('乙') + p(r('段')) + numbered('丙');
    expect(await html({ numbering, body })).toBe(
      '<ol><li>甲<ul><li>子</li></ul></li><li>乙</li></ol><p>段</p><ol start="3"><li>丙</li></ol>',
    );
  });

  it('keep a bullet that says more than one', async () => {
    const fonts = '<w:rPr><w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/></w:rPr>';
    const box = `<w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="&#xF0A8;"/>${fonts}</w:lvl>`;
    expect(await html({ numbering: definition(box), body: numbered('甲') })).toBe('<p>☐ 甲</p>');
  });

  it('count several levels together, in digits where the level asks', async () => {
    const numbering = definition(level(0, 'chineseCounting', '第%1章') + level(1, 'decimal', '%1.%2', '<w:isLgl/>'));
    expect(await html({ numbering, body: numbered('甲') + numbered('乙', 1, 1) + numbered('丙', 1, 1) })).toBe(
      '<p>第一章　甲</p><p>1.1 乙</p><p>1.2 丙</p>',
    );
  });

  it('begin anew where a list says so, and count on where it only has another name', async () => {
    const others =
      '<w:num w:numId="2"><w:abstractNumId w:val="0"/></w:num>' +
      '<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>';
    const numbering = definition(level(0, 'decimal', '（%1）'), others);
    expect(
      await html({ numbering, body: numbered('甲') + numbered('乙', 2) + numbered('丙', 3) + numbered('丁', 3) }),
    ).toBe('<p>（1）甲</p><p>（2）乙</p><p>（5）丙</p><p>（6）丁</p>');
  });

  it('do not restart where the level never does', async () => {
    const numbering = definition(
      level(0, 'decimal', '第%1章') + level(1, 'decimal', '第%2条', '<w:lvlRestart w:val="0"/>'),
    );
    expect(
      await html({ numbering, body: numbered('甲') + numbered('乙', 1, 1) + numbered('丙') + numbered('丁', 1, 1) }),
    ).toBe('<p>第1章　甲</p><p>第1条　乙</p><p>第2章　丙</p><p>第2条　丁</p>');
  });

  it('come by a paragraph style, by the style that a level names, and by a numbering style', async () => {
    const styles =
      `${titleStyle}<w:style w:type="paragraph" w:styleId="a"><w:name w:val="条"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>` +
      '<w:style w:type="paragraph" w:styleId="b"><w:name w:val="款"/><w:basedOn w:val="a"/></w:style>' +
      '<w:style w:type="numbering" w:styleId="n"><w:name w:val="n"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>';
    const linked =
      '<w:abstractNum w:abstractNumId="9"><w:numStyleLink w:val="n"/></w:abstractNum><w:num w:numId="8"><w:abstractNumId w:val="9"/></w:num>';
    const numbering = definition(
      level(0, 'chineseCounting', '第%1条') + level(1, 'decimal', '（%2）', '<w:pStyle w:val="b"/>'),
      linked,
    );
    expect(await html({ styles, numbering, body: styled('a', '甲') + styled('b', '乙') + numbered('丙', 8) })).toBe(
      '<p>第一条　甲</p><p>（1）乙</p><p>第二条　丙</p>',
    );
  });

  it('are none where a paragraph takes its style’s number off', async () => {
    const styles = `${titleStyle}<w:style w:type="paragraph" w:styleId="a"><w:name w:val="条"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>`;
    const off = p(r('乙'), '<w:pStyle w:val="a"/><w:numPr><w:numId w:val="0"/></w:numPr>');
    expect(await html({ styles, numbering: definition(level(0, 'decimal', '第%1条')), body: off })).toBe('<p>乙</p>');
  });

  it('are told where their format is unknown', async () => {
    const { lost } = await read({ numbering: definition(level(0, 'thaiLetters', '%1)')), body: numbered('甲') });
    expect(lost).toEqual(['wordNumber:thaiLetters@甲']);
  });
});

describe('tables', () => {
  it('keep spans, heads, captions and tables inside', async () => {
    const head = `<w:tr><w:trPr><w:tblHeader/></w:trPr>${cell(p(r('窗口', '<w:b/>')), '<w:gridSpan w:val="2"/>')}${cell(p(r('时间')))}</w:tr>`;
    const first = row(
      cell(p(r('甲')), '<w:vMerge w:val="restart"/>'),
      cell(p(r('乙'))),
      cell(p(r('丙')) + table(row(cell(p(r('内')))))),
    );
    const second = row(cell(p(''), '<w:vMerge/>'), cell(p(r('丁'))), cell(p('')));
    expect(await html(styled('Caption', '表1') + table(head, first, second))).toBe(
      '<table><caption>表1</caption><thead><tr><th colspan="2">窗口</th><th>时间</th></tr></thead>' +
        '<tbody><tr><td rowspan="2">甲</td><td>乙</td><td><p>丙</p><table><tbody><tr><td>内</td></tr></tbody></table></td></tr>' +
        '<tr><td>丁</td><td></td></tr></tbody></table>',
    );
  });

  it('tell the words that a merged cell covers', async () => {
    const { lost } = await read(
      table(row(cell(p(r('甲')), '<w:vMerge w:val="restart"/>')), row(cell(p(r('遮')), '<w:vMerge/>'))),
    );
    expect(lost).toEqual(['wordMergedCell@甲']);
  });

  it('hold a place for columns that a row leaves out', async () => {
    const short = `<w:tr><w:trPr><w:gridBefore w:val="2"/></w:trPr>${cell(p(r('丙')))}</w:tr>`;
    expect(await html(table(short))).toContain('<td colspan="2"></td><td>丙</td>');
  });

  it('are read whole at ten thousand rows', async () => {
    const rows = Array.from({ length: 10_000 }, (_, n) => row(cell(p(r(`${n}`))), cell(p(r('乙')))));
    const { html: text } = await read(table(...rows));
    expect(text.match(/<tr>/g)).toHaveLength(10_000);
    expect(text).toContain('<td>9999</td>');
  });
});

const drawing = (inside: string, descr = '柱状图'): string =>
  `<w:r><w:drawing><wp:inline><wp:docPr id="1" name="图 1" descr="${descr}"/><a:graphic><a:graphicData>${inside}</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>`;
const picture = (attributes: string, more = ''): string =>
  drawing(
    `<pic:pic><pic:nvPicPr><pic:cNvPr id="0" name="p"/></pic:nvPicPr><pic:blipFill><a:blip ${attributes}/>${more}</pic:blipFill><pic:spPr/></pic:pic>`,
    '示意图',
  );
const box = (text: string): string =>
  `<wps:wsp><wps:cNvPr id="1" name="b"/><wps:txbx><w:txbxContent>${p(r(text))}</w:txbxContent></wps:txbx></wps:wsp>`;
const line = '<wps:wsp><wps:cNvCnPr/><wps:spPr/></wps:wsp>';

describe('what is drawn', () => {
  const relations = {
    png: ['image', 'media/a.png'],
    emf: ['image', 'media/a.emf'],
    out: ['image', 'file:///C:/pics/b.png', true],
    ole: ['oleObject', 'embeddings/o.bin'],
  } as const;
  const files = { 'word/media/a.png': 'PNG', 'word/media/a.emf': 'EMF', 'word/embeddings/o.bin': '' };

  it('keeps pictures with their text, each file once', async () => {
    const { html: text, pictures } = await read({
      relations,
      files,
      body: p(picture('r:embed="png"')) + p(r('甲') + picture('r:embed="png"')),
    });
    expect(text).toBe('<p><img src="word:0" alt="示意图"></p><p>甲<img src="word:0" alt="示意图"></p>');
    expect(pictures.map(({ name, bytes }) => `${name} ${bytes.length}`)).toEqual(['a.png 3']);
  });

  it.each([
    ['a metafile', picture('r:embed="emf"'), 'wordVector:示意图（a.emf）'],
    ['a linked picture', picture('r:link="out"'), 'wordLinked:示意图（b.png）'],
    ['a picture that is not there', picture('r:embed="none"'), 'wordPicture:示意图'],
    ['a cropped picture', picture('r:embed="png"', '<a:srcRect l="20000"/>'), 'wordCropped:示意图'],
    ['a chart', drawing('<c:chart r:id="c"/>'), 'wordChart:柱状图'],
    ['a later chart', drawing('<cx:chart r:id="c"/>'), 'wordChart:柱状图'],
    ['SmartArt', drawing('<dgm:relIds r:dm="d"/>'), 'wordDiagram:柱状图'],
    ['a locked canvas', drawing('<lc:lockedCanvas/>'), 'wordDrawing:柱状图'],
    ['a flow chart', drawing(`<wpg:wgp>${box('申请')}${line}${box('受理')}</wpg:wgp>`), 'wordDrawing:柱状图'],
    ['a line', drawing(line), 'wordShape'],
    ['ink', '<w:r><w:contentPart r:id="i"/></w:r>', 'wordInk'],
    [
      'a sheet',
      '<w:r><w:object><v:shape><v:imagedata r:id="emf" o:title="预算"/></v:shape><o:OLEObject ProgID="Excel.Sheet.12" r:id="ole"/></w:object></w:r>',
      'wordObject:预算（Excel.Sheet.12）',
    ],
    [
      'an equation object',
      '<w:r><w:object><o:OLEObject ProgID="Equation.3" r:id="ole"/></w:object></w:r>',
      'wordEquation:Equation.3',
    ],
    ['a control', '<w:r><w:object><w:control w:name="按钮"/></w:object></w:r>', 'wordControl:按钮'],
    [
      'a signature line',
      '<w:r><w:pict><v:shape><o:signatureline o:suggestedsigner="张三"/></v:shape></w:pict></w:r>',
      'wordSignatureLine:张三',
    ],
    ['a film', '<w:r><w:pict><w:movie/></w:pict></w:r>', 'wordVideo'],
  ])('tells %s by name and place', async (_, drawn, told) => {
    const { lost } = await read({ relations, files, body: p(r('见下：') + drawn) });
    expect(lost.map((loss) => loss.split('@')).filter(([what]) => what === told)).toEqual([[told, '见下：']]);
  });

  it('keeps the picture of an object that has a usable one', async () => {
    const object =
      '<w:r><w:object><v:shape><v:imagedata r:id="png" o:title="表"/></v:shape><o:OLEObject ProgID="Excel.Sheet.12" r:id="ole"/></w:object></w:r>';
    const { html: text, lost } = await read({ relations, files, body: p(object) });
    expect(text).toBe('<p><img src="word:0" alt="表"></p>');
    expect(lost).toEqual(['wordObjectPicture:Excel.Sheet.12@标题']);
  });

  it('reads a text box once, after its paragraph, however many programs it is drawn for', async () => {
    const both =
      `<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><wp:docPr id="1" name="b"/><a:graphic><a:graphicData>${box('框内')}</a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>` +
      `<mc:Fallback><w:pict><v:shape><v:textbox><w:txbxContent>${p(r('框内'))}</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>`;
    const { html: text, lost } = await read(p(both + r('正文。')) + p(r('后文。')));
    expect(text).toBe('<p>正文。</p><p>框内</p><p>后文。</p>');
    expect(lost).toEqual(['wordTextBox@框内']);
  });

  it('passes over what the document lets it pass over, as WPS writes it, and tells any other unknown thing', async () => {
    const wps = (ignorable: string): string =>
      `<w:document ${namespaces} xmlns:wpsCustomData="http://www.wps.cn/officeDocument/2013/wpsCustomData" mc:Ignorable="${ignorable}"><w:body>${title}${p(`${r('甲')}<wpsCustomData:x><w:r/></wpsCustomData:x>`)}</w:body></w:document>`;
    const told = async (ignorable: string): Promise<string[]> =>
      (
        await readDocx(docx({ body: '', styles: titleStyle, files: { 'word/document.xml': wps(ignorable) } }), {})
      ).lost.map(({ kind }) => kind);
    expect(await told('w14 wpsCustomData')).toEqual([]);
    expect(await told('w14')).toEqual(['wordUnknown']);
  });

  it('takes the fallback where it does not know the choice', async () => {
    const later = `<w:r><mc:AlternateContent xmlns:z="urn:z"><mc:Choice Requires="z"><z:new/></mc:Choice><mc:Fallback><w:t>旧</w:t></mc:Fallback></mc:AlternateContent></w:r>`;
    expect(await html(p(later))).toBe('<p>旧</p>');
  });
});

describe('formulas', () => {
  const run = (text: string): string => `<m:r><m:t>${text}</m:t></m:r>`;
  const of = (name: string, ...parts: [string, string][]): string =>
    `<m:${name}>${parts.map(([part, inside]) => `<m:${part}>${inside}</m:${part}>`).join('')}</m:${name}>`;

  it.each([
    [of('f', ['num', run('3')], ['den', run('4')]), '3/4'],
    [`${run('S=')}${of('f', ['num', run('a+b')], ['den', run('2')])}`, 'S=(a+b)/2'],
    [of('rad', ['deg', ''], ['e', run('x')]), '√(x)'],
    [`${run('E=m')}${of('sSup', ['e', run('c')], ['sup', run('2')])}`, 'E=mc²'],
    [of('sSub', ['e', run('CO')], ['sub', run('2')]), 'CO₂'],
    [of('sSup', ['e', run('10')], ['sup', run('增长率')]), '10^(增长率)'],
    [
      `<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>${run('1')}</m:sub><m:sup>${run('n')}</m:sup><m:e>${run('x')}</m:e></m:nary>`,
      '∑₁ⁿx',
    ],
    [`<m:d><m:e>${run('a')}</m:e></m:d>`, '(a)'],
  ])('read as one line: %#', async (formula, text) => {
    const { html: whole, lost } = await read(p(`${r('补贴')}<m:oMath>${formula}</m:oMath>`));
    expect(whole).toBe(`<p>补贴${text}</p>`);
    expect(lost).toEqual([`wordFormula:${text}@补贴${text}`]);
  });

  it('name a part that cannot be written', async () => {
    const { lost } = await read(p(`<m:oMath>${run('a')}<m:zz/></m:oMath>`));
    expect(lost[0]).toBe('wordFormulaPart:m:zz@标题');
  });
});

describe('notes, headers and what is around the text', () => {
  it('numbers notes where they are named and puts them at the end', async () => {
    const note = (id: number, text: string): string =>
      `<w:footnote w:id="${id}">${p(`<w:r><w:footnoteRef/></w:r>${r(` ${text}`)}`)}</w:footnote>`;
    const refer = (id: number): string => `<w:r><w:footnoteReference w:id="${id}"/></w:r>`;
    const { html: text } = await read({
      footnotes: note(2, '二。') + note(7, '七。') + note(9, '无人引用。'),
      body: p(r('甲') + refer(7)) + p(r('乙') + refer(2)),
    });
    expect(text).toBe('<p>甲<sup>[1]</sup></p><p>乙<sup>[2]</sup></p><hr><p>[1] 七。</p><p>[2] 二。</p>');
  });

  it('reads a note that is named from inside itself once', async () => {
    const again = '<w:r><w:footnoteReference w:id="1"/></w:r>';
    const { html: text } = await read({
      footnotes: `<w:footnote w:id="1">${p(r('注') + again + again)}</w:footnote>`,
      body: p(r('甲') + again),
    });
    expect(text).toBe('<p>甲<sup>[1]</sup></p><hr><p>[1] 注<sup>[1]</sup><sup>[1]</sup></p>');
  });

  it('tells words in headers, not page numbers, and a watermark', async () => {
    const section = '<w:sectPr><w:headerReference w:type="default" r:id="part-header"/></w:sectPr>';
    expect((await read({ header: p(r('— 1 —')), body: p(r('甲')) + section })).lost).toEqual([]);
    expect((await read({ header: p(r('第1页 共3页')), body: p(r('甲')) + section })).lost).toEqual([]);
    const mark = '<w:r><w:pict><v:shape><v:textpath string="内部资料"/></v:shape></w:pict></w:r>';
    expect((await read({ header: p(r('古田县人民政府文件') + mark), body: p(r('甲')) + section })).lost).toEqual([
      'wordWatermark:内部资料',
      'wordHeader:古田县人民政府文件',
    ]);
  });

  it('tells properties of the file and macros', async () => {
    const core = `<cp:coreProperties xmlns:cp="c" xmlns:dc="d"><dc:creator>张三</dc:creator><cp:keywords> </cp:keywords></cp:coreProperties>`;
    const { lost } = await read({
      body: p(r('甲')),
      files: {
        'docProps/core.xml': core,
        'docProps/app.xml': '<Properties xmlns="p"><Company>县府办</Company></Properties>',
      },
      relations: { vba: ['vbaProject', 'vbaProject.bin'] },
    });
    expect(lost).toEqual(['wordMetadata:作者 author、单位 company', 'wordMacros']);
  });

  it('leaves out a page of contents in every form, with its heading', async () => {
    const rows = styled('TOC1', '总体要求1') + p(r('后文。'));
    expect((await read(p(r('目　录')) + rows)).html).toBe('<p>后文。</p>');
    const gallery = `<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr><w:sdtContent>${p(r('目录'))}${p(r('甲1'))}</w:sdtContent></w:sdt>`;
    const { html: text, lost } = await read(gallery + p(r('后文。')));
    expect(text).toBe('<p>后文。</p>');
    expect(lost).toEqual(['wordContents@标题']);
  });

  it('keeps what stands on the right and in the middle there', async () => {
    expect(
      await html(p(r('古田县人民政府'), '<w:jc w:val="right"/>') + p(r('（公章）'), '<w:jc w:val="center"/>')),
    ).toBe('<p class="right">古田县人民政府</p><p class="center">（公章）</p>');
  });

  it('joins a first letter set over several lines to its word', async () => {
    expect(await html(p(r('各'), '<w:framePr w:dropCap="drop"/>') + p(r('位代表：')))).toBe('<p>各位代表：</p>');
  });
});

describe('tracked changes', () => {
  const by = 'w:id="1" w:author="甲"';
  const del = (text: string): string =>
    `<w:del ${by}><w:r><w:delText xml:space="preserve">${text}</w:delText></w:r></w:del>`;
  const ins = (text: string): string => `<w:ins ${by}>${r(text)}</w:ins>`;
  const settled = async (body: string): Promise<string[]> => [
    (await read(body, { revisions: 'accept' })).html,
    (await read(body, { revisions: 'reject' })).html,
  ];

  it('stop the reading until somebody chooses, with how many and by whom', async () => {
    const comments = `<w:comment w:id="5" w:author="局办">${p(r('暂勿公开'))}</w:comment>`;
    const moved = `<w:moveFrom ${by}>${r('移')}</w:moveFrom><w:moveTo ${by}>${r('移')}</w:moveTo>`;
    const body = p(r('价') + del('1.80') + ins('2.80') + moved + '<w:r><w:commentReference w:id="5"/></w:r>');
    await expect(read({ comments, body })).rejects.toMatchObject({
      found: {
        zh: '1 处插入、1 处删除、1 处移动、1 条批注，作者：甲、局办',
        en: '1 insertion(s), 1 deletion(s), 1 move(s), 1 comment(s), by 甲, 局办',
      },
    });
    await expect(read({ comments, body })).rejects.toBeInstanceOf(TrackedChanges);
    const { html: text, lost } = await read({ comments, body }, { revisions: 'accept' });
    expect(text).toBe('<p>价2.80移</p>');
    expect(lost).toEqual(['wordComment@价2.80移']);
  });

  it('are all accepted or all undone', async () => {
    expect(await settled(p(r('价') + del('1.80') + ins('2.80') + r('元')))).toEqual([
      '<p>价2.80元</p>',
      '<p>价1.80元</p>',
    ]);
    expect(await settled(p(r('甲'), `<w:rPr><w:del ${by}/></w:rPr>`) + p(r('乙')))).toEqual([
      '<p>甲乙</p>',
      '<p>甲</p><p>乙</p>',
    ]);
    expect(await settled(p(r('甲'), `<w:rPr><w:ins ${by}/></w:rPr>`) + p(r('乙')))).toEqual([
      '<p>甲</p><p>乙</p>',
      '<p>甲乙</p>',
    ]);
    const format = r('甲', `<w:b/><w:rPrChange ${by}><w:rPr><w:strike/></w:rPr></w:rPrChange>`);
    expect(await settled(p(format))).toEqual(['<p><strong>甲</strong></p>', '<p><s>甲</s></p>']);
  });

  it('run together however many paragraphs lose their marks', async () => {
    const body = p(r('甲'), `<w:rPr><w:del ${by}/></w:rPr>`).repeat(20_000) + p(r('乙'));
    expect((await read(body, { revisions: 'accept' })).html).toBe(`<p>${'甲'.repeat(20_000)}乙</p>`);
  });

  it('reach rows, cells and fields', async () => {
    const gone = `<w:tr><w:trPr><w:del ${by}/></w:trPr>${cell(p(r('乙')))}</w:tr>`;
    const [accepted, rejected] = await settled(table(row(cell(p(r('甲')))), gone));
    expect(accepted).not.toContain('乙');
    expect(rejected).toContain('乙');
    const added = cell(p(r('丙')), `<w:cellIns ${by}/>`);
    const [withCell, without] = await settled(table(row(cell(p(r('甲'))), added)));
    expect(withCell).toContain('丙');
    expect(without).not.toContain('丙');
  });
});

describe('other dialects and bad files', () => {
  it('reads the strict dialect', async () => {
    const body = `<w:document xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"><w:body>${title}${p(r('甲', '<w:b/>'))}</w:body></w:document>`;
    const reading = await readDocx(docx({ body: '', files: { 'word/document.xml': body } }), {});
    expect(reading.html).toContain('<strong>甲</strong>');
  });

  it.each([
    ['paragraphs', '<w:p/>'.repeat(100_000)],
    ['levels', `${'<w:customXml>'.repeat(300)}${'</w:customXml>'.repeat(300)}`],
    [
      'fields',
      p(
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'.repeat(100) +
          '<w:r><w:fldChar w:fldCharType="end"/></w:r>'.repeat(100),
      ),
    ],
  ])('refuses too many %s by name', async (_, body) => {
    const bytes = docx({ body });
    expect(bytes.length).toBeLessThan(20_000);
    await expect(readDocx(bytes, {})).rejects.toBeInstanceOf(DocumentTooLarge);
  });

  it.each([
    ['a document type', `<!DOCTYPE w [<!ENTITY a "aaa">]><w:document ${namespaces}><w:body/></w:document>`],
    ['an entity of nobody', `<w:document ${namespaces}><w:body><w:p>&a;</w:p></w:body></w:document>`],
    ['half a part', `<w:document ${namespaces}><w:body>`],
    ['another root', '<html/>'],
  ])('refuses %s', async (_, xml) => {
    await expect(readDocx(docx({ body: '', files: { 'word/document.xml': xml } }), {})).rejects.toBeInstanceOf(Error);
  });
});

/** What outsiders sent in: each is read as its author means it. */
describe('a document joined by a program', () => {
  it('is read whole, each of its bodies', async () => {
    const two = `<w:document ${namespaces}><w:body>${title}${p(r('甲。'))}</w:body><w:body>${p(r('乙。'))}</w:body><w:extra/></w:document>`;
    const reading = await readDocx(docx({ body: '', styles: titleStyle, files: { 'word/document.xml': two } }), {});
    expect(reading.html).toBe('<p>甲。</p><p>乙。</p>');
    expect(reading.lost.map(({ name }) => name)).toEqual(['w:extra']);
  });
});

describe('reports', () => {
  const folder = join(import.meta.dirname, '../fixtures/reports');
  const expected: Readonly<Record<string, { html: string; lost: string[]; choices?: DocxChoices }>> = {
    '07a-auto-headings': {
      html: '<h2>一、总体要求</h2><p>正文一。</p><h3>（一）指导思想</h3><p>正文二。</p><h3>（二）工作目标</h3><p>正文三。</p><h2>二、主要任务</h2><p>正文四，落实“一、（二）”的要求。</p>',
      lost: [],
    },
    '07b-auto-articles': {
      html: '<p>第一条　为加强管理，制定本办法。</p><p>第二条　本办法适用于全县。</p><p>第二款没有编号的段落。</p><p>第三条　县水利局负责下列工作：</p><p>（1）制定规划；</p><p>（2）监督检查。</p><p>第四条　违反本办法第三条规定的，责令改正。</p>',
      lost: [],
    },
    '07c-heading-numpr': { html: '<h2>一、总体要求</h2><p>正文。</p><h2>二、主要任务</h2><p>正文。</p>', lost: [] },
    '08-tracked': {
      html: '<p>供水价格调整为每立方米1.80元。</p><p>此处请局长再核。</p><p>这一段整段删除。</p><p>移动的句子。余下。</p>',
      lost: ['wordComment'],
      choices: { revisions: 'reject' },
    },
    '08b-hidden': {
      html: '<p>公开文字。公开文字二。</p><p><s>删除线文字双删除线</s><u>下划线</u><em>着重</em></p>',
      lost: ['wordHidden', 'wordEmphasis'],
    },
    '08c-stylevanish': { html: '<p>公开。可见</p>', lost: ['wordHidden', 'wordHidden', 'wordHidden', 'wordHidden'] },
    '10-formula': {
      html: '<p>补贴金额S=(a+b)/2，其中面积单位为 m<sup>2</sup>，CO<sub>2</sub> 排放 10<sup>4</sup> 吨。</p><p>E=mc²</p><p>后文。</p>',
      lost: ['wordFormula', 'wordFormula'],
    },
    '13-pictures': {
      html: '<p><img src="word:0" alt="好图"></p><p>图一之后。</p><p><img src="word:1" alt="位图"></p><p>后文。</p>',
      lost: ['wordVector', 'wordLinked', 'wordObject'],
    },
    '36-toc': { html: '<h2>总体要求</h2><p>正文。</p><h2>主要任务</h2><p>正文，见</p>', lost: ['wordContents'] },
    '39-layout': {
      html: '<p>各乡镇人民政府，县直各单位：</p><p>　　为加强供水保障，现通知如下。</p><p>附件：1. 名单<br>　　　2. 表格</p><p class="right">古田县人民政府办公室</p><p class="right">2026年11月20日</p><p>（此件公开发布）</p><p>联系人：张三　电话：12345☑-末</p>',
      lost: ['wordLetterhead'],
    },
    '39d-long-first': { html: '<p>各乡镇人民政府：</p><p>正文。</p>', lost: [] },
    '44-sdt': {
      html: '<p>是否公开：☑是</p><p>日期：2026年11月20日</p><p>块级控件文字</p><p>福建省古田县</p><p>2026年11月27日</p><p><ruby>汉<rt>hàn</rt></ruby>字</p>',
      lost: ['wordDate'],
    },
    '45b-ruby': { html: '<p>地名<ruby>蔚<rt>yù</rt></ruby>县。</p>', lost: [] },
    '45d-chart': { html: '<p>用水量见下图：</p><p>流程如下：</p><p>后文。</p>', lost: ['wordChart', 'wordDiagram'] },
  };

  it('are all here', () => {
    expect(
      readdirSync(folder)
        .map((name) => name.replace('.docx', ''))
        .sort(),
    ).toEqual(Object.keys(expected).sort());
  });

  it.each(Object.entries(expected))('%s', async (name, { html: text, lost, choices = {} }) => {
    const reading = await readDocx(readFileSync(join(folder, `${name}.docx`)), choices);
    expect(reading.html).toBe(text);
    expect(reading.lost.map(({ kind }) => kind)).toEqual(lost);
  });
});
