/** A canonical body as somebody copies it: plain text in paragraphs, and the pictures where they stand. */
import type { Picture } from '../channel.js';
import { loadBody, numbersOf, readWords, type HtmlNode } from '../reading.js';

export type Piece = { is: 'text'; text: string } | { is: 'picture'; picture: Picture };

const apart: ReadonlySet<string> = new Set(['ul', 'ol', 'table', 'figure']);
const mediaAddress = /^media:([0-9a-f]{64})$/;

/** `dropped`: pictures, sounds and films of the body that the release does not hold. */
export function piecesOf(html: string, pictures: readonly Picture[]): { pieces: Piece[]; dropped: number } {
  const $ = loadBody(html);
  const pieces: Piece[] = [];
  let dropped = 0;
  const say = (text: string): void => {
    const tidy = tidied(text);
    if (tidy === '') return;
    const last = pieces.at(-1);
    if (last?.is === 'text') last.text += `\n${tidy}`;
    else pieces.push({ is: 'text', text: tidy });
  };
  const show = (element: HtmlNode): void => {
    const hash = mediaAddress.exec($(element).attr('src') ?? '')?.[1];
    const picture = pictures.find((one) => one.hash === hash);
    if (picture) pieces.push({ is: 'picture', picture });
    else dropped += 1;
  };
  const list = (node: HtmlNode): void => {
    const numbers = numbersOf($, node);
    $(node)
      .children('li')
      .each((place, item) => {
        say(`${$(node).is('ol') ? `${numbers[place] ?? place + 1}. ` : '• '}${readWords(item, apart).trim()}`);
        $(item)
          .children('ul, ol')
          .each((_, inner) => {
            list(inner);
          });
      });
  };
  const table = (node: HtmlNode): void => {
    $(node)
      .find('tr')
      .each((_, row) => {
        const cells = $(row).children('td, th').toArray();
        say(cells.map((cell) => tidied(readWords(cell)).replace(/\n+/g, ' ')).join('｜'));
      });
  };
  const walk = (node: HtmlNode): void => {
    const element = $(node);
    if (node.type === 'text') {
      say(readWords(node));
      return;
    }
    if (element.is('ul, ol')) list(node);
    else if (element.is('table')) table(node);
    else if (element.is('img, video, audio')) show(node);
    else if (element.is('figure, blockquote')) element.contents().each((_, child) => walk(child));
    else {
      say(readWords(node, apart));
      element.find('img, video, audio').each((_, inner) => {
        show(inner);
      });
    }
  };
  $.root()
    .contents()
    .each((_, node) => walk(node));
  return { pieces, dropped };
}

/** Lines as they stand, without halves of surrogate pairs and signs that cannot be seen. */
function tidied(text: string): string {
  return text
    .replace(/\p{Surrogate}|[\u0000-\u0009\u000b-\u001f\u007f\u200b\ufeff]/gu, ' ')
    .replace(/[ \t\u00a0]+$/gm, '')
    .trim();
}

/** Text without any white space or invisible signs, in one Unicode form: both sides of each comparison. */
export function squeeze(text: string): string {
  return text.normalize('NFC').replace(/[\s\u00a0\u200b\u200c\u2060\ufeff]+/g, '');
}
