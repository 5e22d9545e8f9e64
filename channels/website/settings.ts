/** What a website account is: a site that this hub builds itself, or a remote CMS that speaks Micropub. */
import { z } from 'zod';

/** Also a folder's name and part of public addresses: lower-case letters, digits and inner hyphens only. */
export const siteSlug = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const line = (max: number) => z.string().trim().min(1).max(max);
const webAddress = z.url({ protocol: /^https?$/ });

export const columnSchema = z.strictObject({
  name: line(40),
  slug: z.string().regex(siteSlug),
  /** ColumnType of the page-label norm, e.g. 政策文件. The column's name unless told. */
  type: line(40).optional(),
  description: line(200).optional(),
  keywords: z.array(line(30)).max(10).optional(),
});

export const builtinSchema = z.strictObject({
  type: z.literal('builtin').meta({ title: '站点类型 / Kind of site' }),
  site: z
    .string()
    .regex(siteSlug, '只能用小写字母、数字和中间的连字符 / lower-case letters, digits and inner hyphens only')
    .meta({ title: '站点目录名 / Folder name' }),
  siteName: line(60).meta({ title: '网站名称 / Site name' }),
  siteDomain: z
    .string()
    .trim()
    .max(253)
    .regex(/^[a-z0-9.-]+$/i, '填写英文域名 / give the domain name')
    .meta({ title: '网站域名 / Domain' }),
  /** 网站标识码: ten digits, or letters with digits for ministries (`bm01000001`). */
  siteIdCode: z
    .string()
    .regex(/^[a-zA-Z]{0,2}\d{8,10}$/, '填写 10 位网站标识码 / give the ten-character identification code')
    .meta({ title: '网站标识码 / Identification code' }),
  columns: z.array(columnSchema).max(60).default([]).meta({ title: '栏目 / Columns' }),
  /** ICP备案号 and 公安备案号, shown in the footer. */
  icp: line(60).optional().meta({ title: 'ICP 备案号 / ICP number' }),
  police: line(60).optional().meta({ title: '公安备案号 / Police record number' }),
  contact: line(120).optional().meta({ title: '联系方式 / Contact' }),
  /** 主办单位; the unit that owns the account unless told. */
  sponsor: line(60).optional().meta({ title: '主办单位 / Sponsor' }),
  /** Address of the site's own “我为政府网站找错” entry. The national platform's unless told. */
  errorReport: webAddress.optional().meta({ title: '找错入口地址 / Error report address' }),
  /** Where the public reaches the site, if another web server serves the folder. */
  address: webAddress
    .transform((value) => value.replace(/\/+$/, ''))
    .optional()
    .meta({ title: '公众访问地址 / Public address' }),
  /** Old addresses on this site and where they went: `/old/page.html` → `/articles/…` or a full address. */
  redirects: z
    .record(z.string().startsWith('/'), z.union([z.string().regex(/^\/(?![/\\])/), webAddress]))
    .default({})
    .meta({ title: '旧地址跳转 / Old addresses' }),
});

export const micropubSchema = z.strictObject({
  type: z.literal('micropub').meta({ title: '站点类型 / Kind of site' }),
  endpoint: webAddress.meta({ title: 'Micropub 接口地址 / Micropub endpoint' }),
  /** The site's own address, where one endpoint serves many: two accounts on one endpoint are told apart by it. */
  me: webAddress.optional().meta({ title: '网站自身地址 / Site address' }),
  /** How the site makes an address from a slug, with `{slug}` in it. Learned from its answers unless told; told wrongly, an earlier post is not found again. */
  postAddress: webAddress
    .refine((value) => decodeURIComponent(value).includes('{slug}'), '地址中要有 {slug} / the address must hold {slug}')
    .optional()
    .meta({ title: '文章地址格式 / Form of post addresses' }),
});

export const settingsSchema = z.discriminatedUnion('type', [builtinSchema, micropubSchema]);

/** Our own site by its folder; a remote one by where it takes posts, and for which of its sites. */
export function identityOf(settings: Settings): string {
  if (settings.type === 'builtin') return `site ${settings.site}`;
  return ['micropub', ...[settings.endpoint, settings.me ?? ''].map(sameAddress)].join(' ').trimEnd();
}

/** One spelling of an address: the scheme, the host's case, its usual port, a fragment and a slash at the end tell no two sites apart. */
function sameAddress(address: string): string {
  if (address === '') return '';
  const { host, pathname, search } = new URL(address);
  return `${host.replace(/:(80|443)$/, '')}${pathname.replace(/\/+$/, '')}${search}`;
}

/** For a remote CMS, its token; for our own site, the token with which others may post to it. */
export const credentialsSchema = z.strictObject({
  token: z.string().trim().min(1).max(4096).optional().meta({ title: '令牌 / Token' }),
});

export type Settings = z.output<typeof settingsSchema>;
export type BuiltinSettings = z.output<typeof builtinSchema>;
export type MicropubSettings = z.output<typeof micropubSchema>;
export type Credentials = z.output<typeof credentialsSchema>;
