import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { channel } from './adapter.js';
import { builtinSettings, picture, profileOf, releaseOf, sample } from './fixtures/ground.js';
import { styles } from './site/look.js';

const own = profileOf(builtinSettings);
const cms = profileOf({ type: 'micropub', endpoint: 'https://cms.example/micropub' });

function codes(release: ReturnType<typeof releaseOf>, profile = own): string[] {
  return channel.render(release, profile).warnings.map(({ code }) => code);
}

describe('the rendition', () => {
  it.each(['keynote', 'policy', 'interpretation', 'bad'])(
    'of the sample "%s" is the one that was reviewed',
    async (name) => {
      const { preview, warnings } = channel.render(await sample(name), own);
      const seen = `${preview.replace(styles, '')}\n<!-- ${warnings.map(({ code }) => code).join(' ')} -->\n`;
      expect(seen).toBe(await readFile(join(import.meta.dirname, 'fixtures', 'golden', `${name}.html`), 'utf8'));
    },
  );

  it('for a remote CMS carries header and attachments in its content', async () => {
    const { payload, expected, warnings } = channel.render(await sample('policy'), cms);
    expect(payload.bare).toMatch(/^<ul><li>索引号：01400001X\/2026-00042<\/li>/);
    expect(payload.bare).toContain(`<a href="media:${'a'.repeat(64)}">附件1：申请材料清单.docx</a>`);
    expect(expected.text).toContain('附件1：申请材料清单.docx');
    expect(warnings.map(({ code }) => code)).toEqual(expect.arrayContaining(['header-in-text', 'attachments-in-text']));
  });

  it('is the same for the same release, and shared where accounts look alike', async () => {
    const release = await sample('policy');
    expect(channel.render(release, own)).toEqual(channel.render(release, own));
    expect(channel.renditionKey?.(own)).toBe(channel.renditionKey?.({ ...own, id: 'another' }));
    expect(channel.renditionKey?.(own)).not.toBe(
      channel.renditionKey?.(profileOf({ ...builtinSettings, siteName: '别的' })),
    );
    expect(channel.renditionKey?.(cms)).toBe(
      channel.renditionKey?.(profileOf({ type: 'micropub', endpoint: 'https://other.example/micropub' })),
    );
  });

  it('survives being kept as JSON', async () => {
    const rendition = channel.render(await sample('policy'), own);
    expect(JSON.parse(JSON.stringify(rendition))).toEqual(rendition);
  });

  it('places pictures: those of the text in it, the rest at its end, the cover nowhere else', async () => {
    const [first, second, cover] = [
      await picture(undefined, 1, '一'),
      await picture(undefined, 2, '二'),
      await picture(undefined, 3, '封面'),
    ];
    const release = releaseOf({
      pictures: [first, second, cover],
      cover: cover.hash,
      body: `<p>前</p><p><img src="media:${first.hash}" alt=""></p><p>后</p>`,
    });
    const { payload, expected, warnings } = channel.render(release, own);
    expect(expected.pictures).toBe(2);
    expect(payload.body).toMatch(
      new RegExp(
        `<p>前</p><figure><img src="media:${first.hash}" alt="一" width="1200" height="800"[^>]*></figure><p>后</p><figure><img src="media:${second.hash}"`,
      ),
    );
    expect(payload.body).not.toContain(cover.hash);
    expect(payload.pictures).toHaveLength(3);
    expect(warnings.map(({ code }) => code)).toContain('picture-appended');
  });

  it('offers contents from three headings on', () => {
    expect(channel.render(releaseOf({ body: '<h2>一</h2><p>x</p><h2>二</h2>' }), own).payload.toc).toEqual([]);
    expect(
      channel
        .render(releaseOf({ body: '<h2>一</h2><h3>（一）</h3><h2>二</h2>' }), own)
        .payload.toc.map(({ id, level }) => [id, level]),
    ).toEqual([
      ['part-1', 2],
      ['part-2', 3],
      ['part-3', 2],
    ]);
  });
});

describe('the warnings', () => {
  it('are none for a sound release', () => {
    expect(codes(releaseOf())).toEqual([]);
  });

  it.each([
    ['source-missing', { source: ' ' }],
    ['title-long', { title: '很'.repeat(51) }],
    ['summary-made', { summary: '' }],
    ['body-empty', { body: '' }],
    ['column-missing', { columns: [] }],
    ['heading-skipped', { body: '<h2>一</h2><h4>二</h4>' }],
    ['media-elsewhere', { body: '<p>x</p><audio src="https://a.example/x.mp3" controls></audio>' }],
    ['picture-unknown', { body: `<p>x</p><img src="media:${'f'.repeat(64)}" alt="">` }],
    ['document-header', { kind: 'policy' }],
    ['policy-unlinked', { kind: 'interpretation' }],
  ] as const)('say %s', (code, more) => {
    expect(codes(releaseOf({ ...more, columns: 'columns' in more ? [...more.columns] : ['通知公告'] }))).toContain(
      code,
    );
  });

  it('ask for a description of each picture, and a review number on each map', async () => {
    const [blank, map, numbered] = [
      await picture(undefined, 1, ''),
      await picture(undefined, 2, '全市行政区划图'),
      await picture(undefined, 3, '全市地图'),
    ];
    const release = releaseOf({
      pictures: [blank, map, numbered],
      body: `<p>x</p><figure><img src="media:${blank.hash}" alt=""></figure><figure><img src="media:${map.hash}" alt=""></figure><figure><img src="media:${numbered.hash}" alt=""><figcaption>审图号：晋S(2026)001号</figcaption></figure>`,
    });
    expect(codes(release)).toEqual(['alt-missing', 'map-unnumbered']);
  });

  it('are said in both languages', async () => {
    for (const { said } of channel.render(await sample('bad'), cms).warnings) {
      expect(said.zh).toMatch(/[\u4e00-\u9fff].*[。]$/);
      expect(said.en).toMatch(/^[A-Z].*\.$/);
    }
  });
});
