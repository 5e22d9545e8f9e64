/// <reference lib="dom" />
/** Every role at its main act, on a newsroom's screen and on a phone, in one hub: what each does the next one reads. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { Secret, TOTP } from 'otpauth';
import { addPerson } from '../../core/people/add.js';
import { newSecret, sealSecret, startFrom } from '../../core/people/factor.js';
import { changePerson } from '../../core/people/write.js';
import { roleHas, type Permission, type Role } from '../../core/model/roles.js';
import { overflow, settled } from './barriers.js';
import { patience } from './browser.js';
import { anotherPage, hub, useDesk } from './desk.js';

useDesk({}, 'once');

const phone = { width: 390, height: 844 };
const desk = { width: 1440, height: 900 };
const city = { organization: 'city-a', path: 'province/city-a/' };
const password = 'read write sign 7';
const people = {
  writer: { name: 'lincaibian', displayName: '林采编' },
  reviewer: { name: 'chenshenhe', displayName: '陈审核' },
  signer: { name: 'zhengqianfa', displayName: '郑签发' },
  commander: { name: 'wuzhihui', displayName: '吴指挥' },
  operator: { name: 'heyunwei', displayName: '何运维' },
  auditor: { name: 'xushenji', displayName: '许审计' },
  admin: { name: 'sunguanli', displayName: '孙管理' },
} as const satisfies Record<Role, object>;
const secret = newSecret();
/** As the app shows it now. */
const codeOf = (): string => new TOTP({ secret: Secret.fromBase32(secret) }).generate();
/** Says which step's code was the signer's last. */
async function spend(step: number): Promise<void> {
  const { people: all, connection } = hub.store;
  const row = await all.findOne({ name: people.signer.name }).lean();
  await connection.transaction((session) => startFrom(hub, row?._id ?? '', step, session));
}
/** Where pictures are kept, if told. */
const shots = process.env['DASHBOARD_SHOTS'];

beforeAll(async () => {
  for (const [role, who] of Object.entries(people) as [Role, (typeof people)[Role]][])
    await addPerson(hub, {
      ...who,
      password,
      roles: [role],
      ...(['admin', 'auditor', 'operator'].includes(role) ? {} : { unit: city }),
    });
  await addPerson(hub, { name: 'luqianfa', displayName: '陆签发', password, roles: ['signer'], unit: city });
  await addPerson(hub, { name: 'luerqianfa', displayName: '卢二签', password, roles: ['signer'], unit: city });
  await addPerson(hub, { name: 'zhouguanli', displayName: '周管理', password, roles: ['admin'] });
  // The signer has set the second step up long ago.
  await hub.store.connection.transaction(async (session) => {
    const row = await hub.store.people.findOne({ name: people.signer.name }, null, { session }).lean();
    if (!row) throw new Error('no signer');
    await changePerson(hub, row, { factor: sealSecret(hub, row._id, secret) }, session);
    await startFrom(hub, row._id, 0, session);
  });
});

async function says(on: Page, selector: string, words: string): Promise<void> {
  await on
    .locator(selector)
    .filter({ hasText: words })
    .first()
    .waitFor()
    .catch(async () => {
      throw new Error(`${selector} says “${(await on.locator(selector).allInnerTexts()).join()}”, not “${words}”`);
    });
}

async function picture(on: Page, name: string): Promise<void> {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await settled(on);
  await on.screenshot({ path: join(shots, `journey-${name}.png`) });
}

/** Every room in the order of the bar, and what opens it; where nothing stands, it is everybody's. */
const rooms: readonly { name: string; permission?: Permission }[] = [
  { name: '我的待办' },
  { name: '发布件', permission: 'releases.read' },
  { name: '来文', permission: 'alerts.read' },
  { name: '模板', permission: 'templates.read' },
  { name: '联动', permission: 'reviews.read' },
  { name: '演练', permission: 'drills.read' },
  { name: '日历', permission: 'releases.read' },
  { name: '账号', permission: 'accounts.read' },
  { name: '单位', permission: 'units.manage' },
  { name: '人员', permission: 'people.read' },
  { name: '审签流程', permission: 'chains.read' },
  { name: '值班', permission: 'duty.read' },
  { name: '冻结', permission: 'freezes.read' },
  { name: '审计', permission: 'audit.read' },
];

/** On a phone, also in large type, every room of the role is in the one line or behind its last button. */
async function barHolds(on: Page, role: Role): Promise<void> {
  const own = rooms.filter(({ permission }) => permission === undefined || roleHas(role, permission));
  await on.setViewportSize(phone);
  for (const large of [false, true]) {
    await on.evaluate((on) => document.documentElement.classList.toggle('large', on), large);
    // It measures with the next picture that is drawn.
    await on.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    await on.locator('header nav[aria-busy=false]').waitFor();
    expect(await on.evaluate(() => document.querySelector('header nav')?.scrollWidth)).toBeLessThanOrEqual(
      await on.evaluate(() => document.querySelector('header nav')?.clientWidth ?? 0),
    );
    expect(await overflow(on)).toBeLessThanOrEqual(0);
    const bar = await on.locator('header nav').boundingBox();
    const line = await on.locator('header nav > a').first().boundingBox();
    expect(bar?.height).toBeLessThan((line?.height ?? 0) * 1.5);
    const rest = on.locator('[data-test=more-rooms]');
    if ((await rest.count()) > 0) {
      // By keyboard: opened, read to its end, closed again with the focus where it was.
      await rest.focus();
      await on.keyboard.press('Enter');
      expect(await rest.getAttribute('aria-expanded')).toBe('true');
      if (!large) await picture(on, `bar-${role}`);
    }
    expect(await on.locator('header nav a:visible').allInnerTexts()).toEqual(own.map(({ name }) => name));
    if ((await rest.count()) > 0) {
      await on.keyboard.press('Tab');
      await on.keyboard.press('Escape');
      expect(await rest.getAttribute('aria-expanded')).toBe('false');
      expect(await on.evaluate(() => document.activeElement?.getAttribute('data-test'))).toBe('more-rooms');
    }
    await picture(on, `${role}-phone${large ? '-large' : ''}`);
  }
  await on.evaluate(() => document.documentElement.classList.remove('large'));
  await on.setViewportSize(desk);
}

const comes = (role: Exclude<Role, 'signer'>, look = desk) => anotherPage({ name: people[role].name, password }, look);
async function submitted(on: Page, title: string): Promise<string> {
  await on.goto(`${hub.url}/releases/new`);
  await on.fill('#title', title);
  await on.fill('#source', '市政府办');
  await on.fill('#body', '定于12月1日停水。\n\n请提前储水。');
  await says(on, '[data-test=audience-size]', '个账号');
  await on.locator('[data-test=publish]').click();
  await on.locator('[data-test=submit-confirm]').click();
  await on.waitForURL(/\/reviews\/q\w+$/);
  return new URL(on.url()).pathname;
}

it(
  'the admin sets a chain on the screen, is refused a laxer one below in words at the field, and names nobody to work alone without a word on it',
  async () => {
    const on = await comes('admin');
    await barHolds(on, 'admin');
    await on.goto(`${hub.url}/chains?unit=city-a`);
    await says(on, '[data-test=in-force]', '系统默认');
    await on.locator('[data-test=new-chain]').click();
    await on.locator('[data-test=add-step]').click();
    await on.fill('#step-zh-0', '初审');
    await picture(on, 'chain-dialog');
    await on.locator('[data-test=save-chain]').click();
    await says(on, '[data-test=in-force]', '初审');
    await says(on, '[data-test=versions]', '第 1 版');
    await picture(on, 'chains');

    await on.goto(`${hub.url}/chains?unit=gushan`);
    await says(on, '[data-test=in-force]', '沿用示例市人民政府');
    await on.locator('[data-test=new-chain]').click();
    await on.locator('[data-test=save-chain]').click();
    await says(on, '[data-test=chain-wrong]', '要求“初审”，下级只能更严');
    await on.keyboard.press('Escape');

    await on.locator('[data-test=set-solo]').click();
    await says(on, '[data-test=solo-warning]', '没有第二个人看过');
    await on.locator('#solo-persons').fill('林采');
    await on.locator('.el-select-dropdown__item:visible', { hasText: '林采编' }).click();
    await on.locator('[data-test=solo-warning]').click();
    expect(await on.locator('[data-test=save-solo]').isDisabled()).toBe(true);
    await on.locator('[data-test=solo-understood]').click();
    await on.locator('[data-test=save-solo]').click();
    await says(on, '[data-test=solo]', '林采编');
  },
  patience.test,
);

it(
  'a second admin finds among the tasks the role that waits and confirms it, and the person is told when they come',
  async () => {
    const asking = await comes('admin');
    const writer = await hub.store.people.findOne({ name: people.reviewer.name }).lean();
    const answer = await asking.request.post(`${hub.url}/api/v1/people/${writer?._id}/grants`, {
      data: { role: 'signer', organization: 'gushan' },
      headers: { origin: hub.url },
    });
    expect(answer.status()).toBe(201);
    await asking.goto(`${hub.url}/tasks`);
    await asking.locator('h1').waitFor();
    const confirming = await anotherPage({ name: 'zhouguanli', password }, phone);
    await says(confirming, '[data-test=tasks-grants]', '陈审核');
    expect(await asking.locator('[data-test=tasks-grants]').count()).toBe(0);
    await picture(confirming, 'tasks-grants-phone');
    await confirming.locator('[data-test=confirm-grant]').click();
    await confirming.locator('[data-test=tasks-grants]').waitFor({ state: 'detached' });
    const told = await comes('reviewer', phone);
    await says(told, '[data-test=personal-news]', '周管理确认了您的“签发”');
    await picture(told, 'personal-news-phone');
    await told.locator('[data-test=personal-seen]').click();
    await told.locator('[data-test=personal-news]').waitFor({ state: 'detached' });
    await told.locator('[data-test=bell]').click();
    await says(told, '[data-test=own-notices]', '周管理确认了您的“签发”');
  },
  patience.test,
);

let path = '';

it(
  'the writer submits on a phone, the reviewer passes it on the screen',
  async () => {
    const writing = await comes('writer', phone);
    path = await submitted(writing, '关于停水的通知');
    await says(writing, '[data-test=chain]', '陈审核');
    expect(await writing.locator('[data-test=approve], [data-test=sign]').count()).toBe(0);
    await barHolds(writing, 'writer');
    const reading = await comes('reviewer');
    await says(reading, '[data-test=tasks-waiting]', '关于停水的通知');
    await barHolds(reading, 'reviewer');
    await reading.locator('[data-test=tasks-waiting] a').first().click();
    await reading.locator('[data-test=approve]').click();
    await says(reading, '[data-test=chain]', '陈审核 于');
    await says(writing, '[data-test=chain]', '陈审核 于');
  },
  patience.test,
);

it(
  'the signer opens the link on a phone, signs in by a code, reads, is told when the next code comes, and signs in three touches',
  async () => {
    const signing = await anotherPage({ name: people.signer.name, password, code: codeOf() }, phone, path);
    let touches = 0;
    const touch = async (selector: string): Promise<void> => {
      touches += 1;
      await signing.locator(selector).tap();
    };
    await says(signing, '[data-test=review-text]', '定于12月1日停水。');
    await says(signing, '[data-test=audience]', '个账号');
    // As if it had only just been used, however long it took to come here.
    await spend(Math.floor(Date.now() / 30_000) + 10);
    await touch('[data-test=sign]');
    // The password is where one types already; the code of the sign-in counts no more.
    await signing.keyboard.type(password);
    await says(signing, '[data-test=code-field]', '秒后出现');
    await picture(signing, 'sign-phone');
    await spend(0);
    await touch('#decision-code');
    await signing.keyboard.type(codeOf());
    await touch('[data-test=decide-submit]');
    await says(signing, '[data-test=state]', '已签发');
    expect(touches).toBeLessThanOrEqual(4);
    await barHolds(signing, 'signer');
    const release = await hub.newest();
    await hub.dispatched(release);
    expect((await hub.store.orders.findOne({ release }).lean())?.state).toBe('done');
  },
  patience.test,
);

it(
  'of two signers who decide at once on their own screens one wins, and the other reads who and when',
  async () => {
    const writing = await comes('writer');
    const race = await submitted(writing, '关于停电的通知');
    const reading = await comes('reviewer');
    await reading.goto(hub.url + race);
    await reading.locator('[data-test=approve]').click();
    await says(reading, '[data-test=chain]', '陈审核 于');
    const [signing, returning] = [
      await anotherPage({ name: 'luqianfa', password }, phone),
      await anotherPage({ name: 'luerqianfa', password }, desk),
    ];
    await Promise.all([signing, returning].map((one) => one.goto(hub.url + race)));
    await signing.locator('[data-test=sign]').click();
    await signing.fill('#decision-words', password);
    await returning.locator('[data-test=give-back]').click();
    await returning.fill('#decision-words', '日期不对');
    await Promise.all([signing, returning].map((one) => one.locator('[data-test=decide-submit]').click()));
    await Promise.all(
      [signing, returning].map((one) => one.locator('[data-test=state].signed, [data-test=state].returned').waitFor()),
    );
    const states = await Promise.all([signing, returning].map((one) => one.locator('[data-test=state]').innerText()));
    expect(new Set(states).size).toBe(1);
    const lost = states[0] === '已签发' ? returning : signing;
    await says(lost, '[role=alert]', states[0] === '已签发' ? '陆签发' : '卢二签');
    await picture(lost, 'lost-race');
  },
  patience.test,
);

it(
  'the operator settles what needs a person, the commander freezes, the auditor reads it all and changes nothing',
  async () => {
    const operating = await comes('operator');
    await barHolds(operating, 'operator');
    expect(await operating.getByRole('button', { name: '新建发布件' }).count()).toBe(0);
    await operating.goto(`${hub.url}/tasks`);
    await operating.locator('[data-test=tasks-placements] a').first().click();
    await operating.locator('[data-test=resolve]').click();
    await operating.fill('#resolve-url', 'https://www.example.gov.cn/art/1.html');
    await operating.fill('#resolve-note', '已登录后台查看，文章已发布。');
    await operating.locator('[data-test=resolve-submit]').click();
    await says(operating, '[data-test=placement]', '人工确认');
    await says(operating, '[data-test=placement]', '何运维');

    const commanding = await comes('commander', phone);
    await barHolds(commanding, 'commander');
    await commanding.setViewportSize(phone);
    await commanding.goto(`${hub.url}/freezes`);
    await commanding.locator('[data-test=freeze]').click();
    await commanding.getByText('地区（六位代码）').click();
    await commanding.fill('#freeze-named', '350102');
    await commanding.fill('#freeze-reason', '数据有误');
    await commanding.locator('[data-test=freeze-submit]').click();
    await says(commanding, '[data-test=freeze-done]', '各发布进程均已确认');
    await picture(commanding, 'freeze-phone');

    const reading = await comes('auditor');
    await says(reading, '[data-test=freeze-banner]', '数据有误');
    await barHolds(reading, 'auditor');
    await reading.goto(`${hub.url}/audit`);
    for (const act of ['冻结', '签发', '审核通过', '设置审签流程', '确认授予角色'])
      await says(reading, '[data-test=audit]', act);
    await reading.locator('[data-test=check-now]').click();
    await reading.locator('[data-test=check].intact').waitFor();
    await picture(reading, 'auditor');
    await reading.goto(`${hub.url}/chains?unit=city-a`);
    await says(reading, '[data-test=own-chains]', '初审');
    expect(await reading.locator('[data-test=new-chain], [data-test=change-chain], [data-test=set-solo]').count()).toBe(
      0,
    );
  },
  patience.test,
);

it(
  'somebody disabled for cause is out at once; whose texts they signed is told, and the reason only to the book',
  async () => {
    const on = await comes('admin');
    const gone = await hub.store.people.findOne({ name: 'luqianfa' }).lean();
    await on.goto(`${hub.url}/people/${gone?._id}`);
    await on.locator('[data-test=remove]').click();
    await on.locator('[data-test=change-submit]').click();
    await says(on, '#remove-reason-wrong', '缺少必填项');
    await on.fill('#remove-reason', '违反保密规定');
    await picture(on, 'remove');
    await on.locator('[data-test=change-submit]').click();
    await says(on, '[data-test=state]', '已因故停用');
    const colleague = await comes('writer');
    await colleague.locator('[data-test=bell]').click();
    await says(colleague, '[data-test=notices]', '陆签发已因故停用');
    expect(await colleague.locator('[data-test=notices]').innerText()).not.toContain('违反保密规定');
  },
  patience.test,
);
