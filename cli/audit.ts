/** `lianfa audit`: checks the book of acts and gives it out. Works on the data folder, with or without a running server. */
import { beijingInstant } from '../channels/beijing-calendar.js';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Option, type Command } from 'commander';
import type { Anchor } from '../core/audit/anchors.js';
import { headsDocument, openedAsFound, verifyFolder } from '../core/hub/audit-check.js';
import { exported } from '../core/audit/export.js';
import { exportFormats, type ExportFormat } from '../core/audit/report.js';
import type { AuditFilter } from '../core/audit/query.js';
import { unchecked, type Verdict } from '../core/audit/verify.js';
import { LianfaError } from '../core/errors.js';
import { readConfig, type Config } from '../core/hub/config.js';
import type { Store } from '../core/store/store.js';
import { both, openBar, running } from './say.js';

/** Anything broken has one code, so that an alarm needs to know no kinds. */
const exitCodes = { intact: 0, broken: 3, unchecked: 4 } as const;

interface ExportOptions {
  format: ExportFormat;
  from?: string;
  to?: string;
  person?: string;
  release?: string;
  unit?: string;
  output?: string;
}

export function register(program: Command): void {
  const audit = program.command('audit').description('审计：核验与导出 The book of acts: check it, give it out');
  audit
    .command('verify')
    .description(
      '核验审计链（0 完好，3 被改动，4 无法核验） Check the line: 0 intact, 3 broken, 4 could not be checked',
    )
    .option('--heads <file or url>', '与公开的日链头比对 compare with published heads of days')
    .option('--json', '输出 JSON for machines')
    .action((options: { heads?: string; json?: boolean }) => verify(options));
  audit
    .command('export')
    .description('导出审计记录 Give out the entries')
    .addOption(new Option('--format <format>', '格式').choices(exportFormats).default('csv'))
    .option('--from <time>', '起（含），如 2026-11-01（北京时间零时）或 2026-11-01T00:00:00Z from, inclusive')
    .option('--to <time>', '止（不含） to, exclusive')
    .option('--person <id>', '人员编号 person')
    .option('--release <id>', '发布件编号 release')
    .option('--unit <id>', '单位编号，含下级 unit and below')
    .option('--output <file>', '写入文件，默认标准输出 file, else standard output')
    .action((options: ExportOptions) => running(false, () => give(options)));
}

async function verify({ heads, json }: { heads?: string; json?: boolean }): Promise<void> {
  const bar = json ? undefined : openBar('{bar} {value}/{total}');
  bar?.start(1, 0);
  const progress = (done: number, total: number): void => {
    bar?.setTotal(total);
    bar?.update(done);
  };
  const theirs = heads === undefined ? undefined : () => headsFrom(heads);
  const verdict = await settings()
    .then((config) => verifyFolder(config, { heads: theirs, progress }))
    .catch(unchecked);
  bar?.stop();
  process.exitCode = exitCodes[verdict.state];
  process.stdout.write(`${json ? JSON.stringify(verdict) : told(verdict)}\n`);
}

/** Settings that cannot be read leave the book unchecked, too. */
async function settings(): Promise<Config> {
  return readConfig();
}

function told(verdict: Verdict): string {
  switch (verdict.state) {
    case 'intact': {
      const { entries, head, anchors } = verdict;
      return `✓ ${both({ zh: `完好：${entries} 条，另存的链头 ${anchors} 个均相符。`, en: `Intact: ${entries} entries; ${anchors} heads kept elsewhere agree.` })}\n  ${head.hash}`;
    }
    case 'broken':
      return `✗ ${both({ zh: '链已被破坏：', en: 'Broken:' })} ${both(verdict.said)}`;
    case 'unchecked':
      return `? ${both(verdict.said)}\n  → ${both(verdict.todo)}`;
  }
}

/** What the stranger holds: the answer of `/api/v1/audit/heads`, from there or kept in a file. */
async function headsFrom(where: string): Promise<Anchor[]> {
  const text = /^https?:/.test(where)
    ? await (await fetch(where, { signal: AbortSignal.timeout(20_000) })).text()
    : await readFile(where, 'utf8');
  return headsDocument.parse(JSON.parse(text)).heads.map(({ hub, n, hash, root, at }) => ({ hub, n, hash, root, at }));
}

async function give(options: ExportOptions): Promise<void> {
  const store = await openedAsFound(readConfig());
  try {
    const target = options.output === undefined ? process.stdout : createWriteStream(options.output, { mode: 0o600 });
    const pieces = exported(store, await filterOf(store, options), options.format);
    await pipeline(pieces, target, { end: options.output !== undefined });
  } finally {
    await store.close();
  }
}

async function filterOf(store: Store, { from, to, person, release, unit }: ExportOptions): Promise<AuditFilter> {
  const path = unit === undefined ? undefined : (await store.organizations.findById(unit, { path: 1 }).lean())?.path;
  if (unit !== undefined && path === undefined) throw new LianfaError('not_found', { what: unit });
  const places = path === undefined ? undefined : [path];
  return { person, release, places, from: timeOf('from', from), to: timeOf('to', to) };
}

/** A day alone begins at midnight in Beijing. */
function timeOf(field: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? (midnightOf(text) ?? NaN) : text);
  if (Number.isNaN(time.getTime()))
    throw new LianfaError('field_invalid', { field, reason: { zh: '不是时间', en: 'not a time' } });
  return time;
}

/** The first instant of a day in Beijing. */
function midnightOf(day: string): Date | undefined {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  return beijingInstant({ year, month, day: date, hour: 0, minute: 0 });
}
