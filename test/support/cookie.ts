import { sessionIn } from '../../server/contract/sessions.js';

/** The session of an answer, as a browser sends it back. */
export function cookieOf({ headers }: { headers: Headers }): string {
  return sessionIn(headers) ?? '';
}
