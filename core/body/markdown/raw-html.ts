/**
 * HTML inside Markdown. Comments are left out and told. What swallows everything behind it because its end is missing
 * stands as the words that it is, and a person is asked.
 */
import type { Token } from 'markdown-it';
import type { DroppedList } from '../dropped.js';
import { wordsBeside } from './parts.js';

/** A browser takes all that stands behind one of these for its content, up to its end. */
const swallowing =
  /<(\/?)(title|textarea|script|style|noscript|noembed|noframes|template|xmp|plaintext|iframe|object|applet|select|svg|math|canvas|xml)(?=[\s/>])[^>]*>/gi;

export function settleRawHtml(tokens: readonly Token[], dropped: DroppedList): void {
  const raw = rawIn(tokens);
  for (const { token } of raw) token.content = withoutComments(token.content, dropped);
  const ends = new Map<string, number>();
  for (const { token, beside } of [...raw].reverse()) showUnclosed(token, beside, ends, dropped);
}

/** With the words beside it, where it stands inside a line. */
interface Raw {
  token: Token;
  beside: string;
}

function rawIn(tokens: readonly Token[]): Raw[] {
  return tokens.flatMap((token, index): Raw[] => {
    if (token.type === 'html_block') return [{ token, beside: '' }];
    return token.type === 'html_inline' ? [{ token, beside: wordsBeside(tokens, index) }] : rawIn(token.children ?? []);
  });
}

function withoutComments(html: string, dropped: DroppedList): string {
  return html
    .replace(/<!--([\s\S]*?)--!?>/g, (_, words: string) => {
      dropped.tell('comment', '', beginning(words));
      return '';
    })
    .replace(/<!--([\s\S]*)$/, (_, words: string) => {
      dropped.tell('unclosed', '<!--', beginning(words));
      return '';
    })
    .replace(/<!\[CDATA\[([\s\S]*?)(?:\]\]>|$)/g, (_, words: string) => escaped(words))
    .replace(/<\?([\s\S]*?)(?:\?>|$)/g, () => {
      dropped.tell('script');
      return '';
    });
}

/** From the end backwards, so that each end meets its own beginning. */
function showUnclosed(token: Token, beside: string, ends: Map<string, number>, dropped: DroppedList): void {
  const html = token.content;
  const kept: string[] = [];
  let behind = html.length;
  for (const { 0: tag, 1: closes, 2: name = '', index } of [...html.matchAll(swallowing)].reverse()) {
    const key = name.toLowerCase();
    const open = ends.get(key) ?? 0;
    if (closes) ends.set(key, open + 1);
    else if (open > 0) ends.set(key, open - 1);
    else {
      const end = index + tag.length;
      kept.push(html.slice(end, behind), escaped(tag));
      behind = index;
      dropped.tell('open_tag', tag.slice(0, 40), beside || beginning(html.slice(end, end + 200)));
    }
  }
  token.content = html.slice(0, behind) + kept.reverse().join('');
}

function beginning(words: string): string {
  return [...words.slice(0, 200).replace(/\s+/g, ' ').trim()].slice(0, 20).join('');
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
