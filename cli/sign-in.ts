/** How the command proves who it is: with a key, which signs nothing, or as a person, by name, password and, where it is on, a code. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { codeAsked, sessionIn } from '../server/contract/sessions.js';

/** Headers that go with each call. */
export interface Credentials {
  headers(): Promise<Record<string, string>>;
  /** What a person proves themselves by when they sign; with a key, or without a terminal, there is none. */
  password(): Promise<string | undefined>;
}

/**
 * Reads LIANFA_API_KEY, else LIANFA_USER, LIANFA_PASSWORD and LIANFA_CODE; what of these is missing a terminal is asked for, once. The
 * session lasts as long as the command. Without any of it the server says that a sign-in is needed.
 */
export function credentialsFrom(env: NodeJS.ProcessEnv, url: string): Credentials {
  const key = env['LIANFA_API_KEY'];
  if (key !== undefined)
    return {
      headers: () => Promise.resolve({ authorization: `Bearer ${key}` }),
      password: () => Promise.resolve(undefined),
    };
  let session: Promise<Record<string, string>> | undefined;
  let secret: Promise<string | undefined> | undefined;
  const password = (): Promise<string | undefined> => (secret ??= passwordFrom(env));
  return { password, headers: () => (session ??= signedIn(env, url, password)) };
}

async function signedIn(
  env: NodeJS.ProcessEnv,
  url: string,
  secret: Credentials['password'],
): Promise<Record<string, string>> {
  const name = await nameFrom(env);
  const password = await secret();
  if (name === undefined || password === undefined) return {};
  const first = await step(url, '/session', { name, password });
  if (!first.codeAsked) return first.headers;
  const code = env['LIANFA_CODE'] ?? (await asked('动态口令 code: '));
  return code === undefined ? {} : (await step(url, '/session/code', { code }, first.headers)).headers;
}

/** Where it is refused the call that follows is too, and says so. */
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
  const cookie = sessionIn(answer.headers);
  const said: unknown = await answer.json().catch(() => undefined);
  return { headers: cookie === undefined ? {} : { cookie, origin }, codeAsked: codeAsked.safeParse(said).success };
}

/** LIANFA_USER and LIANFA_PASSWORD; what is missing a terminal is asked for. */
export async function nameAndPassword(
  env: NodeJS.ProcessEnv,
): Promise<{ name: string | undefined; password: string | undefined }> {
  return { name: await nameFrom(env), password: await passwordFrom(env) };
}

async function nameFrom(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return env['LIANFA_USER'] ?? asked('登录名 name: ');
}

async function passwordFrom(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return env['LIANFA_PASSWORD'] ?? asked('密码 password: ', true);
}

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
