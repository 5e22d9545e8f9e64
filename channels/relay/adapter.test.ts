/** What is asked of a person who relays by hand, and what is believed of what they did. */
import type { Account, ReleaseContent, Remote, StepCall } from '../channel.js';
import { startSandbox, type RunningSandbox } from '../sandbox.js';
import { byHand } from '../../test/support/by-hand.js';
import { openGround, specimenRelease, type TestGround } from '../../test/support/call.js';
import { channel } from './adapter.js';

let site: RunningSandbox;
let ground: TestGround;
beforeAll(async () => {
  site = await startSandbox(channel.sandbox());
  ground = await openGround(channel as never, [site.url]);
});
afterAll(async () => {
  await ground.close();
  await site.close();
});

type Settings = Parameters<typeof channel.identity>[0];
type Whose = Account<Settings, Record<string, never>>;

function accountOf(n: number, change: Partial<Settings> = {}): Whose {
  const ready = site.account(n);
  const settings = channel.accountSchema.settings.parse({ ...ready.settings, ...change });
  return { id: `a${n}`, name: ready.name, organization: '示例县', region: '350101', settings, credentials: {} };
}

function errand(account: Whose, release: ReleaseContent, step: Partial<StepCall> = {}) {
  const call = { ...ground.callFor(step.key ?? `${release.release}-${account.id}-1`, release, step), ...step };
  return { account, call, rendition: channel.render(release, account) };
}
type Errand = ReturnType<typeof errand>;
const publish = ({ account, rendition, call }: Errand) => channel.publish(account, rendition, call);
const verify = ({ account, rendition, call }: Errand, remote: Remote) =>
  channel.verify(account, remote, rendition, call);
async function handed(one: Errand): Promise<Remote> {
  const { remote } = await byHand(site, one, await publish(one));
  if (!remote) throw new Error('nothing was put there');
  return remote;
}
const hand = (body: object) => fetch(`${site.controlUrl}/hand`, { method: 'POST', body: JSON.stringify(body) });

const warning = (change: Partial<NonNullable<ReleaseContent['emergency']>> = {}): ReleaseContent => ({
  ...specimenRelease('台风', 1),
  kind: 'emergency',
  title: '台风红色预警',
  emergency: {
    status: 'Actual',
    msgType: 'Alert',
    level: 'red',
    event: '台风',
    areas: [{ code: '350101', name: '示例县' }],
    instruction: '请立即转移到避险场所。',
    references: [],
    expires: '2026-12-01T10:00:00.000Z',
    ...change,
  } as NonNullable<ReleaseContent['emergency']>,
});

it('gives title, text and pictures in the order in which they are put there', () => {
  const [first, second] = specimenRelease('甲', 2).pictures;
  const release = {
    ...specimenRelease('甲', 2),
    cover: undefined,
    body: `<h2>一</h2><p>上文<sup>2</sup>。</p><figure><img src="media:${first?.hash}"></figure><ol start="3"><li>丙</li></ol><table><tr><td>子</td><td>丑</td></tr></table>`,
  };
  const { copy } = channel.render(release, accountOf(1));
  expect(copy?.map((part) => (part.is === 'text' ? part.text : part.hash))).toEqual([
    '关于甲的通知',
    '一\n上文²。',
    first?.hash,
    '3. 丙\n子｜丑',
    second?.hash,
    '来源：示例市人民政府办公室',
  ]);
});

it('asks for one act where one text takes the place of another, names the old one, and leaves what an update goes on from', async () => {
  const account = accountOf(2);
  const old = {
    seq: 1,
    revision: 'v0',
    remote: { id: 'k1', url: 'https://site.example/1', extra: { title: '明天停课' } },
  };
  const standing = [old];
  const correction = await publish(
    errand(account, { ...specimenRelease('照常上课'), change: 'correction' }, { standing }),
  );
  expect(correction).toMatchObject({
    outcome: 'action',
    remote: { instead: [{ id: 'k1', title: '明天停课', url: 'https://site.example/1' }] },
    todo: { zh: expect.stringContaining('《明天停课》（https://site.example/1）') as string },
  });
  const update = await publish(errand(account, { ...specimenRelease('续报'), change: 'update' }, { standing }));
  expect(update.remote?.instead).toBeUndefined();
  const lifted = await publish(errand(account, warning({ msgType: 'Cancel' }), { standing }));
  expect(lifted).toMatchObject({ remote: { instead: [{ id: 'k1' }] } });
  expect(lifted.remote?.ends).toBeUndefined();
});

it('calls verified only what it has read, changed what is there in part, and of a page that says nothing says nothing', async () => {
  const one = errand(accountOf(3), specimenRelease('核验'));
  expect((await verify(one, { id: one.call.key })).outcome).toBe('pending');
  const remote = await handed(one);
  expect(await verify(one, remote)).toMatchObject({ outcome: 'verified', remote: { extra: { read: 'yes' } } });
  // By the account's own page too, under an address of its own.
  const { url: _url, ...plain } = remote;
  expect(await verify(one, plain)).toMatchObject({
    outcome: 'verified',
    remote: { url: `${site.url}/pages/3#${one.call.key}` },
  });
  const change = (html: string) => hand({ does: 'change', account: one.account.name, key: one.call.key, html });
  await change('<p>关于核验的通知</p><p>自2026年12月1日起，核验安排如下：</p><p>不同的话</p>');
  expect((await verify(one, remote)).outcome).toBe('mismatch');
  await change('<p>请在客户端打开</p>');
  expect((await verify(one, remote)).outcome).toBe('pending');
  expect((await verify(one, { ...remote, extra: { read: 'yes' } })).outcome).toBe('mismatch');
  for (const url of ['http://127.0.0.1:9/', `${site.url}/posts/none`])
    expect(['pending', 'mismatch']).toContain((await verify(one, { ...remote, url })).outcome);
  const blind = errand(accountOf(4, { address: undefined }), specimenRelease('无处可读'));
  expect((await verify(blind, { id: blind.call.key })).outcome).toBe('pending');
});

it('does not call it right while the old text, which was to be taken away, can be read beside it', async () => {
  const account = accountOf(5);
  const wrong = errand(account, specimenRelease('旧文'));
  const before = await handed(wrong);
  const right = errand(account, specimenRelease('新文'), {
    key: 'r-a5-2',
    standing: [{ seq: 1, revision: 'v', remote: before }],
  });
  const asked = await publish(right);
  const { instead: _, ...careless } = asked.remote ?? { id: '' };
  const done = await byHand(site, right, { ...asked, remote: careless } as never);
  const remote = { ...asked.remote, ...done.remote } as Remote;
  expect(await verify(right, remote)).toMatchObject({
    outcome: 'mismatch',
    cause: { zh: expect.stringContaining('仍在公开') as string },
  });
  await hand({ does: 'withdraw', account: account.name, key: wrong.call.key });
  expect((await verify(right, remote)).outcome).toBe('verified');
});

it('takes for withdrawn only what it sees to be gone, and else asks, through the door, with the text named', async () => {
  const one = errand(accountOf(6), specimenRelease('撤下'));
  const remote = await handed(one);
  const seen = await verify(one, remote);
  const read = seen.outcome === 'verified' ? seen.remote : remote;
  const left = ground.left();
  expect(await channel.withdraw(one.account, read, one.call)).toMatchObject({
    outcome: 'action',
    todo: { zh: expect.stringContaining('《关于撤下的通知》') as string },
  });
  expect(ground.left()).toBe(left + 1);
  await hand({ does: 'withdraw', account: one.account.name, key: one.call.key });
  expect((await channel.withdraw(one.account, read, one.call)).outcome).toBe('withdrawn');
});

it('asks to take a warning away when the clock ends it: as long as it can be read, and once where nobody can tell', async () => {
  const over = () => new Date('2026-12-01T10:00:00Z');
  const one = errand(accountOf(7), warning(), { now: () => new Date('2026-12-01T09:59:00Z') });
  const remote = await handed(one);
  expect(remote.ends).toBe('2026-12-01T10:00:00.000Z');
  expect((await verify(one, remote)).outcome).toBe('verified');
  const ended: Errand = { ...one, call: { ...one.call, now: over } };
  for (let n = 0; n < 2; n += 1)
    expect(await verify(ended, remote)).toMatchObject({
      outcome: 'mismatch',
      todo: { zh: expect.stringContaining('台风红色预警') as string },
    });
  await hand({ does: 'change', account: one.account.name, key: one.call.key, html: '<p>台风红色预警（已失效）</p>' });
  expect((await verify(ended, remote)).outcome).toBe('verified');
  const blind = errand(accountOf(8, { address: undefined }), warning(), { now: over });
  const unread = { id: blind.call.key, ends: remote.ends ?? '' };
  const outcomes = [await verify(blind, unread), await verify(blind, unread)].map(({ outcome }) => outcome);
  expect(outcomes).toEqual(['mismatch', 'pending']);
});

it.each(['short', 'spoken'] as const)(
  'keeps of a %s text what it is, who says it and the mark of a drill, and cuts no character',
  (form) => {
    const drill = { ...warning({ status: 'Exercise', instruction: '转移👨‍👩‍👧‍👦'.repeat(60) }), title: '演练：台风红色预警' };
    for (let most = 60; most < 80; most += 1) {
      const { copy, warnings } = channel.render(drill, accountOf(9, { form, most }));
      const text = copy?.[0]?.is === 'text' ? copy[0].text : '';
      expect([...text].length).toBeLessThanOrEqual(most);
      expect(text).toMatch(/^【?演练：台风红色预警/);
      expect(text).toMatch(/示例市人民政府办公室.*（演练）$/);
      expect(text.replaceAll('👨‍👩‍👧‍👦', '')).not.toMatch(/\u200d|👨|👩|👧|👦/u);
      expect(warnings.map(({ code }) => code)).toContain('text-cut');
    }
  },
);

it('calls each part by another name, so that nobody puts one there twice or leaves one out', () => {
  const pictured = { ...warning(), body: '<p>一。</p><figure><img src="media:MEDIA" alt="图"></figure><p>二。</p>' };
  for (const release of [warning(), pictured, { ...warning(), source: '没有写进正文的单位' }]) {
    const hash = release.pictures[0]?.hash ?? '';
    const whole = { ...release, body: release.body.replace('MEDIA', hash) };
    const { payload, preview } = channel.render(whole, accountOf(0));
    const names = payload.parts.flatMap((part) => (part.is === 'text' ? [part.label.zh] : []));
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('预警要点');
    const heads = [...preview.matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, head]) => head);
    expect(heads).toEqual(names);
  }
});

it.each(['short', 'spoken'] as const)(
  'gives the %s text that the author wrote for it, word by word, of a drill as one; a longer one than is taken gives way',
  (form) => {
    const text = '请注意，示例县有台风，请立即转移。播送完毕。';
    const words = (change: object, settings: object = {}): string => {
      const { payload } = channel.render(warning(change), accountOf(0, { form, ...settings }));
      const [part] = payload.parts;
      return part?.is === 'text' ? part.text : '';
    };
    expect(words({ [form]: text })).toContain(text);
    expect(words({ [form]: text, status: 'Exercise' })).toContain(text);
    expect(words({ [form]: text, status: 'Exercise' })).toMatch(/（演练）$/);
    if (form === 'spoken') {
      expect(words({ spoken: text })).toBe(text);
      expect(words({ spoken: text, status: 'Exercise' })).toBe(`演练：${text}（演练）`);
    }
    const cut = words({ [form]: text.repeat(20) }, { most: 100 });
    expect([cut.includes('播送完毕'), cut.includes('请立即转移到避险场所')]).toEqual([false, true]);
    expect(words({})).not.toContain('播送完毕');
  },
);

it('prepares nobody for a picture that cannot be saved', async () => {
  const one = errand(accountOf(10), specimenRelease('缺图'));
  const media = { read: () => Promise.reject(new Error('no such picture')) };
  const left = ground.left();
  await expect(publish({ ...one, call: { ...one.call, media } })).rejects.toThrow('no such picture');
  expect(ground.left()).toBe(left);
});
