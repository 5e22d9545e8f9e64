/**
 * A warning by field, as each channel shows it: a drill, a long one over many areas, and its lifting. The files under
 * fixtures/warnings are reviewed by people; UPDATE_GOLDEN=1 writes them anew.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { bounds, render as renderApp } from '../channels/app/rendition.js';
import type { ReleaseContent } from '../channels/channel.js';
import { levelColours, levels, type Emergency } from '../channels/emergency.js';
import { channel as website } from '../channels/website/adapter.js';
import { accountOf, builtinSettings, openGround, type Ground } from '../channels/website/fixtures/ground.js';
import { profile as wechatProfile } from '../channels/wechat/fixtures/samples.js';
import { render as renderWeChat } from '../channels/wechat/rendition.js';
import { count, limit } from '../channels/weibo/counter.js';
import { profileOf as weiboProfile } from '../channels/weibo/fixtures/samples.js';
import { renderWeibo, statusOf } from '../channels/weibo/rendition.js';
import { contentOf } from '../core/releases/content.js';

const block: Emergency = {
  status: 'Exercise',
  msgType: 'Alert',
  level: 'red',
  category: 'Met',
  event: '台风',
  onset: '2026-11-24T13:00:00.000Z',
  expires: '2026-11-24T22:00:00.000Z',
  areas: [
    { code: '350100', name: '福建省福州市' },
    { code: '350900', name: '福建省宁德市' },
  ],
  responseType: 'Shelter',
  instruction: '停止一切户外集会和高空、海上作业；低洼地区居民按社区通知转移；关注官方渠道后续通报。',
  contact: '12345',
  references: [],
};
const made = {
  createdAt: new Date('2026-11-24T10:00:00Z'),
  kind: 'emergency',
  language: 'zh-Hans',
  columns: ['应急信息'],
  keywords: [],
  pictures: [],
  attachments: [],
} as const;

function releaseOf(id: string, title: string, emergency: Emergency, body: string): ReleaseContent {
  return contentOf({
    ...made,
    _id: `v-${id}`,
    release: id,
    title,
    summary: '预计未来六小时内沿海地区平均风力将达12级以上，阵风14级。',
    body,
    source: '示例省应急指挥中心',
    emergency,
    columns: [...made.columns],
    keywords: [],
    pictures: [],
    attachments: [],
  });
}

const releases = {
  drill: releaseOf(
    'drill',
    '示例省发布台风红色预警，请立即停止户外活动',
    block,
    '<p>预计未来六小时内沿海地区平均风力将达12级以上，阵风14级。</p>',
  ),
  long: releaseOf(
    'long',
    '示例省气象台、示例省应急管理厅、示例省水利厅联合发布暴雨橙色预警信号并提升防汛应急响应等级的紧急通知',
    {
      ...block,
      status: 'Actual',
      level: 'orange',
      event: '暴雨',
      areas: ['福州市', '宁德市', '莆田市', '泉州市', '三明市', '南平市', '龙岩市', '漳州市', '平潭综合实验区'].map(
        (name) => ({ name }),
      ),
      instruction:
        '立即撤离低洼易涝、地质灾害隐患点和危旧房屋，学校停课、工地停工；不要涉水行走，不要驾车进入积水路段；远离河道、边坡和广告牌；备好饮用水、手电和药品，按社区干部指引前往就近避难场所，直到解除预警。',
    },
    '<p>详情略。</p>',
  ),
  lifted: releaseOf(
    'lifted',
    '示例省解除台风红色预警',
    {
      ...block,
      msgType: 'Cancel',
      status: 'Actual',
      onset: undefined,
      expires: undefined,
      instruction: undefined,
      responseType: undefined,
      references: [{ release: 'drill', revision: 'v-drill', sent: '2026-11-24T10:00:00.000Z' }],
    },
    '<p>台风已减弱并远离沿海。</p>',
  ),
};
type Name = keyof typeof releases;
const names = Object.keys(releases) as Name[];

function kept(name: string, seen: string): void {
  const file = join(import.meta.dirname, 'fixtures/warnings', name);
  if (process.env['UPDATE_GOLDEN']) {
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, seen);
  }
  expect(seen).toBe(readFileSync(file, 'utf8'));
}

describe.each(names)('the warning “%s”', (name) => {
  const release = releases[name];

  it('is a post that keeps level, place, time, action, source and link within the length', () => {
    const { payload, warnings } = renderWeibo(release, weiboProfile());
    const status = statusOf(payload.words, payload.link ?? '', 'k1');
    expect(count(status)).toBeLessThanOrEqual(limit);
    kept(`${name}.weibo.txt`, `${status}\n\n${warnings.map(({ code, said }) => `${code}: ${said.zh}`).join('\n')}\n`);
    for (const part of [
      { red: '红色预警', orange: '橙色预警', yellow: '黄色预警', blue: '蓝色预警' }[release.emergency?.level ?? 'red'],
      release.emergency?.areas[0]?.name ?? '',
      '示例省应急指挥中心',
      'https://',
    ])
      expect(status).toContain(part);
  });

  it('is an article with the warning on top', () => {
    const { payload } = renderWeChat(release, wechatProfile);
    kept(`${name}.wechat.html`, `${payload.title}\n${payload.content}\n`);
  });

  it('is a notification that leads with level, place and action', () => {
    const { payload, preview } = renderApp(release);
    kept(`${name}.app.json`, `${JSON.stringify({ warning: payload.warning, notice: payload.notice }, undefined, 2)}\n`);
    expect([...payload.notice.text].length).toBeLessThanOrEqual(bounds.text);
    expect(preview).toContain(payload.warning?.headline);
  });
});

it('says first that a drill is one, wherever the public meets it', () => {
  const { drill } = releases;
  expect(renderWeibo(drill, weiboProfile()).payload.words).toMatch(/^【演练：/);
  expect(renderWeChat(drill, wechatProfile).payload.title).toMatch(/^演练：/);
  expect(renderApp(drill).payload.notice).toMatchObject({
    title: expect.stringMatching(/^演练：/) as string,
    text: expect.stringMatching(/^演练：/) as string,
  });
  for (const name of ['long', 'lifted'] as const)
    expect(renderWeibo(releases[name], weiboProfile()).payload.words).not.toContain('演练');
});

it.each(levels)('can be read on the ground of %s', (level) => {
  const light = (colour: string): number =>
    [1, 3, 5]
      .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, index) => sum + part * ([0.2126, 0.7152, 0.0722][index] ?? 0), 0);
  const { ground, ink } = levelColours[level];
  const [dark = 0, bright = 0] = [light(ground), light(ink)].sort((a, b) => a - b);
  expect((bright + 0.05) / (dark + 0.05)).toBeGreaterThanOrEqual(4.5);
  for (const sheet of ['website/site.css', 'wechat/article.css', 'app/article.hbs'])
    expect(readFileSync(join('templates', sheet), 'utf8')).toMatch(new RegExp(`\\.${level} \\{ background: ${ground}`));
});

describe('on a site', () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await openGround();
  });
  afterAll(() => ground.close());
  const account = accountOf(builtinSettings);

  async function publish(name: Name): Promise<{ page: string; cap: string }> {
    const release = releases[name];
    const rendition = website.render(release, account);
    const call = ground.publishCall(`k-${name}`, release);
    const published = await website.publish(account, rendition, call);
    if (published.outcome !== 'published') throw new Error(published.outcome);
    expect(await website.verify(account, published.remote, rendition, call)).toMatchObject({ outcome: 'verified' });
    const address = `${ground.hubUrl}/sites/example/articles/${release.release}`;
    const cap = await fetch(`${address}/cap.xml`);
    expect(cap.headers.get('content-type')).toBe('application/cap+xml; charset=utf-8');
    return { page: await (await fetch(address)).text(), cap: await cap.text() };
  }

  it.each(names)('“%s” has the block on top and leads machines to the message', async (name) => {
    const { page, cap } = await publish(name);
    expect(page).toContain(
      `<link rel="alternate" type="application/cap+xml" title="CAP 1.2" href="/sites/example/articles/${name}/cap.xml">`,
    );
    kept(
      `${name}.website.html`,
      `${(/<article[\s\S]*<\/article>/.exec(page)?.[0] ?? '').replace(/\d{4}-\d\d-\d\dT[\d:.]+Z|\d{4}-\d\d-\d\d \d\d:\d\d/g, 'THEN')}\n`,
    );
    kept(`${name}.cap.xml`, cap.replaceAll(ground.hubUrl, 'https://hub.example'));
  });

  it.each(names)('“%s” is a message in the order and the words of CAP 1.2', async (name) => {
    const { cap } = await publish(name);
    expect(XMLValidator.validate(cap)).toBe(true);
    const [, root] = new XMLParser({ preserveOrder: true, parseTagValue: false }).parse(cap) as [
      unknown,
      { alert: Record<string, unknown>[] },
    ];
    const tagsOf = (list: readonly Record<string, unknown>[]): string[] =>
      list.map((entry) => Object.keys(entry)[0] ?? '');
    const inOrder = (tags: string[], order: readonly string[]): void =>
      expect(tags).toEqual([...tags].sort((a, b) => order.indexOf(a) - order.indexOf(b)));
    inOrder(tagsOf(root.alert), ['identifier', 'sender', 'sent', 'status', 'msgType', 'scope', 'references', 'info']);
    const info = root.alert.at(-1)?.['info'] as Record<string, unknown>[];
    const order = [
      'language',
      'category',
      'event',
      'responseType',
      'urgency',
      'severity',
      'certainty',
      'onset',
      'expires',
      'senderName',
      'headline',
      'description',
      'instruction',
      'web',
      'contact',
      'parameter',
      'area',
    ];
    inOrder(tagsOf(info), order);
    expect(tagsOf(info)).toEqual(
      expect.arrayContaining(['language', 'category', 'event', 'urgency', 'severity', 'certainty', 'area']),
    );
    const { alert } = new XMLParser({ parseTagValue: false }).parse(cap) as {
      alert: {
        identifier: string;
        sender: string;
        sent: string;
        status: string;
        msgType: string;
        references?: string;
        info: Record<string, unknown>;
      };
    };
    expect(alert.sent).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/);
    expect(alert.sender).toMatch(/^[^\s,&<]+$/);
    expect(alert.status).toBe(name === 'drill' ? 'Exercise' : 'Actual');
    if (name === 'lifted')
      expect(alert).toMatchObject({
        msgType: 'Cancel',
        references: 'www.example.gov.cn,v-drill,2026-11-24T18:00:00+08:00',
        info: { responseType: 'AllClear', urgency: 'Past' },
      });
    else expect(alert.references).toBeUndefined();
  });

  it('takes the message away with the page', async () => {
    await publish('drill');
    const address = `${ground.hubUrl}/sites/example/articles/drill`;
    await website.withdraw(account, { id: 'drill', url: address }, ground.publishCall('k-drill-w', releases.drill));
    expect([(await fetch(address)).status, (await fetch(`${address}/cap.xml`)).status]).toEqual([410, 410]);
  });
});
