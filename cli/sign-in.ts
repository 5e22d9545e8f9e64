/** How the command proves who it is: with a key, which signs nothing, or as a person, by name, password and, where it is on, a code. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { codeAsked, sessionIn } from '../server/contract/sessions.js';

/** Headers that go with each call. */
export interface Credentials {
  headers(): Promise<Record<string, string>>;
  /**
   * What a person proves themselves by when they sign: the password again and, where the second step is on, a code that was
   * not used to sign in. `nextCodeIn` says in how many seconds there is one. With a key, or without a terminal, there is
   * none; `no_code` where only the code is missing.
   */
  proof(nextCodeIn: () => Promise<number>): Promise<Proof | 'no_code' | undefined>;
}

export interface Proof {
  password: string;
  code?: string;
}

/** Where a person sits, if any does. */
export interface Terminal {
  /** Undefined where nobody does. */
  ask(question: string, hidden?: boolean): Promise<string | undefined>;
  /** In place of what was shown so before. */
  show(text: string): void;
  second(): Promise<void>;
}

/**
 * Reads LIANFA_API_KEY, else LIANFA_USER, LIANFA_PASSWORD and LIANFA_CODE (one code, or several with blanks between: the
 * first signs in, the next signs); what of these is missing a terminal is asked for, once. The session lasts as long as
 * the command. Without any of it the server says that a sign-in is needed.
 */
export function credentialsFrom(env: NodeJS.ProcessEnv, url: string, terminal: Terminal = thisTerminal): Credentials {
  const key = env['LIANFA_API_KEY'];
  if (key !== undefined)
    return {
      headers: () => Promise.resolve({ authorization: `Bearer ${key}` }),
      proof: () => Promise.resolve(undefined),
    };
  const codes = (env['LIANFA_CODE'] ?? '').split(/[\s,]+/).filter(Boolean);
  const next = async (): Promise<string | undefined> => codes.shift() ?? terminal.ask('动态口令 code: ');
  let session: Promise<Session> | undefined;
  let secret: Promise<string | undefined> | undefined;
  const password = (): Promise<string | undefined> => (secret ??= passwordFrom(env, terminal));
  const open = (): Promise<Session> => (session ??= signedIn(url, () => nameFrom(env, terminal), password, next));
  return {
    headers: async () => (await open()).headers,
    async proof(nextCodeIn) {
      const { byCode } = await open();
      const known = await password();
      if (known === undefined || !byCode) return known === undefined ? undefined : { password: known };
      if (codes.length === 0) await countDown(await nextCodeIn(), terminal);
      const code = await next();
      return code === undefined ? 'no_code' : { password: known, code };
    },
  };
}

/** A code works once (RFC 6238, section 5.2), so the one that signed in signs nothing. */
async function countDown(seconds: number, terminal: Terminal): Promise<void> {
  for (let left = seconds; left > 0; left -= 1) {
    terminal.show(
      `每个口令只能用一次，下一个口令 ${left} 秒后出现 each code works once; the next one comes in ${left} s `,
    );
    await terminal.second();
  }
  if (seconds > 0) terminal.show('');
}

interface Session {
  headers: Record<string, string>;
  /** A code was asked for. */
  byCode: boolean;
}

async function signedIn(
  url: string,
  named: () => Promise<string | undefined>,
  secret: () => Promise<string | undefined>,
  next: () => Promise<string | undefined>,
): Promise<Session> {
  const name = await named();
  const password = await secret();
  if (name === undefined || password === undefined) return { headers: {}, byCode: false };
  const first = await step(url, '/session', { name, password });
  if (!first.codeAsked) return { headers: first.headers, byCode: false };
  const code = await next();
  const headers = code === undefined ? {} : (await step(url, '/session/code', { code }, first.headers)).headers;
  return { headers, byCode: true };
}

/** The server's own words, where it lets nobody in by this name and password. */
export class SignInRefused extends Error {
  override name = 'SignInRefused';
  readonly status: number;
  readonly text: string;

  constructor(status: number, text: string) {
    super(text);
    this.status = status;
    this.text = text;
  }
}

/** @throws SignInRefused */
async function step(
  url: string,
  path: string,
  body: object,
  before: Record<string, string> = {},
): Promise<{ headers: Record<string, string>; codeAsked: boolean }> {
  const origin = new URL(url).origin;
  const answer = await fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin, ...before },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new SignInRefused(answer.status, text);
  const cookie = sessionIn(answer.headers);
  return {
    headers: cookie === undefined ? {} : { cookie, origin },
    codeAsked: codeAsked.safeParse(JSON.parse(text)).success,
  };
}

/** LIANFA_USER and LIANFA_PASSWORD; what is missing a terminal is asked for. */
export async function nameAndPassword(
  env: NodeJS.ProcessEnv,
): Promise<{ name: string | undefined; password: string | undefined }> {
  return { name: await nameFrom(env, thisTerminal), password: await passwordFrom(env, thisTerminal) };
}

async function nameFrom(env: NodeJS.ProcessEnv, { ask }: Terminal): Promise<string | undefined> {
  return env['LIANFA_USER'] ?? ask('登录名 name: ');
}

async function passwordFrom(env: NodeJS.ProcessEnv, { ask }: Terminal): Promise<string | undefined> {
  return env['LIANFA_PASSWORD'] ?? ask('密码 password: ', true);
}

const thisTerminal: Terminal = {
  ask: asked,
  show(text) {
    if (!process.stdin.isTTY) return;
    process.stderr.write(`\r\u001B[2K${text}`);
  },
  second: () => (process.stdin.isTTY ? pause(1_000) : Promise.resolve()),
};

/** Undefined where there is no terminal to ask at. */
async function asked(question: string, hidden = false): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const mute = new Writable({ write: (_chunk, _encoding, done) => done() });
  if (hidden) process.stderr.write(question);
  const line = createInterface({ input: process.stdin, output: hidden ? mute : process.stderr, terminal: true });
  try {
    return (await line.question(hidden ? '' : question)).trim();
  } finally {
    line.close();
    if (hidden) process.stderr.write('\n');
  }
}
