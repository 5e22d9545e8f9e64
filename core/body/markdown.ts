/** Markdown. Links and raw HTML pass through here untouched: cleaning comes after, and tells what it takes out. */
import MarkdownIt from 'markdown-it';

const markdown = new MarkdownIt({ html: true, linkify: true });
// Its own filter would leave a refused link standing as source text, and nobody would be told.
markdown.validateLink = () => true;
for (const cell of ['th_open', 'td_open']) {
  markdown.renderer.rules[cell] = (tokens, index, options, _env, self) => {
    const token = tokens[index];
    if (token) token.attrs = null;
    return self.renderToken(tokens, index, options);
  };
}

export function markdownToHtml(text: string): string {
  return markdown.render(text);
}
