/** The app channel: an item in the app's content feed, then a notification that leads to it. */
import { load } from 'cheerio';
import {
  DoorClosed,
  PartlyPublic,
  type Acceptance,
  type Account,
  type Call,
  type Channel,
  type CredentialHealth,
  type Finding,
  type PlatformWords,
  type StepCall,
  type Remote,
  type Rendition,
  type Verification,
  type Withdrawal,
} from '../channel.js';
import { readWords } from '../reading.js';
import { TransportError } from '../outbound.js';
import { squeeze } from './article.js';
import { createClient, type JPushClient } from './client.js';
import { AppFault, classify, JPushError, meansNoTarget, saidBy, WaitError } from './errors.js';
import { publicFace } from './face.js';
import { ensureFeed, itemId, itemUrl, putItem, readItem, stepId, withdrawItem, type FeedPlace } from './feed.js';
import type { Shown } from './log.js';
import type { AppPayload } from './payload.js';
import {
  cidExpired,
  endPush,
  firstPush,
  readPush,
  reservePush,
  type PushPlace,
  type PushRecord,
  type PushState,
} from './pushes.js';
import { feedTitle, fitNotification, render } from './rendition.js';
import { createAppSandbox } from './sandbox.js';
import {
  credentialsSchema,
  settingsSchema,
  vapidKey,
  type AppCredentials,
  type AppSettings,
  type JPushSettings,
  type VapidKeys,
} from './settings.js';
import { tellSubscribers, vapidPairFits } from './webpush.js';

type AppAccount = Account<AppSettings, AppCredentials>;
type JPushAccount = Account<JPushSettings, AppCredentials>;

export const channel: Channel<AppSettings, AppCredentials, AppPayload> = {
  name: 'app',
  label: { zh: '移动客户端', en: 'Mobile app' },
  accountSchema: { settings: settingsSchema, credentials: credentialsSchema },
  identity: (settings) => (settings.provider === 'jpush' ? `jpush ${settings.appKey}` : `feed ${settings.feed}`),
  credentialsGoBy: ['provider', 'endpoint', 'reportEndpoint'],
  limits: {
    pictures: {
      feed: {
        maxBytes: 600 * 1024,
        maxEdge: 1_600,
        tallBytes: 4 * 1024 * 1024,
        formats: ['jpeg', 'png', 'gif', 'webp'],
      },
    },
    publishSeconds: 120,
  },
  render,
  renditionKey: () => 'all',
  // Web Push goes to whatever service each browser has.
  hostOf: ({ settings }) => (settings.provider === 'jpush' ? new URL(settings.endpoint).origin : ''),
  prepare,
  publish,
  // One item a release, whatever it comes to say.
  replaces: () => 'in-place',
  find,
  verify,
  withdraw,
  check,
  classify,
  publicFace,
  sandbox: createAppSandbox,
};

/** Makes the feed before its first release, so that phones can subscribe and read it. */
async function prepare(account: AppAccount, call: Call): Promise<void> {
  await ensureFeed(placeOf(account, 'zh-CN'), call);
  if (account.settings.provider === 'webpush') await showVapidKey(account, call);
}

/** Browsers need the public half to subscribe. */
async function showVapidKey(account: AppAccount, call: Call): Promise<void> {
  const key = vapidKey(account.settings.feed);
  const { vapidPublicKey } = vapidKeys(account);
  if ((await call.records.get(key)) !== vapidPublicKey) await call.records.set(key, vapidPublicKey);
}

/**
 * An order earlier than what the item follows already finds the door closed as overtaken, whether what came after was a
 * text or a withdrawal: `find` calls it absent too. It isn't told as published, for the ledger would keep it as standing.
 */
async function publish(account: AppAccount, { payload }: Rendition<AppPayload>, call: StepCall): Promise<Acceptance> {
  const spare = spareCid(account, call);
  const items = (releases: readonly string[] = []) => releases.map((release) => itemId(release, account));
  const ends = { lifts: items(payload.warning?.lifts), replaces: items(payload.warning?.replaces) };
  const place = placeOf(account, payload.language);
  const put = await putItem(place, itemOf(account, call), payload, call, spare.take, ends);
  const push = await sendPush(account, payload, call, put, spare).catch((error: unknown) => {
    throw error instanceof DoorClosed ? error : new PartlyPublic(remoteOf(account, call, undefined), error);
  });
  const platform = push && wordsOf(push);
  return { outcome: 'published', remote: remoteOf(account, call, push), checkAfter: 1, ...(platform && { platform }) };
}

interface Spare {
  /** A cid to be set aside with the item: one durable write for both. Without one the item goes out all the same. */
  take(): Promise<string | undefined>;
  /** What taking it failed of. */
  error?: unknown;
}

function spareCid(account: AppAccount, call: StepCall): Spare {
  let cid: string | undefined;
  const spare: Spare = {
    async take() {
      const { settings } = account;
      if (settings.provider !== 'jpush' || cid !== undefined || spare.error !== undefined) return cid;
      try {
        cid = await clientOf({ ...account, settings }, call).cid();
      } catch (error) {
        spare.error = error;
      }
      return cid;
    },
  };
  return spare;
}

/** `added`: the item was put there by this very attempt, so nobody can have pushed for it before. */
async function sendPush(
  account: AppAccount,
  payload: AppPayload,
  call: StepCall,
  { shown, added }: { shown: Shown; added: boolean },
  { error }: Spare,
): Promise<PushRecord | undefined> {
  const { settings } = account;
  if (settings.provider === 'none') return undefined;
  if (error !== undefined) throw error;
  const place = pushPlace(account, call);
  const known = added ? firstPush(shown) : await readPush(place, shown);
  if (settings.provider === 'webpush') return tellOnce(account, payload, call, known);
  return pushOnce({ ...account, settings }, payload, call, known, added);
}

/**
 * Pushes at most once for a step, whatever happens in between: JPush answers a repeated cid with the first result and
 * sends nothing again, and the cid is kept before it is used. The platform documents its own pool as the only source of
 * cids, so we take one from there and keep it for this step, rather than make one up. `unused`: nobody can have used yet
 * what is set aside.
 */
async function pushOnce(
  account: JPushAccount,
  payload: AppPayload,
  call: StepCall,
  { record, attempt }: PushState,
  unused: boolean,
  freshCid = false,
): Promise<PushRecord> {
  const place = pushPlace(account, call);
  if (record && record.state !== 'reserved') return record;
  if (record && cidExpired(record, call.now())) throw new AppFault('outcome-unknown');
  const client = clientOf(account, call);
  const at = call.now().toISOString();
  const own = record ?? { state: 'reserved' as const, cid: await client.cid(freshCid), at };
  const reserved = record ?? (await reservePush(place, attempt, own));
  if (reserved.state !== 'reserved') return reserved;
  const isFirstUse = record ? unused : reserved.cid === own.cid;

  let outcome: PushRecord;
  try {
    // Where the door is closed the cid stays set aside: whoever has taken the step over may be using it.
    const { msgId } = await client.push({ cid: reserved.cid, ...pushBody(account, payload, call) }, () =>
      leaveToPush(account, call),
    );
    outcome = { state: 'sent', cid: reserved.cid, msgId, at };
  } catch (error) {
    if (meansNoTarget(error)) outcome = { state: 'no-target', at };
    else {
      // Only if this was the cid's first use: after an attempt without an answer, the cid alone guards against a second push.
      if (isFirstUse && refused(error)) {
        await endPush(place, attempt, { state: 'returned', at });
        // Nothing was sent, and what we kept from an earlier answer of the pool holds no more.
        if (!freshCid && refusesCid(error))
          return pushOnce(account, payload, call, { attempt: attempt + 1 }, true, true);
      }
      throw error;
    }
  }
  // What the platform has accepted is kept by our caller too; a full disk here must not look like a failed push.
  await endPush(place, attempt, outcome).catch(() => undefined);
  return outcome;
}

/** While the step stood still, the item may have come to say something else: no phone rings for what it says no more. */
async function leaveToPush(account: AppAccount, call: StepCall): Promise<void> {
  const item = await readItem(call.records, account.settings.feed, itemOf(account, call));
  if (item?.shown?.key !== call.key) throw new DoorClosed('overtaken');
  await call.leave();
}

/** The platform, or we on its earlier word, say that nothing was sent. */
function refused(error: unknown): boolean {
  return (
    error instanceof WaitError ||
    (error instanceof JPushError && error.definite) ||
    (error instanceof TransportError && !error.mayHaveLanded)
  );
}

/** What JPush answers to a cid that it does not know is not documented; a refusal that names it is taken for that. */
function refusesCid(error: unknown): boolean {
  return error instanceof JPushError && error.definite && /\bcid\b/i.test(error.message);
}

function pushBody(account: JPushAccount, payload: AppPayload, call: StepCall): object {
  const { settings } = account;
  const id = itemOf(account, call);
  return {
    platform: 'all',
    audience: settings.audience === 'region' ? { tag: [account.region] } : settings.audience,
    notification: fitNotification(
      payload.notice,
      { url: itemUrl(call.hubUrl, settings.feed, id), item: id, feed: settings.feed },
      settings,
    ),
    options: {
      time_to_live: 86_400,
      apns_production: settings.apnsProduction,
      ...(settings.systemMessages && payload.notice.urgent && { classification: 1 }),
      ...(settings.vendors && { third_party_channel: settings.vendors }),
    },
  };
}

async function tellOnce(
  account: AppAccount,
  payload: AppPayload,
  call: StepCall,
  { record, attempt }: PushState,
): Promise<PushRecord> {
  if (record?.state === 'told') return record;
  const place = pushPlace(account, call);
  await showVapidKey(account, call);
  const id = itemOf(account, call);
  const notice = {
    ...payload.notice,
    url: itemUrl(call.hubUrl, account.settings.feed, id),
    id,
    language: payload.language,
  };
  const told = await tellSubscribers(place, notice, vapidKeys(account), {
    ...call,
    leave: () => leaveToPush(account, call),
  });
  const outcome: PushRecord = { state: 'told', at: call.now().toISOString(), ...told };
  await endPush(place, attempt, outcome).catch(() => undefined);
  return outcome;
}

/**
 * Found only where the item shows what this very step put there: whatever else it shows, or that it was withdrawn, this
 * step's text is not there. Unfinished where the item stands but its push was not finished: whoever takes the item away
 * must know of it, and the item is not written twice, a cid that is less than a day old cannot push twice, and
 * subscriptions already told are skipped, so publishing again is safe.
 */
async function find(account: AppAccount, _rendition: Rendition<AppPayload>, call: StepCall): Promise<Finding> {
  const shown = (await readItem(call.records, account.settings.feed, itemOf(account, call)))?.shown;
  if (shown?.key !== call.key) return { outcome: 'absent' };
  const push =
    account.settings.provider === 'none' ? undefined : (await readPush(pushPlace(account, call), shown)).record;
  const found = { outcome: 'found', state: 'published', remote: remoteOf(account, call, push) } as const;
  if (account.settings.provider === 'none') return found;
  if (!push) return { ...found, unfinished: true };
  if (push.state !== 'reserved') return found;
  if (!cidExpired(push, call.now())) return { ...found, unfinished: true };
  return {
    outcome: 'unknown',
    cause: {
      zh: '内容已在应用内发布，但一天前的推送没有收到结果，无法确认手机是否收到通知。',
      en: 'The content is public in the app, but a push of more than a day ago has no known outcome: phones may or may not have been notified.',
    },
  };
}

async function verify(
  account: AppAccount,
  remote: Remote,
  { expected }: Rendition<AppPayload>,
  call: StepCall,
): Promise<Verification> {
  const url = remote.url ?? itemUrl(call.hubUrl, account.settings.feed, remote.id);
  let answer;
  try {
    answer = await call.http.request(url, { signal: call.signal, maxBytes: 8 * 1024 * 1024 });
  } catch (error) {
    if (error instanceof TransportError && error.reason !== 'not-allowed')
      return { outcome: 'published', remote, again: 60 };
    throw error;
  }
  if (answer.status >= 500 || answer.status === 429) return { outcome: 'published', remote, again: 60 };
  const difference = answer.status === 200 ? differenceOf(answer.text(), expected) : goneWords(answer.status);
  if (difference) {
    return {
      outcome: 'mismatch',
      platform: { code: `HTTP ${answer.status}`, words: difference.en },
      cause: difference,
      todo: {
        zh: '请打开该地址查看；如内容确有缺失，请撤回后重新发布。',
        en: 'Open the address and look; if something is missing, withdraw and publish again.',
      },
    };
  }
  const phones = await reachedPhones(account, remote, call);
  return {
    outcome: 'verified',
    remote,
    evidence: {
      zh: `公开页面与签发内容一致${phones === undefined ? '' : `；通知已送达 ${phones} 台手机`}。`,
      en: `The public page matches what was signed${phones === undefined ? '' : `; ${phones} phones were notified`}.`,
    },
  };
}

function goneWords(status: number): { zh: string; en: string } {
  return status === 410
    ? { zh: '公开页面显示该内容已撤回。', en: 'The public page says that this content was withdrawn.' }
    : { zh: `公开页面打不开（HTTP ${status}）。`, en: `The public page does not open (HTTP ${status}).` };
}

function differenceOf(
  html: string,
  expected: Rendition<AppPayload>['expected'],
): { zh: string; en: string } | undefined {
  // The quick parser: every delivery is verified, and our own page needs no repair.
  const $ = load(html, { xml: { xmlMode: false, decodeEntities: true } });
  const content = $('#content');
  const pictures = content.find('img').length;
  if (squeeze($('h1').first().text()) !== expected.title)
    return { zh: '公开页面的标题与签发内容不一致。', en: 'The title on the public page differs from what was signed.' };
  if (squeeze(readWords(content[0])) !== expected.text)
    return {
      zh: '公开页面的正文与签发内容不一致或不完整。',
      en: 'The text on the public page differs from what was signed or is not whole.',
    };
  if (pictures !== expected.pictures)
    return {
      zh: `公开页面有 ${pictures} 张图片，签发内容有 ${expected.pictures} 张。`,
      en: `The public page shows ${pictures} pictures; ${expected.pictures} were signed.`,
    };
  return undefined;
}

/** Evidence, never a condition: the report service lags, and its failure says nothing about the page. */
async function reachedPhones(account: AppAccount, remote: Remote, call: StepCall): Promise<number | undefined> {
  const msgId = remote.extra?.['msg_id'];
  if (account.settings.provider !== 'jpush' || msgId === undefined) return undefined;
  try {
    return await clientOf({ ...account, settings: account.settings }, call).reached(msgId);
  } catch (error) {
    if (!saidBy(error)) throw error;
    return undefined;
  }
}

/** The item answers 410 from now on. Phones that already show the notification may go on showing it, and are led to that page. */
async function withdraw(account: AppAccount, remote: Remote, call: StepCall): Promise<Withdrawal> {
  const slug = remote.extra?.['feed'] ?? account.settings.feed;
  await withdrawItem(slug, remote.id, call);
  const msgId = remote.extra?.['msg_id'];
  if (account.settings.provider !== 'jpush' || msgId === undefined) return { outcome: 'withdrawn' };
  try {
    await clientOf({ ...account, settings: account.settings }, call).withdraw(msgId, () => call.leave());
    return { outcome: 'withdrawn', platform: { code: '200', words: `push ${msgId}: recall accepted` } };
  } catch (error) {
    if (!saidBy(error)) throw error;
    // The recall is a second mile: what the withdrawal promises, that nobody can read it any more, has been done.
    const disposition = classify(error, call.now());
    return {
      outcome: 'withdrawn',
      platform: {
        code: disposition.platform?.code ?? disposition.class,
        words: `push ${msgId}: recall refused: ${disposition.platform?.words ?? disposition.cause.en}`,
      },
    };
  }
}

/** Asks for a cid, which costs nothing, then tries a push as a dry run: that tells the key, the rights and the address list. */
async function check(account: AppAccount, call: Call): Promise<CredentialHealth> {
  try {
    if (account.settings.provider === 'webpush') return checkVapid(vapidKeys(account));
    if (account.settings.provider === 'none') return { outcome: 'ok' };
    const client = clientOf({ ...account, settings: account.settings }, call);
    await client.cid();
    await client.validate({ platform: 'all', audience: 'all', notification: { alert: '连通性检查' } });
    return { outcome: 'ok' };
  } catch (error) {
    if (meansNoTarget(error)) return { outcome: 'ok' };
    const disposition = classify(error, call.now());
    if (disposition.class !== 'action') throw error;
    const { cause, todo, platform } = disposition;
    return { outcome: 'dead', cause, todo, ...(platform && { platform }) };
  }
}

function checkVapid(keys: VapidKeys): CredentialHealth {
  if (vapidPairFits(keys)) return { outcome: 'ok' };
  return {
    outcome: 'dead',
    cause: { zh: 'VAPID 公钥与私钥不是一对。', en: 'The VAPID public and private keys do not belong together.' },
    todo: {
      zh: '请重新生成一对 VAPID 密钥并更新账号；已有订阅需要用户重新订阅。',
      en: 'Make a new pair of VAPID keys and update the account; people must subscribe again.',
    },
  };
}

function clientOf(account: JPushAccount, call: Call): JPushClient {
  if (!('masterSecret' in account.credentials)) throw new AppFault('credentials-missing');
  const { endpoint, reportEndpoint, appKey } = account.settings;
  return createClient({ endpoint, reportEndpoint, appKey, masterSecret: account.credentials.masterSecret }, call);
}

function vapidKeys({ credentials }: AppAccount): VapidKeys {
  if (!hasVapid(credentials)) throw new AppFault('credentials-missing');
  return credentials;
}

function hasVapid(credentials: AppCredentials): credentials is VapidKeys {
  return 'vapidPublicKey' in credentials;
}

function placeOf(account: AppAccount, language: string): FeedPlace {
  return { slug: account.settings.feed, title: feedTitle(account), language };
}

function itemOf(account: AppAccount, call: StepCall): string {
  return itemId(call.release.release, account);
}

function pushPlace(account: AppAccount, call: StepCall): PushPlace {
  return { records: call.records, slug: account.settings.feed, step: stepId(call.key) };
}

function remoteOf(account: AppAccount, call: StepCall, push: PushRecord | undefined): Remote {
  const id = itemOf(account, call);
  return {
    id,
    url: itemUrl(call.hubUrl, account.settings.feed, id),
    extra: {
      feed: account.settings.feed,
      push: push?.state ?? 'none',
      ...(push?.state === 'sent' && { msg_id: push.msgId, cid: push.cid }),
    },
  };
}

/** The platform's answer in short, for the placement's timeline. */
function wordsOf(push: PushRecord): PlatformWords {
  switch (push.state) {
    case 'sent':
      return { code: '200', words: `msg_id ${push.msgId}`, requestId: push.cid };
    case 'no-target':
      return {
        code: '1011',
        words: '没有符合条件的手机，内容已在应用内发布 / no phone matches the target; the content is public in the app',
      };
    case 'told':
      return { code: '201', words: `Web Push: ${push.sent} sent, ${push.gone} gone, ${push.failed} failed` };
    case 'reserved':
      return { code: '', words: 'not known yet' };
  }
}
