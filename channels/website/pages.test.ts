import { AxeBuilder } from '@axe-core/playwright';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { HtmlValidate } from 'html-validate';
import { chromium, type Browser } from 'playwright-core';
import { request } from 'undici';
import { channel } from './adapter.js';
import { fillSite } from './fixtures/filled.js';
import { emergencySchema } from '../emergency.js';
import {
  accountOf,
  builtinSettings,
  openGround,
  profileOf,
  releaseOf,
  sample,
  type Ground,
} from './fixtures/ground.js';

const looked = ['', 'columns/news/', 'articles/rkeynote2020', 'articles/rpolicy2026'];
const paths = [
  '',
  'columns/news/',
  'columns/notices/1.html',
  'columns/emergency/',
  'articles/rkeynote2020',
  'articles/rpolicy2026',
  'articles/rpolicyold',
  'articles/rbad2026',
  'search?q=入学',
  'search?q=没有这样的词',
  'nothing-here',
];
let ground: Ground;
let browser: Browser;

beforeAll(async () => {
  ground = await openGround();
  await fillSite(ground, 24);
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}, 60_000);
afterAll(async () => {
  await browser.close();
  await ground.close();
});

async function read(path: string): Promise<string> {
  return (await request(`${ground.hubUrl}/sites/example/${path}`)).body.text();
}

async function faultsOf(path: string): Promise<string[]> {
  const { results } = await validator.validateString(await read(path));
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, line }) => `${line} ${ruleId}: ${message}`),
  );
}

const validator = new HtmlValidate({
  extends: ['html-validate:standard', 'html-validate:document', 'html-validate:a11y'],
  // Chinese titles are long, and a bare `<meta name>` in capitals is what the page-label norm asks for.
  rules: {
    'long-title': 'off',
    'no-trailing-whitespace': 'off',
    'attribute-boolean-style': 'off',
    'attribute-empty-style': 'off',
    'require-sri': ['error', { target: 'crossorigin' }],
  },
});

describe('the pages', () => {
  it.each(paths)('are valid HTML: /%s', async (path) => {
    expect(await faultsOf(path)).toEqual([]);
  });

  it.each(['policy', 'keynote', 'bad', 'interpretation'])(
    'of the preview are valid HTML and load nothing but pictures: %s',
    async (name) => {
      const { preview } = channel.render(await sample(name), profileOf(builtinSettings));
      const report = await validator.validateString(preview);
      expect(
        report.results.flatMap(({ messages }) => messages.map(({ ruleId, message }) => `${ruleId}: ${message}`)),
      ).toEqual([]);
      expect(preview).not.toMatch(/<link rel="stylesheet"|<script src/);
    },
  );

  it.each([
    ['desktop', 1280, 'light'],
    ['phone', 390, 'light'],
    ['phone at night', 390, 'dark'],
  ] as const)(
    'are accessible and fit the screen: %s',
    async (_, width, colorScheme) => {
      const context = await browser.newContext({ viewport: { width, height: 844 }, colorScheme });
      const page = await context.newPage();
      const asked: string[] = [];
      const complaints: string[] = [];
      page.on('request', (sent) => asked.push(new URL(sent.url()).origin));
      page.on('console', (message) => {
        if (message.type() === 'error' && !message.text().includes('404')) complaints.push(message.text());
      });
      for (const path of looked) {
        await page.goto(`${ground.hubUrl}/sites/example/${path}`);
        const { violations } = await new AxeBuilder({ page })
          .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
          .analyze();
        expect(violations.map(({ id, nodes }) => `${path} ${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual(
          [],
        );
        expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(
          0,
        );
      }
      expect(new Set(asked)).toEqual(new Set([ground.hubUrl]));
      expect(complaints).toEqual([]);
      await context.close();
    },
    60_000,
  );

  it('grow with the large-type button and remember it, and let a keyboard skip to the text', async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    const page = await context.newPage();
    await page.goto(`${ground.hubUrl}/sites/example/articles/rpolicy2026`);
    const size = () =>
      page.evaluate('parseFloat(getComputedStyle(document.querySelector(".body")).fontSize)') as Promise<number>;
    const before = await size();
    await page.getByRole('button', { name: '大字版' }).click();
    expect(await size()).toBeGreaterThan(before * 1.25);
    await page.goto(`${ground.hubUrl}/sites/example/`);
    expect(await page.getByRole('button', { name: '大字版' }).getAttribute('aria-pressed')).toBe('true');
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('跳到正文');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await context.close();
  });
});

describe('what stands on the pages', () => {
  it('marks an abolished document on its page and in lists', async () => {
    expect(await read('articles/rpolicyold')).toContain('本文件已被废止，不再执行');
    expect(await read('columns/policies/')).toContain('<span class="state">废止</span>');
    expect(await read('articles/rpolicy2026')).not.toContain('class="notice validity"');
  });

  it('heads a document with its header block and contents', async () => {
    const html = await read('articles/rpolicy2026');
    for (const words of [
      '01400001X/2026-00042',
      '示政办发〔2026〕18号',
      '2026年11月20日',
      '主题分类',
      '有效性',
      '目录',
      'href="#part-1"',
      '附件1：申请材料清单.docx',
    ])
      expect(html).toContain(words);
  });

  it('tells machines what it is', async () => {
    const data =
      /<script type="application\/ld\+json">(.*?)<\/script>/.exec(await read('articles/rkeynote2020'))?.[1] ?? '';
    expect(JSON.parse(data)['@graph'][0]).toMatchObject({
      '@type': 'NewsArticle',
      headline: '推進數字政府建設 深化政務公開',
      inLanguage: 'zh-Hant',
      author: { name: '盧向東' },
    });
  });

  it('has the marks of a government site in its footer', async () => {
    const html = await read('');
    for (const words of ['党政机关', '我为政府网站找错', '网站标识码：1401000001', '晋ICP备00000001号'])
      expect(html).toContain(words);
  });

  it('finds by word, document number and deep in the text, in Chinese', async () => {
    for (const [query, id] of [
      ['子女入学', 'rpolicy2026'],
      ['示政办发〔2026〕18号', 'rpolicy2026'],
      ['不动产登记', 'rbad2026'],
      ['區塊鏈', 'rkeynote2020'],
      ['公交', 'rnews0019'],
    ]) {
      expect({
        query,
        found: (await read(`search?q=${encodeURIComponent(query ?? '')}`)).includes(`articles/${id}"`),
      }).toEqual({ query, found: true });
    }
    expect(await read('search?q=%3Cscript%3Ealert(1)%3C/script%3E')).not.toContain('<script>alert');
  });
});

describe('the feeds', () => {
  const parser = new XMLParser({ ignoreAttributes: false });

  it('are well-formed and hold what each format demands', async () => {
    for (const path of [
      'rss.xml',
      'atom.xml',
      'sitemap.xml',
      'sitemaps/1.xml',
      'opensearch.xml',
      'columns/news/atom.xml',
    ])
      expect({ path, valid: XMLValidator.validate(await read(path)) }).toEqual({ path, valid: true });
    const { feed } = parser.parse(await read('atom.xml'));
    expect(feed).toMatchObject({
      id: expect.any(String),
      title: '示例市人民政府',
      updated: expect.stringMatching(/^2026-/),
      author: { name: expect.any(String) },
    });
    for (const entry of feed.entry)
      expect(entry).toMatchObject({
        id: expect.stringContaining('/articles/'),
        updated: expect.any(String),
        title: expect.anything(),
      });
    const { rss } = parser.parse(await read('rss.xml'));
    expect(rss.channel).toMatchObject({
      title: '示例市人民政府',
      link: expect.any(String),
      description: expect.any(String),
    });
    const json = JSON.parse(await read('feed.json'));
    expect(json).toMatchObject({ version: 'https://jsonfeed.org/version/1.1', title: '示例市人民政府' });
    for (const item of json.items)
      expect(item).toMatchObject({
        id: expect.any(String),
        url: expect.stringContaining('/articles/'),
        content_text: expect.stringMatching(/./),
      });
  });
});

describe('the pages of warnings', () => {
  const shown = ['', 'columns/emergency/', 'articles/rforce', 'articles/rlifted', 'articles/rexpired'];

  beforeAll(async () => {
    const account = accountOf(builtinSettings);
    const hours = (count: number) => new Date(ground.now.getTime() + count * 3_600_000).toISOString();
    for (const [id, title, more] of [
      ['rforce', '台风红色预警', { level: 'red' }],
      ['rlifted', '暴雨橙色预警解除', { level: 'orange', event: '暴雨', msgType: 'Cancel' }],
      ['rexpired', '大风黄色预警', { level: 'yellow', event: '大风', expires: hours(-1) }],
    ] as const) {
      const emergency = emergencySchema.parse({
        event: '台风',
        areas: [{ code: '350100', name: '福州市' }],
        onset: hours(-9),
        expires: hours(9),
        instruction: '停止户外活动。',
        ...more,
      });
      const release = releaseOf({ release: id, kind: 'emergency', title, columns: ['应急信息'], emergency });
      await channel.publish(account, channel.render(release, account), ground.publishCall(id, release));
    }
  });

  it('are valid, and tell in words and not by colour alone what is over', async () => {
    for (const path of shown) expect({ path, faults: await faultsOf(path) }).toEqual({ path, faults: [] });
    expect(await read('articles/rforce')).not.toContain('不再生效');
    for (const id of ['rlifted', 'rexpired']) expect(await read(`articles/${id}`)).toContain('不再生效');
  });

  it.each(['light', 'dark'] as const)(
    'are accessible and fit a phone: %s',
    async (colorScheme) => {
      const context = await browser.newContext({ viewport: { width: 390, height: 844 }, colorScheme });
      const page = await context.newPage();
      for (const path of shown) {
        await page.goto(`${ground.hubUrl}/sites/example/${path}`);
        const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag22aa']).analyze();
        expect(violations.map(({ id, nodes }) => `${path} ${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual(
          [],
        );
        expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(
          0,
        );
      }
      await context.close();
    },
    60_000,
  );
});
