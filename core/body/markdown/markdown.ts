/** Markdown as Chinese offices write it. Links and raw HTML pass through here: cleaning comes after, and tells what it takes out. */
import createMarkdown, { type Token } from 'markdown-it';
import cjkFriendly from 'markdown-it-cjk-friendly';
import definitionList from 'markdown-it-deflist';
import footnote from 'markdown-it-footnote';
import { DroppedList } from '../dropped.js';
import { addFormulas } from './formulas.js';
import { showFootnotes } from './footnotes.js';
import { joinLines } from './lines.js';
import { endLinksAtChinese } from './links.js';
import { addLoosePictures } from './pictures.js';
import { settleRawHtml } from './raw-html.js';
import { keepNotes } from './references.js';
import { addScripts } from './scripts.js';
import { tellCellsBeyond } from './tables.js';
import { tickTasks } from './tasks.js';
import { withoutUnread } from './unread.js';

const markdown = createMarkdown({ html: true, linkify: true });
const { options } = markdown;
markdown.use(cjkFriendly).use(footnote).use(definitionList);
// Its own filter would leave a refused link standing as source text, and nobody would be told.
markdown.validateLink = () => true;
endLinksAtChinese(markdown);
addScripts(markdown);
addFormulas(markdown);
addLoosePictures(markdown);
showFootnotes(markdown);
keepNotes(markdown);
keepMultiplication();
const code = (tokens: Token[], index: number): string =>
  `<pre>${markdown.utils.escapeHtml((tokens[index]?.content ?? '').replace(/\n$/, ''))}</pre>\n`;
markdown.renderer.rules['fence'] = code;
markdown.renderer.rules['code_block'] = code;
markdown.renderer.rules['softbreak'] = (tokens, index) => (tokens[index]?.hidden ? '' : '\n');

/** What does not come over is told to `dropped`, with the words beside it. */
export function markdownToHtml(text: string, dropped = new DroppedList()): string {
  const parsed = parseMarkdown(text);
  settleRawHtml(parsed, dropped);
  tellCellsBeyond(text, parsed, dropped);
  const tokens = withoutUnread(parsed, dropped);
  tickTasks(tokens);
  joinLines(tokens, dropped);
  return markdown.renderer.render(tokens, options, {});
}

/** The parts of a Markdown text, in order, as they are read before anything is made of them. */
export function parseMarkdown(text: string): Token[] {
  return markdown.parse(text, {});
}

/** `3*4*5` is a product: a single asterisk between two figures is no mark of emphasis. */
function keepMultiplication(): void {
  const State = markdown.inline.State;
  markdown.inline.State = class extends State {
    override scanDelims(start: number, canSplitWord: boolean): ReturnType<InstanceType<typeof State>['scanDelims']> {
      const found = super.scanDelims(start, canSplitWord);
      const product = found.length === 1 && /\d\*\d/.test(this.src.slice(Math.max(0, start - 1), start + 2));
      return product ? { ...found, can_open: false, can_close: false } : found;
    }
  };
}
