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
])('writes %s as %s', (html, expected) => {
  expect(clean(html)).toBe(expected);
  expect(clean(expected)).toBe(expected);
});

it.each([
  ['<script>alert(1)</script><p>甲</p>', '<p>甲</p>', ['script ×1']],
  ['<p onclick="a()" onmouseover=b()>甲</p>', '<p>甲</p>', ['handler ×2']],
  ['<iframe src="https://evil.example/">乙</iframe><p>甲</p><form><input></form>', '<p>甲</p>', ['embed ×3']],
  ['<a href="javascript:alert(3)">甲</a>', '<p>甲</p>', ['link ×1']],
  [
    '<a href="java&#10;script:alert(3)">甲</a><a href=" JaVaScRiPt:x">乙</a><a href="//evil.example">丙</a><a href="/x">丁</a><a href="data:text/html,x">戊</a>',
    '<p>甲乙丙丁戊</p>',
    ['link ×5'],
  ],
  [
    '<p>甲<img src="http://169.254.169.254/latest/meta-data/" onerror="alert(2)"></p>',
    '<p>甲</p>',
    ['handler ×1', 'picture ×1'],
  ],
  [
    '<p>甲</p><img src="https://example.com/a.png"><img src="data:image/png;base64,AA"><img src="media:' +
      'cd'.repeat(32) +
      '"><img>',
    '<p>甲</p>',
    ['picture ×4'],
  ],
  [
    '<p style="color:red">甲<svg onload=alert(1)><script>1</script></svg></p>',
    '<p>甲</p>',
    ['style ×1', 'handler ×1', 'embed ×1'],
  ],
  ['<p>m<sup>2</sup></p>', '<p>m2</p>', ['element:sup ×1']],
  [
    '<video src="ftp://x/y"></video><video src="https://v.example/1.mp4" autoplay></video>',
    '<video src="https://v.example/1.mp4" controls=""></video>',
    ['media ×1'],
  ],
  ['<style>p{}</style><!-- c --><p>甲</p>', '<p>甲</p>', ['script ×1']],
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
  expect(clean('<p>a\u0000b\u000bc\ud800d\ufeff</p>')).toBe('<p>abcd</p>');
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
);

it('leaves no way to run anything, and cleans to something clean, whatever comes in', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      const html = clean(parts.join(''));
      const tags = [...html.matchAll(/<\/?([a-z0-9]+)/gi)].map((match) => match[1]);
      expect(
        tags.every((tag) =>
          /^(p|h[234]|strong|em|u|s|a|ul|ol|li|blockquote|table|caption|thead|tbody|tfoot|tr|th|td|figure|img|figcaption|hr|br|video|audio)$/.test(
            tag ?? '',
          ),
        ),
      ).toBe(true);
      expect(html).not.toMatch(/<[^>]*\s(on\w+|style|srcdoc)=|href="javascript/i);
      expect(clean(html)).toBe(html);
    }),
    { numRuns: 500 },
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
