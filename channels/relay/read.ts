/** What the public reads at an address, whoever's page it is: the words and how many pictures, or that it is gone. */
import { load } from 'cheerio';
import type { Call, Rendition } from '../channel.js';
import { TransportError } from '../outbound.js';
import { readWords } from '../reading.js';
import { squeeze } from './words.js';

export interface PublicPage {
  words: string;
  pictures: number;
}

/** Undefined where nothing can be told from it: no answer, a refusal, something else than a page of text. */
export async function readPage(url: string, call: Call): Promise<PublicPage | 'gone' | undefined> {
  try {
    const answer = await call.http.request(url, { signal: call.signal, maxBytes: 8 * 1024 * 1024 });
    if (answer.status === 404 || answer.status === 410) return 'gone';
    const type = String(answer.headers['content-type'] ?? '');
    if (answer.status !== 200 || !/^text\/(html|plain)|application\/xhtml/i.test(type)) return undefined;
    return pageOf(answer.text());
  } catch (error) {
    if (error instanceof TransportError && error.reason !== 'aborted') return undefined;
    throw error;
  }
}

function pageOf(html: string): PublicPage {
  const $ = load(html);
  $('script, style, noscript, template').remove();
  return {
    words: squeeze(`${$('title').first().text()}\n${readWords($('body')[0])}`),
    pictures: $('body img').length,
  };
}

/** `whole`: all that was signed. `part`: it is there, cut or changed. `other`: nothing of it can be seen there. */
export type Holding = 'whole' | 'part' | 'other';

export function holds(
  { words, pictures }: PublicPage,
  { title, text, pictures: most }: Rendition<unknown>['expected'],
): Holding {
  const isTitled = words.includes(title);
  if (isTitled && words.includes(text)) return pictures < most ? 'part' : 'whole';
  return isTitled && sentencesOf(text).some((sentence) => words.includes(sentence)) ? 'part' : 'other';
}

/** Long enough not to be met by chance. */
function sentencesOf(text: string): string[] {
  return text.split(/[。！？；，：]/u).filter((sentence) => [...sentence].length >= 8);
}
