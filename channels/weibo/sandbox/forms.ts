/** What a caller sent: parameters from query or form, and the picture of a multipart form. */
import { unescape } from 'node:querystring';
import type { SandboxRequest } from '../../sandbox.js';

export interface Parameters {
  get(name: string): string | undefined;
  multipart: boolean;
  picture?: Buffer;
}

export function parametersOf(request: SandboxRequest): Parameters {
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('multipart/')) return multipartOf(request, /boundary="?([^";]+)"?/.exec(type)?.[1] ?? '');
  // Only what is asked for is decoded: this runs tens of thousands of times a second.
  const form = request.body.length > 0 ? `&${request.body.toString('latin1')}` : '';
  return { multipart: false, get: (name) => field(form, name) ?? request.query.get(name) ?? undefined };
}

function field(form: string, name: string): string | undefined {
  const at = form.indexOf(`&${name}=`);
  if (at < 0) return undefined;
  const start = at + name.length + 2;
  const end = form.indexOf('&', start);
  const raw = form.slice(start, end < 0 ? undefined : end).replaceAll('+', ' ');
  try {
    return decodeURIComponent(raw);
  } catch {
    return unescape(raw);
  }
}

function multipartOf(request: SandboxRequest, boundary: string): Parameters {
  const values = new Map<string, string>();
  let picture: Buffer | undefined;
  const { body } = request;
  const edge = Buffer.from(`--${boundary}`);
  for (let at = body.indexOf(edge); at >= 0;) {
    const next = body.indexOf(edge, at + edge.length);
    if (next < 0) break;
    const headEnd = body.indexOf('\r\n\r\n', at);
    if (headEnd > 0 && headEnd < next) {
      const head = body.toString('utf8', at, headEnd);
      const content = body.subarray(headEnd + 4, next - 2);
      const name = /name="([^"]*)"/.exec(head)?.[1] ?? '';
      if (name === 'pic') picture = Buffer.from(content);
      else values.set(name, content.toString('utf8'));
    }
    at = next;
  }
  return {
    multipart: true,
    get: (name) => values.get(name) ?? request.query.get(name) ?? undefined,
    ...(picture && { picture }),
  };
}
