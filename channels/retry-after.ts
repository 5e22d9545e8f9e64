/** How long a server asks to be left alone (RFC 9110, 10.2.3): seconds, or a date. */

/**
 * Seconds from now, 1 at least, and at most so many that a wrong header parks nobody; undefined where there is no such
 * header, or one that nobody can read.
 */
export function retryAfter(header: string | string[] | undefined, now: Date, most = 3_600): number | undefined {
  const value = (Array.isArray(header) ? header[0] : header)?.trim() ?? '';
  const date = /^[A-Za-z]{3,9},? /.test(value) ? Date.parse(value) : Number.NaN;
  const seconds = /^\d{1,9}$/.test(value) ? Number(value) : Math.ceil((date - now.getTime()) / 1_000);
  return Number.isFinite(seconds) ? Math.min(most, Math.max(1, seconds)) : undefined;
}
