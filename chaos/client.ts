/** A program and a person in a browser that ask the hub all the while, through whatever stands before it; and whatever was no answer. */
import { setTimeout as pause } from 'node:timers/promises';
import { sessionIn } from '../server/contract/sessions.js';

export interface Client {
  counts(): { requests: number; failed: readonly string[] };
  close(): Promise<void>;
}

/** Who asks at a time, and the pause of each between two requests, ms. */
const askers = 4;
const between = 40;
/** Milliseconds in which an answer is one. */
const patience = 20_000;

const reads = ['/api/v1/session', '/api/v1/releases', '/api/v1/organizations', '/api/v1/accounts', '/api/v1/reviews'];

export interface Asker {
  key: string;
  /** Who signs in by a browser. */
  name: string;
  password: string;
}

/** By turns it reads, in a session and by a key, and saves a draft and reads that back: what one server has written the next one knows. */
export async function askAllTheWhile(url: string, asker: Asker): Promise<Client> {
  const cookie = await signedIn(url, asker);
  const authorization = `Bearer ${asker.key}`;
  const failed: string[] = [];
  let [requests, open] = [0, true];

  async function ask(method: string, path: string, json?: object): Promise<unknown> {
    requests += 1;
    const began = Date.now();
    try {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: {
          ...(requests % 2 === 0 ? { authorization } : { cookie, origin: url }),
          ...(json && { 'content-type': 'application/json' }),
        },
        ...(json && { body: JSON.stringify(json) }),
        signal: AbortSignal.timeout(patience),
      });
      const text = await answer.text();
      if (answer.ok) return JSON.parse(text) as unknown;
      failed.push(`${method} ${path}: ${answer.status} ${text.slice(0, 200)}`);
      return undefined;
    } catch (error) {
      const { message, cause } = error as Error;
      failed.push(`${method} ${path} after ${Date.now() - began} ms: ${message} ${String(cause ?? '')}`);
      return undefined;
    }
  }

  async function draft(number: number): Promise<void> {
    const body = { format: 'text', content: '正文' };
    const saved = await ask('POST', '/api/v1/releases', { title: `第${number}篇草稿`, source: '示例', body });
    const id = (saved as { release?: { id?: string } } | undefined)?.release?.id;
    if (id !== undefined) await ask('GET', `/api/v1/releases/${id}`);
  }

  async function run(asker: number): Promise<void> {
    for (let number = asker; open; number += askers) {
      if (number % 10 === 0) await draft(number);
      else await ask('GET', reads[number % reads.length] ?? '/');
      await pause(between);
    }
  }

  const running = Promise.all(Array.from({ length: askers }, (_, asker) => run(asker)));
  return {
    counts: () => ({ requests, failed }),
    async close() {
      open = false;
      await running;
    },
  };
}

/** Throws where the cookie is not for https alone: then the balancer is not believed. */
async function signedIn(url: string, { name, password }: Asker): Promise<string> {
  const answer = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ name, password }),
  });
  const cookie = sessionIn(answer.headers);
  const [set] = answer.headers.getSetCookie();
  if (cookie === undefined || !set?.includes('; Secure')) throw new Error(`no session for https: ${answer.status}`);
  return cookie;
}
