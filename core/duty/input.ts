/** The roster as it is handed in: a row each, by name of the column in either language. Times are Beijing's unless they say otherwise. */
import { z } from 'zod';
import { listed } from '../accounts/input.js';
import { id } from '../ids.js';
import { clears, type Shape } from '../import-given.js';
import { ways, type Told, type Way } from '../model/duty.js';
import { readPlannedTime } from '../plans/planned-time.js';
import { line } from '../text.js';

const time = (whole: 'begins' | 'ends') =>
  z
    .string()
    .max(60)
    .transform((written, context) => {
      const instant = readPlannedTime(written, whole);
      if (instant) return instant;
      context.addIssue(
        '请写成“2026-12-01 09:00”（北京时间）。 / write it like "2026-12-01 09:00", by the clock of Beijing.',
      );
      return z.NEVER;
    });

const wayNames: Readonly<Record<string, Way>> = {
  webhook: 'webhook',
  回调: 'webhook',
  mail: 'mail',
  邮件: 'mail',
  sms: 'sms',
  短信: 'sms',
};

/** `短信+5`: by text message, five minutes after the step began. */
const told = z
  .array(z.string().max(40))
  .max(ways.length)
  .transform((list, context): Told[] =>
    list.map((written) => {
      const [, name = '', after = '0'] = /^(.*?)(?:\+(\d{1,4}))?$/.exec(written.trim().toLowerCase()) ?? [];
      const by = wayNames[name];
      if (by) return { by, after: Number(after) };
      context.addIssue(
        '方式可填：回调、邮件、短信，需推迟的加分钟数，如“短信+5”。 / ways are webhook, mail and sms; "sms+5" waits five minutes.',
      );
      return z.NEVER;
    }),
  );

export const dutyRow = z
  .strictObject({
    organization: id,
    step: z.coerce.number().int().min(1).max(20).default(1),
    name: line(60),
    person: id.optional(),
    phone: z
      .string()
      .transform((text) => text.replace(/[\s-]/g, ''))
      .pipe(
        z
          .string()
          .regex(
            /^(\+\d{6,15}|1\d{10})$/,
            '应为 11 位手机号，或以 + 开头的国际号码 / a mobile number of 11 digits, or + and country code',
          ),
      )
      .optional(),
    mail: z.email().max(200).optional(),
    webhook: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .optional(),
    told: told.optional(),
    required: z
      .union([z.boolean(), z.enum(['是', '否', 'yes', 'no', 'true', 'false'])])
      .transform((one) => one === true || ['是', 'yes', 'true'].includes(String(one)))
      .optional(),
    from: time('begins').optional(),
    until: time('ends').optional(),
    instead: line(60).optional(),
  })
  .superRefine((row, context) => {
    const issue = (field: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [field], message });
    };
    if (row.phone === undefined && row.mail === undefined && row.webhook === undefined)
      issue('phone', '手机、邮箱、回调地址至少填一项。 / give a phone, a mail address or a webhook.');
    if ((row.from === undefined) !== (row.until === undefined))
      issue(
        row.from ? 'until' : 'from',
        '开始和结束要么都填，要么都不填（常设）。 / give both ends of a shift, or neither for the standing order.',
      );
    if (row.from && row.until && row.until <= row.from)
      issue('until', '结束要晚于开始。 / it must end after it begins.');
    if (row.instead !== undefined && !row.from) issue('from', '代班要写明起止时间。 / a stand-in needs its times.');
    if (row.instead === row.name) issue('instead', '不能由本人代本人。 / nobody stands in for themselves.');
    for (const by of row.told ?? []) {
      const address = { webhook: row.webhook, mail: row.mail, sms: row.phone }[by.by];
      if (address === undefined) issue('told', '这种方式没有对应的号码或地址。 / there is no address for this way.');
    }
  });
export type DutyRow = z.output<typeof dutyRow>;

export const dutyImport = z.object({ duty: z.array(z.unknown()).max(50_000) });

export const dutyShape: Shape<DutyRow> = {
  list: 'duty',
  schema: dutyRow,
  tableSchema: dutyRow,
  layout: {
    columns: [
      { key: 'organization', names: ['单位编号', '单位'] },
      { key: 'step', names: ['顺序', '第几联系人'] },
      { key: 'name', names: ['姓名', '值班员'] },
      { key: 'person', names: ['人员编号'] },
      { key: 'phone', names: ['手机', '电话', '手机号'] },
      { key: 'mail', names: ['邮箱', '电子邮箱'] },
      { key: 'webhook', names: ['回调地址', '机器人地址'] },
      { key: 'told', names: ['通知方式', '方式'] },
      { key: 'required', names: ['必须本人确认', '必须确认'] },
      { key: 'from', names: ['开始时间', '开始'] },
      { key: 'until', names: ['结束时间', '结束'] },
      { key: 'instead', names: ['代替', '代班'] },
    ],
    groups: [],
  },
  ofCells: (cells) => {
    const { told: by, ...rest } = Object.fromEntries([...cells].filter(([, cell]) => cell !== clears));
    return { ...rest, ...(by !== undefined && { told: listed(by) }) };
  },
};
