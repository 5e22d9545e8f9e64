/** The report as a table for a spreadsheet: one row an account, every account of the release. */
import { beijingStamp } from '../../channels/beijing-calendar.js';
import type { Store } from '../store/store.js';
import { csvCell, excelMark } from '../csv-cell.js';
import type { Facts } from './facts.js';
import { everyRow, type ReportRow } from './rows.js';
import { endedWords, stateWords } from './words.js';

const columns: readonly [title: string, of: (row: ReportRow, facts: Facts) => unknown][] = [
  ['地区代码 region', ({ region }) => region],
  ['单位 unit', ({ organizationName }) => organizationName],
  ['单位编号 unit id', ({ organization }) => organization],
  ['渠道 channel', ({ channel }) => channel],
  ['账号 account', ({ accountName }) => accountName],
  ['账号编号 account id', ({ account }) => account],
  ['状态 state', ({ state }) => stateWords(state)],
  ['状态代码 state code', ({ state }) => state],
  ['进入该状态 since', ({ since }) => stamp(since)],
  ['应为版本 revision', ({ revision }) => revision],
  ['标题 title', ({ title }) => title],
  ['预警结束 warning ended', ({ ended }) => ended && endedWords(ended)],
  ['发布令 order', ({ seq }) => String(seq)],
  [
    '签发人 signed by',
    ({ seq }, { orders }) =>
      orders
        .find((order) => order.seq === seq)
        ?.signers.map(({ name }) => name)
        .join('、'),
  ],
  ['平台受理 accepted at', ({ acceptedAt }) => stamp(acceptedAt)],
  ['读回核验 read back at', ({ verifiedAt }) => stamp(verifiedAt)],
  ['人工确认 confirmed at', ({ confirmedAt }) => stamp(confirmedAt)],
  ['确认人 confirmed by', ({ confirmedBy }) => confirmedBy],
  ['确认说明 note', ({ note }) => note],
  ['超过时限（分钟） minutes late', ({ lateMinutes }) => (lateMinutes === undefined ? undefined : String(lateMinutes))],
  ['网址 address', ({ url }) => url],
  ['尝试次数 attempts', ({ attempts }) => String(attempts)],
  ['原因 cause', ({ cause, state }) => (explained(state) ? cause?.zh : undefined)],
  ['处置 what to do', ({ todo, state }) => (explained(state) ? todo?.zh : undefined)],
  ['平台代码 platform code', ({ code }) => code],
  ['平台原话 platform words', ({ words }) => words],
];

/** In pieces. */
export async function* reportCsv(store: Store, facts: Facts): AsyncGenerator<string> {
  let piece = `${excelMark}${columns.map(([title]) => csvCell(title)).join()}\r\n`;
  for await (const row of everyRow(store, facts)) {
    piece += `${columns.map(([, of]) => csvCell(of(row, facts))).join()}\r\n`;
    if (piece.length < 65_536) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

/** What stands well needs no cause; what reading it back said stands in its evidence. */
function explained(state: ReportRow['state']): boolean {
  return state !== 'verified' && state !== 'confirmed' && state !== 'published';
}

function stamp(at: Date | undefined): string | undefined {
  return at && beijingStamp(at);
}
