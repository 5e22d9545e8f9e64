import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { ReleaseContent } from '../channel.js';
import { plainText } from './compare.js';
import { chartHash, pictureHash, profile, samples, specimen } from './fixtures/samples.js';
import { render } from './rendition.js';

const rendered = (rest: Partial<ReleaseContent> = {}, settings: Partial<typeof profile.settings> = {}) =>
  render(specimen(rest), { ...profile, settings: { ...profile.settings, ...settings } });
const codesOf = (...given: Parameters<typeof rendered>) => rendered(...given).warnings.map(({ code }) => code);
const picture = { hash: pictureHash, alt: '', width: 1200, height: 800 };

describe('golden renditions', () => {
  // Reviewed files. After a wanted change: delete the file, run this test, look at it on a phone's width, commit it.
  it.each(Object.keys(samples))('renders %s as reviewed', (name) => {
    const file = join(__dirname, 'fixtures', 'golden', `${name}.html`);
    const { preview } = render(samples[name] ?? specimen(), profile);
    if (!existsSync(file) && process.env['CI'] === undefined) writeFileSync(file, preview);
    expect(preview).toBe(readFileSync(file, 'utf8'));
  });
});

describe('warnings before signing', () => {
  const base = codesOf({ cover: pictureHash, pictures: [picture] });

  it('has nothing to say about an ordinary release', () => {
    expect(base).toEqual([]);
  });

  const cover = { cover: pictureHash, pictures: [picture] };
  it.each<[string, Partial<ReleaseContent>, Partial<typeof profile.settings>, string[]]>([
    ['a title of 33 characters', { title: '长'.repeat(33) }, {}, ['title_long']],
    ['a title of 65 characters', { title: '长'.repeat(65) }, {}, ['title_cut']],
    ['an author of 9 characters', { author: '长'.repeat(9) }, {}, ['author_long']],
    ['an author of 17 characters', { author: '长'.repeat(17) }, {}, ['author_cut']],
    ['a summary of 121 characters', { summary: '长'.repeat(121) }, {}, ['summary_cut']],
    ['no summary', { summary: ' ' }, {}, ['summary_missing']],
    ['no cover', { cover: undefined, pictures: [] }, {}, ['cover_missing']],
    ['a small cover', { pictures: [{ ...picture, width: 640 }] }, {}, ['cover_small']],
    ['outside links', { body: '<p><a href="https://a.example/">甲</a></p>' }, {}, ['links_footnoted']],
    ['video', { body: '<p>甲</p><video src="https://a.example/v.mp4"></video>' }, {}, ['media_dropped']],
    ['audio', { body: '<p>甲</p><audio src="https://a.example/v.mp3"></audio>' }, {}, ['media_dropped']],
    ['an outside picture', { body: '<p>甲<img src="https://a.example/a.jpg" alt=""></p>' }, {}, ['picture_dropped']],
    [
      'a picture that was never uploaded',
      { body: `<p>甲<img src="media:${chartHash}" alt=""></p>` },
      {},
      ['picture_dropped'],
    ],
    ['a table of five columns', { body: `<table><tr>${'<td>甲</td>'.repeat(5)}</tr></table>` }, {}, ['table_wide']],
    [
      'attachments',
      { attachments: [{ hash: chartHash, name: '表.pdf', mime: 'application/pdf', bytes: 1 }] },
      {},
      ['attachments_listed'],
    ],
    ['a text over the bound', { body: '<p>长文。</p>'.repeat(4000) }, {}, ['content_cut']],
    ['an account without a site', {}, { linkTemplate: undefined }, ['no_source_link']],
    ['an account without the right', {}, { mode: 'draft' }, ['draft_only']],
    [
      'an emergency with pictures',
      { kind: 'emergency', body: `<img src="media:${pictureHash}" alt="">` },
      {},
      ['emergency_pictures'],
    ],
  ])('tells of %s', (_, rest, settings, expected) => {
    const { warnings } = rendered({ ...cover, ...rest }, settings);
    expect(warnings.map(({ code }) => code)).toEqual(expected);
    for (const { said } of warnings)
      expect([said.zh, said.en]).toEqual([expect.stringMatching(/\p{Script=Han}.*。$/u), expect.stringMatching(/\.$/)]);
  });
});

describe('the article', () => {
  it('turns links into numbered notes, the same address once, and keeps links inside WeChat', () => {
    const {
      payload: { content },
    } = rendered({
      body: '<p><a href="https://a.example/">甲</a><a href="https://b.example/?x=1&amp;y=2">https://b.example/?x=1&amp;y=2</a><a href="https://a.example/">又甲</a><a href="https://mp.weixin.qq.com/s/x">内</a><a href="tel:12345">12345</a></p>',
    });
    expect(plainText(content)).toBe(
      '甲[1]https://b.example/?x=1&y=2[2]又甲[1]内12345参考链接（可长按复制）[1]甲https://a.example/[2]https://b.example/?x=1&y=2来源：示例市人民政府办公室',
    );
    expect(content.match(/<a /g)).toHaveLength(1);
    expect(content).toContain('<a href="https://mp.weixin.qq.com/s/x"');
  });

  it('cuts whole blocks at the end of a long text, says where the rest is, and still expects what it sends', () => {
    const { payload, expected } = rendered({ body: `<p>开头</p>${'<p>一二三四五六七八九十</p>'.repeat(2000)}` });
    expect(payload.content.length).toBeLessThan(20_000);
    expect(payload.content).toContain('全文请点文末“阅读原文”');
    expect(expected.text).toBe(plainText(payload.content));
    expect(expected.text.startsWith('开头一二三')).toBe(true);
  });

  it('shows the beginning of a text that is one endless paragraph', () => {
    const { payload, warnings } = rendered({ body: `<p>开头${'一二三四五六七八九十&lt;'.repeat(3000)}</p>` });
    expect(payload.content.length).toBeLessThan(20_000);
    expect(plainText(payload.content).startsWith('开头一二三四五六七八九十<一')).toBe(true);
    expect(warnings.map(({ code }) => code)).toContain('content_cut');
  });

  it('leaves room for the addresses that pictures get on the platform', () => {
    const pictures = Array.from({ length: 80 }, (_, place) => ({
      hash: place.toString(16).padStart(64, '0'),
      alt: '',
      width: 1000,
      height: 700,
    }));
    const { payload } = rendered({
      pictures,
      body: pictures.map(({ hash }) => `<p>图</p><figure><img src="media:${hash}" alt=""></figure>`).join(''),
    });
    const filled = payload.content.replace(
      /media:[0-9a-f]{64}/g,
      `http://mmbiz.qpic.cn/sz_mmbiz_jpg/${'x'.repeat(150)}/0?wx_fmt=jpeg&from=appmsg`,
    );
    expect(filled.length).toBeLessThan(20_000);
  });

  it('counts the pictures that the public will see', () => {
    const { expected, payload } = rendered({
      pictures: [picture],
      body: `<img src="media:${pictureHash}" alt="甲"><img src="media:${pictureHash}" alt="乙"><img src="https://x.example/a.png" alt="">`,
    });
    expect(expected.pictures).toBe(2);
    expect(payload.pictures).toEqual([pictureHash]);
  });

  it('holds styles only as attributes, and no script, class, id or style sheet, whatever comes in', () => {
    const piece = fc.constantFrom(
      '<p class="x" id="y">甲</p>',
      '<script>alert(1)</script>',
      '<style>p{}</style>',
      '<iframe src="https://evil.example"></iframe>',
      '<h2>乙</h2>',
      '<table><tr><td colspan="2">丙</td></tr></table>',
      '<ul><li>丁<ul><li>戊</li></ul></li></ul>',
      '<blockquote><p>己</p></blockquote>',
      '<figure><img src="javascript:x" alt=""><figcaption>庚</figcaption></figure>',
      '<a href="javascript:x">辛</a>',
      '<hr>',
      '&lt;b&gt;',
      '𠮷😀',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }),
        fc.string({ unit: 'grapheme', maxLength: 80 }),
        (pieces, title) => {
          const { payload, expected } = rendered({ body: pieces.join(''), title });
          expect(payload.content).not.toMatch(/<(script|style|iframe)|\sclass=|javascript:/i);
          expect(payload.content.length).toBeLessThan(20_000);
          expect([...payload.title].length).toBeLessThanOrEqual(64);
          expect(expected.text).toBe(plainText(payload.content));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('shows a title with signs of HTML as text in the preview', () => {
    expect(rendered({ title: '<img src=x onerror=alert(1)>' }).preview).toContain(
      '<h1>&lt;img src&#x3D;x onerror&#x3D;alert(1)&gt;</h1>',
    );
  });
});
