/** Browsers with a Web Push subscription, and the push service between: RFC 8030, 8188, 8291, 8292. */
import {
  createDecipheriv,
  createECDH,
  createPublicKey,
  hkdfSync,
  randomBytes,
  randomUUID,
  verify,
  type ECDH,
} from 'node:crypto';
import type { SandboxAnswer, SandboxKit, SandboxRequest } from '../../sandbox.js';
import { show, type Shown } from './push.js';

interface Browser {
  curve: ECDH;
  auth: Buffer;
  state: 'live' | 'expired' | 'unknown';
  online: boolean;
  /** What waits while the browser is offline; a topic replaces its earlier message. */
  pending: { topic: string; shown: Shown }[];
}

export interface BrowserSubscription {
  endpoint: string;
  expirationTime: null;
  keys: { p256dh: string; auth: string };
}

export interface Browsers {
  handle(request: SandboxRequest): SandboxAnswer;
  subscribe(): BrowserSubscription;
  /** 410 from now on, as the browsers' services answer; 404 as the RFC has it. */
  expire(endpoint: string, status: 404 | 410): void;
  online(endpoint: string, online: boolean): void;
}

const mostBytes = 4_096;

export function createBrowsers(kit: () => SandboxKit, shown: Shown[]): Browsers {
  const browsers = new Map<string, Browser>();
  const byEndpoint = (endpoint: string) => {
    const found = browsers.get(endpoint.split('/').at(-1) ?? '');
    if (!found) throw new Error(`no subscription ${endpoint}`);
    return found;
  };

  function accept(request: SandboxRequest): SandboxAnswer {
    const id = request.path.split('/').at(-1) ?? '';
    const browser = browsers.get(id);
    if (!browser || browser.state === 'unknown') return plain(404, 'no such subscription');
    if (browser.state === 'expired') return plain(410, 'the subscription has ended');
    if (request.method !== 'POST') return plain(405, 'only POST');
    const fault = headerFault(request) ?? vapidFault(request, kit());
    if (fault) return fault;
    if (request.body.length > mostBytes) return plain(413, 'the message is larger than 4096 bytes');
    let text: string;
    try {
      text = request.body.length ? decrypt(request.body, browser).toString('utf8') : '';
    } catch {
      return plain(400, 'the message cannot be decrypted');
    }
    const topic = String(request.headers['topic'] ?? '');
    const notification = {
      ...viewOf(text),
      at: kit().now().toISOString(),
      app: `browser ${id.slice(0, 8)}`,
      phones: 1,
      recalled: false,
      via: 'Web Push' as const,
    };
    if (browser.online) show(shown, notification);
    else {
      if (topic) browser.pending = browser.pending.filter((entry) => entry.topic !== topic);
      browser.pending.push({ topic, shown: notification });
    }
    const message = randomUUID();
    kit().accepted({ account: id, call: 'webpush', id: message, subject: `${notification.title} ${topic}`.trim() });
    return {
      status: 201,
      headers: {
        location: `${kit().url}/webpush/messages/${message}`,
        ttl: String(Math.min(Number(request.headers['ttl']), 2_419_200)),
      },
      body: '',
    };
  }

  return {
    handle: accept,
    subscribe() {
      const id = randomUUID();
      const curve = createECDH('prime256v1');
      const key = curve.generateKeys('base64url');
      const auth = randomBytes(16);
      browsers.set(id, { curve, auth, state: 'live', online: true, pending: [] });
      return {
        endpoint: `${kit().url}/webpush/${id}`,
        expirationTime: null,
        keys: { p256dh: key, auth: auth.toString('base64url') },
      };
    },
    expire(endpoint, status) {
      byEndpoint(endpoint).state = status === 404 ? 'unknown' : 'expired';
    },
    online(endpoint, online) {
      const browser = byEndpoint(endpoint);
      browser.online = online;
      if (online) for (const entry of browser.pending.splice(0)) show(shown, entry.shown);
    },
  };
}

function plain(status: number, body: string, headers: Record<string, string> = {}): SandboxAnswer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body };
}

function headerFault({ headers, body }: SandboxRequest): SandboxAnswer | undefined {
  if (!/^\d+$/.test(String(headers['ttl'] ?? ''))) return plain(400, 'TTL is missing or no number');
  const topic = headers['topic'];
  if (topic !== undefined && !/^[A-Za-z0-9_-]{1,32}$/.test(String(topic)))
    return plain(400, 'Topic must be 1 to 32 base64url characters');
  const urgency = headers['urgency'];
  if (urgency !== undefined && !['very-low', 'low', 'normal', 'high'].includes(String(urgency)))
    return plain(400, 'Urgency is not one of the four');
  if (body.length && headers['content-encoding'] !== 'aes128gcm')
    return plain(400, 'Content-Encoding must be aes128gcm');
  return undefined;
}

/** 401 without a signature, 403 with one that is not right, as push services answer. */
function vapidFault({ headers }: SandboxRequest, kit: SandboxKit): SandboxAnswer | undefined {
  const given = /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+),\s*k=([\w-]+)$/.exec(headers.authorization ?? '');
  if (!given) return plain(401, 'VAPID authorization is missing', { 'www-authenticate': 'vapid' });
  const [, head = '', claims = '', signature = '', key = ''] = given;
  try {
    const point = Buffer.from(key, 'base64url');
    const publicKey = createPublicKey({
      format: 'jwk',
      key: {
        kty: 'EC',
        crv: 'P-256',
        x: point.subarray(1, 33).toString('base64url'),
        y: point.subarray(33).toString('base64url'),
      },
    });
    const signed = verify(
      'sha256',
      Buffer.from(`${head}.${claims}`),
      { key: publicKey, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as {
      aud?: unknown;
      exp?: unknown;
      sub?: unknown;
    };
    const ahead = Number(exp) - kit.now().getTime() / 1000;
    if (
      !signed ||
      aud !== new URL(kit.url).origin ||
      !(ahead > 0 && ahead <= 86_400 + 60) ||
      !/^(mailto:|https:)/.test(String(sub))
    )
      return plain(403, 'VAPID token is not right');
  } catch {
    return plain(403, 'VAPID token cannot be read');
  }
  return undefined;
}

/** RFC 8188 with the keys of RFC 8291; messages of one record only, which is all a push may be. */
function decrypt(message: Buffer, { curve, auth }: Browser): Buffer {
  const salt = message.subarray(0, 16);
  const idLength = message.readUInt8(20);
  const sender = message.subarray(21, 21 + idLength);
  const sealed = message.subarray(21 + idLength);
  const secret = hkdf(
    auth,
    curve.computeSecret(sender),
    Buffer.concat([Buffer.from('WebPush: info\0'), curve.getPublicKey(), sender]),
    32,
  );
  const key = hkdf(salt, secret, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
  const nonce = hkdf(salt, secret, Buffer.from('Content-Encoding: nonce\0'), 12);
  const cipher = createDecipheriv('aes-128-gcm', key, nonce);
  cipher.setAuthTag(sealed.subarray(-16));
  const padded = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
  return padded.subarray(0, padded.lastIndexOf(2));
}

function hkdf(salt: Buffer, secret: Buffer, info: Buffer, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, info, bytes));
}

function viewOf(text: string): { title: string; text: string; url: string } {
  try {
    const { title, body, url } = JSON.parse(text) as { title?: unknown; body?: unknown; url?: unknown };
    return { title: String(title ?? ''), text: String(body ?? ''), url: typeof url === 'string' ? url : '' };
  } catch {
    return { title: text, text, url: '' };
  }
}
