/** What a Weibo account holds. Settings are public within the hub; every credential is a secret. */
import { isIP } from 'node:net';
import { z } from 'zod';
import type { Account, AccountProfile } from '../channel.js';

const address = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));

export const settingsSchema = z.strictObject({
  /** The account's numeric id; a string, for it may outgrow a number. */
  uid: z
    .string()
    .regex(/^\d{1,20}$/, "应为微博账号的数字 UID / must be the account's numeric uid")
    .meta({ title: '微博 UID / Numeric uid' }),
  endpoint: address.default('https://api.weibo.com').meta({ title: '接口地址 / API address' }),
  /** Where the public reads a post: `{publicBase}/{uid}/{mid in base 62}`. */
  publicBase: address.default('https://weibo.com').meta({ title: '公众访问地址 / Public address' }),
  /** The caller's real public IP, which `statuses/share` asks for. */
  rip: z
    .string()
    .refine((text) => isIP(text) !== 0, "应为本系统的公网 IP / must be this hub's public IP address")
    .meta({ title: '本系统公网 IP / Public IP of this hub' }),
  /** Address of the same release on the unit's own site; `{release}` is filled in. Its host must be a 安全域名 of the Weibo app. */
  linkTemplate: z
    .string()
    .max(500)
    .refine(
      (text) => /^https?:\/\/[^\s#]+$/.test(text) && URL.canParse(text.replaceAll('{release}', 'x')),
      '应为不含“#”的 http(s) 地址 / must be an http(s) address without "#"',
    )
    .optional()
    .meta({ title: '原文链接模板 / Link of the original' }),
  /** The 安全域名 bound to the Weibo app; a subdomain counts as its own domain. */
  safeDomains: z.array(z.string().trim().toLowerCase().min(1)).default([]).meta({ title: '安全域名 / Safe domains' }),
  /** The platform's limits for this app; the documented ones for an ordinary app unless told. */
  budget: z
    .strictObject({
      callsPerDay: z.int().min(1).default(100).meta({ title: '每日调用次数 / Calls a day' }),
      postsPerHour: z.int().min(1).default(30).meta({ title: '每小时发布次数 / Posts an hour' }),
      /** Of all accounts together, from this hub's address. */
      addressCallsPerHour: z
        .int()
        .min(1)
        .default(15_000)
        .meta({ title: '本机每小时调用次数 / Calls an hour from this address' }),
    })
    .prefault({})
    .meta({ title: '调用额度 / Quota' }),
});

export const credentialsSchema = z.strictObject({
  /** Empty until the account's keeper has authorised it on the accounts page. */
  accessToken: z.string().default('').meta({ title: '访问令牌（可留空，之后点“授权”） / Access token' }),
  appKey: z.string().min(1).meta({ title: 'App Key / App key' }),
  appSecret: z.string().min(1).meta({ title: 'App Secret 密钥 / App secret' }),
  /** When the authorisation ends, as its answer said. Kept for people; `check` asks the platform. */
  expiresAt: z.iso.datetime({ offset: true }).optional().meta({ title: '令牌到期时间 / When the token ends' }),
});

export type Settings = z.output<typeof settingsSchema>;
export type Credentials = z.output<typeof credentialsSchema>;
export type WeiboAccount = Account<Settings, Credentials>;
export type WeiboProfile = AccountProfile<Settings>;

/** The link of a release for this account, without a step's marker. */
export function linkOf(settings: Settings, release: string): string | undefined {
  return settings.linkTemplate?.replaceAll('{release}', encodeURIComponent(release));
}

/** Whether the platform takes the link for one of the app's own. Without any domain told, nothing is known: false. */
export function isSafe(link: string, safeDomains: readonly string[]): boolean {
  const host = URL.canParse(link) ? new URL(link).hostname : '';
  return safeDomains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}
