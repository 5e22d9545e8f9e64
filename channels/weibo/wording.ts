/**
 * What a post says, within the platform's length. An emergency keeps level, place, time, action and source before
 * anything else; any other release is its title and as much of its summary as there is room for.
 */
import type { ReleaseContent } from '../channel.js';
import { isSalutation, squeeze, tidyLine, type Line } from './blocks.js';
import { cutTo, halfUnits } from './counter.js';
import { statedWording } from './stated-wording.js';

export interface Wording {
  words: string;
  /** The post holds the whole body. */
  whole: boolean;
  /** What was shortened or not found, by warning code. */
  lost: ('title_cut' | 'summary_cut' | 'summary_missing' | 'emergency_cut')[];
  /** Of an emergency: what the release does not say. */
  unsaid: Fact[];
}

/** Half-width units that a title may take, so that words remain for the rest. */
const titleRoom = 120;

/** `room` in half-width units. */
export function wordingOf(release: ReleaseContent, lines: readonly Line[], room: number): Wording {
  return release.kind === 'emergency' ? emergencyWording(release, lines, room) : plainWording(release, lines, room);
}

function plainWording(release: ReleaseContent, lines: readonly Line[], room: number): Wording {
  const title = innerBrackets(tidyLine(release.title));
  const short = cutTo(title, titleRoom);
  const lost: Wording['lost'] = short === title ? [] : ['title_cut'];
  const head = `【${short}】`;
  const body = lines.map((line) => line.text).join('\n');
  const flows = lines.every((line) => line.kind !== 'row');
  if (flows && halfUnits(head + body) <= room) return { words: head + body, whole: true, lost, unsaid: [] };
  const summary = tidyLine(release.summary);
  const said = cutTo(summary || firstWords(lines, release.language), room - halfUnits(head));
  if (!summary && said) lost.push('summary_missing');
  else if (said !== summary) lost.push('summary_cut');
  return { words: head + said, whole: false, lost, unsaid: [] };
}

/** The title stands in 【】, so its own become 〔〕. */
function innerBrackets(title: string): string {
  return title.replaceAll('【', '〔').replaceAll('】', '〕');
}

/** The beginning of the text, in place of a summary: without headings and salutation, and with a word where a table stands. */
function firstWords(lines: readonly Line[], language: string): string {
  const said: string[] = [];
  for (const [place, line] of lines.entries()) {
    if (said.length > 8) break;
    if (line.kind === 'heading' || (place === 0 && isSalutation(line.text))) continue;
    if (line.kind !== 'row') said.push(line.kind === 'item' ? line.text.replace(/^• /u, '') : line.text);
    else if (said.at(-1) !== tableWord(language)) said.push(tableWord(language));
  }
  return said.join(' ').replace(/(?<=[。！？；：）]) | (?=（)/gu, '');
}

function tableWord(language: string): string {
  return /^zh-(?:hant|tw|hk|mo)\b/i.test(language)
    ? '（表格見全文）'
    : /^zh\b/i.test(language)
      ? '（表格见全文）'
      : '(table: see the full text)';
}

export const facts = ['level', 'place', 'time', 'action'] as const;
export type Fact = (typeof facts)[number];

const labels: Readonly<Record<Fact, RegExp>> = {
  level: /^(?:预警级别|预警等级|响应级别|级别|等级)[：:]\s*/,
  place: /^(?:影响区域|影响范围|影响地区|预警区域|涉及区域|地区|区域|范围|地点)[：:]\s*/,
  time: /^(?:起始时间|生效时间|影响时间|预警时间|有效时间|有效期|时间)[：:]\s*/,
  action: /^(?:应对措施|应采取的措施|防御指南|防范措施|防御措施|避险措施|行动要求|行动建议|措施|指引)[：:]\s*/,
};

const levelWords = /[红橙黄蓝]色预警|[红橙黄蓝]色|[ⅠⅡⅢⅣ]级|[一二三四]级响应|特别重大|特大|重大|较大/u;
const signs: Readonly<Record<Fact, RegExp>> = {
  level: levelWords,
  place: /[\p{Script=Han}]{1,12}(?:省|市|自治区|自治州|县|区|旗|镇|乡|街道|村|社区|流域|水库|沿海|海域|全境|路段)/u,
  time: /\d{1,2}月\d{1,2}日|\d{1,2}[时点]|\d{1,2}[：:]\d{2}|未来[一二三四五六七八九十\d]+(?:个)?(?:小时|天|日)|今[天日晚]|明[天日晨]|即日起|即刻/u,
  action: /请(?!示)|停止|停课|停工|停运|转移|撤离|避免|切勿|不要|禁止|关闭|远离|注意防范|做好|立即|就地避险/u,
};

function emergencyWording(release: ReleaseContent, lines: readonly Line[], room: number): Wording {
  const stated = statedWording(release, room, (full, tail) => withMore(full, tail, release, lines, room));
  if (stated) {
    const whole = lines.length > 0 && lines.every((line) => stated.words.includes(line.text));
    return { words: stated.words, whole, lost: stated.cut ? ['emergency_cut'] : [], unsaid: [] };
  }
  const told = factsOf(release, lines);
  const title = tidyLine(release.title);
  const level = told.level !== undefined && !title.includes(told.level) ? told.level : undefined;
  const source = tidyLine(release.source);
  const tail = source ? `——${source}` : '';
  const unsaid = facts.filter((fact) => told[fact] === undefined);
  const inOrder = [...new Set([told.place, told.time, told.action].flatMap((part) => part || []))];
  const full = `【${level ? `${level}：` : ''}${title}】${inOrder.join('')}`;
  if (halfUnits(full + tail) <= room) {
    const body = lines.map((line) => line.text).join('');
    const whole = squeeze(body).length > 0 && lines.every((line) => full.includes(line.text));
    return { words: withMore(full, tail, release, lines, room), whole, lost: [], unsaid };
  }
  // Room for each, so that none of them pushes another out; what is left belongs to the action.
  const shortTitle = shortened(title, 84);
  const head =
    told.level !== undefined && !shortTitle.includes(told.level)
      ? `【${told.level}：${shortened(title, 72)}】`
      : `【${level ? `${level}：` : ''}${shortTitle}】`;
  const shortTail = source ? `——${cutTo(source, 34)}` : '';
  let words = head;
  for (const part of inOrder) {
    const isLast = part === inOrder.at(-1);
    const left = room - halfUnits(words + shortTail);
    words += cutTo(part, isLast ? left : Math.min(left, 56));
  }
  return { words: words + shortTail, whole: false, lost: ['emergency_cut'], unsaid };
}

/** A drill that loses the word at the end of its title would be read as the real thing. */
function shortened(title: string, most: number): string {
  const short = cutTo(title, most);
  const drill = /演练|演習|演习|drill|exercise/iu.exec(title)?.[0];
  if (drill === undefined || short.includes(drill)) return short;
  const mark = `${drill}：`;
  return mark + cutTo(title, most - halfUnits(mark));
}

/** Whole further sentences, as long as there is room. */
function withMore(full: string, tail: string, release: ReleaseContent, lines: readonly Line[], room: number): string {
  let words = full;
  for (const sentence of sentencesOf([tidyLine(release.summary), ...lines.map((line) => line.text)])) {
    if (words.includes(sentence.replace(/[。！？；]$/u, '')) || halfUnits(words + sentence + tail) > room) continue;
    words += sentence;
  }
  return words + tail;
}

/** What the release says of each; an empty text where the title alone says it. */
type Told = { [fact in Fact]?: string | undefined };

/** Labelled lines first (影响范围：…); otherwise the first sentences that speak of it. */
function factsOf(release: ReleaseContent, lines: readonly Line[]): Told {
  const told: Told = {};
  for (const fact of facts) {
    const labelled = lines.find((line) => labels[fact].test(line.text));
    if (labelled)
      told[fact] =
        fact === 'level' ? labelled.text.replace(labels.level, '').replace(/[。；]$/u, '') : ended(labelled.text);
  }
  told.level ??= levelWords.exec(
    `${release.title}\n${release.summary}\n${lines.map((line) => line.text).join('\n')}`,
  )?.[0];
  const sentences = sentencesOf([...lines.map((line) => line.text), tidyLine(release.summary)]);
  for (const fact of ['action', 'place', 'time'] as const) {
    if (told[fact] !== undefined) continue;
    const fitting = sentences.filter((sentence) => signs[fact].test(sentence));
    const chosen = fact === 'action' ? fitting.slice(0, 3).join('') : fitting[0];
    if (chosen) told[fact] = chosen;
  }
  // Where the title is the only one to say it, nothing need be added.
  for (const fact of ['place', 'time', 'action'] as const)
    if (told[fact] === undefined && signs[fact].test(release.title)) told[fact] = '';
  return told;
}

function sentencesOf(texts: readonly string[]): string[] {
  return [
    ...new Set(
      texts.flatMap((text) => text.match(/[^。！？；]+[。！？；]?/gu) ?? []).map((sentence) => ended(sentence.trim())),
    ),
  ].filter((sentence) => sentence.length > 1);
}

function ended(text: string): string {
  return /[。！？；…：，]$/u.test(text) ? text : `${text}。`;
}
