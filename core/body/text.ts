/** Plain text: every line with words is a paragraph, as Chinese documents are typed. */

export function textToHtml(text: string): string {
  return text
    .split(/\n+/)
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => `<p>${escape(line)}</p>`)
    .join('\n');
}

/** The first line, where it can be a title, and what follows it. */
export function splitTitle(text: string): { title: string | undefined; body: string } {
  const [first = '', ...rest] = text.trimStart().split('\n');
  const title = first.trim();
  return title && title.length <= 100 ? { title, body: rest.join('\n') } : { title: undefined, body: text };
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** For text and attributes alike. */
export function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
