/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** Writing a release, in a real browser. */
import sharp from 'sharp';
import { docx, p, r } from '../../core/documents/fixtures/docx.js';
import { previewAnswer } from '../../server/contract/releases.js';
import { choose, enter, hub, ordered, page, says, sent, useDesk } from './desk.js';
import { reached } from './seed.js';

useDesk();

const picture = (): Promise<Buffer> =>
  sharp({ create: { width: 80, height: 60, channels: 3, background: '#789' } })
    .png()
    .toBuffer();

/** A document with tracked changes and, behind them, a chart. */
function trackedChart(): Buffer {
  const gone = (id: number, words: string): string =>
    `<w:del w:id="${id}" w:author="甲"><w:r><w:delText>${words}</w:delText></w:r></w:del>`;
  const chart =
    '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="图" descr="用水量"/><a:graphic><a:graphicData><c:chart/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>';
  return docx({
    body:
      p(r('关于水价的通知')) +
      p(
        r('水价为') +
          `<w:ins w:id="1" w:author="甲">${r('2.80')}</w:ins>` +
          gone(2, '1.80') +
          r('元') +
          gone(3, '整') +
          r('，用水量见图：') +
          chart,
      ),
  });
}

const imports = () =>
  sent(/\/import$/).map(({ query, request }) => ({
    file: decodeURIComponent(request.headers()['x-file-name'] ?? ''),
    query,
  }));

describe('composing', () => {
  it('shows the rendition of every channel with their warnings, in frames that can do nothing', async () => {
    await enter('/releases/new');
    // As a channel would that lets a script through.
    await page.route('**/api/v1/preview', async (route) => {
      const response = await route.fetch();
      const shown = previewAnswer.parse(await response.json());
      for (const rendition of shown.renditions) rendition.html += "<script>parent.document.title='escaped'</script>";
      await route.fulfill({ response, json: shown });
    });
    await page.fill('#title', `关于调整示例市政务服务中心办公时间的通知${'（试行）'.repeat(12)}`);
    await page.fill('#source', '示例市人民政府办公室');
    await page.fill('#body', '自12月1日起调整。');
    await says('[data-test=rendition-wechat]', '超过微信 64 字上限，已截短');
    expect(await page.locator('iframe').count()).toBe(5);
    expect(await page.locator('iframe').first().getAttribute('sandbox')).toBe('');
    await page.frameLocator('[data-test=rendition-weibo] iframe').getByText('自12月1日起调整。').waitFor();
    expect(await page.title()).not.toBe('escaped');
  });

  it('tells what the cleaning leaves out of pasted rich text', async () => {
    await enter('/releases/new');
    await page.fill('#title', '标题');
    await page.fill('#source', '来源');
    await page.locator('#body').evaluate((area) => {
      const data = new DataTransfer();
      data.setData('text/html', '<p>正文<script>alert(1)</script></p>');
      area.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    });
    await says('main', '已按富文本粘入');
    await says('[data-test=dropped]', '脚本');
  });

  it('asks about tracked changes and about what would be missing, and takes back an import or each answer', async () => {
    const file = { name: '通知.docx', mimeType: '', buffer: trackedChart() };
    await enter('/releases/new');
    const source = '示例市人民政府';
    await page.fill('#source', source);
    await page.locator('input[type=file][accept*=docx]').setInputFiles(file);
    await says('.el-dialog', '1 处插入、2 处删除，作者：甲');
    await page.locator('[data-test=import-back]').click();
    await page.locator('.el-dialog').waitFor({ state: 'hidden' });
    expect(imports()).toHaveLength(1);
    await page.locator('input[type=file][accept*=docx]').setInputFiles(file);
    await page.locator('[data-test=import-accept]').click();
    await says('.el-dialog', '图表“用水量”不能显示，请另存为图片后插入。');
    await page.locator('[data-test=import-losses]').click();
    await says('.el-message', '已读入“通知.docx”');
    expect(await page.inputValue('#title')).toBe('关于水价的通知');
    expect(imports().slice(1)).toEqual([
      { file: '通知.docx', query: { source } },
      { file: '通知.docx', query: { source, revisions: 'accept' } },
      { file: '通知.docx', query: { source, revisions: 'accept', losses: 'accept' } },
    ]);
  });

  it('names what is missing and keeps the rest', async () => {
    await enter('/releases/new');
    await page.fill('#title', '只有标题');
    await page.locator('[data-test=save]').click();
    await says('.el-message', '来源');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('source');
    expect(await page.inputValue('#title')).toBe('只有标题');
  });

  it('sends to the chosen units after showing how many accounts that is', async () => {
    await hub.seed.connect(1_000, 1_000, 'province');
    await enter('/releases/new');
    await says('[data-test=audience-size]', '1,119 个账号');
    await page.fill('#title', '通知');
    await page.fill('#source', '市政府办');
    await page.fill('#body', '正文');
    await page.locator('[data-test=choose-units]').click();
    await page.locator('.tree').getByText('示例市人民政府').click();
    await page.getByRole('button', { name: '关闭', exact: true }).click();
    await says('[data-test=audience-size]', '40 个账号');
    await page.locator('[data-test=publish]').click();
    await says('.el-dialog', '发往 40 个账号');
    await page.locator('[data-test=submit-confirm]').click();
    await page.waitForURL(/\/reviews\/q\w+$/);
    await says('[data-test=state]', '在审');
    const release = await hub.newest();
    const { _id: revision } = await hub.revision(release);
    expect(ordered()).toEqual([
      {
        path: `/releases/${release}/submit`,
        body: {
          revision,
          lane: 'routine',
          audience: { channels: ['app', 'relay', 'website', 'wechat', 'weibo'], organizations: ['city-a'] },
        },
      },
    ]);
  });

  it('opens the confirmation with the newest number where the accounts are counted anew after the press', async () => {
    await enter('/releases/new');
    await page.fill('#title', '通知');
    await page.fill('#source', '市政府办');
    await page.fill('#body', '正文');
    await says('[data-test=audience-size]', '个账号');
    let asked = 0;
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((done) => (goOn = done));
    await page.route('**/api/v1/audience', async (route) => {
      asked += 1;
      await held;
      // The one that was overtaken has been broken off.
      await route.continue().catch(() => undefined);
    });
    await page.locator('[data-test=publish]').click();
    while (asked < 1) await page.waitForTimeout(20);
    await page.locator('.el-checkbox', { hasText: '微博' }).first().click();
    while (asked < 2) await page.waitForTimeout(20);
    goOn();
    await page.locator('[data-test=submit-confirm]').waitFor();
    await page.unroute('**/api/v1/audience');
  });

  it('asks before the same words go out again, and sends them only once that is ticked', async () => {
    const earlier = await hub.revision(hub.seed.policy);
    await enter('/releases/new');
    await page.fill('#title', earlier.title);
    await page.fill('#source', '市政府办');
    await page.fill('#body', '正文。');
    await page.locator('[data-test=publish]').click();
    const confirm = page.locator('[data-test=submit-confirm]');
    await confirm.waitFor();
    expect(await page.locator('[data-test=submit-again]').count()).toBe(0);
    await confirm.click();
    await says('.el-dialog', `《${earlier.title}》（${earlier.release}）`);
    expect(await confirm.isDisabled()).toBe(true);
    await page.getByText('已核对，仍要再次发布', { exact: true }).click();
    await confirm.click();
    await page.waitForURL(/\/reviews\/q\w+$/);
    const id = await hub.newest();
    expect(ordered().map(({ path, body }) => [path, (body as { again?: boolean }).again])).toEqual([
      [`/releases/${id}/submit`, undefined],
      [`/releases/${id}/submit`, true],
    ]);
  });

  it('forgets what was ticked when the dialog is opened anew', async () => {
    const earlier = await hub.revision(hub.seed.policy);
    await enter('/releases/new');
    await page.fill('#title', earlier.title);
    await page.fill('#source', '市政府办');
    await page.fill('#body', '正文。');
    await page.locator('[data-test=publish]').click();
    await page.locator('[data-test=submit-confirm]').click();
    await page.getByText('已核对，仍要再次发布', { exact: true }).click();
    await page.getByRole('button', { name: '取消', exact: true }).click();
    await page.locator('.el-dialog').waitFor({ state: 'hidden' });
    await page.locator('[data-test=publish]').click();
    await page.locator('[data-test=submit-confirm]').waitFor();
    expect(await page.locator('[data-test=submit-again]').count()).toBe(0);
    expect(await page.locator('[data-test=submit-confirm]').isDisabled()).toBe(false);
  });

  it('makes an edit of a signed release its next revision', async () => {
    await enter(`/releases/${hub.seed.policy}/edit`);
    await says('main', '保存后成为第 2 版');
    await page.fill('#title', '示例市2026年政务公开工作要点（更正）');
    await page.locator('[data-test=save]').click();
    await says('.el-message', '已保存为第 2 版');
    expect((await hub.revision(hub.seed.policy)).number).toBe(2);
  });

  it('uploads a picture and puts it into the body', async () => {
    await enter('/releases/new');
    await page.setInputFiles('input[accept^="image"]', {
      name: '现场.png',
      mimeType: 'image/png',
      buffer: await picture(),
    });
    await page.getByRole('button', { name: '插入正文' }).click();
    const [medium] = await hub.store.media.find({}).lean();
    expect(await page.inputValue('#body')).toContain(`](media:${medium?._id})`);
  });

  it('follows a picture until it is ready for the channels', async () => {
    await enter('/releases/new');
    await page.setInputFiles('input[accept^="image"]', {
      name: '现场.png',
      mimeType: 'image/png',
      buffer: await picture(),
    });
    await says('.picture', '正在为各渠道处理');
    hub.preparePictures();
    await says('.picture', '可用');
    expect(await page.locator('.picture .el-progress').count()).toBe(0);
  });

  async function typeWarning(): Promise<void> {
    await page.fill('#title', '福州市发布台风红色预警');
    await page.fill('#source', '示例市应急管理局');
    await choose('kind', '应急信息');
    await page.getByText('红色 · 特别重大').click();
    await page.fill('#emergency-event', '台风');
    await page.locator('#emergency-areas').fill('350100 福州市');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await page.fill('#emergency-instruction', '停止户外活动。');
  }

  it('asks for a warning by field only of an emergency, and sends it as the hub wants it', async () => {
    await enter('/releases/new');
    await page.locator('#title').waitFor();
    expect(await page.locator('[data-test=emergency]').count()).toBe(0);
    await typeWarning();
    await page.locator('[data-test=emergency]').getByText('演练', { exact: true }).click();
    await says('[data-test=emergency]', '都会以“演练”开头');
    await page.fill('#emergency-onset', '2026-11-24T21:00');
    await page.fill('#emergency-expires', '2026-11-25T06:00');
    await page.locator('[data-test=save]').click();
    await says('.el-message', '已保存为第 1 版');
    expect((await hub.revision(await hub.newest())).emergency).toEqual({
      status: 'Exercise',
      msgType: 'Alert',
      level: 'red',
      category: 'Met',
      event: '台风',
      areas: [{ code: '350100', name: '福州市' }],
      onset: '2026-11-24T13:00:00.000Z',
      expires: '2026-11-24T22:00:00.000Z',
      instruction: '停止户外活动。',
      references: [],
    });
  });

  it('says beside the input what the hub found fault with, leads there, and forgets it at the next letter', async () => {
    await enter('/releases/new');
    await typeWarning();
    await page.locator('[data-test=save]').click();
    await says('#emergency-onset-wrong', '缺少必填项');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('emergency-onset');
    expect(await page.getAttribute('#emergency-onset', 'aria-invalid')).toBe('true');
    await page.fill('#emergency-onset', '2026-11-24T21:00');
    await page.locator('#emergency-onset-wrong').waitFor({ state: 'detached' });
  });

  it('keeps the header of a public document, keywords and columns', async () => {
    await enter('/releases/new');
    await page.fill('#title', '若干措施');
    await page.fill('#source', '市政府办');
    await choose('kind', '政策文件');
    await page.fill('#policy-number', '示政办发〔2026〕18号');
    await page.fill('#policy-signed', '2026-11-20');
    await page.locator('#keywords').fill('人才');
    await page.keyboard.press('Enter');
    await page.locator('[data-test=save]').click();
    await says('.el-message', '已保存为第 1 版');
    expect(await hub.revision(await hub.newest())).toMatchObject({
      policy: { number: '示政办发〔2026〕18号', signed: '2026-11-20' },
      keywords: ['人才'],
    });
  });

  it('takes a place, a column or a word that was typed and not entered, and only the choice where one was made of it', async () => {
    await enter('/releases/new');
    await typeWarning();
    await page.locator('#emergency-areas').pressSequentially('350200 厦门市');
    await page.fill('#emergency-onset', '2026-11-24T21:00');
    await page.locator('#emergency-areas').pressSequentially('鼓山');
    await page.locator('.el-select-dropdown:visible').getByText('350102 鼓山区').click();
    await page.fill('#author', '值班员');
    await page.locator('#columns').pressSequentially('应急信息');
    await page.keyboard.press('Tab');
    await page.locator('[data-test=policy] summary').click();
    await page.locator('#policy-validity').pressSequentially('试行');
    await page.fill('#policy-number', '1号');
    await page.locator('[data-test=save]').click();
    await says('.el-message', '已保存为第 1 版');
    expect(await hub.revision(await hub.newest())).toMatchObject({
      emergency: {
        areas: [
          { code: '350100', name: '福州市' },
          { code: '350200', name: '厦门市' },
          { code: '350102', name: '鼓山区' },
        ],
      },
      columns: ['应急信息'],
      policy: { validity: '试行' },
    });
  });

  it('links an interpretation to the policies it explains, and says what to do where there is none', async () => {
    await hub.store.releases.deleteOne({ _id: hub.seed.policy });
    await enter('/releases/new');
    await choose('kind', '政策解读');
    await says('main', '还没有录入政策文件');
    const policy = await hub.seed.write({ title: '关于若干措施的通知', kind: 'policy' });
    await hub.seed.sign(policy);
    await page.reload();
    await page.fill('#title', '一图读懂若干措施');
    await page.fill('#source', '市政府办');
    await choose('kind', '政策解读');
    await says('main', '会互相链接');
    await choose('interprets', '关于若干措施的通知');
    await page.keyboard.press('Escape');
    await page.locator('[data-test=save]').click();
    await says('.el-message', '已保存为第 1 版');
    expect((await hub.revision(await hub.newest())).interprets).toEqual([policy]);
  });

  it('shows of an emergency whom it reaches and whom not, with one act each, by keyboard too, and keeps its audience under a name', async () => {
    await hub.store.organizations.updateOne({ _id: 'gushan' }, { $set: { position: { lat: 26.07, lon: 119.3 } } });
    await hub.store.accounts.updateMany({ organization: 'gushan' }, { $set: { lat: 26.07, lon: 119.3 } });
    await enter('/releases/new');
    expect(await page.locator('[data-test=survey]').count()).toBe(0);
    await choose('kind', '应急信息');
    await says('[data-test=survey]', '发给谁，发不到谁');
    const off = page.locator('[data-test=gap-switched_off]');
    await off.locator('summary').focus();
    await page.keyboard.press('Enter');
    expect(await off.getByRole('link', { name: '启用账号' }).getAttribute('href')).toContain('/accounts?organization=');

    await page.fill('#shapes', '26.07,119.30 5');
    await page.locator('#shapes').blur();
    await says('[data-test=survey]', '单位没有位置');
    const inside = await hub.store.accounts.countDocuments({ organization: 'gushan', enabled: true });
    await says('[data-test=audience-size]', `${inside} 个账号`);
    await page.fill('#shapes', '26.07,119.30 -5');
    await page.locator('#shapes').blur();
    await says('[role=alert]', '半径公里数');
    await page.fill('#shapes', '26.07,119.30 5');
    await page.locator('#shapes').blur();

    await page.locator('[data-test=saved-audiences] summary').click();
    await page.getByLabel('名称', { exact: true }).fill('鼓山周边五公里');
    await page.locator('[data-test=save-audience]').click();
    await says('.el-message', '已保存常用范围');
    const kept = await hub.store.savedAudiences.findOne({ name: '鼓山周边五公里' }).lean();
    expect(kept?.audience).toMatchObject({ circles: ['26.07,119.30 5'] });
  });

  it('takes where a warning holds into its audience by one press, and shows both numbers and the rule', async () => {
    await hub.store.organizations.updateOne({ _id: 'gushan' }, { $set: { position: { lat: 26.07, lon: 119.3 } } });
    await hub.store.accounts.updateMany({ organization: 'gushan' }, { $set: { lat: 26.07, lon: 119.3 } });
    const warning = await hub.seed.write({
      title: '台风橙色预警',
      kind: 'emergency',
      emergency: {
        status: 'Actual',
        msgType: 'Alert',
        level: 'orange',
        event: '台风',
        areas: [
          {
            name: '鼓山区东部、临江市',
            code: '350200',
            circles: ['26.07,119.30 5'],
            geocodes: [{ name: 'CN-GB2260', value: '359999' }],
          },
        ],
        onset: '2026-12-01T00:00:00.000Z',
        expires: '2099-12-01T00:00:00.000Z',
        instruction: '停止户外活动。',
        references: [],
      },
    });
    await enter(`/releases/${warning}/edit`);
    for (let press = 0; press < 2; press += 1) await page.locator('[data-test=take-areas]').click();
    await says('[data-test=took-areas]', '1 个图形和 1 个');
    await says('[data-test=took-areas]', '359999');
    const enabled = { enabled: true };
    const byShape = await hub.store.accounts.countDocuments({ organization: 'gushan', ...enabled });
    const units = await hub.store.organizations.find({ region: { $gte: '350200', $lte: '350299' } }).lean();
    const byCode = await hub.store.accounts.countDocuments({
      organization: { $in: units.map(({ _id }) => _id) },
      ...enabled,
    });
    await says('[data-test=both]', `图形内 ${byShape} 个，区划代码内 ${byCode} 个，合计 ${byShape + byCode} 个`);
    await says('[data-test=both]', '合在一起算');
    expect((await page.locator('#shapes').inputValue()).split('\n')).toEqual(['26.07,119.30 5']);
    await says('[data-test=survey]', '区划代码不认识');
  });

  it('keeps the audience of a draft across a reload, and forgets it once it is ordered', async () => {
    await enter(`/releases/${hub.seed.draft}/edit`);
    await says('[data-test=audience-size]', `${reached} 个账号`);
    await page.locator('[data-test=choose-units]').click();
    await page.locator('.tree').getByText('示例市人民政府').click();
    await page.getByRole('button', { name: '关闭', exact: true }).click();
    await says('[data-test=audience-size]', '40 个账号');
    await page.reload();
    await says('[data-test=audience-size]', '40 个账号');
    await page.locator('[data-test=publish]').click();
    await page.locator('[data-test=submit-confirm]').click();
    await page.waitForURL(/\/reviews\/q\w+$/);
    await page.goto(`${hub.url}/releases/${hub.seed.draft}/edit`);
    await says('[data-test=audience-size]', `${reached} 个账号`);
  });
});
