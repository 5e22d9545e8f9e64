/**
 * Where each element of HTML goes in canonical HTML. The names are those of the HTML Living Standard (index of elements,
 * and section 16.2 for the obsolete ones that old documents still hold); a test walks the list. An element of any other
 * name is told, and its text kept.
 */

export type Home =
  /** Words go on as they are. */
  | { as: 'inline' }
  /** A division: it becomes a paragraph, or dissolves around the blocks inside. */
  | { as: 'division' }
  | { as: 'mark'; name: 'strong' | 'em' | 'u' | 's' | 'sup' | 'sub' | 'code' | 'a' }
  | { as: 'paragraph' | 'pre' | 'term' | 'item' | 'quote' | 'table' | 'figure' | 'caption' | 'rule' | 'break' }
  | { as: 'heading'; name: 'h2' | 'h3' | 'h4' }
  | { as: 'list'; name: 'ul' | 'ol' }
  | { as: 'picture' | 'ruby' | 'reading' | 'quotation' | 'details' | 'control' | 'formula' }
  | { as: 'media'; name: 'video' | 'audio' }
  /** Means nothing by itself, and holds no words. */
  | { as: 'nothing' }
  | { as: 'script' }
  /** Browsers show nothing of it. */
  | { as: 'hidden' }
  | { as: 'title' }
  /** No channel can show it: left out and told by name. */
  | { as: 'embed' };

const many = (names: string, home: Home): [string, Home][] => names.split(' ').map((name) => [name, home]);

export const homes: ReadonlyMap<string, Home> = new Map<string, Home>([
  ...many('span font abbr acronym bdi bdo big small basefont blink nobr data time label output mark rb dfn picture', {
    as: 'inline',
  }),
  ...many('slot spacer nextid menuitem selectedcontent legend meter progress', { as: 'inline' }),
  ...many('html head body div section article header footer main aside nav hgroup address search center', {
    as: 'division',
  }),
  ...many('form fieldset dialog dl dd marquee multicol tbody thead tfoot tr td th', { as: 'division' }),
  ...many('strong b', { as: 'mark', name: 'strong' }),
  ...many('em i cite var', { as: 'mark', name: 'em' }),
  ...many('u ins', { as: 'mark', name: 'u' }),
  ...many('s del strike', { as: 'mark', name: 's' }),
  ...many('code kbd samp tt', { as: 'mark', name: 'code' }),
  ['sup', { as: 'mark', name: 'sup' }],
  ['sub', { as: 'mark', name: 'sub' }],
  ['a', { as: 'mark', name: 'a' }],
  ['p', { as: 'paragraph' }],
  ...many('h1 h2', { as: 'heading', name: 'h2' }),
  ['h3', { as: 'heading', name: 'h3' }],
  ...many('h4 h5 h6', { as: 'heading', name: 'h4' }),
  ...many('pre listing xmp plaintext', { as: 'pre' }),
  ['dt', { as: 'term' }],
  ...many('ul menu dir', { as: 'list', name: 'ul' }),
  ['ol', { as: 'list', name: 'ol' }],
  ['li', { as: 'item' }],
  ['blockquote', { as: 'quote' }],
  ['table', { as: 'table' }],
  ['figure', { as: 'figure' }],
  ...many('figcaption caption summary', { as: 'caption' }),
  ['hr', { as: 'rule' }],
  ['br', { as: 'break' }],
  ['img', { as: 'picture' }],
  ['video', { as: 'media', name: 'video' }],
  ['audio', { as: 'media', name: 'audio' }],
  ['ruby', { as: 'ruby' }],
  ...many('rt rtc', { as: 'reading' }),
  ['q', { as: 'quotation' }],
  ['details', { as: 'details' }],
  ...many('input textarea select button', { as: 'control' }),
  ['math', { as: 'formula' }],
  ...many(
    'rp wbr style col colgroup source track param meta base link bgsound xml o:officedocumentsettings w:worddocument',
    { as: 'nothing' },
  ),
  ['script', { as: 'script' }],
  ...many('template noscript noframes noembed datalist option optgroup', { as: 'hidden' }),
  ['title', { as: 'title' }],
  ...many('iframe frame frameset object embed applet canvas svg map area keygen isindex', { as: 'embed' }),
]);
