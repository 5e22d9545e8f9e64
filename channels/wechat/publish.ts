/** The way of one article: pictures, cover, draft, then publish or mass send; or the draft alone and a person. */
import type { Acceptance, StepCall, Remote, Rendition } from '../channel.js';
import { clientMessageId, bearsMarker, sourceUrl, type WeChatAccount } from './account.js';
import { clientFor, type Article, type WeChatClient } from './client.js';
import {
  GatewayError,
  NoAnswer,
  Unanswered,
  WeChatError,
  classify,
  isCode,
  mayMeanUnderWay,
  ruleOf,
} from './errors.js';
import { coverFor, fillPictures } from './pictures.js';
import { doubt, recall, remember, type Drafted } from './progress.js';
import type { WeChatPayload } from './rendition.js';

/**
 * Makes a draft, records it, asks at the door, submits it; another attempt at the step submits that same draft. From the
 * platform's yes on, nothing throws.
 *
 * What holds it to one article: a published draft leaves the box (the platform's page on drafts), so submitting it again
 * is refused with 40007. What a second submit gets while the first is under way is written nowhere. A refusal and the
 * same publish are both safe here. The residual doubt: should the platform begin a second publish of one draft, then a
 * request that lands after its time-out, beside another attempt's, makes two articles.
 * @throws Unanswered where an article may be public or on its way, `DoorClosed`; other errors where nothing was published
 */
export async function publish(
  account: WeChatAccount,
  rendition: Rendition<WeChatPayload>,
  call: StepCall,
): Promise<Acceptance> {
  const client = clientFor(account, call);
  const earlier = await recall(account, call, call.key);
  const known = earlier?.stage === 'drafted' ? earlier : undefined;
  const drafted = known ?? (await makeDraft(account, client, rendition.payload, call, earlier !== undefined));
  if (account.settings.mode === 'draft') return draftOnly(drafted, call);
  try {
    const remote = await (account.settings.mode === 'mass' ? massSend : submit)(client, drafted, call);
    // The outcome comes by callback where the account has one; asking is the second way, sparse because counted (100 a day).
    return { outcome: 'accepted', remote, platform: { code: '0', words: 'ok' }, checkAfter: 3 };
  } catch (error) {
    if (!(error instanceof WeChatError)) throw error;
    // Published meanwhile, or deleted: `find` must look before anything else is done.
    if (error.code === 40007) throw new Unanswered('the draft has left the draft box', { cause: error });
    // A mass send needs no such care: the platform knows it by its client id.
    const underWay = known && account.settings.mode === 'publish' && mayMeanUnderWay(error.code);
    if (underWay && (await doubt(account, call, known)) !== undefined)
      throw new Unanswered('the draft may be on its way already', { cause: error });
    if (ruleOf(error.code).class === 'action') return actionFor(error, drafted, call);
    throw error;
  }
}

/**
 * A second draft of a step is no second article, but for an account whose drafts are published by hand it is as good as
 * one. There the intent is recorded first, elsewhere only where an answer was lost; either makes the next attempt look
 * into the draft box.
 */
async function makeDraft(
  account: WeChatAccount,
  client: WeChatClient,
  payload: WeChatPayload,
  call: StepCall,
  mayExist: boolean,
): Promise<Drafted> {
  if (!mayExist && account.settings.mode === 'draft') await remember(account, call, { stage: 'drafting' });
  const { content, dropped } = await fillPictures(account, client, payload, call);
  const left = mayExist ? await findDraft(client, call) : undefined;
  const draft =
    left ??
    (await addDraft(account, client, payload, content, call).catch(async (error: unknown) => {
      if (error instanceof NoAnswer || error instanceof GatewayError)
        await remember(account, call, { stage: 'drafting' });
      throw error;
    }));
  // While we stood still, another may have taken over and submitted its own draft: that one is the step's.
  const now = await recall(account, call, call.key);
  if (now?.stage === 'drafted') return now;
  const drafted: Drafted = { stage: 'drafted', draft, dropped };
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

/** The step's own draft in the draft box, known by its marker. Reads every page, at most 500 drafts. */
async function findDraft(client: WeChatClient, call: StepCall): Promise<string | undefined> {
  for (let offset = 0; offset < 500;) {
    const page = await client.listDrafts(offset);
    const own = page.item.find((item) =>
      item.content.news_item.some((article) => bearsMarker(article.content_source_url, call.key)),
    );
    if (own) return own.media_id;
    offset += page.item.length;
    if (page.item.length === 0 || offset >= page.total_count) return undefined;
  }
  return undefined;
}

async function submit(client: WeChatClient, drafted: Drafted, call: StepCall): Promise<Remote> {
  const { publish_id, msg_data_id } = await client.submit(drafted.draft, () => call.leave());
  return {
    id: publish_id,
    alias: drafted.draft,
    extra: {
      kind: 'publish',
      publishId: publish_id,
      ...origin(drafted, call),
      ...(msg_data_id !== undefined && { messageDataId: msg_data_id }),
    },
  };
}

/** The client's message id makes a second request harmless, so silence is asked about at once: 45065 tells the message. */
export async function massSend(client: WeChatClient, drafted: Drafted, call: StepCall): Promise<Remote> {
  const send = () => client.sendToAll(drafted.draft, clientMessageId(call.key), () => call.leave());
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
    alias: drafted.draft,
    extra: {
      kind: 'mass',
      messageId: sent.msg_id,
      ...origin(drafted, call),
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

function draftRemote(drafted: Drafted, call: StepCall): Remote {
  return { id: drafted.draft, extra: { kind: 'draft', ...origin(drafted, call) } };
}

/** How it came to be: with this, whatever stands is followed, recognised and taken back without any other memory. */
export function origin({ draft, dropped }: Drafted, call: StepCall): Record<string, string> {
  return { key: call.key, draft, dropped: String(dropped), acceptedAt: call.now().toISOString() };
}
