/** A unit's own form of a template from above: it may lock more and say more, and never lets go of what is locked above. Pure. */
import type { Said } from '../../channels/channel.js';
import { LianfaError } from '../errors.js';
import type { Content, Passage } from '../model/event-template.js';
import { levelsOf } from './content.js';
import { levelWord } from './facts.js';
import { nameOf } from './fill.js';

/** @throws LianfaError template_looser, naming what of the one above is let go */
export function refuseLooser(above: Content, own: Content): void {
  if (own.event !== above.event) throw looser('event', { zh: '事件', en: 'the event' });
  const extra = levelsOf(own).find((level) => !above.levels[level]);
  if (extra) throw looser(`levels.${extra}`, { zh: `级别“${levelWord(extra)}”`, en: `the level ${extra}` });
  for (const name of above.locked) {
    const value = JSON.stringify(settingOf(above, own, name));
    if (!own.locked.includes(name) || value !== JSON.stringify(settingOf(own, own, name)))
      throw looser(name === 'guide' ? 'levels' : name, settingNames[name]);
  }
  for (const { name, is, optional } of above.facts) {
    const kept = own.facts.find((fact) => fact.name === name);
    if (kept?.is !== is || (kept.optional && !optional))
      throw looser('facts', { zh: `要素“${name}”`, en: `the fact "${name}"` });
  }
  for (const asked of ['asksOnset', 'asksExpires'] as const)
    if (above[asked] !== own[asked]) throw looser(asked, askedNames[asked]);
  if (above.minutes !== undefined && (own.minutes ?? Infinity) > above.minutes)
    throw looser('minutes', { zh: '叫应分钟数', en: 'the minutes of a callout' });
  if (above.title.locked && (!own.title.locked || own.title.text !== above.title.text))
    throw looser('title', { zh: '标题', en: 'the title' });
  for (const kind of ['short', 'long', 'spoken'] as const) refuseLost(above[kind], own[kind], kind);
}

/** Of the levels that the own one has. */
function settingOf(content: Content, own: Content, name: Content['locked'][number]): unknown {
  if (name === 'category' || name === 'responseType' || name === 'contact') return content[name];
  return levelsOf(own).map((level) => content.levels[level]?.[name]);
}

function refuseLost(above: readonly Passage[], own: readonly Passage[], kind: 'short' | 'long' | 'spoken'): void {
  let from = 0;
  for (const [place, passage] of above.entries()) {
    if (!passage.locked) continue;
    const at = own.findIndex((one, n) => n >= from && one.locked && isSame(one, passage));
    const name = nameOf(kind, place, passage);
    if (at < 0) throw looser(kind, { zh: name, en: name });
    from = at + 1;
  }
}

function isSame(one: Passage, other: Passage): boolean {
  return one.text === other.text && one.heading === other.heading;
}

const settingNames: Readonly<Record<Content['locked'][number], Said>> = {
  guide: { zh: '防御指南', en: 'what to do' },
  category: { zh: '事件类别', en: 'the category' },
  responseType: { zh: '应对类型', en: 'the kind of response' },
  urgency: { zh: '紧迫程度', en: 'the urgency' },
  severity: { zh: '严重程度', en: 'the severity' },
  certainty: { zh: '确定程度', en: 'the certainty' },
  contact: { zh: '咨询电话', en: 'the contact' },
};
const askedNames = {
  asksOnset: { zh: '是否询问开始时间', en: 'whether the beginning is asked' },
  asksExpires: { zh: '是否询问截止时间', en: 'whether the end is asked' },
} as const satisfies Record<string, Said>;

function looser(field: string, what: Said): LianfaError {
  return new LianfaError('template_looser', { field, what });
}
