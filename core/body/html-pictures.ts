/** The pictures that an HTML text names, and how each is written there. */
import { load } from 'cheerio';

export interface NamedPicture {
  /** Address or path, as far as it can be read. */
  named: string;
  /** The first line of the text is 1. */
  line: number;
  /** As it stands in that line. */
  raw: string;
  /** The same with another address. */
  as(address: string): string;
}

export function htmlPictures(html: string): NamedPicture[] {
  if (!/<img\b/i.test(html)) return [];
  const $ = load(html, { sourceCodeLocationInfo: true }, false);
  return $('img[src]')
    .toArray()
    .flatMap((element) => {
      const place = element.sourceCodeLocation;
      const named = $(element).attr('src')?.trim();
      if (!place || !named || named.startsWith('data:')) return [];
      const tag = html.slice(place.startOffset, place.endOffset);
      const raw = /\ssrc\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/i.exec(tag);
      if (!raw) return [];
      const line = place.startLine + tag.slice(0, raw.index + 1).split('\n').length - 1;
      return [{ named, line, raw: raw[0].trim(), as: (address: string) => `src="${address}"` }];
    });
}
