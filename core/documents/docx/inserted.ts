/** Files of other programs that a document holds whole (`w:altChunk`, ECMA-376 part 1, 17.17.2), as text or as HTML. */
import { textOfBytes } from '../encoding.js';
import { webPageOf } from './web-archive.js';

/** What our readers make something of; anything else, RTF first of all, is left out and told. */
export type InsertedKind = 'word' | 'html' | 'xhtml' | 'archive' | 'text';

const word = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const byType: Readonly<Record<string, InsertedKind>> = {
  [word]: 'word',
  // So Microsoft's own library names a whole document that is inserted.
  [`${word}.main+xml`]: 'word',
  'text/html': 'html',
  'application/xhtml+xml': 'xhtml',
  'message/rfc822': 'archive',
  'multipart/related': 'archive',
  'application/x-mimearchive': 'archive',
  'text/plain': 'text',
};
const byEnding: Readonly<Record<string, InsertedKind>> = {
  docx: 'word',
  html: 'html',
  htm: 'html',
  xhtml: 'xhtml',
  xht: 'xhtml',
  mht: 'archive',
  mhtml: 'archive',
  txt: 'text',
};

/** By the type that the package gives it; by its ending where that says nothing. */
export function kindOf(part: string, type: string | undefined): InsertedKind | undefined {
  const plain = type?.split(';')[0]?.trim() ?? '';
  if (plain !== '' && !/^application\/(?:octet-stream|xml|x-zip-compressed|zip)$/.test(plain)) return byType[plain];
  return byEnding[part.split('.').at(-1)?.toLowerCase() ?? ''];
}

export interface InsertedText {
  kind: 'html' | 'text';
  content: string;
  encoding: string;
}

/** @throws LianfaError document_not_utf8, Error where an archive holds no page */
export function insertedText(kind: Exclude<InsertedKind, 'word'>, bytes: Buffer, type = ''): InsertedText {
  if (kind === 'archive') {
    const page = webPageOf(bytes);
    return { kind: 'html', ...decoded(page.bytes, page.type) };
  }
  const { content, encoding } = decoded(bytes, type);
  if (kind === 'xhtml') return { kind: 'html', content: openTags(content), encoding };
  return { kind, content, encoding };
}

function decoded(bytes: Buffer, type: string): { content: string; encoding: string } {
  const { text, encoding } = textOfBytes({ bytes, name: '', type });
  return { content: text, encoding };
}

const empty = /^(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)$/i;

/** `<title/>` is whole in XHTML; in HTML it is only the beginning of one, and what follows would be part of it. */
function openTags(xhtml: string): string {
  return xhtml.replace(/<([a-z][\w-]*)((?:\s[^<>]*)?)\/>/gi, (whole, name: string, rest: string) =>
    empty.test(name) ? whole : `<${name}${rest}></${name}>`,
  );
}
