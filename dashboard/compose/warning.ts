/** A warning as a person types it, and as the hub wants it. Clock times are those of Beijing. */
import type { Emergency } from '../api';

type Choice<
  Name extends 'status' | 'msgType' | 'level' | 'category' | 'urgency' | 'severity' | 'certainty' | 'responseType',
> = NonNullable<Emergency[Name]>;
export type Area = Emergency['areas'][number];

export const levels = ['blue', 'yellow', 'orange', 'red'] as const satisfies readonly Choice<'level'>[];
export const statuses = ['Actual', 'Exercise'] as const satisfies readonly Choice<'status'>[];
export const messageTypes = ['Alert', 'Update', 'Cancel'] as const satisfies readonly Choice<'msgType'>[];
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
] as const satisfies readonly Choice<'category'>[];
export const urgencies = [
  'Immediate',
  'Expected',
  'Future',
  'Past',
  'Unknown',
] as const satisfies readonly Choice<'urgency'>[];
export const severities = [
  'Extreme',
  'Severe',
  'Moderate',
  'Minor',
  'Unknown',
] as const satisfies readonly Choice<'severity'>[];
export const certainties = [
  'Observed',
  'Likely',
  'Possible',
  'Unlikely',
  'Unknown',
] as const satisfies readonly Choice<'certainty'>[];
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
] as const satisfies readonly Choice<'responseType'>[];

export interface DraftWarning {
  /** An emergency may go without the block, as a plain text. */
  on: boolean;
  status: Choice<'status'>;
  msgType: Choice<'msgType'>;
  level: Choice<'level'> | '';
  /** Empty: of what follows a warning that of the warning. */
  category: Choice<'category'> | '' | undefined;
  urgency: Choice<'urgency'> | '' | undefined;
  /** Empty: by the level. */
  severity: Choice<'severity'> | '' | undefined;
  certainty: Choice<'certainty'> | '' | undefined;
  event: string;
  /** `350100 福州市`, or a name alone. */
  areas: string[];
  /** Shapes and further codes of areas, by the area's text here: kept as long as that stands. */
  shapes: Record<string, Omit<Area, 'code' | 'name'>>;
  /** `YYYY-MM-DDTHH:MM`. */
  onset: string;
  expires: string;
  responseType: Choice<'responseType'> | '' | undefined;
  instruction: string;
  /** In the author's own words for Weibo and notifications; made of the facts where empty. */
  short: string;
  /** For loudspeakers and broadcast. */
  spoken: string;
  /** Of a drill: which one it is. */
  note: string;
  contact: string;
  /** Ids of releases. */
  references: string[];
}

export function emptyWarning(on: boolean): DraftWarning {
  return {
    on,
    status: 'Actual',
    msgType: 'Alert',
    level: '',
    category: 'Met',
    urgency: '',
    severity: '',
    certainty: '',
    event: '',
    areas: [],
    shapes: {},
    onset: '',
    expires: '',
    responseType: '',
    instruction: '',
    short: '',
    spoken: '',
    note: '',
    contact: '',
    references: [],
  };
}

/** `of`: the release whose signed warning is edited. Its next message is an update, and refers to it by itself. */
export function warningOf(emergency: Emergency | undefined, of?: string): DraftWarning {
  if (!emergency) return emptyWarning(false);
  const {
    status,
    msgType,
    level,
    category,
    urgency,
    severity,
    certainty,
    event,
    areas,
    onset,
    expires,
    responseType,
    instruction,
    short,
    spoken,
    note,
    contact,
    references,
    unsaid = [],
  } = emergency;
  return {
    on: true,
    status,
    msgType: of !== undefined && msgType === 'Alert' ? 'Update' : msgType,
    // What an alert left unsaid a person must choose.
    level: unsaid.includes('level') ? '' : level,
    category: category ?? '',
    urgency: urgency ?? '',
    severity: severity ?? '',
    certainty: certainty ?? '',
    event: unsaid.includes('event') ? '' : event,
    areas: areas.map(wordsOf),
    shapes: Object.fromEntries(areas.map((area) => [wordsOf(area), shapesOf(area)])),
    onset: clockOf(onset),
    expires: clockOf(expires),
    responseType: responseType ?? '',
    instruction: instruction ?? '',
    short: short ?? '',
    spoken: spoken ?? '',
    note: note ?? '',
    contact: contact ?? '',
    references: references.map(({ release }) => release).filter((release) => release !== of),
  };
}

/** What is not filled in is left out, so that the hub names it. */
export function toEmergency(warning: DraftWarning): Partial<Emergency> {
  const { status, msgType, level, category, urgency, severity, certainty, responseType, references } = warning;
  const [event, instruction, contact] = [warning.event.trim(), warning.instruction.trim(), warning.contact.trim()];
  const [short, spoken] = [warning.short.trim(), warning.spoken.trim()];
  const note = status === 'Exercise' ? warning.note.trim() : '';
  return {
    status,
    msgType,
    areas: areasOf(warning),
    references: msgType === 'Alert' ? [] : references.map((release) => ({ release })),
    ...(level && { level }),
    ...(event && { event }),
    ...(category && { category }),
    ...(urgency && { urgency }),
    ...(severity && { severity }),
    ...(certainty && { certainty }),
    ...(instruction && { instruction }),
    ...(short && { short }),
    ...(spoken && { spoken }),
    ...(note && { note }),
    ...(contact && { contact }),
    ...(responseType && { responseType }),
    ...(warning.onset && { onset: instantOf(warning.onset) }),
    ...(warning.expires && { expires: instantOf(warning.expires) }),
  };
}

/** Where it holds, with the shapes and codes of the alert that it was made of. */
export function areasOf({ areas, shapes }: Pick<DraftWarning, 'areas' | 'shapes'>): Area[] {
  return areas.map((text) => ({ ...areaOf(text), ...shapes[text] }));
}

/** Whether the hub will take it: until then it is left out of the preview. */
export function isComplete(
  { msgType, level, event, areas, onset, instruction, references }: DraftWarning,
  of?: string,
): boolean {
  const always = level !== '' && event.trim() !== '' && areas.length > 0;
  return (
    always &&
    (msgType === 'Alert' || references.length > 0 || of !== undefined) &&
    (msgType === 'Cancel' || (onset !== '' && instruction.trim() !== ''))
  );
}

function wordsOf({ code, name }: Area): string {
  return code ? `${code} ${name}` : name;
}

function shapesOf({ code: _code, name: _name, ...shapes }: Area): Omit<Area, 'code' | 'name'> {
  return shapes;
}

function areaOf(text: string): { code?: string; name: string } {
  const match = /^(\d{6,12})\s+(.+)$/.exec(text.trim());
  return match?.[1] && match[2] ? { code: match[1], name: match[2] } : { name: text.trim() };
}

/** What the browser would not take as a time goes as it is, for the hub to name. */
function instantOf(clock: string): string {
  const date = new Date(`${clock}:00+08:00`);
  return Number.isNaN(date.getTime()) ? clock : date.toISOString();
}

const clock = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

function clockOf(instant: string | undefined): string {
  return instant === undefined ? '' : clock.format(new Date(instant)).replace(' ', 'T');
}
