/** What an error means. What is not the platform's own word is judged here, once for all channels. */
import { ZodError } from 'zod';
import type { Channel, Disposition, Said } from '../../channels/channel.js';
import { isStorageAway } from '../../channels/files.js';
import { TransportError } from '../../channels/outbound.js';

/** `ours`: a fault of our own, which no waiting mends. `pause`: the hub's own storage is away, which is nobody's to decide: it goes on when it is back. */
export type Judgement = Disposition & { ours?: true; pause?: true };

/** `left`: a request that makes something public has left in this step, so a fault after it leaves a doubt. */
export function judge(channel: Channel, error: unknown, left: boolean): Judgement {
  if (isStorageAway(error)) return afterLeaving(ourStorage(error), left);
  if (error instanceof TransportError) return transport(error, left);
  if (isOurBug(error)) return afterLeaving(ourBug(error), left);
  if (isCalledOff(error)) return afterLeaving({ class: 'retry', delay: 5, cause: tooSlow }, left);
  if (isSystemFault(error)) return afterLeaving(systemFault(error), left);
  if (isRedisFault(error)) return afterLeaving({ class: 'retry', delay: 2, cause: queueAway }, left);
  return channel.classify(error, new Date());
}

function ourStorage(error: unknown): Judgement {
  const platform = { code: 'storage', words: error instanceof Error ? error.message : '' };
  return { class: 'retry', delay: 3, cause: storageAway, platform, pause: true };
}

function transport(error: TransportError, left: boolean): Judgement {
  const platform = { code: error.reason, words: error.message };
  if (error.retryAt) return { class: 'wait', until: error.retryAt, cause: leftAlone, platform };
  if (error.reason === 'not-allowed') return { class: 'permanent', cause: notAllowed, todo: checkAddress, platform };
  // A preparation that got no answer has made nothing public.
  if (error.mayHaveLanded && left) return { class: 'unknown', cause: noAnswer, platform };
  return { class: 'retry', delay: 1, cause: error.mayHaveLanded ? slowAnswer : noConnection, platform };
}

function afterLeaving(judgement: Judgement, left: boolean): Judgement {
  if (!left) return judgement;
  const { cause, platform, ours, pause } = judgement;
  return { class: 'unknown', cause, ...(platform && { platform }), ...(ours && { ours }), ...(pause && { pause }) };
}

/** The kinds of error that a program makes and a platform doesn't. */
function isOurBug(error: unknown): error is Error {
  return (
    error instanceof TypeError ||
    error instanceof ReferenceError ||
    error instanceof RangeError ||
    error instanceof SyntaxError ||
    error instanceof ZodError
  );
}

function ourBug({ name, message }: Error): Judgement {
  return { class: 'retry', delay: 5, cause: broken, platform: { code: name, words: message }, ours: true };
}

function isCalledOff(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}

/** Disk, files, sockets of this machine. */
function isSystemFault(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && typeof (error as NodeJS.ErrnoException).code === 'string';
}

/** A master that has gone in the middle, in the words of its client or its own: no platform speaks so. */
function isRedisFault(error: unknown): boolean {
  return (
    error instanceof Error &&
    (/^(?:ReplyError|MaxRetriesPerRequestError|ClusterAllFailedError)$/.test(error.name) ||
      /^(?:Connection is closed|Command timed out|Too many Cluster redirections)/.test(error.message))
  );
}

function systemFault({ code = '', message }: NodeJS.ErrnoException): Judgement {
  return { class: 'retry', delay: 10, cause: machine, platform: { code, words: message } };
}

const said = (zh: string, en: string): Said => ({ zh, en });
const leftAlone = said(
  '平台连续无响应，暂停片刻后自动恢复。',
  'The platform keeps failing; it is left alone for a moment and tried again by itself.',
);
const notAllowed = said('该地址不允许访问。', 'This address may not be reached.');
const checkAddress = said(
  '请检查账号设置中的地址；内网地址须由运维放行。',
  'Check the address in the account’s settings; an inner address must be allowed by operations.',
);
const noAnswer = said('请求已发出，但没有得到答复。', 'The request left, and no answer came.');
const slowAnswer = said(
  '平台没有及时答复，内容尚未发出，稍后自动再试。',
  'The platform did not answer in time; nothing was sent yet, and it is tried again by itself.',
);
const noConnection = said(
  '无法连接平台，稍后自动再试。',
  'The platform cannot be reached; it is tried again by itself.',
);
const tooSlow = said('本次操作超时，稍后自动再试。', 'This took too long; it is tried again by itself.');
const queueAway = {
  zh: '发布队列（Redis）刚换了主机或暂时连不上，稍后自动再试。',
  en: 'Redis has just changed hands or cannot be reached; it is tried again by itself.',
};
const storageAway = said(
  '文件存储暂时连不上，恢复后自动继续。',
  'The file storage cannot be reached; it goes on by itself when it is back.',
);
const machine = said('本机磁盘或系统出错，稍后自动再试。', 'This machine’s disk or system failed; it is tried again.');
const broken = said('程序内部出错。', 'The program itself failed.');
