/// <reference lib="dom" />
/** A duty officer's phone: what a link leads to, from the text that is copied to the word that it is out. */
import sharp from 'sharp';
import { filesInFolder } from '../../channels/files.js';
import { channel } from '../../channels/relay/adapter.js';
import { startSandbox, type RunningSandbox } from '../../channels/sandbox.js';
import { makeCallouts } from '../../core/callouts/asking.js';
import { change } from '../../core/callouts/book.js';
import { gathering, stepped } from '../../core/callouts/protocol.js';
import { mediaFile } from '../../core/media/files.js';
import { ingest } from '../../core/media/library.js';
import type { Callout } from '../../core/model/callout.js';
import { composeContent } from '../../core/releases/compose.js';
import { releaseInput } from '../../core/releases/input.js';
import { createRelease } from '../../core/releases/revisions.js';
import { receiptToken } from '../../core/receipts/links.js';
import { libraryIn } from '../../core/storage/storage.js';
import { overflow, seriousBarriers } from './barriers.js';
import { enter, hub, page, says, useDesk } from './desk.js';
import { user } from './seed.js';

useDesk({ width: 390, height: 844 });

const shots = process.env['DASHBOARD_SHOTS'];
const shoot = async (name: string): Promise<unknown> =>
  shots ? page.screenshot({ path: `${shots}/${name}.png`, fullPage: true }) : undefined;

let site: RunningSandbox;
beforeAll(async () => {
  site = await startSandbox(channel.sandbox());
});
afterAll(() => site.close());

/** One picture, prepared as this channel wants it. */
async function picture(): Promise<string> {
  const bytes = await sharp({ create: { width: 640, height: 360, channels: 3, background: '#c0392b' } })
    .jpeg()
    .toBuffer();
  const library = libraryIn(filesInFolder(hub.dataFolder));
  const { _id } = await ingest(hub.store, library, { bytes, name: '路径图.jpg', by: user._id, unit: 'qingyuan' });
  await library.write(mediaFile(_id, 'relay.save'), bytes);
  await hub.store.media.updateOne({ _id }, { $set: { state: 'ready' } });
  return _id;
}

/** Two accounts of one unit, one text on both, and the link that its officer got. */
async function link(): Promise<string> {
  const { store, vault, orders } = hub;
  const unit = await store.organizations.findById('qingyuan').lean();
  if (!unit) throw new Error('no unit');
  const where = { organization: unit._id, path: unit.path, region: unit.region, tags: [], enabled: true };
  const settings = [
    { platform: '抖音', handle: '青原发布', manual: '用单位手机上的抖音，发图文' },
    { platform: '村村响大喇叭', handle: '青原县总控室', form: 'spoken' },
  ];
  const accounts = settings.map((own, n) => ({ _id: `arelay${n}`, name: `青原${own.platform}`, settings: own }));
  for (const { _id, name, settings: own } of accounts)
    await store.accounts.create({
      ...{ _id, channel: 'relay', name, settings: own, sealed: vault.seal(_id, {}), createdAt: new Date() },
      ...{ ...where, credential: { state: 'unchecked' } },
    });
  const hash = await picture();
  const input = releaseInput.parse({
    title: '台风红色预警：立即转移',
    kind: 'notice',
    summary: '台风将于今晚登陆，沿海各村请立即转移到避险场所。',
    source: '青原县应急管理局',
    body: {
      format: 'html',
      content: `<p>台风“海葵”将于今晚在我县沿海登陆，风力14级。</p><figure><img src="media:${hash}" alt="转移路径图"></figure><p>沿海各村群众请立即转移到避险场所，咨询电话12345。</p>`,
    },
  });
  const { content } = await composeContent(store, input);
  const { release, revision } = await createRelease(store, content, { by: { person: user._id } });
  await orders.sign(release._id, revision._id, user._id);
  const audience = { accounts: accounts.map(({ _id }) => _id) };
  await orders.publish({ release: release._id, revision: revision._id, audience, lane: 'emergency', by: user._id });
  await hub.dispatched(release._id);
  for (const { _id, settings: own } of accounts)
    await hub.tell(
      `${release._id}-${_id}`,
      { is: 'sending', try: _id } as never,
      {
        is: 'accepted',
        try: _id,
        revision: revision._id,
        seen: 'held',
        remote: {
          id: `${release._id}-${_id}-1`,
          ...(own.platform === '抖音' && {
            instead: [{ id: 'k', title: '台风橙色预警', url: 'https://site.example/1' }],
          }),
        },
        cause: { zh: `“${own.platform}”没有发布接口，等待人工发布。`, en: 'by hand' },
        todo: { zh: '① 按次序复制文字、保存图片并发布；② 在此确认。', en: 'copy, publish, confirm' },
      } as never,
    );
  const called = async (): Promise<Callout | null> =>
    store.callouts.findOne({ releases: { $in: [release._id] } }).lean<Callout>();
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    await makeCallouts(store, 'emergency', new Date());
    if ((await called())?.items.length === 2) break;
    await new Promise((wait) => setTimeout(wait, 50));
  }
  const officer = { unit: unit._id, unitName: unit.name, level: 0, step: 1, name: '王五', phone: '13800000001' };
  const rung = {
    ...{ unit: unit._id, unitName: unit.name, level: 0, step: 1 },
    people: [{ called: officer, told: [{ by: 'sms' as const, after: 0 }] }],
  };
  const { row } = await change(store, (await called())?._id ?? '', (known) =>
    stepped(known, [rung], new Date(Date.now() + gathering)),
  );
  const [message] = row.messages;
  if (!message) throw new Error('nobody was called');
  return receiptToken(vault, row, message);
}

it('copies the text, saves the picture, and confirms one by its address and one by a picture', async () => {
  const token = await link();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(`${hub.url}/receipts#${token}`);
  await says('[data-test=receipt]', '2 项需要您处理');
  const [first, second] = [
    page.locator('[data-test=receipt-item]').nth(0),
    page.locator('[data-test=receipt-item]').nth(1),
  ];
  const video = (await first.textContent())?.includes('抖音') ? first : second;
  const horn = video === first ? second : first;
  await video.locator('[data-test=save-picture]').waitFor();
  await video.locator('[data-test=copy-0]').click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('台风红色预警：立即转移');
  await says('[data-test=old-texts]', '台风橙色预警');
  const [saved] = await Promise.all([page.waitForEvent('download'), video.locator('[data-test=save-picture]').click()]);
  expect(saved.suggestedFilename()).toBe('3.jpg');
  expect(await horn.textContent()).toContain('请立即转移到避险场所');
  expect(await horn.locator('[data-test=save-picture]').count()).toBe(0);
  expect(await seriousBarriers(page)).toEqual([]);
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  await shoot('relay-task-phone');

  await video.getByLabel('网址').fill('https://site.example/new');
  await video.getByRole('button', { name: '确认' }).click();
  await video.locator('[data-test=receipt-done]').waitFor();
  const proof = await sharp({ create: { width: 90, height: 60, channels: 3, background: '#333' } })
    .jpeg()
    .toBuffer();
  await horn.locator('input[type=file]').setInputFiles({ name: 'p.jpg', mimeType: 'image/jpeg', buffer: proof });
  await horn.getByText('已上传').waitFor();
  await horn.getByRole('button', { name: '确认' }).click();
  await horn.locator('[data-test=receipt-done]').waitFor();
  await shoot('relay-confirmed-phone');
  const [row] = await hub.store.callouts.find({ state: 'answered' }).lean<Callout[]>();
  expect(row?.receipts.map(({ url, picture: hash }) => url ?? typeof hash).sort()).toEqual([
    'https://site.example/new',
    'string',
  ]);

  // The same stands among what happened to the placement, for whoever looks from the desk.
  const item = row?.items.find(({ account }) => account === 'arelay0');
  await enter(`/releases/${item?.release}?placement=${item?.placement}`);
  const drawer = page.locator('[data-test=placement]');
  await drawer.getByText('https://site.example/new').first().waitFor();
  expect(await drawer.textContent()).toMatch(/王五/);
  await shoot('relay-timeline-phone');
});
