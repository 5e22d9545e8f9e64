/** JPush's errors as its documentation lists them: code, HTTP status, words. */
import type { SandboxAnswer } from '../../sandbox.js';

const table: Readonly<Record<string, readonly [status: number, words: string]>> = {
  10: [500, 'Server internal error.'],
  1000: [500, 'Server response error, please try again later.'],
  1001: [405, 'Only support HTTP Post method, not support Get method.'],
  1002: [400, 'Missing parameter.'],
  1003: [400, 'Invalid parameter value.'],
  1004: [401, 'Basic authentication failed.'],
  1005: [400, 'Message body is too large.'],
  1008: [400, 'The appKey is invalid.'],
  1009: [400, 'Unsupported key.'],
  1011: [400, 'cannot find user by this audience or has been inactive for more than 255 days'],
  1012: [400, 'The amount of big push duration reaches the limit.'],
  1020: [404, 'Only support HTTPS request.'],
  1030: [503, 'Server response timeout, please try again later.'],
  2001: [429, 'Rate limit exceeded.'],
  2002: [429, 'Rate limit exceeded'],
  2003: [403, 'The app is in the blacklist.'],
  2004: [403, 'The IP is not in the whitelist.'],
  2005: [403, 'The number of pushes exceeds the limit.'],
  2006: [403, 'Not a VIP app.'],
  2007: [403, 'No permission.'],
  3001: [401, 'Basic authentication failed'],
  3004: [400, 'time_unit and start do not match.'],
  3005: [400, 'Only the last 60 days can be queried.'],
  7000: [500, 'Internal error.'],
  7001: [401, 'Authentication information is empty.'],
  7002: [400, 'Invalid parameter.'],
  7004: [401, 'Authentication failed.'],
  7008: [400, 'The appkey does not exist.'],
  8100: [400, 'The schedule-task is invalid'],
  8101: [401, 'Basic authentication failed.'],
  8104: [404, "Request schedule operation doesn't exist"],
  8200: [500, 'Server internal error.'],
  8203: [503, 'Execute action timeout, please try later again'],
};

export const json = { 'content-type': 'application/json; charset=utf-8' };

/** `words` says more than the table's. A code of three digits is a gateway's bare HTTP status, as an unlisted one is a 400. */
export function failureAnswer(code: string, words?: string): SandboxAnswer {
  const row = table[code];
  if (!row && /^[45]\d\d$/.test(code)) {
    return {
      status: Number(code),
      headers: { 'content-type': 'text/html' },
      body: `<html><head><title>${code}</title></head><body><h1>${code}</h1></body></html>`,
    };
  }
  const [status, listed] = row ?? [400, 'Unknown error.'];
  return {
    status,
    headers: {
      ...json,
      ...(status === 429 && { 'x-rate-limit-quota': '600', 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '30' }),
    },
    body: JSON.stringify({ error: { code: Number(code), message: words ?? listed } }),
  };
}

/** Thrown by the parts of the sandbox; becomes the documented error body. */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: string, words?: string) {
    super(words ?? '');
    this.code = code;
  }

  get answer(): SandboxAnswer {
    return failureAnswer(this.code, this.message || undefined);
  }
}

export function ok(body: unknown, headers: Record<string, string> = {}): SandboxAnswer {
  return { status: 200, headers: { ...json, ...headers }, body: body === undefined ? '' : JSON.stringify(body) };
}
