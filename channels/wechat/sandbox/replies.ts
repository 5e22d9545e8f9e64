/** Answers in the platform's form: HTTP 200 with JSON, also for errors. */
import { randomBytes } from 'node:crypto';
import type { SandboxAnswer, SandboxRequest } from '../../sandbox.js';

const headers = { 'content-type': 'application/json; encoding=utf-8' };

/** Refused: thrown by the calls, turned into the platform's error body. */
export class Refusal extends Error {
  readonly code: number;
  readonly extra: Record<string, unknown>;
  readonly words: string | undefined;

  constructor(code: number, words?: string, extra: Record<string, unknown> = {}) {
    super(`errcode ${code}`);
    this.code = code;
    this.words = words;
    this.extra = extra;
  }
}

export function ok(body: Record<string, unknown> = { errcode: 0, errmsg: 'ok' }): SandboxAnswer {
  return { status: 200, headers, body: JSON.stringify(body) };
}

export function refusal(
  code: number,
  words = errorWords[code] ?? 'unknown error',
  extra: Record<string, unknown> = {},
): SandboxAnswer {
  const rid = [4, 4, 4].map((bytes) => randomBytes(bytes).toString('hex')).join('-');
  return { status: 200, headers, body: JSON.stringify({ errcode: code, errmsg: `${words} rid: ${rid}`, ...extra }) };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @throws Refusal 44002 where nothing came, 47001 where it is no JSON in UTF-8 */
export function readJson({ body }: SandboxRequest): unknown {
  if (body.length === 0) throw new Refusal(44002);
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    throw new Refusal(47001);
  }
}

/** errmsg of the codes that have a well-known one. */
const errorWords: Readonly<Record<number, string>> = {
  [-1]: 'system error',
  40001:
    'invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r',
  40002: 'invalid grant_type',
  40003: 'invalid openid',
  40004: 'invalid media type',
  40005: 'invalid file type',
  40006: 'invalid meida size',
  40007: 'invalid media_id',
  40008: 'invalid message type',
  40009: 'invalid image size',
  40010: 'invalid voice size',
  40011: 'invalid video size',
  40012: 'invalid thumb size',
  40013: 'invalid appid',
  40014: 'invalid access_token',
  40033: 'invalid charset. please check your request, if include \\uxxxx will create fail!',
  40035: 'invalid parameter',
  40060: 'invalid index',
  40066: 'invalid url',
  40113: 'unsupported file type',
  40125: 'invalid appsecret',
  40130: 'invalid openid list size, at least two openid',
  40137: 'invalid image format',
  40164: 'invalid ip, not in whitelist',
  41001: 'access_token missing',
  41002: 'appid missing',
  41004: 'appsecret missing',
  41005: 'media data missing',
  42001: 'access_token expired',
  43002: 'require POST method',
  44001: 'empty media data',
  44002: 'empty post data',
  44003: 'empty news data',
  44004: 'empty content',
  45002: 'content size out of limit',
  45003: 'title size out of limit',
  45004: 'description size out of limit',
  45005: 'url size out of limit',
  45008: 'article size out of limit',
  45009: 'reach max api daily quota limit',
  45011: 'api minute-quota reach limit  must slower  retry next minute',
  45028: 'has no masssend quota',
  45065: 'clientmsgid exist',
  45066: 'same clientmsgid retry too fast',
  45067: 'clientmsgid size out of limit',
  45110: 'author size out of limit',
  45166: 'invalid content',
  47001: 'data format error',
  48001: 'api unauthorized',
  48004: 'api forbidden for irregularities, view detail on mp.weixin.qq.com',
  50002: 'user limited',
  53500: 'publish function is banned',
  53501: 'publish too frequently',
  53502: 'invalid publish_id',
  53503: 'draft failed the check before publishing',
  53504: 'draft must be used on the official site',
  53505: 'draft must be saved manually',
  53600: 'invalid article_id',
  61450: 'system error',
  88000: 'without comment privilege',
  88001: 'msg_data is not exists',
  88005: 'already reply',
  88007: 'reply content beyond max len or content len is zero',
  88008: 'comment is not exists',
  88009: 'reply is not exists',
  88010: 'count range error. cout <= 0 or count > 50',
};
