/** Reading the facts that somebody gives: by name in either language, each understood or refused by its name; what is missing is named all at once. */
import { certainties, levels, severities, urgencies, type Emergency, type Level } from '../../channels/emergency.js';
import type { Said } from '../../channels/channel.js';
import { LianfaError } from '../errors.js';
import { invalid } from '../import-given.js';
import type { Content, Fact, GivenFacts } from '../model/event-template.js';
import { tidyLine } from '../text.js';
import { builtIn, levelsOf } from './content.js';

/** What is asked: in the order in which a person is asked it. */
export interface Question {
  name: string;
  is: Fact['is'] | 'level' | 'areas';
  choices?: { value: string; said: Said }[];
  optional?: true;
  hint?: string;
}

export interface Reading {
  now: Date;
  /** A time as people write it; undefined where it is none. */
  readTime(written: string): Date | undefined;
}

const levelSaid: Readonly<Record<Level, Said>> = {
  red: { zh: '红色', en: 'red' },
  orange: { zh: '橙色', en: 'orange' },
  yellow: { zh: '黄色', en: 'yellow' },
  blue: { zh: '蓝色', en: 'blue' },
};
export const levelWord = (level: Level): string => levelSaid[level].zh;

/** What a template leaves open of how a warning is to be taken. */
export const judged = {
  urgency: { name: '紧迫程度', values: urgencies },
  severity: { name: '严重程度', values: severities },
  certainty: { name: '确定程度', values: certainties },
} as const;
export const judgedNames = ['urgency', 'severity', 'certainty'] as const;

const judgedSaid: Readonly<Record<string, Said>> = {
  Immediate: { zh: '立即行动', en: 'Immediate' },
  Expected: { zh: '尽快行动', en: 'Expected' },
  Future: { zh: '将来', en: 'Future' },
  Past: { zh: '已过', en: 'Past' },
  Extreme: { zh: '特别严重', en: 'Extreme' },
  Severe: { zh: '严重', en: 'Severe' },
  Moderate: { zh: '中等', en: 'Moderate' },
  Minor: { zh: '轻微', en: 'Minor' },
  Observed: { zh: '已发生', en: 'Observed' },
  Likely: { zh: '很可能', en: 'Likely' },
  Possible: { zh: '可能', en: 'Possible' },
  Unlikely: { zh: '不太可能', en: 'Unlikely' },
  Unknown: { zh: '不明', en: 'Unknown' },
};

/** `level`: chosen already; what the template leaves open may hang on it. */
export function questionsOf(content: Content, level?: Level): Question[] {
  const offered = levelsOf(content);
  const chosen = level ?? (offered.length === 1 ? offered[0] : undefined);
  const open = judgedNames.filter((name) =>
    chosen === undefined ? false : content.levels[chosen]?.[name] === undefined,
  );
  return [
    ...(offered.length > 1
      ? [
          {
            name: builtIn.level,
            is: 'level' as const,
            choices: offered.map((value) => ({ value, said: levelSaid[value] })),
          },
        ]
      : []),
    { name: builtIn.areas, is: 'areas' },
    { name: builtIn.onset, is: 'time', ...(!content.asksOnset && { optional: true as const }) },
    ...(content.asksExpires ? [{ name: builtIn.expires, is: 'time' as const }] : []),
    ...content.facts.map(({ name, is, choices, optional, hint }) => ({
      name,
      is,
      ...(choices && { choices: choices.map((value) => ({ value, said: { zh: value, en: value } })) }),
      ...(optional && { optional }),
      ...(hint !== undefined && { hint }),
    })),
    ...open.map((name) => ({
      name: judged[name].name,
      is: 'choice' as const,
      choices: judged[name].values.map((value) => ({ value, said: judgedSaid[value] ?? { zh: value, en: value } })),
    })),
  ];
}

/** Codes under which programs give what every template has. */
const codes: Readonly<Record<string, string>> = {
  [builtIn.level]: 'level',
  [builtIn.areas]: 'areas',
  [builtIn.onset]: 'onset',
  [builtIn.expires]: 'expires',
  紧迫程度: 'urgency',
  严重程度: 'severity',
  确定程度: 'certainty',
};

/** Characters of one value. */
const mostCharacters = 200;
const mostAreas = 500;

/**
 * @throws LianfaError template_facts_missing, naming every one that is; field_invalid for one that cannot be understood,
 * or that nobody asked for
 */
export function readFacts(content: Content, given: Readonly<Record<string, unknown>>, reading: Reading): GivenFacts {
  const values = new Map(Object.entries(given).filter(([, value]) => !isNothing(value)));
  const take = (name: string): unknown => {
    const key = [name, codes[name] ?? name].find((one) => values.has(one));
    const value = key === undefined ? undefined : values.get(key);
    if (key !== undefined) values.delete(key);
    return value;
  };
  const offered = levelsOf(content);
  const said = take(builtIn.level);
  const level = said === undefined ? (offered.length === 1 ? offered[0] : undefined) : readLevel(said, offered);
  const questions = questionsOf(content, level);
  const read = new Map<string, unknown>([[builtIn.level, level]]);
  for (const question of questions.filter(({ is }) => is !== 'level')) read.set(question.name, take(question.name));
  const missing = questions.filter(({ name, optional }) => !optional && isNothing(read.get(name)));
  const [first] = missing;
  if (first || level === undefined) throw missingFacts(missing.map(({ name }) => name));
  const [left] = values.keys();
  if (left !== undefined)
    throw invalid(`facts.${left}`, {
      zh: `模板不问“${left}”，它问的是：${questions.map(({ name }) => name).join('、')}。`,
      en: `the template does not ask for "${left}", but for ${questions.map(({ name }) => name).join(', ')}.`,
    });
  return understood(content, level, read, reading);
}

function understood(content: Content, level: Level, read: ReadonlyMap<string, unknown>, reading: Reading): GivenFacts {
  const begins = read.get(builtIn.onset);
  const onset = isNothing(begins) ? minuteOf(reading.now) : readTime(builtIn.onset, begins, reading);
  const expires = content.asksExpires ? readTime(builtIn.expires, read.get(builtIn.expires), reading) : undefined;
  if (expires !== undefined && expires <= onset)
    throw invalid(`facts.${builtIn.expires}`, { zh: '应晚于开始时间。', en: 'it must be after the beginning.' });
  const judgements = judgedNames.flatMap((name) => {
    const value = read.get(judged[name].name);
    return value === undefined ? [] : [[name, readChoice(judged[name].name, value, judged[name].values)]];
  });
  const own = content.facts.flatMap((fact) => {
    const value = read.get(fact.name);
    return isNothing(value) ? [] : [[fact.name, readOwn(fact, value, reading)]];
  });
  return {
    level,
    areas: readAreas(read.get(builtIn.areas)),
    onset,
    ...(expires !== undefined && { expires }),
    ...(Object.fromEntries(judgements) as Pick<Emergency, 'urgency' | 'severity' | 'certainty'>),
    own: Object.fromEntries(own) as Record<string, string>,
  };
}

export function missingFacts(names: readonly string[]): LianfaError {
  return new LianfaError('template_facts_missing', {
    field: `facts.${names[0] ?? builtIn.level}`,
    what: { zh: names.join('、'), en: names.join(', ') },
  });
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** `red`, 红色, 红. */
function readLevel(value: unknown, offered: readonly Level[]): Level {
  const text = textOf(builtIn.level, value);
  const level = levels.find((one) => one === text.toLowerCase() || text.startsWith(levelSaid[one].zh.charAt(0)));
  if (level && offered.includes(level)) return level;
  const names = offered.map((one) => levelSaid[one].zh).join('、');
  throw invalid(`facts.${builtIn.level}`, { zh: `这个模板的级别有：${names}。`, en: `it has ${offered.join(', ')}.` });
}

function readTime(name: string, value: unknown, { readTime: read }: Reading): string {
  const instant = read(textOf(name, value));
  if (instant) return minuteOf(instant);
  throw invalid(`facts.${name}`, {
    zh: '请写成“2026-12-01 20:00”或“2026年12月1日20时”（北京时间）。',
    en: 'write it like "2026-12-01 20:00", by the clock of Beijing.',
  });
}

/** Whole minutes, as texts say them. */
function minuteOf(instant: Date): string {
  return new Date(Math.floor(instant.getTime() / 60_000) * 60_000).toISOString();
}

/** `350100 福州市、350200 厦门市`, or `[{code, name}]`. */
function readAreas(value: unknown): GivenFacts['areas'] {
  const list: unknown[] = Array.isArray(value) ? value : textOf(builtIn.areas, value, 20_000).split(/[、，,;；\n]+/u);
  const areas = list.map(readArea).filter(({ name }) => name !== '');
  if (areas.length === 0) throw missingFacts([builtIn.areas]);
  if (areas.length > mostAreas)
    throw invalid(`facts.${builtIn.areas}`, { zh: `最多 ${mostAreas} 处。`, en: `at most ${mostAreas}.` });
  return areas;
}

function readArea(value: unknown): GivenFacts['areas'][number] {
  const { code, name } =
    typeof value === 'object' && value !== null
      ? { code: (value as { code?: unknown }).code, name: (value as { name?: unknown }).name }
      : (/^(?:(?<code>\d{6}(?:\d{3}|\d{6})?)\s+)?(?<name>.*)$/u.exec(textOf(builtIn.areas, value).trim())?.groups ??
        {});
  const said = textOf(builtIn.areas, name ?? '');
  if (said.length > 60)
    throw invalid(`facts.${builtIn.areas}`, { zh: '一处的名称最多 60 字。', en: 'a name has at most 60 characters.' });
  return typeof code === 'string' ? { code: textOf(builtIn.areas, code), name: said } : { name: said };
}

function readOwn({ name, is, choices = [] }: Fact, value: unknown, reading: Reading): string {
  switch (is) {
    case 'text':
      return textOf(name, value);
    case 'time':
      return readTime(name, value, reading);
    case 'choice':
      return readChoice(name, value, choices);
    case 'number': {
      const figures = textOf(name, value).normalize('NFKC').replace(/[,\s]/g, '');
      if (/^-?\d{1,15}(\.\d{1,6})?$/.test(figures)) return figures;
      throw invalid(`facts.${name}`, { zh: '请填数字。', en: 'it must be a number.' });
    }
  }
}

function readChoice<T extends string>(name: string, value: unknown, choices: readonly T[]): T {
  const text = textOf(name, value);
  const chosen = choices.find((one) => one === text || judgedSaid[one]?.zh === text);
  if (chosen !== undefined) return chosen;
  throw notOffered(name, choices);
}

export function notOffered(name: string, choices: readonly string[]): LianfaError {
  const offered = choices.map((one) => judgedSaid[one]?.zh ?? one).join('、');
  return invalid(`facts.${name}`, { zh: `可选：${offered}。`, en: `choose of ${choices.join(', ')}.` });
}

function textOf(name: string, value: unknown, most = mostCharacters): string {
  if (typeof value !== 'string' && typeof value !== 'number')
    throw invalid(`facts.${name}`, { zh: '应为一行文字。', en: 'it must be a line of text.' });
  const text = tidyLine(String(value));
  if (text.length > most)
    throw invalid(`facts.${name}`, { zh: `最多 ${most} 字。`, en: `at most ${most} characters.` });
  return text;
}
