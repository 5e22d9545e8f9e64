/**
 * Documents and files that real desks have, each sent in as the command does it, with the files beside it: what of it is
 * kept, what is told, and what stops until a person has agreed. Each stands for a kind.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { createClient } from '../cli/client.js';
import { withFiles } from '../cli/document-upload.js';
import type { ImportResult } from '../core/import-result.js';
import { LianfaError } from '../core/errors.js';
import type { ReleaseSaved } from '../server/contract/releases.js';
import { openTestServer, type TestServer } from './support/http.js';

const folders = [join(__dirname, 'fixtures/reports'), join(__dirname, '../core/documents/fixtures/reports')];
const places = new Map(folders.flatMap((folder) => readdirSync(folder).map((name) => [name, join(folder, name)])));
const documents = [...places.keys()].filter((name) => /\.(?:md|html|docx)$/.test(name)).sort();
const types: Readonly<Record<string, string>> = { '.md': 'text/markdown', '.html': 'text/html' };

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  await server.services.store.organizations.create({
    _id: 'gutian',
    name: '古田县',
    path: 'gutian/',
    region: '350922',
  });
});
afterAll(() => server.close());

interface Sending {
  /** As a person chooses after a stop. */
  losses?: 'accept';
  revisions?: 'accept' | 'reject';
  change?: (text: string) => string;
}

type Sent = { saved: ReleaseSaved } | { stopped: string };

async function send(name: string, { losses, revisions, change }: Sending = {}): Promise<Sent> {
  const file = places.get(name) ?? '';
  const type = types[extname(name)] ?? 'application/octet-stream';
  const client = createClient({
    LIANFA_URL: server.url,
    LIANFA_USER: server.user.name,
    LIANFA_PASSWORD: server.user.password,
  });
  const read = readFileSync(file);
  const given = change ? Buffer.from(change(read.toString('utf8'))) : read;
  try {
    const bytes = await withFiles(given, { file, type, client, acceptLosses: losses === 'accept' });
    const query = new URLSearchParams({ ...(losses && { losses }), ...(revisions && { revisions }) });
    const answer = await server.call('POST', `/api/v1/releases/import?${query.toString()}`, {
      bytes,
      headers: {
        'content-type': type,
        'x-file-name': encodeURIComponent(name),
        'x-source': encodeURIComponent('古田县人民政府办公室'),
      },
    });
    if (answer.status === 201) return { saved: answer.body as ReleaseSaved };
    return { stopped: (answer.body as { error: { message: { zh: string } } }).error.message.zh };
  } catch (error) {
    if (error instanceof LianfaError && error.code === 'files_missing') return { stopped: error.toJSON().message.zh };
    throw error;
  }
}

interface Outcome {
  /** What it says while it waits for a person; absent where it comes in at once. */
  stopped?: string[];
  /** How a person lets it come in. */
  choice?: Sending;
  title?: string;
  /** What stands in the body, in the markup in which it is stored. */
  kept?: string[];
  /** Each kind of thing left out or changed, with its name. */
  told?: string[];
  /** Stands nowhere in what is stored. */
  never?: RegExp;
  policy?: object;
}

const water = '关于加强供水管理的通知';
const picture = '<img src="media:';
const over = '已经过去，现在发布不会生效';

const expected: Readonly<Record<string, Outcome>> = {
  '01-sub-sup.md': {
    kept: [
      'CO<sub>2</sub>',
      'PM<sub>2.5</sub>',
      'μg/m<sup>3</sup>',
      '3×10<sup>4</sup> m<sup>2</sup>',
      '10<sup>8</sup> 元',
    ],
  },
  '02-picture-names.md': {
    kept: Array.from('一二三四五六七八九十', (place) => `第${place}张`),
    told: ['tip:说明 六'],
    never: /02[/\\]|pic4/,
  },
  '03-cjk-emphasis.md': {
    kept: [
      '<strong>请注意：</strong>明天停水。',
      '<strong>自12月1日起（含当日）</strong>施行',
      '<li><strong>时间：</strong>12月1日8时</li>',
      '<strong>《古田县用水管理办法》</strong>规定',
      '<strong>“不得停水”</strong>是底线',
      '<s>旧办法（已废止）。</s>新办法如下。',
    ],
    never: /\*|~/,
  },
  '05-code-block.md': {
    kept: [
      '<pre>首班  06:00  西门 -&gt; 东门\n末班  21:30  东门 -&gt; 西门</pre>',
      '<pre>缩进一\n    缩进二</pre>',
      '<code>GET /api</code> 与 <code>Ctrl</code>',
      '<pre>甲 方：古田县\n乙 方：示例公司</pre>',
    ],
  },
  '07a-auto-headings.docx': {
    title: water,
    kept: [
      '<h2>一、总体要求</h2>',
      '<h3>（一）指导思想</h3>',
      '<h3>（二）工作目标</h3>',
      '<h2>二、主要任务</h2>',
      '落实“一、（二）”的要求',
    ],
  },
  '07b-auto-articles.docx': {
    title: water,
    kept: [
      '第一条　为加强管理',
      '第二款没有编号的段落',
      '第三条　县水利局',
      '（1）制定规划',
      '（2）监督检查',
      '第四条　违反本办法第三条规定的',
    ],
  },
  '07c-heading-numpr.docx': { title: water, kept: ['<h2>一、总体要求</h2>', '<h2>二、主要任务</h2>'] },
  '08-tracked.docx': {
    stopped: ['1 处插入、2 处删除、1 处移动、1 条批注', '作者：甲、局办'],
    choice: { revisions: 'accept' },
    title: water,
    kept: ['每立方米2.80元', '<p>余下。</p><p>移动的句子。</p>'],
    told: ['wordComment'],
    never: /1\.80|整段删除/,
  },
  '08b-hidden.docx': { title: water, kept: ['公开文字。公开文字二。'], told: ['wordHidden', 'wordEmphasis'] },
  '08c-stylevanish.docx': { title: water, kept: ['<p>公开。可见</p>'], told: ['wordHidden'] },
  '10-formula.docx': {
    title: water,
    kept: ['S=(a+b)/2', 'm<sup>2</sup>', 'CO<sub>2</sub>', '10<sup>4</sup> 吨', 'E=mc²'],
    told: ['wordFormula:S=(a+b)/2', 'wordFormula:E=mc²'],
  },
  '13-pictures.docx': {
    stopped: [
      '矢量图（image2.emf）”是 Windows 图元格式',
      '链接图（a.png）”只是指向文档外的链接',
      '对象“Excel.Sheet.12”不能显示',
    ],
    title: water,
    kept: ['alt="好图"', '图一之后。', 'alt="位图"'],
    told: ['wordVector:矢量图（image2.emf）', 'wordLinked:链接图（a.png）', 'wordObject:Excel.Sheet.12'],
  },
  '14a-colon-title.md': { title: '关于供水的通知: 第二次' },
  '15b-policy-dates.md': {
    policy: {
      number: '古政办〔2026〕7号',
      issuer: '古田县人民政府办公室',
      signed: '2026-11-20',
      index: '01-2026-0007',
    },
  },
  '16c-missing.md': {
    stopped: ['第 7 行“16-missing.jpg”没有找到这个文件'],
    kept: ['前文。', '后文。'],
    told: ['picture_local:16-missing.jpg'],
  },
  '16f-bmp.md': { kept: [picture, 'alt="截图"'] },
  '16h-anim-tall.md': {
    stopped: ['第 9 行“16-alpha.png”没有找到这个文件'],
    kept: ['alt="动图"', 'alt="长图"'],
    told: ['picture_local:16-alpha.png'],
  },
  '16j-infographic.md': { kept: [picture, 'alt="一图读懂"'] },
  '20a-warning.md': { stopped: ['2026-11-27 18:00', over], told: ['expired:2026-11-27 18:00'] },
  '20b-expired.md': { stopped: ['2026-11-25 18:00', over], told: ['expired:2026-11-25 18:00'] },
  '20d-zhtime.md': { stopped: ['2026-11-27 18:00', over], told: ['expired:2026-11-27 18:00'] },
  '22a-title-emoji.md': {
    title: `${'🎉🎊'.repeat(20)}福海市开展冬季惠民活动${'👨‍👩‍👧‍👦'.repeat(6)}尾部文字尾部文字尾部文字`,
  },
  '24b-wps-utf8.html': { title: '供水通知', kept: ['<p class="center">关于供水的通知</p>', '正文内容。'] },
  '25a-word-clipboard.html': {
    stopped: ['file:///C:/Users/x/clip_image002.png”不在文档所在的文件夹内'],
    title: '关于开展排查的通知',
    kept: [
      '一、&nbsp;总体要求',
      '3×10<sup>4</sup>平方米',
      '<td rowspan="2"><p>乡镇</p></td><td colspan="2"><p class="center">指标</p></td>',
      '<p class="right">县应急局</p><p class="right">2026年11月20日</p>',
    ],
    told: ['picture_local:clip_image002.png'],
  },
  '25b-wechat-copy.html': {
    stopped: ['图片“mmbiz.example/0”在外部网址上', '1 处矢量图形（svg）里有文字'],
    title: '冬季用电安全',
    kept: ['第一段', '第二段&nbsp;&nbsp;两空格', '<ul><li><p>项一</p><ul><li><p>子项</p></li></ul></li></ul>'],
    told: ['picture:mmbiz.example/0', 'colour', 'drawn_words', 'hidden', 'element:mp-common-videosnap'],
    never: /隐藏广告词|内部说明/,
  },
  '25d-mail.html': {
    title: '会议通知',
    kept: [
      '<p>第一行</p><p>第二行</p>',
      '价格<s>1.80</s><u>2.80</u>元',
      '<a href="https://www.example.gov.cn/搜索?q=社保%20卡">',
    ],
    told: ['hidden', 'comment', 'link'],
    never: /内部|不要公开|1\.802\.80/,
  },
  '26b-att-colon.md': {
    stopped: ['第 5 行“26/附件1：名单（终稿）.xlsx”没有找到这个文件'],
    told: ['attachment:26/附件1：名单（终稿）.xlsx'],
  },
  '26f-att-missing.md': { stopped: ['第 5 行“26/没有这个.pdf”没有找到这个文件'], told: ['attachment:26/没有这个.pdf'] },
  '29-hard-wrap.md': { kept: ['专项行动，各乡镇人民政府', '取得实效。'] },
  '36-toc.docx': {
    title: water,
    kept: ['<h2>总体要求</h2><p>正文。</p><h2>主要任务</h2>'],
    told: ['wordContents'],
    never: /目　录|\t/,
  },
  '39-layout.docx': {
    title: '关于加强冬季供水保障的通知',
    policy: { number: '古政办〔2026〕7号', issuer: '古田县人民政府办公室' },
    kept: ['附件：1. 名单<br>', '<p class="right">古田县人民政府办公室</p><p class="right">2026年11月20日</p>'],
    told: ['wordLetterhead:古田县人民政府办公室'],
  },
  '39d-long-first.docx': {
    title:
      '古田县人民政府办公室关于印发古田县进一步优化营商环境更好服务市场主体若干措施（试行）的通知暨任务分工方案及有关责任单位名单和完成时限一览表汇总',
    kept: ['<p>各乡镇人民政府：</p>'],
  },
  '44-sdt.docx': {
    title: water,
    kept: ['是否公开：☑是', '日期：2026年11月20日', '块级控件文字', '福建省古田县', '<ruby>汉<rt>hàn</rt></ruby>字'],
    told: ['wordDate:2026年11月27日'],
  },
  '45b-ruby.docx': { title: water, kept: ['地名<ruby>蔚<rt>yù</rt></ruby>县。'] },
  '45d-chart.docx': {
    stopped: ['图表“柱状图”不能显示', 'SmartArt 图形“柱状图”不能显示'],
    title: water,
    kept: ['用水量见下图：', '流程如下：', '后文。'],
    told: ['wordChart:柱状图', 'wordDiagram:柱状图'],
  },
};

describe('of the documents', () => {
  // The cancel needs a warning to cancel: below.
  it('each has its outcome', () => {
    expect(Object.keys(expected).sort()).toEqual(documents.filter((name) => name !== '20f-cancel.md'));
  });

  it.each(Object.entries(expected))(
    '%s',
    async (name, { stopped, choice, title, kept = [], told = [], never, policy }) => {
      let sent = await send(name);
      if (stopped) {
        const said = 'stopped' in sent ? sent.stopped : '';
        for (const words of stopped) expect(said).toContain(words);
        sent = await send(name, choice ?? { losses: 'accept' });
      }
      if (!('saved' in sent)) throw new Error(sent.stopped);
      const { release, dropped } = sent.saved;
      if (title !== undefined) expect(release.title).toBe(title);
      for (const words of kept) expect(release.revision.body).toContain(words);
      expect(dropped.map(({ what }) => what)).toEqual(told);
      if (never) expect(`${release.title}${release.revision.body}${release.revision.summary}`).not.toMatch(never);
      if (policy) expect(release.revision.policy).toMatchObject(policy);
    },
  );

  it('every picture that is named in its own way is found', async () => {
    const sent = await send('02-picture-names.md');
    expect('saved' in sent && sent.saved.release.revision.pictures).toHaveLength(10);
  });

  it.each(['16-photo.avif', '16-photo.tiff', '16-photo.bmp', '16-anim.gif', '16-tall.png'])(
    '%s is taken',
    async (file) => {
      const sent = await send('16f-bmp.md', { change: (text) => text.replace('16-photo.bmp', file) });
      expect('saved' in sent && sent.saved.release.revision.body).toContain('alt="截图"');
    },
  );

  it('an empty picture is told as such', async () => {
    expect(await send('16f-bmp.md', { change: (text) => text.replace('16-photo.bmp', '16-empty.png') })).toMatchObject({
      stopped: expect.stringContaining('第 5 行“16-empty.png”是空文件') as string,
    });
  });

  it('tracked changes that are rejected leave the text as it was', async () => {
    const sent = await send('08-tracked.docx', { revisions: 'reject' });
    expect('saved' in sent && sent.saved.release.revision.body).toBe(
      '<p>供水价格调整为每立方米1.80元。</p><p>此处请局长再核。</p><p>这一段整段删除。</p><p>移动的句子。余下。</p>',
    );
  });

  it('a warning in force comes in with its times, and its cancel by its id; by no other', async () => {
    const toCome = (text: string): string => text.replaceAll('2026-11-27', '2096-11-27').replace('2026年', '2096年');
    for (const name of ['20a-warning.md', '20d-zhtime.md']) {
      const sent = await send(name, { change: toCome });
      if (!('saved' in sent)) throw new Error(sent.stopped);
      expect(sent.saved.dropped).toEqual([]);
      expect(sent.saved.release.revision.emergency).toMatchObject({
        onset: '2096-11-27T01:00:00.000Z',
        expires: '2096-11-27T10:00:00.000Z',
        responseType: 'Shelter',
        areas: [{ code: '350922', name: '古田县' }],
      });
      const { id, revision } = sent.saved.release;
      expect(await send('20f-cancel.md')).toMatchObject({
        stopped: expect.stringContaining('没有找到这条已签发的预警') as string,
      });
      await server.send(id, revision.id);
      const cancel = await send('20f-cancel.md', { change: (text) => text.replace(/\[r1m\w+\]/, `[${id}]`) });
      if (!('saved' in cancel)) throw new Error(cancel.stopped);
      expect(cancel.saved.release.revision.emergency).toMatchObject({
        msgType: 'Cancel',
        references: [{ release: id }],
      });
    }
  });
});

describe('of the lists of units', () => {
  it.each([
    ['17a-units-gbk.csv', 'gbk', 0],
    ['17d-units-semicolon.csv', 'semi', 0],
    ['17e-units-blankrows.csv', 'blank', 2],
  ])('%s is read whole', async (name, prefix, blank) => {
    const { body } = await server.call('POST', '/api/v1/organizations/import', {
      bytes: readFileSync(places.get(name) ?? ''),
      headers: { 'content-type': 'application/octet-stream', 'x-file-name': name },
    });
    expect(body as ImportResult).toMatchObject({ created: 2, blank, refused: [] });
    const stored = await server.services.store.organizations
      .find({ _id: { $in: [`${prefix}-a`, `${prefix}-b`] } })
      .lean();
    expect(stored.map((unit) => unit.name).sort()).toEqual(['示例县卫健局', '示例县教育局']);
  });
});
