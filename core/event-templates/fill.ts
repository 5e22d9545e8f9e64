/** A template and its facts as a whole warning: pure, so that a draft can be held against what the same facts give again. */
import type { Emergency } from '../../channels/emergency.js';
import { escape } from '../body/text.js';
import { LianfaError } from '../errors.js';
import type { Content, GivenFacts, OfLevel, Passage } from '../model/event-template.js';
import { tidyLine } from '../text.js';
import { builtIn } from './content.js';
import { judged, judgedNames, levelWord, missingFacts, notOffered } from './facts.js';
import { filled, slotsOf } from './slots.js';
import { areaWords, countWord, momentWords, numberWords } from './written.js';

export interface FilledPassage {
  /** As it is called where it is refused: `长文第2段“防御指南”`. */
  name: string;
  locked: boolean;
  text: string;
}

export interface Filled {
  title: { text: string; locked: boolean };
  short: FilledPassage[];
  /** Each as HTML: its heading, and a paragraph a line. */
  long: FilledPassage[];
  spoken: FilledPassage[];
  emergency: Emergency;
}

type Kind = 'short' | 'long' | 'spoken';
const kindNames: Readonly<Record<Kind, string>> = { short: '短文', long: '长文', spoken: '口播' };

/** Places that a text names one by one, so that a short one stays short. */
const namedPlaces: Readonly<Record<Kind, number>> = { short: 4, long: Infinity, spoken: 8 };

/** `source`: who issues it. @throws LianfaError template_facts_missing, and field_invalid where the template has no such level or choice */
export function fill(content: Content, facts: GivenFacts, source: string): Filled {
  const of = content.levels[facts.level];
  if (!of)
    throw new LianfaError('field_invalid', {
      field: 'template.facts.level',
      reason: { zh: '模板没有这个级别。', en: 'the template has no such level.' },
    });
  refuseIncomplete(content, of, facts);
  const text = (kind: Kind): FilledPassage[] => passagesOf(content, kind, valuesOf(content, facts, source, kind));
  const short = text('short');
  const spoken = text('spoken');
  const { urgency = facts.urgency, severity = facts.severity, certainty = facts.certainty, guide } = of;
  return {
    title: { ...content.title, text: tidyLine(filled(content.title.text, valuesOf(content, facts, source, 'short'))) },
    short,
    long: text('long'),
    spoken,
    emergency: {
      status: 'Actual',
      msgType: 'Alert',
      level: facts.level,
      category: content.category,
      event: content.event,
      areas: facts.areas.map(({ code, name }) => ({ ...(code !== undefined && { code }), name })),
      ...(urgency && { urgency }),
      ...(severity && { severity }),
      ...(certainty && { certainty }),
      onset: facts.onset,
      ...(facts.expires !== undefined && { expires: facts.expires }),
      ...(content.responseType && { responseType: content.responseType }),
      instruction: tidyLine(guide.join('')),
      ...(content.contact !== undefined && { contact: content.contact }),
      short: joined(short),
      spoken: joined(spoken),
      references: [],
    },
  };
}

/** Facts that come back with a draft are a program's word: without one a locked passage would be another. */
function refuseIncomplete(content: Content, of: OfLevel, facts: GivenFacts): void {
  const given = (name: string): string | undefined => (Object.hasOwn(facts.own, name) ? facts.own[name] : undefined);
  const missing = [
    ...(content.asksExpires && facts.expires === undefined ? [builtIn.expires] : []),
    ...content.facts.filter(({ name, optional }) => !optional && !given(name)).map(({ name }) => name),
    ...judgedNames.filter((name) => (of[name] ?? facts[name]) === undefined).map((name) => judged[name].name),
  ];
  if (missing.length > 0) throw missingFacts(missing);
  for (const { name, choices } of content.facts) {
    const value = given(name);
    if (choices && value !== undefined && !choices.includes(value)) throw notOffered(name, choices);
  }
}

export function joined(passages: readonly FilledPassage[]): string {
  return passages.map(({ text }) => text).join('');
}

function passagesOf(content: Content, kind: Kind, values: ReadonlyMap<string, string>): FilledPassage[] {
  return content[kind].flatMap(({ text, ...passage }, place) => {
    // An optional fact that was not given takes its passage along.
    const lacking = content.facts.some(({ name }) => !values.has(name) && slotsOf(text, kind).includes(name));
    if (lacking) return [];
    const words = filled(text, values);
    const written = kind === 'long' ? htmlOf(passage, words) : tidyLine(words.replace(/\s*\n\s*/g, ''));
    return [{ name: nameOf(kind, place, passage), locked: passage.locked, text: written }];
  });
}

export function nameOf(kind: Kind, place: number, { name, heading }: Pick<Passage, 'name' | 'heading'>): string {
  const own = name ?? heading;
  return `${kindNames[kind]}第${place + 1}段${own === undefined ? '' : `“${own}”`}`;
}

function htmlOf({ heading }: Pick<Passage, 'heading'>, words: string): string {
  const lines = words.split(/\n+/).map(tidyLine).filter(Boolean);
  return [
    ...(heading === undefined ? [] : [`<h2>${escape(heading)}</h2>`]),
    ...lines.map((line) => `<p>${escape(line)}</p>`),
  ].join('');
}

function valuesOf(content: Content, facts: GivenFacts, source: string, kind: Kind): ReadonlyMap<string, string> {
  const year = kind === 'long';
  const names = facts.areas.map(({ name }) => name);
  const values = new Map<string, string>([
    [builtIn.event, content.event],
    [builtIn.level, levelWord(facts.level)],
    [builtIn.areas, areaWords(names, namedPlaces[kind])],
    [builtIn.onset, momentWords(facts.onset, { year })],
    [builtIn.guide, guideWords(content.levels[facts.level]?.guide ?? [], kind)],
    [builtIn.source, source],
  ]);
  if (facts.expires !== undefined)
    values.set(builtIn.expires, momentWords(facts.expires, { year, after: facts.onset }));
  for (const { name, is } of content.facts) {
    const value = Object.hasOwn(facts.own, name) ? facts.own[name] : undefined;
    if (value === undefined) continue;
    if (is === 'time') values.set(name, momentWords(value, { year, after: facts.onset }));
    else values.set(name, is === 'number' ? numberWords(value) : value);
  }
  return values;
}

/** Characters of what to do in a short text, so that it goes into a post whole; the warning carries all of it. */
const shortGuide = 40;

/** Numbered where there are several: on lines of their own to be read, aloud by words. A short text takes the first sentences. */
function guideWords(guide: readonly string[], kind: Kind): string {
  if (kind === 'short')
    return guide.filter((_, place) => place === 0 || guide.slice(0, place + 1).join('').length <= shortGuide).join('');
  if (guide.length < 2) return guide.join('');
  return kind === 'long'
    ? guide.map((one, place) => `${place + 1}. ${one}`).join('\n')
    : guide.map((one, place) => `第${countWord(place + 1)}，${one}`).join('');
}
