/**
 * The level of a warning (预警级别) out of an alert: the colour or grade that a parameter states first, for that is the
 * sender's own word; else by severity, as is the usual convention: Extreme red, Severe orange, Moderate yellow, Minor blue.
 */
import type { Level } from '../../channels/emergency.js';
import type { AlertInfo } from './alert.js';

const bySeverity: Readonly<Record<string, Level>> = {
  Extreme: 'red',
  Severe: 'orange',
  Moderate: 'yellow',
  Minor: 'blue',
};
const parameterNames = /颜色|级别|等级|colou?r|awareness_?level|(alert|warning)_?level/i;

export function levelOf({
  parameters,
  severity,
}: AlertInfo): { level: Level; by: 'parameter' | 'severity' } | undefined {
  for (const { valueName, value } of parameters) {
    const level = parameterNames.test(valueName) ? levelIn(value) : undefined;
    if (level) return { level, by: 'parameter' };
  }
  const level = bySeverity[severity];
  return level && { level, by: 'severity' };
}

const words: readonly [RegExp, Level][] = [
  [/红|\bred\b|特别重大|特大/i, 'red'],
  [/橙|\borange\b|重大/i, 'orange'],
  [/黄|\byellow\b|较大/i, 'yellow'],
  [/蓝|\bblue\b|一般/i, 'blue'],
];

/** The first level that a text names. */
export function levelIn(text: string): Level | undefined {
  return words.find(([pattern]) => pattern.test(text))?.[1];
}
