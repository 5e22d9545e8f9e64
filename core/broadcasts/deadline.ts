/** 期限: within how many minutes of leaving a broadcast is to have reached everybody. Signed with it. */
import type { Emergency } from '../../channels/emergency.js';

/** Where whoever submits names none: the graver, the shorter. By severity, where that is said, else by level. */
export const usualDeadlines = {
  severity: { Extreme: 10, Severe: 15, Moderate: 30, Minor: 60, Unknown: 30 },
  level: { red: 10, orange: 15, yellow: 30, blue: 60 },
} as const;

export function usualDeadline(emergency: Pick<Emergency, 'severity' | 'level'> | undefined): number {
  const { severity, level } = usualDeadlines;
  if (!emergency) return severity.Unknown;
  return emergency.severity === undefined ? level[emergency.level] : severity[emergency.severity];
}
