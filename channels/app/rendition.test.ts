import { HtmlValidate } from 'html-validate';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReleaseContent } from '../channel.js';
import { samples, pictureHash, policy, typhoon, warningOf } from './fixtures/samples.js';
import { fitNotification, render } from './rendition.js';

/** With UPDATE_GOLDEN=1 the reviewed files are written anew; look at the difference before keeping it. */
function expectGolden(file: string, actual: string): void {
  const path = join(import.meta.dirname, 'fixtures', 'golden', file);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, actual);
  expect(actual).toBe(readFileSync(path, 'utf8'));
}

const bodyOf = (html: string) => html.slice(html.indexOf('<main>'), html.indexOf('</main>'));
const codesOf = (release: ReleaseContent) => render(release).warnings.map((warning) => warning.code);

describe('the reviewed renditions', () => {
  it.each(Object.entries(samples))('of "%s" stay as they are', (name, release) => {
    const rendition = render(release);
    const extras = {
      url: 'https://example.gov.cn/feeds/city/items/8b53639f-152c-8fc6-af30-802fde462ba0',
      item: '8b53639f-152c-8fc6-af30-802fde462ba0',
      feed: 'city',
    };
    expectGolden(`${name}.html`, bodyOf(rendition.preview));
    expectGolden(
      `${name}.json`,
      `${JSON.stringify({ warnings: rendition.warnings, expected: { ...rendition.expected, text: rendition.expected.text.length }, notification: fitNotification(rendition.payload.notice, extras, { feed: 'city' }) }, null, 2)}\n`,
    );
  });

  it('is the same for the same release, and survives the way through JSON', () => {
    const rendition = render(policy);
    expect(render(policy)).toEqual(rendition);
    expect(JSON.parse(JSON.stringify(rendition.payload))).toEqual(JSON.parse(JSON.stringify(render(policy).payload)));
  });
});

it.each(Object.entries(samples))('shows "%s" as valid HTML that keeps the accessibility rules', async (_, release) => {
  const report = await new HtmlValidate({ extends: ['html-validate:standard', 'html-validate:a11y'] }).validateString(
    render(release).preview,
  );
  expect(
    report.results.flatMap((result) =>
      result.messages.map(({ ruleId, message, line }) => `${line} ${ruleId}: ${message}`),
    ),
  ).toEqual([]);
});

describe('the article', () => {
  const picture = (hash: string, alt: string) => ({ hash, alt, width: 800, height: 600 });

  it('shows the cover first and unplaced pictures last, each once', () => {
    const [a, b, c] = ['1', '2', '3'].map((digit) => digit.repeat(64)) as [string, string, string];
    const { payload, expected } = render({
      ...typhoon,
      cover: a,
      pictures: [picture(a, '封面'), picture(b, '文中'), picture(c, '文后')],
      body: `<p>甲</p><figure><img src="media:${b}" alt=""></figure><p>乙</p>`,
    });
    expect(payload.media).toEqual([b, a, c]);
    expect([...payload.body.matchAll(/media:(\d)/g)].map((found) => found[1])).toEqual(['1', '2', '3']);
    expect(payload.body).toContain('alt="文中"');
    expect(expected).toMatchObject({ text: '甲乙', pictures: 3 });
  });

  it("leaves out a picture that is not the release's own, and says so", () => {
    const release = {
      ...typhoon,
      body: `<p>甲</p><img src="media:${'9'.repeat(64)}" alt=""><img src="http://169.254.169.254/x" alt="">`,
    };
    expect(render(release).expected.pictures).toBe(0);
    expect(codesOf(release)).toContain('picture_dropped');
  });

  it('lets a wide table scroll by itself, within reach of the keyboard', () => {
    expect(render(policy).payload.body).toContain('<section class="wide" tabindex="0" aria-label="表格"><table>');
  });
});

it('is never an empty page: without a body, the summary stands in its place', () => {
  expect(render({ ...typhoon, body: '' }).expected.text).toBe(typhoon.summary);
});

describe('the warnings before signing', () => {
  it.each<[string, string, Partial<ReleaseContent>]>([
    ['a title some phones cut', 'notice_title_long', { title: '字'.repeat(21) }],
    ['a title every phone cuts', 'notice_title_cut', { title: '字'.repeat(51) }],
    ['a missing summary', 'summary_missing', { summary: '' }],
    ['a summary that is cut', 'notice_text_cut', { summary: '字'.repeat(200) }],
  ])('name %s', (_, code, change) => {
    expect(codesOf({ ...policy, ...change })).toContain(code);
  });

  it('are none for a release that fits', () => {
    expect(
      codesOf({ ...policy, title: '入学服务措施', pictures: [{ hash: pictureHash, alt: '图', width: 1, height: 1 }] }),
    ).toEqual([]);
  });
});

describe("the notification's title", () => {
  const titleOf = (release: ReleaseContent) => render(release).payload.notice.title;
  const message = (msgType: 'Update' | 'Cancel', title: string, status: 'Actual' | 'Exercise' = 'Actual') =>
    titleOf({ ...warningOf({ msgType, status }), title });

  it.each<[string, Partial<ReleaseContent>, string]>([
    ['a correction', { change: 'correction' }, '更正：入学服务措施'],
    ['an update', { change: 'update' }, '续报：入学服务措施'],
    ['one that says so itself', { change: 'correction', title: '【更正】入学服务措施' }, '【更正】入学服务措施'],
    ['traditional script', { change: 'update', language: 'zh-Hant' }, '續報：入学服务措施'],
    ['English', { change: 'correction', language: 'en', title: 'Hours' }, 'Correction: Hours'],
    ['what came first', {}, '入学服务措施'],
  ])('of %s begins as it should', (_, change, title) => {
    expect(titleOf({ ...policy, title: '入学服务措施', ...change })).toBe(title);
  });

  it('says of a warning what has become of it, in the words of every channel, unless the author has', () => {
    expect(titleOf(warningOf())).toBe('示例市发布台风红色预警');
    expect(message('Cancel', '示例市发布台风红色预警')).toBe('台风红色预警解除：示例市发布台风红色预警');
    expect(message('Update', '示例市发布台风红色预警')).toBe('台风红色预警更新：示例市发布台风红色预警');
    expect(message('Cancel', '示例市解除台风红色预警')).toBe('示例市解除台风红色预警');
    expect(message('Cancel', '演练：示例市台风红色预警', 'Exercise')).toBe(
      '演练：台风红色预警解除：示例市台风红色预警',
    );
    expect(render(warningOf({ msgType: 'Cancel' })).payload.notice.text).toMatch(/^台风红色预警解除｜/);
  });
});

it('never cuts the source from an emergency notification', () => {
  const { notice } = render({ ...typhoon, summary: '长'.repeat(400) }).payload;
  expect(notice.text).toMatch(/…（示例省应急指挥中心（演练））$/);
  expect(notice.long).toMatch(/（示例省应急指挥中心（演练））$/);
  expect(notice.urgent).toBe(true);
});
