/** The session of an answer, as a browser sends it back. */
export function cookieOf({ headers }: { headers: Headers }): string {
  const own = headers.getSetCookie().find((cookie) => cookie.startsWith('lianfa='));
  return own?.split(';')[0] ?? '';
}
