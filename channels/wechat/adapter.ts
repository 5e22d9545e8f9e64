/** WeChat Official Accounts (公众号、服务号): publish, mass send, or a draft that a person publishes. */
import type { Account, Call, Channel, CredentialHealth, Remote, Withdrawal } from '../channel.js';
import { credentialsSchema, settingsSchema, type Credentials, type Settings } from './account.js';
import { callback } from './callback.js';
import { clientFor, withFreshToken } from './client.js';
import { NotYet, classify, isCode } from './errors.js';
import { find } from './find.js';
import { standingCover } from './pictures.js';
import { publish } from './publish.js';
import { render, type WeChatPayload } from './rendition.js';
import { wechatSandbox } from './sandbox.js';
import { renewToken, tokenOf } from './token.js';
import { verify } from './verify.js';

export const channel: Channel<Settings, Credentials, WeChatPayload> = {
  name: 'wechat',
  label: { zh: '微信公众号', en: 'WeChat Official Account' },
  accountSchema: { settings: settingsSchema, credentials: credentialsSchema },
  limits: {
    pictures: {
      inline: { maxBytes: 1_000_000, maxEdge: 1280, formats: ['jpeg', 'png'] },
      cover: { maxBytes: 2_000_000, maxEdge: 900, formats: ['jpeg', 'png'], ratio: 2.35 },
      square: { maxBytes: 1_000_000, maxEdge: 400, formats: ['jpeg', 'png'], ratio: 1 },
    },
    publishSeconds: 120,
  },
  render,
  renditionKey: ({ settings: { linkTemplate, author, comments, mode } }) =>
    JSON.stringify([linkTemplate, author, comments, mode]),
  async prepare(account, call) {
    await tokenOf(account, call);
    await withFreshToken(account, call, (client) => standingCover(account, client, call));
  },
  publish,
  find,
  verify,
  withdraw: (account, remote, call) => withFreshToken(account, call, (client) => withdrawWith(client, remote)),
  async refresh(account, call) {
    await renewToken(account, call);
  },
  check,
  classify,
  callback,
  sandbox: wechatSandbox,
};

/** Deleting cannot be undone; the address then shows WeChat's own notice. @throws NotYet while it is still being published */
async function withdrawWith(client: ReturnType<typeof clientFor>, remote: Remote): Promise<Withdrawal> {
  switch (remote.extra?.['kind']) {
    case 'draft':
      return withoutError(() => client.deleteDraft(remote.id), {
        40007: {
          outcome: 'action',
          cause: {
            zh: '草稿已离开草稿箱，可能已由人工发表。',
            en: 'The draft has left the draft box; a person may have published it.',
          },
          todo: {
            zh: '请登录公众平台，在“内容管理→发表记录”中找到该文章并删除，再点“已撤回”。',
            en: 'Sign in on the platform, find the article under its published records, delete it, and confirm here.',
          },
        },
      });
    case 'mass':
      return withoutError(() => client.deleteMass(remote.extra?.['messageId'] ?? remote.id));
    default: {
      const articleId = remote.extra?.['articleId'] ?? (await finishedArticle(client, remote));
      if (articleId === undefined)
        return {
          outcome: 'withdrawn',
          platform: { code: 'not-published', words: '该文章没有对外发布 / never became public' },
        };
      return withoutError(() => client.deletePublished(articleId), {
        53600: { outcome: 'withdrawn', platform: { code: '53600', words: 'already deleted' } },
      });
    }
  }
}

async function finishedArticle(client: ReturnType<typeof clientFor>, remote: Remote): Promise<string | undefined> {
  const { publish_status, article_id } = await client.publishState(remote.extra?.['publishId'] ?? remote.id);
  if (publish_status === 1) throw new NotYet('still publishing');
  return publish_status === 0 ? article_id : undefined;
}

async function withoutError(
  work: () => Promise<unknown>,
  expected: Record<number, Withdrawal> = {},
): Promise<Withdrawal> {
  try {
    await work();
    return { outcome: 'withdrawn', platform: { code: '0', words: 'ok' } };
  } catch (error) {
    for (const [code, withdrawal] of Object.entries(expected)) if (isCode(error, Number(code))) return withdrawal;
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
