/** What an account without an API is: where it is, how much it takes, and where the public reads it. It has no credentials. */
import { z } from 'zod';
import type { Account, AccountProfile } from '../channel.js';

export const forms = ['article', 'short', 'spoken'] as const;

export const settingsSchema = z.strictObject({
  platform: z
    .string()
    .trim()
    .min(1)
    .max(40)
    .meta({ title: '平台或设备（如：抖音、微信视频号、今日头条、大喇叭、电子屏、友站） / Platform or device' }),
  /** The account's name or number there, or where the device stands. */
  handle: z.string().trim().min(1).max(100).meta({ title: '账号名、编号或位置 / Name, number or position there' }),
  /** `article`: title, text and pictures. `short`: one text of some lines. `spoken`: one text to be read aloud. */
  form: z
    .enum(forms)
    .default('article')
    .meta({ title: '稿件形式（article 全文，short 短文，spoken 播报） / Form of the text' }),
  /** Characters as people see them. */
  most: z.int().min(20).max(20_000).optional().meta({ title: '正文最多字数 / Most characters of the text' }),
  /** A page that shows what stands on the account, whoever put it there. */
  address: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .optional()
    .meta({ title: '公众访问地址（系统据此核验，可留空） / Public address, read for verifying' }),
  manual: z.string().trim().max(300).optional().meta({ title: '操作说明 / How it is done there' }),
});
export const credentialsSchema = z.strictObject({});

export type Settings = z.output<typeof settingsSchema>;
export type Credentials = z.output<typeof credentialsSchema>;
export type RelayAccount = Account<Settings, Credentials>;
export type RelayProfile = AccountProfile<Settings>;

/** What a text of each form may hold where the account says nothing else; an article is whole. */
export const usualMost: Readonly<Record<Settings['form'], number | undefined>> = {
  article: undefined,
  short: 140,
  spoken: 300,
};
