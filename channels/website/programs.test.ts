/** What programs read of a site: feeds, warnings, robots.txt; each held to its norm with hostile titles, columns and names. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { load } from 'cheerio';
import { request } from 'undici';
import { validateXML } from 'xmllint-wasm';
import type { ReleaseContent } from '../channel.js';
import { emergencySchema, withDrill } from '../emergency.js';
import { channel } from './adapter.js';
import { accountOf, builtinSettings, openGround, releaseOf, type Ground } from './fixtures/ground.js';

const hostile = [
  'A<B',
  'Q&A "引号" \'撇号\'',
  ']]> <![CDATA[',
  '<script>alert(1)</script>',
  '&amp;&#x0;&nbsp;',
  '\u0001\u000b\u001f\ufffe\uffff',
  'half \ud800 character',
  '𠮷野家👨‍👩‍👧',
  '<?xml?><!--',
];
const named = (name: string) =>
  name.replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '') ? name : `空${name}`;
const account = accountOf({
  ...builtinSettings,
  siteName: '“示例”<市>&政府',
  sponsor: 'A&B <办公室>',
  columns: hostile.map((name, n) => ({ name: named(name), slug: `c${n}` })),
});
let ground: Ground;

beforeAll(async () => {
  ground = await openGround();
  for (const [n, text] of hostile.entries())
    await publish(
      releaseOf({
        release: `r${n}`,
        title: named(text),
        summary: text,
        body: '<p>文</p>',
        source: named(text),
        columns: [named(text), '没有人定义的栏目'],
        keywords: [named(text)],
      }),
    );
});
afterAll(async () => {
  await ground.close();
});

async function publish(release: ReleaseContent): Promise<void> {
  await channel.publish(
    account,
    channel.render(release, account),
    ground.publishCall(release.revision + release.release, release),
  );
}

async function read(path: string): Promise<string> {
  const answer = await request(`${ground.hubUrl}/sites/example/${path}`);
  const text = await answer.body.text();
  expect({ path, status: answer.statusCode }).toEqual({ path, status: 200 });
  return text;
}

async function faultsOf(fileName: string, contents: string, schema?: string): Promise<string[]> {
  const xml = [{ fileName: fileName.replaceAll('/', '-'), contents }];
  const { errors } = await validateXML(
    schema === undefined
      ? { xml, normalization: 'c14n' }
      : { xml, schema: [{ fileName: 'schema.xsd', contents: schema }] },
  );
  return errors.map(({ message, loc }) => `${loc?.lineNumber ?? 0} ${message}`);
}

type Node = Record<string, unknown>;
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
});
const parsed = (text: string): Node => parser.parse(text) as Node;
const children = (node: Node, name: string): Node[] =>
  ((node[name] ?? []) as (Node | string)[]).map((child) => (typeof child === 'string' ? { '#text': child } : child));
const textOf = (node: Node | undefined): string => String(node?.['#text'] ?? '');

/** RFC 4287, sections 4.1.1 and 4.1.2: how many of each a feed and an entry hold; what is not here may not stand there. */
const most = Number.POSITIVE_INFINITY;
const feedRule: Record<string, [number, number]> = {
  author: [0, most],
  category: [0, most],
  contributor: [0, most],
  generator: [0, 1],
  icon: [0, 1],
  id: [1, 1],
  link: [0, most],
  logo: [0, 1],
  rights: [0, 1],
  subtitle: [0, 1],
  title: [1, 1],
  updated: [1, 1],
  entry: [0, most],
};
const entryRule: Record<string, [number, number]> = {
  author: [1, most],
  category: [0, most],
  content: [0, 1],
  contributor: [0, most],
  id: [1, 1],
  link: [1, most],
  published: [0, 1],
  rights: [0, 1],
  source: [0, 1],
  summary: [0, 1],
  title: [1, 1],
  updated: [1, 1],
};

function* brokenIn(node: Node, rule: Record<string, [number, number]>): Generator<string> {
  for (const name of Object.keys(node))
    if (!name.startsWith('@') && name !== '#text' && !(name in rule)) yield `unknown ${name}`;
  for (const [name, [least, limit]] of Object.entries(rule)) {
    const count = children(node, name).length;
    if (count < least || count > limit) yield `${count} of ${name}`;
  }
  for (const name of ['id', 'title', 'updated']) if (!textOf(children(node, name)[0])) yield `empty ${name}`;
  if (!URL.canParse(textOf(children(node, 'id')[0]))) yield 'an id that is no address';
  for (const name of ['updated', 'published'])
    for (const date of children(node, name))
      if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(textOf(date)))
        yield `a date that is none: ${textOf(date)}`;
  for (const person of children(node, 'author'))
    if (!textOf(children(person, 'name')[0])) yield 'an author without a name';
  for (const category of children(node, 'category')) if (!category['@term']) yield 'a category without a term';
  const links = children(node, 'link');
  for (const link of links) if (!URL.canParse(String(link['@href']))) yield 'a link that leads nowhere';
  const alternates = links
    .filter((link) => link['@rel'] === 'alternate')
    .map((link) => `${String(link['@type'])} ${String(link['@hreflang'])}`);
  if (new Set(alternates).size !== alternates.length) yield 'two alternates of one type and language';
}

/** Every rule that a document of RFC 4287 breaks. */
function* brokenInAtom(text: string): Generator<string> {
  const [feed] = children(parsed(text), 'feed');
  if (!feed || feed['@xmlns'] !== 'http://www.w3.org/2005/Atom') return yield 'no feed';
  yield* brokenIn(feed, feedRule);
  if (!children(feed, 'link').some((link) => link['@rel'] === 'self')) yield 'no link to itself';
  const entries = children(feed, 'entry');
  for (const entry of entries) {
    yield* brokenIn(entry, entryRule);
    if (!children(entry, 'content').length && !children(entry, 'link').some((link) => link['@rel'] === 'alternate'))
      yield 'neither content nor alternate';
  }
  const ids = entries.map((entry) => textOf(children(entry, 'id')[0]));
  if (new Set(ids).size !== ids.length) yield 'one id twice';
}

describe('the feeds, whatever titles, columns and names hold', () => {
  const columns = hostile.map((_, n) => `columns/c${n}/atom.xml`);

  it.each(['atom.xml', 'warnings.xml', ...columns])('keep every rule of RFC 4287: %s', async (path) => {
    const text = await read(path);
    expect(await faultsOf(path, text)).toEqual([]);
    expect([...brokenInAtom(text)]).toEqual([]);
  });

  it('name the column of an article as its category', async () => {
    const [feed] = children(parsed(await read('columns/c0/atom.xml')), 'feed');
    const [entry] = children(feed ?? {}, 'entry');
    expect(children(entry ?? {}, 'category')).toEqual([{ '@term': 'A<B', '@label': 'A<B' }]);
    expect(textOf(children(entry ?? {}, 'title')[0])).toBe('A<B');
  });

  it('are RSS 2.0 whose authors are names, which its own element has no room for', async () => {
    const text = await read('rss.xml');
    expect(await faultsOf('rss.xml', text)).toEqual([]);
    const [rss] = children(parsed(text), 'rss');
    const [feed] = children(rss ?? {}, 'channel');
    for (const name of ['title', 'link', 'description']) expect(children(feed ?? {}, name)).toHaveLength(1);
    const items = children(feed ?? {}, 'item');
    expect(items).toHaveLength(hostile.length);
    for (const item of items) {
      expect(textOf(children(item, 'dc:creator')[0])).not.toBe('');
      expect(children(item, 'author')).toEqual([]);
      expect(textOf(children(item, 'pubDate')[0])).toMatch(
        /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
      );
      expect(children(item, 'guid')[0]).toMatchObject({ '@isPermaLink': 'true' });
    }
  });

  it.each(['sitemap.xml', 'sitemaps/1.xml', 'opensearch.xml'])('are XML: %s', async (path) => {
    expect(await faultsOf(path, await read(path))).toEqual([]);
  });

  it('would not pass by chance: the checks themselves find what is wrong', async () => {
    const text = await read('atom.xml');
    expect([...brokenInAtom(text.replace(/ term="[^"]*"/, ''))]).toEqual(['a category without a term']);
    expect([...brokenInAtom(text.replace(/<updated>[^<]*/, '<updated>yesterday'))]).toHaveLength(1);
    expect(await faultsOf('a.xml', '<a b="<"/>')).not.toEqual([]);
  });
});

describe('robots.txt', () => {
  it('is the site’s own, leads to the sitemap and keeps programs from the search', async () => {
    const answer = await request(`${ground.hubUrl}/sites/example/robots.txt`);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    const text = await answer.body.text();
    expect(text).toContain(`Sitemap: ${ground.hubUrl}/sites/example/sitemap.xml`);
    expect(text).toContain('Disallow: /sites/example/search\n');
    for (const line of text.split('\n').filter(Boolean))
      expect(line).toMatch(/^(User-agent|Allow|Disallow|Sitemap): \S+$/);
  });
});

describe('a column that nobody defined', () => {
  it('is no navigation, no page and no label; it is told before signing, and kept as a keyword', async () => {
    const release = releaseOf({ release: 'r-undefined', columns: ['没有人定义的栏目'] });
    const { payload, warnings } = channel.render(release, account);
    expect(payload).toMatchObject({ columns: ['A<B'], keywords: ['政务服务', '没有人定义的栏目'] });
    expect(warnings).toContainEqual(expect.objectContaining({ code: 'column-unknown', field: 'columns' }));
    await publish(release);
    for (const path of ['', 'articles/r-undefined', 'columns/c0/']) {
      const $ = load(await read(path));
      expect($('nav, .boxes, .trail, main h2').text()).not.toContain('没有人定义的栏目');
      expect($('a[href*="/columns/c-"]').length).toBe(0);
    }
  });

  it('is left out where usual columns serve, too', () => {
    const usual = accountOf(builtinSettings);
    const render = (columns: string[]) => channel.render(releaseOf({ columns }), usual).payload.columns;
    expect(render(['随便', '数据发布'])).toEqual(['数据发布']);
    expect(render(['随便'])).toEqual(['通知公告']);
  });
});

describe('a warning for programs', () => {
  const schema = readFileSync(join(import.meta.dirname, 'fixtures/cap12.xsd'), 'utf8');
  const hour = 3_600_000;
  const at = (hours: number) => new Date(ground.now.getTime() + hours * hour).toISOString();

  function warning(
    release: string,
    revision: string,
    emergency: object,
    more: Partial<ReleaseContent> = {},
  ): ReleaseContent {
    const block = emergencySchema.parse({
      level: 'red',
      category: 'Met',
      event: '台风<&>',
      areas: [{ code: '350100', name: '福州市 & 周边 <海域>' }, { name: '宁德市' }],
      onset: at(0),
      expires: at(9),
      instruction: '停止户外活动 & "避险"。',
      ...emergency,
    });
    const title = withDrill('台风红色预警 <A&B>', block, 'zh-Hans');
    return releaseOf({ release, revision, kind: 'emergency', title, signedAt: ground.now, emergency: block, ...more });
  }

  async function cap(release: ReleaseContent): Promise<{ text: string; alert: Node; info: Node }> {
    await publish(release);
    const text = await read(`articles/${release.release}/cap.xml`);
    expect({ text, faults: await faultsOf('cap.xml', text, schema) }).toEqual({ text, faults: [] });
    const [alert] = children(parsed(text), 'alert');
    return { text, alert: alert ?? {}, info: children(alert ?? {}, 'info')[0] ?? {} };
  }
  const said = (node: Node, name: string): string | undefined => children(node, name).map(textOf)[0];

  it.each([
    ['an alert', {}],
    [
      'all that can be said',
      { urgency: 'Immediate', certainty: 'Observed', responseType: 'Shelter', contact: '12345' },
    ],
    ['a drill', { status: 'Exercise', note: '2026 年防台风演练 <1>' }],
    ['a drill without a name', { status: 'Exercise' }],
    ['a cancel', { msgType: 'Cancel', onset: undefined, expires: undefined, instruction: undefined }],
    ['the end of time', { onset: '9999-12-31T00:00:00+08:00', expires: '9999-12-31T23:59:59+08:00' }],
    ['another clock', { onset: '2026-11-24T05:00:00-05:30', expires: undefined }],
    [
      'shapes and codes of every kind',
      {
        severity: 'Extreme',
        areas: [
          {
            code: '350128',
            name: '白礁县',
            polygons: [
              '26.00,119.20 26.00,119.40 26.15,119.40 26.00,119.20',
              '-16,179.5 -16,-179.5 -17,-179.5 -16,179.5',
            ],
            circles: ['26.07,119.30 5.5', '24.48,118.09 0'],
            geocodes: [{ name: 'SAME <&>', value: '099001' }],
          },
          { name: '只有名称' },
          { name: '只有圆', circles: ['24.48,118.09 0'] },
        ],
      },
    ],
    ['controls in what people wrote', { event: '台\u0001风', contact: '\u000b12345\ufffe' }],
  ])('keeps the schema of CAP 1.2: %s', async (name, emergency) => {
    await cap(warning(`w-${name.length}`, 'v1', emergency));
  });

  it('says how urgent and how certain it is as the press officer did, and unknown where he did not', async () => {
    const asked = await cap(warning('w-a', 'v1', { urgency: 'Expected', certainty: 'Likely' }));
    expect([said(asked.info, 'urgency'), said(asked.info, 'certainty')]).toEqual(['Expected', 'Likely']);
    const unsaid = warning('w-b', 'v1', {});
    expect([said((await cap(unsaid)).info, 'urgency')]).toEqual(['Unknown']);
    expect(channel.render(unsaid, account).warnings.map(({ field }) => field)).toEqual(
      expect.arrayContaining(['emergency.urgency', 'emergency.certainty']),
    );
  });

  it('says of a drill which one it is, and of nothing else', async () => {
    expect(said((await cap(warning('w-c', 'v1', { status: 'Exercise', note: '防台 1 号' }))).alert, 'note')).toBe(
      '防台 1 号',
    );
    expect(said((await cap(warning('w-d', 'v1', { status: 'Exercise' }))).alert, 'note')).toContain('w-d');
    expect(said((await cap(warning('w-e', 'v1', { note: '不是演练' }))).alert, 'note')).toBeUndefined();
  });

  it('keeps the last instant of a year of four digits', async () => {
    const { info } = await cap(warning('w-f', 'v1', { expires: '9999-12-31T23:59:59+08:00' }));
    expect(said(info, 'expires')).toBe('9999-12-31T23:59:59+08:00');
  });

  it('stands in the list of those in force until it is lifted or its time has passed, and nothing else does', async () => {
    const before = ground.now;
    await publish(warning('w-h', 'v1', { expires: at(1) }));
    await publish(warning('w-i', 'v1', { expires: undefined }));
    const listed = async () => {
      const text = await read('warnings.xml');
      expect([...brokenInAtom(text)]).toEqual([]);
      const [feed] = children(parsed(text), 'feed');
      return children(feed ?? {}, 'entry')
        .map((entry) => textOf(children(entry, 'id')[0]).split('/').at(-1) ?? '')
        .filter((id) => ['w-h', 'w-i', 'r0'].includes(id));
    };
    expect((await listed()).sort()).toEqual(['w-h', 'w-i']);
    const [feed] = children(parsed(await read('warnings.xml')), 'feed');
    for (const entry of children(feed ?? {}, 'entry')) {
      const link = children(entry, 'link').find((one) => one['@type'] === 'application/cap+xml');
      expect((await request(String(link?.['@href']))).headers['content-type']).toContain('application/cap+xml');
    }
    ground.now = new Date(before.getTime() + hour);
    expect(await listed()).toEqual(['w-i']);
    await publish(warning('w-i', 'v2', { msgType: 'Cancel', onset: undefined, expires: undefined }));
    expect(await listed()).toEqual([]);
    ground.now = before;
  });

  it('would not pass by chance: the schema refuses what the standard refuses', async () => {
    const { text } = await cap(warning('w-j', 'v1', {}));
    for (const [from, to] of [
      [/<urgency>\w+/, '<urgency>Soon'],
      [/<severity>\w+<\/severity>/, ''],
      [/\+08:00<\/sent>/, 'Z</sent>'],
      [/<sender>/, '<sender>a b,'],
      [/(<status>\w+<\/status>)\n(<msgType>\w+<\/msgType>)/, '$2$1'],
    ] as const)
      expect({ to, faults: await faultsOf('cap.xml', text.replace(from, to), schema) }).not.toEqual({ to, faults: [] });
  });
});
