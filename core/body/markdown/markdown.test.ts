import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DroppedList } from '../dropped.js';
import { markdownToHtml } from './markdown.js';

function read(text: string): { html: string; told: string[]; stops: string[] } {
  const dropped = new DroppedList();
  const html = markdownToHtml(text, dropped).trim();
  const list = dropped.list();
  return { html, told: list.map(({ what }) => what), stops: list.filter(({ stops }) => stops).map(({ what }) => what) };
}
const line = (text: string): string => read(text).html.replace(/^<p>([\s\S]*)<\/p>$/, '$1');
const modules = join(__dirname, '../../../node_modules');

/** For each type of token that the parser and its plug-ins can make: a text that makes it, and where it goes. */
const homes: Readonly<Record<string, { text: string; html?: string; told?: string }>> = {
  text: { text: '甲', html: '<p>甲</p>' },
  text_special: { text: '\\*甲\\* &copy;', html: '<p>*甲* ©</p>' },
  inline: { text: '甲', html: '<p>甲</p>' },
  paragraph: { text: '甲\n\n乙', html: '<p>甲</p>\n<p>乙</p>' },
  heading: { text: '## 甲', html: '<h2>甲</h2>' },
  hr: { text: '---', html: '<hr>' },
  blockquote: { text: '> 甲', html: '<blockquote>\n<p>甲</p>\n</blockquote>' },
  bullet_list: { text: '- 甲', html: '<ul>\n<li>甲</li>\n</ul>' },
  ordered_list: { text: '3. 甲', html: '<ol start="3">\n<li>甲</li>\n</ol>' },
  list_item: { text: '* 甲\n  - 乙', html: '<ul>\n<li>甲\n<ul>\n<li>乙</li>\n</ul>\n</li>\n</ul>' },
  table: { text: '甲 | 乙\n--- | ---\n1 | 2', html: '<th>甲</th>' },
  thead: { text: '|甲|\n|---|\n|1|', html: '<thead>' },
  tbody: { text: '|甲|\n|---|\n|1|', html: '<tbody>' },
  tr: { text: '|甲|\n|---|\n|1|', html: '<tr>\n<td>1</td>\n</tr>' },
  th: { text: '|甲|\n|:-:|', html: '<th style="text-align:center">甲</th>' },
  td: { text: '|甲|\n|--:|\n|1|', html: '<td style="text-align:right">1</td>' },
  code_inline: { text: '`a  b`', html: '<p><code>a  b</code></p>' },
  code_block: { text: '    甲\n      乙', html: '<pre>甲\n  乙</pre>' },
  fence: {
    text: '```mermaid\n首班  06:00 -> 东门\n末班\n```',
    html: '<pre>首班  06:00 -&gt; 东门\n末班</pre>',
    told: 'code_language:mermaid',
  },
  hardbreak: { text: '甲  \n乙\\\n丙', html: '<p>甲<br>\n乙<br>\n丙</p>' },
  softbreak: { text: 'one\ntwo', html: '<p>one\ntwo</p>' },
  strong: { text: '**甲：**乙', html: '<p><strong>甲：</strong>乙</p>' },
  em: { text: '*“甲”*乙', html: '<p><em>“甲”</em>乙</p>' },
  s: { text: '~~甲（乙）。~~丙', html: '<p><s>甲（乙）。</s>丙</p>' },
  sub: { text: 'H~2~O', html: '<p>H<sub>2</sub>O</p>' },
  sup: { text: '10^4^', html: '<p>10<sup>4</sup></p>' },
  link: { text: '[甲](https://a.gov.cn "说明")', html: '<p><a href="https://a.gov.cn">甲</a></p>', told: 'tip:说明' },
  image: { text: '![甲](a.png){width=50%}', html: '<p><img src="a.png" alt="甲"></p>', told: 'attributes:{width=50%}' },
  html_inline: { text: '甲<b>乙</b><!-- 丙 -->', html: '<p>甲<b>乙</b></p>', told: 'comment' },
  html_block: { text: '<div>甲</div>\n<!-- 丙 -->', html: '<div>甲</div>', told: 'comment' },
  reference_definition: {
    text: '甲\n\n[x]: https://a.gov.cn',
    html: '<p>甲</p>',
    told: 'unused_reference:[X]: https://a.gov.cn',
  },
  reference_unused: { text: '[甲][x]\n\n[x]: https://a.gov.cn', html: '<p><a href="https://a.gov.cn">甲</a></p>' },
  footnote_ref: { text: '甲[^1]\n\n[^1]: 乙', html: '<p>甲<sup>[1]</sup></p>' },
  footnote_block: { text: '甲[^1]\n\n[^1]: 乙', html: '<hr>\n<p>[1] 乙</p>' },
  footnote: { text: '甲[^1]\n\n[^1]: - 乙', html: '<hr>\n<p>[1]</p>\n<ul>\n<li>乙</li>\n</ul>' },
  footnote_anchor: { text: '甲[^1]又[^1]\n\n[^1]: 乙', html: '<hr>\n<p>[1] 乙</p>' },
  footnote_reference: { text: '甲\n\n[^1]: 乙', html: '<p>甲</p>', told: 'unused_footnote:1' },
  footnote_unused: { text: '甲[^1]\n\n[^1]: 乙\n\n[^1]: 丙', html: '<p>[1] 丙</p>', told: 'unused_footnote:1' },
  dl: { text: '甲\n: 乙', html: '<dl>\n<dt>甲</dt>\n<dd>乙</dd>\n</dl>' },
  dt: { text: '甲\n: 乙', html: '<dt>甲</dt>' },
  dd: { text: '甲\n: 乙', html: '<dd>乙</dd>' },
  formula: { text: '$E=mc^2$', html: '<p>E=mc<sup>2</sup></p>', told: 'formula:E=mc^2' },
  formula_block: { text: '$$\n\\frac{a+b}{2}\n$$', html: '<p>(a+b)/2</p>', told: 'formula:\\frac{a+b}{2}' },
};

/** As their sources make them: `push('x_open'`, `new Token('x'`. */
function tokenTypes(): string[] {
  const sources = [
    join(modules, 'markdown-it/dist/markdown-it.mjs'),
    join(modules, 'markdown-it-footnote/index.mjs'),
    join(modules, 'markdown-it-deflist/index.mjs'),
    join(modules, 'markdown-it-cjk-friendly/dist/index.js'),
    ...['formulas', 'scripts', 'pictures', 'footnotes', 'references'].map((name) => join(__dirname, `${name}.ts`)),
  ];
  const made = sources.flatMap((file) => [
    ...readFileSync(file, 'utf8').matchAll(/(?:\.push|Token|Part)\((?:`\$\{tag\}|["'])([a-z_]*)["'`],/g),
  ]);
  const names = made.map(([, name = '']) => name.replace(/_(open|close)$/, ''));
  // Emphasis is pushed as text and named when its end is found; the two scripts share one rule.
  return [...new Set([...names, 'strong', 'em', 's', 'sub', 'sup'])]
    .filter((name) => !['', 'left', 'my_rule'].includes(name))
    .sort();
}

it('has a home or a sentence for every type of part that the parser knows', () => {
  expect(Object.keys(homes).sort()).toEqual(tokenTypes());
});

it.each(Object.entries(homes))('reads %s', (_, { text, html, told }) => {
  const { html: made, told: said } = read(text);
  if (html !== undefined) expect(made).toContain(html);
  expect(said).toEqual(told === undefined ? [] : [told]);
});

describe('emphasis beside Chinese', () => {
  it.each([
    ['**请注意：**明天停水。', '<strong>请注意：</strong>明天停水。'],
    ['决定，**自12月1日起（含当日）**施行。', '决定，<strong>自12月1日起（含当日）</strong>施行。'],
    [
      '详见**《办法》**规定。他说**“不得停水”**是底线。',
      '详见<strong>《办法》</strong>规定。他说<strong>“不得停水”</strong>是底线。',
    ],
    ['~~旧办法（已废止）。~~新办法。', '<s>旧办法（已废止）。</s>新办法。'],
    ['面积3*4*5，2*3=6，4*5=20', '面积3*4*5，2*3=6，4*5=20'],
    ['____年__月__日', '____年__月__日'],
  ])('reads %s', (text, html) => {
    expect(read(text)).toMatchObject({ html: `<p>${html}</p>`, told: [] });
  });

  it.each([
    ['** 空格 **', 'idle_mark:**'],
    ['**没有配对', 'idle_mark:**'],
    ['==标亮==', 'idle_mark:=='],
    ['##没有空格', 'idle_mark:##'],
    ['[[内部页面]]', 'idle_mark:[[内部页面]]'],
    ['见[^9]', 'idle_mark:[^9]'],
    ['!!! note 注意', 'idle_mark:!!! note 注意'],
    ['???+ tip', 'idle_mark:???+ tip'],
    [':::center', 'idle_mark::::center'],
    ['++下划线++', 'idle_mark:++下划线++'],
    ['*[县办]: 县政府办公室', 'idle_mark:*[县办]:'],
    ['甲%%备注%%乙', 'idle_mark:%%备注%%'],
    ['{% include a.md %}', 'idle_mark:{% include a.md %}'],
    ['{{ 图 1 }}', 'idle_mark:{{ 图 1 }}'],
  ])('says that a mark of %s stands as it was typed', (text, what) => {
    expect(read(text).told).toContain(what);
    expect(line(text)).toBe(text);
  });
});

it('says that a box of GitHub stands as it was typed, and nothing of C++', () => {
  expect(read('> [!NOTE]\n> 提示')).toMatchObject({ told: ['idle_mark:[!NOTE]'] });
  expect(read('学习C++与C++标准，什么???').told).toEqual([]);
});

describe('tables', () => {
  const head = '| 项目 | 金额 |\n|---|---|\n';

  it('stop where a row has cells beyond the head, and say which', () => {
    expect(read(`${head}| 供水 | 3,260 | 万元 |\n| 供电 | 5 |`)).toMatchObject({
      told: ['table_cells:万元'],
      stops: ['table_cells:万元'],
    });
    expect(read('> | 甲 |\n> |---|\n> | 乙 | `丙` | 丁 |').stops).toEqual(['table_cells:`丙` | 丁']);
    expect(read(`${head}| | | 只有这格 |`).stops).toEqual(['table_cells:只有这格']);
  });

  it.each([
    `${head}| 供水 | 5 |`,
    `${head}供水 | 5`,
    `${head}| 供水 |`,
    `${head}| a\\|b | **甲** \`x\\|y\` |`,
    `${head}| 供水 | 5 | |`,
    '> | 甲 | 乙 |\n> |---|---|\n> | | |',
    '- | 甲 | 乙 |\n  |---|---|\n  | 1 | $x^2$ |',
  ])('say nothing of a row that is whole: %j', (text) => {
    expect(read(text).told.filter((what) => what.startsWith('table_cells'))).toEqual([]);
  });

  it('are told where they are none, for their lines do not have as many cells as their head', () => {
    expect(read('| 甲 | 乙 | 丙 |\n|---|---|\n| 1 | 2 | 3 |').told).toEqual(['idle_mark:|---|---|']);
  });
});

describe('scripts and formulas', () => {
  it.each([
    ['8~10日，12~15日', '8~10日，12~15日'],
    ['约5~6km^2', '约5~6km^2'],
    ['PM~2.5~ 为 21 μg/m^3^', 'PM<sub>2.5</sub> 为 21 μg/m<sup>3</sup>'],
    ['$100 和 $200，US$5B/US$6B', '$100 和 $200，US$5B/US$6B'],
    ['$3\\times10^{4}$', '3×10<sup>4</sup>'],
    ['$\\sqrt{a^2+b^2} \\leq \\text{定额}$', '√(a<sup>2</sup>+b<sup>2</sup>) ≤定额'],
    ['$x_{<b>}$', 'x<sub>&lt;b&gt;</sub>'],
    ['$\\unknown{x}$', '\\unknown x'],
  ])('reads %s', (text, html) => {
    expect(line(text)).toBe(html);
  });
});

describe('hard-wrapped lines', () => {
  it.each([
    ['专项行\n动，取得实\n效。', '专项行动，取得实效。'],
    ['**行**\n**动**', '<strong>行</strong><strong>动</strong>'],
    ['> 行\n> 动', '<blockquote>\n行动\n</blockquote>'],
    ['自12月\n1日起', '自12月1日起'],
    ['one\ntwo', 'one\ntwo'],
  ])('joins %j as it was meant', (text, html) => {
    expect(read(text).html.replace(/<\/?p>/g, '')).toBe(html);
  });

  it('stops where a figure is cut in two', () => {
    expect(read('共计3\n260万元').stops).toEqual(['cutFigure']);
    expect(read('共计\n3260万元').stops).toEqual([]);
  });
});

describe('raw HTML', () => {
  it.each([
    ['请填写<title>字段。\n\n后文。', '<p>请填写&lt;title&gt;字段。</p>\n<p>后文。</p>'],
    ['<textarea>\n\n后文。', '&lt;textarea&gt;\n\n后文。'],
    ['<script>\n后文。', '&lt;script&gt;\n后文。'],
    ['<title>甲</title> 乙<title>丙', '&lt;title&gt;丙'],
  ])('keeps what an unclosed tag would swallow, and asks: %j', (text, html) => {
    expect(read(text).html).toContain(html);
    expect(read(text).stops).toHaveLength(1);
  });

  it('leaves out and tells comments; one without an end stops', () => {
    expect(read('甲<!-- 内部 -->乙')).toEqual({ html: '<p>甲乙</p>', told: ['comment'], stops: [] });
    expect(read('甲\n\n<!-- 内部\n\n乙')).toEqual({
      html: '<p>甲</p>',
      told: ['unclosed:<!--'],
      stops: ['unclosed:<!--'],
    });
  });

  it('says nothing of HTML that is whole', () => {
    expect(read('<table><tr><td>甲</td></tr></table>\n\n<p>乙<sub>2</sub></p>').told).toEqual([]);
  });
});

describe('addresses in running text', () => {
  it.each([
    ['见https://a.gov.cn/x，下载', 'https://a.gov.cn/x'],
    ['《https://a.gov.cn/x》', 'https://a.gov.cn/x'],
    ['（https://a.gov.cn/x）、', 'https://a.gov.cn/x'],
    ['登录https://a.gov.cn/x查询', 'https://a.gov.cn/x'],
    ['“https://a.gov.cn/x”', 'https://a.gov.cn/x'],
  ])('ends the link in %s where Chinese goes on', (text, address) => {
    expect(line(text)).toBe(text.replace(address, `<a href="${address}">${address}</a>`));
  });

  it('links both of two', () => {
    expect(line('https://a.cn/1查询https://b.cn/2。').match(/<a /g)).toHaveLength(2);
  });

  it('keeps a note in brackets that only looks like a link definition', () => {
    expect(read('[注]: 本表数据截至11月底')).toMatchObject({ html: '<p>[注]: 本表数据截至11月底</p>', told: [] });
  });
});

it('leaves emoji names, tasks and contents as a reader should see them', () => {
  expect(line(':smile:')).toBe(':smile:');
  expect(read('- [ ] 未办\n- [x] 已办').html).toContain('<li>☐ 未办</li>\n<li>☑ 已办</li>');
  for (const mark of ['[toc]', '[TOC]', '[[toc]]', '[目录]'])
    expect(read(`甲\n\n${mark}\n\n乙`)).toMatchObject({ html: '<p>甲</p>\n<p>乙</p>', told: [`contents:${mark}`] });
});
