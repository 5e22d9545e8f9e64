/**
 * One file from outside by GET, where the one door out lets it go. Redirects are followed each time anew and kept by
 * nobody: at most five, to http and https alone, and never from https to http.
 */
import { TransportError, type Outbound, type OutboundAnswer } from '../../channels/outbound.js';
import type { Said } from '../../channels/channel.js';
import type { Turn } from './turn.js';

export interface Got extends OutboundAnswer {
  /** Where it was really read. */
  address: string;
}

/** It was not to be had, and why. */
export class Unreached extends Error {
  override name = 'Unreached';
  readonly said: Said;
  /** Seconds for which its server asked to be left alone. */
  readonly wait: number;

  constructor(said: Said, wait = 0) {
    super(said.en);
    this.said = said;
    this.wait = wait;
  }
}

const mostHops = 5;
/** Seconds beyond which no server has itself left alone. */
const longestWait = 86_400;

/** Answers of 200 and 304 alone. @throws Unreached */
export async function fetched(
  http: Outbound,
  address: string,
  asked: { headers: Record<string, string>; maxBytes: number; patience: number },
  { now, signal: ending }: Pick<Turn, 'now' | 'signal'>,
): Promise<Got> {
  const signal = AbortSignal.any([ending, AbortSignal.timeout(asked.patience)]);
  const seen = new Set<string>();
  for (let url = address; seen.size <= mostHops;) {
    if (seen.has(url))
      throw new Unreached({ zh: `转向绕圈：${short(url)}。`, en: `it sends in a ring: ${short(url)}.` });
    seen.add(url);
    const answer = await ask(http, url, asked, signal);
    const { status, headers } = answer;
    if (status === 200 || status === 304) return { ...answer, address: url };
    const next = [301, 302, 303, 307, 308].includes(status) ? headers['location'] : undefined;
    if (next === undefined) throw new Unreached(refused(status), waitOf(headers['retry-after'], now()));
    url = hop(url, String(next));
  }
  throw new Unreached({ zh: `转向超过 ${mostHops} 次。`, en: `it sends on more than ${mostHops} times.` });
}

async function ask(
  http: Outbound,
  url: string,
  { headers, maxBytes, patience }: { headers: Record<string, string>; maxBytes: number; patience: number },
  signal: AbortSignal,
): Promise<OutboundAnswer> {
  try {
    const plain = { 'accept-encoding': 'identity', 'user-agent': 'lianfa' };
    return await http.request(url, { headers: { ...plain, ...headers }, maxBytes, signal, timeout: patience });
  } catch (error) {
    if (error instanceof TransportError) throw new Unreached(reasons(maxBytes)[error.reason]);
    throw error;
  }
}

/** @throws Unreached */
function hop(from: string, location: string): string {
  const to = URL.canParse(location, from) ? new URL(location, from) : undefined;
  const isSafe = to?.protocol === 'https:' || (to?.protocol === 'http:' && !from.startsWith('https:'));
  if (!to || !isSafe)
    throw new Unreached({
      zh: `转向 ${short(location)}，不跟随：只跟到 http、https，且不从 https 退回 http。`,
      en: `it sends to ${short(location)}, which is not followed: only http and https are, and never from https to http.`,
    });
  return to.href.replace(/#.*$/, '');
}

function refused(status: number): Said {
  return { zh: `对方返回 ${status}。`, en: `its server answered ${status}.` };
}

/** Seconds, by a number or a date. */
function waitOf(header: string | string[] | undefined, now: Date): number {
  const text = String(header ?? '').trim();
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - now.getTime()) / 1_000;
  return Number.isFinite(seconds) ? Math.min(longestWait, Math.max(0, seconds)) : 0;
}

const reasons = (maxBytes: number): Readonly<Record<TransportError['reason'], Said>> => ({
  'not-allowed': {
    zh: '地址在内网，不允许访问；确需访问的，请运维列入 LIANFA_ALLOW_INNER。',
    en: 'its address is an inner one; where that is meant, operations names it in LIANFA_ALLOW_INNER.',
  },
  'no-connection': { zh: '连不上对方。', en: 'its host cannot be reached.' },
  timeout: { zh: '对方没有按时应答。', en: 'its host did not answer in time.' },
  aborted: { zh: '对方没有按时应答。', en: 'its host did not answer in time.' },
  broken: { zh: '传到一半断了，不采用。', en: 'it broke off half-way, and half of it is not used.' },
  'too-large': {
    zh: `超过 ${maxBytes / 1024 / 1024} MB 的上限，没有读取。`,
    en: `it is larger than the bound of ${maxBytes / 1024 / 1024} MB and was not read.`,
  },
  'circuit-open': { zh: '对方主机一直不应答，暂不请求。', en: 'its host keeps failing and is left alone for a while.' },
});

function short(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
