/** What a value of a front matter is. All that is not a list or a mapping is text. */

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `cover:` and `cover: ~` say nothing. */
export function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && /^(?:~|null|)$/i.test(value.trim()));
}

/** A list, also one written as a single value: 要闻、通知 */
export function listOf(value: unknown): unknown[] {
  if (isNothing(value)) return [];
  if (typeof value !== 'string') return Array.isArray(value) ? value.filter((entry) => !isNothing(entry)) : [value];
  return value
    .split(/[、，,；;]/)
    .map((entry) => entry.trim())
    .filter(Boolean);
}
