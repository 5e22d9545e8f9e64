/** The way of one article: pictures, cover, draft, then publish or mass send; or the draft alone and a person. */
import type { Acceptance, StepCall, Remote, Rendition } from '../channel.js';
import { clientMessageId, bearsMarker, sourceUrl, type WeChatAccount } from './account.js';
import { clientFor, type Article, type WeChatClient } from './client.js';
import { Unanswered, WeChatError, classify, isCode, ruleOf } from './errors.js';
import { coverFor, fillPictures } from './pictures.js';
import { recall, remember, settled, type Progress } from './progress.js';
import type { WeChatPayload } from './rendition.js';

type Drafted = Extract<Progress, { stage: 'drafted' | 'submitting' }>;

/**
 * Publishes once. A draft made by an earlier attempt is used again. The intent is stored before the request leaves and
 * the platform's id right after; from the platform's yes on, nothing throws.
 * @throws Unanswered where the request may have landed; other errors where nothing was published
 */
export async function publish(
  account: WeChatAccount,
  rendition: Rendition<WeChatPayload>,
  call: StepCall,
): Promise<Acceptance> {
  const earlier = await recall(account, call);
  if (earlier?.stage === 'accepted') return { outcome: 'accepted', remote: asRemote(earlier.remote), checkAfter: 2 };
  // Only `find` may settle a doubt this young; whoever comes here without asking it is sent back. A mass send has its own key.
  if (
    earlier?.stage === 'submitting' &&
    account.settings.mode === 'publish' &&
    call.now().getTime() - earlier.at < settled
  )
    throw new Unanswered('an earlier request is not settled');
  const client = clientFor(account, call);
  const known = earlier && earlier.stage !== 'drafting' ? earlier : undefined;
  const drafted = known ?? (await makeDraft(account, client, rendition.payload, call, earlier !== undefined));
  if (account.settings.mode === 'draft') return draftOnly(drafted, call);

  await remember(account, call, { ...drafted, stage: 'submitting', at: call.now().getTime() });
  let remote: Remote;
  try {
    remote = await (account.settings.mode === 'mass' ? massSend(client, drafted, call) : submit(client, drafted, call));
  } catch (error) {
    if (error instanceof Unanswered) throw error;
    await remember(account, call, { ...drafted, stage: 'drafted' });
    // A draft that is gone was deleted, or published by somebody: `find` must look before anything is sent again.
    if (known && isCode(error, 40007)) throw new Unanswered('the draft has left the draft box', { cause: error });
    if (error instanceof WeChatError && ruleOf(error.code).class === 'action') return actionFor(error, drafted, call);
    throw error;
  }
  await rememberAccepted(account, call, remote);
  // The outcome comes by callback where the account has one; asking is the second way, sparse because counted (100 a day).
  return { outcome: 'accepted', remote, platform: { code: '0', words: 'ok' }, checkAfter: 3 };
}

async function makeDraft(
  account: WeChatAccount,
  client: WeChatClient,
  payload: WeChatPayload,
  call: StepCall,
  mayExist: boolean,
): Promise<Drafted> {
  if (!mayExist) await remember(account, call, { stage: 'drafting', at: call.now().getTime() });
  const { content, dropped } = await fillPictures(account, client, payload, call);
  const made = (draft: string): Drafted => ({ stage: 'drafted', at: call.now().getTime(), draft, dropped });
  const left = mayExist ? await findDraft(client, call) : undefined;
  const drafted = made(left?.draft ?? (await addDraft(account, client, payload, content, call)));
  await remember(account, call, drafted);
  return drafted;
}

/** A cover that has been deleted on the platform is uploaded once more. */
async function addDraft(
  account: WeChatAccount,
  client: WeChatClient,
  payload: WeChatPayload,
  content: string,
  call: StepCall,
): Promise<string> {
  const cover = await coverFor(account, client, payload, call);
  const article: Article = {
    title: payload.title,
    author: payload.author,
    digest: payload.digest,
    content,
    thumb_media_id: cover.material,
    content_source_url: sourceUrl(payload.link, call.key),
    ...(cover.crops && { pic_crop_235_1: cover.crops.wide, pic_crop_1_1: cover.crops.square }),
    ...(payload.comments !== 'off' && {
      need_open_comment: 1,
      only_fans_can_comment: payload.comments === 'followers' ? 1 : 0,
    }),
  };
  try {
    return await client.addDraft(article);
  } catch (error) {
    if (!isCode(error, 40007)) throw error;
    await cover.forget();
    const fresh = await coverFor(account, client, payload, call);
    return client.addDraft({ ...article, thumb_media_id: fresh.material });
  }
}

/** The delivery's own draft in the draft box, known by its marker. Reads every page, at most 500 drafts. */
export async function findDraft(
  client: WeChatClient,
  call: StepCall,
): Promise<{ draft: string; updatedAt: number } | undefined> {
  for (let offset = 0; offset < 500;) {
    const page = await client.listDrafts(offset);
    const own = page.item.find((item) =>
      item.content.news_item.some((article) => bearsMarker(article.content_source_url, call.key)),
    );
    if (own) return { draft: own.media_id, updatedAt: (own.update_time ?? 0) * 1000 };
    offset += page.item.length;
    if (page.item.length === 0 || offset >= page.total_count) return undefined;
  }
  return undefined;
}

async function submit(client: WeChatClient, { draft, dropped }: Drafted, call: StepCall): Promise<Remote> {
  const { publish_id, msg_data_id } = await client.submit(draft);
  return {
    id: publish_id,
    extra: {
      kind: 'publish',
      publishId: publish_id,
      draft,
      acceptedAt: call.now().toISOString(),
      dropped: String(dropped),
      ...(msg_data_id !== undefined && { messageDataId: msg_data_id }),
    },
  };
}

/** The client's message id makes a second request harmless, so silence is asked about at once: 45065 tells the message. */
export async function massSend(
  client: WeChatClient,
  { draft, dropped }: Pick<Drafted, 'draft' | 'dropped'>,
  call: StepCall,
): Promise<Remote> {
  const send = () => client.sendToAll(draft, clientMessageId(call.key));
  const sent = await send()
    .catch((error: unknown) => {
      if (error instanceof Unanswered && !call.signal.aborted) return send();
      throw error;
    })
    .catch((error: unknown): { msg_id: string; msg_data_id?: string | undefined } => {
      if (isCode(error, 45065) && error.messageId !== undefined) return { msg_id: error.messageId };
      throw error;
    });
  return {
    id: sent.msg_id,
    extra: {
      kind: 'mass',
      messageId: sent.msg_id,
      draft,
      acceptedAt: call.now().toISOString(),
      dropped: String(dropped),
      ...(sent.msg_data_id !== undefined && { messageDataId: sent.msg_data_id }),
    },
  };
}

function draftOnly(drafted: Drafted, call: StepCall): Acceptance {
  return {
    outcome: 'action',
    remote: draftRemote(drafted, call),
    cause: {
      zh: '该公众号没有发布接口权限，稿件已存入公众号草稿箱，等待人工发表。',
      en: 'This account cannot publish by API; the article is in its draft box and waits for a person.',
    },
    todo: byHand,
  };
}

/** What a person does with a draft, step by step. */
export const byHand = {
  zh: '① 用电脑登录 mp.weixin.qq.com；② 左侧“内容管理→草稿箱”打开同名稿件，核对标题、正文和图片；③ 点“发表”，由管理员扫码确认；④ 打开已发表的文章，复制链接；⑤ 回到本页点“已发布”，填入链接。',
  en: '1. Sign in at mp.weixin.qq.com. 2. Content → Drafts: open the article of the same title and check title, text and pictures. 3. Publish; an administrator confirms by scanning. 4. Open the published article and copy its link. 5. Come back here, press Published and enter the link.',
};

function actionFor(error: WeChatError, drafted: Drafted, call: StepCall): Acceptance {
  const disposition = classify(error, call.now());
  return {
    outcome: 'action',
    remote: draftRemote(drafted, call),
    cause: disposition.cause,
    todo: disposition.class === 'action' ? disposition.todo : byHand,
    platform: error.platform,
  };
}

function draftRemote({ draft, dropped }: Drafted, call: StepCall): Remote {
  return { id: draft, extra: { kind: 'draft', draft, acceptedAt: call.now().toISOString(), dropped: String(dropped) } };
}

/** After the platform's yes: the record helps `find`, but a memory that fails now must not undo the yes. */
export async function rememberAccepted(account: WeChatAccount, call: StepCall, remote: Remote): Promise<void> {
  await remember(account, call, {
    stage: 'accepted',
    at: call.now().getTime(),
    remote: { id: remote.id, url: remote.url, extra: remote.extra ?? {} },
  }).catch((error: unknown) =>
    process.emitWarning(`wechat: accepted ${remote.id}, but its record could not be kept: ${String(error)}`),
  );
}

export function asRemote({
  id,
  url,
  extra,
}: {
  id: string;
  url?: string | undefined;
  extra: Record<string, string>;
}): Remote {
  return { id, extra, ...(url !== undefined && { url }) };
}
