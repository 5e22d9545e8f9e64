/** A site that this hub builds itself: pages in a folder, whole at every moment. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  Acceptance,
  Account,
  Call,
  CredentialHealth,
  Finding,
  StepCall,
  Remote,
  Rendition,
  Verification,
  Withdrawal,
} from '../channel.js';
import { compareOwn } from './compare.js';
import { PageUnreadable, classify } from './errors.js';
import type { WebsitePayload } from './payload.js';
import type { BuiltinSettings, Credentials } from './settings.js';
import { readArticle, type Article } from './site/article.js';
import { settle, touchSite } from './site/build.js';
import { articleId, isMissing, siteFolder, writeWhole } from './site/files.js';
import { articleAddress, siteOf } from './site/look.js';
import { leaveSlip, lockArticle, putArticle, type Place } from './site/pages.js';
import { renew } from './site/redraw.js';
import { ownToken } from './site/tokens.js';
import { safeExtension } from './site/types.js';

type Own = Account<BuiltinSettings, Credentials>;

function placeOf({ settings, organization }: Own, call: Call): Place {
  return {
    folder: siteFolder(call.folder, settings.site),
    site: siteOf(settings, organization, call.hubUrl),
    memory: call.memory,
  };
}

function remoteOf({ site }: Place, id: string): Remote {
  return { id, url: articleAddress(site, id), extra: { site: site.settings.site } };
}

/** The same key twice leaves the same page; an older key never overwrites a newer revision. */
export async function publish(
  account: Own,
  { payload }: Rendition<WebsitePayload>,
  call: StepCall,
): Promise<Acceptance> {
  const place = placeOf(account, call);
  await ownToken(place.folder, account.credentials.token);
  const article = await lockArticle(place, payload.release, async () => {
    const old = await readArticle(place.folder, payload.release);
    if (old && old.keys.includes(call.key) && old.keys.at(-1) !== call.key) return old;
    const next = await articleOf(payload, old, place, call);
    await putArticle(place, next);
    return next;
  });
  await settle(place);
  // While the lists were brought up to date, another article that let go of the same picture may have taken its file along.
  if (article.state === 'public') await copyFiles(article, place, call);
  return {
    outcome: 'published',
    remote: remoteOf(place, payload.release),
    platform: { code: 'written', words: `articles/${payload.release}` },
  };
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
  const article: Article = {
    id: release,
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
    keys: [...new Set([...(old?.keys ?? []), call.key])],
    state: 'public',
    publishedAt: old?.publishedAt ?? now,
    ...(revisedAt !== undefined && { revisedAt }),
    ...(author !== undefined && { author }),
    ...(cover !== undefined && { cover }),
    ...(policy && { policy }),
    ...(warning && { warning }),
    ...(interprets && { interprets }),
    ...(interpretations && { interpretations }),
    pictures: pictures.map(({ hash, alt, width, height }) => ({
      hash,
      alt,
      width,
      height,
      path: old?.pictures.find((entry) => entry.hash === hash)?.path ?? '',
    })),
    attachments: attachments.map((attachment) => ({
      ...attachment,
      path: `files/${attachment.hash.slice(0, 32)}.${safeExtension(attachment.name)}`,
    })),
  };
  await copyFiles(article, place, call);
  return article;
}

/** Copies what is not there yet, named by its content. Fills in the pictures' paths. */
async function copyFiles({ pictures, attachments }: Article, { folder }: Place, call: Call): Promise<void> {
  for (const picture of pictures) {
    if (picture.path && (await isThere(join(folder.public, picture.path)))) continue;
    const { bytes, mime } = await call.media.read(picture.hash, 'page');
    picture.path = `media/${picture.hash.slice(0, 32)}.${mime.split('/')[1]?.replace('jpeg', 'jpg') ?? 'jpg'}`;
    await writeWhole(join(folder.public, picture.path), bytes);
  }
  for (const { hash, path } of attachments) {
    if (await isThere(join(folder.public, path))) continue;
    await writeWhole(join(folder.public, path), (await call.media.read(hash)).bytes);
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Always certain: the article's own record says. What an interrupted attempt left undone is finished. */
export async function find(account: Own, { payload }: Rendition<WebsitePayload>, call: StepCall): Promise<Finding> {
  const place = placeOf(account, call);
  const article = await readArticle(place.folder, payload.release);
  if (!article?.keys.includes(call.key)) return { outcome: 'absent' };
  const page = join(
    place.folder.public,
    'articles',
    article.id,
    article.state === 'public' ? 'index.html' : 'gone.html',
  );
  if (!(await isThere(page))) return { outcome: 'absent' };
  await leaveSlip(place.folder, article.id);
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
  const withdrawn = await lockArticle(place, id, async () => {
    const article = await readArticle(place.folder, id);
    if (article && article.state === 'public')
      await putArticle(place, { ...article, state: 'withdrawn', revisedAt: call.now().toISOString() });
    else if (article) await leaveSlip(place.folder, id);
    return article !== undefined;
  });
  await settle(place);
  return {
    outcome: 'withdrawn',
    platform: withdrawn
      ? { code: '410', words: `articles/${id}` }
      : { code: 'absent', words: '本站没有这篇文章 / not on this site' },
  };
}

function articleNamed({ id }: Remote): string {
  if (!articleId.test(id)) throw new RangeError(`"${id}" is not the name of an article`);
  return id;
}

export async function prepare(account: Own, call: Call): Promise<void> {
  const place = placeOf(account, call);
  await ownToken(place.folder, account.credentials.token);
  await renew(place);
}

/** Makes sure that the folder can be written, and brings every page to the present look and settings. */
export async function check(account: Own, call: Call): Promise<CredentialHealth> {
  try {
    await touchSite(placeOf(account, call).folder);
    await prepare(account, call);
    return { outcome: 'ok' };
  } catch (error) {
    const disposition = classify(error, call.now());
    if (disposition.class !== 'action') throw error;
    const { cause, todo, platform } = disposition;
    return { outcome: 'dead', cause, todo, ...(platform && { platform }) };
  }
}
