/** The command talks to the server as any program does: over HTTP, with a key or as a person. */
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { errorBody } from '../server/contract/errors.js';
import type { Said } from '../channels/channel.js';
import { session } from '../server/contract/sessions.js';
import { credentialsFrom, SignInRefused, type Proof, type Terminal } from './sign-in.js';

/** What went wrong, in words for the person at the terminal. */
export class CommandFailure extends Error {
  override name = 'CommandFailure';
  readonly code: string;
  readonly field: string | undefined;
  readonly said: Said;
  readonly todo: Said;

  constructor(
    failure: { code: string; field?: string | undefined; message: Said; todo: Said },
    options?: ErrorOptions,
  ) {
    super(failure.message.en, options);
    this.code = failure.code;
    this.field = failure.field;
    this.said = failure.message;
    this.todo = failure.todo;
  }
}

export interface Client {
  /** What a person signs with; nothing with a key. @throws CommandFailure where a code is needed and nobody is there to give one */
  proof(): Promise<Proof | undefined>;
  /** @throws CommandFailure where the server refuses or cannot be reached */
  call<S extends z.ZodType>(
    schema: S,
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body?:
      { json: unknown } | { bytes: Buffer; type: string; name: string; source?: string | undefined; origin?: string },
  ): Promise<z.output<S>>;
  /** Writes what the path answers to a file, as it comes; nothing is left of one that broke off. Answers its bytes. @throws CommandFailure, and what the file system refuses with */
  download(path: string, file: string): Promise<number>;
}

/** Reads LIANFA_URL, else LIANFA_PORT of this machine; who asks is told by `sign-in.ts`. */
export function createClient(env: NodeJS.ProcessEnv = process.env, ...at: [terminal?: Terminal]): Client {
  const url = (env['LIANFA_URL'] ?? `http://127.0.0.1:${env['LIANFA_PORT'] ?? '8080'}`).replace(/\/$/, '');
  const credentials = credentialsFrom(env, url, ...at);
  return {
    async proof() {
      const own = await credentials.proof(async () => (await call(nextCode, 'GET', '/session')).code?.inSeconds ?? 0);
      if (own === 'no_code') throw codeNeeded();
      return own;
    },
    call,
    async download(path, file) {
      const headers = await credentials.headers();
      const answer = await fetch(`${url}/api/v1${path}`, { headers, redirect: 'error' }).catch((error: unknown) => {
        throw unreachable(url, error);
      });
      if (!answer.ok || !answer.body) throw failureOf(answer.status, await answer.text());
      const target = createWriteStream(file, { mode: 0o600 });
      try {
        await pipeline(answer.body, target);
      } catch (error) {
        await rm(file, { force: true });
        throw error;
      }
      return target.bytesWritten;
    },
  };

  async function call<S extends z.ZodType>(
    schema: S,
    method: string,
    path: string,
    body?: Parameters<Client['call']>[3],
  ): Promise<z.output<S>> {
    const headers = await credentials.headers().then(
      (own) => ({ ...own }),
      (error: unknown) => {
        throw error instanceof SignInRefused ? failureOf(error.status, error.text) : unreachable(url, error);
      },
    );
    let content: string | Uint8Array<ArrayBuffer> | null = null;
    if (body && 'json' in body) {
      headers['content-type'] = 'application/json';
      content = JSON.stringify(body.json);
    } else if (body) {
      headers['content-type'] = body.type;
      headers['x-file-name'] = encodeURIComponent(body.name);
      if (body.source !== undefined) headers['x-source'] = encodeURIComponent(body.source);
      if (body.origin !== undefined) headers['x-origin'] = body.origin;
      content = new Uint8Array(body.bytes);
    }
    const answer = await fetch(`${url}/api/v1${path}`, { method, headers, body: content, redirect: 'error' }).catch(
      (error: unknown) => {
        throw unreachable(url, error);
      },
    );
    const text = await answer.text();
    if (!answer.ok) throw failureOf(answer.status, text);
    return schema.parse(JSON.parse(text));
  }
}

const nextCode = session.pick({ code: true });

function codeNeeded(): CommandFailure {
  return new CommandFailure({
    code: 'code_needed',
    message: {
      zh: '签发要再给一个没有用过的动态口令，这里没有。',
      en: 'To sign, a code that was not used yet is needed, and there is none.',
    },
    todo: {
      zh: '请在终端里运行；或在 LIANFA_CODE 里用空格写两个口令（先登录、再签发，恢复码也可以）；或请签发人在界面签发。',
      en: 'Run it at a terminal, or give two codes in LIANFA_CODE with a blank between (one signs in, one signs; recovery codes do, too), or have it signed on the dashboard.',
    },
  });
}

function unreachable(url: string, cause: unknown): CommandFailure {
  return new CommandFailure(
    {
      code: 'server_unreachable',
      message: { zh: `连不上服务 ${url}。`, en: `The server at ${url} does not answer.` },
      todo: {
        zh: '请先运行 lianfa start，或用 LIANFA_URL 指明服务地址。',
        en: 'Run lianfa start first, or name the server in LIANFA_URL.',
      },
    },
    { cause },
  );
}

function failureOf(status: number, text: string): CommandFailure {
  const parsed = errorBody.safeParse(parseJson(text));
  if (parsed.success) return new CommandFailure(parsed.data.error);
  return new CommandFailure({
    code: `http_${status}`,
    message: {
      zh: `服务回复了无法理解的内容（HTTP ${status}）。`,
      en: `The server answered something that is not ours (HTTP ${status}).`,
    },
    todo: { zh: '请检查 LIANFA_URL 是否指向联发服务。', en: 'Check that LIANFA_URL points at a Lianfa server.' },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
