/**
 * The evidence of one release (docs/operations.md): one file that a stranger checks offline. Everything in it is named by
 * its hash in the manifest; the manifest's hash is an entry of the book of acts; and that entry, with all of the release's,
 * is shown to lie in the line whose roots are published.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Outbound } from '../../channels/outbound.js';
import { announceAct, type Doer } from '../audit/book.js';
import { publishedDays, type Day } from '../audit/days.js';
import { wholeTree, type WholeTree } from '../audit/tree.js';
import { LianfaError } from '../errors.js';
import type { Placement } from '../model/placement.js';
import type { AuditEntry } from '../model/audit-entry.js';
import type { Store } from '../store/store.js';
import { mostCopies, readCopies } from './copies.js';
import { gather, type EvidenceMeans } from './gather.js';
import { createZip } from './zip.js';

interface Listed {
  sha256: string;
  /** Of a file of lines: the beginning of each line's hash, so that a change is found to the line. */
  lines?: string[];
}

export interface Evidence {
  release: string;
  files: number;
  entries: number;
  /** SHA-256 of the manifest, as it stands in the book of acts. */
  manifest: string;
}

/** Writes `file`, which must not be there yet. @throws LianfaError not_found, audit_unavailable */
export async function writeEvidence(
  means: EvidenceMeans & { http: Outbound },
  release: string,
  file: string,
  who: Doer,
): Promise<Evidence> {
  const { store } = means;
  const row = await store.releases.findById(release).lean();
  if (!row) throw new LianfaError('not_found', { what: release });
  const gathered = await gather(means, release);
  const placements = (gathered.get('placements') ?? []) as unknown as Placement[];
  const addresses = placements.flatMap(({ standing }) => standing.flatMap(({ remote }) => remote.url ?? []));
  const copies = await readCopies(means.http, addresses);
  gathered.set(
    'copies',
    copies.map(({ bytes: _bytes, ...copy }) => ({ ...copy })),
  );
  const entries = await store.auditEntries.find({ release }).sort({ n: 1 }).lean();
  const days = await publishedDays(store);

  const zip = await createZip(file);
  const files: Record<string, Listed> = {};
  const add = async (name: string, content: Buffer): Promise<void> => {
    files[name] = listed(name, content);
    await zip.add(name, content);
  };
  for (const [collection, rows] of gathered)
    await add(`data/${collection}.jsonl`, linesOf(rows.map((one) => JSON.stringify(one))));
  await add('data/audit.jsonl', linesOf(entries.map(({ body }) => body)));
  for (const copy of copies) if (copy.file && copy.bytes) await add(copy.file, copy.bytes);
  await add('verify.mjs', await readFile(join(import.meta.dirname, 'verify.mjs')));
  await add('README.txt', Buffer.from(readme(release, row.title)));

  const hub = (await store.auditHead.findById('head').lean())?.hub ?? '';
  const left = Math.max(0, new Set(addresses).size - mostCopies);
  const head = {
    format: 'lianfa-evidence-1',
    release,
    title: row.title,
    hub,
    made: new Date().toISOString(),
    copiesLeftOut: left,
  };
  const text = `${JSON.stringify({ ...head, files })}\n`;
  const manifest = sha(Buffer.from(text));
  const made = await enter(store, { release, manifest, who, unit: row.organization });
  await zip.add('manifest.json', Buffer.from(text));
  const proof = { made: made.body, trees: await treesOf(store, [...entries, made], days) };
  await zip.add('proof.json', Buffer.from(`${JSON.stringify(proof)}\n`));
  await zip.close();
  return { release, files: Object.keys(files).length + 2, entries: entries.length, manifest };
}

/** The entry by which the book knows this pack. */
async function enter(
  store: Store,
  { release, manifest, who, unit }: { release: string; manifest: string; who: Doer; unit: string | undefined },
): Promise<AuditEntry> {
  const entry = { act: 'evidence.make', outcome: 'done', who, unit, on: { release }, after: { manifest } } as const;
  await announceAct(store, entry);
  const rows = await store.auditEntries.find({ release, act: entry.act }).sort({ n: -1 }).lean();
  const mine = rows.find(({ body }) => body.includes(manifest));
  if (!mine) throw new LianfaError('audit_unavailable');
  return mine;
}

/** Under the newest published head what it holds already; under the line as it is now everything. */
async function treesOf(store: Store, entries: readonly AuditEntry[], days: readonly Day[]): Promise<object[]> {
  const last = entries.at(-1)?.n ?? 0;
  const [newest] = days;
  const shown = (tree: WholeTree): object => {
    const held = entries.filter(({ n }) => n <= tree.size);
    const paths = Object.fromEntries(held.map(({ n }) => [n, tree.path(n)]));
    return { size: tree.size, root: tree.root, ...(tree.size === newest?.n && { day: newest.day }), paths };
  };
  const now = shown(await wholeTree(store, last));
  return newest && newest.n < last ? [shown(await wholeTree(store, newest.n)), now] : [now];
}

function listed(name: string, content: Buffer): Listed {
  const sha256 = sha(content);
  if (!name.endsWith('.jsonl')) return { sha256 };
  const lines = content.toString('utf8').split('\n');
  return { sha256, lines: lines.map((line) => sha(Buffer.from(line)).slice(0, 16)) };
}

function linesOf(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}

function sha(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function readme(release: string, title: string): string {
  return `联发 发布存证 Lianfa evidence

发布件 Release: ${release}
${title}

解压后在本目录运行 node verify.mjs（需要 Node.js 18 或更高版本，不需要联网），它会逐项核对；改动任何一个字节，都会指出在哪里。
要核对历史是否被整体改写，请用自己留存的每日链头：node verify.mjs --heads 文件（取自该系统的 /api/v1/audit/heads）。

Unpack it and run "node verify.mjs" in this folder (Node.js 18 or later, no network). It checks everything and says where
a byte was changed. Whether history as a whole was written anew only the heads of days tell that you have kept yourself
(from /api/v1/audit/heads of that hub): node verify.mjs --heads FILE

data/       修订、渠道稿、发布令与签名、公钥、投递经过、审计记录  revisions, renditions, orders and signatures, public keys, deliveries, audit
copies/     制作时公众读到的页面  what the public read when this was made
`;
}
