import fc from 'fast-check';
import { count, cutTo, halfUnits, linksIn } from './counter.js';

const address = fc
  .record({
    scheme: fc.constantFrom('http', 'https'),
    host: fc.constantFrom('www.x.gov.cn', 'a.example', 'sub-domain.x.gov.cn'),
    path: fc.stringMatching(/^[a-z0-9/_.?=&-]{0,180}$/),
  })
  .map(({ scheme, host, path }) => `${scheme}://${host}/${path}`);
const plain = fc.string({
  unit: fc.constantFrom('a', '1', ' ', '，', '字', '。', 'é', 'Ａ', '\n', '🚨', '👨‍👩‍👧', '𠮷'),
  maxLength: 300,
});
const mixed = fc
  .array(
    fc.oneof(
      plain,
      address.map((link) => ` ${link} `),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

describe('the length of a post', () => {
  it.each([
    ['Test', 2],
    ['你好', 2],
    ['你好 http://www.x.gov.cn/a.html', 13],
    ['你好 https://www.x.gov.cn/a.html', 13],
    ['', 0],
    ['a', 1],
    ['abc', 2],
    ['，', 1],
    [',', 1],
    ['🚨', 2],
    ['𠮷', 2],
    ['é', 1],
    ['\u0080', 1],
    ['字'.repeat(140), 140],
  ])('of %j is %i', (text, expected) => {
    expect(count(text)).toBe(expected);
  });

  it('counts a link as ten characters up to 140 bytes, then each byte more', () => {
    const link = (bytes: number) => `http://www.x.gov.cn/${'a'.repeat(bytes - 20)}`;
    expect(halfUnits(link(30))).toBe(20);
    expect(halfUnits(link(140))).toBe(20);
    expect(halfUnits(link(141))).toBe(21);
    expect(halfUnits(link(200))).toBe(80);
  });

  it('counts short links of t.cn as they stand', () => {
    expect(halfUnits('http://t.cn/A6abcdef')).toBe(20);
    expect(halfUnits('http://t.cn/A6')).toBe(14);
    expect(halfUnits('http://t.cn.example/A6')).toBe(20);
  });

  it('counts links of weibo.com and weibo.cn as they stand up to 41 bytes', () => {
    expect(halfUnits('http://weibo.com/12/AbCd')).toBe(24);
    expect(halfUnits(`https://m.weibo.cn/${'a'.repeat(22)}`)).toBe(41);
    expect(halfUnits(`https://m.weibo.cn/${'a'.repeat(23)}`)).toBe(20);
    expect(halfUnits('http://notweibo.com/12/AbCdefghi')).toBe(20);
  });

  it('ends a link where Chinese begins', () => {
    expect(linksIn('见https://www.x.gov.cn/a。再见')).toEqual(['https://www.x.gov.cn/a']);
  });

  it('of plain text is one for each code unit and one more for each that is wide', () => {
    fc.assert(
      fc.property(plain, (text) => {
        const wide = [...text].reduce(
          (sum, character) => sum + (/^[\u0000-\u0080]$/u.test(character) ? 1 : 2 * character.length),
          0,
        );
        expect(halfUnits(text)).toBe(wide);
      }),
    );
  });

  it('of texts put together by a space is the sum of both and one', () => {
    fc.assert(
      fc.property(mixed, mixed, (one, other) => {
        expect(halfUnits(`${one} ${other}`)).toBe(halfUnits(one) + 1 + halfUnits(other));
      }),
    );
  });

  it('of a link is the same whatever marker it carries, up to 140 bytes', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z0-9]{0,60}$/),
        (marker) => halfUnits(`https://www.x.gov.cn/articles/r1?lf=${marker}`) === 20,
      ),
    );
  });
});

describe('cutting', () => {
  it('keeps within the room and never breaks a link or a visible character', () => {
    fc.assert(
      fc.property(mixed, fc.integer({ min: 0, max: 300 }), (text, room) => {
        const cut = cutTo(text, room);
        expect(halfUnits(cut)).toBeLessThanOrEqual(room);
        const links = linksIn(text);
        for (const [place, link] of linksIn(cut).entries()) expect(link).toBe(links[place]);
        expect(cut).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
        expect(cut).not.toMatch(/👨‍(?!👩‍👧)/u);
      }),
    );
  });

  it('leaves alone what fits', () => {
    fc.assert(fc.property(mixed, (text) => cutTo(text, halfUnits(text)) === text));
  });

  it('breaks no Latin word and no number', () => {
    expect(cutTo('The change applies to every counter on the ground floor', 40)).toBe(
      'The change applies to every counter on…',
    );
    expect(cutTo('办公时间自2026年12月1日起调整为上午九点整', 15)).toBe('办公时间自…');
    expect(cutTo('The hours change on Friday. Nothing else does, as before', 40)).toBe('The hours change on Friday.');
  });

  it('prefers the end of a clause to the middle of one, where little is lost', () => {
    expect(cutTo('第一部分的内容已经说完了，第二部分才开始说起来就没有尽头', 32)).toBe('第一部分的内容已经说完了…');
  });

  it('prefers the end of a sentence, and says by an ellipsis that there is more', () => {
    expect(cutTo('第一句话说完了。第二句话很长很长很长', 22)).toBe('第一句话说完了。');
    expect(cutTo('一句很长的话没有停顿一直说下去', 12)).toBe('一句很长的…');
  });
});
