/** Whether what a template says holds together: its levels, its facts, and the slots of its texts. */
import { levels, type Level } from '../../channels/emergency.js';
import { LianfaError } from '../errors.js';
import { checkFields } from '../field-errors.js';
import { invalid } from '../import-given.js';
import type { Content } from '../model/event-template.js';
import { contentSchema } from './schema.js';
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
