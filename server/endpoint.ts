/**
 * One endpoint of the API, said once: the router, the checks and the OpenAPI document are all made from it, so none of
 * them can forget another.
 */
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import type { Said } from '../channels/channel.js';
import { LianfaError } from '../core/errors.js';
import { checkFields } from '../core/field-errors.js';
import type { User } from '../core/model/user.js';
import { hasInvisible } from '../core/text.js';
import type { Door } from './door.js';

/** Who asks. */
export type Caller = Pick<User, '_id' | 'name' | 'displayName'>;

/** Bytes of a JSON body. */
const jsonLimit = 5 * 1024 * 1024;

export interface Endpoint {
  method: 'get' | 'post' | 'put' | 'delete';
  /** Behind `/api/v1`, in Express's form: `/releases/:id`. */
  path: string;
  summary: Said;
  /** Answers without a sign-in. */
  open: boolean;
  params: z.ZodObject | undefined;
  query: z.ZodObject | undefined;
  body: z.ZodType | undefined;
  /** The body is a file as it is, of at most so many bytes; where it may be JSON, `json` says in which form. */
  bytes: { limit: number; types: readonly string[]; json?: z.ZodType } | undefined;
  headers: z.ZodObject | undefined;
  answer: { status: number; schema?: z.ZodType; mime?: string };
  run(request: Request, response: Response, caller: Caller | undefined, remains: () => Promise<boolean>): Promise<void>;
}

interface Spec<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType> {
  method: Endpoint['method'];
  path: string;
  summary: Said;
  params?: P;
  query?: Q;
  body?: B;
  bytes?: Endpoint['bytes'];
  headers?: z.ZodObject;
  /** Without a schema the handler writes the answer itself, or there is none (204). */
  answer: { status: number; schema?: A; mime?: string };
}

export interface Asked<P, Q, B> {
  params: P;
  query: Q;
  body: B;
  /** The body of an endpoint that takes bytes; else empty. */
  bytes: Buffer;
  request: Request;
  response: Response;
  /** For an answer that goes on: may the caller still be here? */
  remains(): Promise<boolean>;
}

type Handler<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType, C> = (
  asked: Asked<z.output<P>, z.output<Q>, z.output<B>>,
  caller: C,
) => Promise<z.input<A> | void> | z.input<A> | void;

/** An endpoint for signed-in callers. */
export function endpoint<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType>(
  spec: Spec<P, Q, B, A>,
  handle: Handler<P, Q, B, A, Caller>,
): Endpoint {
  return build(spec, false, (asked, caller) => {
    if (!caller) throw new LianfaError('sign_in_required');
    return handle(asked, caller);
  });
}

/** An endpoint for anybody. */
export function openEndpoint<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType>(
  spec: Spec<P, Q, B, A>,
  handle: Handler<P, Q, B, A, undefined>,
): Endpoint {
  return build(spec, true, (asked) => handle(asked, undefined));
}

function build<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType>(
  spec: Spec<P, Q, B, A>,
  open: boolean,
  handle: Handler<P, Q, B, A, Caller | undefined>,
): Endpoint {
  const { method, path, summary, params, query, body, bytes, headers, answer } = spec;
  return {
    method,
    path,
    summary,
    open,
    params,
    query,
    body,
    bytes,
    headers,
    answer,
    async run(request, response, caller, remains) {
      const named = { params: checked(params, visible(request.params)), query: checked(query, visible(request.query)) };
      if (body && request.body === undefined) throw new LianfaError('request_malformed');
      const result = await handle(
        {
          ...named,
          body: checked(body, request.body),
          bytes: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
          request,
          response,
          remains,
        },
        caller,
      );
      if (response.headersSent) return;
      if (answer.schema) response.status(answer.status).json(result);
      else response.status(answer.status).end();
    },
  };
}

function checked<S extends z.ZodType>(schema: S | undefined, value: unknown): z.output<S> {
  // Without a schema nothing may be read of it, and the type parameter then is inferred as one that holds nothing.
  return (schema ? checkFields<unknown>(schema, value) : undefined) as z.output<S>;
}

/** What names a thing or filters things holds nothing that cannot be seen. @throws LianfaError characters_refused, naming the field */
function visible<T extends object>(asked: T): T {
  for (const [field, value] of Object.entries(asked) as [string, unknown][])
    for (const text of [field, value].flat())
      if (hasInvisible(String(text))) throw new LianfaError('characters_refused', { field });
  return asked;
}

/** Mounts endpoints under `/api/v1`. `door` lets the caller in (or not) before a body is read. */
export function mount(
  app: Express,
  endpoints: readonly Endpoint[],
  door: Pick<Door, 'session' | 'callerOf' | 'remains'>,
): void {
  for (const entry of endpoints) {
    const guard = async (request: Request, response: Response, next: NextFunction): Promise<void> => {
      if (!entry.open) response.locals['caller'] = await door.callerOf(request);
      next();
    };
    app[entry.method](`/api/v1${entry.path}`, door.session, guard, ...parserOf(entry), async (request, response) => {
      const caller = response.locals['caller'] as Caller | undefined;
      await entry.run(request, response, caller, () => door.remains(request));
    });
  }
}

function parserOf({ body, bytes }: Endpoint): RequestHandler[] {
  if (bytes) return [express.raw({ type: () => true, limit: bytes.limit })];
  return body ? [express.json({ limit: jsonLimit })] : [];
}
