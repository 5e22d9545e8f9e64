/** WeChat Official Accounts (公众号、服务号): publish, mass send, or a draft that a person publishes. */
import type { Account, Call, Channel, CredentialHealth, Remote, Standing, StepCall, Withdrawal } from '../channel.js';
import { credentialsSchema, settingsSchema, type Credentials, type Settings, type WeChatAccount } from './account.js';
import { callback } from './callback.js';
import { withFreshToken, type Door, type WeChatClient } from './client.js';
import { NotYet, WeChatError, classify, isCode, ruleOf } from './errors.js';
import { find, findPublished, marked } from './find.js';
import { standingCover } from './pictures.js';
import { forget } from './progress.js';
import { publish } from './publish.js';
import { inlineRule } from './picture-rule.js';
import { render, type WeChatPayload } from './rendition.js';
import { wechatSandbox } from './sandbox.js';
import { forgetTokens, renewToken, tokenOf } from './token.js';
import { verify } from './verify.js';

export const channel: Channel<Settings, Credentials, WeChatPayload> = {
  name: 'wechat',
  label: { zh: '微信公众号', en: 'WeChat Official Account' },
  accountSchema: { settings: settingsSchema, credentials: credentialsSchema },
  // The platform has several addresses of its own (api2, sh.api): the account is the same behind each.
  identity: ({ appId }) => appId,
  credentialsGoBy: ['endpoint'],
  limits: {
    pictures: {
      inline: inlineRule,
      cover: { maxBytes: 2_000_000, maxEdge: 900, formats: ['jpeg', 'png'], ratio: 2.35 },
      square: { maxBytes: 1_000_000, maxEdge: 400, formats: ['jpeg', 'png'], ratio: 1 },
    },
    publishSeconds: 120,
  },
  render,
  renditionKey: ({ settings: { linkTemplate, author, comments, mode } }) =>
    JSON.stringify([linkTemplate, author, comments, mode]),
  hostOf: ({ settings }) => new URL(settings.endpoint).origin,
  async prepare(account, call) {
    await tokenOf(account, call);
    await withFreshToken(account, call, (client) => standingCover(account, client, call));
  },
  publish,
  find,
  verify,
  withdraw,
  /** What a person published by hand, and what an account may not delete, only a person takes away. */
  replaces: ({ settings: { mode } }) => (mode === 'draft' ? 'cannot' : 'anew'),
  async refresh(account, call) {
    await renewToken(account, call);
  },
  check,
  forget: forgetTokens,
  classify,
  callback,
  sandbox: wechatSandbox,
};

/**
 * Deleting cannot be undone; the address then shows WeChat's own notice. Nothing of the step stands then, so its record
 * goes, and `find` answers that without asking.
 * @throws NotYet while it is still being published, DoorClosed
 */
async function withdraw(account: WeChatAccount, remote: Remote, call: StepCall): Promise<Withdrawal> {
  if (isNamedTwice(remote, call.standing))
    return gone('named-twice', '同一篇文章的另一编号 / another name of one article');
  const withdrawal = await withFreshToken(account, call, (client) => takeBack(client, remote, call));
  const key = remote.extra?.['key'];
  if (withdrawal.outcome === 'withdrawn' && key !== undefined) await forget(account, call, key);
  return withdrawal;
}

/**
 * One article can stand in the ledger twice: under its publish_id, from a late answer, and under its draft's id, from
 * having been found. The later name goes without the article; the earlier one takes the article with it.
 */
function isNamedTwice(remote: Remote, standing: readonly Standing[]): boolean {
  const draft = remote.extra?.['draft'];
  const names = standing.filter((entry) => draft !== undefined && entry.remote.extra?.['draft'] === draft);
  return names.findIndex((entry) => entry.remote.id === remote.id) > 0;
}

async function takeBack(client: WeChatClient, remote: Remote, call: StepCall): Promise<Withdrawal> {
  const door = () => call.leave();
  switch (remote.extra?.['kind']) {
    case 'draft':
      try {
        return await withRight(() => client.deleteDraft(remote.id, door));
      } catch (error) {
        if (!isCode(error, 40007)) throw error;
        return publishedByHand(client, remote, door);
      }
    case 'mass':
      return withRight(() => deleteMass(client, remote.extra?.['messageId'] ?? remote.id, door));
    default: {
      const articleId = remote.extra?.['articleId'] ?? (await finishedArticle(client, remote));
      if (articleId === undefined) return gone('not-public', '该文章没有公开，或已不公开 / not public, or no more');
      return withRight(() => deletePublished(client, articleId, door));
    }
  }
}

function gone(code: string, words: string): Withdrawal {
  return { outcome: 'withdrawn', platform: { code, words } };
}

async function deletePublished(client: WeChatClient, articleId: string, door: Door): Promise<void> {
  try {
    await client.deletePublished(articleId, door);
  } catch (error) {
    if (!isCode(error, 53600)) throw error;
  }
}

/** What the platform says to the deletion of a send that is under way, has failed or was deleted is written nowhere, so its state is asked. */
async function deleteMass(client: WeChatClient, messageId: string, door: Door): Promise<void> {
  try {
    await client.deleteMass(messageId, door);
  } catch (error) {
    if (!(error instanceof WeChatError) || ruleOf(error.code).class !== 'permanent') throw error;
    const { msg_status } = await client.massState(messageId);
    if (msg_status === 'SENDING') throw new NotYet('still sending');
    if (msg_status === 'SEND_SUCCESS') throw error;
  }
}

/** A draft that has gone was published by a person, or deleted: what bears its marker is deleted, else a person looks. */
async function publishedByHand(client: WeChatClient, remote: Remote, door: Door): Promise<Withdrawal> {
  const key = remote.extra?.['key'];
  const published = key === undefined ? undefined : await findPublished(client, marked(key));
  if (published?.outcome === 'found') {
    const { articleId } = published.extra;
    return withRight(() => deletePublished(client, articleId, door));
  }
  return {
    outcome: 'action',
    cause: {
      zh: '草稿已离开草稿箱，可能已由人工发表。',
      en: 'The draft has left the draft box; a person may have published it.',
    },
    todo: {
      zh: '请登录公众平台，在“内容管理→发表记录”中找到该文章并删除，再点“已撤回”。',
      en: 'Sign in on the platform, find the article under its published records, delete it, and confirm here.',
    },
  };
}

async function finishedArticle(client: WeChatClient, remote: Remote): Promise<string | undefined> {
  const { publish_status, article_id } = await client.publishState(remote.extra?.['publishId'] ?? remote.id);
  if (publish_status === 1) throw new NotYet('still publishing');
  return publish_status === 0 ? article_id : undefined;
}

async function withRight(work: () => Promise<unknown>): Promise<Withdrawal> {
  try {
    await work();
    return { outcome: 'withdrawn', platform: { code: '0', words: 'ok' } };
  } catch (error) {
    if (!isCode(error, 48001)) throw error;
    return {
      outcome: 'action',
      platform: error.platform,
      cause: { zh: '该公众号没有删除接口的权限。', en: 'This account may not delete by API.' },
      todo: {
        zh: '请登录公众平台，在“内容管理→发表记录”中删除该文章，再点“已撤回”。',
        en: 'Delete the article on the platform under its published records, then confirm here.',
      },
    };
  }
}

const noRight = {
  zh: '请登录公众平台查看“设置与开发→接口权限”：认证过期会失去权限，续期后点“重新检查”。',
  en: "Look at the account's API rights on the platform: an expired verification loses them. Renew it, then press Check again.",
};

/** A harmless authorised call. An AppSecret has no end of its own, so there are no days to count. Passing troubles are thrown. */
async function check(account: Account<Settings, Credentials>, call: Call): Promise<CredentialHealth> {
  try {
    await withFreshToken(account, call, (client) => client.countDrafts());
    return { outcome: 'ok' };
  } catch (error) {
    const disposition = classify(error, call.now());
    if (disposition.class !== 'action') throw error;
    const { cause, platform } = disposition;
    const todo = isCode(error, 48001) ? noRight : disposition.todo;
    return { outcome: 'dead', cause, todo, ...(platform && { platform }) };
  }
}
