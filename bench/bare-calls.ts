/** The calls of a broadcast to each platform and nothing else: no queue, no ledger, no door, nothing kept but what the next call needs. */
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, FormData, request } from 'undici';
import sharp from 'sharp';
import { z } from 'zod';
import type { Accounts } from './audience.js';
import { weiboAccounts, type ReadyAccount } from './ground.js';
import { formOf } from './rivals.js';

const inFlight = 128;
/** Milliseconds until a platform has surely published what it took. */
const publishes = 3_000;

interface Bare {
  /** Requests that make public, and those that read back. */
  requests: number;
  seconds: number;
}

/** First all is sent, then all is read back. Throws where one call is refused. */
export async function bareCalls(accounts: Accounts, words: string): Promise<Bare> {
  const caller = openCaller();
  const cover = await sharp({ create: { width: 900, height: 383, channels: 3, background: '#123f7a' } })
    .jpeg({ quality: 90 })
    .toBuffer();
  const ways = { weibo: toWeibo, wechat: toWeChat, website: toWebsite, app: toApp };
  const began = performance.now();
  const readings: Reading[] = [];
  const sendings = Object.entries(ways).flatMap(([channel, way]) =>
    (accounts[channel] ?? []).map((account) => async () => {
      readings.push(await way(caller, account, { words, cover }));
    }),
  );
  // One of each channel in turn, as the lane takes them.
  await workOff(byTurns(sendings, 4));
  const sentIn = performance.now() - began;
  await pause(publishes);
  const readFrom = performance.now();
  await workOff(byTurns(readings, 4));
  const seconds = (sentIn + performance.now() - readFrom) / 1_000;
  await caller.close();
  return { requests: caller.requests(), seconds };
}

type Reading = () => Promise<unknown>;

function byTurns<T>(list: readonly T[], lines: number): T[] {
  const length = Math.ceil(list.length / lines);
  return Array.from({ length }, (_, n) =>
    Array.from({ length: lines }, (__, line) => list[line * length + n]).filter((one) => one !== undefined),
  ).flat();
}

async function workOff(list: readonly (() => Promise<unknown>)[]): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (let work = list[next++]; work; work = list[next++]) await work();
    }),
  );
}

interface Caller {
  /** The text of the answer, or what a creation says of where it is. */
  ask(url: string, options?: Parameters<typeof request>[1]): Promise<string>;
  requests(): number;
  close(): Promise<void>;
}

function openCaller(): Caller {
  const dispatcher = new Agent({ connections: inFlight, pipelining: 1 });
  let asked = 0;
  return {
    async ask(url, options) {
      asked += 1;
      const answer = await request(url, { dispatcher, ...options });
      const text = await answer.body.text();
      if (answer.statusCode >= 300) throw new Error(`${url}: ${answer.statusCode} ${text}`);
      return answer.statusCode === 201 ? String(answer.headers['location']) : text;
    },
    requests: () => asked,
    close: () => dispatcher.close(),
  };
}

const asJson = (body: object, more: Record<string, string> = {}) => ({
  method: 'POST' as const,
  headers: { 'content-type': 'application/json', ...more },
  body: JSON.stringify(body),
});

interface Said {
  words: string;
  cover: Buffer;
}

const posted = z.object({ idstr: z.string() });

async function toWeibo({ ask }: Caller, account: ReadyAccount, { words }: Said): Promise<Reading> {
  const [weibo] = weiboAccounts.parse({ entries: [account] }).entries;
  if (!weibo) throw new Error('no account of Weibo');
  const { endpoint } = z.object({ endpoint: z.string() }).parse(account.settings);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await ask(`${endpoint}/2/statuses/share.json`, {
    method: 'POST',
    headers,
    body: formOf(weibo, words),
  });
  const { idstr } = posted.parse(JSON.parse(answer));
  const authorization = `OAuth2 ${weibo.credentials.accessToken}`;
  return () => ask(`${endpoint}/2/statuses/show.json?id=${idstr}`, { headers: { authorization } });
}

const wechatAccount = z.object({
  settings: z.object({ endpoint: z.string(), appId: z.string() }),
  credentials: z.object({ appSecret: z.string() }),
});
const named = z.object({ media_id: z.string() });
const published = z.object({
  article_detail: z.object({ item: z.array(z.object({ article_url: z.string() })) }),
});

async function toWeChat({ ask }: Caller, account: ReadyAccount, { words, cover }: Said): Promise<Reading> {
  const { settings, credentials } = wechatAccount.parse(account);
  const at = `${settings.endpoint}/cgi-bin`;
  const who = { grant_type: 'client_credential', appid: settings.appId, secret: credentials.appSecret };
  const { access_token } = z
    .object({ access_token: z.string() })
    .parse(JSON.parse(await ask(`${at}/stable_token`, asJson(who))));
  const form = new FormData();
  form.set('media', new File([new Uint8Array(cover)], 'cover.jpg', { type: 'image/jpeg' }));
  const upload = `${at}/material/add_material?access_token=${access_token}&type=image`;
  const { media_id: thumb_media_id } = named.parse(JSON.parse(await ask(upload, { method: 'POST', body: form })));
  const post = async (call: string, body: object): Promise<unknown> =>
    JSON.parse(await ask(`${at}/${call}?access_token=${access_token}`, asJson(body)));
  const article = { title: words, content: `<p>${words}。请按要求执行。</p>`, thumb_media_id };
  const { media_id } = named.parse(await post('draft/add', { articles: [article] }));
  const { publish_id } = z.object({ publish_id: z.string() }).parse(await post('freepublish/submit', { media_id }));
  return async () => {
    const { article_detail } = published.parse(await post('freepublish/get', { publish_id }));
    return ask(article_detail.item[0]?.article_url ?? '');
  };
}

const cms = z.object({ settings: z.object({ endpoint: z.string() }), credentials: z.object({ token: z.string() }) });

async function toWebsite({ ask }: Caller, account: ReadyAccount, { words }: Said): Promise<Reading> {
  const { settings, credentials } = cms.parse(account);
  const properties = { name: [words], content: [{ html: `<p>${words}。请按要求执行。</p>` }] };
  const post = { type: ['h-entry'], properties };
  const url = await ask(settings.endpoint, asJson(post, { authorization: `Bearer ${credentials.token}` }));
  return () => ask(url);
}

const app = z.object({
  settings: z.object({ endpoint: z.string(), reportEndpoint: z.string(), appKey: z.string() }),
  credentials: z.object({ masterSecret: z.string() }),
});

async function toApp({ ask }: Caller, account: ReadyAccount, { words }: Said): Promise<Reading> {
  const { settings, credentials } = app.parse(account);
  const authorization = `Basic ${Buffer.from(`${settings.appKey}:${credentials.masterSecret}`).toString('base64')}`;
  const { cidlist } = z
    .object({ cidlist: z.array(z.string()) })
    .parse(
      JSON.parse(await ask(`${settings.endpoint}/v3/push/cid?count=10&type=push`, { headers: { authorization } })),
    );
  const push = { cid: cidlist[0], platform: 'all', audience: 'all', notification: { alert: words } };
  const { msg_id } = z
    .object({ msg_id: z.string() })
    .parse(JSON.parse(await ask(`${settings.endpoint}/v3/push`, asJson(push, { authorization }))));
  return () => ask(`${settings.reportEndpoint}/v3/received/detail?msg_ids=${msg_id}`, { headers: { authorization } });
}
