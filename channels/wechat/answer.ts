/** Reads an answer of the API: HTTP 200 with JSON, in which `errcode` other than 0 is the error. */
import { retryAfter } from '../retry-after.js';
import { z } from 'zod';
import type { OutboundAnswer } from '../outbound.js';
import { GatewayError, WeChatError } from './errors.js';

/** An id, which the platform writes as a number here and as a string there. */
export const id = z.union([z.string(), z.number()]).transform(String);

const failure = z.object({ errcode: z.number(), errmsg: z.string().default(''), msg_id: id.optional() });

/** The answer's JSON by its schema. @throws WeChatError, GatewayError */
export function readAnswer<T extends z.ZodType>(path: string, schema: T, answer: OutboundAnswer): z.output<T> {
  const text = answer.text();
  const gateway = () =>
    new GatewayError(path, answer.status, text, retryAfter(answer.headers['retry-after'], new Date()));
  if (answer.status !== 200) throw gateway();
  let parsed: unknown;
  try {
    parsed = JSON.parse(keepBigIds(text));
  } catch {
    throw gateway();
  }
  const refusal = failure.safeParse(parsed);
  if (refusal.success && refusal.data.errcode !== 0)
    throw new WeChatError(path, refusal.data.errcode, refusal.data.errmsg, refusal.data.msg_id);
  const read = schema.safeParse(parsed);
  if (!read.success) throw gateway();
  return read.data;
}

/** Ids may be numbers beyond 2^53: quoted before parsing, so that no digit is lost. */
function keepBigIds(text: string): string {
  return text.replace(/"(publish_id|msg_id|msg_data_id|user_comment_id)"\s*:\s*(\d+)/g, '"$1":"$2"');
}
