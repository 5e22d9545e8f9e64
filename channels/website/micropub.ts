/**
 * A remote CMS by Micropub. The protocol knows no key: the post's slug is made from the release, and its `uid` from the
 * release and the delivery's key, so that the post of a release and the revision it holds can be asked for. Where a site
 * ignores both, a person looks.
 */
import { createHash } from 'node:crypto';
import type {
  Acceptance,
  Account,
  Call,
  CredentialHealth,
  Finding,
  StepCall,
  Remote,
  Rendition,
  Said,
  Verification,
  Withdrawal,
} from '../channel.js';
import { compareRemote } from './compare.js';
import { MicropubError, NoMediaEndpoint, PageUnreadable, classify } from './errors.js';
import { MicropubClient, type Properties } from './micropub-client.js';
import type { WebsitePayload } from './payload.js';
import type { Credentials, MicropubSettings } from './settings.js';

type Cms = Account<MicropubSettings, Credentials>;

const year = 366 * 24 * 3_600;

function clientOf({ settings, credentials }: Cms, call: Call): MicropubClient {
  return new MicropubClient(settings.endpoint, credentials.token, call);
}

function markOf(name: string, length: number): string {
  return createHash('sha256').update(name).digest('hex').slice(0, length);
}

/** Short, and safe in any address; the same for every attempt and every revision of a release. */
export function slugOf(release: string): string {
  return `r-${markOf(release, 20)}`;
}

/** Which release, and behind it which attempt at which revision. */
function uidOf({ key, release }: StepCall): string {
  return `${slugOf(release.release)}-${markOf(key, 12)}`;
}

export async function publish(
  account: Cms,
  { payload }: Rendition<WebsitePayload>,
  call: StepCall,
): Promise<Acceptance> {
  const client = clientOf(account, call);
  const earlier = await earlierPost(account, client, call);
  if (earlier === 'unknown') return { outcome: 'action', ...maybeThere };
  const properties = await propertiesOf(payload, account, client, call);
  if (earlier !== 'absent') {
    const url = await client.update(earlier.url, { replace: properties });
    await remember(account, call, url);
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
  await remember(account, call, url, slug);
  const accepted = { remote: remoteOf(url, call), platform: { code: String(status), words: url } };
  return ready
    ? { outcome: 'published', ...accepted, checkAfter: 1 }
    : { outcome: 'accepted', ...accepted, checkAfter: 5 };
}

function remoteOf(url: string, { key }: StepCall): Remote {
  return { id: url, url, extra: { key } };
}

/**
 * The release's post, so that a correction changes it and makes no second one. Where nothing of the release was signed
 * before and no post of it is remembered, there is none; elsewhere the site is asked, and only its plain no counts.
 */
async function earlierPost(
  account: Cms,
  client: MicropubClient,
  call: StepCall,
): Promise<{ url: string } | 'absent' | 'unknown'> {
  const remembered = await call.memory.get(postKey(account, call));
  if (remembered === undefined && !call.release.correction) return 'absent';
  const post = await lookUp(account, client, call, remembered);
  if (typeof post === 'object') return { url: post.url };
  if (post === 'gone') return 'absent';
  // The site once gave this address itself, and does not say that it is gone.
  return post === 'unknown' && remembered !== undefined ? { url: remembered } : post;
}

/**
 * Looks for the release's post by its remembered address, by the address its slug gives, and among the newest posts.
 * Absent only where an address that must be its own holds nothing; gone where the remembered one does. `exact`: what is
 * there is this attempt's.
 */
async function lookUp(
  account: Cms,
  client: MicropubClient,
  call: StepCall,
  remembered: string | undefined,
): Promise<{ url: string; exact: boolean } | 'absent' | 'gone' | 'unknown'> {
  const slug = slugOf(call.release.release);
  const uids = ({ uid = [] }: Properties) => uid.filter((value): value is string => typeof value === 'string');
  const isOurs = (properties: Properties, url: string) =>
    uids(properties).some((uid) => uid.startsWith(`${slug}-`)) || url.includes(slug);
  // A site that keeps no uid shows that a first revision has landed, but not which later one.
  const found = (properties: Properties, url: string) => ({
    url,
    exact: uids(properties).length ? uids(properties).includes(uidOf(call)) : !call.release.correction,
  });

  const pattern =
    account.settings.postAddress === undefined
      ? await call.memory.get(patternKey(account))
      : decodeURIComponent(account.settings.postAddress);
  const own = pattern?.replace('{slug}', slug);
  let nothing: 'absent' | 'gone' | 'unknown' = 'unknown';
  for (const url of new Set([remembered, own])) {
    if (url === undefined) continue;
    const source = await client.source(url);
    if (source.known && (url === remembered || isOurs(source.properties, url))) return found(source.properties, url);
    if (!source.known && source.certain) nothing = url === own ? 'absent' : 'gone';
  }
  for (const properties of (await client.newest()) ?? []) {
    const url = properties['url']?.find((value) => typeof value === 'string');
    if (url !== undefined && isOurs(properties, url)) return found(properties, url);
  }
  return nothing;
}

const postKey = ({ id }: Cms, { release }: StepCall) => `post:${id}:${release.release}`;
const patternKey = ({ id, settings }: Cms) =>
  `pattern:${id}:${createHash('sha256').update(settings.endpoint).digest('hex').slice(0, 12)}`;

/** Never fails: the post is public already, and forgetting its address only makes a later look-up less sure. */
async function remember(account: Cms, call: StepCall, url: string, slug?: string): Promise<void> {
  try {
    await call.memory.set(postKey(account, call), url, year);
    if (slug !== undefined && url.split(slug).length === 2)
      await call.memory.set(patternKey(account), url.replace(slug, '{slug}'), year);
    else if (slug !== undefined) await call.memory.delete(patternKey(account));
  } catch (error) {
    process.emitWarning(
      `a post's address was not remembered: ${error instanceof Error ? error.message : String(error)}`,
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
    const memo = `file:${account.id}:${hash}`;
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

/** A post that holds an earlier revision counts as absent: publishing again changes that post, which ends the same however often. */
export async function find(account: Cms, _: Rendition<WebsitePayload>, call: StepCall): Promise<Finding> {
  const post = await lookUp(account, clientOf(account, call), call, await call.memory.get(postKey(account, call)));
  if (post === 'unknown' || post === 'gone') return { outcome: 'unknown', cause: cannotTell };
  if (post === 'absent' || !post.exact) return { outcome: 'absent' };
  return { outcome: 'found', state: 'accepted', remote: remoteOf(post.url, call) };
}

const cannotTell: Said = {
  zh: '该网站无法按标识查找文章，不能确定上一次是否已发布。请打开网站看一看，再选择“已发布”或“重发”。',
  en: 'The site cannot look a post up by its key, so whether the last attempt landed is unknown. Look at the site, then choose.',
};

const maybeThere: { cause: Said; todo: Said } = {
  cause: {
    zh: '这是一次更正，但该网站无法按标识查找文章，找不到旧版在哪里。为避免出现两篇，没有发送。',
    en: 'This is a correction, but the site cannot look a post up by its key, so the earlier one was not found. Nothing was sent, lest there be two.',
  },
  todo: {
    zh: '请打开该网站：若旧版还在，请在网站上改成新版，再在此选择“已发布”；若要由本系统更正，请在账号设置中填写文章地址规则（postAddress），再点“重试”。',
    en: 'Look at the site. If the earlier post is there, change it by hand and mark this as published; or set the account’s postAddress so that it can be found, and retry.',
  },
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
  try {
    await client.remove(remote.url ?? remote.id);
  } catch (error) {
    // Already gone: that is what was asked.
    if (!(error instanceof MicropubError) || !(error.status === 404 || error.status === 410 || error.status === 400))
      throw error;
    const source = await client.source(remote.url ?? remote.id);
    if (source.known || !source.certain) throw error;
  }
  return { outcome: 'withdrawn', platform: { code: 'deleted', words: remote.url ?? remote.id } };
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
