/** Callbacks to the account's server: plain or AES, repeated until answered (three times, 5 s each), or out of line on demand. */
import { createHash, randomBytes } from 'node:crypto';
import { encrypt, getSignature } from '@wecom/crypto';
import { request } from 'undici';
import { publishResult } from './publishing.js';
import { credentialsOf, type AccountState, type CallbackTarget, type Job, type World } from './world.js';

export interface SentCallback {
  appid: string;
  id: string;
  attempt: number;
  /** HTTP status, or 0 where no answer came within 5 s. */
  status: number;
}

export interface Sending {
  times?: number;
  delay?: number;
  /** Signed with another token, as somebody else would. */
  forge?: boolean;
  /** Seconds that the timestamp lies in the past. */
  age?: number;
}

const patience = 5_000;

export class CallbackSender {
  readonly sent: SentCallback[] = [];
  private readonly world: World;
  private readonly timers = new Set<NodeJS.Timeout>();
  private closed = false;

  constructor(world: World) {
    this.world = world;
  }

  /** Sends the outcome of a finished job; repeats it as the platform does where it is not answered. */
  send(account: AccountState, job: Job, options: Sending = {}): void {
    const target = account.callback;
    if (!target) return;
    for (let copy = 0; copy < (options.times ?? 1); copy += 1)
      this.later(options.delay ?? 0, () => this.attempt(account, target, job, options, 1));
  }

  close(): void {
    this.closed = true;
    for (const timer of this.timers) clearTimeout(timer);
  }

  later(ms: number, work: () => unknown): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void work();
    }, ms);
    timer.unref();
    this.timers.add(timer);
  }

  private async attempt(
    account: AccountState,
    target: CallbackTarget,
    job: Job,
    options: Sending,
    attempt: number,
  ): Promise<void> {
    if (this.closed) return;
    const { url, body } = message(this.world, account, target, job, options);
    let status = 0;
    try {
      const answer = await request(url, {
        method: 'POST',
        headers: { 'content-type': 'text/xml' },
        body,
        headersTimeout: patience,
        bodyTimeout: patience,
      });
      await answer.body.dump();
      status = answer.statusCode;
    } catch {
      status = 0;
    }
    this.sent.push({ appid: account.appid, id: job.id, attempt, status });
    if (status !== 200 && attempt < 3 && !options.forge)
      this.later(status === 0 ? 0 : patience, () => this.attempt(account, target, job, options, attempt + 1));
  }
}

function message(
  world: World,
  account: AccountState,
  target: CallbackTarget,
  job: Job,
  options: Sending,
): { url: string; body: string } {
  const { token, aesKey } = credentialsOf(account.appid);
  const secret = options.forge ? 'not-the-token' : token;
  const timestamp = String(Math.floor(world.now() / 1000) - (options.age ?? 0));
  const nonce = String(randomBytes(4).readUInt32BE());
  const plain = eventXml(world, account, job);
  const query = new URLSearchParams({
    signature: createHash('sha1').update([secret, timestamp, nonce].sort().join('')).digest('hex'),
    timestamp,
    nonce,
    openid: 'oSandboxPlatform',
  });
  if (target.mode === 'plain') return { url: withQuery(target.url, query), body: plain };
  const cipher = encrypt(aesKey, plain, account.appid);
  query.set('encrypt_type', 'aes');
  query.set('msg_signature', getSignature(secret, timestamp, nonce, cipher));
  return {
    url: withQuery(target.url, query),
    body: `<xml><ToUserName><![CDATA[gh_${account.appid.slice(-12)}]]></ToUserName><Encrypt><![CDATA[${cipher}]]></Encrypt></xml>`,
  };
}

function withQuery(url: string, query: URLSearchParams): string {
  return `${url}${url.includes('?') ? '&' : '?'}${query.toString()}`;
}

/** PUBLISHJOBFINISH and MASSSENDJOBFINISH as documented. */
export function eventXml(world: World, account: AccountState, job: Job): string {
  const head = `<ToUserName><![CDATA[gh_${account.appid.slice(-12)}]]></ToUserName><FromUserName><![CDATA[oSandboxPlatform]]></FromUserName><CreateTime>${Math.floor(job.readyAt / 1000)}</CreateTime><MsgType><![CDATA[event]]></MsgType>`;
  const result = publishResult(world, job);
  if (job.kind === 'publish') {
    const detail = result.article_detail
      ? `<article_id><![CDATA[${result.article_id ?? ''}]]></article_id><article_detail><count>${result.article_detail.count}</count>${result.article_detail.item.map(({ idx, article_url }) => `<item><idx>${idx}</idx><article_url><![CDATA[${article_url}]]></article_url></item>`).join('')}</article_detail>`
      : result.fail_idx.map((idx) => `<fail_idx>${idx}</fail_idx>`).join('');
    return `<xml>${head}<Event><![CDATA[PUBLISHJOBFINISH]]></Event><PublishEventInfo><publish_id>${job.id}</publish_id><publish_status>${result.publish_status}</publish_status>${detail}</PublishEventInfo></xml>`;
  }
  const urls = result.article_detail?.item ?? [];
  return (
    `<xml>${head}<Event><![CDATA[MASSSENDJOBFINISH]]></Event><MsgID>${job.id}</MsgID><Status><![CDATA[${job.outcome === 0 ? 'send success' : 'send fail'}]]></Status>` +
    '<TotalCount>100</TotalCount><FilterCount>100</FilterCount><SentCount>100</SentCount><ErrorCount>0</ErrorCount>' +
    `<ArticleUrlResult><Count>${urls.length}</Count><ResultList>${urls.map(({ idx, article_url }) => `<item><ArticleIdx>${idx}</ArticleIdx><ArticleUrl><![CDATA[${article_url}]]></ArticleUrl></item>`).join('')}</ResultList></ArticleUrlResult></xml>`
  );
}
