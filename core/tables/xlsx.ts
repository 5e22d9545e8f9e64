/** The first sheet of a workbook, read in a thread of its own, bounded in time and memory: for a long one the package takes a second and more. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Said } from '../../channels/channel.js';
import { openZip } from '../documents/zip-bounds.js';
import { cellOfValue } from './excel-signs.js';
import { breathe, type Line, type Sheet } from './table.js';

/** Longest time for one workbook, ms, and its memory, MB. */
const bounds = { time: 60_000, memory: 1_024 };

const library = createRequire(join(import.meta.dirname, 'xlsx.js')).resolve('read-excel-file/node');

/** Rows come over in pieces, for a message is opened in one go. Written as text, so that it runs alike from source and built. */
const thread = `
const { parentPort, workerData } = require('node:worker_threads');
const { default: read } = require(workerData.library);
void (async () => {
  const [first, ...others] = await read(Buffer.from(workerData.bytes), { trim: false });
  for (let at = 0; first && at < first.data.length; at += 500) parentPort.postMessage({ rows: first.data.slice(at, at + 500) });
  parentPort.postMessage({ name: first && first.sheet, others: others.length });
})();`;

/** What the thread says. The last message names the sheet. */
interface Message {
  rows?: unknown[][];
  name?: string;
  others?: number;
}

/** @throws Error where it is no workbook, or unpacks or takes longer than one may */
export async function readXlsx(bytes: Buffer): Promise<Sheet> {
  await openZip(bytes);
  const { rows, name, others } = await readApart(bytes);
  const lines: Line[] = [];
  for (const cells of rows) {
    if (lines.length % 500 === 0) await breathe();
    lines.push({ row: lines.length + 1, cells: cells.map(cellOfValue) });
  }
  return { lines, told: others > 0 ? [moreSheets(name, others)] : [] };
}

async function readApart(bytes: Buffer): Promise<{ rows: unknown[][]; name: string; others: number }> {
  const worker = new Worker(thread, {
    eval: true,
    workerData: { library, bytes },
    resourceLimits: { maxOldGenerationSizeMb: bounds.memory },
  });
  const rows: unknown[][] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise((done, fail) => {
      timer = setTimeout(() => fail(new Error('the workbook takes too long')), bounds.time);
      worker.on('error', fail);
      worker.on('exit', () => fail(new Error('a workbook without sheets')));
      worker.on('message', ({ rows: more = [], name, others }: Message) => {
        rows.push(...more);
        if (name !== undefined) done({ rows, name, others: others ?? 0 });
      });
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

function moreSheets(name: string, others: number): Said {
  return {
    zh: `只读取了第一张工作表“${name}”，另有 ${others} 张未读取。`,
    en: `Only the first sheet, "${name}", was read; ${others} more were not.`,
  };
}
