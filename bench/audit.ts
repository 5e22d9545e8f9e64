/** The check of a book of a million entries: seconds and memory; and that each kind of tampering is caught. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { apart } from '../core/hub/apart.js';
import { createVault, readSecret } from '../core/accounts/vault.js';
import { anchorFolder, raise, readAnchors, type AnchorPlace } from '../core/audit/anchors.js';
import { nothing, rowOf } from '../core/audit/entry.js';
import { fill, mutations } from '../core/audit/fixtures/mutations.js';
import { verifyBook, type Verdict } from '../core/audit/verify.js';
import type { AuditEntry } from '../core/model/audit-entry.js';
import { openStore, type Store } from '../core/store/store.js';
import { peakMb } from './cpu.js';
import { round1 } from './figures.js';
import { program } from './ground.js';

/** Entries in one write. */
const batch = 1_000;
/** Entries of the books that are tampered with: what is caught does not depend on their number. */
const small = 24;

/** `args`: the number of entries, a million unless told. */
export async function audit(args: string[]): Promise<void> {
  const entries = z.coerce
    .number()
    .int()
    .min(small)
    .max(10_000_000)
    .parse(args[0] ?? 1_000_000);
  let caught = 0;
  const tamperings = mutations.filter(({ says }) => says.length > 0);
  for (const { name, apply } of tamperings) {
    const verdict = await onStore(async (store, place) => {
      await fill(store, small);
      await raise(store, place);
      await apply(store);
      return check(store, place);
    });
    if (verdict.state === 'broken') caught += 1;
    else console.log(`not caught: ${name}`);
  }
  console.log(`${String(caught)} of ${String(tamperings.length)} kinds of tampering caught`);
  const { seconds, rssMb } = await onStore(async (store, place, dataFolder) => {
    await write(store, entries);
    await raise(store, place);
    return measured(dataFolder);
  });
  console.log(
    JSON.stringify({
      entries,
      seconds: round1(seconds),
      rssMb: Math.round(rssMb),
      tamperings: tamperings.length,
      caught,
    }),
  );
}

/** By the command itself, from its start to its end. @throws Error where it does not find the book intact */
async function measured(dataFolder: string): Promise<{ seconds: number; rssMb: number }> {
  const begun = performance.now();
  const child = spawn(process.execPath, [program, 'audit', 'verify'], {
    env: { ...apart(process.env), LIANFA_DATA: dataFolder },
    stdio: 'inherit',
  });
  let rssMb = 0;
  const watch = setInterval(() => {
    rssMb = Math.max(rssMb, peakMb(child.pid) ?? 0);
  }, 50);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(watch);
  if (code !== 0) throw new Error(`lianfa audit verify ended with ${String(code)}`);
  return { seconds: (performance.now() - begun) / 1_000, rssMb };
}

function check(store: Store, place: AnchorPlace): Promise<Verdict> {
  return verifyBook(store, { anchors: () => readAnchors(place) });
}

async function onStore<T>(work: (store: Store, place: AnchorPlace, dataFolder: string) => Promise<T>): Promise<T> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'lianfa-bench-'));
  const store = await openStore({ dataFolder });
  try {
    const vault = createVault(await readSecret({ secret: undefined, dataFolder }));
    return await work(store, { folder: anchorFolder(dataFolder), vault }, dataFolder);
  } finally {
    await store.close();
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

/** As `act` writes them, but many in one commit: the check is measured, not the writing. */
async function write(store: Store, many: number): Promise<void> {
  let head = { hub: 'hbench', n: 0, hash: nothing };
  const began = Date.now() - many * 1_000;
  while (head.n < many) {
    const rows: AuditEntry[] = [];
    while (rows.length < batch && head.n < many) {
      const turn = head.n + 1;
      const row = rowOf(
        {
          act: ['release.save', 'release.sign', 'session.open'][turn % 3] ?? '',
          outcome: turn % 20 === 0 ? 'refused' : 'done',
          who: {
            person: `u${String(turn % 500)}`,
            role: 'writer',
            from: { ip: '192.0.2.7', agent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36' },
          },
          unit: `o${String(turn % 100)}`,
          on: { release: `r${String(turn % 20_000)}`, revision: `v${String(turn)}` },
          before: { title: '关于做好防汛工作的通知' },
          after: { title: '关于做好当前防汛防台风工作的紧急通知' },
        },
        head,
        new Date(began + turn * 1_000),
        `o0/o${String(turn % 100)}/`,
      );
      rows.push(row);
      head = { ...head, n: turn, hash: row._id };
    }
    await store.auditEntries.collection.insertMany(rows as never[]);
  }
  await store.auditHead.create({ _id: 'head', turn: 'tbench', ...head });
}
