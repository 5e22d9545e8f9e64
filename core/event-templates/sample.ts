/** Facts to show a template by: what it names itself, else what is plainly an example. */
import type { Level } from '../../channels/emergency.js';
import type { Content, Fact, GivenFacts } from '../model/event-template.js';
import { levelsOf } from './content.js';

const hour = 3_600_000;

/** `level`: the highest that the template has unless named. */
export function sampleFacts(content: Content, now: Date, level?: Level): GivenFacts {
  const onset = new Date(Math.floor(now.getTime() / hour) * hour + hour);
  const chosen = level !== undefined && content.levels[level] ? level : (levelsOf(content)[0] ?? 'blue');
  return {
    level: chosen,
    areas: [{ name: '示例县' }, { name: '样本区' }],
    onset: onset.toISOString(),
    ...(content.asksExpires && { expires: new Date(onset.getTime() + 12 * hour).toISOString() }),
    urgency: 'Unknown',
    severity: 'Unknown',
    certainty: 'Unknown',
    own: Object.fromEntries(content.facts.map((fact) => [fact.name, sampleOf(fact, onset)])),
  };
}

function sampleOf({ name, is, choices, sample }: Fact, onset: Date): string {
  switch (is) {
    case 'time':
      return new Date(onset.getTime() + 3 * hour).toISOString();
    case 'choice':
      return choices?.[0] ?? '';
    case 'number':
      return sample !== undefined && /^-?\d+(\.\d+)?$/.test(sample) ? sample : '10';
    case 'text':
      return sample ?? `〔${name}〕`;
  }
}
