/**
 * The ground every sandbox stands on: one HTTP port that speaks the platform's protocol and one out-of-band control
 * port. The platform itself (state, quotas, error bodies) is the channel's own `sandbox.ts`; what all of them share is
 * here: failure scripts, latency, dropped answers, and the log of what was accepted.
 *
 * Control API (JSON, on the control port):
 *   GET  /accepted[?account=&call=&limit=]   what was committed, newest last
 *   GET  /accounts[?from=0&count=1]          ready test accounts; any number of them
 *   POST /script   {"call":"…","code":"…","times":1}    the next calls answer with this platform error, nothing committed
 *   POST /drop     {"call":"…","times":1}    commit, then cut the connection without an answer
 *   POST /latency  {"ms":100,"spread":50,"call"?:"…"}
 *   POST /reset                              forget scripts, latency and the accepted log
 *   POST /<anything else>                    the platform's own controls (`SandboxPlatform.controls`)
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

export interface SandboxRequest {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: Buffer;
  /** The peer's address, for rules about caller addresses. */
  peer: string;
}

export interface SandboxAnswer {
  status: number;
  headers?: Record<string, string>;
  body: string | Buffer;
}

/** One committed post. `subject` is what makes a double visible: a title, a text, a link. */
export interface AcceptedEntry {
  at: string;
  account: string;
  call: string;
  id: string;
  subject: string;
}

/** A ready test account, as `lianfa accounts import` takes it. */
export interface SandboxAccount {
  name: string;
  settings: Record<string, unknown>;
  credentials: Record<string, unknown>;
}

export interface SandboxKit {
  /** Address of the platform's port, without trailing slash. */
  readonly url: string;
  /** Call at the instant of committing. */
  accepted(entry: Omit<AcceptedEntry, 'at'>): void;
  now(): Date;
}

export interface SandboxPlatform {
  name: string;
  /** Called once, when the ports are known. */
  open(kit: SandboxKit): void;
  /** A short name of the documented call, as failure scripts name it (`freepublish/submit`, `statuses/share`). */
  callOf(request: SandboxRequest): string;
  handle(request: SandboxRequest): SandboxAnswer | Promise<SandboxAnswer>;
  /** The platform's own error body for a code. */
  failure(call: string, code: string): SandboxAnswer;
  /** The n-th ready account (n ≥ 0); the same n gives the same account. Thousands must be cheap. */
  account(n: number): SandboxAccount;
  /** A page on which a person sees what the public now sees. Also served by the platform port at `/`. */
  publicPage(): string;
  controls?: Record<string, (body: unknown) => unknown>;
  close?(): Promise<void> | void;
}

export interface RunningSandbox {
  name: string;
  url: string;
  controlUrl: string;
  account(n: number): SandboxAccount;
  accepted(): readonly AcceptedEntry[];
  close(): Promise<void>;
}

const scriptBody = z.object({
  call: z.string(),
  code: z.coerce.string(),
  times: z.int().min(1).max(1_000_000).default(1),
});
const dropBody = z.object({ call: z.string(), times: z.int().min(1).max(1_000_000).default(1) });
const latencyBody = z.object({
  ms: z.number().min(0).max(600_000),
  spread: z.number().min(0).max(600_000).default(0),
  call: z.string().optional(),
});

const accountsQuery = z.object({
  from: z.coerce.number().int().min(0).default(0),
  count: z.coerce.number().int().min(1).max(10_000).default(1),
});

const maxBody = 64 * 1024 * 1024;

/** Starts one platform on loopback (or `host`). Port 0 picks a free one. */
export async function startSandbox(
  platform: SandboxPlatform,
  options: { host?: string; port?: number; controlPort?: number } = {},
): Promise<RunningSandbox> {
  const host = options.host ?? '127.0.0.1';
  const log: AcceptedEntry[] = [];
  const scripts: z.infer<typeof scriptBody>[] = [];
  const drops: z.infer<typeof dropBody>[] = [];
  const latencies = new Map<string, { ms: number; spread: number }>();

  async function serve(request: SandboxRequest): Promise<SandboxAnswer | 'drop'> {
    if (request.method === 'GET' && request.path === '/')
      return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: platform.publicPage() };
    const call = platform.callOf(request);
    const latency = latencies.get(call) ?? latencies.get('*');
    if (latency) await pause(latency.ms + Math.random() * latency.spread);
    const scripted = use(scripts, call);
    if (scripted) return platform.failure(call, scripted.code);
    const answer = await platform.handle(request);
    return use(drops, call) ? 'drop' : answer;
  }

  function control(path: string, query: URLSearchParams, body: unknown): unknown {
    switch (path) {
      case '/accepted': {
        const account = query.get('account');
        const call = query.get('call');
        const found = log.filter((entry) => (!account || entry.account === account) && (!call || entry.call === call));
        return { total: found.length, entries: found.slice(-Number(query.get('limit') ?? found.length)) };
      }
      case '/accounts': {
        const { from, count } = accountsQuery.parse(Object.fromEntries(query));
        return { entries: Array.from({ length: count }, (_, n) => platform.account(from + n)) };
      }
      case '/script':
        scripts.push(scriptBody.parse(body));
        return { ok: true };
      case '/drop':
        drops.push(dropBody.parse(body));
        return { ok: true };
      case '/latency': {
        const { call, ...latency } = latencyBody.parse(body);
        latencies.set(call ?? '*', latency);
        return { ok: true };
      }
      case '/reset':
        log.length = scripts.length = drops.length = 0;
        latencies.clear();
        return { ok: true };
      default: {
        const own = platform.controls?.[path.slice(1)];
        if (!own) throw new UnknownControl(path);
        return own(body) ?? { ok: true };
      }
    }
  }

  const face = createServer((incoming, outgoing) => {
    void answerWith(incoming, outgoing, (request) => serve(request));
  });
  const controlFace = createServer((incoming, outgoing) => {
    void answerWith(incoming, outgoing, ({ path, query, body }) =>
      controlAnswer(() => control(path, query, body.length ? JSON.parse(body.toString('utf8')) : {})),
    );
  });
  const url = await listen(face, host, options.port ?? 0);
  const controlUrl = await listen(controlFace, host, options.controlPort ?? 0);
  platform.open({
    url,
    now: () => new Date(),
    accepted: ({ account, call, id, subject }) =>
      log.push({ at: new Date().toISOString(), account, call, id, subject }),
  });

  return {
    name: platform.name,
    url,
    controlUrl,
    account: (n) => platform.account(n),
    accepted: () => log,
    async close() {
      await platform.close?.();
      await Promise.all(
        [face, controlFace].map(
          (server) =>
            new Promise((done) => {
              server.close(done);
              server.closeAllConnections();
            }),
        ),
      );
    },
  };
}

class UnknownControl extends Error {}

function controlAnswer(work: () => unknown): SandboxAnswer {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  try {
    return { status: 200, headers, body: JSON.stringify(work()) };
  } catch (error) {
    return {
      status: error instanceof UnknownControl ? 404 : 400,
      headers,
      body: JSON.stringify({ error: error instanceof Error ? error.message : String(error) }),
    };
  }
}

/** Takes one use of the first entry that names the call (or `*`), and drops the entry when it is used up. */
function use<T extends { call: string; times: number }>(entries: T[], call: string): T | undefined {
  const at = entries.findIndex((entry) => entry.call === call || entry.call === '*');
  const entry = entries[at];
  if (entry && --entry.times <= 0) entries.splice(at, 1);
  return entry;
}

async function answerWith(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  work: (request: SandboxRequest) => Promise<SandboxAnswer | 'drop'> | SandboxAnswer,
): Promise<void> {
  let answer: SandboxAnswer | 'drop';
  try {
    const body = await readBody(incoming);
    const address = incoming.url ?? '/';
    const mark = address.indexOf('?');
    answer = await work({
      method: incoming.method ?? 'GET',
      path: mark < 0 ? address : address.slice(0, mark),
      query: new URLSearchParams(mark < 0 ? '' : address.slice(mark + 1)),
      headers: incoming.headers,
      body,
      peer: incoming.socket.remoteAddress ?? '',
    });
  } catch (error) {
    answer = { status: 500, body: `sandbox fault: ${error instanceof Error ? error.stack : String(error)}` };
  }
  if (answer === 'drop') {
    incoming.socket.destroy();
    return;
  }
  // A text goes out with its headers in one piece, bytes after them.
  const head = ['content-length', String(Buffer.byteLength(answer.body))];
  for (const name in answer.headers) head.push(name, answer.headers[name] ?? '');
  outgoing.writeHead(answer.status, head);
  outgoing.end(answer.body);
}

function readBody(incoming: IncomingMessage): Promise<Buffer> {
  return new Promise((done, fail) => {
    const parts: Buffer[] = [];
    let total = 0;
    incoming.on('data', (part: Buffer) => {
      total += part.length;
      if (total > maxBody) fail(new Error('request too large for the sandbox'));
      else parts.push(part);
    });
    incoming.once('end', () => {
      done(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts));
    });
    incoming.once('error', fail);
  });
}

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, host, () => done(`http://${host}:${(server.address() as AddressInfo).port}`));
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
