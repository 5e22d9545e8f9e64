/** A request from outside in the plain form that channels take. */
import type { Request } from 'express';
import type { CallbackRequest } from '../channels/channel.js';

export function platformRequest(request: Request): CallbackRequest {
  const at = request.originalUrl.indexOf('?');
  return {
    method: request.method,
    query: new URLSearchParams(at < 0 ? '' : request.originalUrl.slice(at + 1)),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
    ),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  };
}
