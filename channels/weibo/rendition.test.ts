import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import type { Picture, ReleaseContent } from '../channel.js';
import { count, limit, linksIn } from './counter.js';
import { profileOf, samples } from './fixtures/samples.js';
import { pixelsOf } from './long-picture.js';
import { renderWeibo, statusOf } from './rendition.js';

const plain: ReleaseContent = {
  ...samples['policy-2026'],
  kind: 'notice',
  title: '关于调整办公时间的通知',
  summary: '',
  body: '<p>自12月1日起，办公时间调整为8:30至17:30。</p>',
  source: '示例市政务服务局',
};
const picture = (letter: string): Picture => ({ hash: letter.repeat(64), alt: `图${letter}`, width: 900, height: 600 });
const codesOf = (release: ReleaseContent, settings?: Record<string, unknown>) =>
  renderWeibo(release, profileOf(settings)).warnings.map((warning) => warning.code);

/** To renew the reviewed files after a change that was meant: `UPDATE_GOLDEN=1 npx jest channels/weibo`. */
function expectGolden(name: string, text: string): void {
  const file = join(__dirname, 'fixtures', 'golden', `${name}.txt`);
  if (process.env['UPDATE_GOLDEN']) {
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
}

describe('a release as a post', () => {
  it.each(Object.entries(samples))('of the sample %s is the reviewed one', (name, release) => {
    const { payload, warnings } = renderWeibo(release, profileOf());
    const drawing =
      payload.picture?.from === 'text'
        ? [...payload.picture.svg.matchAll(/<text[^>]*>([^<]*)/g)].map((row) => row[1]).join('\n')
        : '(none)';
    expectGolden(
      name,
      [
        statusOf(payload.words, payload.link ?? '', `${release.revision}-a1`),
        `${count(statusOf(payload.words, payload.link ?? '', 'k'))} / 140`,
        '',
        ...warnings.map((warning) => `${warning.code}: ${warning.said.zh}`),
        '',
        drawing,
        '',
      ].join('\n'),
    );
  });

  it.each(Object.entries(samples))(
    'of the sample %s is drawn as a picture the platform takes',
    async (_name, release) => {
      const { payload } = renderWeibo(release, profileOf());
      if (payload.picture?.from !== 'text') throw new Error('no drawing');
      const pixels = await pixelsOf(payload.picture);
      expect(pixels.length).toBeLessThan(5 * 1024 * 1024);
      const { data, info } = await sharp(pixels).greyscale().raw().toBuffer({ resolveWithObject: true });
      expect([info.width, info.height]).toEqual([payload.picture.width, payload.picture.height]);
      expect(data.filter((shade) => shade < 100).length).toBeGreaterThan(2_000);
    },
  );

  it('says the whole body where it fits, and then draws nothing', () => {
    const { payload, warnings } = renderWeibo(plain, profileOf());
    expect(payload).toEqual({
      words: '【关于调整办公时间的通知】自12月1日起，办公时间调整为8:30至17:30。',
      link: 'https://www.x.gov.cn/articles/r0policy-2026',
    });
    expect(warnings).toEqual([]);
  });

  it("never exceeds the platform's length, always ends with the link, and never holds a topic", () => {
    const words = fc.string({
      unit: fc.constantFrom('字', 'a', '。', '，', '#', ' ', '🚨', '9', '请', '市', '时', 'http://a.example/x '),
      maxLength: 260,
    });
    const release = fc.record({
      kind: fc.constantFrom('emergency' as const, 'news' as const),
      title: words,
      summary: words,
      source: words,
      body: words.map((text) => `<p>${text}</p>`),
    });
    fc.assert(
      fc.property(release, fc.integer({ min: 0, max: 120 }), (content, longer) => {
        const profile = profileOf({ linkTemplate: `https://www.x.gov.cn/${'p'.repeat(longer)}/{release}` });
        const { payload } = renderWeibo({ ...plain, ...content }, profile);
        const status = statusOf(payload.words, payload.link ?? '', 'v0000000000000000-a00000000000000000000');
        expect(count(status)).toBeLessThanOrEqual(limit);
        expect(linksIn(status).at(-1)).toMatch(/^https:\/\/www\.x\.gov\.cn\/p*\/r0policy-2026\?lf=[0-9a-f]{16}$/);
        expect(status).not.toMatch(/#[^#]+#/);
      }),
      { numRuns: 200 },
    );
  });

  it('turns topics into quotation marks, in text but not in addresses, and says so', () => {
    const release = {
      ...plain,
      title: '关于#文明出行#的倡议',
      body: '<p>参与＃绿色出行＃，详见<a href="https://a.example/#a#b">这里</a>。第#1名</p>',
    };
    const { payload } = renderWeibo(release, profileOf());
    expect(payload.words).toBe('【关于“文明出行”的倡议】参与“绿色出行”，详见这里。第＃1名');
    expect(codesOf(release)).toEqual(['topic_marks']);
  });

  it('says which words the platform takes for other accounts', () => {
    const { warnings } = renderWeibo(
      { ...plain, body: '<p>来信请寄 office@fuzhou.gov.cn，或私信@示例发布。</p>' },
      profileOf(),
    );
    expect(warnings.map(({ code, said }) => `${code} ${said.zh}`)).toEqual([
      expect.stringMatching(/^mentions .*“@fuzhou”“@示例发布”/),
    ]);
  });

  it('keeps the brackets of a title apart from its own', () => {
    expect(renderWeibo({ ...plain, title: '【便民】办公时间调整' }, profileOf()).payload.words).toMatch(
      /^【〔便民〕办公时间调整】/,
    );
  });

  it('takes the beginning of the text for a summary: no salutation, no headings, items, and a word for a table', () => {
    const body =
      '<p>各区人民政府，市政府各工作部门：</p><h2>一、时间</h2><p>调整如下：</p><table><tr><td>甲</td></tr><tr><td>乙</td></tr></table><ul><li>周六不开。</li></ul>';
    const { words } = renderWeibo({ ...plain, body: body + `<p>${'其余照旧。'.repeat(60)}</p>` }, profileOf()).payload;
    expect(words).toMatch(/^【关于调整办公时间的通知】调整如下：（表格见全文）周六不开。其余照旧。/);
  });

  it('takes the cover, else the first picture, and says what it leaves out', () => {
    const pictures = [picture('a'), picture('b'), picture('c')];
    const withCover = renderWeibo({ ...plain, pictures, cover: 'b'.repeat(64) }, profileOf());
    expect(withCover.payload.picture).toEqual({ from: 'release', hash: 'b'.repeat(64), alt: '图b' });
    expect(withCover.expected.pictures).toBe(1);
    expect(withCover.preview).toContain(`src="media:${'b'.repeat(64)}"`);
    expect(withCover.warnings.map((warning) => warning.code)).toEqual(['pictures_dropped']);
    expect(renderWeibo({ ...plain, pictures }, profileOf()).payload.picture).toMatchObject({ hash: 'a'.repeat(64) });
  });

  it('draws no text where there is a picture', () => {
    const { payload } = renderWeibo({ ...samples['policy-2026'], pictures: [picture('a')] }, profileOf());
    expect(payload.picture?.from).toBe('release');
  });

  it('says what goes missing: attachments, sound and film', () => {
    const attachments = [{ hash: 'd'.repeat(64), name: '附件.pdf', mime: 'application/pdf', bytes: 9 }];
    expect(
      codesOf({
        ...plain,
        attachments,
        body: `${plain.body}<video src="https://a.example/v.mp4" controls=""></video>`,
      }),
    ).toEqual(['media_dropped', 'attachments_dropped']);
  });

  it('warns where the platform will refuse the link', () => {
    expect(codesOf(plain, { safeDomains: ['other.gov.cn'] })).toEqual(['no_safe_domain']);
    expect(codesOf(plain, { safeDomains: [] })).toEqual(['no_safe_domain']);
    const stray = { ...plain, body: '<p>详见 https://other.example.com/a 。</p>' };
    expect(codesOf(stray, { safeDomains: ['gov.cn'] })).toEqual(['stray_link']);
    expect(codesOf(plain, { linkTemplate: undefined })).toEqual(['link_missing']);
  });

  it('ends a very long text at a bounded height and refers to the link', () => {
    const { payload, warnings } = renderWeibo(
      { ...plain, summary: '摘要。', body: `<p>${'一段很长的文字，没有尽头。'.repeat(80)}</p>`.repeat(20) },
      profileOf(),
    );
    if (payload.picture?.from !== 'text') throw new Error('no drawing');
    expect(payload.picture.height).toBeLessThanOrEqual(13_100);
    expect(payload.picture.svg).toContain('篇幅所限，以上为节选，全文见：');
    expect(payload.picture.svg).toContain('https://www.x.gov.cn/articles/');
    expect(warnings.map((warning) => warning.code)).toContain('long_picture_cut');
  });

  it('draws hostile text as text', () => {
    const { payload, preview } = renderWeibo(
      {
        ...samples['notice-bad'],
        summary: '"><img src=x onerror=alert(1)>',
        source: '</text><script>alert(1)</script>',
      },
      profileOf(),
    );
    if (payload.picture?.from !== 'text') throw new Error('no drawing');
    expect(payload.picture.svg).not.toContain('<script');
    expect(preview).not.toMatch(/<script|<img src=x/);
  });
});

describe('an emergency as a post', () => {
  const release = samples['typhoon-red'];

  it('keeps level, place, time, action, source and link', () => {
    const { words, link } = renderWeibo(release, profileOf()).payload;
    for (const fact of ['红色预警', '福州市、宁德市', '18时至11月25日6时', '停止一切户外集会', '示例省应急指挥中心'])
      expect(words).toContain(fact);
    expect(link).toBeDefined();
  });

  it('keeps them however long each is', () => {
    const { words } = renderWeibo(
      {
        ...release,
        title: `${'关于进一步做好当前强降雨防范应对工作的重要提示'.repeat(3)}暴雨橙色预警`,
        body: `<p>影响范围：${'示例市甲区乙街道、'.repeat(12)}</p><p>时间：${'24日18时至25日6时，'.repeat(6)}</p><p>防御指南：${'请立即转移到高处，不要涉水。'.repeat(20)}</p>`,
      },
      profileOf(),
    ).payload;
    for (const fact of ['橙色预警', '影响范围：示例市甲区', '时间：24日18时', '请立即转移到高处', '示例省应急指挥中心'])
      expect(words).toContain(fact);
  });

  it('says that it is a drill however long the title is', () => {
    const { words } = renderWeibo(
      {
        ...release,
        title: `${'关于进一步做好当前强降雨防范应对工作的重要提示'.repeat(3)}暴雨橙色预警（演练）`,
        source: '示例省',
      },
      profileOf(),
    ).payload;
    expect(words).toMatch(/^【橙色预警：演练：/);
  });

  it('finds them in running text too', () => {
    const { payload, warnings } = renderWeibo(
      {
        ...release,
        title: '暴雨预警信号',
        summary: '',
        body: '<p>示例市气象台24日18时发布暴雨橙色预警：预计未来3小时甲县、乙区降雨量将达50毫米以上。请居民避免外出，低洼地区人员立即转移。</p>',
      },
      profileOf(),
    );
    for (const fact of ['橙色预警', '甲县、乙区', '未来3小时', '立即转移']) expect(payload.words).toContain(fact);
    expect(warnings.map((warning) => warning.code)).not.toContain('emergency_fact_missing');
  });

  it('names what a warning should hold and this one does not', () => {
    const { warnings } = renderWeibo({ ...release, title: '重要提示', body: '<p>天气变化。</p>' }, profileOf());
    expect(
      warnings
        .filter((warning) => warning.code === 'emergency_fact_missing')
        .map((warning) => /“(.+?)”/.exec(warning.said.zh)?.[1]),
    ).toEqual(['级别', '影响范围', '时间', '应采取的措施']);
  });
});
