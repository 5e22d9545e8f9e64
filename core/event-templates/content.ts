/** What a version of an event template says: the form in which it is handed in, stored and shipped. */
import { z } from 'zod';
import {
  categories,
  certainties,
  levels,
  responses,
  severities,
  urgencies,
  type Level,
} from '../../channels/emergency.js';
import { LianfaError } from '../errors.js';
import { checkFields } from '../field-errors.js';
import { invalid } from '../import-given.js';
import { lockable, type Content } from '../model/event-template.js';
import { line, tidyText } from '../text.js';
import { slotsOf } from './slots.js';

/** Slots that every template has; of the times those it asks for. */
export const builtIn = {
  event: '事件',
  level: '级别',
  areas: '影响区域',
  onset: '开始时间',
  expires: '截止时间',
  guide: '防御指南',
  source: '发布单位',
} as const;
const ownNames: readonly string[] = [...Object.values(builtIn), '紧迫程度', '严重程度', '确定程度'];

const passage = z.strictObject({
  name: line(40).optional().describe('What it is called where it is refused / 段落名称'),
  heading: line(60).optional().describe('Above it, in the long text alone / 小标题，只用于长文'),
  text: z.string().max(2_000).overwrite(tidyText).trim().min(1).describe('With slots: {{影响区域}} / 可用要素'),
  locked: z.boolean().default(false).describe('Whoever fills it in may not change it / 锁定'),
});

const fact = z.strictObject({
  name: z
    .string()
    .regex(
      /^\p{L}[\p{L}\p{N}]{0,19}$/u,
      '只能用文字和数字，以文字开头，最多 20 个 / letters and figures, a letter first, at most 20',
    ),
  is: z.enum(['text', 'number', 'time', 'choice']),
  choices: z.array(line(60)).min(1).max(30).optional(),
  hint: line(100).optional(),
  sample: line(100).optional().describe('Shown in the preview of the template / 预览用的样例'),
  optional: z.literal(true).optional().describe('Passages that name it are left out without it / 可不填'),
});

const ofLevel = z.strictObject({
  guide: z.array(line(200)).min(1).max(12).describe('What people must do, one sentence each / 防御指南，每条一句'),
  urgency: z.enum(urgencies).optional().describe('Left out: asked of whoever fills it in / 不填则每次询问'),
  severity: z.enum(severities).optional(),
  certainty: z.enum(certainties).optional(),
});

export const contentSchema: z.ZodType<Content> = z.strictObject({
  name: line(60),
  event: line(30),
  aliases: z
    .array(line(60))
    .max(30)
    .default([])
    .describe('Other names, as alerts received use them / 来文中的其他叫法'),
  category: z.enum(categories),
  responseType: z.enum(responses).optional(),
  contact: line(100).optional(),
  source: line(100).optional().describe('Who issues it; the unit’s name where left out / 发布单位'),
  levels: z.strictObject({
    blue: ofLevel.optional(),
    yellow: ofLevel.optional(),
    orange: ofLevel.optional(),
    red: ofLevel.optional(),
  }),
  asksOnset: z.boolean().default(false).describe('Else it begins when it is filled in / 是否询问开始时间'),
  asksExpires: z.boolean().default(true),
  facts: z.array(fact).max(12).default([]),
  title: z.strictObject({ text: line(200), locked: z.boolean().default(false) }),
  short: z.array(passage).min(1).max(10).describe('Weibo, notifications, text messages / 短文'),
  long: z.array(passage).min(1).max(40).describe('Website and WeChat / 长文'),
  spoken: z.array(passage).min(1).max(10).describe('Loudspeakers and broadcast / 口播'),
  locked: z.array(z.enum(lockable)).max(lockable.length).default([]),
  minutes: z
    .int()
    .min(1)
    .max(1_440)
    .optional()
    .describe('Until the next person of a unit is called; the unit’s own where left out / 叫应每步分钟数'),
});

/** Characters of what to do, together: as a warning has room for them. */
const mostGuide = 500;

/** `under` goes before the path of a field at fault. @throws LianfaError field_missing, field_invalid: also for a slot that nobody is asked for */
export function checkedContent(value: unknown, under = ''): Content {
  const content = checkFields<Content>(contentSchema, value, under);
  const at = (field: string): string => (under === '' ? field : `${under}.${field}`);
  if (levelsOf(content).length === 0) throw new LianfaError('field_missing', { field: at('levels') });
  for (const [level, of] of Object.entries(content.levels))
    if ((of?.guide ?? []).join('').length > mostGuide)
      throw invalid(at(`levels.${level}.guide`), {
        zh: `各条合计不超过 ${mostGuide} 字。`,
        en: `at most ${mostGuide} characters together.`,
      });
  checkFacts(content, at);
  for (const { field, text, locked } of textsOf(content)) checkSlots(content, text, at(field), locked);
  return content;
}

function checkFacts({ facts }: Content, at: (field: string) => string): void {
  const seen = new Set<string>(ownNames);
  for (const [place, { name, is, choices }] of facts.entries()) {
    if (seen.has(name))
      throw invalid(at(`facts.${place}.name`), {
        zh: `“${name}”重复，或是内置要素。`,
        en: `"${name}" is there already.`,
      });
    seen.add(name);
    if (is === 'choice' && !choices) throw new LianfaError('field_missing', { field: at(`facts.${place}.choices`) });
  }
}

function checkSlots(content: Content, text: string, field: string, locked: boolean): void {
  const known = slotNames(content);
  for (const slot of slotsOf(text, field)) {
    if (!known.includes(slot))
      throw invalid(field, {
        zh: `没有“${slot}”这个要素，可用：${known.join('、')}。`,
        en: `there is no fact "${slot}"; known are ${known.join(', ')}.`,
      });
    if (locked && content.facts.some(({ name, optional }) => optional && name === slot))
      throw invalid(field, {
        zh: `锁定的段落不能用可不填的要素“${slot}”。`,
        en: `a locked passage cannot hold the optional "${slot}".`,
      });
  }
}

/** From the highest down. */
export function levelsOf({ levels: of }: Pick<Content, 'levels'>): Level[] {
  return levels.filter((level) => of[level] !== undefined).reverse();
}

function slotNames({ facts, asksExpires }: Content): string[] {
  const { expires, ...always } = builtIn;
  return [...Object.values(always), ...(asksExpires ? [expires] : []), ...facts.map(({ name }) => name)];
}

/** Every text of it that may hold slots, with the path of its field. */
function textsOf({ title, short, long, spoken }: Content): { field: string; text: string; locked: boolean }[] {
  const passages = Object.entries({ short, long, spoken }).flatMap(([name, list]) =>
    list.map(({ text, locked }, place) => ({ field: `${name}.${place}.text`, text, locked })),
  );
  return [{ field: 'title.text', ...title }, ...passages];
}
