/**
 * What WeChat's error codes mean for a publisher, as data. Meanings follow the platform's global return codes; the
 * class is our choice, always the one that cannot post twice. Rows marked [R] are recalled, not confirmed.
 */
import { nextBeijingDay } from '../beijing-calendar.js';
import type { Disposition, PlatformWords, Said } from '../channel.js';
import { TransportError } from '../outbound.js';

/** An answer with a non-zero `errcode`: definite, nothing was committed. */
export class WeChatError extends Error {
  override name = 'WeChatError';
  readonly code: number;
  readonly call: string;
  readonly words: string;
  readonly requestId: string | undefined;
  /** With 45065: the message that is already there. */
  readonly messageId: string | undefined;

  constructor(call: string, code: number, words: string, messageId?: string) {
    super(`${call} ${code} ${words}`);
    this.call = call;
    this.code = code;
    this.words = words;
    this.requestId = /rid: ?([0-9a-f-]+)/.exec(words)?.[1];
    this.messageId = messageId;
  }

  get platform(): PlatformWords {
    return {
      code: String(this.code),
      words: this.words,
      ...(this.requestId !== undefined && { requestId: this.requestId }),
    };
  }
}

/** No errcode to go by: a gateway's page, or a body that is not the documented JSON. */
export class GatewayError extends Error {
  override name = 'GatewayError';
  readonly status: number;
  readonly retryAfter: number | undefined;
  readonly words: string;

  constructor(call: string, status: number, words: string, retryAfter?: number) {
    super(`${call} HTTP ${status}`);
    this.status = status;
    this.words = words.slice(0, 200);
    this.retryAfter = retryAfter;
  }
}

/** A call that publishes was sent and not answered: it may be public. */
export class Unanswered extends Error {
  override name = 'Unanswered';
}

/** A call that may be repeated without harm (it prepares, reads or deletes) was sent and not answered. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
}

/** Silence on a call that may be repeated without harm is not the doubt that transport alone would make of it. */
export function harmless(error: unknown): unknown {
  return error instanceof TransportError && error.mayHaveLanded ? new NoAnswer(error.message, { cause: error }) : error;
}

/** The routine share of what the platform allows in a day is used up; the rest is kept for emergencies. */
export class BudgetSpent extends Error {
  override name = 'BudgetSpent';
}

/** The platform is still at something that must end first. */
export class NotYet extends Error {
  override name = 'NotYet';
}

type Rule = { cause: Said } & (
  | { class: 'retry'; delay: number }
  | { class: 'refresh' | 'duplicate' }
  /** Until the platform's midnight, or for so many seconds. */
  | { class: 'wait'; until: 'midnight' | number }
  | { class: 'action' | 'permanent'; todo: Said }
);

const todo = {
  credential: {
    zh: '请在公众平台“设置与开发→开发接口管理”核对 AppID 和 AppSecret，在本系统“账号”中更正后点“重新检查”，停下的投递随后自动继续。',
    en: 'Check AppID and AppSecret on the platform (Settings & Development), correct them under Accounts here and press Check again; the stopped deliveries then go on by themselves.',
  },
  whitelist: {
    zh: '请在公众平台“设置与开发→开发接口管理→IP 白名单”加入本系统的出口地址（见平台原话），再点“重试”。',
    en: "Add this hub's address (see the platform's words) to the IP whitelist on the platform, then press Retry.",
  },
  byHand: {
    zh: '草稿已存入公众号。请登录公众平台 mp.weixin.qq.com →“草稿箱”→ 打开该稿件 → 核对 →“发表”；发表后回到这里点“已发布”并填写链接。',
    en: 'The draft is in the account. Sign in at mp.weixin.qq.com, open the draft box, check the article and publish it; then confirm here with its link.',
  },
  platform: {
    zh: '请登录公众平台查看站内通知，按提示申诉或解除限制后点“重试”。',
    en: 'Read the notices on the platform, appeal or lift the restriction there, then press Retry.',
  },
  administrator: {
    zh: '请公众号管理员在微信“公众平台安全助手”里确认，再点“重试”。',
    en: "Ask the account's administrator to confirm in WeChat, then press Retry.",
  },
  content: { zh: '请按原因修改稿件后重新签发。', en: 'Correct the article accordingly and sign it again.' },
  picture: { zh: '请更换或重新上传该图片后重新签发。', en: 'Replace or upload the picture again and sign anew.' },
  again: {
    zh: '请点“重试”；若再次出现，请把平台原话告诉运维人员。',
    en: "Press Retry; if it comes back, tell operations the platform's words.",
  },
  comment: { zh: '请在公众平台确认该文章及留言的状态。', en: 'Check the article and its comments on the platform.' },
} as const satisfies Record<string, Said>;

const retry = (delay: number, zh: string, en: string): Rule => ({ class: 'retry', delay, cause: { zh, en } });
const refresh = (zh: string, en: string): Rule => ({ class: 'refresh', cause: { zh, en } });
const wait = (until: 'midnight' | number, zh: string, en: string): Rule => ({
  class: 'wait',
  until,
  cause: { zh, en },
});
const action = (what: keyof typeof todo, zh: string, en: string): Rule => ({
  class: 'action',
  todo: todo[what],
  cause: { zh, en },
});
const permanent = (what: keyof typeof todo, zh: string, en: string): Rule => ({
  class: 'permanent',
  todo: todo[what],
  cause: { zh, en },
});

/** Every code we know, in numeric order. */
export const codes: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  [-1, retry(10, '微信系统繁忙。', 'WeChat is busy.')],
  [
    40001,
    refresh(
      '访问令牌已失效（或 AppSecret 不正确）。',
      'The access token is no longer valid (or the AppSecret is wrong).',
    ),
  ],
  [40002, action('credential', '取令牌的方式不被接受。', 'The token request was not accepted.')],
  [40003, permanent('again', '用户标识（OpenID）无效。', 'The OpenID is not valid.')],
  [40004, permanent('picture', '媒体文件类型不被接受。', 'This type of media is not accepted.')],
  [
    40005,
    permanent(
      'picture',
      '上传的文件类型不被接受（正文图片只能是 JPG、PNG）。',
      'This file type is not accepted (pictures in the text must be JPG or PNG).',
    ),
  ],
  [40006, permanent('picture', '上传的文件过大或为空。', 'The file is too large or empty.')],
  [
    40007,
    permanent(
      'again',
      '素材或草稿编号无效（可能已在公众平台被删除）。',
      'The material or draft id is not valid; it may have been deleted on the platform.',
    ),
  ],
  [40008, permanent('again', '消息类型不被接受。', 'This type of message is not accepted.')],
  [
    40009,
    permanent(
      'picture',
      '图片大小超过限制（正文图片须小于 1 MB）。',
      'The picture is too large (pictures in the text must be under 1 MB).',
    ),
  ],
  [40010, permanent('picture', '音频大小超过限制。', 'The audio is too large.')],
  [40011, permanent('picture', '视频大小超过限制。', 'The video is too large.')],
  [40012, permanent('picture', '缩略图大小超过限制。', 'The thumbnail is too large.')],
  [40013, action('credential', 'AppID 无效。', 'The AppID is not valid.')],
  [40014, refresh('访问令牌无效。', 'The access token is not valid.')],
  [
    40033,
    permanent('content', '标题或作者中含有不被接受的字符。', 'Title or author hold characters that are not accepted.'),
  ],
  [40035, permanent('content', '参数不被接受。', 'A parameter is not accepted.')],
  [40060, permanent('again', '文章序号无效。', 'The article index is not valid.')],
  [40066, permanent('content', '链接地址无效。', 'A link address is not valid.')],
  [40113, permanent('picture', '文件名或扩展名不被接受。', 'The file name or extension is not accepted.')],
  [40125, action('credential', 'AppSecret 不正确。', 'The AppSecret is wrong.')],
  [40137, permanent('picture', '图片格式不被接受。', 'The picture format is not accepted.')],
  [
    40164,
    action(
      'whitelist',
      '本系统的网络地址不在该公众号的 IP 白名单内。',
      "This hub's address is not on the account's IP whitelist.",
    ),
  ],
  [40243, action('credential', 'AppSecret 已被冻结。', 'The AppSecret is frozen.')], // [R]
  [41001, permanent('again', '请求缺少访问令牌。', 'The request lacked the access token.')],
  [41002, action('credential', '缺少 AppID。', 'The AppID is missing.')],
  [41004, action('credential', '缺少 AppSecret。', 'The AppSecret is missing.')],
  [41005, permanent('picture', '缺少媒体文件数据。', 'The media data are missing.')], // [R]
  [41006, permanent('again', '缺少素材编号。', 'The media id is missing.')], // [R]
  [42001, refresh('访问令牌已过期。', 'The access token has expired.')],
  [43001, permanent('again', '该接口须用 GET 请求。', 'This call must be a GET.')],
  [43002, permanent('again', '该接口须用 POST 请求。', 'This call must be a POST.')],
  [43003, permanent('again', '该接口须用 HTTPS。', 'This call must use HTTPS.')],
  [44001, permanent('picture', '媒体文件为空。', 'The media file is empty.')],
  [44002, permanent('again', '请求内容为空。', 'The request is empty.')],
  [44003, permanent('content', '图文内容为空。', 'The article is empty.')],
  [44004, permanent('content', '正文内容为空。', 'The text is empty.')], // [R]
  [45001, permanent('picture', '媒体文件大小超过限制。', 'The media file is too large.')],
  [45002, permanent('content', '正文超过长度限制。', 'The text is too long.')],
  [45003, permanent('content', '标题超过长度限制。', 'The title is too long.')],
  [45004, permanent('content', '摘要超过长度限制。', 'The summary is too long.')],
  [45005, permanent('content', '原文链接超过长度限制。', 'The source link is too long.')],
  [45006, permanent('content', '图片链接超过长度限制。', 'A picture link is too long.')],
  [45007, permanent('picture', '音频时长超过限制。', 'The audio is too long.')],
  [45008, permanent('content', '图文条数超过限制。', 'There are too many articles in one message.')],
  [
    45009,
    wait(
      'midnight',
      '该公众号今天的接口调用次数已用完，明天零点后自动继续。',
      "The account has used up today's calls; it goes on by itself after midnight.",
    ),
  ],
  [45011, retry(60, '调用过于频繁，稍后自动重试。', 'Called too often; it is tried again shortly.')],
  [
    45028,
    wait(
      'midnight',
      '该公众号的群发次数已用完，次日零点后自动再试；紧急信息请改用“发布”。',
      'The account has no mass sends left; it is tried again after midnight. Use plain publishing for urgent news.',
    ),
  ],
  [45034, permanent('content', '参数超过限制。', 'A parameter is over its limit.')],
  [
    45065,
    {
      class: 'duplicate',
      cause: {
        zh: '这条群发此前已经成功提交，没有重复发送。',
        en: 'This mass send was accepted before; nothing was sent twice.',
      },
    },
  ],
  [
    45066,
    retry(
      65,
      '同一条群发重试过快，一分钟后自动重试。',
      'The same mass send was repeated too fast; it is tried again in a minute.',
    ),
  ],
  [45067, permanent('again', '群发编号过长。', 'The client message id is too long.')],
  [45110, permanent('content', '作者超过长度限制。', 'The author is too long.')],
  [
    45166,
    permanent(
      'content',
      '正文不符合平台要求（过长或含不被接受的内容）。',
      "The text does not meet the platform's rules (too long, or content that is not accepted).",
    ),
  ],
  [47001, permanent('again', '请求格式不被接受。', 'The request format is not accepted.')],
  [
    48001,
    action(
      'byHand',
      '该公众号没有这个接口的权限（个人、未认证账号没有发布接口；认证过期也会失去权限）。',
      'The account has no right to this call (personal and unverified accounts cannot publish by API; an expired verification loses it too).',
    ),
  ],
  [48004, action('platform', '该公众号的接口已被封禁。', "The account's API access is banned.")],
  [
    48006,
    wait(
      'midnight',
      '清零次数已用完，明天零点后自动继续。',
      'No quota resets are left; it goes on by itself after midnight.',
    ),
  ],
  [48008, action('platform', '该公众号没有这类消息的发送权限。', 'The account may not send this type of message.')],
  [
    48021,
    action(
      'byHand',
      '自动保存的草稿须由人工打开并保存一次。',
      'An auto-saved draft must be opened and saved by a person.',
    ),
  ],
  [
    50002,
    action(
      'platform',
      '该公众号的功能受限（可能被封禁或注销中）。',
      'The account is restricted (banned, or being closed).',
    ),
  ],
  [53500, action('platform', '该公众号的发布功能已被封禁。', "The account's publishing is banned.")],
  [53501, retry(120, '发布过于频繁，稍后自动重试。', 'Published too often; it is tried again shortly.')],
  [53502, permanent('again', '发布任务编号无效。', 'The publish id is not valid.')],
  [53503, action('byHand', '草稿未通过发布前检查。', 'The draft failed the check before publishing.')],
  [53504, action('byHand', '该草稿须在公众平台网页上使用。', "The draft must be used on the platform's web site.")],
  [
    53505,
    action(
      'byHand',
      '该草稿须先在公众平台网页上手动保存。',
      "The draft must first be saved by hand on the platform's web site.",
    ),
  ],
  [
    53600,
    permanent('again', '文章编号无效（可能已被删除）。', 'The article id is not valid; it may have been deleted.'),
  ],
  [61450, retry(10, '微信系统错误，稍后自动重试。', 'A WeChat system error; it is tried again shortly.')],
  [
    88000,
    action(
      'platform',
      '该公众号没有留言权限；请在账号设置里关闭留言，或先在公众平台开通。',
      'The account has no comment right: turn comments off in its settings, or get the right on the platform.',
    ),
  ],
  [88001, permanent('comment', '该文章不存在。', 'The article does not exist.')],
  [88002, permanent('comment', '因安全原因，该文章不能使用留言。', 'Comments are closed here for safety.')],
  [88003, permanent('comment', '精选留言数已达上限。', 'There are as many featured comments as allowed.')],
  [88004, permanent('comment', '该留言已被用户删除。', 'The comment was deleted by its author.')],
  [88005, permanent('comment', '该留言已经回复过。', 'The comment has already been answered.')],
  [88007, permanent('comment', '回复为空或过长。', 'The answer is empty or too long.')],
  [88008, permanent('comment', '该留言不存在。', 'The comment does not exist.')],
  [88009, permanent('comment', '该回复不存在。', 'The answer does not exist.')],
  [88010, permanent('again', '留言条数参数超出范围。', 'The number of comments asked for is out of range.')],
  [88011, permanent('comment', '因安全原因，该留言不能操作。', 'The comment cannot be touched for safety.')],
  [
    89501,
    action(
      'administrator',
      '本系统地址的调用正在等待管理员确认。',
      "The call waits for the administrator's confirmation.",
    ),
  ],
  [
    89502,
    action('administrator', '本系统地址的调用须管理员确认。', 'The call must be confirmed by the administrator.'),
  ], // [R]
  [
    89503,
    action('administrator', '本系统地址的调用须管理员确认。', 'The call must be confirmed by the administrator.'),
  ],
  [
    89504,
    action('administrator', '本系统地址的调用须管理员确认。', 'The call must be confirmed by the administrator.'),
  ], // [R]
  [
    89505,
    action('administrator', '本系统地址的调用须管理员确认。', 'The call must be confirmed by the administrator.'),
  ], // [R]
  [
    89506,
    wait(
      24 * 3600,
      '管理员在 24 小时内两次拒绝了本系统的调用，24 小时后自动再试。请与管理员沟通。',
      'The administrator refused this hub twice; it is tried again in 24 hours. Talk to the administrator.',
    ),
  ],
  [
    89507,
    wait(
      3600,
      '管理员在 1 小时内拒绝了本系统的调用，1 小时后自动再试。请与管理员沟通。',
      'The administrator refused this hub; it is tried again in an hour. Talk to the administrator.',
    ),
  ],
]);

/** A code nobody has seen: the platform refused it, and a person reads why. */
const unseen: Rule = action(
  'again',
  '微信返回了未收录的错误码，未发布。',
  'WeChat answered with a code not on our list; nothing was published.',
);

/** A token call that is refused for its credential: renewing the token cannot help. */
const tokenCalls: readonly string[] = ['token', 'stable_token'];
const noToken: Rule = action(
  'credential',
  '微信拒绝发放访问令牌：AppID 或 AppSecret 不正确。',
  'WeChat refuses to give a token: AppID or AppSecret is wrong.',
);

export function ruleOf(code: number): Rule {
  return codes.get(code) ?? unseen;
}

/** Whether an error is this errcode. */
export function isCode(error: unknown, ...wanted: number[]): error is WeChatError {
  return error instanceof WeChatError && wanted.includes(error.code);
}

/**
 * Whether a refused second submit of one draft may mean that the first is under way: whatever is about the draft and not
 * about the account, and what nobody has seen. Which code the platform gives there is written nowhere.
 */
export function mayMeanUnderWay(code: number): boolean {
  const rule = ruleOf(code);
  if (rule === unseen || rule.class === 'permanent') return true;
  return rule.class === 'action' && rule.todo === todo.byHand && code !== 48001;
}

/** The next midnight in China, when daily quotas are renewed, with a minute of grace. */
export function nextPlatformDay(now: Date): Date {
  return new Date(nextBeijingDay(now).getTime() + 60_000);
}

/** What the platform's own words mean. What is neither its word nor its silence is our own fault, and tells nothing of what is public. */
export function classify(error: unknown, now: Date): Disposition {
  if (error instanceof WeChatError) {
    const rule = ruleOf(error.code);
    return fromRule(rule.class === 'refresh' && tokenCalls.includes(error.call) ? noToken : rule, error, now);
  }
  if (error instanceof Unanswered) {
    return {
      class: 'unknown',
      cause: {
        zh: '发布请求已发出，但没有收到微信的答复。',
        en: 'The publish request was sent, but WeChat did not answer.',
      },
      platform: { code: 'no-answer', words: error.message },
    };
  }
  if (error instanceof NoAnswer) {
    return {
      class: 'retry',
      delay: 10,
      platform: { code: 'no-answer', words: error.message },
      cause: { zh: '没有收到微信的答复，稍后自动重试。', en: 'WeChat did not answer; it is asked again shortly.' },
    };
  }
  if (error instanceof GatewayError) {
    return {
      class: 'retry',
      delay: error.retryAfter ?? 15,
      platform: { code: `HTTP ${error.status}`, words: error.words },
      cause: { zh: '微信服务器暂时没有正常答复。', en: "WeChat's server did not answer properly." },
    };
  }
  if (error instanceof BudgetSpent)
    return {
      class: 'wait',
      until: nextPlatformDay(now),
      cause: {
        zh: '该公众号今天的常规发布额度（八成）已用完，余下留给应急发布；次日零点（北京时间）后自动继续。',
        en: "This account's routine share (80 %) of today's calls is used up, the rest is kept for emergencies; it goes on after midnight, Beijing time.",
      },
    };
  if (error instanceof NotYet)
    return {
      class: 'retry',
      delay: 60,
      cause: {
        zh: '微信仍在处理这篇文章，稍后自动重试。',
        en: 'WeChat is still working on this article; it is tried again shortly.',
      },
    };
  if (error instanceof TransportError && error.reason === 'not-allowed') {
    return {
      class: 'action',
      platform: { code: error.reason, words: error.message },
      cause: {
        zh: '该账号的接口地址指向内部网络，已拒绝访问。',
        en: "The account's endpoint is an inner address and was refused.",
      },
      todo: {
        zh: '请核对账号设置里的接口地址；确需访问内网时请运维人员放行。',
        en: "Check the endpoint in the account's settings, or have operations allow it.",
      },
    };
  }
  if (error instanceof TransportError) {
    const platform = { code: error.reason, words: error.message };
    return error.mayHaveLanded
      ? { class: 'unknown', platform, cause: { zh: '没有收到微信的答复。', en: 'WeChat did not answer.' } }
      : {
          class: 'retry',
          delay: 10,
          platform,
          cause: { zh: '连接微信服务器失败。', en: 'WeChat could not be reached.' },
        };
  }
  return {
    class: 'unknown',
    platform: { code: 'internal', words: error instanceof Error ? error.message : String(error) },
    cause: {
      zh: '本系统内部出错，不是微信的答复；是否已经发布须再核实。',
      en: 'A fault of this system, not an answer of WeChat; whether anything was published has to be looked up.',
    },
  };
}

function fromRule(rule: Rule, error: WeChatError, now: Date): Disposition {
  const { cause } = rule;
  const platform = error.platform;
  switch (rule.class) {
    case 'retry':
      return { class: 'retry', delay: rule.delay, cause, platform };
    case 'refresh':
      return { class: 'refresh', cause, platform };
    case 'wait':
      return {
        class: 'wait',
        until: rule.until === 'midnight' ? nextPlatformDay(now) : new Date(now.getTime() + rule.until * 1000),
        cause,
        platform,
      };
    case 'duplicate':
      return {
        class: 'duplicate',
        cause,
        platform,
        ...(error.messageId !== undefined && {
          remote: { id: error.messageId, extra: { kind: 'mass', messageId: error.messageId } },
        }),
      };
    case 'action':
      return {
        class: 'action',
        todo: rule.todo,
        cause,
        platform,
        ...(rule.todo === todo.credential && { credential: true }),
      };
    case 'permanent':
      return { class: 'permanent', todo: rule.todo, cause, platform };
  }
}
