/** A canonical body as lines of plain text, each with what it is. */
import { load, type CheerioAPI } from 'cheerio';

export interface Line {
  kind: 'heading' | 'text' | 'item' | 'quote' | 'row';
  text: string;
}

type Node = ReturnType<ReturnType<CheerioAPI>['contents']>[number];

/** Captions of pictures are left out: they mean nothing without their picture. */
export function linesOf(html: string): Line[] {
  const $ = load(html, null, false);
  const lines: Line[] = [];
  const add = (kind: Line['kind'], text: string): void => {
    for (const part of text.split('\n')) {
      const tidy = tidyLine(part);
      if (tidy) lines.push({ kind, text: tidy });
    }
  };
  const textOf = (node: Node): string => {
    const copy = $(node).clone();
    copy.find('br').replaceWith('\n');
    copy.find('ul, ol, table, figure').remove();
    return copy.text();
  };
  const walk = (node: Node, kind: Line['kind']): void => {
    const element = $(node);
    if (node.type === 'text') return add(kind, element.text());
    if (element.is('h2, h3, h4')) return add('heading', textOf(node));
    if (element.is('ul, ol')) return walkList(node);
    if (element.is('table')) return void element.find('tr').each((_, row) => add('row', $(row).children('th, td').toArray().map((cell) => tidyLine($(cell).text())).join('｜')));
    if (element.is('figure')) return void element.find('table').each((_, table) => walk(table, kind));
    if (element.is('blockquote')) return void element.contents().each((_, child) => walk(child, 'quote'));
    add(kind, textOf(node));
  };
  const walkList = (node: Node): void => {
    const list = $(node);
    const first = Number(list.attr('start') ?? 1);
    list.children('li').each((place, item) => {
      add('item', `${list.is('ol') ? `${first + place}. ` : '• '}${tidyLine(textOf(item))}`);
      $(item).find('> ul, > ol').each((_, inner) => walkList(inner));
    });
  };
  $.root().contents().each((_, node) => walk(node, 'text'));
  return lines;
}

/** One line, single spaces, without halves of surrogate pairs (which cannot be sent). */
export function tidyLine(text: string): string {
  return text.replace(/\p{Surrogate}|[\u0000-\u001f\u007f\u200b\ufeff]/gu, ' ').replace(/\s+/gu, ' ').trim();
}

export function squeeze(text: string): string {
  return text.replace(/\s+/gu, '');
}
