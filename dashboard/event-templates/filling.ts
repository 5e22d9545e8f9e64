/** From a form's answers to facts, and from what the hub filled in to the draft. */
import type { ReleaseInput, TemplateQuestion } from '../api';
import type { Draft } from '../compose/draft';
import { warningOf } from '../compose/warning';

/** Names of what every template asks. */
export const asked = { level: '级别', areas: '影响区域', onset: '开始时间', expires: '截止时间' } as const;

export type Answers = Record<string, string | string[]>;

type Known = [name: string, value: string | string[]];

export const levelOf = (answers: Answers): string => String(answers[asked.level] ?? '');

/** What is known already: of the facts that a draft was filled in with, else of its warning. Clock times of Beijing. */
export function knownAnswers({ template, emergency }: Draft): Answers {
  const { level, areas, onset, expires } = emergency;
  const own = Object.entries(template?.facts.own ?? {}).map(([name, value]): Known => [name, clockOrWords(value)]);
  const known: Known[] = [
    [asked.level, level],
    [asked.areas, [...areas]],
    [asked.onset, onset],
    [asked.expires, expires],
    ...own,
  ];
  return Object.fromEntries(known.filter(([, value]) => value.length > 0));
}

function clockOrWords(value: string): string {
  if (!/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return value;
  return new Date(Date.parse(value) + 8 * 3_600_000).toISOString().slice(0, 16);
}

/** Only what is asked goes; times as people write them by the clock of Beijing. */
export function factsOf(questions: readonly TemplateQuestion[], answers: Answers): Record<string, unknown> {
  const given = questions.flatMap(({ name, is }): [string, unknown][] => {
    const value = answers[name];
    if (value === undefined || value.length === 0) return [];
    if (is === 'areas') return [[name, [value].flat().map(areaOf)]];
    return [[name, is === 'time' ? String(value).replace('T', ' ') : value]];
  });
  return Object.fromEntries(given);
}

function areaOf(text: string): { code?: string; name: string } {
  const [, code, name = text] = /^(\d{6,12})\s+(.+)$/u.exec(text.trim()) ?? [];
  return code === undefined ? { name: text.trim() } : { code, name };
}

/** Puts it into the draft. What it follows, its shapes and its word that it is an exercise stay. */
export function takeFilled(draft: Draft, release: ReleaseInput): void {
  const { emergency: before } = draft;
  const filled = warningOf(release.emergency);
  Object.assign(draft, {
    kind: 'emergency',
    language: 'zh-Hans',
    title: release.title,
    summary: release.summary,
    source: release.source,
    format: release.body.format,
    body: release.body.content,
    template: release.template,
    emergency: {
      ...filled,
      status: before.status === 'Exercise' ? before.status : filled.status,
      msgType: before.msgType === 'Cancel' ? 'Update' : before.msgType,
      references: before.references,
      note: before.note,
      contact: filled.contact || before.contact,
      shapes: before.shapes,
    },
  } satisfies Partial<Draft>);
}

/** Whether something stands in the draft that filling in would replace. */
export function holdsText(draft: Draft): boolean {
  return [draft.title, draft.body, draft.emergency.event].some((text) => text.trim() !== '');
}
