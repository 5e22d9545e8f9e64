/** What an Official Account needs to be published to: public settings, and credentials of which every field is secret. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Account, AccountProfile } from '../channel.js';

export const settingsSchema = z.strictObject({
  appId: z
    .string()
    .regex(
      /^wx[0-9a-zA-Z]{6,30}$/,
      '应为公众平台“开发接口管理”中以 wx 开头的 AppID / must be the AppID that starts with wx',
    )
    .meta({ title: '公众号 AppID / App id' }),
  endpoint: z
    .url({ protocol: /^https?$/ })
    .default('https://api.weixin.qq.com')
    .transform((url) => url.replace(/\/+$/, ''))
    .meta({ title: '接口地址 / API address' }),
  /** `publish`: 发布 (no push). `mass`: 群发 to all followers. `draft`: no publish right, a person publishes the draft. */
  mode: z.enum(['publish', 'mass', 'draft']).default('publish').meta({ title: '发布方式 / How it publishes' }),
  /** Which token call: `stable` unless the account must share tokens with software that uses the old one. */
  token: z.enum(['stable', 'plain']).default('stable').meta({ title: '令牌方式 / Kind of token' }),
  /** Address of the same article on the unit's own site; becomes 阅读原文. `{release}` is filled in. */
  linkTemplate: z
    .string()
    .max(500)
    .refine(
      (text) => URL.canParse(text.replaceAll('{release}', 'x')) && /^https?:/.test(text),
      '应为 http(s) 地址 / must be an http(s) address',
    )
    .optional()
    .meta({ title: '原文链接模板 / Link of the original' }),
  author: z.string().trim().max(16).optional().meta({ title: '作者 / Author' }),
  /** Opens comments (留言) under what is published; needs the comment right. */
  comments: z.enum(['off', 'everyone', 'followers']).default('off').meta({ title: '留言 / Comments' }),
  /** What the platform allows this account a day: those of a new account unless told. Of each call for reading back there are so many. */
  budget: z
    .strictObject({
      submitsPerDay: z.int().min(1).default(100).meta({ title: '每日提交次数 / Submissions a day' }),
      sendsPerDay: z.int().min(1).default(100).meta({ title: '每日群发次数 / Mass sends a day' }),
      readsPerDay: z.int().min(1).default(100).meta({ title: '每日查询次数 / Reads a day' }),
    })
    .prefault({})
    .meta({ title: '每日额度 / Daily quota' }),
});

export const credentialsSchema = z.strictObject({
  appSecret: z.string().min(1).meta({ title: 'AppSecret 密钥 / App secret' }),
  /** 服务器配置: Token, and EncodingAESKey where the mode is compatible or secure. */
  callbackToken: z.string().min(3).max(32).optional().meta({ title: '服务器配置 Token / Callback token' }),
  encodingAesKey: z
    .string()
    .regex(/^[A-Za-z0-9]{43}$/)
    .optional()
    .meta({ title: '消息加解密密钥 / EncodingAESKey' }),
});

export type Settings = z.infer<typeof settingsSchema>;
export type Credentials = z.infer<typeof credentialsSchema>;
export type WeChatAccount = Account<Settings, Credentials>;
export type WeChatProfile = AccountProfile<Settings>;

/** Names this account in shared memory. The host is part of it: ids of one host mean nothing on another. */
export function scopeOf(account: WeChatProfile): string {
  return `${account.settings.appId}@${new URL(account.settings.endpoint).host}`;
}

/** Twenty hex digits that mark a delivery's own article in its content_source_url. */
export function markerOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 20);
}

/** `clientmsgid`: at most 32 alphanumerics, or the platform answers 45067. */
export function clientMessageId(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

const markerName = 'lianfa';

/** content_source_url of one delivery, with its marker; nothing where the account has no site address. */
export function sourceUrl(link: string | undefined, key: string): string | undefined {
  if (link === undefined) return undefined;
  const url = new URL(link);
  url.searchParams.set(markerName, markerOf(key));
  return url.href;
}

export function bearsMarker(contentSourceUrl: string | undefined, key: string): boolean {
  return contentSourceUrl?.includes(`${markerName}=${markerOf(key)}`) ?? false;
}
