/** Addresses in running text: Chinese goes on behind one without a blank, and is no part of it. */
import type { MarkdownIt } from 'markdown-it';
import { chineseSign, runsWithoutChinese } from './chinese.js';

/**
 * An address written with Chinese in its path is linked as far as it is Latin; in `<…>` or `[…](…)` it is linked whole.
 * Without `http://` only what begins with `www.` is one: `ASP.NET` and `README.md` are names.
 */
export function endLinksAtChinese({ linkify }: MarkdownIt): void {
  const [match, matchAtStart] = [linkify.match.bind(linkify), linkify.matchAtStart.bind(linkify)];
  linkify.match = (text) => {
    const found = [...text.matchAll(runsWithoutChinese)].flatMap(({ 0: run, index: at }) =>
      (match(run) ?? [])
        .filter(({ schema, raw }) => schema !== '' || /^www\./i.test(raw))
        .map((link) => Object.assign(link, { index: link.index + at, lastIndex: link.lastIndex + at })),
    );
    return found.length > 0 ? found : null;
  };
  linkify.matchAtStart = (text) => {
    const end = text.search(chineseSign);
    return matchAtStart(end < 0 ? text : text.slice(0, end));
  };
}
