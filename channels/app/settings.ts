/** What an app account holds: which push service it speaks to, and the slug of its content feed. */
import { z } from 'zod';

/** Part of public addresses and of the records' keys, so nothing but lower-case letters, digits and inner hyphens. */
export const feedSlug = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/** JPush: at most 40 UTF-8 bytes of letters, digits, 汉字 and `_@!#$&*+=.|￥`. */
const tag = z
  .string()
  .regex(/^[\p{Script=Han}A-Za-z0-9_@!#$&*+=.|￥]+$/u)
  .refine((value) => Buffer.byteLength(value) <= 40, '标签和别名最多 40 字节 / tags and aliases have at most 40 bytes');
const tags = z.array(tag).min(1).max(20);

const audience = z.union([
  z.enum(['all', 'region']),
  z
    .strictObject({
      tag: tags.optional(),
      tag_and: tags.optional(),
      tag_not: tags.optional(),
      alias: z.array(tag).min(1).max(1_000).optional(),
    })
    .refine((kinds) => Object.values(kinds).some(Boolean), '至少填写一种投放对象 / name at least one kind of target'),
]);

const vendors = ['xiaomi', 'huawei', 'honor', 'meizu', 'oppo', 'vivo', 'fcm', 'nio'] as const;

const common = {
  feed: z
    .string()
    .regex(feedSlug, '只能用小写字母、数字和中间的连字符 / lower-case letters, digits and inner hyphens only')
    .meta({ title: '内容源标识 / Feed name' }),
  /** The feed's title; the unit's name unless told. */
  title: z.string().trim().min(1).max(100).optional().meta({ title: '内容源标题 / Feed title' }),
};

export const settingsSchema = z.discriminatedUnion('provider', [
  z.strictObject({
    provider: z.literal('jpush').meta({ title: '推送服务 / Push service' }),
    ...common,
    appKey: z
      .string()
      .regex(/^[A-Za-z0-9]{24,}$/)
      .meta({ title: '极光 AppKey / JPush app key' }),
    endpoint: z.url().default('https://api.jpush.cn').meta({ title: '推送接口地址 / Push API address' }),
    reportEndpoint: z.url().default('https://report.jpush.cn').meta({ title: '统计接口地址 / Report API address' }),
    /** `region`: the phones that carry the unit's region code as a tag. */
    audience: audience.default('all').meta({ title: '推送对象 / Push audience' }),
    /** False sends to Apple's development service. */
    apnsProduction: z.boolean().default(true).meta({ title: '苹果正式环境 / Apple production service' }),
    /** The app's own notification channel on Android, and the message category that Huawei has granted it on HarmonyOS. */
    androidChannel: z
      .string()
      .min(1)
      .refine((value) => Buffer.byteLength(value) <= 1_000, '最多 1000 字节 / at most 1000 bytes')
      .optional()
      .meta({ title: '安卓通知渠道 / Android channel' }),
    hmosCategory: z.string().min(1).max(64).optional().meta({ title: '鸿蒙消息分类 / HarmonyOS category' }),
    /** The phone makers have granted the app their class of system messages; emergencies then go out under it. */
    systemMessages: z.boolean().default(false).meta({ title: '厂商系统消息权限 / System messages granted' }),
    /** `options.third_party_channel` as JPush documents it, by phone maker: how it distributes, channels, categories. */
    vendors: z
      .partialRecord(z.enum(vendors), z.record(z.string().min(1), z.union([z.string(), z.number(), z.boolean()])))
      .optional()
      .meta({ title: '厂商通道选项 / Vendor options' }),
  }),
  z.strictObject({ provider: z.literal('webpush').meta({ title: '推送服务 / Push service' }), ...common }),
  z.strictObject({ provider: z.literal('none').meta({ title: '推送服务 / Push service' }), ...common }),
]);

const base64url = /^[A-Za-z0-9_-]+$/;

export const credentialsSchema = z.union([
  z.strictObject({
    masterSecret: z
      .string()
      .regex(/^[A-Za-z0-9]{24,}$/)
      .meta({ title: '极光 Master Secret / JPush master secret' }),
  }),
  z.strictObject({
    vapidPublicKey: z.string().regex(base64url).length(87).meta({ title: 'VAPID 公钥 / VAPID public key' }),
    vapidPrivateKey: z.string().regex(base64url).length(43).meta({ title: 'VAPID 私钥 / VAPID private key' }),
    /** A `mailto:` or `https:` address at which a push service can reach the unit. */
    vapidSubject: z
      .string()
      .regex(/^(mailto:|https:\/\/)\S+$/)
      .meta({ title: '联系地址 / Contact address' }),
  }),
  z.strictObject({}),
]);

export type AppSettings = z.output<typeof settingsSchema>;
export type JPushSettings = Extract<AppSettings, { provider: 'jpush' }>;
export type AppCredentials = z.output<typeof credentialsSchema>;
export type VapidKeys = Extract<AppCredentials, { vapidPublicKey: string }>;

/** The record that holds the public half, which a browser needs to subscribe. */
export const vapidKey = (feed: string): string => `vapid:${feed}`;
