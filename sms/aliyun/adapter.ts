/**
 * Alibaba Cloud SMS (Dysmsapi 2017-05-25). Verified on its pages: SendSms is not idempotent and asks to look at the
 * delivery record before a second try; QuerySendDetails lists what went to a number on a day, with our `OutId`; a field of
 * a template has at most 35 characters and no link, so the link's beginning is the template's own words.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { beijingDay } from '../../channels/beijing-calendar.js';
import { smsFields, type Sms, type SmsAccount, type SmsAdapter, type SmsCall } from '../sms.js';
import { meaningOf } from './errors.js';
import { Provider } from './sandbox.js';
import { signed } from './signature.js';

const link = '#${token}';
const template = z
  .string()
  .min(1)
  .max(500)
  .refine((text) => text.includes(link) && text.includes('${mark}'), {
    error:
      '模板中要有 ${mark}（是否演练）和 #${token}（确认链接的末尾）。 / The template must hold ${mark} (whether it is an exercise) and #${token} (the end of the link).',
  });

const settings = z.object({
  /** Another endpoint than the public one: a region's, or the sandbox. */
  endpoint: z
    .url({ protocol: /^https?$/ })
    .default('https://dysmsapi.aliyuncs.com')
    .meta({ title: '接口地址 / API address' }),
  signName: z.string().min(1).max(20).meta({ title: '短信签名 / Sender name' }),
  templateCode: z.string().min(1).max(60).meta({ title: '叫应模板编号 / Template of a call' }),
  /** The approved words, with `${mark}`, `${unit}`, `${title}` and `${token}`. */
  template: template.meta({ title: '叫应模板内容 / Words of a call' }),
  standDownCode: z.string().min(1).max(60).meta({ title: '解除模板编号 / Template of a stand-down' }),
  standDownTemplate: template.meta({ title: '解除模板内容 / Words of a stand-down' }),
});
const credentials = z.object({
  accessKeyId: z.string().min(1).meta({ title: 'AccessKey ID / AccessKey id' }),
  accessKeySecret: z.string().min(1).meta({ title: 'AccessKey Secret / AccessKey secret' }),
});
type Account = SmsAccount<z.output<typeof settings>, z.output<typeof credentials>>;

const answer = z.object({ Code: z.string(), Message: z.string().default(''), BizId: z.string().optional() });
const details = answer.extend({
  TotalCount: z.coerce.number().default(0),
  SmsSendDetailDTOs: z
    .object({ SmsSendDetailDTO: z.array(z.object({ OutId: z.string().optional() })).default([]) })
    .default({ SmsSendDetailDTO: [] }),
});

/** Records in one answer; more the provider does not give. */
const pageSize = 50;

async function ask(account: Account, own: Record<string, string>, call: SmsCall): Promise<unknown> {
  const parameters = {
    ...own,
    Version: '2017-05-25',
    Format: 'JSON',
    AccessKeyId: account.credentials.accessKeyId,
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    SignatureNonce: randomUUID(),
    Timestamp: call
      .now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z'),
  };
  const Signature = signed(parameters, account.credentials.accessKeySecret);
  const { text } = await call.http.request(account.settings.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...parameters, Signature }).toString(),
    signal: call.signal,
    timeout: 10_000,
  });
  return JSON.parse(text()) as unknown;
}

export const adapter: SmsAdapter<Account['settings'], Account['credentials']> = {
  name: 'aliyun',
  label: { zh: '阿里云短信', en: 'Alibaba Cloud SMS' },
  settings,
  credentials,
  fieldLength: 35,

  text({ signName, template: call, standDownTemplate }, { kind, fields }) {
    const words = kind === 'call' ? call : standDownTemplate;
    return `【${signName}】${smsFields.reduce((text, name) => text.replaceAll(`\${${name}}`, fields[name]), words)}`;
  },

  async send(account, { to, kind, fields, key }, call) {
    const { settings: own } = account;
    const code = kind === 'call' ? own.templateCode : own.standDownCode;
    const used = kind === 'call' ? own.template : own.standDownTemplate;
    const asked = smsFields.filter((name) => used.includes(`\${${name}}`));
    const said = answer.parse(
      await ask(
        account,
        {
          Action: 'SendSms',
          PhoneNumbers: to,
          SignName: own.signName,
          TemplateCode: code,
          TemplateParam: JSON.stringify(Object.fromEntries(asked.map((name) => [name, fields[name]]))),
          OutId: key,
        },
        call,
      ),
    );
    if (said.Code === 'OK') return { is: 'accepted', id: said.BizId ?? '', code: 'OK', words: said.Message };
    return { is: 'refused', code: said.Code, words: said.Message, ...meaningOf(said.Code, said.Message) };
  },

  async find(account, { to, key }: Sms, since, call) {
    // By Beijing's days; a try near midnight may stand under either.
    const days = [...new Set([beijingDay(since), beijingDay(call.now())])];
    for (const day of days)
      for (let page = 1; ; page += 1) {
        const said = details.parse(
          await ask(
            account,
            {
              Action: 'QuerySendDetails',
              PhoneNumber: to,
              SendDate: day.replaceAll('-', ''),
              PageSize: String(pageSize),
              CurrentPage: String(page),
            },
            call,
          ),
        );
        if (said.Code !== 'OK') throw new Error(`QuerySendDetails: ${said.Code} ${said.Message}`);
        if (said.SmsSendDetailDTOs.SmsSendDetailDTO.some(({ OutId }) => OutId === key)) return { id: key };
        if (page * pageSize >= said.TotalCount) break;
      }
    return undefined;
  },

  sandbox: () => new Provider(),
};
