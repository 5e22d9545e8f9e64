/**
 * Alibaba Cloud SMS on loopback: SendSms and QuerySendDetails with their signature, field limits and error bodies. It sends
 * nothing twice by itself and refuses nothing for being the same: the provider is not idempotent. Controls: `accept-and-drop`
 * {times}: taken, and never delivered (its record says so). `sent`: what was taken.
 */
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { SandboxAnswer, SandboxKit, SandboxPlatform, SandboxRequest } from '../../channels/sandbox.js';

interface Sent {
  phone: string;
  outId: string;
  at: Date;
  template: string;
  fields: Record<string, string>;
  status: 1 | 2 | 3;
}

const fieldsOf = z.record(z.string(), z.string());
const times = z.object({ times: z.int().min(1).default(1) });

export class Provider implements SandboxPlatform {
  readonly name = 'aliyun-sms';
  private kit: SandboxKit | undefined;
  readonly sent: Sent[] = [];
  private dropping = 0;

  open(kit: SandboxKit): void {
    this.kit = kit;
  }

  callOf({ body }: SandboxRequest): string {
    return new URLSearchParams(body.toString()).get('Action') ?? '';
  }

  handle({ method, body }: SandboxRequest): SandboxAnswer {
    const form = new URLSearchParams(body.toString());
    const secret = secretOf(form.get('AccessKeyId') ?? '');
    if (method !== 'POST' || secret === undefined) return this.failure('', 'InvalidAccessKeyId.NotFound');
    if (form.get('Signature') !== signatureOf(form, secret)) return this.failure('', 'SignatureDoesNotMatch');
    switch (form.get('Action')) {
      case 'SendSms':
        return this.send(form);
      case 'QuerySendDetails':
        return this.details(form);
      default:
        return this.failure('', 'InvalidAction.NotFound');
    }
  }

  private send(form: URLSearchParams): SandboxAnswer {
    const phone = form.get('PhoneNumbers') ?? '';
    const fields = fieldsOf.safeParse(parsed(form.get('TemplateParam') ?? ''));
    if (!/^(\+?86|0086)?1\d{10}$/.test(phone)) return this.failure('SendSms', 'isv.MOBILE_NUMBER_ILLEGAL');
    if (!fields.success) return this.failure('SendSms', 'isv.INVALID_JSON_PARAM');
    for (const value of Object.values(fields.data)) {
      if (value.length < 1 || value.length > 35) return this.failure('SendSms', 'isv.PARAM_LENGTH_LIMIT');
      if (/https?:|www\./.test(value)) return this.failure('SendSms', 'isv.PARAM_NOT_SUPPORT_URL');
    }
    const outId = form.get('OutId') ?? '';
    const template = form.get('TemplateCode') ?? '';
    const isDropped = this.dropping > 0;
    if (isDropped) this.dropping -= 1;
    this.sent.push({ phone, outId, at: this.now(), template, fields: fields.data, status: isDropped ? 2 : 3 });
    const id = `${Date.now()}^${this.sent.length}`;
    this.kit?.accepted({ account: phone, call: 'SendSms', id, subject: outId });
    return json(200, { Message: 'OK', RequestId: `R${this.sent.length}`, Code: 'OK', BizId: id });
  }

  private details(form: URLSearchParams): SandboxAnswer {
    const [size, page] = [Number(form.get('PageSize')), Number(form.get('CurrentPage'))];
    const found = this.sent.filter(
      ({ phone, at }) => phone === form.get('PhoneNumber') && dayOf(at) === form.get('SendDate'),
    );
    const SmsSendDetailDTO = found.slice((page - 1) * size, page * size).map(({ outId, template, status, at }) => ({
      OutId: outId,
      TemplateCode: template,
      SendStatus: status,
      ErrCode: status === 3 ? 'DELIVERED' : 'UNDELIVERED',
      SendDate: at.toISOString(),
    }));
    const TotalCount = String(found.length);
    return json(200, { Code: 'OK', Message: 'OK', TotalCount, SmsSendDetailDTOs: { SmsSendDetailDTO } });
  }

  failure(_call: string, code: string): SandboxAnswer {
    // Ordinary refusals come with 200, those of the gateway with 4xx or 5xx.
    const status = code.startsWith('isv.') || code.startsWith('isp.') ? 200 : code === 'ServiceUnavailable' ? 503 : 400;
    return json(status, { Code: code, Message: code, RequestId: 'R0' });
  }

  account(n: number): { name: string; settings: Record<string, unknown>; credentials: Record<string, unknown> } {
    const words = '${mark}：${unit}有一项发布任务待处理：${title}。请打开 https://hub.example/receipts#${token} 确认。';
    return {
      name: `短信 ${n}`,
      settings: {
        endpoint: this.kit?.url ?? '',
        signName: '示例省政务',
        templateCode: 'SMS_1',
        template: words,
        standDownCode: 'SMS_2',
        standDownTemplate: '${mark}：${unit}的任务已有人处理：${title}。详情 https://hub.example/receipts#${token}',
      },
      credentials: { accessKeyId: `LTAI${n}`, accessKeySecret: secretOf(`LTAI${n}`) ?? '' },
    };
  }

  publicPage(): string {
    const rows = this.sent.map(({ phone, fields }) => `<li>${escaped(phone)}: ${escaped(JSON.stringify(fields))}</li>`);
    return `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>SMS</title><ul>${rows.join('')}</ul></html>`;
  }

  readonly controls = {
    'accept-and-drop': (body: unknown): void => {
      this.dropping = times.parse(body ?? {}).times;
    },
    sent: (): Sent[] => this.sent,
  };

  private now(): Date {
    return this.kit?.now() ?? new Date();
  }
}

function secretOf(id: string): string | undefined {
  return /^LTAI\d+$/.test(id) ? `secret-of-${id}` : undefined;
}

/** As the provider's page says it, by its own code: POST, `/`, and all parameters but the signature. */
function signatureOf(form: URLSearchParams, secret: string): string {
  const encode = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const pairs = [...form]
    .filter(([name]) => name !== 'Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`);
  const text = `POST&%2F&${encode(pairs.sort().join('&'))}`;
  return createHmac('sha1', `${secret}&`).update(text).digest('base64');
}

function dayOf(at: Date): string {
  return new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function json(status: number, body: object): SandboxAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}
