/**
 * A remote CMS by Micropub. The protocol knows no key: the post's slug is made from the release, and its `uid` from the
 * release, the order and the step's key, so that the post of a release and the text it holds can be asked for. Where a
 * site ignores both, a person looks.
 */
import { createHash } from 'node:crypto';
import { load } from 'cheerio';
import { z } from 'zod';
import {
  DoorClosed,
  type Acceptance,
  type Account,
  type Call,
  type CredentialHealth,
  type Finding,
  type Records,
  type StepCall,
  type Remote,
  type Rendition,
  type Said,
  type Verification,
  type Withdrawal,
} from '../channel.js';
import { readWords } from '../reading.js';
import { plain } from './body.js';
import { compareRemote } from './compare.js';
import { MicropubError, NoMediaEndpoint, PageUnreadable, classify } from './errors.js';
import { isOfStep, orderOf, slugOf, uidOf } from './marks.js';
import { MicropubClient, type Properties } from './micropub-client.js';
import type { WebsitePayload } from './payload.js';
import type { Credentials, MicropubSettings } from './settings.js';

type Cms = Account<MicropubSettings, Credentials>;

function clientOf({ settings, credentials }: Cms, call: Call): MicropubClient {
  return new MicropubClient(settings.endpoint, credentials.token, call);
}

export async function publish(
  account: Cms,
  { payload }: Rendition<WebsitePayload>,
  call: StepCall,
): Promise<Acceptance> {
  if (call.standing.some(({ seq }) => seq > call.seq)) throw new DoorClosed('overtaken');
  const client = clientOf(account, call);
  const earlier = await earlierPost(account, client, call);
  const properties = await propertiesOf(payload, account, client, call);
  await call.leave();
  if (earlier !== undefined) {
    const url = await client.update(earlier, { replace: properties });
    return {
      outcome: 'accepted',
      remote: remoteOf(url, call),
      platform: { code: 'updated', words: url },
      checkAfter: 2,
    };
  }
  const slug = slugOf(call.release.release);
  const { url, ready, status } = await client.create({
    ...properties,
    published: [call.release.signedAt.toISOString()],
    'mp-slug': [slug],
  });
  await learnPattern(account, call, url, slug);
  const accepted = { remote: remoteOf(url, call), platform: { code: String(status), words: url } };
  return ready
    ? { outcome: 'published', ...accepted, checkAfter: 1 }
    : { outcome: 'accepted', ...accepted, checkAfter: 5 };
}

function remoteOf(url: string, { key }: StepCall): Remote {
  return { id: url, url, extra: { key } };
}

/**
 * The address of the release's post, so that a newer revision changes it and makes no second one. A first order finds
 * nothing to change; later ones look, for something may stand of which the ledger does not know.
 * @throws DoorClosed where the site shows a newer order already
 */
async function earlierPost(account: Cms, client: MicropubClient, call: StepCall): Promise<string | undefined> {
  const known = standingAddress(call);
  if (known === undefined && call.seq === 1) return undefined;
  const post = await lookUp(account, client, call);
  // The site once gave this address itself, and does not say that it is gone.
  if (typeof post !== 'object') return post === 'unknown' ? known : undefined;
  refuseGoingBack(post.properties, call);
  return post.url;
}

function standingAddress({ over, standing }: StepCall): string | undefined {
  const remote = (over ?? standing.at(-1))?.remote;
  return remote?.url ?? remote?.id;
}

function refuseGoingBack(properties: Properties, { seq }: StepCall): void {
  if (uidsOf(properties).some((uid) => (orderOf(uid) ?? 0) > seq)) throw new DoorClosed('overtaken');
}

function uidsOf({ uid = [] }: Properties): string[] {
  return uid.filter((value) => typeof value === 'string');
}

interface Post {
  url: string;
  properties: Properties;
}

/**
 * Looks for the release's post at the address that stands in the ledger, at the one its slug gives, and among the newest
 * posts. Absent only where an address that must be its own never held anything, or a list that must show it does not;
 * gone where what stood is no longer there.
 */
async function lookUp(
  account: Cms,
  client: MicropubClient,
  call: StepCall,
): Promise<Post | 'absent' | 'gone' | 'unknown'> {
  const slug = slugOf(call.release.release);
  const isOurs = (properties: Properties, url: string) =>
    uidsOf(properties).some((uid) => uid.startsWith(`${slug}-`)) || url.includes(slug);
  const { postAddress } = account.settings;
  const pattern =
    postAddress === undefined ? await call.records.get(patternKey(account)) : decodeURIComponent(postAddress);
  const own = pattern?.replace('{slug}', slug);
  const known = standingAddress(call);
  let nothing: 'absent' | 'gone' | 'unknown' = 'unknown';
  for (const url of new Set([known, own])) {
    if (url === undefined) continue;
    const source = await client.source(url);
    if (!source.known) {
      if (source.why === 'never' && url === own) nothing = 'absent';
      else if (source.why !== 'unsaid') nothing = 'gone';
    } else if (url === known || isOurs(source.properties, url)) return { url, properties: source.properties };
  }
  const newest = await client.newest();
  for (const properties of newest ?? []) {
    const url = properties['url']?.find((value) => typeof value === 'string');
    if (url !== undefined && isOurs(properties, url)) return { url, properties };
  }
  return newest && mustShow(newest, call) ? 'absent' : nothing;
}

/** Whether a list of the newest posts would show the release's: it reaches back before the release was signed, and what it shows is not the release under marks that the site has changed. */
function mustShow(newest: readonly Properties[], { seq, standing, release }: StepCall): boolean {
  const last = newest.at(-1);
  if (!last) return true;
  // A later order may stand in a post that is as old as the first.
  if (seq > 1 || standing.length) return false;
  const [published] = last['published'] ?? [];
  return (
    typeof published === 'string' &&
    Date.parse(published) < release.signedAt.getTime() &&
    newest.every(({ name }) => typeof name?.[0] !== 'string' || plain(name[0]) !== plain(release.title))
  );
}

/** How a site makes addresses lies in the store: without it an unanswered first post could not be looked for. */
const patternKey = ({ id, settings }: Cms) =>
  `pattern:${id}:${createHash('sha256').update(settings.endpoint).digest('hex').slice(0, 12)}`;

/** What is known to stand in the records, so that not every post asks the store. */
const learnt = new WeakMap<Records, Map<string, string>>();

/** Never fails: the post is public already, and not knowing how addresses are made only makes a later look-up less sure. */
async function learnPattern(account: Cms, { records, seq }: StepCall, url: string, slug: string): Promise<void> {
  const kept = learnt.get(records) ?? new Map<string, string>();
  learnt.set(records, kept);
  const key = patternKey(account);
  const pattern = url.split(slug).length === 2 ? url.replace(slug, '{slug}') : undefined;
  try {
    if (pattern !== undefined) {
      if (kept.get(key) === pattern) return;
      if ((await records.get(key)) !== pattern) await records.set(key, pattern);
      kept.set(key, pattern);
    } else if (seq === 1) {
      // After a withdrawal a slug may be taken; at first it is the site that ignores it.
      kept.delete(key);
      await records.delete(key);
    }
  } catch (error) {
    process.emitWarning(
      `how a site makes addresses was not kept: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function propertiesOf(
  payload: WebsitePayload,
  account: Cms,
  client: MicropubClient,
  call: StepCall,
): Promise<Properties> {
  const wanted = payload.pictures.length + payload.attachments.length > 0;
  const endpoint = wanted ? await client.config() : undefined;
  const upload = async (
    hash: string,
    read: () => Promise<{ name: string; mime: string; bytes: Buffer }>,
  ): Promise<string> => {
    if (endpoint === undefined) throw new NoMediaEndpoint();
    const memo = `file:${account.id}:${account.settings.endpoint}:${hash}`;
    const known = await call.memory.get(memo);
    if (known !== undefined) return known;
    const url = await client.upload(endpoint, await read());
    await call.memory.set(memo, url, 24 * 3_600);
    return url;
  };
  const addresses = new Map<string, string>();
  for (const { hash } of payload.pictures) {
    addresses.set(
      hash,
      await upload(`page:${hash}`, async () => {
        const { bytes, mime } = await call.media.read(hash, 'page');
        return { name: `${hash.slice(0, 16)}.${mime.split('/')[1] ?? 'jpg'}`, mime, bytes };
      }),
    );
  }
  for (const { hash, name, mime } of payload.attachments) {
    addresses.set(hash, await upload(hash, async () => ({ name, mime, bytes: (await call.media.read(hash)).bytes })));
  }
  return {
    name: [payload.title],
    summary: [payload.summary],
    content: [
      {
        html: payload.bare.replace(
          /(src|href)="media:([0-9a-f]{64})"/g,
          (_, name: string, hash: string) => `${name}="${escaped(addresses.get(hash) ?? '')}"`,
        ),
      },
    ],
    category: [...new Set([...payload.columns, ...payload.keywords])],
    uid: [uidOf(call)],
    ...(payload.author !== undefined && { author: [payload.author] }),
    // Only the cover: pictures of the text stand in the text, and many sites would show them twice.
    ...(payload.cover !== undefined && { featured: [addresses.get(payload.cover)].filter((url) => url !== undefined) }),
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** A post that holds another order's text counts as absent: publishing again changes that post, which ends the same however often. */
export async function find(account: Cms, { payload }: Rendition<WebsitePayload>, call: StepCall): Promise<Finding> {
  const post = await lookUp(account, clientOf(account, call), call);
  if (post === 'unknown' || post === 'gone') return { outcome: 'unknown', cause: cannotTell };
  if (post === 'absent' || !holds(post.properties, payload, call)) return { outcome: 'absent' };
  return { outcome: 'found', state: 'accepted', remote: remoteOf(post.url, call) };
}

/** By its mark; where the site keeps none, what is there of a first order is that order's, and of a later one what reads like it. */
function holds(properties: Properties, payload: WebsitePayload, { key, seq, release, standing }: StepCall): boolean {
  const ours = uidsOf(properties).filter((uid) => uid.startsWith(`${slugOf(release.release)}-`));
  if (ours.length) return ours.some((uid) => isOfStep(uid, key));
  if (seq === 1 && !standing.length) return true;
  const [name] = properties['name'] ?? [];
  return (
    typeof name === 'string' && plain(name) === plain(payload.title) && textOf(properties) === textOfHtml(payload.bare)
  );
}

function textOf(properties: Properties): string {
  const [content] = properties['content'] ?? [];
  if (typeof content === 'string') return plain(content);
  return textOfHtml(z.object({ html: z.string() }).catch({ html: '' }).parse(content).html);
}

function textOfHtml(html: string): string {
  return plain(readWords(load(html).root()[0]));
}

const cannotTell: Said = {
  zh: '该网站无法按标识查找文章，不能确定上一次是否已发布。请打开网站看一看，再选择“已发布”或“重发”。',
  en: 'The site cannot look a post up by its key, so whether the last attempt landed is unknown. Look at the site, then choose.',
};

/** The page at the post's address, as the public sees it. A page that is not there yet is waited for. */
export async function verify(
  account: Cms,
  remote: Remote,
  rendition: Rendition<WebsitePayload>,
  call: StepCall,
): Promise<Verification> {
  const url = remote.url ?? remote.id;
  let answer = await call.http.request(url, {
    signal: call.signal,
    headers: { accept: 'text/html' },
    maxBytes: 16 * 1024 * 1024,
  });
  let address = url;
  for (
    let hop = 0;
    hop < 3 && answer.status >= 301 && answer.status <= 308 && typeof answer.headers['location'] === 'string';
    hop += 1
  ) {
    address = new URL(answer.headers['location'], address).href;
    answer = await call.http.request(address, {
      signal: call.signal,
      headers: { accept: 'text/html' },
      maxBytes: 16 * 1024 * 1024,
    });
  }
  const platform = { code: String(answer.status), words: address };
  if (answer.status === 404 || answer.status === 202) return { outcome: 'pending', again: 10, platform };
  if (answer.status === 410) {
    return {
      outcome: 'mismatch',
      platform,
      cause: { zh: '文章在对方网站上已被删除。', en: 'The post has been deleted on the site.' },
      todo: { zh: '请与对方网站确认原因，必要时重新发布。', en: 'Ask the site why, and publish again if need be.' },
    };
  }
  if (answer.status !== 200) throw new PageUnreadable(platform);
  const difference = compareRemote(answer.text(), rendition.expected);
  if (difference) return { outcome: 'mismatch', platform, ...difference };
  return {
    outcome: 'verified',
    remote: { ...remote, url: address },
    evidence: {
      zh: '已打开公开页面：标题、正文和图片数与签发稿一致。',
      en: 'The public page was read back: title, text and pictures match what was signed.',
    },
  };
}

export async function withdraw(account: Cms, remote: Remote, call: StepCall): Promise<Withdrawal> {
  const client = clientOf(account, call);
  const url = remote.url ?? remote.id;
  const withdrawn: Withdrawal = { outcome: 'withdrawn', platform: { code: 'deleted', words: url } };
  const source = await client.source(url);
  if (!source.known && source.why !== 'unsaid') return withdrawn;
  if (source.known) refuseGoingBack(source.properties, call);
  await call.leave();
  try {
    await client.remove(url);
  } catch (error) {
    // Gone meanwhile: that is what was asked.
    if (!(error instanceof MicropubError) || ![400, 404, 410].includes(error.status)) throw error;
    const after = await client.source(url);
    if (after.known || after.why === 'unsaid') throw error;
  }
  return withdrawn;
}

/** Asks for the configuration, which needs a good token. Passing troubles are thrown. */
export async function check(account: Cms, call: Call): Promise<CredentialHealth> {
  try {
    await clientOf(account, call).config();
    return { outcome: 'ok' };
  } catch (error) {
    const disposition = classify(error, call.now());
    if (disposition.class !== 'action' && disposition.class !== 'permanent') throw error;
    const { cause, todo, platform } = disposition;
    return { outcome: 'dead', cause, todo, ...(platform && { platform }) };
  }
}
