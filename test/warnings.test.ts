/**
 * One warning is one release: Alert, Update and Cancel, sent through the whole hub to every channel's sandbox, and what
 * the public then reads there. The files under fixtures/warnings are reviewed by people; UPDATE_GOLDEN=1 writes them anew.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { draftOf } from '../core/alerts/draft.js';
import { readAlert } from '../core/alerts/read.js';
import { bounds, render as renderApp } from '../channels/app/rendition.js';
import type { ReleaseContent } from '../channels/channel.js';
import { emergencySchema, levelColours, levels, type Emergency } from '../channels/emergency.js';
import { builtinSettings } from '../channels/website/fixtures/ground.js';
import { profile as wechatProfile } from '../channels/wechat/fixtures/samples.js';
import { render as renderWeChat } from '../channels/wechat/rendition.js';
import { count, limit } from '../channels/weibo/counter.js';
import { profileOf as weiboProfile } from '../channels/weibo/fixtures/samples.js';
import { renderWeibo, statusOf } from '../channels/weibo/rendition.js';
import type { Placement } from '../core/model/placement.js';
import { composeContent } from '../core/releases/compose.js';
import { contentOf } from '../core/releases/content.js';
import { releaseInput } from '../core/releases/input.js';
import { createRelease, updateRelease } from '../core/releases/revisions.js';
import { loadChannels } from '../channels/registry.js';
import { Desk } from './support/desk.js';

jest.setTimeout(120_000);

const messages = ['alert', 'update', 'cancel'] as const;
type Message = (typeof messages)[number];

const common = {
  category: 'Met',
  event: '台风',
  areas: [
    { code: '350100', name: '福建省福州市' },
    { code: '350900', name: '福建省宁德市' },
  ],
  contact: '12345',
} as const;
const said: Record<Message, { title: string; body: string; emergency: object }> = {
  alert: {
    title: '示例省发布台风橙色预警，请停止户外活动',
    body: '预计未来六小时内沿海地区平均风力将达10级以上，阵风12级。',
    emergency: {
      ...common,
      level: 'orange',
      onset: '2026-11-24T13:00:00.000Z',
      expires: '2099-11-24T22:00:00.000Z',
      responseType: 'Shelter',
      instruction: '停止一切户外集会和高空、海上作业。',
    },
  },
  update: {
    title: '示例省将台风预警提升为红色，请立即转移',
    body: '预计未来六小时内沿海地区平均风力将达12级以上，阵风14级。',
    emergency: {
      ...common,
      msgType: 'Update',
      level: 'red',
      onset: '2026-11-24T16:00:00.000Z',
      expires: '2099-11-24T22:00:00.000Z',
      responseType: 'Evacuate',
      instruction: '低洼地区居民按社区通知转移，关注官方渠道后续通报。',
    },
  },
  cancel: {
    title: '示例省解除台风红色预警',
    body: '台风已减弱并远离沿海。',
    emergency: { ...common, msgType: 'Cancel', level: 'red' },
  },
};

function kept(name: string, seen: string): void {
  const file = join(import.meta.dirname, 'fixtures/warnings', name);
  if (process.env['UPDATE_GOLDEN']) {
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, seen);
  }
  expect(seen).toBe(readFileSync(file, 'utf8'));
}

/** The next message of the warning, or its first, signed. */
async function write(
  desk: Desk,
  message: Message,
  of?: string,
  references: Emergency['references'] = [],
): Promise<string> {
  const { store } = desk.hub;
  const { title, body, emergency } = said[message];
  const input = releaseInput.parse({
    title,
    kind: 'emergency',
    source: '示例省应急指挥中心',
    columns: ['应急信息'],
    body: { format: 'text', content: body },
    emergency: { ...emergency, references },
  });
  const before = of === undefined ? undefined : await store.releases.findById(of).lean();
  const { content } = await composeContent(store, input, undefined, before ? { release: before._id } : undefined);
  const { release, revision } = before
    ? await updateRelease(store, before._id, before.revision, content, { by: { person: 'u1' } })
    : await createRelease(store, content, { by: { person: 'u1' } });
  await desk.orders.sign(release._id, revision._id, 'u1');
  return release._id;
}

describe('a warning, its update and its lifting, as one release', () => {
  let desk: Desk;
  let release = '';
  const accounts = new Map<string, string>();
  /** What stands after each message. */
  const rows = new Map<Message, Placement[]>();
  /** The message for machines after each, as our own reader reads it. */
  const messagesRead = new Map<Message, ReturnType<typeof readAlert>>();
  /** What the public reads after each message, by the name of its file. */
  const seen = new Map<string, string>();

  beforeAll(async () => {
    desk = await Desk.open();
    accounts.set('website', await desk.connect('website', 0, '沿海', builtinSettings));
    for (const [name, n] of [
      ['cms', 1],
      ['taken', 2],
    ] as const)
      accounts.set(name, await desk.connect('website', n, '沿海'));
    for (const channel of ['wechat', 'weibo', 'app']) accounts.set(channel, await desk.connect(channel, 0, '沿海'));
    accounts.set('inland', await desk.connect('weibo', 1, '内陆'));
    for (const message of messages) {
      release = await write(desk, message, release || undefined);
      // The lifting is ordered to everybody, and goes only where the warning stands.
      await desk.order(release, message === 'cancel' ? {} : { tags: ['沿海'] });
      rows.set(message, await desk.verified(release, message === 'cancel' ? 5 : 6));
      await draw(message);
      if (message === 'update') await takeAway('taken');
    }
  });
  afterAll(() => desk.close());

  async function takeAway(account: string): Promise<void> {
    const audience = { accounts: [accounts.get(account) ?? ''] };
    await desk.orders.withdraw({ release, audience, reason: '该站不发', by: 'u1' });
    await desk.until('it is taken back', async () =>
      (await desk.rows(release)).some(({ state }) => state === 'withdrawn'),
    );
  }

  const standingOf = (message: Message, account: string): Placement['standing'] =>
    rows.get(message)?.find((row) => row.account === accounts.get(account))?.standing ?? [];

  async function draw(message: Message): Promise<void> {
    const revisions = await desk.hub.store.revisions.find({ release }).sort({ number: 1 }).lean();
    const steady = (text: string): string => {
      let same = text.replaceAll(desk.hub.config.url, 'https://hub.example').replaceAll(release, 'RELEASE');
      for (const [n, { _id }] of revisions.entries()) same = same.replaceAll(_id, `REVISION-${n + 1}`);
      for (const [name, { url }] of desk.sandboxes) same = same.replaceAll(url, `https://${name}.example`);
      return same
        .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'ITEM')
        .replace(/\b(lf|lianfa)(=|&#x3D;|&amp;#x3D;)[0-9a-f]+/g, '$1$2MARK')
        .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|\+08:00)?/g, (time, _s, _f, zone?: string) =>
          Math.abs(Date.parse(zone ? time : `${time.replace(' ', 'T')}+08:00`) - Date.now()) < 3_600_000
            ? 'THEN'
            : time,
        );
    };
    const page = async (account: string, part: RegExp): Promise<string> => {
      const text = await (await fetch(standingOf(message, account)[0]?.remote.url ?? '')).text();
      return `${steady(part.exec(text)?.[0] ?? text)}\n`;
    };
    seen.set(`${message}.website.html`, await page('website', /<article[\s\S]*<\/article>/));
    seen.set(`${message}.cms.html`, await page('cms', /<article[\s\S]*<\/article>/));
    seen.set(`${message}.wechat.html`, await page('wechat', /<h1[\s\S]*(?=<\/div>\s*<\/div>)/));
    seen.set(`${message}.weibo.html`, await page('weibo', /<p class="words">[\s\S]*?<\/p>/));
    const { items } = (await (await fetch(`${desk.hub.config.url}/feeds/app-1/feed.json`)).json()) as {
      items: object[];
    };
    seen.set(`${message}.app.json`, `${steady(JSON.stringify(items, undefined, 2))}\n`);
    seen.set(`${message}.phone.html`, await phone(steady));
    const cap = await fetch(`${standingOf(message, 'website')[0]?.remote.url ?? ''}/cap.xml`);
    expect(cap.headers.get('content-type')).toBe('application/cap+xml; charset=utf-8');
    const text = await cap.text();
    messagesRead.set(message, readAlert(Buffer.from(text)));
    seen.set(`${message}.cap.xml`, steady(text));
  }

  async function phone(steady: (text: string) => string): Promise<string> {
    const text = await (await fetch(desk.sandbox('app').url)).text();
    const notices = [...text.matchAll(/<article[\s\S]*?<\/article>/g)].map(([notice]) => notice);
    return `${steady(notices.join('\n')).replace(/\d\d:\d\d:\d\d UTC/g, 'THEN')}\n`;
  }

  it.each(messages)('shows after the %s what people have agreed to', (message) => {
    const names = [...seen.keys()].filter((name) => name.startsWith(message));
    expect(names).toHaveLength(7);
    for (const name of names) kept(name, seen.get(name) ?? '');
  });

  it('stands once on every account at any time, the last word alone', async () => {
    const { store } = desk.hub;
    const revisions = await store.revisions.find({ release }).sort({ number: 1 }).lean();
    messages.forEach((message, n) => {
      for (const account of ['website', 'cms', 'wechat', 'weibo', 'app'])
        expect(standingOf(message, account).map(({ revision }) => revision)).toEqual([revisions[n]?._id]);
    });
    const newestOf = async (channel: string): Promise<string> => (await fetch(desk.sandbox(channel).url)).text();
    expect(await newestOf('wechat')).toContain('公众现在能看到 1 篇文章');
    expect((await newestOf('weibo')).match(/<article>/g)).toHaveLength(1);
    const sites = await (await fetch(`${desk.sandbox('website').url}/sites/1/`)).text();
    expect(sites.match(/解除台风红色预警/g)).toHaveLength(1);
    for (const gone of ['橙色预警', '提升为红色']) expect(sites).not.toContain(gone);
    expect(JSON.parse(seen.get('cancel.app.json') ?? '')).toHaveLength(1);
  });

  it('keeps its address where a channel can change what stands, and posts anew where it cannot', () => {
    const addresses = (account: string): number =>
      new Set(messages.map((message) => standingOf(message, account)[0]?.remote.url)).size;
    expect(['website', 'cms', 'app'].map(addresses)).toEqual([1, 1, 1]);
    expect(['wechat', 'weibo'].map(addresses)).toEqual([3, 3]);
    expect(
      desk
        .sandbox('website')
        .accepted()
        .filter(({ account, call }) => account === '1' && call === 'create'),
    ).toHaveLength(1);
  });

  it('lifts only what stands: no post where the warning never was, and none where it was taken back', async () => {
    const all = await desk.rows(release);
    expect(all.some((row) => row.account === accounts.get('inland'))).toBe(false);
    expect(
      desk
        .sandbox('weibo')
        .accepted()
        .map(({ account }) => account),
    ).not.toContain((await desk.hub.store.accounts.findById(accounts.get('inland')).lean())?.settings['uid']);
    expect(all.find((row) => row.account === accounts.get('taken'))).toMatchObject({
      state: 'withdrawn',
      standing: [],
    });
    expect((await fetch(standingOf('update', 'taken')[0]?.remote.url ?? '')).status).toBe(410);
  });

  it('refers to itself: each message to the signed one before it', async () => {
    const [alert, update, cancel] = await desk.hub.store.revisions.find({ release }).sort({ number: 1 }).lean();
    const refersTo = (row: typeof alert): object => ({
      release,
      revision: row?._id,
      sent: row?.signed?.at.toISOString(),
      expires: row?.emergency?.expires,
    });
    expect(alert?.emergency?.references).toEqual([]);
    expect(update?.emergency?.references).toEqual([refersTo(alert)]);
    expect(cancel?.emergency?.references).toEqual([refersTo(update)]);
  });

  it.each(messages)('is to machines, after the %s, a message in the order and the words of CAP 1.2', (message) => {
    const cap = seen.get(`${message}.cap.xml`) ?? '';
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
    inOrder(tagsOf(info), capInfo);
    expect(tagsOf(info)).toEqual(
      expect.arrayContaining(['language', 'category', 'event', 'urgency', 'severity', 'certainty', 'area']),
    );
    const { alert } = new XMLParser({ parseTagValue: false }).parse(cap) as { alert: Record<string, unknown> };
    expect(alert['sender']).toMatch(/^[^\s,&<]+$/);
    expect(alert).toMatchObject(
      {
        alert: { msgType: 'Alert', status: 'Actual' },
        update: { msgType: 'Update', references: 'www.example.gov.cn,REVISION-1,THEN' },
        cancel: {
          msgType: 'Cancel',
          references: expect.stringContaining('www.example.gov.cn,REVISION-2,THEN') as string,
          info: { responseType: 'AllClear', urgency: 'Past' },
        },
      }[message],
    );
  });

  it.each(messages)('is read, after the %s, by our own reader to the same meaning', async (message) => {
    const read = messagesRead.get(message);
    if (!read || 'fault' in read) throw new Error(read ? `${read.fault.line} ${read.fault.reason.en}` : 'no message');
    const [revision] = (await desk.hub.store.revisions.find({ release }).sort({ number: 1 }).lean()).slice(
      messages.indexOf(message),
    );
    const { emergency } = revision ?? {};
    const before = { emergency, signed: true };
    const { input, remarks } = draftOf(read.alert, '示例', message === 'alert' ? undefined : before);
    const { references: _ours, ...back } = input.emergency ?? { references: [] };
    const { references: _theirs, ...said } = emergency ?? { references: [] };
    expect(back).toMatchObject({ ...said, ...(message === 'cancel' && { responseType: 'AllClear' }) });
    expect([input.title, input.source]).toEqual([revision?.title, revision?.source]);
    expect(read.alert.references).toHaveLength(messages.indexOf(message));
    expect(remarks.some(({ is }) => is === 'flag')).toBe(false);
  });

  it('keeps its identifier, sender and time in every outlet, whatever is saved after it was signed and however often pages are written anew', async () => {
    const address = standingOf('cancel', 'website')[0]?.remote.url ?? '';
    const site = address.replace(/articles\/.*$/, '');
    const { store, config } = desk.hub;
    const identities = async (): Promise<Record<string, string | undefined>> => {
      const cap = await (await fetch(`${address}/cap.xml`)).text();
      const atom = await (await fetch(`${site}atom.xml`)).text();
      const { items } = (await (await fetch(`${config.url}/feeds/app-1/feed.json`)).json()) as { items: object[] };
      const of = (all: readonly string[]): string | undefined => all.find((one) => one.includes(release));
      return {
        cap: /<identifier>[\s\S]*<\/sent>/.exec(cap)?.[0],
        site: of(atom.match(/<entry>[\s\S]*?<\/entry>/g) ?? []),
        // An item of the app has a name of its own.
        app: items.map((item) => JSON.stringify(item)).find((item) => item.includes(said.cancel.title)),
      };
    };
    const before = await identities();
    expect(Object.values(before)).not.toContain(undefined);
    const row = await store.releases.findById(release).lean();
    const signed = await store.revisions.findById(row?.revision ?? '').lean();
    expect(before['cap']).toContain(`<identifier>${signed?._id ?? ''}</identifier>`);
    // A later save, nobody has signed it; and other pages that are written, with the lists of this one.
    const input = releaseInput.parse({
      title: '改过的标题',
      kind: 'emergency',
      source: '另一单位',
      body: { format: 'text', content: '改过的文字' },
      emergency: { ...said.cancel.emergency, references: [] },
    });
    const { content } = await composeContent(store, input, undefined, { release });
    await updateRelease(store, release, row?.revision ?? '', content, { by: { person: 'u1' } });
    const other = await write(desk, 'alert');
    await desk.order(other, { accounts: ['website', 'app'].map((name) => accounts.get(name) ?? '') });
    await desk.verified(other, 2);
    expect(await identities()).toEqual(before);
  });

  it("lifts another's warning, too, that it refers to: a post of its own, and the other page says so", async () => {
    const here = { accounts: [accounts.get('website') ?? ''] };
    const theirs = await write(desk, 'alert');
    await desk.order(theirs, here);
    await desk.verified(theirs, 1);
    const ours = await write(desk, 'cancel', undefined, [{ release: theirs }]);
    const [lifting] = await desk.hub.store.revisions.find({ release: ours }).lean();
    const [lifted] = await desk.hub.store.revisions.find({ release: theirs }).lean();
    expect(lifting?.emergency?.references).toEqual([
      {
        ...{ release: theirs, revision: lifted?._id, sent: lifted?.signed?.at.toISOString() },
        expires: '2099-11-24T22:00:00.000Z',
      },
    ]);
    await desk.order(ours, here);
    const [row] = await desk.verified(ours, 1);
    const address = row?.standing[0]?.remote.url ?? '';
    expect(await (await fetch(`${address}/cap.xml`)).text()).toContain(`,${lifted?._id ?? ''},`);
    expect(await (await fetch(address.replace(ours, theirs))).text()).toMatch(
      /本预警已于 [\d-]+ [\d:]+ 解除（原定有效至 2099-11-25 06:00）/,
    );
  });

  it('takes the message for machines away with the page', async () => {
    await desk.orders.withdraw({ release, reason: '测试结束', by: 'u1' });
    await desk.until('all is taken back', async () =>
      (await desk.rows(release)).every(({ state }) => state === 'withdrawn'),
    );
    const address = standingOf('cancel', 'website')[0]?.remote.url ?? '';
    expect([(await fetch(address)).status, (await fetch(`${address}/cap.xml`)).status]).toEqual([410, 410]);
  });
});

const capInfo = [
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

function rendered(title: string, given: object): ReleaseContent {
  return contentOf({
    _id: 'v1',
    release: 'r1',
    createdAt: new Date('2026-11-24T10:00:00Z'),
    kind: 'emergency',
    language: 'zh-Hans',
    title,
    summary: '',
    body: '<p>详情略。</p>',
    source: '示例省应急指挥中心',
    columns: ['应急信息'],
    keywords: [],
    pictures: [],
    attachments: [],
    emergency: emergencySchema.parse({ ...said.alert.emergency, ...given }),
  });
}

it('keeps level, place, action, source and link of the longest warning within the length of a post', () => {
  const release = rendered(
    '示例省气象台、示例省应急管理厅、示例省水利厅联合发布暴雨橙色预警信号并提升防汛应急响应等级的紧急通知',
    {
      event: '暴雨',
      areas: ['福州市', '宁德市', '莆田市', '泉州市', '三明市', '南平市', '龙岩市', '漳州市', '平潭综合实验区'].map(
        (name) => ({ name }),
      ),
      instruction:
        '立即撤离低洼易涝、地质灾害隐患点和危旧房屋，学校停课、工地停工；不要涉水行走，不要驾车进入积水路段；远离河道、边坡和广告牌；备好饮用水、手电和药品，按社区干部指引前往就近避难场所，直到解除预警。',
    },
  );
  const { payload, warnings } = renderWeibo(release, weiboProfile());
  const status = statusOf(payload.words, payload.link ?? '', 'k1');
  expect(count(status)).toBeLessThanOrEqual(limit);
  for (const part of ['橙色预警', '福州市', '立即撤离', '示例省应急指挥中心', 'https://'])
    expect(status).toContain(part);
  kept(
    'long.weibo.txt',
    `${status}\n\n${warnings.map(({ code, said: words }) => `${code}: ${words.zh}`).join('\n')}\n`,
  );
  expect([...renderApp(release).payload.notice.text].length).toBeLessThanOrEqual(bounds.text);
});

it('says first that a drill is one, wherever the public meets it', () => {
  const drill = rendered(said.alert.title, { status: 'Exercise' });
  expect(renderWeibo(drill, weiboProfile()).payload.words).toMatch(/^【演练：/);
  expect(renderWeChat(drill, wechatProfile).payload.title).toMatch(/^演练：/);
  expect(renderApp(drill).payload.notice).toMatchObject({
    title: expect.stringMatching(/^演练：/) as string,
    text: expect.stringMatching(/^演练：/) as string,
  });
  expect(renderWeibo(rendered(said.alert.title, {}), weiboProfile()).payload.words).not.toContain('演练');
});

it('takes a short text of its own word by word for a post and a notification, and says of a drill that it is one', () => {
  const short = '福州市今天22时至明天6时有台风。留在室内，不要外出。';
  const real = rendered(said.alert.title, { short });
  expect(renderWeibo(real, weiboProfile()).payload.words).toContain(`】${short}`);
  expect(renderWeibo(real, weiboProfile()).payload.words).not.toContain('停止一切户外集会');
  expect(renderApp(real).payload.notice.text).toMatch(short);
  const drill = rendered(said.alert.title, { short, status: 'Exercise' });
  expect(renderWeibo(drill, weiboProfile()).payload.words).toMatch(/^【演练：.*（演练）$/);
  expect(renderApp(drill).payload.notice.text).toMatch(/^演练：.*（演练）$/);
  // Too long for a post it gives way to level, place and action, which are never lost.
  const long = rendered(said.alert.title, { short: '台风。'.repeat(90) });
  expect(renderWeibo(long, weiboProfile()).payload.words).toContain('停止一切户外集会');
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

it('says of a drill before and after the text that it is one, on every channel, and gives it an identity of its own', async () => {
  const channels = await loadChannels(['channels']);
  const drill = rendered(said.alert.title, { status: 'Exercise' });
  const real = rendered(said.alert.title, {});
  expect([...channels.keys()].length).toBeGreaterThan(3);
  for (const channel of channels.values()) {
    const sandbox = channel.sandbox();
    sandbox.open({ url: 'https://specimen.example', accepted: () => undefined, now: () => new Date() });
    const settings = channel.accountSchema.settings.parse(sandbox.account(0).settings);
    const profile = { id: 'specimen', name: '示例账号', organization: '示例单位', region: '000000', settings };
    const shown = JSON.stringify(channel.render(drill, profile).payload);
    expect([channel.name, shown.split('演练').length > 2]).toEqual([channel.name, true]);
    expect([channel.name, JSON.stringify(channel.render(real, profile).payload).includes('演练')]).toEqual([
      channel.name,
      false,
    ]);
    await sandbox.close?.();
  }
  expect(renderWeibo(drill, weiboProfile()).payload.words).toMatch(/^【演练：.*（演练）$/);
  expect(drill.body).toMatch(/^<p><strong>【演练】.*【演练】[^<]*<\/strong><\/p>$/);
  const { notice } = renderApp(drill).payload;
  expect(notice.text).toMatch(/^演练：.*（演练）$/);
});
