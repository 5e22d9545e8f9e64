/** Alibaba Cloud's RPC signature 1.0: HMAC-SHA1 over the sorted, percent-encoded parameters (help.aliyun.com, document 101343; recalled, and seen in public clients). */
import { createHmac } from 'node:crypto';

/** As RFC 3986: what `encodeURIComponent` leaves is encoded too. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function signed(parameters: Readonly<Record<string, string>>, secret: string): string {
  const sorted = Object.keys(parameters).sort();
  const query = sorted.map((name) => `${encoded(name)}=${encoded(parameters[name] ?? '')}`).join('&');
  return createHmac('sha1', `${secret}&`)
    .update(`POST&${encoded('/')}&${encoded(query)}`)
    .digest('base64');
}
