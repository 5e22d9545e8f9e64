/** By webhook, signed as Standard Webhooks 1.0.0 has it: receivers know by its id a delivery that comes again. */
import { createHmac } from 'node:crypto';
import { TransportError, type Outbound } from '../../channels/outbound.js';
import type { Outcome } from '../../core/callouts/protocol.js';

/** ms until the answer's head. */
const patience = 10_000;

export interface WebhookBody {
  /** The delivery, the same for every try. */
  id: string;
  at: Date;
  body: string;
}

/** `secret`: `whsec_` and base64. Signed is `id.timestamp.body`. */
export function signatureOf({ id, at, body }: WebhookBody, secret: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const seconds = Math.floor(at.getTime() / 1_000);
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`;
}

export async function sendWebhook(
  http: Outbound,
  url: string,
  delivery: WebhookBody,
  secret: string | undefined,
): Promise<Outcome> {
  if (secret === undefined) return { is: 'failed', cause: notSetUp, again: false };
  try {
    const { status } = await http.request(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': delivery.id,
        'webhook-timestamp': String(Math.floor(delivery.at.getTime() / 1_000)),
        'webhook-signature': signatureOf(delivery, secret),
      },
      body: delivery.body,
      timeout: patience,
      signal: AbortSignal.timeout(patience + 2_000),
      maxBytes: 64 * 1024,
    });
    const platform = { code: String(status), words: '' };
    if (status >= 200 && status < 300) return { is: 'accepted', platform };
    const again = status >= 500 || status === 429 || status === 408;
    return { is: 'failed', platform, again, cause: answeredWith(status) };
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    const isOurs = error.reason === 'not-allowed';
    return { is: 'failed', cause: isOurs ? notAllowed : noAnswer, again: !isOurs };
  }
}

const answeredWith = (status: number) => ({
  zh: `回调地址返回 ${status}。`,
  en: `the webhook answered ${status}.`,
});
const notSetUp = {
  zh: '还没有设置回调签名密钥，请运维在“值班”页设置。',
  en: 'there is no secret to sign webhooks with; let operations set one under Duty.',
};
const notAllowed = {
  zh: '回调地址在内网，不允许访问；确需访问的，请运维列入 LIANFA_ALLOW_INNER。',
  en: 'the webhook has an inner address; where that is meant, operations names it in LIANFA_ALLOW_INNER.',
};
const noAnswer = { zh: '回调地址没有应答。', en: 'the webhook did not answer.' };
