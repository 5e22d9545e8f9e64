import fc from 'fast-check';
import { canonical, mentionedMedia, plainText } from './canonical.js';

const hash = 'ab'.repeat(32);
const known = new Set([hash]);
const clean = (html: string) => canonical(html, known).html;
const told = (html: string) => canonical(html, known).dropped.map(({ what, count }) => `${what} ×${count}`);

it.each([
  ['<h1>甲</h1><h5>乙</h5>', '<h2>甲</h2><h4>乙</h4>'],
  ['<p><b>甲</b><i>乙</i><del>丙</del><ins>丁</ins></p>', '<p><strong>甲</strong><em>乙</em><s>丙</s><u>丁</u></p>'],
  ['<div>甲</div><div>乙</div>', '<p>甲</p><p>乙</p>'],
  ['<div>甲<div>乙</div>丙</div>', '<p>甲</p><p>乙</p><p>丙</p>'],
  ['<section><h2>甲</h2>乙<br>丙</section>', '<h2>甲</h2><p>乙<br>丙</p>'],
  ['甲 <strong>乙</strong><p>丙</p>丁', '<p>甲 <strong>乙</strong></p><p>丙</p><p>丁</p>'],
  ['<p>&nbsp;</p><p><br></p><p>甲</p><div></div>', '<p>甲</p>'],
  ['<ul><li><div>甲</div></li></ul>', '<ul><li>甲</li></ul>'],
  ['<li>甲</li>', '<ul><li>甲</li></ul>'],
  [
    '<table><tr><td colspan="2" width="9"><div>甲</div></td></tr></table>',
    '<table><tbody><tr><td colspan="2">甲</td></tr></tbody></table>',
  ],
  ['<td>甲</td>', '<p>甲</p>'],
  ['<p>a &lt; b &amp; c 😀𠮷</p>', '<p>a &lt; b &amp; c 😀𠮷</p>'],
  [
    `<figure><img src="media:${hash}" alt=" 图 "><figcaption>说明</figcaption></figure>`,
    `<figure><img src="media:${hash}" alt="图"><figcaption>说明</figcaption></figure>`,
  ],
  [`<p><img src="/api/v1/media/${hash}"></p>`, `<p><img src="media:${hash}" alt=""></p>`],
  ['<ol start="3"><li>甲</li></ol>', '<ol start="3"><li>甲</li></ol>'],
  ['<ol><li>甲</li><li></li><li>丙</li></ol>', '<ol><li>甲</li><li value="3">丙</li></ol>'],
  ['<ul><li>甲</li><ul><li>乙</li></ul></ul>', '<ul><li>甲<ul><li>乙</li></ul></li></ul>'],
  ['<p>3×10<sup>4</sup> m<sup>2</sup>，CO<sub>2</sub></p>', '<p>3×10<sup>4</sup> m<sup>2</sup>，CO<sub>2</sub></p>'],
  ['<pre><code class="x">a  b\n  <b>c</b>\n</code></pre>', '<pre>a  b\n  <strong>c</strong></pre>'],
  ['<p>按 <kbd>Ctrl</kbd>，<code>GET /</code></p>', '<p>按 <code>Ctrl</code>，<code>GET /</code></p>'],
  ['<ruby>蔚<rp>(</rp><rt>yù</rt><rp>)</rp></ruby>县', '<p><ruby>蔚<rt>yù</rt></ruby>县</p>'],
  [
    '<p align=right>县应急局</p><div style="text-align:right">2026年</div>',
    '<p class="right">县应急局</p><p class="right">2026年</p>',
  ],
  [
    '<center>甲<p>乙</p></center><p class="center">丙</p>',
    '<p class="center">甲</p><p class="center">乙</p><p class="center">丙</p>',
  ],
  ['他说<q>好，<q>明天</q>见</q>', '<p>他说“好，‘明天’见”</p>'],
  ['<dl><dt>甲</dt><dd>乙</dd></dl>', '<p><strong>甲</strong></p><p>乙</p>'],
  ['<p>甲\n乙 b\nc</p>', '<p>甲乙 b\nc</p>'],
  [
    '<p><span style="text-decoration:line-through">1.80</span><span style="vertical-align:super">2</span></p>',
    '<p><s>1.80</s><sup>2</sup></p>',
  ],
  ['<h2>甲<div>乙</div></h2>', '<h2>甲</h2><h2>乙</h2>'],
  ['<h2><p>甲</p></h2>', '<h2>甲</h2>'],
  ['<b>甲<p>乙</p></b>', '<p><strong>甲</strong></p><p><strong>乙</strong></p>'],
  [
    '<table><caption><p>表</p></caption><b>前</b><tr><td><p>甲</p></td></tr></table>',
    '<p><strong>前</strong></p><table><caption>表</caption><tbody><tr><td><p>甲</p></td></tr></tbody></table>',
  ],
])('writes %s as %s', (html, expected) => {
  expect(clean(html)).toBe(expected);
  expect(clean(expected)).toBe(expected);
});

it.each([
  ['<script>alert(1)</script><p>甲</p>', '<p>甲</p>', ['script ×1']],
  ['<p onclick="a()" onmouseover=b()>甲</p>', '<p>甲</p>', ['handler ×2']],
  [
    '<iframe src="https://evil.example/">乙</iframe><p>甲</p><form><input></form>',
    '<p>甲</p>',
    ['embed:iframe ×1', 'control:input text ×1'],
  ],
  ['<a href="javascript:alert(3)">甲</a>', '<p>甲</p>', ['link ×1']],
  [
    '<a href="java&#10;script:alert(3)">甲</a><a href=" JaVaScRiPt:x">乙</a><a href="//evil.example">丙</a><a href="/x">丁</a><a href="data:text/html,x">戊</a>',
    '<p>甲乙丙丁戊</p>',
    ['link ×5'],
  ],
  [
    '<p>甲<img src="http://169.254.169.254/latest/meta-data/" onerror="alert(2)"></p>',
    '<p>甲</p>',
    ['handler ×1', 'picture:169.254.169.254/meta-data ×1'],
  ],
  [
    '<p>甲</p><img src="https://example.com/a.png"><img src="data:image/png;base64,AA"><img src="media:' +
      'cd'.repeat(32) +
      '"><img>',
    '<p>甲</p>',
    [
      'picture:example.com/a.png ×1',
      'picture_missing:data:image/png;base6 ×1',
      `picture_missing:${'cd'.repeat(10)} ×1`,
    ],
  ],
  [
    '<p style="font-size:9px">甲<svg onload=alert(1)><script>1</script></svg></p>',
    '<p>甲</p>',
    ['handler ×1', 'embed:svg ×1'],
  ],
  ['<p>甲<svg><style>p{}</style><text>图中字</text></svg></p>', '<p>甲</p>', ['drawn_words ×1']],
  [
    '<video src="ftp://x/y"></video><video src="https://v.example/1.mp4" autoplay></video>',
    '<video src="https://v.example/1.mp4" controls=""></video>',
    ['media ×1'],
  ],
  ['<style>p{}</style><!-- c --><p>甲</p>', '<p>甲</p>', ['comment ×1']],
])('cleans %s and says what went', (html, expected, dropped) => {
  expect(clean(html)).toBe(expected);
  expect(told(html)).toEqual(dropped);
});

it('keeps whole links, and nothing beside the address', () => {
  expect(
    clean('<p><a href="https://service.example/指南?a=1&b=2" target="_blank" onclick="x" title="t">甲</a></p>'),
  ).toBe('<p><a href="https://service.example/指南?a=1&amp;b=2">甲</a></p>');
  expect(clean('<p><a href="mailto:a@b.cn">a</a><a href="tel:12345">b</a></p>')).toBe(
    '<p><a href="mailto:a@b.cn">a</a><a href="tel:12345">b</a></p>',
  );
});

it('says each thing that went in both languages', () => {
  const [entry] = canonical('<script>1</script>', known).dropped;
  expect(entry?.said.zh).toContain('脚本');
  expect(entry?.said.en).toContain('script');
});

it('lists the pictures of the body in order, each once', () => {
  expect(canonical(`<img src="media:${hash}" alt="甲"><img src="media:${hash}" alt="乙">`, known).pictures).toEqual([
    { hash, alt: '甲' },
  ]);
  expect(mentionedMedia(`<img src="media:${hash}"><img src="/api/v1/media/${hash}">`)).toEqual([hash]);
});

it('takes out control characters and lone surrogates, which no store or platform can hold', () => {
  expect(clean('<p>a\u0000b\u000bc\ud800d\ufeff</p>')).toBe('<p>ab\ncd</p>');
});

const pieces = fc.constantFrom(
  '<p>',
  '</p>',
  '<div>',
  '</div>',
  '<b>',
  '</b>',
  '<table>',
  '<tr>',
  '<td>',
  '</table>',
  '<ul>',
  '<li>',
  '</ul>',
  '<svg>',
  '<math>',
  '<mtext>',
  '<style>',
  '</style>',
  '<script>',
  '</script>',
  '<noscript>',
  '<template>',
  '<a href="javascript:alert(1)">',
  '</a>',
  '<img src=x onerror=alert(1)>',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<title>',
  '<textarea>',
  '<h1>',
  '<blockquote>',
  'javascript:',
  '"',
  "'",
  '<',
  '>',
  '&lt;script&gt;',
  '甲',
  ' ',
  '<figure>',
  '<figcaption>',
  '<iframe srcdoc="<script>1</script>">',
  '<o:p>',
  '<sup>',
  '</sup>',
  '<ruby>',
  '<rt>',
  '</ruby>',
  '<pre>',
  '</pre>',
  '<ol start="4">',
  '<caption>',
  '<th>',
  '<center>',
  '<details>',
  '<summary>',
  '<dt>',
  '<q>',
  '\n',
  '<br>',
  '<code>',
  '<p align="right">',
  '<a href="https://example.com/">',
  `<img src="media:${hash}">`,
  '<span style="font-weight:bold;white-space:pre">',
  '</span>',
  '<video src="https://v.example/1.mp4">',
  '<hr>',
  '<select><option>',
  'e',
  '\u0301',
  '\u0338',
);

it('leaves no way to run anything, and cleans to something clean, whatever comes in', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      const html = clean(parts.join(''));
      const tags = [...html.matchAll(/<\/?([a-z0-9]+)/gi)].map((match) => match[1]);
      expect(
        tags.every((tag) =>
          /^(p|h[234]|strong|em|u|s|a|sup|sub|code|pre|ruby|rt|ul|ol|li|blockquote|table|caption|thead|tbody|tfoot|tr|th|td|figure|img|figcaption|hr|br|video|audio)$/.test(
            tag ?? '',
          ),
        ),
      ).toBe(true);
      expect(html).not.toMatch(/<[^>]*\s(on\w+|style|srcdoc)=|<[^>]*href="javascript/i);
      expect(clean(html)).toBe(html);
    }),
    { numRuns: 2_000 },
  );
});

it('reads the words of an HTML text, one line a block', () => {
  expect(
    plainText(
      '<h2>甲</h2><p>乙 &amp; <strong>丙</strong></p><table><tr><td>1</td><td>2</td></tr></table><script>x()</script>',
    ),
  ).toBe('甲\n乙 & 丙\n1 2');
  expect(plainText('<script>alert(1)</script>标题 < 5')).toBe('标题 < 5');
});

it.each([
  ['tables in cells', '<table><tr><td>'.repeat(1_000), 'document_too_deep'],
  ['divisions', '<div>'.repeat(100_000), 'document_too_deep'],
  ['lists', '<ul><li>甲'.repeat(70), 'document_too_deep'],
  ['templates', '<template>'.repeat(60_000), 'document_too_deep'],
  ['elements', '<p>甲'.repeat(100_000), 'document_too_large'],
  ['attributes', `<p ${Array.from({ length: 300 }, (_, n) => `a${n}`).join(' ')}>甲`, 'document_too_large'],
])('refuses %s past the bound by name', (_, html, code) => {
  expect(() => clean(html)).toThrow(expect.objectContaining({ code }) as Error);
});

it('reads in proportion to the length, whatever stands in it', () => {
  const steps = (html: string): number => {
    let touched = 0;
    const push = Array.prototype.push;
    const spy = jest.spyOn(Array.prototype, 'push').mockImplementation(function (this: unknown[], ...items: unknown[]) {
      touched += 1;
      return push.apply(this, items);
    });
    try {
      clean(html);
    } finally {
      spy.mockRestore();
    }
    return touched;
  };
  for (const piece of [
    '<tr><td>甲',
    '<b>甲</b><p>',
    '<sup>2</sup>',
    '<li>甲',
    '甲<tr>',
    '<a href="https://a.cn">甲<p>',
  ])
    expect(steps(`<table>${piece.repeat(2_000)}`)).toBeLessThan(2.2 * steps(`<table>${piece.repeat(1_000)}`) + 1_000);
});

it('takes the line by which XHTML begins for no comment of anybody', () => {
  const page =
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html><html><body><p>甲</p><!-- 内部 --></body></html>';
  expect(canonical(page, new Set())).toMatchObject({ html: '<p>甲</p>', dropped: [{ what: 'comment', count: 1 }] });
});

it('lets a cell reach as far as browsers do: a long table keeps its columns', () => {
  const rows = '<tr><td rowspan="180">甲</td><td colspan="120">乙</td></tr>';
  expect(canonical(`<table>${rows}</table>`, new Set()).html).toContain(
    '<td rowspan="180">甲</td><td colspan="120">乙</td>',
  );
});
