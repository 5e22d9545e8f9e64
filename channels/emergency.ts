/**
 * What a warning states, apart from its text: the closed set of the Common Alerting Protocol (OASIS CAP 1.2, whose
 * names these are) that a press officer can fill in, and that the law on emergencies asks for (突发事件应对法, 2024, art.
 * 63 and 64: kind, level, beginning, area, what to do, who issues it). The words made of it here are the same on every channel.
 */
import { beijingFormat, beijingTime } from './beijing-calendar.js';
import { z } from 'zod';
import type { ReleaseContent, Said } from './channel.js';

export const levels = ['blue', 'yellow', 'orange', 'red'] as const;
export const statuses = ['Actual', 'Exercise'] as const;
export const messageTypes = ['Alert', 'Update', 'Cancel'] as const;
export const categories = [
  'Met',
  'Geo',
  'Safety',
  'Security',
  'Rescue',
  'Fire',
  'Health',
  'Env',
  'Transport',
  'Infra',
  'CBRNE',
  'Other',
] as const;
export const urgencies = ['Immediate', 'Expected', 'Future', 'Past', 'Unknown'] as const;
export const severities = ['Extreme', 'Severe', 'Moderate', 'Minor', 'Unknown'] as const;
export const certainties = ['Observed', 'Likely', 'Possible', 'Unlikely', 'Unknown'] as const;
export const responses = [
  'Shelter',
  'Evacuate',
  'Prepare',
  'Execute',
  'Avoid',
  'Monitor',
  'Assess',
  'AllClear',
  'None',
] as const;
/** What an alert that was received may leave unsaid, and a person says before it is signed. */
export const unsaidFields = ['event', 'level', 'areas', 'expires', 'instruction', 'references', 'text'] as const;

const line = (most: number) => z.string().trim().min(1).max(most);

/** The last second whose year has four digits on the clock of Beijing, which is how CAP writes it. */
export const lastInstant = Date.parse('9999-12-31T15:59:59Z');

/** A time with any offset, kept as UTC. */
const instant = z.iso.datetime({ offset: true }).overwrite(inUtc);

function inUtc(text: string): string {
  const date = new Date(text);
  return text.endsWith('Z') || Number.isNaN(date.getTime()) ? text : date.toISOString();
}

/** GB/T 2260, six digits; nine or twelve for towns and villages. */
const regionCode = /^\d{6}(\d{3}|\d{6})?$/;

/** In CAP's own notation, single blanks between: latitudes and longitudes in degrees (WGS 84), a radius in km. */
const point = String.raw`[+-]?(\d+(\.\d*)?|\.\d+),[+-]?(\d+(\.\d*)?|\.\d+)`;
const polygon = z
  .string()
  .max(400_000)
  .regex(new RegExp(`^${point}( ${point}){3,}$`));
const circle = z
  .string()
  .max(100)
  .regex(new RegExp(`^${point} (\\d+(\\.\\d*)?|\\.\\d+)$`));

const areaSchema = z.strictObject({
  code: z
    .string()
    .regex(regionCode)
    .optional()
    .describe('GB/T 2260, six digits; nine or twelve for towns and villages'),
  name: line(60),
  polygons: z.array(polygon).max(200).optional().describe('"lat,lon lat,lon …", the last point as the first / 多边形'),
  circles: z.array(circle).max(200).optional().describe('"lat,lon km" / 圆'),
  geocodes: z
    .array(z.strictObject({ name: line(200), value: line(200) }))
    .max(500)
    .optional()
    .describe('Further codes of the area, under the name of what they are of / 其他区划编码'),
});
export type Area = z.output<typeof areaSchema>;

/** The name under which messages of ours carry codes of GB/T 2260. */
export const regionCodes = 'GB/T 2260';

/** Whether a code of this name is one of GB/T 2260, as senders in China call them. */
export function isRegionCode(name: string, value: string): boolean {
  return /2260|区划|adcode/i.test(name) && regionCode.test(value);
}

/** The codes of GB/T 2260 that an area names, its own first. */
export function codesOf({ code, geocodes = [] }: Area): string[] {
  const further = geocodes.flatMap(({ name, value }) => (isRegionCode(name, value) ? [value] : []));
  return [...new Set([...(code === undefined ? [] : [code]), ...further])];
}

/** Strict: a mistyped name in a warning is refused, never lost. */
export const emergencySchema = z.strictObject({
  status: z.enum(statuses).default('Actual').describe('Exercise: a drill; every channel says so first / 演练'),
  msgType: z.enum(messageTypes).default('Alert').describe('Alert 发布, Update 更新, Cancel 解除'),
  level: z.enum(levels).describe('blue 蓝色（一般）, yellow 黄色（较大）, orange 橙色（重大）, red 红色（特别重大）'),
  category: z
    .enum(categories)
    .optional()
    .describe('Left out: of an Update or Cancel that of the warning it follows, else Other / 事件类别'),
  event: line(30).describe('Kind of event / 事件类型: 台风, 暴雨'),
  areas: z.array(areaSchema).max(500).describe('At least one, unless an alert received named none / 影响区域'),
  urgency: z
    .enum(urgencies)
    .optional()
    .describe('How soon to act / 紧迫程度; left out, programs are told Unknown, of a Cancel Past'),
  severity: z
    .enum(severities)
    .optional()
    .describe('How bad / 严重程度; left out, programs are told by the level: red Extreme … blue Minor'),
  certainty: z
    .enum(certainties)
    .optional()
    .describe(
      'How sure it is / 确定程度; left out, of an Update or Cancel that of the warning it follows, else Unknown',
    ),
  onset: instant.optional().describe('ISO 8601, kept as UTC; required but for Cancel'),
  expires: instant.optional().describe('ISO 8601, kept as UTC'),
  responseType: z.enum(responses).optional(),
  instruction: line(500).optional().describe('What people must do / 应采取的措施; required but for Cancel'),
  short: line(300)
    .optional()
    .describe('For Weibo and notifications, word by word; made of the facts where left out / 短文'),
  spoken: line(1_500).optional().describe('For loudspeakers and broadcast / 口播稿'),
  note: line(200).optional().describe('Of a drill: which one it is / 演练名称或编号; its release unless told'),
  contact: line(100).optional().describe('Telephone for questions / 咨询电话'),
  references: z
    .array(
      z.strictObject({
        release: z.string().min(1).max(80),
        revision: z.string().max(80).optional().describe('Filled in by the hub: the signed revision'),
        sent: z.iso.datetime().optional().describe('Filled in by the hub: when it was signed'),
        expires: z.string().optional().describe('Filled in by the hub: until when it was to hold'),
      }),
    )
    .max(20)
    .default([])
    .describe('Update and Cancel: the earlier warnings meant'),
  unsaid: z
    .array(z.enum(unsaidFields))
    .max(unsaidFields.length)
    .optional()
    .describe(
      'Filled in by the hub: what the alert received left unsaid; it is not signed before a person has said it',
    ),
});

/** Instants are UTC in ISO 8601, as they are signed. */
export type Emergency = z.output<typeof emergencySchema>;
export type Level = Emergency['level'];

/** 一级 is the highest and red (art. 63). */
const levelWords: Readonly<Record<Level, { colour: Said; grade: Said }>> = {
  red: { colour: { zh: '红色', en: 'Red' }, grade: { zh: 'Ⅰ级·特别重大', en: 'level I, extremely serious' } },
  orange: { colour: { zh: '橙色', en: 'Orange' }, grade: { zh: 'Ⅱ级·重大', en: 'level II, serious' } },
  yellow: { colour: { zh: '黄色', en: 'Yellow' }, grade: { zh: 'Ⅲ级·较大', en: 'level III, considerable' } },
  blue: { colour: { zh: '蓝色', en: 'Blue' }, grade: { zh: 'Ⅳ级·一般', en: 'level IV, ordinary' } },
};

/** White on the first three, black on yellow: each at least 4.5:1 (WCAG AA). */
export const levelColours: Readonly<Record<Level, { ground: string; ink: string }>> = {
  red: { ground: '#b3141b', ink: '#ffffff' },
  orange: { ground: '#b34700', ink: '#ffffff' },
  yellow: { ground: '#ffd400', ink: '#000000' },
  blue: { ground: '#0b57a4', ink: '#ffffff' },
};

/** How a warning that went out can end: by an all-clear, by a newer warning, or by the clock. Never one word for two of them. */
export const endings = ['lifted', 'replaced', 'expired'] as const;
export type Ending = (typeof endings)[number];

/** The same on every channel, screen and paper. */
export const endingWords: Readonly<Record<Ending, Said & { hant: string }>> = {
  lifted: { zh: '已解除', hant: '已解除', en: 'Lifted' },
  replaced: { zh: '已被取代', hant: '已被取代', en: 'Replaced' },
  expired: { zh: '已失效', hant: '已失效', en: 'Expired' },
};

/** Until when the warnings were to hold that this message lifts or replaces; instants. */
export function firstExpiries({ references }: Pick<Emergency, 'references'>): string[] {
  return [...new Set(references.flatMap(({ expires }) => expires ?? []))];
}

const drill: Said = { zh: '演练', en: 'Exercise' };

/** `演练：标题`. A drill says so before anything else, whatever a channel cuts. */
export function withDrill(text: string, emergency: Emergency | undefined, language: string): string {
  if (emergency?.status !== 'Exercise') return text;
  const word = isChinese(language) ? drill.zh : drill.en;
  return new RegExp(`^[【\\[(（]?${word}`, 'i').test(text)
    ? text
    : `${word}${isChinese(language) ? '：' : ': '}${text}`;
}

/** `标题（演练）`: whoever reads only the end of a drill reads it too. */
export function endDrill(text: string, emergency: Emergency | undefined, language: string): string {
  if (emergency?.status !== 'Exercise' || text === '') return text;
  return isChinese(language) ? `${text}（${drill.zh}）` : `${text} (${drill.en})`;
}

/** `演练-附件.pdf`: a file says so by its name, where nothing can be drawn upon it. */
export function nameOfDrill(name: string, emergency: Emergency | undefined, language: string): string {
  if (emergency?.status !== 'Exercise') return name;
  return `${isChinese(language) ? drill.zh : drill.en}-${name}`;
}

const around: Readonly<Record<'before' | 'after', Said>> = {
  before: {
    zh: '【演练】以下为演练信息，不是真实预警。',
    en: '[Exercise] What follows is an exercise, not a real warning.',
  },
  after: { zh: '【演练】以上为演练信息，不是真实预警。', en: '[Exercise] This was an exercise, not a real warning.' },
};

/** A drill's body says that it is one before its first word and after its last. Canonical HTML. */
export function bodyOfDrill(body: string, emergency: Emergency | undefined, language: string): string {
  if (emergency?.status !== 'Exercise') return body;
  const [before, after] = ([around.before, around.after] as const).map(({ zh, en }) => (isChinese(language) ? zh : en));
  return `<p><strong>${before}</strong></p>${body}<p><strong>${after}</strong></p>`;
}

export interface EmergencyFact {
  name: string;
  value: string;
}

/** A warning in words, in the language of its release. */
export interface EmergencyWords {
  drill: boolean;
  /** `演练`, whether it is one or not. */
  drillWord: string;
  /** What the headline is: `预警`. */
  headlineName: string;
  /** `台风红色预警解除`: event and level alone. */
  name: string;
  /** `台风红色预警（Ⅰ级·特别重大）`: colour and grade in words, so that nothing hangs on seeing a colour. */
  headline: string;
  /** `红色预警`. */
  level: string;
  place: string;
  /** Empty where nothing is said. */
  time: string;
  action: string;
  /** Place, time and action in the author's own words; absent where a channel puts them together. */
  short?: string;
  /** Label and value, for the block on top of an article. */
  facts: EmergencyFact[];
  /** Level, place and action in one line, for a notification. */
  lead: string;
}

/** Throws nothing. `undefined` where the release carries no such block. */
export function emergencyWords({
  emergency,
  language,
  source,
}: Pick<ReleaseContent, 'emergency' | 'language' | 'source'>): EmergencyWords | undefined {
  if (!emergency) return undefined;
  return isChinese(language) ? inChinese(emergency, source) : inEnglish(emergency, source);
}

function inChinese(emergency: Emergency, source: string): EmergencyWords {
  const { colour, grade } = levelWords[emergency.level];
  const lifted = emergency.msgType === 'Cancel' ? '解除' : '';
  const level = `${lifted}${colour.zh}预警`;
  const place = emergency.areas.map(({ name }) => name).join('、');
  const { onset, expires } = emergency;
  const time =
    onset && expires
      ? `${momentZh(onset)}至${momentZh(expires, onset)}`
      : onset
        ? `${momentZh(onset)}起`
        : expires
          ? `至${momentZh(expires)}`
          : '';
  const action = emergency.instruction ?? (lifted ? '预警已解除，请关注后续信息。' : '');
  const isDrill = emergency.status === 'Exercise';
  const name = `${emergency.event}${colour.zh}预警`;
  const full = `${name}${emergency.msgType === 'Update' ? '更新' : lifted}`;
  return {
    drill: isDrill,
    drillWord: drill.zh,
    headlineName: '预警',
    name: full,
    headline: `${full}（${grade.zh}）`,
    level,
    place,
    time,
    action,
    ...(emergency.short !== undefined && { short: emergency.short }),
    lead: `${isDrill ? '演练：' : ''}${emergency.short ?? `${full}｜${place}｜${action}`}`,
    facts: present([
      ['影响区域', place],
      [lifted ? '时间' : '预警时间', time],
      ['原定有效至', lifted ? firstExpiries(emergency).map(wholeMomentZh).join('、') : ''],
      ['应对措施', action],
      ['发布单位', source],
      ['咨询电话', emergency.contact],
    ]),
  };
}

function inEnglish(emergency: Emergency, source: string): EmergencyWords {
  const { colour, grade } = levelWords[emergency.level];
  const cancelled = emergency.msgType === 'Cancel';
  const level = `${colour.en} warning${cancelled ? ' lifted' : ''}`;
  const place = emergency.areas.map(({ name }) => name).join(', ');
  const { onset, expires } = emergency;
  const time = [onset && `from ${momentEn(onset)}`, expires && `until ${momentEn(expires)}`].filter(Boolean).join(' ');
  const action = emergency.instruction ?? (cancelled ? 'The warning has been lifted.' : '');
  const isDrill = emergency.status === 'Exercise';
  const full = `${emergency.event}: ${level}${emergency.msgType === 'Update' ? ', updated' : ''}`;
  return {
    drill: isDrill,
    drillWord: drill.en,
    headlineName: 'Warning',
    name: full,
    headline: `${full} (${grade.en})`,
    level,
    place,
    time,
    action,
    ...(emergency.short !== undefined && { short: emergency.short }),
    lead: `${isDrill ? 'Exercise: ' : ''}${emergency.short ?? `${full} | ${place} | ${action}`}`,
    facts: present([
      ['Area', place],
      ['Time', time && `${time} (Beijing time)`],
      ['Was to hold until', cancelled ? firstExpiries(emergency).map(momentEn).join(', ') : ''],
      ['What to do', action],
      ['Issued by', source],
      ['Questions', emergency.contact],
    ]),
  };
}

function present(facts: [name: string, value: string | undefined][]): EmergencyFact[] {
  return facts.flatMap(([name, value]) => (value ? [{ name, value }] : []));
}

function isChinese(language: string): boolean {
  return /^zh\b/i.test(language);
}

const englishClock = beijingFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** `11月24日18:00`; the year only where it differs from that of `after`, the day only where it does. */
function momentZh(instant: string, after?: string): string {
  const now = beijingTime(instant);
  const before = after === undefined ? undefined : beijingTime(after);
  const day =
    before?.year === now.year && before?.month === now.month && before?.day === now.day
      ? ''
      : `${now.month}月${now.day}日`;
  return `${before && before.year !== now.year ? `${now.year}年` : ''}${day}${twoFigures(now.hour)}:${twoFigures(now.minute)}`;
}

/** `2026年11月24日18:00`: standing alone, it leaves nothing to guess. */
function wholeMomentZh(instant: string): string {
  return `${beijingTime(instant).year}年${momentZh(instant)}`;
}

function twoFigures(number: number): string {
  return String(number).padStart(2, '0');
}

function momentEn(instant: string): string {
  return englishClock.format(new Date(instant));
}
