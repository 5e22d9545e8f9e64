/** What the public sees of a warning from its alert to its lifting, and when its time has passed. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { load } from 'cheerio';
import { request } from 'undici';
import type { ReleaseContent } from '../../channel.js';
import { emergencySchema, withDrill, type Emergency } from '../../emergency.js';
import { channel } from '../adapter.js';
import { accountOf, builtinSettings, openGround, releaseOf, type Ground } from '../fixtures/ground.js';

const account = accountOf(builtinSettings);
let ground: Ground;

beforeEach(async () => {
  ground = await openGround();
});
afterEach(async () => {
  await ground.close();
});

/** `at`: hours of Beijing on 24 November 2026. */
const clock = (at: number) => new Date(Date.parse('2026-11-24T00:00:00+08:00') + at * 3_600_000);

function warning(release: string, revision: string, title: string, emergency: Partial<Emergency>): ReleaseContent {
  const block = emergencySchema.parse({
    level: 'red',
    category: 'Met',
    event: '台风',
    areas: [{ code: '350100', name: '福州市' }],
    onset: clock(8).toISOString(),
    expires: clock(20).toISOString(),
    instruction: '停止户外活动。',
    ...emergency,
  });
  return releaseOf({
    release,
    revision,
    kind: 'emergency',
    columns: ['应急信息'],
    title: withDrill(title, block, 'zh-Hans'),
    body: `<p>${title}。</p>`,
    signedAt: ground.now,
    emergency: block,
  });
}

async function publish(
  at: number,
  release: ReleaseContent,
  key = `${release.release}-${release.revision}`,
): Promise<void> {
  ground.now = clock(at);
  const signed = { ...release, signedAt: ground.now };
  await channel.publish(account, channel.render(signed, account), ground.publishCall(key, signed));
}

async function page(path: string): Promise<string> {
  return (await request(`${ground.hubUrl}/sites/example/${path}`)).body.text();
}

/** In words: the lines on top of the home page, the heads of the article's page, the lines of its column. */
async function seen(id: string): Promise<{ home: string[]; page: string[]; list: string[] }> {
  const text = (html: string, which: string) => {
    const $ = load(html);
    return $(which)
      .toArray()
      .map((element) => $(element).text().replace(/\s+/g, ' ').trim());
  };
  return {
    home: text(await page(''), '.alert'),
    page: text(await page(`articles/${id}`), 'h1, .notice, .warning .level'),
    list: text(await page('columns/emergency/'), 'main .list li'),
  };
}

interface Cap {
  identifier: string;
  msgType: string;
  sent: string;
  references?: string;
  info: { responseType?: string; urgency: string };
}

const capOrder = ['identifier', 'sender', 'sent', 'status', 'msgType', 'scope', 'references', 'info'];

/** The message of an article; fails where it is not one of CAP 1.2. */
async function cap(id: string): Promise<Cap> {
  const xml = await page(`articles/${id}/cap.xml`);
  expect(XMLValidator.validate(xml)).toBe(true);
  const { alert } = new XMLParser({ parseTagValue: false, ignoreAttributes: true }).parse(xml) as { alert: Cap };
  expect(capOrder.filter((tag) => tag in alert)).toEqual(Object.keys(alert));
  for (const part of alert.references?.split(' ') ?? [])
    expect(part).toMatch(/^[^\s,&<]+,[^\s,&<]+,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/);
  return alert;
}

describe('a warning of one release', () => {
  const alert = () => warning('w1', 'v1', '台风红色预警', {});
  const update = () => warning('w1', 'v2', '台风红色预警继续', { msgType: 'Update', expires: clock(30).toISOString() });
  const cancel = () =>
    warning('w1', 'v3', '台风红色预警解除', { msgType: 'Cancel', onset: undefined, expires: undefined });

  it('tells programs what a loudspeaker is to read, of a drill as a drill', async () => {
    const spoken = '请注意，福州市有台风。';
    await publish(8, warning('w2', 'v1', '台风红色预警', { spoken }));
    await publish(8, warning('w3', 'v1', '台风红色预警', { spoken, status: 'Exercise' }));
    const told = async (id: string) => (await page(`articles/${id}/cap.xml`)).match(/口播稿<[^]*?<value>([^<]*)/)?.[1];
    await cap('w2');
    expect([await told('w2'), await told('w3')]).toEqual([spoken, `演练：${spoken}（演练）`]);
  });

  it('is one page from alert to update to lifting, and each says what is in force', async () => {
    await publish(8, alert());
    expect(await seen('w1')).toEqual({
      home: ['应急信息 台风红色预警 2026-11-24 有效至 2026-11-24 20:00'],
      page: ['台风红色预警', '台风红色预警（Ⅰ级·特别重大）'],
      list: ['台风红色预警 2026-11-24'],
    });
    expect(await cap('w1')).toMatchObject({ identifier: 'v1', msgType: 'Alert', sent: '2026-11-24T08:00:00+08:00' });
    expect(await cap('w1')).not.toHaveProperty('references');

    await publish(12, update());
    expect(await seen('w1')).toEqual({
      home: ['应急信息 台风红色预警继续 2026-11-24 有效至 2026-11-25 06:00'],
      page: [
        '台风红色预警继续',
        '本文已于 2026-11-24 12:00 更新，以当前内容为准。',
        '台风红色预警更新（Ⅰ级·特别重大）',
      ],
      list: ['台风红色预警继续 2026-11-24'],
    });
    expect(await cap('w1')).toMatchObject({
      identifier: 'v2',
      msgType: 'Update',
      references: 'www.example.gov.cn,v1,2026-11-24T08:00:00+08:00',
    });

    await publish(16, cancel());
    expect(await seen('w1')).toEqual({
      home: ['应急信息 台风红色预警解除 已解除 2026-11-24'],
      page: [
        '台风红色预警解除',
        '本文已于 2026-11-24 16:00 更新，以当前内容为准。',
        '已解除 本预警已于 2026-11-24 16:00 解除，不再生效。',
        '台风红色预警解除（Ⅰ级·特别重大）',
      ],
      list: ['台风红色预警解除 已解除 2026-11-24'],
    });
    expect(load(await page('articles/w1'))('.warning .level').attr('class')).toBe('level over');
    expect(await cap('w1')).toMatchObject({
      identifier: 'v3',
      msgType: 'Cancel',
      references: 'www.example.gov.cn,v1,2026-11-24T08:00:00+08:00 www.example.gov.cn,v2,2026-11-24T12:00:00+08:00',
      info: { responseType: 'AllClear', urgency: 'Past' },
    });
  });

  it('leaves the home page a day after it was lifted, with nothing published meanwhile', async () => {
    await publish(8, alert());
    await publish(16, cancel());
    ground.now = clock(39.9);
    expect((await seen('w1')).home).toHaveLength(1);
    ground.now = clock(40);
    expect((await seen('w1')).home).toEqual([]);
    expect((await seen('w1')).list).toEqual(['台风红色预警解除 已解除 2026-11-24']);
  });

  it('expires by the clock on every page, with nothing published meanwhile', async () => {
    await publish(8, alert());
    await publish(9, releaseOf());
    ground.now = clock(19.99);
    expect((await seen('w1')).home).toHaveLength(1);
    expect(await page('articles/w1')).not.toContain('已失效');
    ground.now = clock(20);
    expect(await seen('w1')).toEqual({
      home: [],
      page: ['台风红色预警', '已失效 本预警已于 2026-11-24 20:00 到期，不再生效。', '台风红色预警（Ⅰ级·特别重大）'],
      list: ['台风红色预警 已失效 2026-11-24'],
    });
    expect(load(await page('search?q=台风'))('.hits .state').text()).toBe('已失效');
    expect(await cap('w1')).toMatchObject({ identifier: 'v1', msgType: 'Alert' });
    await publish(21, update());
    expect((await seen('w1')).home).toHaveLength(1);
    expect((await seen('w1')).list).toEqual(['台风红色预警继续 2026-11-24']);
  });

  it.each(['articles/w1', 'columns/emergency/', ''])(
    'is drawn anew for the first reader after it has expired, whatever he reads: /%s',
    async (path) => {
      await publish(8, alert());
      ground.now = clock(20);
      const [html, again] = [await page(path), await page(path)];
      expect(html).toBe(again);
      if (path) expect(html).toContain('已失效');
      else expect(load(html)('.alert').length).toBe(0);
    },
  );

  it('is drawn anew by the daily check where another web server shows the site', async () => {
    await publish(8, alert());
    ground.now = clock(20);
    await channel.prepare?.(account, ground.call());
    const before = ground.now;
    // What lies in the folder now, read by a face whose clock has not moved.
    ground.now = clock(8);
    expect((await seen('w1')).home).toEqual([]);
    expect((await seen('w1')).list).toEqual(['台风红色预警 已失效 2026-11-24']);
    ground.now = before;
  });

  it('shows the pages as they are where they cannot be drawn, and draws them when it can be done', async () => {
    await publish(8, alert());
    ground.now = clock(20);
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation();
    const lock = ground.memory.lock;
    ground.memory.lock = () => Promise.reject(new Error('Redis is away'));
    expect((await seen('w1')).home).toEqual(['应急信息 台风红色预警 2026-11-24 有效至 2026-11-24 20:00']);
    expect(warned).toHaveBeenCalledTimes(1);
    ground.memory.lock = lock;
    warned.mockRestore();
    await channel.prepare?.(account, ground.call());
    expect((await seen('w1')).home).toEqual([]);
  });
});

describe('several warnings', () => {
  const typhoon = () => warning('w1', 'v1', '台风红色预警', {});
  const rain = (more: Partial<Emergency> = {}, revision = 'v1', title = '暴雨黄色预警') =>
    warning('w2', revision, title, { event: '暴雨', level: 'yellow', ...more });

  it('stand together, the gravest first, and the lifting of one takes no other’s place', async () => {
    await publish(8, typhoon());
    await publish(9, rain());
    await publish(10, rain({ msgType: 'Cancel' }, 'v2', '暴雨黄色预警解除'));
    expect((await seen('w1')).home).toEqual([
      '应急信息 台风红色预警 2026-11-24 有效至 2026-11-24 20:00',
      '应急信息 暴雨黄色预警解除 已解除 2026-11-24',
    ]);
  });

  it('stand however much is published after them', async () => {
    await publish(8, typhoon());
    for (let n = 0; n < 35; n += 1) await publish(9, releaseOf({ release: `n${n}` }));
    expect((await seen('w1')).home).toHaveLength(1);
  });

  it('are lifted by a cancel of another release that means them, on their own page too', async () => {
    await publish(8, typhoon());
    await publish(9, rain());
    await publish(
      10,
      warning('w3', 'v1', '解除台风红色预警', {
        msgType: 'Cancel',
        references: [{ release: 'w1', revision: 'v1', sent: clock(8).toISOString() }],
      }),
    );
    expect((await seen('w1')).home).toEqual([
      '应急信息 暴雨黄色预警 2026-11-24 有效至 2026-11-24 20:00',
      '应急信息 解除台风红色预警 已解除 2026-11-24',
      '应急信息 台风红色预警 已解除 2026-11-24',
    ]);
    expect(await page('articles/w1')).toContain(
      '本预警已于 2026-11-24 10:00 解除（原定有效至 2026-11-24 20:00），不再生效。',
    );
    expect(load(await page('articles/w1'))('.notice.over a').attr('href')).toBe('/sites/example/articles/w3');
    expect(await cap('w3')).toMatchObject({
      msgType: 'Cancel',
      references: 'www.example.gov.cn,v1,2026-11-24T08:00:00+08:00',
    });
    await channel.withdraw(account, { id: 'w3' }, ground.publishCall('gone', typhoon()));
    expect(await page('articles/w1')).not.toContain('不再生效');
    expect((await seen('w1')).home).toHaveLength(2);
  });
});

describe('three warnings that are over', () => {
  const at = (hours: number) => ({ sent: clock(hours).toISOString(), expires: clock(20).toISOString() });

  /** Before its end: one is lifted at half time by its own all-clear, one by another's update, one runs out. */
  async function threeEnds(): Promise<void> {
    for (const id of ['lifted', 'replaced', 'expired']) await publish(8, warning(id, 'v1', `${id}预警`, {}));
    const own = [{ release: 'lifted', revision: 'v1', ...at(8) }];
    await publish(
      14,
      warning('lifted', 'v2', 'lifted预警', { msgType: 'Cancel', expires: undefined, references: own }),
    );
    const theirs = [{ release: 'replaced', revision: 'v1', ...at(8) }];
    await publish(
      15,
      warning('newer', 'v1', '新预警', { msgType: 'Update', expires: clock(30).toISOString(), references: theirs }),
    );
  }

  it('say so by three different words, with when it was and until when they were to hold, on every page and list', async () => {
    await threeEnds();
    ground.now = clock(21);
    const notes = await Promise.all(
      ['lifted', 'replaced', 'expired'].map(async (id) =>
        (await seen(id)).page.filter((line) => line.startsWith('已')),
      ),
    );
    expect(notes).toEqual([
      ['已解除 本预警已于 2026-11-24 14:00 解除（原定有效至 2026-11-24 20:00），不再生效。'],
      ['已被取代 本预警已于 2026-11-24 15:00 由新的预警取代（原定有效至 2026-11-24 20:00），不再生效。'],
      ['已失效 本预警已于 2026-11-24 20:00 到期，不再生效。'],
    ]);
    expect((await seen('newer')).list.map((line) => line.replace(/ 2026.*/, '')).sort()).toEqual(
      ['新预警', 'replaced预警 已被取代', 'lifted预警 已解除', 'expired预警 已失效'].sort(),
    );
    // What has taken its place stands there alone.
    expect((await seen('newer')).home).toEqual([
      '应急信息 新预警 2026-11-24 有效至 2026-11-25 06:00',
      '应急信息 lifted预警 已解除 2026-11-24',
    ]);
    expect(load(await page('articles/replaced'))('.notice.over a').attr('href')).toBe('/sites/example/articles/newer');
    expect(load(await page('search?q=预警'))('.hits .state').toArray().length).toBe(3);
    expect(load(await page('articles/lifted'))('.warning').text()).toContain('原定有效至');
  });

  it('stay replaced when what replaced them is lifted, and hold again when that is taken back', async () => {
    await threeEnds();
    await publish(16, warning('newer', 'v2', '新预警解除', { msgType: 'Cancel', expires: undefined }));
    expect((await seen('replaced')).page).toContainEqual(expect.stringContaining('2026-11-24 15:00 由新的预警取代'));
    await channel.withdraw(account, { id: 'newer' }, ground.publishCall('gone', warning('newer', 'v2', '新预警', {})));
    expect((await seen('replaced')).page).not.toContainEqual(expect.stringContaining('不再生效'));
  });
});

describe('the messages of a warning', () => {
  it('name the earlier ones that stood on this account and no others, and say what they are to them', async () => {
    // The first that this account ever shows is no update, whatever it was elsewhere.
    await publish(8, warning('w1', 'v2', '台风红色预警', { msgType: 'Update' }));
    expect(await cap('w1')).toMatchObject({ identifier: 'v2', msgType: 'Alert' });
    // A corrected alert is no second alert.
    await publish(9, warning('w1', 'v3', '台风红色预警（更正）', {}));
    expect(await cap('w1')).toMatchObject({
      msgType: 'Update',
      references: 'www.example.gov.cn,v2,2026-11-24T08:00:00+08:00',
    });
    // Neither what was withdrawn is forgotten, nor does a message name itself.
    await channel.withdraw(account, { id: 'w1' }, ground.publishCall('gone', releaseOf()));
    await publish(10, warning('w1', 'v3', '台风红色预警（更正）', {}), 'wanted-again');
    expect((await cap('w1')).references).toBe('www.example.gov.cn,v2,2026-11-24T08:00:00+08:00');
    await publish(11, warning('w1', 'v5', '台风红色预警解除', { msgType: 'Cancel' }));
    expect((await cap('w1')).references).toBe(
      'www.example.gov.cn,v2,2026-11-24T08:00:00+08:00 www.example.gov.cn,v3,2026-11-24T10:00:00+08:00',
    );
  });

  it('may name those of others beside them', async () => {
    await publish(8, warning('w1', 'v1', '台风红色预警', {}));
    await publish(
      9,
      warning('w1', 'v2', '台风红色预警继续', {
        msgType: 'Update',
        references: [
          { release: 'w0', revision: 'v-w0', sent: clock(7).toISOString() },
          { release: 'w1', revision: 'v0', sent: clock(6).toISOString() },
        ],
      }),
    );
    expect((await cap('w1')).references).toBe(
      'www.example.gov.cn,v1,2026-11-24T08:00:00+08:00 www.example.gov.cn,v-w0,2026-11-24T07:00:00+08:00',
    );
  });
});
