/**
 * The calls of the open platform that this channel makes. A post carries the token in its form; a read carries it in
 * the header, so that no address in anybody's log holds it.
 */
import { retryAfter } from '../retry-after.js';
import { FormData } from 'undici';
import { z } from 'zod';
import type { Call, StepCall } from '../channel.js';
import { TransportError, type OutboundAnswer, type OutboundOptions } from '../outbound.js';
import { spend, type Purpose } from './budget.js';
import { GatewayError, Unreachable, WeiboError } from './errors.js';
import type { WeiboAccount } from './settings.js';

export interface PicturePart {
  bytes: Buffer;
  mime: string;
}

/** `idstr` first: the number in `id` loses precision, in the platform's own sample too. */
const named = z
  .object({ idstr: z.string().optional(), mid: z.string().optional() })
  .refine(({ idstr, mid }) => Boolean(idstr ?? mid), 'neither idstr nor mid');

const shown = z.object({
  idstr: z.string().optional(),
  mid: z.string().optional(),
  text: z.string(),
  created_at: z.string().default(''),
  truncated: z.boolean().optional().catch(undefined),
  isLongText: z.boolean().optional().catch(undefined),
  original_pic: z.string().optional().catch(undefined),
  pic_ids: z.array(z.unknown()).optional().catch(undefined),
  pic_urls: z.array(z.unknown()).optional().catch(undefined),
  deleted: z.unknown().optional(),
  visible: z.object({ type: z.number() }).optional().catch(undefined),
});

export interface Post {
  id: string;
  mid: string;
  text: string;
  /** NaN where the platform gave no date. */
  at: number;
  pictures: number;
  /** The platform shows only the beginning. */
  cut: boolean;
  deleted: boolean;
  /** 0 is everybody. */
  visibleTo: number;
}

function postOf(status: z.output<typeof shown>): Post {
  const pictures = Math.max(status.pic_ids?.length ?? 0, status.pic_urls?.length ?? 0, status.original_pic ? 1 : 0);
  const id = status.idstr ?? status.mid ?? '';
  return {
    id,
    mid: status.mid ?? id,
    text: status.text,
    at: Date.parse(status.created_at),
    pictures,
    cut: Boolean(status.truncated ?? status.isLongText),
    deleted: status.deleted === '1' || status.deleted === 1,
    visibleTo: status.visible?.type ?? 0,
  };
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** Posts. Answers the ids of the new post. Throws `DoorClosed` where it may no longer. */
export async function share(
  account: WeiboAccount,
  call: StepCall,
  status: string,
  picture?: PicturePart,
): Promise<{ id: string; mid: string }> {
  await spend(account, call, 'post');
  const { settings, credentials } = account;
  const url = `${settings.endpoint}/2/statuses/share.json`;
  await call.leave();
  const answer = await call.http.request(
    url,
    picture
      ? { method: 'POST', body: withPicture(account, status, picture), signal: call.signal, timeout: 60_000 }
      : {
          method: 'POST',
          headers: form,
          body: `access_token=${encodeURIComponent(credentials.accessToken)}&rip=${encodeURIComponent(settings.rip)}&status=${encodeURIComponent(status)}`,
          signal: call.signal,
        },
  );
  const { idstr, mid } = read('statuses/share', answer, named);
  const id = idstr ?? mid ?? '';
  return { id, mid: mid ?? id };
}

function withPicture({ settings, credentials }: WeiboAccount, status: string, { bytes, mime }: PicturePart): FormData {
  const parts = new FormData();
  parts.append('access_token', credentials.accessToken);
  parts.append('rip', settings.rip);
  parts.append('status', status);
  parts.append('pic', new Blob([Uint8Array.from(bytes)], { type: mime }), `picture.${mime.slice('image/'.length)}`);
  return parts;
}

/** The account's newest posts made by this app, newest first: at most five for an ordinary app, whatever is asked for. */
export async function userTimeline(account: WeiboAccount, call: Call): Promise<Post[]> {
  const answer = await get(
    account,
    call,
    'statuses/user_timeline',
    { uid: account.settings.uid, base_app: '1', count: '5' },
    'find',
  );
  return read('statuses/user_timeline', answer, z.object({ statuses: z.array(shown) })).statuses.map(postOf);
}

/** Throws `WeiboError` 20101 where there is no such post. */
export async function show(account: WeiboAccount, call: Call, id: string): Promise<Post> {
  return postOf(read('statuses/show', await get(account, call, 'statuses/show', { id }, 'read'), shown));
}

/** Deletes; it cannot be undone. Throws `DoorClosed` where it may no longer. */
export async function destroy(account: WeiboAccount, call: StepCall, id: string): Promise<void> {
  read('statuses/destroy', await post(account, call, 'statuses/destroy', { id }, () => call.leave()), named);
}

export interface Counts {
  id: string;
  comments: number;
  reposts: number;
  attitudes: number;
}

/** Posts that do not exist are left out by the platform. `ids`: at most 100. */
export async function count(account: WeiboAccount, call: Call, ids: readonly string[]): Promise<Counts[]> {
  const row = z.object({
    id: z.union([z.string(), z.number()]).transform(String),
    comments: z.number(),
    reposts: z.number(),
    attitudes: z.number().default(0),
  });
  return read(
    'statuses/count',
    await get(account, call, 'statuses/count', { ids: ids.join(',') }, 'read'),
    z.array(row),
  );
}

const commentShape = z.object({
  idstr: z.string().optional(),
  mid: z.string().optional(),
  text: z.string(),
  created_at: z.string().default(''),
  user: z.object({ idstr: z.string().optional(), screen_name: z.string().optional() }).optional(),
});

export interface Comment {
  id: string;
  text: string;
  at: number;
  author: string;
}

function commentOf({ idstr, mid, text, created_at, user }: z.output<typeof commentShape>): Comment {
  return { id: idstr ?? mid ?? '', text, at: Date.parse(created_at), author: user?.screen_name ?? user?.idstr ?? '' };
}

/** Comments under a post, newest first. `page` from 1, 50 to a page. */
export async function commentsShow(
  account: WeiboAccount,
  call: Call,
  id: string,
  page = 1,
): Promise<{ comments: Comment[]; total: number }> {
  const answer = await get(account, call, 'comments/show', { id, page: String(page), count: '50' }, 'read');
  const { comments, total_number } = read(
    'comments/show',
    answer,
    z.object({ comments: z.array(commentShape), total_number: z.number() }),
  );
  return { comments: comments.map(commentOf), total: total_number };
}

/** `comment`: at most 140 characters by the platform's count. */
export async function commentsCreate(account: WeiboAccount, call: Call, id: string, comment: string): Promise<Comment> {
  return commentOf(
    read(
      'comments/create',
      await post(account, call, 'comments/create', { id, comment, rip: account.settings.rip }),
      commentShape,
    ),
  );
}

export async function commentsReply(
  account: WeiboAccount,
  call: Call,
  id: string,
  cid: string,
  comment: string,
): Promise<Comment> {
  return commentOf(
    read(
      'comments/reply',
      await post(account, call, 'comments/reply', {
        id,
        cid,
        comment,
        without_mention: '1',
        rip: account.settings.rip,
      }),
      commentShape,
    ),
  );
}

async function get(
  account: WeiboAccount,
  call: Call,
  name: string,
  query: Record<string, string>,
  purpose: Purpose,
): Promise<OutboundAnswer> {
  await spend(account, call, purpose);
  return repeatable(call, `${account.settings.endpoint}/2/${name}.json?${new URLSearchParams(query).toString()}`, {
    headers: { authorization: `OAuth2 ${account.credentials.accessToken}` },
  });
}

async function post(
  account: WeiboAccount,
  call: Call,
  name: string,
  values: Record<string, string>,
  leave?: () => Promise<void>,
): Promise<OutboundAnswer> {
  await spend(account, call, 'find');
  const body = new URLSearchParams({ access_token: account.credentials.accessToken, ...values }).toString();
  const options: OutboundOptions = { method: 'POST', headers: form, body };
  const url = `${account.settings.endpoint}/2/${name}.json`;
  await leave?.();
  return name.startsWith('comments/')
    ? call.http.request(url, { ...options, signal: call.signal })
    : repeatable(call, url, options);
}

/** A request that may be sent twice without harm: no answer is no doubt. Throws `Unreachable` then. */
export async function repeatable(
  call: Pick<Call, 'http' | 'signal'>,
  url: string,
  options: OutboundOptions,
): Promise<OutboundAnswer> {
  try {
    return await call.http.request(url, { ...options, signal: call.signal });
  } catch (error) {
    if (error instanceof TransportError && error.mayHaveLanded) throw new Unreachable(error.message, { cause: error });
    throw error;
  }
}

/** The platform codes its errors as a number or as a string. */
const errorBody = z.object({
  error_code: z.union([z.number(), z.string()]).transform(String),
  error: z.string().default(''),
  error_description: z.string().optional(),
});

/** What the answer holds. Throws `WeiboError` for the platform's own error body, `GatewayError` for anything else unexpected. */
export function read<T>(name: string, answer: OutboundAnswer, schema: z.ZodType<T>): T {
  const text = answer.text();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new GatewayError(name, answer.status, text, retryAfter(answer.headers['retry-after'], new Date()));
  }
  if (answer.status < 300) {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
  }
  const refusal = errorBody.safeParse(value);
  if (refusal.success)
    throw new WeiboError(
      name,
      refusal.data.error_code,
      [refusal.data.error, refusal.data.error_description].filter(Boolean).join(': '),
    );
  throw new GatewayError(name, answer.status, text, retryAfter(answer.headers['retry-after'], new Date()));
}
