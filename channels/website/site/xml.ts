/** XML that is well-formed whatever a title, a name or a column holds. */

/** What no XML 1.0 document may hold, not even by number (section 2.2): most control characters, halves of characters, U+FFFE and U+FFFF. */
const illegal = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

const entities: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

/** Text as it stands between tags or in an attribute. */
export function xml(text: string): string {
  return text.replace(illegal, '').replace(/[&<>"']/g, (sign) => `&${entities[sign] ?? ''};`);
}

/** `content` is XML already; an element without any closes itself. */
export function element(name: string, attributes: Readonly<Record<string, string>>, content = ''): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${xml(value)}"`);
  return content ? `<${name}${pairs.join('')}>${content}</${name}>` : `<${name}${pairs.join('')}/>`;
}

/** An element of nothing but text; none where there is no text. */
export function line(
  name: string,
  text: string | undefined,
  attributes: Readonly<Record<string, string>> = {},
): string {
  return text ? element(name, attributes, xml(text)) : '';
}

/** An element with each of its parts on a line of its own; parts that are empty are left out. */
export function block(name: string, attributes: Readonly<Record<string, string>>, parts: readonly string[]): string {
  return element(name, attributes, ['', ...parts.filter(Boolean), ''].join('\n'));
}

export function xmlDocument(root: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}
