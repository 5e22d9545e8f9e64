/**
 * What the push service's answers mean and what to do about them, as a table.
 *
 * Sources: the JPush REST documentation for push (1000–1030, 2002–2007), device (7000–7008), schedule (8100–8203) and
 * report (10, 2003, 3001–3005). The classes are ours: a push carries a cid, so a repeat within a day is harmless.
 */
import type { Disposition, PlatformWords, Said } from '../channel.js';
import { TransportError } from '../outbound.js';

/** A non-200 answer of JPush: it always means that the call failed. */
export class JPushError extends Error {
  override name = 'JPushError';
  readonly status: number;
  /** The platform's code; empty where the answer held none (a gateway's page). */
  readonly code: string;
  /** Seconds that the answer asks us to wait. */
  readonly waitSeconds: number | undefined;

  constructor(status: number, code: string, words: string, waitSeconds?: number) {
    super(words);
    this.status = status;
    this.code = code;
    this.waitSeconds = waitSeconds;
  }

  /** The service answered by itself that it did nothing; a gateway's or an inner failure leaves that open. */
  get definite(): boolean {
    return this.status < 500 && this.code !== '';
  }

  get platform(): PlatformWords {
    return { code: this.code || `HTTP ${this.status}`, words: this.message.slice(0, 500) };
  }
}

/** Something that this side knows to be in the way. */
export class AppFault extends Error {
  override name = 'AppFault';
  readonly kind: 'credentials-missing' | 'outcome-unknown';

  constructor(kind: AppFault['kind']) {
    super(kind);
    this.kind = kind;
  }
}

/** Nothing may be sent before `until`: the platform has said so, now or to an earlier call. */
export class WaitError extends Error {
  override name = 'WaitError';
  readonly until: Date;
  readonly said: Said;

  constructor(until: Date, said: Said) {
    super(said.en);
    this.until = until;
    this.said = said;
  }
}

type Row = { cause: Said } & (
  | { class: 'retry'; delay: number }
  | { class: 'wait'; seconds: number }
  | { class: 'action' | 'permanent'; todo: Said }
  | { class: 'no-target' }
);

const checkKeys: Said = {
  zh: '请在极光控制台核对 AppKey 与 Master Secret，更新账号，停下的投递随后自动继续。',
  en: 'Compare AppKey and Master Secret with the JPush console and update the account; the stopped deliveries then go on by themselves.',
};
const askOperations: Said = {
  zh: '请把平台返回的代码和原话告诉运维人员；内容已在应用内容流中。',
  en: "Tell operations the platform's code and words; the content is in the app's feed already.",
};
const askJPush: Said = {
  zh: '请登录极光控制台查看应用状态，必要时联系极光客服，解除后重试。',
  en: 'Look at the app in the JPush console, call JPush if needed, then retry.',
};

const busy = (zh: string, en: string): Row => ({ class: 'retry', delay: 30, cause: { zh, en } });
const key = (zh: string, en: string): Row => ({ class: 'action', todo: checkKeys, cause: { zh, en } });
const fault = (zh: string, en: string): Row => ({ class: 'permanent', todo: askOperations, cause: { zh, en } });
const human = (zh: string, en: string): Row => ({ class: 'action', todo: askJPush, cause: { zh, en } });

export const codes: Readonly<Record<string, Row>> = {
  10: busy('极光统计服务内部错误。', 'The JPush report service failed inside.'),
  1000: busy('极光推送服务内部错误。', 'The JPush push service failed inside.'),
  1001: fault('极光只接受 POST 方法。', 'JPush accepts only POST here.'),
  1002: fault('推送请求缺少必需的参数。', 'The push lacks a required parameter.'),
  1003: fault('推送请求的参数值不合法。', 'A parameter of the push is not valid.'),
  1004: key('极光身份验证失败。', 'JPush did not accept the key.'),
  1005: fault('推送内容超过极光允许的大小。', 'The push is larger than JPush allows.'),
  1008: key('AppKey 无效。', 'The AppKey is not valid.'),
  1009: fault('推送请求里有极光不支持的字段。', 'The push holds a field JPush does not know.'),
  1011: {
    class: 'no-target',
    cause: {
      zh: '目前没有符合条件的手机；内容已在应用内发布。',
      en: 'No phone matches the target now; the content is public in the app.',
    },
  },
  1012: {
    class: 'wait',
    seconds: 600,
    cause: { zh: '定速推送数量已达上限。', en: 'The limit of slow pushes is reached.' },
  },
  1020: {
    class: 'action',
    todo: { zh: '请把账号的推送地址改为 https 开头。', en: "Change the account's push address to https." },
    cause: { zh: '极光只接受 HTTPS 请求。', en: 'JPush accepts only HTTPS.' },
  },
  1030: {
    class: 'retry',
    delay: 60,
    cause: { zh: '极光推送服务内部超时。', en: 'The JPush push service timed out inside.' },
  },
  2001: {
    class: 'wait',
    seconds: 60,
    cause: { zh: '推送频率超过极光限制。', en: 'The push rate is over the JPush limit.' },
  },
  2002: {
    class: 'wait',
    seconds: 60,
    cause: { zh: '推送频率超过极光限制。', en: 'The push rate is over the JPush limit.' },
  },
  2003: human('应用被极光列入黑名单，或无权使用此接口。', 'JPush has blocked the app, or it may not use this call.'),
  2004: {
    class: 'action',
    todo: {
      zh: '请在极光控制台把本系统的出口 IP 加入白名单，再重试。',
      en: "Add this system's public IP to the white list in the JPush console, then retry.",
    },
    cause: { zh: '本系统的 IP 不在极光白名单内。', en: 'Our IP is not on the JPush white list.' },
  },
  2005: human('当日推送量超过极光允许的规模。', 'The volume is larger than JPush allows this app.'),
  2006: human('该功能仅限极光 VIP 应用。', 'This function needs a JPush VIP app.'),
  2007: human('应用没有此项权限。', 'The app lacks this right.'),
  3001: key('极光统计服务身份验证失败。', 'The JPush report service did not accept the key.'),
  3004: fault('统计查询的时间单位与起始时间不匹配。', 'Time unit and start of the report query do not fit.'),
  3005: fault('统计只保留 60 天。', 'Reports reach back 60 days only.'),
  7000: busy('极光设备服务内部错误。', 'The JPush device service failed inside.'),
  7001: key('未提供极光身份验证信息。', 'No key was sent to the JPush device service.'),
  7002: fault('设备请求参数不合法。', 'A parameter of the device call is not valid.'),
  7004: key('极光设备服务身份验证失败。', 'The JPush device service did not accept the key.'),
  7008: key('AppKey 不存在。', 'The AppKey does not exist.'),
  8100: fault('定时任务参数不合法。', 'The schedule is not valid.'),
  8101: key('极光定时服务身份验证失败。', 'The JPush schedule service did not accept the key.'),
  8104: fault('定时任务不存在。', 'There is no such schedule.'),
  8200: busy('极光定时服务内部错误。', 'The JPush schedule service failed inside.'),
  8203: busy('极光定时服务超时。', 'The JPush schedule service timed out.'),
};

/** Statuses whose answer names no code. */
const statuses: Readonly<Record<number, Row>> = {
  401: key('极光身份验证失败。', 'JPush did not accept the key.'),
  403: human('极光拒绝了请求。', 'JPush refused the request.'),
  405: fault('极光不接受此请求方法。', 'JPush does not accept this method.'),
  410: human('该极光接口已下线。', 'This JPush call has been switched off.'),
  429: {
    class: 'wait',
    seconds: 60,
    cause: { zh: '推送频率超过极光限制。', en: 'The push rate is over the JPush limit.' },
  },
};

/** A code never seen: neither success nor an endless retry, but a person's decision. */
const unknownCode = human('极光返回了未知的错误代码。', 'JPush answered with a code we do not know.');
const gateway: Row = {
  class: 'retry',
  delay: 30,
  cause: { zh: '极光网关暂时不可用。', en: 'The JPush gateway is not available.' },
};

function rowFor(error: JPushError): Row {
  return codes[error.code] ?? statuses[error.status] ?? (error.status >= 500 ? gateway : unknownCode);
}

export function meansNoTarget(error: unknown): error is JPushError {
  return error instanceof JPushError && rowFor(error).class === 'no-target';
}

/** Whether the platform, the network or a rule of this channel speaks: not a fault of our own, nor a closed door. */
export function saidBy(error: unknown): boolean {
  return (
    error instanceof JPushError ||
    error instanceof WaitError ||
    error instanceof AppFault ||
    error instanceof TransportError
  );
}

/** What to do about anything that a call of this channel has thrown. */
export function classify(error: unknown, now: Date): Disposition {
  if (error instanceof JPushError) return classifyAnswer(error, now);
  if (error instanceof WaitError) return { class: 'wait', until: error.until, cause: error.said };
  if (error instanceof AppFault) return faults[error.kind];
  if (error instanceof TransportError) return classifyTransport(error);
  return {
    class: 'unknown',
    cause: { zh: `处理时出现意外：${messageOf(error)}`, en: `Something unexpected happened: ${messageOf(error)}` },
  };
}

function classifyAnswer(error: JPushError, now: Date): Disposition {
  const row = rowFor(error);
  const { cause } = row;
  const { platform } = error;
  switch (row.class) {
    case 'retry':
      return { class: 'retry', delay: error.waitSeconds ?? row.delay, cause, platform };
    case 'wait':
      return {
        class: 'wait',
        until: new Date(now.getTime() + (error.waitSeconds ?? row.seconds) * 1000),
        cause,
        platform,
      };
    case 'no-target':
      return { class: 'duplicate', cause, platform };
    case 'action':
      return { class: 'action', todo: row.todo, cause, platform, ...(row.todo === checkKeys && { credential: true }) };
    case 'permanent':
      return { class: 'permanent', todo: row.todo, cause, platform };
  }
}

const faults: Readonly<Record<AppFault['kind'], Disposition>> = {
  'credentials-missing': {
    class: 'action',
    credential: true,
    cause: { zh: '账号没有填写推送服务的密钥。', en: 'The account has no key for its push service.' },
    todo: {
      zh: '请在账号中补充密钥（极光 Master Secret 或 VAPID 密钥），停下的投递随后自动继续。',
      en: 'Add the key (JPush Master Secret or VAPID keys) to the account; the stopped deliveries then go on by themselves.',
    },
  },
  'outcome-unknown': {
    class: 'unknown',
    cause: {
      zh: '一天前的推送没有收到结果，防重标识已过期，不能安全地再推一次。',
      en: 'A push of more than a day ago has no known outcome, and its cid has expired: it cannot be repeated safely.',
    },
  },
};

function classifyTransport(error: TransportError): Disposition {
  const platform = { code: error.reason, words: error.message };
  if (error.reason === 'not-allowed') {
    return {
      class: 'permanent',
      platform,
      cause: {
        zh: '账号里的推送地址指向内部网络，已拒绝访问。',
        en: 'The push address of the account lies inside the network and was refused.',
      },
      todo: {
        zh: '请核对账号的推送地址；确需访问内网地址时由运维加入许可名单。',
        en: "Check the account's push address; operations can allow an inner one by name.",
      },
    };
  }
  if (error.mayHaveLanded)
    return {
      class: 'unknown',
      platform,
      cause: { zh: '请求已发出，但没有收到回应。', en: 'The request was sent, but no answer came.' },
    };
  return {
    class: 'retry',
    delay: 15,
    platform,
    cause: { zh: '连接不上推送服务。', en: 'The push service cannot be reached.' },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
