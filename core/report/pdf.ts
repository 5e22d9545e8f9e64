/** The report on paper: how it stands, who signed, and everybody who has not got it, place by place, with the reason. */
import PDFDocument from 'pdfkit';
import { beijingMinute, beijingStamp } from '../../channels/beijing-calendar.js';
import type { Channel } from '../../channels/channel.js';
import { states } from '../model/states.js';
import type { Store } from '../store/store.js';
import type { Facts } from './facts.js';
import { chineseFont, type Font } from './font.js';
import { everyRow, troubledRows, type ReportRow } from './rows.js';
import { textsOf, type SentText } from './texts.js';
import { endedWords, stateWords } from './words.js';

/** Rows of one list on paper. The table for spreadsheets holds them all, and the paper says so. */
export const mostOnPaper = 2_000;

interface Means {
  store: Store;
  channels: ReadonlyMap<string, Channel>;
  config: { channelFolders: readonly string[] };
  font?: Font;
}

type Paper = InstanceType<typeof PDFDocument>;

/** A stream of the finished file; pages leave as they are done. @throws LianfaError font_missing */
export function reportPdf(
  { store, channels, config, font = chineseFont() }: Means,
  facts: Facts,
): NodeJS.ReadableStream {
  const paper = new PDFDocument({
    size: 'A4',
    margin: 50,
    info: { Title: `${facts.title} 发布情况报告`, CreationDate: facts.at },
    lang: 'zh-CN',
    font: '',
  } as ConstructorParameters<typeof PDFDocument>[0]);
  paper.registerFont('text', font.file, font.name).font('text');
  const channelName = (name: string): string => channels.get(name)?.label.zh ?? name;
  const written = async (): Promise<void> => {
    summary(paper, facts, channelName);
    sentTexts(paper, await textsOf({ store, channels, config }, facts.release, facts.messages), channelName);
    await troubles(paper, store, facts, channelName);
    await late(paper, store, facts, channelName);
    paper.end();
  };
  written().catch((error: unknown) => paper.emit('error', error));
  return paper;
}

function heading(paper: Paper, text: string): void {
  paper.moveDown(0.8).fontSize(14).text(text).moveDown(0.2).fontSize(10);
}

function summary(paper: Paper, facts: Facts, channelName: (name: string) => string): void {
  paper.fontSize(20).text(facts.title).moveDown(0.3).fontSize(12).text('发布情况报告');
  paper.fontSize(10).moveDown(0.3);
  paper.text(`编号：${facts.release}　制表：${beijingStamp(facts.at)}（北京时间）`);
  if (facts.deadline) paper.text(`时限：${beijingMinute(facts.deadline)}`);
  paper.text(`账号总数：${facts.total}`);

  heading(paper, '签发');
  if (facts.orders.length === 0) paper.text('尚无发布令。');
  for (const { seq, at, revision, placements, signers, action, reason, deadline } of facts.orders) {
    const message = facts.messages.find((one) => one.revision === revision);
    const ended = action === 'narrow' ? '移出' : '撤回';
    const what = message ? `第${message.number}版《${message.title}》` : `${ended}${reason ? `（${reason}）` : ''}`;
    const within = deadline ? `　期限 ${beijingStamp(deadline)}` : '';
    paper.text(`${seq}. ${beijingStamp(at)}　${what}　账号 ${placements} 个${within}`);
    if (message?.ended) paper.text(`　　${endedWords(message.ended)}`);
    for (const { name, at: when } of signers) paper.text(`　　${name}${when ? `　${beijingStamp(when)}` : ''}`);
  }

  heading(paper, '各渠道状态');
  const channels = [...new Set(facts.counts.map(({ channel }) => channel))].sort();
  for (const channel of channels) {
    const own = facts.counts.filter((count) => count.channel === channel);
    const parts = states.flatMap((state) =>
      own.filter((count) => count.state === state).map(({ count }) => `${stateWords(state)} ${count}`),
    );
    paper.text(`${channelName(channel)}　合计 ${own.reduce((sum, { count }) => sum + count, 0)}：${parts.join('，')}`);
  }

  heading(paper, '未成功的原因');
  if (facts.causes.length === 0) paper.text('无。');
  for (const { channel, state, count, cause, code } of facts.causes)
    paper.text(`${count}　${channelName(channel)}　${stateWords(state)}　${code ?? ''}　${cause?.zh ?? '未说明'}`);
}

/** Nothing went out that does not stand here, also what only loudspeakers say. */
function sentTexts(paper: Paper, texts: readonly SentText[], channelName: (name: string) => string): void {
  heading(paper, '发出的文字');
  if (texts.length === 0) paper.text('无。');
  for (const { number, title, parts, channels } of texts) {
    paper.moveDown(0.3).text(`第${number}版《${title}》`);
    for (const { name, text } of parts) paper.text(`　${name}：${text}`);
    if (channels.length > 0) paper.text('　各渠道（各取第一个账号；署名、链接随账号不同）：');
    for (const { channel, title: shown, text } of channels)
      paper.text(`　　${channelName(channel)}：${[shown && `《${shown}》`, text].filter(Boolean).join(' ')}`);
  }
}

async function troubles(
  paper: Paper,
  store: Store,
  facts: Facts,
  channelName: (name: string) => string,
): Promise<void> {
  heading(paper, '未成功、等待、待处理或移出的账号（按地区）');
  let region = '';
  const line = (row: ReportRow): void => {
    if (row.region !== region) paper.moveDown(0.3).text(`地区 ${row.region}`);
    region = row.region;
    const why = [row.code, row.cause?.zh].filter(Boolean).join(' ');
    paper.text(
      `　${row.organizationName} · ${row.accountName}（${channelName(row.channel)}）${stateWords(row.state)}：${why || '未说明'}`,
    );
  };
  await list(paper, troubledRows(store, facts), line);
}

async function late(paper: Paper, store: Store, facts: Facts, channelName: (name: string) => string): Promise<void> {
  if (!facts.deadline) return;
  heading(paper, '超过时限才确认或仍未送达的账号');
  const line = (row: ReportRow): void => {
    const isReached = row.confirmedAt !== undefined || row.verifiedAt !== undefined;
    const who = row.confirmedBy === undefined ? '' : `，${row.confirmedBy}`;
    const still = isReached ? '' : `，仍未送达（${stateWords(row.state)}）`;
    paper.text(
      `　${row.organizationName} · ${row.accountName}（${channelName(row.channel)}）晚 ${row.lateMinutes ?? 0} 分钟${who}${still}`,
    );
  };
  await list(paper, lateOnly(everyRow(store, facts)), line);
}

async function* lateOnly(rows: AsyncIterable<ReportRow>): AsyncGenerator<ReportRow> {
  for await (const row of rows) if (row.lateMinutes !== undefined) yield row;
}

/** Never more than the paper takes; how many there are is said all the same. */
async function list(paper: Paper, rows: AsyncIterable<ReportRow>, line: (row: ReportRow) => void): Promise<void> {
  let count = 0;
  for await (const row of rows) {
    count += 1;
    if (count <= mostOnPaper) line(row);
  }
  if (count === 0) paper.text('无。');
  else if (count > mostOnPaper) paper.text(`以上为前 ${mostOnPaper} 个，共 ${count} 个，全部见 CSV。`);
  else paper.text(`共 ${count} 个。`);
}
