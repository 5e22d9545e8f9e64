/**
 * One endpoint of the API, said once: the router, the checks and the OpenAPI document are all made from it, so none of
 * them can forget another.
 */
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import type { Said } from '../channels/channel.js';
import { LianfaError } from '../core/errors.js';
import { isClosed } from '../core/organizations/open-close.js';
import { checkFields } from '../core/field-errors.js';
import type { Person } from '../core/model/person.js';
import type { Actor } from '../core/model/actor.js';
import { forbidden } from '../core/people/forbidden.js';
import type { Rights } from '../core/people/rights.js';
import type { Permission } from '../core/model/roles.js';
import type { Store } from '../core/store/store.js';
import { hasInvisible } from '../core/text.js';
import { noticingActs } from '../core/audit/book.js';
import type { Door } from './door.js';
import { requireNeeds, type Needs } from './needs.js';

/** Who asks. */
export interface Caller extends Pick<Person, '_id' | 'name' | 'displayName' | 'organization' | 'path'> {
  rights: Rights;
  /** What they do before anything else. */
  must?: 'password' | 'factor';
  /** The same for whoever keeps the book of acts. */
  actor: Actor;
}

/** The unit in which a new thing is made: the one named, else the caller's own, else where the permission holds. @throws LianfaError forbidden, field_invalid */
export async function unitFor(
  store: Store,
  { organization, path, rights }: Caller,
  permission: Permission,
  named: string | undefined,
): Promise<{ organization?: string; path: string }> {
  if (named !== undefined) {
    const unit = await store.organizations.findById(named, { path: 1 }).lean();
    // Who may act there knows of it, also by a key that may do nothing else; a unit that one may not see is not there.
    if (unit && rights.may(permission, unit.path)) return open(store, { organization: named, path: unit.path });
    if (!unit || !rights.may('units.read', unit.path)) throw unknownUnit();
    throw forbidden(permission);
  }
  if (rights.may(permission, path)) return open(store, { ...(organization !== undefined && { organization }), path });
  const [place] = rights.places(permission);
  if (place === undefined) throw forbidden(permission);
  const unit = place.split('/').at(-2);
  return open(store, { ...(unit !== undefined && { organization: unit }), path: place });
}

/** @throws LianfaError unit_closed */
async function open<T extends { path: string }>(store: Store, unit: T): Promise<T> {
  if (await isClosed(store, unit.path)) throw new LianfaError('unit_closed');
  return unit;
}

function unknownUnit(): LianfaError {
  return new LianfaError('field_invalid', {
    field: 'organization',
    reason: { zh: '没有这个单位。', en: 'there is no such unit.' },
  });
}

/** Bytes of a JSON body. */
const jsonLimit = 5 * 1024 * 1024;

export interface Endpoint {
  method: 'get' | 'post' | 'put' | 'delete';
  /** Behind `/api/v1`, in Express's form: `/releases/:id`. */
  path: string;
  summary: Said;
  /** Of whoever asks; absent where it answers without a sign-in. */
  needs: Needs | undefined;
  params: z.ZodObject | undefined;
  query: z.ZodObject | undefined;
  body: z.ZodType | undefined;
  /** The body is a file as it is, of at most so many bytes; where it may be JSON, `json` says in which form. */
  bytes: { limit: number; types: readonly string[]; json?: z.ZodType } | undefined;
  headers: z.ZodObject | undefined;
  answer: { status: number; schema?: z.ZodType; mime?: string };
  run(request: Request, response: Response, caller: Caller | undefined, remains: () => Promise<boolean>): Promise<void>;
}

interface OpenSpec<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType> {
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

interface Spec<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType> extends OpenSpec<
  P,
  Q,
  B,
  A
> {
  needs: Needs;
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
  return build(spec, spec.needs, (asked, caller) => {
    if (!caller) throw new LianfaError('sign_in_required');
    return handle(asked, caller);
  });
}

/** An endpoint for anybody. */
export function openEndpoint<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType>(
  spec: OpenSpec<P, Q, B, A>,
  handle: Handler<P, Q, B, A, undefined>,
): Endpoint {
  return build(spec, undefined, (asked) => handle(asked, undefined));
}

function build<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType>(
  spec: OpenSpec<P, Q, B, A>,
  needs: Needs | undefined,
  handle: Handler<P, Q, B, A, Caller | undefined>,
): Endpoint {
  const { method, path, summary, params, query, body, bytes, headers, answer } = spec;
  return {
    method,
    path,
    summary,
    needs,
    params,
    query,
    body,
    bytes,
    headers,
    answer,
    async run(request, response, caller, remains) {
      const named = { params: checked(params, request.params), query: checked(query, request.query) };
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
function requireVisible(asked: object): void {
  for (const [field, value] of Object.entries(asked) as [string, unknown][])
    for (const text of [field, value].flat())
      if (hasInvisible(String(text))) throw new LianfaError('characters_refused', { field });
}

/** What was asked, for whoever enters that it was refused. */
export interface Refusable {
  endpoint: Endpoint;
  params: Request['params'];
}

/** Mounts endpoints under `/api/v1`. `door` lets the caller in (or not) before a body is read. */
export function mount(
  app: Express,
  endpoints: readonly Endpoint[],
  door: Pick<Door, 'session' | 'callerOf' | 'remains'>,
  store: Store,
): void {
  for (const entry of endpoints) {
    const guard = async (request: Request, response: Response, next: NextFunction): Promise<void> => {
      response.locals['asked'] = { endpoint: entry, params: request.params } satisfies Refusable;
      const caller = entry.needs && (await door.callerOf(request));
      response.locals['caller'] = caller;
      requireVisible(request.params);
      requireVisible(request.query);
      if (entry.needs && caller) {
        await requireNeeds(store, entry.needs, caller.rights, request);
        if (caller.must && !(entry.needs.permission === 'any' && entry.needs.early))
          throw new LianfaError(caller.must === 'password' ? 'password_must_change' : 'factor_required');
      }
      next();
    };
    app[entry.method](`/api/v1${entry.path}`, door.session, guard, ...parserOf(entry), async (request, response) => {
      const caller = response.locals['caller'] as Caller | undefined;
      const heard = {
        refused: () => (response.locals['refusalEntered'] = true),
        done: () => (response.locals['acted'] = true),
      };
      await noticingActs(heard, () => entry.run(request, response, caller, () => door.remains(request)));
    });
  }
}

function parserOf({ body, bytes }: Endpoint): RequestHandler[] {
  if (bytes) return [express.raw({ type: () => true, limit: bytes.limit })];
  return body ? [express.json({ limit: jsonLimit })] : [];
}
