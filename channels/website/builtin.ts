/** A site that this hub builds itself: pages in its files, whole at every moment. */
import {
  DoorClosed,
  type Acceptance,
  type Account,
  type Call,
  type CredentialHealth,
  type DayHead,
  type Finding,
  type StepCall,
  type Remote,
  type Rendition,
  type Verification,
  type Withdrawal,
} from '../channel.js';
import { compareOwn } from './compare.js';
import { HalfWritten, PageUnreadable, classify, isOfTheGround } from './errors.js';
import type { WebsitePayload } from './payload.js';
import type { BuiltinSettings, Credentials } from './settings.js';
import { readArticle, writeArticle, type Article, type Message } from './site/article.js';
import { openColumns, settle, settleHeads, touchSite } from './site/build.js';
import { messageOf } from './site/cap.js';
import { openCatalog } from './site/catalog.js';
import { articleId, siteHome } from './site/files.js';
import { headsAddress, keepHeads } from './site/heads.js';
import { overdueAccounts } from './site/in-force.js';
import { articleAddress, siteOf } from './site/look.js';
import { refuseOlder } from './site/older.js';
import { bringFiles, drawAgain, hasPage, isShown, lockArticle, putArticle, type Place } from './site/pages.js';
import { ensureDrawn, renew } from './site/redraw.js';
import { leaveSlip } from './site/slips.js';
import { ownToken } from './site/tokens.js';
import { safeExtension } from './site/types.js';

type Own = Account<BuiltinSettings, Credentials>;

function placeOf({ id, settings, organization }: Own, call: Call): Place {
  return {
    home: siteHome(call, settings.site),
    site: siteOf(settings, organization, call.hubUrl),
    account: id,
    memory: call.memory,
    media: call.media,
    now: () => call.now(),
  };
}

function remoteOf({ site }: Place, id: string): Remote {
  return { id, url: articleAddress(site, id), extra: { site: site.settings.site } };
}

/** The same key twice leaves the same page; an older order never goes over a newer one. */
export async function publish(
  account: Own,
  { payload }: Rendition<WebsitePayload>,
  call: StepCall,
): Promise<Acceptance> {
  const place = placeOf(account, call);
  await refuseOlder(place.home);
  await ownToken(place.home, account.credentials.token);
  await ensureDrawn(place);
  await openColumns(place, payload.columns);
  const article = await lockArticle(place, payload.release, async () => {
    const old = await readArticle(place.home, payload.release);
    refuseGoingBack(old, call);
    const next = await articleOf(payload, old, place, call);
    await call.leave();
    await begun(() => putArticle(place, next));
    return next;
  });
  await begun(async () => {
    await settle(place);
    // While the lists were brought up to date, another article that let go of the same picture may have taken its file along.
    await bringFiles(place, article);
  });
  return {
    outcome: 'published',
    remote: remoteOf(place, payload.release),
    platform: { code: 'written', words: `articles/${payload.release}` },
  };
}

/** @throws DoorClosed where the site itself shows that something newer was wanted */
function refuseGoingBack(article: Article | undefined, { seq }: StepCall): void {
  if (article?.seq !== undefined && article.seq > seq) throw new DoorClosed('overtaken');
}

/** Once the first file may have been written, the disk's or the lock's refusal leaves open what the public sees; `find` can tell. */
async function begun(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw isOfTheGround(error) ? new HalfWritten(error) : error;
  }
}

async function articleOf(
  payload: WebsitePayload,
  old: Article | undefined,
  place: Place,
  call: StepCall,
): Promise<Article> {
  const {
    release,
    revision,
    change,
    kind,
    language,
    title,
    summary,
    body,
    toc,
    author,
    source,
    columns,
    keywords,
    cover,
    pictures,
    attachments,
    policy,
    warning,
    interprets,
    interpretations,
  } = payload;
  const now = call.now().toISOString();
  const revisedAt = old && old.revision !== payload.revision ? now : old?.revisedAt;
  const messages = old ? (await messagesUpTo(place, old)).filter(({ identifier }) => identifier !== revision) : [];
  const replaces = replacedBy(payload, old?.replaces, now);
  const article: Article = {
    id: release,
    version: (old?.version ?? 0) + 1,
    revision,
    kind,
    language,
    title,
    summary,
    body,
    toc,
    source,
    columns,
    keywords,
    seq: call.seq,
    key: call.key,
    state: 'public',
    publishedAt: old?.publishedAt ?? now,
    ...(revisedAt !== undefined && { revisedAt }),
    ...(author !== undefined && { author }),
    ...(cover !== undefined && { cover }),
    ...(policy && { policy }),
    ...(change && { change }),
    ...(warning && { warning }),
    ...(messages.length && { messages }),
    ...(replaces.length && { replaces }),
    ...(interprets && { interprets }),
    ...(interpretations && { interpretations }),
    pictures: await Promise.all(
      pictures.map(async ({ hash, alt, width, height }) => ({
        hash,
        alt,
        width,
        height,
        path: old?.pictures.find((entry) => entry.hash === hash)?.path ?? (await pathOf(hash, call)),
      })),
    ),
    attachments: attachments.map((attachment) => ({
      ...attachment,
      path: `files/${attachment.hash.slice(0, 32)}.${safeExtension(attachment.name)}`,
    })),
  };
  // Before the door: where it stays shut, a file that no page names has gone nowhere.
  await bringFiles(place, article);
  return article;
}

/** Once replaced, a warning stays so whatever the later messages of this one are. */
function replacedBy({ release, warning }: WebsitePayload, before: Article['replaces'] = [], at: string) {
  if (warning?.msgType !== 'Update') return before;
  const added = warning.references.flatMap(({ release: id }) =>
    id === release || before.some((known) => known.id === id) ? [] : [{ id, at }],
  );
  return [...before, ...added];
}

/** Named by its content, under the kind that the site's variant of it has. */
async function pathOf(hash: string, { media }: Call): Promise<string> {
  const { mime } = await media.read(hash, 'page');
  return `media/${hash.slice(0, 32)}.${mime.split('/')[1]?.replace('jpeg', 'jpg') ?? 'jpg'}`;
}

/** Always certain: the article's own record and its page say. What an interrupted attempt left undone around the page is finished. */
export async function find(account: Own, { payload }: Rendition<WebsitePayload>, call: StepCall): Promise<Finding> {
  const place = placeOf(account, call);
  const article = await readArticle(place.home, payload.release);
  // Without a sequence it came in by Micropub, whose senders choose their own marks.
  if (article?.seq === undefined || article.key !== call.key || !(await isShown(place, article)))
    return { outcome: 'absent' };
  await ensureDrawn(place);
  await drawAgain(place, await openCatalog(place.home), article.id);
  await leaveSlip(place.home, article.id);
  await settle(place);
  return { outcome: 'found', state: 'published', remote: remoteOf(place, article.id) };
}

/** Reads the page over HTTP, as the public does. */
export async function verify(
  account: Own,
  remote: Remote,
  rendition: Rendition<WebsitePayload>,
  call: StepCall,
): Promise<Verification> {
  const url = articleAddress(placeOf(account, call).site, articleNamed(remote));
  const answer = await call.http.request(url, {
    signal: call.signal,
    headers: { accept: 'text/html', 'cache-control': 'no-cache' },
    maxBytes: 16 * 1024 * 1024,
  });
  const platform = { code: String(answer.status), words: url };
  if (answer.status === 404 || answer.status === 410) {
    return {
      outcome: 'mismatch',
      platform,
      cause: {
        zh: '公众打不开这篇文章，页面不存在或已撤回。',
        en: 'The public cannot open the article: it does not exist or was withdrawn.',
      },
      todo: {
        zh: '请确认是否有人撤回，必要时重新发布。',
        en: 'See whether someone has withdrawn it, and publish again if need be.',
      },
    };
  }
  if (answer.status !== 200) throw new PageUnreadable(platform);
  const difference = compareOwn(answer.text(), rendition.expected);
  if (difference) return { outcome: 'mismatch', platform, ...difference };
  return {
    outcome: 'verified',
    remote: { ...remote, url },
    evidence: {
      zh: '已打开公开页面：标题、正文、图片数和网页标签与签发稿一致。',
      en: 'The public page was read back: title, text, pictures and labels match what was signed.',
    },
  };
}

/** The address then answers 410; the article leaves every list, and its files go unless another article shows them. */
export async function withdraw(account: Own, remote: Remote, call: StepCall): Promise<Withdrawal> {
  const place = placeOf(account, call);
  const id = articleNamed(remote);
  await ensureDrawn(place);
  const withdrawn = await lockArticle(place, id, async () => {
    const article = await readArticle(place.home, id);
    if (!article) return false;
    refuseGoingBack(article, call);
    const { key: _, ...rest } = article;
    const gone: Article = {
      ...rest,
      version: article.version + 1,
      state: 'withdrawn',
      seq: call.seq,
      messages: await messagesUpTo(place, article),
    };
    // The record of a withdrawal stands before the page goes, and a crash may come between.
    if (article.state === 'public' || (await hasPage(place, id))) {
      await call.leave();
      await begun(() => putArticle(place, gone));
    } else {
      await writeArticle(place.home, gone);
      await leaveSlip(place.home, id);
    }
    return true;
  });
  await begun(() => settle(place));
  return {
    outcome: 'withdrawn',
    platform: withdrawn
      ? { code: '410', words: `articles/${id}` }
      : { code: 'absent', words: '本站没有这篇文章 / not on this site' },
  };
}

/** The messages of its warning that the public could read here, up to the present one. */
async function messagesUpTo(place: Place, article: Article): Promise<Message[]> {
  const { messages = [] } = article;
  const last = (await isShown(place, article)) ? messageOf(place.site, article) : undefined;
  return last ? [...messages.filter(({ identifier }) => identifier !== last.identifier), last] : messages;
}

function articleNamed({ id }: Remote): string {
  if (!articleId.test(id)) throw new RangeError(`"${id}" is not the name of an article`);
  return id;
}

/** Accounts whose pages the clock has overtaken: a warning there has ended. */
export function overdue({ records, now }: Call): Promise<string[]> {
  return overdueAccounts(records, now());
}

export async function prepare(account: Own, call: Call): Promise<void> {
  const place = placeOf(account, call);
  await refuseOlder(place.home);
  await ownToken(place.home, account.credentials.token);
  await renew(place);
}

/** Shows the heads of days of the hub's book under `audit/`, and the newest in the site's feed. */
export async function showHeads(
  account: Own,
  heads: readonly DayHead[],
  call: Call,
): Promise<{ page: string; json: string }> {
  const place = placeOf(account, call);
  await keepHeads(call.records, heads);
  await settleHeads(place);
  const { page, json } = headsAddress(place.site);
  return { page, json };
}

/** Makes sure that the site's files can be written, and brings every page to the present look and settings. */
export async function check(account: Own, call: Call): Promise<CredentialHealth> {
  try {
    await touchSite(placeOf(account, call).home);
    await prepare(account, call);
    return { outcome: 'ok' };
  } catch (error) {
    const disposition = classify(error, call.now());
    if (disposition.class !== 'action') throw error;
    const { cause, todo, platform } = disposition;
    return { outcome: 'dead', cause, todo, ...(platform && { platform }) };
  }
}
