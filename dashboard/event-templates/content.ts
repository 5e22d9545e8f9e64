/** A template as its editor holds it: every field there, what is empty left out when it is sent. */
import type { TemplateContent } from '../api';
import { levels } from '../compose/warning';

type Level = (typeof levels)[number];
type Fact = TemplateContent['facts'][number];

export interface EditedLevel {
  on: boolean;
  /** One sentence a line. */
  guide: string;
  urgency: string;
  severity: string;
  certainty: string;
}
export interface EditedPassage {
  /** For the list alone. */
  key: number;
  name: string;
  heading: string;
  text: string;
  locked: boolean;
}
export interface EditedFact {
  key: number;
  name: string;
  is: Fact['is'];
  choices: string[];
  hint: string;
  sample: string;
  optional: boolean;
}
export interface Edited {
  name: string;
  event: string;
  aliases: string[];
  category: string;
  responseType: string;
  contact: string;
  source: string;
  minutes: string;
  levels: Record<Level, EditedLevel>;
  asksOnset: boolean;
  asksExpires: boolean;
  facts: EditedFact[];
  title: { text: string; locked: boolean };
  short: EditedPassage[];
  long: EditedPassage[];
  spoken: EditedPassage[];
  locked: TemplateContent['locked'];
}

let keys = 0;
export const newKey = (): number => (keys += 1);

export function emptyPassage(text = '', locked = false): EditedPassage {
  return { key: newKey(), name: '', heading: '', text, locked };
}

export function emptyFact(): EditedFact {
  return { key: newKey(), name: '', is: 'text', choices: [], hint: '', sample: '', optional: false };
}

export function emptyTemplate(): Edited {
  const level = (): EditedLevel => ({ on: false, guide: '', urgency: '', severity: '', certainty: '' });
  return {
    name: '',
    event: '',
    aliases: [],
    category: 'Met',
    responseType: '',
    contact: '',
    source: '',
    minutes: '',
    levels: { blue: level(), yellow: level(), orange: level(), red: { ...level(), on: true } },
    asksOnset: false,
    asksExpires: true,
    facts: [],
    title: { text: '{{发布单位}}发布{{事件}}{{级别}}预警', locked: true },
    short: [emptyPassage('{{影响区域}}{{开始时间}}至{{截止时间}}将有{{事件}}。{{防御指南}}', true)],
    long: [emptyPassage('预计到{{截止时间}}，{{影响区域}}将有{{事件}}。', true), emptyPassage('{{防御指南}}', true)],
    spoken: [emptyPassage('请注意，{{影响区域}}将有{{事件}}。{{防御指南}}', true)],
    locked: ['guide'],
  };
}

export function editedOf(content: TemplateContent): Edited {
  const passages = (list: TemplateContent['short']): EditedPassage[] =>
    list.map(({ name = '', heading = '', text, locked }) => ({ key: newKey(), name, heading, text, locked }));
  const level = (name: Level): EditedLevel => {
    const of = content.levels[name];
    return {
      on: of !== undefined,
      guide: (of?.guide ?? []).join('\n'),
      urgency: of?.urgency ?? '',
      severity: of?.severity ?? '',
      certainty: of?.certainty ?? '',
    };
  };
  return {
    name: content.name,
    event: content.event,
    aliases: [...content.aliases],
    category: content.category,
    responseType: content.responseType ?? '',
    contact: content.contact ?? '',
    source: content.source ?? '',
    minutes: content.minutes === undefined ? '' : String(content.minutes),
    levels: { blue: level('blue'), yellow: level('yellow'), orange: level('orange'), red: level('red') },
    asksOnset: content.asksOnset,
    asksExpires: content.asksExpires,
    facts: content.facts.map(({ name, is, choices = [], hint = '', sample = '', optional = false }) => ({
      key: newKey(),
      name,
      is,
      choices: [...choices],
      hint,
      sample,
      optional,
    })),
    title: { ...content.title },
    short: passages(content.short),
    long: passages(content.long),
    spoken: passages(content.spoken),
    locked: [...content.locked],
  };
}

/** As the hub wants it, which names what is missing. */
export function contentOf(edited: Edited): object {
  const { levels: of, facts, minutes, title, short, long, spoken, ...rest } = edited;
  const chosen = levels.filter((name) => of[name].on).map((name) => [name, levelOf(of[name])]);
  const passages = (list: EditedPassage[]) => list.map(({ key: _, ...one }) => given(one));
  return {
    ...given(rest),
    ...(minutes.trim() !== '' && { minutes: Number(minutes) }),
    levels: Object.fromEntries(chosen),
    facts: facts.map(({ key: _, optional, choices, ...fact }) => ({
      ...given(fact),
      ...(fact.is === 'choice' && { choices }),
      ...(optional && { optional }),
    })),
    title: { ...title, text: title.text.trim() },
    short: passages(short),
    long: passages(long),
    spoken: passages(spoken),
  };
}

function levelOf({ on: _, guide, ...judged }: EditedLevel): object {
  const lines = guide
    .split('\n')
    .map((one) => one.trim())
    .filter(Boolean);
  return { guide: lines, ...given(judged) };
}

/** Without what is empty. */
function given(value: object): object {
  const all: [string, unknown][] = Object.entries(value);
  const kept = all.map(([name, one]) => [name, typeof one === 'string' ? one.trim() : one] as const);
  return Object.fromEntries(kept.filter(([, one]) => one !== ''));
}
