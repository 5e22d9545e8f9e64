/** JPush REST v3, the calls this channel makes. Facts: docs.jiguang.cn, push (2025-10-14), advanced (2022-08-09), report. */
import { retryAfter } from '../retry-after.js';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { shareOf, type Call, type Lane } from '../channel.js';
import type { OutboundAnswer } from '../outbound.js';
import { JPushError, WaitError } from './errors.js';

export interface JPushAccess {
  endpoint: string;
  reportEndpoint: string;
  appKey: string;
  masterSecret: string;
}

/** `msg_id` can exceed 2^53, so it is a string; some answers carry it as a number. */
const messageId = z.union([z.string().min(1), z.number().transform(String)]);
const pushAnswer = z.object({ msg_id: messageId });
const cidAnswer = z.object({ cidlist: z.array(z.string().min(1)).min(1) });
const receivedAnswer = z.array(z.looseObject({ msg_id: messageId }));
const errorAnswer = z.object({
  error: z.object({ code: z.union([z.number(), z.string()]).transform(String), message: z.string().default('') }),
});

/** Whichever of these a message's report holds counts phones that were reached. */
const reachedFields = ['jpush_received', 'android_pns_sent', 'ios_apns_sent', 'hmos_hmpns_sent'] as const;

/** An unused cid is worth nothing and is lost with its process. An hour leaves nearly all of its day to the delivery. */
const spareSeconds = 3_600;
const spareCids = new LRUCache<string, { cids: string[]; until: Date }>({ max: 10_000 });

export interface JPushClient {
  /**
   * A push identifier from the platform's pool, valid one day. Asks for ten at a time, the most it gives everybody, and
   * keeps the rest for the next; `fresh` throws those away. @throws JPushError, WaitError, TransportError (so do all).
   */
  cid(fresh?: boolean): Promise<string>;
  /** `leave` is awaited right before the request. */
  push(body: object, leave: () => Promise<void>): Promise<{ msgId: string }>;
  /** The dry run: same body and errors, nothing sent. */
  validate(body: object): Promise<void>;
  /** Asks for a message to be recalled. The effect on phones is not documented: accepted is all that can be known. */
  withdraw(msgId: string, leave: () => Promise<void>): Promise<void>;
  /** How many phones the message has reached by now; undefined where the platform has no figure yet. */
  reached(msgId: string): Promise<number | undefined>;
}

export function createClient(
  access: JPushAccess,
  call: Pick<Call, 'http' | 'memory' | 'signal' | 'now'> & { lane?: Lane },
): JPushClient {
  const lane = call.lane ?? 'routine';
  const authorization = `Basic ${Buffer.from(`${access.appKey}:${access.masterSecret}`).toString('base64')}`;
  // Pushes and reports have a quota each, of a minute.
  const restKey = (url: string, of: Lane): string =>
    `rest:${of}:${url.includes('/v3/push') ? 'push' : 'report'}:${access.appKey}`;
  const cidKey = `${access.endpoint} ${access.appKey}`;

  async function ask(
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    body?: object,
    leave?: () => Promise<void>,
  ): Promise<OutboundAnswer> {
    const resting = await call.memory.get(restKey(url, lane));
    if (resting !== undefined && new Date(resting) > call.now()) throw resting429(new Date(resting), lane);
    await leave?.();
    const answer = await call.http.request(url, {
      method,
      signal: call.signal,
      headers: { authorization, accept: 'application/json', ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    await keepRate(url, answer);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw errorFrom(answer);
  }

  /** What one call learns about the minute's quota holds for every process that speaks for this app. */
  async function keepRate(url: string, answer: OutboundAnswer): Promise<void> {
    const quota = Number(header(answer, 'x-rate-limit-quota'));
    const remaining = Number(header(answer, 'x-rate-limit-remaining') ?? NaN);
    const isSpent = answer.status === 429 || remaining === 0;
    const resting = (['emergency', 'routine'] as const).filter(
      (of) => isSpent || quota - remaining >= shareOf(quota, of),
    );
    const seconds = waitSeconds(answer) ?? 60;
    const until = new Date(call.now().getTime() + seconds * 1000).toISOString();
    for (const of of resting) await call.memory.set(restKey(url, of), until, seconds);
  }

  return {
    async cid(fresh = false) {
      const kept = fresh ? undefined : spareCids.get(cidKey);
      const spare = kept && kept.until > call.now() ? kept.cids.pop() : undefined;
      if (spare !== undefined) return spare;
      const until = new Date(call.now().getTime() + spareSeconds * 1000);
      const [cid = '', ...cids] = parse(
        await ask('GET', `${access.endpoint}/v3/push/cid?count=10&type=push`),
        cidAnswer,
      ).cidlist;
      spareCids.set(cidKey, { cids, until });
      return cid;
    },
    async push(body, leave) {
      return { msgId: parse(await ask('POST', `${access.endpoint}/v3/push`, body, leave), pushAnswer).msg_id };
    },
    async validate(body) {
      await ask('POST', `${access.endpoint}/v3/push/validate`, body);
    },
    async withdraw(msgId, leave) {
      await ask('DELETE', `${access.endpoint}/v3/push/${encodeURIComponent(msgId)}`, undefined, leave);
    },
    async reached(msgId) {
      const answer = await ask(
        'GET',
        `${access.reportEndpoint}/v3/received/detail?msg_ids=${encodeURIComponent(msgId)}`,
      );
      const row = parse(answer, receivedAnswer).find((entry) => entry.msg_id === msgId);
      const counts = reachedFields.map((field) => row?.[field]).filter((count) => typeof count === 'number');
      return counts.length ? counts.reduce((sum, count) => sum + count, 0) : undefined;
    },
  };
}

function resting429(until: Date, lane: Lane): WaitError {
  if (lane === 'routine')
    return new WaitError(until, {
      zh: '极光每分钟调用次数的常规份额（八成）已用完，余下留给应急推送，到时自动继续。',
      en: "The routine share (80 %) of this minute's JPush calls is used up, the rest is kept for emergencies; it goes on by itself.",
    });
  return new WaitError(until, {
    zh: '极光的每分钟调用次数已用完，到时自动继续。',
    en: 'The JPush calls of this minute are used up; it goes on by itself.',
  });
}

/** A success we cannot read leaves the outcome open, as a gateway's failure does. */
function parse<T>(answer: OutboundAnswer, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(readJson(answer));
  if (!parsed.success) throw new JPushError(502, '', `unreadable answer: ${answer.text().slice(0, 200)}`);
  return parsed.data;
}

function errorFrom(answer: OutboundAnswer): JPushError {
  const parsed = errorAnswer.safeParse(readJson(answer));
  const { code, message } = parsed.success ? parsed.data.error : { code: '', message: answer.text().slice(0, 200) };
  return new JPushError(
    answer.status,
    code,
    message,
    answer.status === 429 || answer.status === 503 ? waitSeconds(answer) : undefined,
  );
}

function readJson(answer: OutboundAnswer): unknown {
  try {
    return JSON.parse(answer.text());
  } catch {
    return undefined;
  }
}

/** Seconds, from `X-Rate-Limit-Reset` or `Retry-After`, kept within an hour so that a wrong header cannot park an account. */
function waitSeconds(answer: OutboundAnswer): number | undefined {
  const asked = ['retry-after', 'x-rate-limit-reset'].map((name) => retryAfter(answer.headers[name], new Date()));
  return asked.find((seconds) => seconds !== undefined);
}

function header(answer: OutboundAnswer, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
