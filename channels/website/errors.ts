/**
 * What can go wrong on a website, as a table. Micropub's error codes: W3C Recommendation 2017-05-23, section 3.8;
 * `insufficient_scope` is 401 there and 403 in the later draft, so the code decides and not the status.
 */
import { retryAfter } from '../retry-after.js';
import { z } from 'zod';
import type { Disposition, PlatformWords, Said } from '../channel.js';
import { fileCode, isStorageAway } from '../files.js';
import { TransportError, type OutboundAnswer } from '../outbound.js';
import { OlderSite } from './site/older.js';

/** The site answered, and not with yes. */
export class MicropubError extends Error {
  override name = 'MicropubError';
  readonly call: MicropubCall;
  readonly status: number;
  /** The protocol's own code, if the body held one. */
  readonly code: string | undefined;
  readonly platform: PlatformWords;
  readonly retryAfter: string | undefined;

  constructor(call: MicropubCall, answer: OutboundAnswer) {
    const said = errorBody(answer);
    super(`${call}: ${answer.status} ${said?.error ?? ''}`.trim());
    this.call = call;
    this.status = answer.status;
    this.code = said?.error;
    this.retryAfter = header(answer, 'retry-after');
    const requestId = header(answer, 'x-request-id');
    this.platform = {
      code: said ? `${answer.status} ${said.error}` : String(answer.status),
      words:
        said?.error_description ??
        said?.error ??
        answer
          .text()
          .replace(/<[^>]*>/g, ' ')
          .replace(/\s+/g, ' ')
          .trim()
          .slice(0, 300),
      ...(requestId !== undefined && { requestId }),
    };
  }
}

/** No answer came to this call. */
export class MicropubSilence extends Error {
  override name = 'MicropubSilence';
  readonly call: MicropubCall;
  readonly transport: TransportError;

  constructor(call: MicropubCall, transport: TransportError) {
    super(`${call}: ${transport.reason}`);
    this.call = call;
    this.transport = transport;
  }
}

/** The site said something that the protocol does not know. */
export class StrangeAnswer extends Error {
  override name = 'StrangeAnswer';
  readonly call: MicropubCall;
  readonly platform: PlatformWords;

  constructor(call: MicropubCall, platform: PlatformWords) {
    super(`${call}: ${platform.words}`);
    this.call = call;
    this.platform = platform;
  }
}

/** Nothing was sent, for want of a token. */
export class NoToken extends Error {
  override name = 'NoToken';
}

/** A site without a media endpoint cannot take pictures: JSON has no place for them. */
export class NoMediaEndpoint extends Error {
  override name = 'NoMediaEndpoint';
}

/** The disk, the storage or a lock of our own site failed after the first file of a change may have been written. */
export class HalfWritten extends Error {
  override name = 'HalfWritten';

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** The page could not be read just now. */
export class PageUnreadable extends Error {
  override name = 'PageUnreadable';
  readonly platform: PlatformWords;

  constructor(platform: PlatformWords) {
    super(platform.words);
    this.platform = platform;
  }
}

export type MicropubCall = 'create' | 'update' | 'delete' | 'source' | 'config' | 'media' | 'page';

const bodySchema = z.object({ error: z.string().min(1), error_description: z.string().optional() });

function errorBody(answer: OutboundAnswer): z.output<typeof bodySchema> | undefined {
  try {
    return bodySchema.safeParse(JSON.parse(answer.text())).data;
  } catch {
    return undefined;
  }
}

export function header(answer: OutboundAnswer, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

const renewToken: Said = {
  zh: '请在该网站后台重新授权，把新令牌填入账号，停下的投递随后自动继续。',
  en: 'Authorise again on the site and put the new token into the account; the stopped deliveries then go on by themselves.',
};
const widenToken: Said = {
  zh: '请在该网站后台给令牌加上 create、update、delete、media 权限，再点“重试”。',
  en: 'Give the token the scopes create, update, delete and media on the site, and retry.',
};
const askSite: Said = {
  zh: '请把平台原话交给该网站的运维人员处理，处理后点“重试”。',
  en: 'Pass the site’s own words to those who run it; retry when it is settled.',
};

type Row = { cause: Said } & (
  | { class: 'action'; todo: Said; credential?: true }
  | { class: 'permanent'; todo: Said }
  | { class: 'retry'; delay: number }
);

/** By the protocol's code first, then by status. */
export const table: Readonly<Record<string, Row>> = {
  unauthorized: {
    class: 'action',
    cause: { zh: '网站不认这个令牌。', en: 'The site does not accept the token.' },
    todo: renewToken,
    credential: true,
  },
  insufficient_scope: {
    class: 'action',
    cause: { zh: '令牌没有这项操作的权限。', en: 'The token lacks the scope for this.' },
    todo: widenToken,
  },
  forbidden: {
    class: 'action',
    cause: { zh: '网站不允许这个令牌所属的用户做这项操作。', en: 'The site does not let this user do this.' },
    todo: widenToken,
  },
  invalid_request: {
    class: 'permanent',
    cause: { zh: '网站认为请求不合要求。', en: 'The site finds the request invalid.' },
    todo: {
      zh: '请对照平台原话修改稿件；若提示不支持 JSON，则该网站无法接收带格式的正文。',
      en: 'Correct the release by the site’s own words; if it says that JSON is unsupported, the site cannot take formatted text.',
    },
  },
  not_found: {
    class: 'action',
    cause: { zh: '网站上没有这个地址。', en: 'The site does not know this address.' },
    todo: {
      zh: '请核对账号中的接口地址和该文章是否已被删除。',
      en: 'Check the account’s endpoint, and whether the post has been deleted.',
    },
  },
  400: {
    class: 'permanent',
    cause: { zh: '网站认为请求不合要求。', en: 'The site finds the request invalid.' },
    todo: askSite,
  },
  401: {
    class: 'action',
    cause: { zh: '网站不认这个令牌。', en: 'The site does not accept the token.' },
    todo: renewToken,
    credential: true,
  },
  403: { class: 'action', cause: { zh: '网站拒绝了这项操作。', en: 'The site refuses this.' }, todo: widenToken },
  404: {
    class: 'action',
    cause: { zh: '接口地址不存在。', en: 'There is no such endpoint.' },
    todo: { zh: '请核对账号中的接口地址（Micropub endpoint）。', en: 'Check the account’s Micropub endpoint.' },
  },
  405: {
    class: 'action',
    cause: { zh: '这个地址不接受发布。', en: 'This address takes no posts.' },
    todo: { zh: '请核对账号中的接口地址（Micropub endpoint）。', en: 'Check the account’s Micropub endpoint.' },
  },
  409: {
    class: 'action',
    cause: { zh: '网站说与已有内容冲突。', en: 'The site says that this conflicts with what it has.' },
    todo: {
      zh: '请在网站上查看是否已有同一篇文章，再决定是否重发。',
      en: 'See whether the article is already on the site before sending it again.',
    },
  },
  410: {
    class: 'action',
    cause: { zh: '这篇文章在网站上已被删除。', en: 'The post has been deleted on the site.' },
    todo: askSite,
  },
  413: {
    class: 'permanent',
    cause: { zh: '内容或图片超过网站允许的大小。', en: 'The text or a picture is larger than the site allows.' },
    todo: { zh: '请压缩图片或精简正文，再重新签发。', en: 'Make pictures or text smaller, and sign again.' },
  },
  415: {
    class: 'permanent',
    cause: {
      zh: '网站不接受 JSON，无法接收带格式的正文。',
      en: 'This server lacks JSON, so it cannot take formatted text.',
    },
    todo: {
      zh: '请网站运维人员启用 Micropub 的 JSON 格式。',
      en: 'Ask those who run the site to enable Micropub’s JSON syntax.',
    },
  },
  422: {
    class: 'permanent',
    cause: { zh: '网站不能处理这篇内容。', en: 'The site cannot process this content.' },
    todo: askSite,
  },
};

const silence: Said = {
  zh: '请求已发出，但没有收到网站的答复，不知道是否发布成功。',
  en: 'Sent, but the site gave no answer: the outcome is unknown.',
};

/** Rows for the file system beneath our own site. */
const fileRows: Readonly<Record<string, Row>> = {
  ENOSPC: {
    class: 'action',
    cause: { zh: '磁盘已满，页面没有写入。', en: 'The disk is full; the page was not written.' },
    todo: { zh: '请清理磁盘空间，再点“重试”。', en: 'Free some space, and retry.' },
  },
  EDQUOT: {
    class: 'action',
    cause: { zh: '磁盘配额已用完，页面没有写入。', en: 'The disk quota is used up; the page was not written.' },
    todo: { zh: '请扩大配额，再点“重试”。', en: 'Raise the quota, and retry.' },
  },
  EACCES: {
    class: 'action',
    cause: { zh: '没有权限写入网站目录。', en: 'The site’s folder may not be written.' },
    todo: {
      zh: '请检查数据目录的所有者和权限，再点“重试”。',
      en: 'Check owner and permissions of the data folder, and retry.',
    },
  },
  EPERM: {
    class: 'action',
    cause: { zh: '没有权限写入网站目录。', en: 'The site’s folder may not be written.' },
    todo: {
      zh: '请检查数据目录的所有者和权限，再点“重试”。',
      en: 'Check owner and permissions of the data folder, and retry.',
    },
  },
  EROFS: {
    class: 'action',
    cause: { zh: '网站目录所在的磁盘是只读的。', en: 'The disk of the site’s folder is read-only.' },
    todo: { zh: '请检查磁盘，再点“重试”。', en: 'Check the disk, and retry.' },
  },
  EMFILE: { class: 'retry', delay: 5, cause: { zh: '打开的文件过多。', en: 'Too many open files.' } },
  EIO: {
    class: 'action',
    cause: { zh: '磁盘读写出错。', en: 'The disk reports an error.' },
    todo: { zh: '请立即检查磁盘。', en: 'Check the disk at once.' },
  },
};

export function classify(error: unknown, now: Date): Disposition {
  if (error instanceof MicropubError) return ofAnswer(error, now);
  if (error instanceof MicropubSilence) return ofSilence(error.call, error.transport);
  if (error instanceof TransportError) return ofSilence('page', error);
  if (error instanceof PageUnreadable)
    return {
      class: 'retry',
      delay: 30,
      platform: error.platform,
      cause: { zh: '暂时读不到公开页面。', en: 'The public page cannot be read just now.' },
    };
  if (error instanceof NoToken)
    return {
      class: 'action',
      cause: { zh: '账号没有填写令牌。', en: 'The account has no token.' },
      todo: renewToken,
      credential: true,
    };
  if (error instanceof NoMediaEndpoint) {
    return {
      class: 'permanent',
      cause: {
        zh: '该网站没有媒体接口，无法接收图片和附件。',
        en: 'The site has no media endpoint, so it cannot take pictures or attachments.',
      },
      todo: {
        zh: '请该网站启用 Micropub 媒体接口，或改发不带图片和附件的稿件。',
        en: 'Have the site enable Micropub’s media endpoint, or send a release without pictures and attachments.',
      },
    };
  }
  if (error instanceof StrangeAnswer) {
    if (error.call === 'create')
      return {
        class: 'unknown',
        cause: { zh: '网站答复成功，但没有给出文章地址。', en: 'The site said yes without an address.' },
        platform: error.platform,
      };
    return {
      class: 'action',
      cause: { zh: '网站的答复不合 Micropub 规范。', en: 'The site’s answer does not follow Micropub.' },
      todo: askSite,
      platform: error.platform,
    };
  }
  if (error instanceof HalfWritten) {
    return {
      class: 'unknown',
      cause: {
        zh: `写页面时出错（${error.message}），可能已经公开。`,
        en: `Writing the page failed (${error.message}); it may be public already.`,
      },
      platform: { code: fileCode(error.cause) || 'busy', words: error.message },
    };
  }
  if (error instanceof OlderSite)
    return { class: 'action', ...olderSite, platform: { code: 'older', words: error.message } };
  return isOfTheGround(error) ? ofGround(error) : ofNobody(error);
}

const olderSite = {
  cause: {
    zh: '这个站点的目录由 0.1.0 版写入，其中的文章记录本版无法读取。',
    en: 'The folder of this site was written by version 0.1.0, whose records of articles this version cannot read.',
  },
  todo: {
    zh: '请把数据目录 website 下该站点的目录移到别处留存，再发布；已移走的页面可由任意网页服务器继续提供。',
    en: 'Move the site’s folder under the data folder’s website/ elsewhere and publish again; any web server can go on showing the moved pages.',
  },
} satisfies { cause: Said; todo: Said };

function ofAnswer(error: MicropubError, now: Date): Disposition {
  const { platform, status, code } = error;
  if (status === 429 || (status === 503 && error.retryAfter !== undefined)) {
    return {
      class: 'wait',
      until: until(error.retryAfter, now),
      platform,
      cause: { zh: '网站要求稍后再发。', en: 'The site asks to wait.' },
    };
  }
  const row = table[code ?? ''] ?? table[status];
  if (status < 500 && row) return { ...row, platform };
  if (status >= 500) {
    // Without the protocol's own error body a fault may have struck after the post was stored.
    if (error.call === 'create' && code === undefined)
      return {
        class: 'unknown',
        platform,
        cause: { zh: '网站内部出错，不知道是否已经发布。', en: 'The site failed inside; the outcome is unknown.' },
      };
    return {
      class: 'retry',
      delay: 60,
      platform,
      cause: { zh: '网站内部出错，稍后再试。', en: 'The site failed inside; it will be tried again.' },
    };
  }
  return {
    class: 'action',
    platform,
    cause: { zh: '网站给出了没有见过的答复。', en: 'The site gave an answer never seen before.' },
    todo: askSite,
  };
}

/** What may have changed what the public sees is unknown until looked at: a late update would overwrite a newer one. Uploads and reading may be repeated. */
function ofSilence(call: MicropubCall, transport: TransportError): Disposition {
  const platform = { code: transport.reason, words: transport.message };
  if (transport.reason === 'not-allowed') {
    return {
      class: 'action',
      platform,
      cause: {
        zh: '该网站的地址在内部网络，不允许访问。',
        en: 'The site’s address is inside the network and may not be reached.',
      },
      todo: {
        zh: '若确需访问，请运维人员把它加入 LIANFA_ALLOW_INNER。',
        en: 'If it must be reached, have it added to LIANFA_ALLOW_INNER.',
      },
    };
  }
  if (!transport.mayHaveLanded)
    return { class: 'retry', delay: 30, platform, cause: { zh: '连不上网站。', en: 'The site cannot be reached.' } };
  return call === 'create' || call === 'update' || call === 'delete'
    ? { class: 'unknown', platform, cause: silence }
    : {
        class: 'retry',
        delay: 30,
        platform,
        cause: { zh: '网站没有答复，稍后再试。', en: 'The site gave no answer; it will be tried again.' },
      };
}

/** Whether it is the file system or the storage beneath our own site that speaks, or the lock beside it. */
export function isOfTheGround(error: unknown): boolean {
  return fileCode(error) !== '' || isLock(error) || isStorageAway(error);
}

function isLock(error: unknown): boolean {
  return error instanceof Error && /^lock "/.test(error.message);
}

function ofGround(error: unknown): Disposition {
  const code = fileCode(error);
  const words = error instanceof Error ? error.message : String(error);
  const row = fileRows[code];
  if (row) return { ...row, platform: { code, words } };
  if (isStorageAway(error))
    return {
      class: 'retry',
      delay: 10,
      platform: { code: 'storage', words },
      cause: { zh: '文件存储暂时连不上。', en: 'The file storage cannot be reached just now.' },
    };
  if (isLock(error))
    return {
      class: 'retry',
      delay: 10,
      platform: { code: 'busy', words },
      cause: { zh: '网站正在被其他进程更新。', en: 'Another process is updating the site.' },
    };
  return {
    class: 'action',
    platform: { code, words },
    cause: { zh: '网站目录读写出错。', en: 'The site’s folder cannot be read or written.' },
    todo: { zh: '请把这条记录交给运维人员，再点“重试”。', en: 'Pass this record to the operators, then retry.' },
  };
}

/** Neither a platform nor the disk has said this, so nothing follows from it about what the public sees. */
function ofNobody(error: unknown): Disposition {
  const words = error instanceof Error ? error.message : String(error);
  return {
    class: 'unknown',
    cause: {
      zh: `程序出错：${words}。不知道是否已经公开。`,
      en: `A fault in the program: ${words}. Whether it is public is unknown.`,
    },
  };
}

/** Retry-After as seconds or a date; a minute where it is neither, a day at most by its word alone. */
function until(header: string | undefined, now: Date): Date {
  const wait = retryAfter(header, now, 24 * 3_600) ?? 60;
  return new Date(now.getTime() + wait * 1_000);
}
