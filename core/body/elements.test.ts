/** Every element of the HTML Living Standard (its index of elements, and the obsolete ones of section 16.2) has a home or a sentence. */
import { canonical } from './canonical.js';
import { homes } from './elements.js';

const standard =
  `a abbr address area article aside audio b base bdi bdo blockquote body br button canvas caption cite code
  col colgroup data datalist dd del details dfn dialog div dl dt em embed fieldset figcaption figure footer form h1 h2 h3 h4
  h5 h6 head header hgroup hr html i iframe img input ins kbd label legend li link main map mark math menu meta meter nav
  noscript object ol optgroup option output p picture pre progress q rp rt ruby s samp script search section select
  selectedcontent slot small source span strong style sub summary sup svg table tbody td template textarea tfoot th thead
  time title tr track u ul var video wbr`.split(/\s+/);
const obsolete =
  `acronym applet basefont bgsound big blink center dir font frame frameset isindex keygen listing marquee
  menuitem multicol nextid nobr noembed noframes param plaintext rb rtc spacer strike tt xmp`.split(/\s+/);

/** Hold code or instructions for programs: nobody reads what stands in them. */
const unread = new Set(['script', 'style', 'rp', 'frameset', 'option', 'optgroup']);
const around: Readonly<Record<string, [string, string]>> = {
  caption: ['<table>', '<tr><td>乙</table>'],
  td: ['<table><tr>', '</table>'],
  th: ['<table><tr>', '</table>'],
  rt: ['<ruby>', '</ruby>'],
  summary: ['<details>', '</details>'],
  figcaption: ['<figure>', '</figure>'],
};

it.each([...standard, ...obsolete])('<%s> has a home', (name) => {
  expect(homes.has(name)).toBe(true);
});

it.each([...standard, ...obsolete].filter((name) => !unread.has(name)))('no word in <%s> is lost unsaid', (name) => {
  const [before, after] = around[name] ?? ['', ''];
  const { html, dropped } = canonical(`${before}<${name}>读者之言</${name}>${after}`, new Set());
  const told = dropped.some(
    ({ what, places }) => what.includes('读者之言') || places.some((place) => place.includes('读者之言')),
  );
  expect(html.includes('读者之言') || told || dropped.some(({ what }) => what.includes(name))).toBe(true);
});

it.each([
  '<p hidden>甲</p>',
  '<p style="display:none">甲</p>',
  '<p style="visibility: hidden">甲</p>',
  '<p style="mso-hide:all">甲</p>',
  '<p style="font-size:0">甲</p>',
  '<p style="color:#fff">甲</p>',
  '<div style="background:#f00"><span style="color:rgb(255, 0, 0)">甲</span></div>',
  '<template>甲</template>',
  '<!-- 甲 -->',
  '<title>甲</title>',
  '<dialog>甲</dialog>',
])('leaves out what %s hides, and tells it', (html) => {
  const result = canonical(html, new Set());
  expect(result.html).toBe('');
  expect(result.dropped.map(({ what }) => what.split(':')[0])).toContain(
    html.startsWith('<!--') ? 'comment' : html.startsWith('<title') ? 'page_title' : 'hidden',
  );
});

it.each([
  ['<p aria-hidden="true">甲</p>', '甲'],
  ['<div style="font-size:0"><span style="font-size:16px">甲</span></div>', '甲'],
  ['<div style="background:#123f7a"><p style="color:white">甲</p></div>', '甲'],
  ['<details><summary>甲</summary>乙</details>', '乙'],
  [
    '<input value="甲"><textarea>乙</textarea><select><option>丙<option selected>丁</select><input type="checkbox" checked>',
    '甲乙丁☑',
  ],
])('keeps what is shown: %s', (html, words) => {
  expect(canonical(html, new Set()).html.replace(/<[^>]*>/g, '')).toContain(words);
});

it.each([
  [
    '<meta charset="utf-8"><link rel="stylesheet" href="a.css"><style>p{}</style><!--StartFragment--><p class="MsoNormal" style="font-family:宋体">甲<o:p></o:p></p>',
    [],
  ],
  ['<p>甲<img src="file:///C:/x/clip_image002.png"></p>', ['picture_local:clip_image002.png']],
  ['<p>甲<img src="cid:image001.png@01"></p>', ['picture_local:cid:image001.png@01']],
  ['<p>甲<img src="图/现场.png"></p>', ['picture_local:现场.png']],
  ['<p>甲<!-- 未完<p>乙</p>', ['unclosed:<!--', 'comment']],
])('raises no false alarm, and says the right reason: %s', (html, expected) => {
  expect(canonical(html, new Set()).dropped.map(({ what }) => what)).toEqual(expected);
});
