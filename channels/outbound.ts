/**
 * The one door out. Requests go through a shared keep-alive pool, with a time limit, a bound on the answer's size,
 * and only where they may go: never to private, loopback or link-local addresses unless that origin is named.
 */
import { lookup as dnsLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import {
  BrokenCircuitError,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhenResult,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { Agent, errors, type Dispatcher, type FormData } from 'undici';
import { exchange, TooLarge, TooLate } from './exchange.js';
import { watchSilence } from './silence.js';

export interface OutboundAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  text(): string;
}

export interface OutboundOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  headers?: Record<string, string>;
  /** A form is undici's own `FormData`. */
  body?: string | Buffer | FormData | null;
  signal?: AbortSignal;
  /** Milliseconds until the answer's headers; 15,000 unless told. */
  timeout?: number;
  /** Bytes; 2 MiB unless told. */
  maxBytes?: number;
}

export interface Outbound {
  /** @throws TransportError where there is no answer. Any status is an answer. */
  request(url: string, options?: OutboundOptions): Promise<OutboundAnswer>;
}

/** No answer came. `mayHaveLanded` says whether the request can have reached the platform. */
export class TransportError extends Error {
  override name = 'TransportError';
  readonly reason: 'not-allowed' | 'no-connection' | 'timeout' | 'broken' | 'aborted' | 'too-large' | 'circuit-open';
  readonly mayHaveLanded: boolean;
  /** With `circuit-open`: when the platform's host is tried again. */
  readonly retryAt: Date | undefined;

  constructor(reason: TransportError['reason'], mayHaveLanded: boolean, message: string, retryAt?: Date) {
    super(message);
    this.reason = reason;
    this.mayHaveLanded = mayHaveLanded;
    this.retryAt = retryAt;
  }
}

/** After this many failures in a row, a host is left alone for a while; then one request tries it. */
const failuresToOpen = 30;
const openFor = 15_000;

const inner = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  inner.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  ['::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
  ['64:ff9b::', 96],
  ['2002::', 16],
] as const)
  inner.addSubnet(net, bits, 'ipv6');

/** Whether an IP literal (without brackets) lies in a private, loopback, link-local or otherwise inner range. */
export function isInnerAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return inner.check(mapped, 'ipv4');
  return inner.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Refuses names that resolve to inner addresses at the moment of connecting, so that a changing DNS answer cannot slip through. */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, options, (error, address, family) => {
    const all = Array.isArray(address) ? address.map((entry) => entry.address) : [address];
    if (!error && all.some(isInnerAddress)) {
      callback(new TransportError('not-allowed', false, `${hostname} resolves to an inner address`), '', 4);
      return;
    }
    callback(error, address, family);
  });
};

/** For one host no more than the workers have in flight for it (workers/publish/turns.ts): nothing waits for a connection behind its door. */
export const connectionsPerHost = 384;

const poolOptions: Agent.Options = {
  connections: connectionsPerHost,
  pipelining: 1,
  keepAliveTimeout: 30_000,
  headersTimeout: 15_000,
  bodyTimeout: 15_000,
};

/** `allowedInner`: origins (`http://127.0.0.1:9001`) that may be reached although their address is inner. */
export function createOutbound(allowedInner: readonly string[] = []): Outbound & { close(): Promise<void> } {
  const allowed = new Set(allowedInner.map((entry) => new URL(entry).origin));
  const openPool = new Agent({ ...poolOptions, connect: { timeout: 5_000 } });
  const guardedPool = new Agent({ ...poolOptions, connect: { timeout: 5_000, lookup: guardedLookup } });

  function poolFor(url: URL): Dispatcher {
    if (allowed.has(url.origin)) return openPool;
    if (url.protocol !== 'https:' && url.protocol !== 'http:')
      throw new TransportError('not-allowed', false, `${url.protocol} is not allowed`);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) && isInnerAddress(host))
      throw new TransportError('not-allowed', false, `${url.origin} is an inner address`);
    return guardedPool;
  }

  const silence = watchSilence();
  const breakers = new Map<string, CircuitBreakerPolicy>();
  function breakerFor(origin: string): CircuitBreakerPolicy {
    const known = breakers.get(origin);
    if (known) return known;
    const made = circuitBreaker(
      handleWhenResult((answer) => (answer as OutboundAnswer).status >= 500).orWhen(isHostFailure),
      { halfOpenAfter: openFor, breaker: new ConsecutiveBreaker(failuresToOpen) },
    );
    breakers.set(origin, made);
    return made;
  }

  async function send(url: URL, dispatcher: Dispatcher, options: OutboundOptions): Promise<OutboundAnswer> {
    const { origin, pathname, search } = url;
    const ended = silence.begin(origin);
    let answered = false;
    try {
      const answer = await exchange(
        dispatcher,
        {
          origin,
          path: pathname + search,
          method: options.method ?? 'GET',
          headers: options.headers ?? {},
          body: options.body ?? null,
          headersTimeout: options.timeout ?? 15_000,
        },
        options.maxBytes ?? 2 * 1024 * 1024,
        options.signal,
      );
      answered = true;
      return { text: () => answer.body.toString('utf8'), ...answer };
    } catch (error) {
      // This process stood still, which says nothing of the host.
      answered = error instanceof TooLate;
      throw asTransportError(error);
    } finally {
      ended(answered);
    }
  }

  return {
    async request(address, options = {}) {
      const url = new URL(address);
      const dispatcher = poolFor(url);
      const wait = silence.wait(url.origin);
      if (wait > 0) throw leftAlone(url.origin, 'does not answer', wait);
      try {
        return await breakerFor(url.origin).execute(() => send(url, dispatcher, options));
      } catch (error) {
        if (error instanceof BrokenCircuitError) throw leftAlone(url.origin, 'keeps failing', openFor);
        throw error;
      }
    },
    async close() {
      await Promise.all([openPool.destroy(), guardedPool.destroy()]);
    },
  };
}

/** `wait`: ms until it is tried again. */
function leftAlone(origin: string, does: string, wait: number): TransportError {
  const retryAt = new Date(Date.now() + wait);
  return new TransportError('circuit-open', false, `${origin} ${does} and is left alone for a while`, retryAt);
}

/** Whether the host is to blame; our own limits and cancellations say nothing about it. */
function isHostFailure(error: Error): boolean {
  return error instanceof TransportError && ['no-connection', 'timeout', 'broken'].includes(error.reason);
}

const neverLeft = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);

function asTransportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  if (error instanceof TooLarge) return new TransportError('too-large', true, error.message);
  // Our own doing: it says nothing about the host.
  if (error instanceof TooLate) return new TransportError('aborted', false, error.message);
  const { code = '', message = '', name = '' } = error as { code?: string; message?: string; name?: string };
  if (neverLeft.has(code)) return new TransportError('no-connection', false, `${code} ${message}`);
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError)
    return new TransportError('timeout', true, message);
  if (name === 'AbortError' || name === 'TimeoutError') return new TransportError('aborted', true, message);
  return new TransportError('broken', true, `${code} ${message}`.trim());
}
