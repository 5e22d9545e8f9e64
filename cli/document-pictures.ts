/** The pictures that a Markdown or HTML file names: found, to be uploaded, and named by hash instead. */
import type { NamedPicture } from '../core/body/html-pictures.js';
import { htmlPictures } from '../core/body/html-pictures.js';
import { markdownPictures } from '../core/body/markdown/named-pictures.js';
import { frontMatterIn } from '../core/documents/front-matter.js';
import { findFile, isLocal, type FoundFile, type Unfit } from './document-files.js';

export interface PlacedPicture {
  picture: NamedPicture;
  found: FoundFile;
}

/** What stands at an outside address is left to the server, which says so. */
export async function findPictures(
  text: string,
  file: string,
  markdown: boolean,
): Promise<{ placed: PlacedPicture[]; unfit: Unfit[] }> {
  const placed: PlacedPicture[] = [];
  const unfit: Unfit[] = [];
  for (const picture of markdown ? bodyPictures(text) : htmlPictures(text)) {
    const { named, line } = picture;
    if (!isLocal(named)) continue;
    const found = await findFile(named, file);
    if ('bytes' in found) placed.push({ picture, found });
    else unfit.push({ line, named, why: found });
    if ('bytes' in found && placeOf(text, picture) < 0)
      unfit.push({
        line,
        named,
        why: { zh: '的写法跨了行，请写在一行里', en: 'it is written over several lines; write it on one' },
      });
  }
  return { placed, unfit };
}

function bodyPictures(text: string): NamedPicture[] {
  const front = frontMatterIn(text);
  const body = front ? front.after.replace(/^.*\n?/, '') : text;
  const before = text.slice(0, text.length - body.length).split('\n').length - 1;
  return markdownPictures(body).map((picture) => ({ ...picture, line: picture.line + before }));
}

/** The text with each picture named by its hash. */
export function namePictures(text: string, hashes: ReadonlyMap<NamedPicture, string>): string {
  let named = text;
  for (const [picture, hash] of [...hashes].reverse()) {
    const at = placeOf(named, picture);
    if (at >= 0) named = `${named.slice(0, at)}${picture.as(`media:${hash}`)}${named.slice(at + picture.raw.length)}`;
  }
  return named;
}

function placeOf(text: string, { raw, line }: NamedPicture): number {
  let start = 0;
  for (let passed = 1; passed < line; passed += 1) start = text.indexOf('\n', start) + 1;
  const end = text.indexOf('\n', start);
  const at = text.indexOf(raw, start);
  return at < 0 || (end >= 0 && at >= end) ? -1 : at;
}
