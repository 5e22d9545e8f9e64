/** Every text that went out: what was written for each use, and what each channel made of it. */
import { emergencyWords, endDrill, withDrill } from '../../channels/emergency.js';
import type { ReleaseContent } from '../../channels/channel.js';
import { plainText } from '../body/canonical.js';
import { shownOn, type LookMeans } from '../broadcasts/looks.js';
import type { Board } from '../command/board.js';
import { LianfaError } from '../errors.js';
import { loadText, type Text } from '../signatures/renditions.js';

export interface SentText {
  number: number;
  title: string;
  /** What was written, by what it is for. */
  parts: { name: string; text: string }[];
  /** On the first account of each that has the message. */
  channels: { channel: string; title: string; text: string }[];
}

type Means = Pick<LookMeans, 'store' | 'channels' | 'config'>;

/** Of the messages that went out, in their order. */
export async function textsOf(means: Means, release: string, messages: Board['messages']): Promise<SentText[]> {
  const sent = messages.filter(({ orders }) => orders.some(({ state }) => state === 'running' || state === 'done'));
  const texts: SentText[] = [];
  for (const { revision, number } of sent) {
    const text = await loadText(means.store, revision);
    const { content } = text;
    texts.push({ number, title: content.title, parts: partsOf(content), channels: await saidBy(means, release, text) });
  }
  return texts;
}

function partsOf(content: ReleaseContent): SentText['parts'] {
  const { emergency, language, summary, body } = content;
  const words = emergencyWords(content);
  const marked = (text: string): string => endDrill(withDrill(text, emergency, language), emergency, language);
  const parts: [string, string | undefined][] = [
    ['摘要', summary],
    ['预警', words?.headline],
    ...(words?.facts ?? []).map(({ name, value }): [string, string] => [name, value]),
    ['短文（微博、推送）', words?.lead],
    ['正文', plainText(body)],
    ['口播稿', emergency?.spoken && marked(emergency.spoken)],
  ];
  return parts.flatMap(([name, text]) => (text ? [{ name, text }] : []));
}

async function saidBy(means: Means, release: string, text: Text): Promise<SentText['channels']> {
  const said: SentText['channels'] = [];
  for (const channel of means.channels.keys()) {
    const rows = await means.store.placements.find({ release, channel }).sort({ _id: 1 }).limit(sample).lean();
    const row = rows.find(({ orders }) => orders.some(({ revision }) => revision === text.content.revision));
    const account = row && (await means.store.accounts.findById(row.account).lean());
    if (!account) continue;
    const made = await shownOn(means, text, account).catch(asMissing);
    const { title, text: words } = made?.rendition.expected ?? { title: '', text: '（现在无法生成）' };
    said.push({ channel, title, text: words });
  }
  return said;
}

/** Rows of a channel among which one with the message is looked for. */
const sample = 200;

/** What cannot be drawn now keeps nobody from the rest of the report. */
function asMissing(error: unknown): undefined {
  if (error instanceof LianfaError) return undefined;
  throw error;
}
