import { load } from 'cheerio';
import sharp from 'sharp';
import { linesOf } from './blocks.js';
import { rowsOf } from './cells.js';
import { drawLongPicture, pixelsOf, type LongPicture } from './long-picture.js';

function drawn(
  body: string,
  own: { language?: string; timed?: boolean; drill?: boolean; link?: string | undefined } = {},
): LongPicture {
  return drawLongPicture({
    title: '标题',
    source: '示例市人民政府办公室',
    language: 'zh-Hans',
    signedAt: new Date('2026-11-24T10:00:00Z'),
    timed: false,
    drill: false,
    link: 'https://www.x.gov.cn/a',
    lines: linesOf(body),
    ...own,
  });
}

interface Word {
  x: number;
  text: string;
  end: boolean;
  bold: boolean;
}

function wordsOf({ svg }: LongPicture): Word[] {
  return [...svg.matchAll(/<text x="([\d.]+)"([^>]*)>([^<]*)/g)].map(([, x, rest = '', text = '']) => ({
    x: Number(x),
    text,
    end: rest.includes('"end"'),
    bold: rest.includes('"700"'),
  }));
}

const found = (picture: LongPicture, text: string): Word => {
  const word = wordsOf(picture).find((one) => one.text === text);
  if (!word) throw new Error(`“${text}” is not among ${JSON.stringify(wordsOf(picture).map((one) => one.text))}`);
  return word;
};

/** Dark pixels outside of the page's inner part, where nothing may stand. */
async function overEdge(picture: LongPicture): Promise<number> {
  const { data, info } = await sharp(await pixelsOf(picture))
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return data.filter((shade, at) => shade < 128 && (at % info.width < 20 || at % info.width > info.width - 14)).length;
}

const head = '<thead><tr><th>学段</th><th>申请时间</th></tr></thead>';

describe('a table', () => {
  it('stands in columns under its bold head, each cell in its own place', () => {
    const picture = drawn(
      `<table>${head}<tbody><tr><td>小学</td><td>每年5月6日至5月25日</td></tr><tr><td>转学</td><td>每学期开学前30日</td></tr></tbody></table>`,
    );
    expect(found(picture, '学段')).toMatchObject({ bold: true });
    expect(found(picture, '小学').x).toBe(found(picture, '学段').x);
    expect(found(picture, '每学期开学前30日').x).toBe(found(picture, '申请时间').x);
    expect(found(picture, '申请时间').x).toBeGreaterThan(found(picture, '学段').x);
  });

  it('keeps columns under cells that span columns or rows', () => {
    const picture = drawn(
      '<table><tr><th rowspan="2">窗口</th><th colspan="2">时间</th></tr><tr><th>上午</th><th>下午</th></tr><tr><td>综合</td><td>八点</td><td>两点</td></tr></table>',
    );
    expect(found(picture, '上午').x).toBe(found(picture, '时间').x);
    expect(found(picture, '下午').x).toBe(found(picture, '两点').x);
    expect(found(picture, '综合').x).toBe(found(picture, '窗口').x);
  });

  it('with too many columns for a phone names each value by its column', () => {
    const names = Array.from({ length: 14 }, (_, n) => `<th>第${n}列</th>`).join('');
    const picture = drawn(
      `<table><tr>${names}</tr><tr>${Array.from({ length: 14 }, (_, n) => `<td>值${n}</td>`).join('')}</tr></table>`,
    );
    expect(wordsOf(picture).map(({ text }) => text)).toEqual(expect.arrayContaining(['第0列：值0', '第13列：值13']));
  });

  it('stays apart from the table after it', () => {
    const one = '<table><tr><td>甲</td><td>一</td></tr></table>';
    const picture = drawn(`${one}<table><tr><td>乙乙乙乙乙乙乙乙乙乙</td><td>二</td></tr></table>`);
    expect(found(picture, '二').x).toBeGreaterThan(found(picture, '一').x);
  });
});

describe('a document', () => {
  const body =
    '<p>各区人民政府，市政府各工作部门：</p><p>现通知如下。</p><p><strong>重点</strong></p><blockquote><p>自2027年1月1日起施行。</p></blockquote><p>示例市人民政府办公室<br>2026年11月20日</p>';

  it('has its salutation at the edge, its paragraphs set in, and its name and date at the right', () => {
    const picture = drawn(body);
    expect(found(picture, '各区人民政府，市政府各工作部门：').x).toBe(48);
    expect(found(picture, '现通知如下。').x).toBe(48 + 60);
    expect(found(picture, '重点').bold).toBe(true);
    expect(
      wordsOf(picture)
        .filter(({ end }) => end)
        .map(({ text }) => text),
    ).toEqual(['示例市人民政府办公室', '2026年11月20日']);
  });

  it('says who, when and where the original is, for pictures are passed on alone', () => {
    const texts = wordsOf(drawn(body)).map(({ text }) => text);
    expect(texts).toContain('示例市人民政府办公室　2026年11月24日');
    expect(texts.slice(-2)).toEqual(['以发布单位网站上的原文为准：', 'https://www.x.gov.cn/a']);
    expect(wordsOf(drawn(body, { link: undefined })).at(-1)?.text).toBe('以发布单位网站上的原文为准。');
    expect(wordsOf(drawn(body, { timed: true })).map(({ text }) => text)).toContain(
      '示例市人民政府办公室　2026年11月24日 18:00',
    );
  });

  it('is in the words and letters of its language', () => {
    const english = drawn('<p>It’s open.</p><p>General Office<br>20 November 2026</p>', { language: 'en' });
    expect(found(english, "It's open.").x).toBe(48);
    expect(wordsOf(english).map(({ text }) => text)).toEqual(
      expect.arrayContaining(["The original on the issuer's website prevails:"]),
    );
    expect(wordsOf(english).filter(({ end }) => end)).toHaveLength(2);
    const traditional = drawn('<p>內容。</p>', { language: 'zh-Hant' });
    expect(traditional.svg).toMatch(/font-family="'Noto Sans CJK TC'/);
    expect(wordsOf(traditional).map(({ text }) => text)).toContain('以發布單位網站上的原文為準：');
  });
});

it('draws nothing over its edges, whatever stands in it', async () => {
  const long =
    'https://service.example/a/very/long/address/that/has/no/end/and/goes/on?with=parameters&and=more&of=them';
  const hard = `<p>${'字'.repeat(70)}，”》）。</p><p>${long}</p><p>WWWWMMMM ${'W'.repeat(90)}</p><ul><li>${'很长的条目，'.repeat(12)}</li></ul><blockquote><p>${'引文（一）；'.repeat(12)}</p></blockquote><table>${head}<tr><td>${long}</td><td>${'中'.repeat(60)}</td></tr></table>`;
  expect(await overEdge(drawn(hard))).toBe(0);
  expect(await overEdge(drawn(hard, { language: 'en' }))).toBe(0);
});

it('keeps the columns of a table below a cell that reaches over thirty rows', () => {
  const rows = Array.from(
    { length: 30 },
    (_, n) => `<tr>${n === 0 ? '<td rowspan="30">甲</td>' : ''}<td>${n}</td></tr>`,
  );
  const $ = load(`<table>${rows.join('')}</table>`);
  const [table] = $('table').toArray();
  expect(table && rowsOf($, table).map((cells) => cells.map(({ text }) => text))[29]).toEqual(['', '29']);
});

it('bears 演练 of a drill between its words from top to bottom, which stay readable', async () => {
  const body = '<p>假定水库水位超过警戒线，各单位到岗。</p>'.repeat(12);
  const [plain, marked] = [drawn(body), drawn(body, { drill: true })];
  expect(wordsOf(marked)).toEqual(wordsOf(plain));
  const grey = async (picture: LongPicture) =>
    sharp(await pixelsOf(picture))
      .greyscale()
      .raw()
      .toBuffer();
  const [before, after] = [await grey(plain), await grey(marked)];
  const part = (plain.width * plain.height) / 6;
  for (let n = 0; n < 6; n += 1) {
    let changed = 0;
    for (let at = Math.floor(n * part); at < (n + 1) * part; at += 1)
      if ((before[at] ?? 0) > 250 && (after[at] ?? 0) < 240) changed += 1;
    expect(changed / part).toBeGreaterThan(0.01);
  }
  // The ground is never as dark as a word.
  const ground = after.filter((_, at) => (before[at] ?? 0) > 250);
  expect(ground.reduce((least, value) => Math.min(least, value), 255)).toBeGreaterThan(150);
});
