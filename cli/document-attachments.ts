/** The files that a front matter names as attachments: found, to be uploaded, and named by hash instead. */
import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { frontMatterIn, type FrontMatterPart } from '../core/documents/front-matter.js';
import { listOf } from '../core/documents/header-values.js';
import { attachableEndings } from '../core/media/kind.js';
import { findFile, isLocal, type FoundFile, type Unfit } from './document-files.js';

export interface NamedAttachment {
  named: string;
  /** What the document calls it, where that is not its file's name. */
  title: string | undefined;
  line: number;
  found?: FoundFile;
  /** It was uploaded before. */
  hash?: string;
}

const elsewhere = {
  zh: '在外部网址上，请先下载到文档旁边',
  en: 'it is at an outside address; download it beside the document first',
};

/** A name may leave out the ending. */
export async function findAttachments(
  text: string,
  file: string,
): Promise<{ attachments: NamedAttachment[]; unfit: Unfit[] }> {
  const attachments = await entriesOf(frontMatterIn(text), file);
  const unfit: Unfit[] = [];
  for (const entry of attachments) {
    if (entry.hash !== undefined) continue;
    const found = isLocal(entry.named) ? await findFile(entry.named, file, attachableEndings) : elsewhere;
    if ('bytes' in found) entry.found = found;
    else unfit.push({ line: entry.line, named: entry.named, why: found });
  }
  return { attachments, unfit };
}

/** The text with each attachment named by its hash; every other line stays as it is, on its line. */
export function nameAttachments(text: string, attachments: readonly NamedAttachment[]): string {
  const part = frontMatterIn(text);
  const [start, end] = listIn(part)?.range ?? [];
  if (!part || start === undefined || end === undefined || !attachments.some(({ hash }) => hash)) return text;
  const named = attachments.map(({ hash, title, found, named: name }) =>
    hash === undefined ? name : { hash, name: title ?? found?.name ?? name },
  );
  const lines = part.yaml.slice(start, end).split('\n').length - 1;
  const yaml = `${part.yaml.slice(0, start)} ${JSON.stringify(named)}${'\n'.repeat(lines)}${part.yaml.slice(end)}`;
  return `${part.before}${yaml}${part.after}`;
}

function listIn(part: FrontMatterPart | undefined): Node | undefined {
  const contents = part?.document.contents;
  const node = isMap(contents) ? contents.get('attachments', true) : undefined;
  return node === undefined || (isScalar(node) && !String(node.value ?? '').trim()) ? undefined : (node as Node);
}

async function entriesOf(part: FrontMatterPart | undefined, file: string): Promise<NamedAttachment[]> {
  const list = listIn(part);
  if (!part || !list) return [];
  const lineOf = (node: unknown): number =>
    `${part.before}${part.yaml.slice(0, (node as Node).range?.[0] ?? 0)}`.split('\n').length;
  if (isSeq(list)) return list.items.map((item) => ({ ...entryOf(item), line: lineOf(item) }));
  const whole = isScalar(list) ? String(list.value) : '';
  // A name may hold the sign that separates names.
  const names = 'bytes' in (await findFile(whole, file, attachableEndings)) ? [whole] : listOf(whole).map(String);
  return names.map((named) => ({ named, title: undefined, line: lineOf(list) }));
}

/** A name, `{hash, name}` of what is uploaded already, or a title with its file: `附件1: 名单.xlsx`. */
function entryOf(item: unknown): Pick<NamedAttachment, 'named' | 'title' | 'hash'> {
  if (!isMap(item)) return { named: isScalar(item) ? String(item.value).trim() : '', title: undefined };
  const fields = Object.entries(item.toJSON() as Record<string, unknown>).map(
    ([name, value]) => [name, String(value)] as const,
  );
  const { hash, name, file, path } = Object.fromEntries(fields) as Record<string, string | undefined>;
  if (hash !== undefined) return { named: name ?? hash, title: name, hash };
  const [first] = fields;
  return {
    named: file ?? path ?? first?.[1] ?? '',
    title: file === undefined && path === undefined ? first?.[0] : name,
  };
}
