/** The book as a file for others: CSV for a spreadsheet, JSON as it is. */
import { beijingStamp } from '../../channels/beijing-calendar.js';
import type { Store } from '../store/store.js';
import { csvCell as cell, excelMark } from '../csv-cell.js';
import type { ExportFormat } from './report.js';
import { everyEntry, type AuditFilter, type ReadEntry } from './query.js';

type Names = ReadonlyMap<string, string>;

const columns: readonly [title: string, of: (entry: ReadEntry, names: Names) => unknown][] = [
  ['序号 n', ({ n }) => n],
  ['时间（北京） time', ({ at }) => `${beijingStamp(at).slice(0, 19)}${at.slice(19, -1)}${beijingStamp(at).slice(19)}`],
  ['行为 act', ({ act }) => act],
  ['结果 outcome', ({ outcome }) => outcome],
  ['错误代码 code', ({ code }) => code],
  ['人员 person', ({ who }) => who.person],
  ['姓名 name', ({ who }, names) => names.get(who.person ?? '')],
  ['密钥 key', ({ who }) => who.key],
  ['角色 role', ({ who }) => who.role],
  ['系统进程 process', ({ who }) => who.process],
  ['地址 ip', ({ from }) => from?.ip],
  ['客户端 agent', ({ from }) => from?.agent],
  ['单位 unit', ({ unit }) => unit],
  ['单位路径 path', ({ path }) => path],
  ['对象 on', ({ on }) => on],
  ['之前 before', ({ before }) => before],
  ['之后 after', ({ after }) => after],
  ['说明 note', ({ note }) => note],
  ['上一条哈希 prev', ({ prev }) => prev],
  ['哈希 hash', ({ hash }) => hash],
];

/** In pieces, the oldest entry first. */
export async function* exported(store: Store, filter: AuditFilter, format: ExportFormat): AsyncGenerator<string> {
  if (format === 'csv') yield* csv(store, filter);
  else yield* json(store, filter);
}

async function* csv(store: Store, filter: AuditFilter): AsyncGenerator<string> {
  const names = new Map<string, string>();
  yield `${excelMark}${columns.map(([title]) => cell(title)).join()}\r\n`;
  for await (const entry of everyEntry(store, filter)) {
    const { person } = entry.who;
    if (person !== undefined && !names.has(person)) names.set(person, await nameOf(store, person));
    yield `${columns.map(([, of]) => cell(of(entry, names))).join()}\r\n`;
  }
}

async function* json(store: Store, filter: AuditFilter): AsyncGenerator<string> {
  let before = '[';
  for await (const entry of everyEntry(store, filter)) {
    yield `${before}\n${JSON.stringify(entry)}`;
    before = ',';
  }
  yield before === '[' ? '[]\n' : '\n]\n';
}

/** Empty where the person was erased. */
async function nameOf(store: Store, person: string): Promise<string> {
  return (await store.people.findById(person, { displayName: 1 }).lean())?.displayName ?? '';
}
