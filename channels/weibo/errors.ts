/** What may be thrown in this channel, and what is to be done about it. The platform's codes are in `codes.ts`. */
import type { Disposition, PlatformWords, Said, Lane } from '../channel.js';
import { TransportError } from '../outbound.js';
import { codes, todo, unknownCode, type Rule } from './codes.js';

/** The platform's own error body: a definite answer. */
export class WeiboError extends Error {
  override name = 'WeiboError';
  readonly call: string;
  readonly code: string;
  readonly words: string;

  constructor(call: string, code: string, words: string) {
    super(`${call} ${code} ${words}`);
    this.call = call;
    this.code = code;
    this.words = words;
  }

  get platform(): PlatformWords {
    return { code: this.code, words: this.words.slice(0, 500) };
  }
}

/** An answer without the platform's error body and without what was asked for: a gateway's page, or broken JSON. */
export class GatewayError extends Error {
  override name = 'GatewayError';
  readonly call: string;
  readonly status: number;
  readonly words: string;
  /** Seconds that the answer asks us to wait. */
  readonly retryAfter: number | undefined;

  constructor(call: string, status: number, words: string, retryAfter?: number) {
    super(`${call} HTTP ${status}`);
    this.call = call;
    this.status = status;
    this.words = words.slice(0, 200);
    this.retryAfter = retryAfter;
  }

  get platform(): PlatformWords {
    return { code: `HTTP ${this.status}`, words: this.words };
  }
}

/** A call that only reads, or may be repeated without harm, got no answer. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

/** Our own budget for the account or this address is spent: nothing was sent. */
export class BudgetSpent extends Error {
  override name = 'BudgetSpent';
  readonly until: Date;
  readonly budget: 'day' | 'hour' | 'address';
  /** Only the routine share is: the rest is kept for emergencies. */
  readonly isShare: boolean;

  constructor(budget: BudgetSpent['budget'], until: Date, lane: Lane = 'routine') {
    super(`the budget of ${budget} is spent until ${until.toISOString()}`);
    this.budget = budget;
    this.until = until;
    this.isShare = lane === 'routine';
  }
}

/** The platform calls it a repetition, but our post was not found: it may be somebody else's words. */
export class UnprovenDuplicate extends Error {
  override name = 'UnprovenDuplicate';
  readonly platform: PlatformWords;

  constructor(platform: PlatformWords) {
    super(`${platform.code} ${platform.words}`);
    this.platform = platform;
  }
}

/** The picture could not be read or drawn: nothing was sent. */
export class PictureFailed extends Error {
  override name = 'PictureFailed';
}

/** The platform took the post without naming it and shows it in a minute or two: until then it can be neither read nor deleted. */
export class NotShownYet extends Error {
  override name = 'NotShownYet';
}

/** The account has no link template, without which the platform refuses every post (10017). */
export class LinkMissing extends Error {
  override name = 'LinkMissing';
}

/** The keeper has signed in to another Weibo account than this one and authorised that. */
export class OtherAccount extends Error {
  override name = 'OtherAccount';
  readonly authorised: string;
  readonly wanted: string;

  constructor(authorised: string, wanted: string) {
    super(`uid ${authorised} authorised, not ${wanted}`);
    this.authorised = authorised;
    this.wanted = wanted;
  }
}

/**
 * Calls that may leave something behind: an answer that is none proves nothing about them, so they are not repeated
 * before a look. The step's marker makes a repeated share the very same text, which the platform refuses itself.
 */
const posting = new Set(['statuses/share', 'comments/create', 'comments/reply']);

/** What to do about anything that a call of this channel has thrown. `now` dates the windows that end. */
export function classify(error: unknown, now: Date): Disposition {
  if (error instanceof WeiboError) return classifyCode(error, now);
  if (error instanceof BudgetSpent) return { class: 'wait', until: error.until, cause: spentCause(error) };
  if (error instanceof TransportError) return classifyTransport(error);
  if (error instanceof GatewayError) return classifyGateway(error);
  if (error instanceof Unreachable)
    return { class: 'retry', delay: 20, cause: { zh: '微博接口没有应答。', en: 'The Weibo API gave no answer.' } };
  if (error instanceof UnprovenDuplicate)
    return {
      class: 'action',
      platform: error.platform,
      todo: todo.look,
      cause: {
        zh: '微博认为与近期内容重复，但在最近的微博里没有查到本次发布。',
        en: 'Weibo calls it a repetition, but this post is not among the newest ones.',
      },
    };
  if (error instanceof OtherAccount)
    return {
      class: 'action',
      cause: {
        zh: `在微博上授权的是另一个账号（UID ${error.authorised}），本账号是 UID ${error.wanted}。`,
        en: `Another account (uid ${error.authorised}) was authorised on Weibo; this one is uid ${error.wanted}.`,
      },
      todo: {
        zh: '请在微博上退出那个账号，用本账号登录后再授权一次。',
        en: 'Sign out of that account on Weibo, sign in with this one and authorise again.',
      },
    };
  if (error instanceof PictureFailed)
    return {
      class: 'retry',
      delay: 30,
      cause: {
        zh: `图片未能准备好，尚未发送：${wordsOf(error)}`,
        en: `The picture is not ready, nothing was sent: ${wordsOf(error)}`,
      },
    };
  if (error instanceof NotShownYet)
    return {
      class: 'retry',
      delay: 60,
      cause: {
        zh: '微博已受理该条但尚未显示，显示后才能删除。',
        en: 'Weibo took the post but does not show it yet; it can be deleted once it does.',
      },
    };
  if (error instanceof LinkMissing)
    return {
      class: 'action',
      cause: {
        zh: '账号没有设置本单位网站的链接，微博要求正文必须带链接。',
        en: "The account names no link to the unit's site, which Weibo demands in every post.",
      },
      todo: todo.link,
    };
  return {
    class: 'unknown',
    cause: { zh: `处理时出现意外：${wordsOf(error)}`, en: `Something unexpected happened: ${wordsOf(error)}` },
  };
}

function classifyCode(error: WeiboError, now: Date): Disposition {
  const rule: Rule = codes[error.code] ?? unknownCode;
  const { cause } = rule;
  const { platform } = error;
  switch (rule.class) {
    case 'retry':
      return { class: 'retry', delay: rule.delay, cause, platform };
    case 'doubt':
      return posting.has(error.call)
        ? { class: 'unknown', cause, platform }
        : { class: 'retry', delay: 20, cause, platform };
    case 'wait':
      return { class: 'wait', until: rule.until === 'hour' ? nextHour(now) : nextMidnight(now), cause, platform };
    // Success is claimed only by `publish`, after the post has been found.
    case 'duplicate':
      return { class: 'action', todo: todo.look, cause, platform };
    case 'delayed':
      return { class: 'unknown', cause, platform };
    case 'action':
      return {
        class: 'action',
        todo: todo[rule.todo],
        cause,
        platform,
        ...(rule.todo === 'authorise' && { credential: true }),
      };
    case 'permanent':
      return { class: 'permanent', todo: todo[rule.todo], cause, platform };
  }
}

function classifyTransport(error: TransportError): Disposition {
  if (error.reason === 'not-allowed')
    return {
      class: 'action',
      todo: todo.endpoint,
      cause: {
        zh: '微博接口地址指向内部网络，已拒绝访问。',
        en: 'The Weibo address points into an inner network and was refused.',
      },
    };
  if (error.mayHaveLanded)
    return {
      class: 'unknown',
      cause: { zh: '请求已发出但没有收到微博的应答。', en: 'The request was sent, and Weibo gave no answer.' },
    };
  return { class: 'retry', delay: 20, cause: { zh: '无法连接微博接口。', en: 'The Weibo API cannot be reached.' } };
}

function classifyGateway(error: GatewayError): Disposition {
  const { platform } = error;
  if (error.status === 429)
    return {
      class: 'retry',
      delay: error.retryAfter ?? 60,
      platform,
      cause: { zh: '微博网关要求放慢请求。', en: 'The Weibo gateway asks for fewer requests.' },
    };
  const inDoubt = error.status >= 500 || error.status < 300;
  if (inDoubt && posting.has(error.call))
    return {
      class: 'unknown',
      platform,
      cause: { zh: '微博网关出错，不能确定是否已发出。', en: 'The Weibo gateway failed; it may have been posted.' },
    };
  if (inDoubt)
    return {
      class: 'retry',
      delay: error.retryAfter ?? 30,
      platform,
      cause: { zh: '微博网关暂时不可用。', en: 'The Weibo gateway is not available.' },
    };
  return {
    class: 'action',
    platform,
    todo: todo.endpoint,
    cause: {
      zh: '应答不是微博接口的格式，请求可能被中间设备拦截。',
      en: "The answer is not the Weibo API's; something between may have caught the request.",
    },
  };
}

/** Whether the platform says that the same was posted before. */
export function saysDuplicate(error: unknown): error is WeiboError {
  return error instanceof WeiboError && codes[error.code]?.class === 'duplicate';
}

/** Whether the platform says that it has posted and shows it in a minute or two. */
export function saysDelayed(error: unknown): error is WeiboError {
  return error instanceof WeiboError && codes[error.code]?.class === 'delayed';
}

/** Whether the platform says that there is no such post. */
export function saysGone(error: unknown): error is WeiboError {
  return error instanceof WeiboError && error.code === '20101';
}

function spentCause({ budget, isShare }: BudgetSpent): Said {
  const { zh, en } = budgetCause[budget];
  return isShare
    ? {
        zh: `${zh}（常规发布只用八成，余下留给应急发布。）`,
        en: `${en} (Routine work uses 80 %; the rest is kept for emergencies.)`,
      }
    : { zh, en };
}

const budgetCause: Readonly<Record<BudgetSpent['budget'], Said>> = {
  day: {
    zh: '该账号今天的微博接口调用次数已用完，次日零点（北京时间）后自动继续。',
    en: "This account has used up today's Weibo calls; it goes on after midnight, Beijing time.",
  },
  hour: {
    zh: '该账号本小时的发博次数已用完，下个整点后自动继续。',
    en: "This account has used up this hour's posts; it goes on at the next full hour.",
  },
  address: {
    zh: '本系统出口地址本小时的微博接口调用次数已用完，下个整点后自动继续。',
    en: "Our address has used up this hour's Weibo calls; it goes on at the next full hour.",
  },
};

const hour = 3_600_000;
const day = 24 * hour;
/** The platform's days are Beijing's, which keeps no summer time. */
const beijing = 8 * hour;

export function nextHour(now: Date): Date {
  return new Date((Math.floor(now.getTime() / hour) + 1) * hour);
}

export function nextMidnight(now: Date): Date {
  return new Date((Math.floor((now.getTime() + beijing) / day) + 1) * day - beijing);
}

const ownFaults: ReadonlySet<string> = new Set([
  'TypeError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'ZodError',
]);

/** Whether it is a fault of this program: no cause to give it another name. By name, for classes differ between realms. */
export function isOwnFault(error: unknown): boolean {
  return error instanceof Error && ownFaults.has(error.name);
}

function wordsOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 200);
}
