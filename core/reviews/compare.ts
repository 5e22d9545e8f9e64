/** Two revisions side by side: what differs, field by field, in words. */
import type { RevisionContent } from '../releases/compose.js';
import { beside } from '../threads/pool.js';
import { comparedFields, type ComparedField } from './compared-fields.js';
import { tasks } from './thread-tasks.js';
import type { Difference } from './words.js';

export interface FieldDifference {
  field: ComparedField;
  parts: Difference[];
}

type Comparable = Omit<RevisionContent, 'words'>;

/** Only fields that differ, the body last. @throws LianfaError document_takes_too_long, documents_waiting */
export async function compareTexts(from: Comparable, to: Comparable): Promise<FieldDifference[]> {
  const told: FieldDifference[] = [];
  const [before, after] = [fieldsOf(from), fieldsOf(to)];
  for (const field of comparedFields)
    if (before[field] !== after[field])
      told.push({ field, parts: await compareWords(before[field], after[field], field === 'body') });
  return told;
}

/** @throws LianfaError document_takes_too_long, documents_waiting */
export function compareWords(from: string, to: string, html: boolean): Promise<Difference[]> {
  return beside(tasks.compare, { from, to, html }, from.length + to.length);
}

/** What the author decides, each as a person reads it; the body as it is stored. */
function fieldsOf(text: Comparable): Record<ComparedField, string> {
  const { title, summary, kind, language, source, author = '', columns, keywords, cover = '', change = '' } = text;
  const { pictures, attachments, policy = {}, emergency = {}, interprets = [], interpretations = [], template } = text;
  return {
    title,
    summary,
    kind,
    change,
    language,
    source,
    author,
    columns: columns.join('、'),
    keywords: keywords.join('、'),
    cover,
    pictures: pictures.map(({ hash, alt }) => `${hash.slice(0, 12)} ${alt}`).join('\n'),
    attachments: attachments.map(({ name, hash }) => `${name} ${hash.slice(0, 12)}`).join('\n'),
    policy: linesOf(policy),
    emergency: linesOf(emergency),
    template: template ? linesOf({ id: template.id, version: template.version, ...template.facts }) : '',
    interprets: interprets.join('\n'),
    interpretations: interpretations.join('\n'),
    body: text.body,
  };
}

function linesOf(fields: object): string {
  const said = Object.entries(fields) as [string, unknown][];
  return said
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('\n');
}
