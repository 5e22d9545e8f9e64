/** Word documents (.docx), by mammoth; the size is bounded before it opens anything. */
import mammoth from 'mammoth';
import type { DroppedList } from '../body/dropped.js';
import { boundedZipParts } from './zip-bounds.js';

/** Puts a picture into the library; undefined where it can't be used. */
export type KeepPicture = (bytes: Buffer, name: string) => Promise<string | undefined>;

const maxPictures = 200;

const styleMap = [
  "p[style-name='Title'] => h1:fresh",
  "p[style-name='标题'] => h1:fresh",
  "p[style-name='Subtitle'] => p:fresh",
  'u => u',
  'strike => s',
];

/** Reads a document into HTML, its pictures as `media:HASH`. @throws Error where it is no whole Word document or unpacks to too much. */
export async function docxToHtml(bytes: Buffer, keepPicture: KeepPicture, dropped: DroppedList): Promise<string> {
  const parts = await boundedZipParts(bytes);
  if (!parts.includes('word/document.xml')) throw new Error('no Word document inside');
  let pictures = 0;
  const convertImage = mammoth.images.imgElement(async (image) => {
    pictures += 1;
    const name = `${pictures}.${image.contentType.split('/')[1] ?? 'bin'}`;
    const hash = pictures <= maxPictures ? await keepPicture(await image.readAsBuffer(), name) : undefined;
    return { src: hash === undefined ? 'word:unusable' : `media:${hash}` };
  });
  const { value, messages } = await mammoth.convertToHtml(
    { buffer: bytes },
    { styleMap, convertImage, externalFileAccess: false },
  );
  for (const { type, message } of messages) if (type === 'error') dropped.tell('word', message.slice(0, 200));
  return value;
}
